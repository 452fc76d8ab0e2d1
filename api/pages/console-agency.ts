import { localDate } from '../../domain/calendar.ts';
import { CHECKS_FOR_PEOPLE, quarterBegins, quarterOf } from '../../domain/contact-check.ts';
import { MEASURES } from '../../domain/network-use.ts';
import { type Standing, TEAM_MIN } from '../../domain/supervisor.ts';
import { OPEN_STATUSES } from '../../domain/task.ts';
import { SYSTEMS, type ThreeSystems } from '../../domain/three-systems.ts';
import type { CertifiedRecord } from '../../models/agency.ts';
import { lostSince } from '../../models/message.ts';
import { networkUse } from '../../models/network-use.ts';
import { ADMINISTRATORS, READERS } from '../access.ts';
import { agencyRoutes, type showAgency } from '../routes/agencies.ts';
import { burdenRoutes } from '../routes/burden.ts';
import { contactCheckRoutes, type showCheck } from '../routes/contact-checks.ts';
import { networkUseRoutes } from '../routes/network-use.ts';
import { peopleAll } from '../routes/people.ts';
import { registerEntryRoutes } from '../routes/register-entries.ts';
import { unitRoutes } from '../routes/units.ts';
import type { OwnMeasure } from '../../models/own-measure.ts';
import type { Unit } from '../../models/unit.ts';
import { NAMED_DOMAINS } from './console-campaigns.ts';
import { type ConsoleRoute, type Page, type Visit, callRoute, withQuery } from './console-frame.ts';
import { type EntryShown, saidOf } from './console-register-entries.ts';
import { ENTRY_KEYS, addHref, amendHref } from './console-register-kinds.ts';
import { taskRows } from './console-rows.ts';
import { timelineOfAgency } from './console-timeline.ts';

const MOST_TASKS = 50;
const MOST_PEOPLE = '200';
/** A certificate that ends within so many days is said so. */
const SOON_DAYS = 90;
const DAY_MS = 86_400_000;

export const agencyConsoleRoutes: readonly ConsoleRoute[] = [
  { method: 'get', path: '/agencies/:id', rule: READERS, line: true, work: agency },
];

type Person = Pick<CertifiedRecord, 'name' | 'certificate'> & {
  readonly id: string;
  readonly status: Standing;
};
interface People {
  readonly items: readonly Person[];
  readonly total: number;
}
interface Burden {
  readonly open: number;
  readonly asked: { readonly tasks: number; readonly items: number };
  readonly days: number;
}

/** An agency with all that the county knows of it. */
async function agency(visit: Visit): Promise<Page> {
  const { deps } = visit;
  const { store } = deps;
  const ask = <T>(specs: Parameters<typeof callRoute>[1], at: string, query = {}): Promise<T> =>
    callRoute(visit, specs, { at, query }) as Promise<T>;
  const found = await ask<ReturnType<typeof showAgency>>(agencyRoutes, 'get /agencies/:id');
  const { id } = found;
  const today = localDate(await deps.clock.now());
  const year = today.slice(0, 4);
  const mine = { agency: id, limit: MOST_PEOPLE };
  const [supervisors, officers, burden, systems, use, byYear, tasks, checks] = await Promise.all([
    ask<People>(peopleAll, 'get /supervisors', mine),
    ask<People>(peopleAll, 'get /officers', mine),
    ask<Burden>(burdenRoutes, 'get /agencies/:id/burden'),
    ask<ThreeSystems>(networkUseRoutes, 'get /agencies/:id/systems', { year }),
    networkUse(store, Number(year)),
    findingsByYear(visit, id),
    taskRows(deps, { agency: id, state: { $in: OPEN_STATUSES } }, { limit: MOST_TASKS }),
    ask<{ items: readonly ReturnType<typeof showCheck>[] }>(contactCheckRoutes, 'get /contact-checks', mine),
  ]);
  const [unit, measures, entries] = await Promise.all([
    ask<Unit>(unitRoutes, 'get /agencies/:id/unit'),
    ask<{ readonly items: readonly OwnMeasure[] }>(unitRoutes, 'get /own-measures', { agency: id }),
    entriesOf(visit, ask, id),
  ]);
  const lost = await lostSince(
    store.messages,
    quarterBegins(quarterOf(today)),
    found.contacts.map((one) => one.email),
  );
  const checkOf = new Map(checks.items.map((one) => [one.email.toLowerCase(), one.state]));
  const used = use.find((one) => one.agency === id);
  return {
    page: 'agency',
    title: found.name,
    path: `/console/agencies/${encodeURIComponent(id)}`,
    view: {
      id,
      name: found.name,
      kind: found.kind,
      domains: found.domains.map((name) => ({ name, known: NAMED_DOMAINS.includes(name) })),
      contacts: found.contacts.map((one) => ({
        phone: '',
        ...one,
        check: checkOf.get(one.email.toLowerCase()) ?? '',
        open: CHECKS_FOR_PEOPLE.some((state) => state === checkOf.get(one.email.toLowerCase())),
        bounced: lost.has(one.email.toLowerCase()),
      })),
      few: unit.supervisors.fit < TEAM_MIN,
      unit: {
        office: unit.unit?.name ?? '',
        document: unit.unit?.document ?? '',
        responsible: unit.responsible?.name ?? '',
        post: unit.responsible?.post ?? '',
        fit: unit.supervisors.fit,
        registered: unit.supervisors.registered,
        both: unit.both.join('、'),
        flags: unit.flags,
      },
      measures: measures.items.map((one) => ({ task: one.task, at: one.acceptedAt, text: one.text })),
      entries,
      adds: ENTRY_KEYS.flatMap((kind) => {
        const href = addHref(visit, kind, id);
        return href === '' ? [] : [{ kind, href }];
      }),
      unitHref: amendHref(visit, 'units', id),
      lineHref: ADMINISTRATORS.includes(visit.actor.role)
        ? withQuery('/console/accounts', {}, { line: id })
        : '',
      wide: !visit.actor.line,
      people: [
        peopleShown(visit, 'supervisors', { ...supervisors, today, agency: id }),
        peopleShown(visit, 'officers', { ...officers, today, agency: id }),
      ],
      burden,
      tasks,
      allTasks: withQuery('/console/tasks', {}, { agency: id }),
      byYear,
      year,
      acts: used?.acts ?? 0,
      use: used ? MEASURES.map((name) => ({ name, ...used[name] })) : [],
      timeline: await timelineOfAgency(visit, id, `/console/agencies/${encodeURIComponent(id)}`),
      systems: SYSTEMS.map((name) => ({ name, ...systems[name] })),
    },
  };
}

