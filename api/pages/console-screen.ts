import type { LedgerEntry } from '../../models/event.ts';
import { stamp } from '../../domain/clock.ts';
import { LIGHTS } from '../../domain/light.ts';
import { OPEN_STATUSES } from '../../domain/task.ts';
import { READERS } from '../access.ts';
import { sentenceOf } from '../event-words.ts';
import { lightFilter } from '../light-filter.ts';
import type { ConsoleRoute, Page, Visit } from './console-frame.ts';
import { runningCampaigns } from './console-today.ts';

const WEEK_MS = 7 * 86_400_000;
const MOST_EVENTS = 10;
/** Blocks of the ledger in which so many events are found. */
const LOOKED_THROUGH = 40;
const REFRESH_MS = 20_000;
const ASKING = ['unacknowledged', 'inProgress', 'returned'] as const;

export const screenConsoleRoutes: readonly ConsoleRoute[] = [
  { method: 'get', path: '/screen', rule: READERS, work: screen },
  { method: 'get', path: '/help', rule: READERS, work: help },
];

/** Read-only, for a wall: what is late, what is due this week, what has just happened; of cases only that something happened. */
async function screen(visit: Visit): Promise<Page> {
  const { deps, t, lang } = visit;
  const { store } = deps;
  const now = await deps.clock.now();
  const open = { state: { $in: OPEN_STATUSES } };
  const [all, due, campaigns, blocks, ...lights] = await Promise.all([
    store.tasks.countDocuments(open),
    store.tasks.aggregate<{ _id: string; n: number }>([
      { $match: { state: { $in: ASKING }, dueAt: { $gte: new Date(now), $lt: new Date(now + WEEK_MS) } } },
      {
        $group: {
          _id: { $dateToString: { date: '$dueAt', format: '%Y-%m-%d', timezone: '+08:00' } },
          n: { $sum: 1 },
        },
      },
      { $sort: { _id: 1 } },
    ]),
    runningCampaigns(deps),
    store.events
      .find({ owner: /^(?:ZX|RC|GA|XS|AJ)-/ }, { owner: 1, entries: 1 })
      .sort({ $natural: -1 })
      .limit(LOOKED_THROUGH)
      .lean(),
    ...LIGHTS.map((light) => store.tasks.countDocuments({ $and: [open, lightFilter(light, now)] })),
  ]);
  const events = blocks
    .flatMap(({ owner, entries }) =>
      (JSON.parse(entries) as LedgerEntry[]).map((entry) => masked(owner, entry, t('console.screen.masked'))),
    )
    .toSorted((a, b) => Date.parse(b.at) - Date.parse(a.at))
    .slice(0, MOST_EVENTS);
  return {
    page: 'screen',
    title: t('console.screen.title'),
    bare: true,
    view: {
      lang,
      title: t('console.screen.title'),
      refresh: REFRESH_MS,
      now: stamp(now),
      all,
      lights: LIGHTS.map((light, i) => ({ light, n: lights[i] ?? 0 })).toSorted(
        (a, b) => ORDER.indexOf(a.light) - ORDER.indexOf(b.light),
      ),
      due: due.map(({ _id, n }) => ({ date: _id, n })),
      dueTotal: due.reduce((sum, one) => sum + one.n, 0),
      campaigns,
      events,
    },
  };
}

const ORDER = ['red', 'yellow', 'green', 'grey'];

/** A wall is read by whoever walks by: no case is told apart, and nobody is named. */
const masked = (owner: string, entry: LedgerEntry, word: string) =>
  /^(?:ZX|RC)-/.test(owner)
    ? { at: entry.at, source: entry.source, owner, what: sentenceOf(entry) }
    : { at: entry.at, source: entry.source, owner: '', what: word };

async function help(visit: Visit): Promise<Page> {
  return {
    page: 'help',
    title: visit.t('console.nav.help'),
    view: {
      lights: ['green', 'yellow', 'red', 'grey'],
      states: ['pending', 'unacknowledged', 'inProgress', 'inReview', 'returned', 'closed', 'withdrawn'],
      ladder: ['reminder', 'urge', 'letter', 'decision', 'circular'],
      words: ['board', 'deadline', 'receipt', 'certificate', 'held', 'ladder'],
    },
  };
}
