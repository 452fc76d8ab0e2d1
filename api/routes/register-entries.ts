import { z } from 'zod';
import { type IsoDate, localDate } from '../../domain/calendar.ts';
import { stamp } from '../../domain/clock.ts';
import {
  type EnforcementItem,
  type Entrustment,
  type EntryFlag,
  type LeaderReview,
  type RegisterKind,
  type Support,
  type Training,
  entrustmentFlags,
  itemFlags,
  reviewFlags,
  supportFlags,
} from '../../domain/register-entry.ts';
import { standingOn } from '../../domain/supervisor.ts';
import type { CertifiedRecord } from '../../models/agency.ts';
import { type RegisterEntryRecord, keepEntry } from '../../models/register-entry.ts';
import { READERS, STAFF } from '../access.ts';
import type { ApiDeps } from '../deps.ts';
import { matches, versionTag } from '../etag.ts';
import { listPage } from '../lists.ts';
import { Problem, invalid } from '../problem.ts';
import { REGISTER_SHAPES } from '../register-shapes.ts';
import { type Call, created, ok, route } from '../route.ts';
import { date, page } from '../shapes.ts';

type Officers = ReadonlyMap<
  string,
  Pick<CertifiedRecord, 'name' | 'agency' | 'certificate' | 'bars' | 'leftOn'>
>;

interface Sight {
  readonly today: IsoDate;
  readonly officers: Officers;
}

/** What must be looked up to show entries. */
async function sightOf({ store, clock }: ApiDeps, rows: readonly RegisterEntryRecord[]): Promise<Sight> {
  const named = rows.flatMap(({ kind, body }) =>
    kind === 'enforcementItem' ? ((body as EnforcementItem).officer ?? []) : [],
  );
  const found =
    named.length === 0 ? [] : await store.officers.find({ _id: { $in: named } }).lean<CertifiedRecord[]>();
  return { today: localDate(await clock.now()), officers: new Map(found.map((one) => [one._id, one])) };
}

function flagsOf(
  { kind, agency, body }: RegisterEntryRecord,
  { today, officers }: Sight,
): readonly EntryFlag[] {
  switch (kind) {
    case 'entrustment':
      return entrustmentFlags(body as Entrustment, today);
    case 'enforcementItem': {
      const item = body as EnforcementItem;
      const who = officers.get(item.officer ?? '');
      return itemFlags(item, {
        fit: who?.agency === agency && !!who && standingOn(who, today).state === 'valid',
      });
    }
    case 'support':
      return supportFlags(body as Support);
    case 'leaderReview':
      return reviewFlags(body as LeaderReview, today);
    case 'training':
      return [];
  }
}

function show(record: RegisterEntryRecord, sight: Sight) {
  const { _id, agency, body, by, at, endedOn, version } = record;
  const officer = sight.officers.get((body as Partial<EnforcementItem>).officer ?? '');
  return {
    id: _id,
    ...(agency === undefined ? {} : { agency }),
    ...body,
    ...(officer ? { officerName: officer.name } : {}),
    flags: endedOn === undefined ? flagsOf(record, sight) : [],
    ...(endedOn === undefined ? {} : { endedOn }),
    by,
    at,
    version,
  };
}

async function checkKnown(
  { deps: { store }, actor: { line } }: Pick<Call<unknown, unknown, unknown>, 'deps' | 'actor'>,
  kind: RegisterKind,
  asked: Readonly<Record<string, unknown>>,
): Promise<void> {
  const { agency } = asked;
  if (typeof agency === 'string' && !(await store.agencies.exists({ _id: agency })))
    throw invalid('/agency', 'agency-unknown', `没有编号为 ${agency} 的机关`);
  const { officer } = asked as Partial<EnforcementItem>;
  if (kind === 'enforcementItem' && officer !== undefined) {
    const known = await store.officers.exists({ _id: officer, agency: agency as string });
    if (!known) throw invalid('/officer', 'subject-unknown', '该机关没有这名行政执法人员');
  }
  if (kind !== 'training') return;
  const { register, people } = asked as unknown as Training;
  const mine = line ? { agency: { $in: [...line.agencies] } } : {};
  const there = await store[register].find({ _id: { $in: people }, ...mine }, { _id: 1 }).lean();
  const known = new Set(there.map((one) => one._id));
  const missing = people.findIndex((id) => !known.has(id));
  if (missing >= 0)
    throw invalid(`/people/${missing}`, 'subject-unknown', `名录中没有 ${people[missing] ?? ''}`);
}