type Ask = <T>(
  specs: Parameters<typeof callRoute>[1],
  at: string,
  query?: Readonly<Record<string, string>>,
) => Promise<T>;
/** What is registered of an agency beside its people, one line each. */
async function entriesOf(visit: Visit, ask: Ask, agency: string) {
  const lists = await Promise.all(
    ENTRY_KEYS.map(async (kind) => {
      const { items } = await ask<{ readonly items: readonly EntryShown[] }>(
        registerEntryRoutes,
        `get /${kind}`,
        { agency, limit: MOST_PEOPLE },
      );
      return items.map((one) => ({
        kind,
        id: one.id,
        href: amendHref(visit, kind, one.id),
        said: saidOf(one),
        flags: one.flags,
      }));
    }),
  );
  return lists.flat();
}

const peopleOf = (visit: Visit, what: string, { items, today }: People & { readonly today: string }) =>
  items.map(({ id, name, certificate, status }) => ({
    id,
    name,
    href: amendHref(visit, what, id),
    no: certificate.no,
    expires: certificate.expires,
    status: status.state,
    barred: status.state !== 'valid',
    until: 'until' in status ? (status.until ?? '') : '',
    soon:
      status.state === 'valid' && Date.parse(certificate.expires) - Date.parse(today) < SOON_DAYS * DAY_MS,
  }));

const peopleShown = (
  visit: Visit,
  what: string,
  { agency, ...people }: People & { readonly today: string; readonly agency: string },
) => ({
  what,
  total: people.total,
  add: addHref(visit, what, agency),
  rows: peopleOf(visit, what, people),
});

async function findingsByYear({ deps }: Visit, id: string) {
  const rows = await deps.store.findings.aggregate<{ _id: string; n: number; open: number; repeats: number }>(
    [
      { $match: { agency: id } },
      {
        $group: {
          _id: { $substrBytes: ['$foundOn', 0, 4] },
          n: { $sum: 1 },
          open: { $sum: { $cond: [{ $eq: ['$state', 'writtenOff'] }, 0, 1] } },
          repeats: { $sum: { $cond: [{ $gt: [{ $size: { $ifNull: ['$repeats', []] } }, 0] }, 1, 0] } },
        },
      },
      { $sort: { _id: -1 } },
    ],
  );
  return rows.map(({ _id: year, n, open, repeats }) => ({
    year,
    n,
    open,
    repeats,
    href: withQuery('/console/ledger', {}, { agency: id, from: `${year}-01-01`, to: `${year}-12-31` }),
  }));
}
