import { z } from 'zod';
import { stamp } from '../../domain/clock.ts';
import { localDate } from '../../domain/calendar.ts';
import { UNIT_FLAGS } from '../../domain/unit.ts';
import type { AgencyRecord } from '../../models/agency.ts';
import { MEASURE_STATES, readMeasureStands, readOwnMeasures } from '../../models/own-measure.ts';
import { readUnits } from '../../models/unit.ts';
import { READERS, REGISTRARS } from '../access.ts';
import { changeOf } from '../changes.ts';
import type { ApiDeps } from '../deps.ts';
import { appendEvents } from '../../models/event.ts';
import { matches, versionTag } from '../etag.ts';
import { sliced } from '../lists.ts';
import { Problem } from '../problem.ts';
import { type Call, ok, route } from '../route.ts';
import { date, line, page } from '../shapes.ts';

const todayOf = async ({ clock }: ApiDeps) => localDate(await clock.now());

const kept = z.object({
  unit: z.object({ name: line(100).min(1), document: line(100).min(1).optional() }).nullable(),
  responsible: z
    .object({ name: line(50).min(1), post: line(100).min(1).optional(), since: date.optional() })
    .nullable(),
});

const find = ({ store }: ApiDeps, params: Readonly<Record<string, string>>) =>
  store.agencies.findById(params['id'], { _id: 1, version: 1 }).lean<AgencyRecord>();

async function shown(deps: ApiDeps, { _id, version }: Pick<AgencyRecord, '_id' | 'version'>) {
  const [unit] = await readUnits(deps.store, { _id }, await todayOf(deps));
  return ok(unit, { ETag: versionTag(version) });
}

/** Names the office and the first responsible person, or takes them away. */
async function keep({
  deps,
  body,
  found,
  ifMatch,
  actor,
}: Call<z.infer<typeof kept>, unknown, AgencyRecord>) {
  if (ifMatch !== '' && !matches(ifMatch, versionTag(found.version))) throw new Problem(412, 'stale-version');
  const { $set, $unset } = changeOf(body);
  const next = await deps.store.agencies
    .findOneAndUpdate(
      { _id: found._id, version: found.version },
      { $set, $unset, $inc: { version: 1 } },
      { returnDocument: 'after' },
    )
    .lean<AgencyRecord>();
  if (!next) throw new Problem(412, 'stale-version');
  await appendEvents(deps.store.events, {
    owner: found._id,
    key: `unit/${next.version}`,
    entries: [
      {
        at: stamp(await deps.clock.now()),
        source: 'person',
        what: 'unit-registered',
        who: actor.name,
        detail: { office: body.unit?.name ?? '', responsible: body.responsible?.name ?? '' },
      },
    ],
  });
  return shown(deps, next);
}

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
    path: '/own-measures/stand',
    line: { field: '_id' },
    rule: READERS,
    summary: '各单位具体举措的报送情况：未要求、待反馈、待审核、已接受；没有举措的也列出',
    query: page.extend({ state: z.enum(MEASURE_STATES).optional() }),
    async work(call) {
      const { state } = call.query;
      const { _id: line } = call.within;
      const stands = await readMeasureStands(call.deps.store, {
        agencies: call.within,
        tasks: line === undefined ? {} : { agency: line },
      });
      const counts = Object.fromEntries(
        MEASURE_STATES.map((name) => [name, stands.filter((one) => one.state === name).length]),
      );
      const answer = sliced(
        call,
        stands.filter((one) => state === undefined || one.state === state),
      );
      return { ...answer, body: { ...(answer.body as object), counts } };
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
    find,
    work: ({ deps, found }) => shown(deps, found),
  }),
  route({
    method: 'put',
    path: '/agencies/:id/unit',
    line: { of: (found: AgencyRecord) => found._id },
    rule: REGISTRARS,
    summary: '登记一个机关的监督机构和第一责任人；null 为没有',
    body: kept,
    find,
    work: keep,
  }),
];