interface Place {
  readonly kind: RegisterKind;
  readonly path: string;
  readonly chinese: string;
}

const finder =
  (kind: RegisterKind) =>
  ({ store }: ApiDeps, params: Readonly<Record<string, string>>) =>
    store.registerEntries.findOne({ _id: params['id'] ?? '', kind }).lean<RegisterEntryRecord>();

const one = async (deps: ApiDeps, record: RegisterEntryRecord) => show(record, await sightOf(deps, [record]));

/** Each kind is registered, listed, read and replaced alike; a training, whose hours have gone out, is not replaced. */
function entryRoutes({ kind, path, chinese }: Place) {
  const shape = REGISTER_SHAPES[kind];
  const find = finder(kind);
  const routes = [
    route({
      method: 'post',
      path,
      line: { body: true },
      rule: STAFF,
      summary: `登记${chinese}`,
      body: shape,
      async work({ deps, body: asked, actor }) {
        await checkKnown({ deps, actor }, kind, asked);
        const { agency, ...body } = asked;
        const at = stamp(await deps.clock.now());
        const whose = agency === undefined ? {} : { agency };
        const record = await keepEntry(deps.store, {
          kind,
          ...whose,
          body,
          by: actor.name,
          at,
        });
        return created(await one(deps, record), { Location: `/api/v1${path}/${record._id}` });
      },
    }),
    route({
      method: 'get',
      path,
      line: { field: 'agency' },
      rule: READERS,
      summary: chinese,
      query: page.extend({ agency: z.string().max(64).optional() }),
      async work(call) {
        const { deps, query } = call;
        const filter = { kind, ...(query.agency === undefined ? {} : { agency: query.agency }) };
        const rows: RegisterEntryRecord[] = [];
        await listPage(deps.store.registerEntries, call, { filter, show: (row) => rows.push(row) });
        const sight = await sightOf(deps, rows);
        return listPage(deps.store.registerEntries, call, { filter, show: (row) => show(row, sight) });
      },
    }),
    route({
      method: 'get',
      path: `${path}/:id`,
      line: { of: (found: RegisterEntryRecord) => found.agency },
      rule: READERS,
      summary: `一项${chinese}`,
      find,
      work: async ({ deps, found }) => ok(await one(deps, found), { ETag: versionTag(found.version) }),
    }),
  ];
  if (kind === 'training') return routes;
  return [
    ...routes,
    route({
      method: 'put',
      path: `${path}/:id`,
      line: { of: (found: RegisterEntryRecord) => found.agency, body: true },
      rule: STAFF,
      summary: `修改${chinese}`,
      body: shape,
      find,
      async work({ deps, body: asked, found, ifMatch, actor }) {
        if (ifMatch !== '' && !matches(ifMatch, versionTag(found.version)))
          throw new Problem(412, 'stale-version');
        await checkKnown({ deps, actor }, kind, asked);
        const { agency, ...body } = asked;
        const set = { body, agency, by: actor.name, at: stamp(await deps.clock.now()) };
        return changed(deps, found, set);
      },
    }),
    route({
      method: 'post',
      path: `${path}/:id/end`,
      line: { of: (found: RegisterEntryRecord) => found.agency },
      rule: STAFF,
      summary: `${chinese}自某日起不再有效，记录保留`,
      body: z.object({ on: date }),
      find,
      work: ({ deps, body, found }) => changed(deps, found, { endedOn: body.on }),
    }),
  ];
}

async function changed(deps: ApiDeps, found: RegisterEntryRecord, set: Readonly<Record<string, unknown>>) {
  const next = await deps.store.registerEntries
    .findOneAndUpdate(
      { _id: found._id, version: found.version },
      { $set: set, $inc: { version: 1 } },
      { returnDocument: 'after' },
    )
    .lean<RegisterEntryRecord>();
  if (!next) throw new Problem(412, 'stale-version');
  return ok(await one(deps, next), { ETag: versionTag(next.version) });
}

export const registerEntryRoutes = [
  ...entryRoutes({ kind: 'entrustment', path: '/entrustments', chinese: '委托执法' }),
  ...entryRoutes({
    kind: 'enforcementItem',
    path: '/enforcement-items',
    chinese: '执法事项（权责清单、执法责任制）',
  }),
  ...entryRoutes({ kind: 'support', path: '/supports', chinese: '组织保障（人员、经费、场所）' }),
  ...entryRoutes({ kind: 'leaderReview', path: '/leader-reviews', chinese: '第一责任人研究重大问题' }),
  ...entryRoutes({ kind: 'training', path: '/trainings', chinese: '培训' }),
];
