import { addDays, at, isWorkday, localDate, workdayFrom, workdayUpTo } from '../domain/calendar.ts';
import type { Calendar, IsoDate } from '../domain/calendar.ts';
import { stamp } from '../domain/clock.ts';
import { deadline } from '../domain/deadline.ts';
import {
  MILESTONES,
  askedIn,
  cyclePhase,
  firstOfMonth,
  lastOfMonth,
  monthOf,
  rectificationPhase,
} from '../domain/plan.ts';
import { OPEN_STATUSES } from '../domain/task.ts';
import { Refusal } from '../domain/refusals.ts';
import { readCalendar } from '../models/calendar.ts';
import { appendEvents } from '../models/event.ts';
import type { FindingRecord } from '../models/finding.ts';
import { type MilestoneRecord, type PlanRecord, cycleId, readChecks } from '../models/plan.ts';
import type { Store } from '../models/store.ts';
import type { Deps } from './deps.ts';
import { askedItem, byAgency } from './phase.ts';
import { type Seedling, writeTasks } from './task-writing.ts';

/** What came of trying to open a month: its groups, or what it waits for. */
export interface OpenedCycle {
  readonly groups: readonly string[];
  /** Epoch ms on the product's clock, where its morning is still to come. */
  readonly opensAt?: number;
  readonly problem?: 'calendar-unpublished';
}

/** Groups of one phase that are to be started. */
export interface OpenedGroups {
  readonly phase: string;
  readonly groups: readonly string[];
}

export interface FollowedUp {
  readonly opened: readonly OpenedGroups[];
  /** Whether something is still out, or found and not asked for yet. */
  readonly waits: boolean;
}

const MORNING = '09:00';
/** Working days before the due date on which agencies are reminded. */
const REMIND = [3, 1];

/** What a plan's mails cite; the Shandong article on the three ways of supervision first. */
const LEGAL_BASIS = '《山东省行政执法监督条例》第二十条、第二十一条；《行政执法监督条例》第十五条';
const basisOf = (plan: PlanRecord): string =>
  `${plan.year}年度行政执法日常监督计划（${plan._id}）；${LEGAL_BASIS}`;

export async function planOf(store: Store, no: string): Promise<PlanRecord> {
  const plan = await store.plans.findById(no).lean<PlanRecord>();
  if (!plan) throw new Error(`no plan ${no}`);
  return plan;
}

/** The morning on which something of a month may begin: its first working day, or the next one from now. Throws the calendar's refusal. */
export function morningOf(calendar: Calendar, first: IsoDate, today: IsoDate): string {
  let day = first > today ? first : today;
  while (!isWorkday(calendar, day)) day = addDays(day, 1);
  return at(day, MORNING);
}

/** Opens a month's cycle on its first working morning. May run twice. */
export async function openMonth(deps: Deps, no: string, month: number): Promise<OpenedCycle> {
  const { store } = deps;
  const [plan, calendar] = await Promise.all([planOf(store, no), readCalendar(store.calendars)]);
  const now = await deps.clock.now();
  const _id = cycleId(no, month);
  const there = await store.cycles.findById(_id).lean();
  if (localDate(now) > lastOfMonth(plan.year, month))
    return there?.openedAt ? again(deps, plan, month) : missed(deps, plan, month);
  try {
    const opensAt = Date.parse(morningOf(calendar, firstOfMonth(plan.year, month), localDate(now)));
    if (!there?.openedAt && now < opensAt) return { groups: [], opensAt };
    return await again(deps, plan, month);
  } catch (error) {
    if (!(error instanceof Refusal) || error.code !== 'calendar-unpublished') throw error;
    await store.cycles.updateOne(
      { _id },
      { $set: { problem: error.code }, $setOnInsert: { plan: no, month, items: [], analyses: [] } },
      { upsert: true },
    );
    return { groups: [], problem: error.code };
  }
}

/** Writes the cycle down as it goes out, then its tasks: a later amendment finds what went out as it was. */
async function again(deps: Deps, plan: PlanRecord, month: number): Promise<OpenedCycle> {
  const { store } = deps;
  const [calendar, now] = [await readCalendar(store.calendars), await deps.clock.now()];
  const _id = cycleId(plan._id, month);
  const before = await store.cycles.findById(_id).lean();
  const from = localDate(before?.openedAt ?? now);
  const due = deadline({ term: plan.terms.review, from, basis: basisOf(plan), calendar });
  if (!before?.openedAt) {
    const items = plan.items.filter((item) => item.months.includes(month));
    await store.cycles.updateOne(
      { _id },
      {
        $set: { openedAt: stamp(now), dueAt: due.at, items, problem: null },
        $setOnInsert: { plan: plan._id, month, analyses: [] },
      },
      { upsert: true },
    );
  }
  await raise(deps, plan, { month, calendar });
  const items = (await store.cycles.findById(_id).lean())?.items ?? [];
  const checks = await readChecks(store);
  const seedlings = [...askedIn(items, month)].map(([agency, asked]): Seedling => ({
    agency,
    items: asked.flatMap((id) => {
      const check = checks.get(id);
      return check ? [askedItem(check)] : [];
    }),
    findings: [],
  }));
  const groups = await writeTasks(deps, {
    owner: plan._id,
    phase: cyclePhase(month),
    kind: 'review',
    origin: 'opening',
    title: `${plan.year}年${month}月行政执法日常监督`,
    legalBasis: LEGAL_BASIS,
    remind: REMIND,
    due,
    seedlings,
  });
  await appendEvents(store.events, {
    owner: plan._id,
    key: `cycle-${month}`,
    entries: [
      {
        at: stamp(now),
        source: 'workflow',
        what: 'cycle-opened',
        detail: { month, agencies: seedlings.length, due: due.at },
      },
    ],
  });
  return { groups };
}

