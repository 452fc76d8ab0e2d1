import { z } from 'zod';
import { localDate } from '../../domain/calendar.ts';
import { UNIT_FLAGS } from '../../domain/unit.ts';
import type { AgencyRecord } from '../../models/agency.ts';
import { readOwnMeasures } from '../../models/own-measure.ts';
import { readUnits } from '../../models/unit.ts';
import { READERS } from '../access.ts';
import type { ApiDeps } from '../deps.ts';
import { sliced } from '../lists.ts';
import { ok, route } from '../route.ts';
import { page } from '../shapes.ts';

const todayOf = async ({ clock }: ApiDeps) => localDate(await clock.now());

export const unitRoutes = [
  route({
    method: 'get',
    path: '/own-measures',
    line: { field: 'agency' },
    rule: READERS,
    summary: '各单位加强行政执法监督工作的具体举措：对“CL-own-measures”清单的、已经接受的最近一次反馈',
    query: page.extend({ agency: z.string().max(64).optional() }),
    async work(call) {
      const { agency } = call.query;
      return sliced(
        call,
        await readOwnMeasures(call.deps.store, {
          $and: [agency === undefined ? {} : { agency }, call.within],
        }),
      );
    },
  }),
  route({
    method: 'get',
    path: '/units',
    line: { field: '_id' },
    rule: READERS,
    summary: '各机关的监督机构：第一责任人、监督人员是否不少于2人、执法与监督是否分离',
    query: page.extend({
      kind: z.enum(['town', 'department']).optional(),
      flag: z.enum([...UNIT_FLAGS, 'any']).optional(),
    }),
    async work(call) {
      const { kind, flag } = call.query;
      const units = await readUnits(
        call.deps.store,
        { ...(kind === undefined ? {} : { kind }), ...call.within },
        await todayOf(call.deps),
      );
      const asked = units.filter(({ flags }) =>
        flag === undefined ? true : flag === 'any' ? flags.length > 0 : flags.includes(flag),
      );
      return sliced(call, asked);
    },
  }),
  route({
    method: 'get',
    path: '/agencies/:id/unit',
    line: { of: (found: AgencyRecord) => found._id },
    rule: READERS,
    summary: '一个机关的监督机构',
    find: ({ store }, params) => store.agencies.findById(params['id'], { _id: 1 }).lean<AgencyRecord>(),
    async work({ deps, found }) {
      const [unit] = await readUnits(deps.store, { _id: found._id }, await todayOf(deps));
      return ok(unit);
    },
  }),
];
