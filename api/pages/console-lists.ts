import { OPEN_STATUSES } from '../../domain/task.ts';
import type { AgencyRecord } from '../../models/agency.ts';
import type { TaskRecord } from '../../models/task.ts';
import { READERS } from '../access.ts';
import type { ApiDeps } from '../deps.ts';
import { lightOf } from '../../domain/light.ts';
import { taskFilter } from '../routes/tasks.ts';
import { NAMED_DOMAINS } from './console-campaigns.ts';
import { type ConsoleRoute, type Page, type Visit, literally } from './console-frame.ts';
import { orderOf } from './console-order.ts';
import { headsOf, taskRows } from './console-rows.ts';

const MOST_REVIEWS = 200;

export const listRoutes: readonly ConsoleRoute[] = [
  { method: 'get', path: '/reviews', rule: READERS, work: reviews },
  { method: 'get', path: '/tasks', rule: READERS, work: tasks },
  { method: 'get', path: '/agencies', rule: READERS, work: agencies },
];

async function reviews({ deps, t }: Visit): Promise<Page> {
  const { items, total } = await reviewQueue(deps);
  return { page: 'reviews', title: t('console.nav.reviews'), view: { items, total } };
}

/** The task whose answer is judged next. */
export async function nextReview(deps: ApiDeps): Promise<string | undefined> {
  return (await reviewQueue(deps)).items[0]?.no;
}

/** Whoever has waited longest for a judgement comes first. */
async function reviewQueue(deps: ApiDeps) {
  const [rows, total, now] = await Promise.all([
    deps.store.tasks.find({ state: 'inReview' }).sort({ dueAt: 1 }).limit(MOST_REVIEWS).lean<TaskRecord[]>(),
    deps.store.tasks.countDocuments({ state: 'inReview' }),
    deps.clock.now(),
  ]);
  const firsts = await deps.store.submissions.aggregate<{
    _id: { task: string; round: number };
    at: string;
    n: number;
    files: number;
    by: string;
  }>([
    { $match: { task: { $in: rows.map((row) => row._id) }, kind: 'answer' } },
    { $sort: { receivedAt: 1 } },
    {
      $group: {
        _id: { task: '$task', round: '$round' },
        at: { $first: '$receivedAt' },
        by: { $last: '$by.name' },
        n: { $sum: 1 },
        files: { $sum: { $size: '$files' } },
      },
    },
  ]);
  const byTask = new Map(firsts.map((one) => [`${one._id.task} ${one._id.round}`, one]));
  const items = rows
    .map((row) => {
      const first = byTask.get(`${row._id} ${row.round}`);
      return {
        no: row._id,
        agencyName: row.agencyName,
        taskTitle: row.title,
        phase: row.phase,
        late: row.late,
        light: lightOf(row, now),
        round: row.round,
        at: first?.at ?? row.openedAt,
        by: first?.by ?? '',
        n: first?.n ?? 0,
        files: first?.files ?? 0,
      };
    })
    .toSorted((a, b) => Date.parse(a.at) - Date.parse(b.at));
  return { items, total };
}

async function tasks(visit: Visit): Promise<Page> {
  const { deps, query, t } = visit;
  const { light, state, agency, owner, handedOver, extension } = query;
  const asked = {
    ...(light ? { light } : {}),
    ...(state ? { state } : {}),
    ...(agency ? { agency } : {}),
    ...(owner ? { owner } : {}),
    ...(handedOver === 'true' ? { handedOver } : {}),
    ...(extension === 'asked' ? { extension } : {}),
  } as Parameters<typeof taskFilter>[0];
  const q = (query['q'] ?? '').trim();
  const said = literally(q);
  const named = q === '' ? {} : { $or: [{ _id: said }, { agencyName: said }, { title: said }] };
  const open = handedOver === 'true' && !state ? { state: { $in: OPEN_STATUSES } } : {};
  const order = orderOf(query);
  const rows = await taskRows(
    deps,
    { $and: [taskFilter(asked, await deps.clock.now()), open, named] },
    { order },
  );
  const name = handedOver === 'true' ? 'handedOver' : extension === 'asked' ? 'extensions' : 'all';
  const path = '/console/tasks';
  return {
    page: 'tasks',
    title: t(`console.tasks.${name}`),
    view: {
      rows: { ...rows, ...headsOf(path, query, { order, next: rows.next }) },
      q,
    },
  };
}

async function agencies(visit: Visit): Promise<Page> {
  const { deps, query, t } = visit;
  const kind = query['kind'] === 'town' || query['kind'] === 'department' ? query['kind'] : '';
  const q = query['q'] ?? '';
  const filter = {
    ...(kind === '' ? {} : { kind }),
    ...(q === '' ? {} : { $or: [{ name: literally(q) }, { _id: literally(q) }] }),
  };
  const [rows, people, open] = await Promise.all([
    deps.store.agencies
      .find(filter as never)
      .sort({ kind: -1, _id: 1 })
      .limit(2_000)
      .lean<AgencyRecord[]>(),
    deps.store.supervisors.aggregate<{ _id: string; n: number }>([
      { $match: { agency: { $type: 'string' } } },
      { $group: { _id: '$agency', n: { $sum: 1 } } },
    ]),
    deps.store.tasks.aggregate<{ _id: string; n: number }>([
      { $match: { state: { $in: OPEN_STATUSES } } },
      { $group: { _id: '$agency', n: { $sum: 1 } } },
    ]),
  ]);
  const supervisors = new Map(people.map((one) => [one._id, one.n]));
  const tasksOf = new Map(open.map((one) => [one._id, one.n]));
  return {
    page: 'agencies',
    title: t('console.nav.agencies'),
    view: {
      kind,
      q,
      knownDomains: NAMED_DOMAINS,
      total: rows.length,
      items: rows.map(({ _id, name, kind: of, domains, contacts }) => ({
        id: _id,
        name,
        kind: of,
        domains,
        contacts: contacts.length,
        primary: contacts.find((one) => one.role === 'primary')?.name ?? contacts[0]?.name ?? '',
        supervisors: supervisors.get(_id) ?? 0,
        few: (supervisors.get(_id) ?? 0) < 2,
        unreachable: contacts.length === 0,
        single: contacts.length === 1,
        open: tasksOf.get(_id) ?? 0,
      })),
    },
  };
}