async function missed({ store }: Deps, plan: PlanRecord, month: number): Promise<OpenedCycle> {
  await store.cycles.updateOne(
    { _id: cycleId(plan._id, month) },
    {
      $set: { missed: true, problem: null },
      $setOnInsert: { plan: plan._id, month, items: [], analyses: [] },
    },
    { upsert: true },
  );
  return { groups: [] };
}

/** The jobs of people that begin with a month, each due on a working day; those of a month gone by are not raised. */
export async function raise(
  { store, clock }: Pick<Deps, 'store' | 'clock'>,
  plan: PlanRecord,
  { month, calendar }: { readonly month: number; readonly calendar: Calendar },
): Promise<void> {
  const now = stamp(await clock.now());
  for (const { what, month: begins, until } of MILESTONES) {
    if (begins !== month) continue;
    const dueAt = at(workdayUpTo(calendar, lastOfMonth(plan.year, until)), '17:00');
    const milestone: MilestoneRecord = { what, raisedAt: now, dueAt };
    await store.plans.updateOne(
      { _id: plan._id, 'milestones.what': { $ne: what } },
      { $push: { milestones: milestone } },
    );
    await appendEvents(store.events, {
      owner: plan._id,
      key: `milestone-${what}`,
      entries: [
        { at: now, source: 'workflow', what: 'milestone-raised', detail: { milestone: what, due: dueAt } },
      ],
    });
  }
}

/** The case-file reviews (案卷评查) that became final in a year: what they found is put right with what the year's cycles found. */
const reviewsOf = (store: Store, year: number): Promise<readonly string[]> =>
  store.fileReviews.distinct('_id', {
    state: 'final',
    finalAt: { $gte: `${year}-01-01`, $lt: `${year + 1}-01-01` },
  });

/** Asks for the correction of what the cycles and the year's file reviews have brought to light, on working days. May run twice. */
export async function openRectification(deps: Deps, no: string): Promise<FollowedUp> {
  const { store } = deps;
  const [plan, calendar] = [await planOf(store, no), await readCalendar(store.calendars)];
  const today = localDate(await deps.clock.now());
  const owners = [no, ...(await reviewsOf(store, plan.year))];
  const findings = await store.findings
    .find({ owner: { $in: owners }, mode: 'daily', task: null, state: 'found' })
    .sort({ _id: 1 })
    .lean<FindingRecord[]>();
  const open = await store.tasks.exists({ owner: no, kind: 'review', state: { $in: OPEN_STATUSES } });
  const waits = open !== null || findings.length > 0;
  if (findings.length === 0 || workdayFrom(calendar, today) !== today) return { opened: [], waits };
  const months = await monthsOf(store, findings);
  const due = deadline({ term: plan.terms.rectification, from: today, basis: basisOf(plan), calendar });
  const opened: OpenedGroups[] = [];
  for (const month of [...new Set(months.values())].sort((a, b) => a - b)) {
    const phase = rectificationPhase(month);
    const seedlings = byAgency(findings.filter((one) => months.get(one._id) === month));
    const groups = await writeTasks(deps, {
      owner: no,
      phase,
      kind: 'rectification',
      origin: 'opening',
      title: `${plan.year}年${month}月日常监督发现问题整改`,
      legalBasis: LEGAL_BASIS,
      remind: REMIND,
      due,
      seedlings: seedlings.map((one) => ({ ...one, origin: one.findings[0] ?? 'opening' })),
    });
    opened.push({ phase, groups });
  }
  return { opened, waits };
}

/** The cycle in which each problem came to light. */
async function monthsOf(
  store: Store,
  findings: readonly FindingRecord[],
): Promise<ReadonlyMap<string, number>> {
  const tasks = await store.tasks
    .find({ _id: { $in: findings.flatMap((one) => one.disclosedIn ?? []) } }, { phase: 1 })
    .lean();
  const phases = new Map(tasks.map((task) => [task._id, task.phase]));
  return new Map(
    findings.map((one) => [
      one._id,
      monthOf(phases.get(one.disclosedIn ?? '') ?? '') ?? Number(one.foundOn.slice(5, 7)),
    ]),
  );
}
