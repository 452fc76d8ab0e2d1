import { localDate } from '../../domain/calendar.ts';
import { stamp } from '../../domain/clock.ts';
import { OPEN_STATUSES } from '../../domain/task.ts';
import { readCalendar } from '../../models/calendar.ts';
import { isOutdated } from '../../models/calendar-moves.ts';
import type { CampaignRecord } from '../../models/campaign.ts';
import { pressingJobs } from '../../models/plan-job.ts';
import { needsOf } from '../../models/needs.ts';
import { READERS } from '../access.ts';
import { type Counts, countTasks } from '../campaign-view.ts';
import type { ApiDeps } from '../deps.ts';
import { waitingMoves } from '../routes/calendars.ts';
import type { ConsoleRoute, Visit } from './console-frame.ts';
import { inLights, taskRows } from './console-rows.ts';

const WEEK_MS = 7 * 86_400_000;
const RUNNING = ['launching', 'running', 'paused', 'summarising'] as const;
const FIRST_ROWS = 30;

export const todayRoutes: readonly ConsoleRoute[] = [
  { method: 'get', path: '/', rule: READERS, work: today },
];

async function today(visit: Visit) {
  const { deps, t } = visit;
  const now = await deps.clock.now();
  const jobs = await pressingJobs(deps.store, {
    now,
    calendar: await readCalendar(deps.store.calendars),
  });
  const [needs, urgent, campaigns, steps] = await Promise.all([
    placesOf(deps, { now, jobs: jobs.length }),
    taskRows(
      deps,
      {
        $and: [
          { state: { $in: ['unacknowledged', 'inProgress', 'returned'] } },
          inLights(['red', 'yellow'], now),
        ],
      },
      { limit: FIRST_ROWS },
    ),
    runningCampaigns(deps),
    stepsAhead(deps, now),
  ]);
  const waiting = needs.reduce((sum, one) => sum + one.n, 0);
  return {
    page: 'today',
    title: t('console.nav.today'),
    view: {
      needs,
      waiting,
      jobs: jobs.map((one) => ({
        ...one,
        href: `/console/plans/${one.plan}#${one.month === 0 ? 'jobs' : `cycle-${one.month}`}`,
        past: Math.max(0, -one.workdaysLeft),
        late: Date.parse(one.due) < now,
      })),
      urgent,
      more: urgent.total > FIRST_ROWS,
      campaigns,
      days: steps,
      next: steps[0]?.steps[0] ?? null,
    },
  };
}

/** What only a person can do, each with the list it is in. */
async function placesOf(deps: ApiDeps, { now, jobs }: { readonly now: number; readonly jobs: number }) {
  const [needs, moves] = await Promise.all([needsOf(deps.store, localDate(now)), movesWaiting(deps)]);
  const { expired, days30, days60 } = needs.certificates;
  return [
    { name: 'reviews', n: needs.reviews, href: '/console/reviews' },
    { name: 'extensions', n: needs.extensions, href: '/console/tasks?extension=asked' },
    { name: 'held', n: needs.held, href: '/console/inbox' },
    { name: 'doubt', n: needs.doubt, href: '/console/doubts' },
    { name: 'bounced', n: needs.bounced, href: '/console/inbox#bounced' },
    { name: 'handedOver', n: needs.handedOver, href: '/console/tasks?handedOver=true' },
    { name: 'moves', n: moves, href: '/console/calendar' },
    { name: 'duties', n: needs.duties, href: '/console/contacts#duties' },
    { name: 'outages', n: needs.outages, href: '/console/outages' },
    { name: 'heldAnswers', n: needs.heldAnswers, href: '/console/contacts#held' },
    { name: 'contacts', n: needs.contacts, href: '/console/contacts' },
    { name: 'expired', n: expired, href: '/console/certificates#expired' },
    { name: 'days30', n: days30, href: '/console/certificates#days30' },
    { name: 'days60', n: days60, href: '/console/certificates#days60' },
    { name: 'milestones', n: jobs, href: '#jobs' },
  ];
}

/** Every open task is dated anew only where a year was imported since one of them was dated. */
async function movesWaiting(deps: ApiDeps): Promise<number> {
  if (!(await isOutdated(deps.store, await readCalendar(deps.store.calendars)))) return 0;
  return (await waitingMoves(deps)).filter((one) => one.barred === undefined).length;
}

export const progressOf = async (deps: ApiDeps, campaign: CampaignRecord) =>
  progressFrom(await countTasks(deps, { owner: campaign._id }));

/** A bar of states out of its counts; every number of it has the total beside it. */
export function progressFrom(counts: Counts) {
  const { overdue, ...states } = counts;
  const total = Object.values(states).reduce((sum, n) => sum + n, 0);
  let x = 0;
  const parts = (
    ['closed', 'inReview', 'returned', 'inProgress', 'unacknowledged', 'pending', 'withdrawn'] as const
  ).map((state) => {
    const width = total === 0 ? 0 : (1_000 * states[state]) / total;
    const part = { state, n: states[state], x: Math.round(x), width: Math.round(x + width) - Math.round(x) };
    x += width;
    return part;
  });
  return { counts, total, overdue, parts };
}

export async function runningCampaigns(deps: ApiDeps) {
  const rows = await deps.store.campaigns
    .find({ state: { $in: [...RUNNING] } })
    .sort({ _id: -1 })
    .limit(50)
    .lean<CampaignRecord[]>();
  return Promise.all(
    rows.map(async (campaign) => ({
      no: campaign._id,
      title: campaign.draft.title,
      state: campaign.state,
      phase: campaign.phase,
      ...(await progressOf(deps, campaign)),
    })),
  );
}

interface Step {
  readonly at: string;
  readonly what: string;
  readonly n: number;
}

/** What happens by itself in the next seven days, if nobody answers: by day, kind and hour. */
async function stepsAhead({ store }: ApiDeps, now: number): Promise<{ day: string; steps: Step[] }[]> {
  const rows = await store.tasks.aggregate<{
    _id: { day: string; what: string; n: number };
    at: number;
    tasks: number;
  }>([
    { $match: { state: { $in: OPEN_STATUSES.filter((state) => state !== 'inReview') } } },
    { $project: { moments: '$machine.milestones', state: 1 } },
    { $unwind: '$moments' },
    {
      $match: {
        'moments.at': { $gte: now, $lt: now + WEEK_MS },
        $or: [{ state: 'unacknowledged' }, { 'moments.what': { $nin: ['deputy', 'leader'] } }],
      },
    },
    {
      $group: {
        _id: {
          day: {
            $dateToString: { date: { $toDate: '$moments.at' }, format: '%Y-%m-%d', timezone: '+08:00' },
          },
          what: '$moments.what',
          n: '$moments.n',
        },
        at: { $min: '$moments.at' },
        tasks: { $sum: 1 },
      },
    },
    { $sort: { at: 1 } },
  ]);
  const days = new Map<string, Step[]>();
  for (const { _id, at, tasks } of rows)
    days.set(_id.day, [...(days.get(_id.day) ?? []), { at: stamp(at), what: _id.what, n: tasks }]);
  return [...days].map(([day, steps]) => ({ day, steps }));
}
