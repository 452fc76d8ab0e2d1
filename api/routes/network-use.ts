import { z } from 'zod';
import { localDate } from '../../domain/calendar.ts';
import { MEASURES } from '../../domain/network-use.ts';
import { systemsCounter } from '../../domain/three-systems.ts';
import { type ActRecord, actOf } from '../../models/act.ts';
import type { AgencyRecord } from '../../models/agency.ts';
import { readCalendar } from '../../models/calendar.ts';
import { missesOf, networkUse } from '../../models/network-use.ts';
import { readWarningRules } from '../../models/warning.ts';
import { READERS } from '../access.ts';
import type { ApiDeps } from '../deps.ts';
import { listPage, sliced } from '../lists.ts';
import { ok, route } from '../route.ts';
import { page } from '../shapes.ts';
import { showAct } from './acts.ts';

const year = z.coerce.number().int().min(2000).max(2100);

/** Read act by act, so that a busy agency's year does not have to fit into memory. */
async function systemsOf({ store, clock }: ApiDeps, agency: string, of: number) {
  const [rules, calendar] = [await readWarningRules(store.warningRules), await readCalendar(store.calendars)];
  const today = localDate(await clock.now());
  const counter = systemsCounter({ rules, calendar, today, officers: new Map() });
  for await (const record of store.acts
    .find({ agency, year: of })
    .lean<ActRecord[]>()
    .cursor({ batchSize: 2_000 }))
    counter.add(actOf(record));
  return counter.result();
}

export const networkUseRoutes = [
  route({
    method: 'get',
    path: '/network-use',
    rule: READERS,
    summary: '行政执法网使用情况：上网率、按时录入、信息完整',
    query: page.extend({ year }),
    work: async (call) => sliced(call, await networkUse(call.deps.store, call.query.year)),
  }),
  route({
    method: 'get',
    path: '/network-use/acts',
    rule: READERS,
    summary: '某项使用情况未达标的行为',
    query: page.extend({ year, agency: z.string().max(64), measure: z.enum(MEASURES) }),
    work: async (call) =>
      listPage(call.deps.store.acts, call, {
        filter: missesOf(call.query.measure, call.query),
        show: showAct,
      }),
  }),
  route({
    method: 'get',
    path: '/agencies/:id/systems',
    line: { of: (found: AgencyRecord) => found._id },
    rule: READERS,
    summary: '一个机关落实三项制度的情况',
    query: z.object({ year }),
    find: ({ store }, params) => store.agencies.findById(params['id']).lean<AgencyRecord>(),
    work: async ({ deps, found, query }) =>
      ok({ agency: found._id, year: query.year, ...(await systemsOf(deps, found._id, query.year)) }),
  }),
];
