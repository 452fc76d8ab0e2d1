import { type Calendar, at, localDate, workdayUpTo, workdaysBetween } from '../domain/calendar.ts';
import { isPressing, lastOfMonth } from '../domain/plan.ts';
import type { CycleRecord, MilestoneRecord, PlanRecord } from './plan.ts';
import { milestonesIn } from './plan-milestone.ts';
import type { Store } from './store.ts';

/** Something that people of the office have to do for a running year: one of its jobs, a month's analysis, a countermeasure to see through. */
export interface PlanJob {
  readonly plan: string;
  readonly what: MilestoneRecord['what'] | 'analysis' | 'countermeasure';
  /** RFC 3339 */
  readonly due: string;
  /** Of an analysis and its countermeasures; 0 elsewhere. */
  readonly month: number;
  /** The countermeasure; empty elsewhere. */
  readonly text: string;
}

/** A job that is near or past its day and not done. */
export interface PressingJob extends PlanJob {
  /** Negative where its day is past. */
  readonly workdaysLeft: number;
}

/** What organizers are reminded of, the earliest first. */
export async function pressingJobs(
  store: Pick<Store, 'plans' | 'cycles' | 'fileReviews'>,
  { now, calendar }: { readonly now: number; readonly calendar: Calendar },
): Promise<readonly PressingJob[]> {
  const today = localDate(now);
  const plans = await store.plans.find({ state: 'running' }, { year: 1, milestones: 1 }).lean<PlanRecord[]>();
  const found: PlanJob[] = [];
  for (const plan of plans) {
    const cycles = await store.cycles
      .find({ plan: plan._id, openedAt: { $exists: true } })
      .sort({ month: 1 })
      .lean<CycleRecord[]>();
    found.push(...(await jobsOf(store, plan)), ...cycles.flatMap((one) => monthOf(plan, one, calendar)));
  }
  return found
    .map((one) => ({ ...one, workdaysLeft: workdaysBetween(calendar, today, localDate(one.due)) }))
    .filter((one) => isPressing(one.workdaysLeft))
    .toSorted((a, b) => (a.due < b.due ? -1 : 1));
}

async function jobsOf(store: Pick<Store, 'fileReviews'>, plan: PlanRecord): Promise<PlanJob[]> {
  const milestones = await milestonesIn(store, plan);
  return milestones
    .filter((one) => one.doneAt === undefined)
    .map(({ what, dueAt }) => ({ plan: plan._id, what, due: dueAt, month: 0, text: '' }));
}

/** A month is analysed by its last working day; what was decided then is followed until it is done. */
function monthOf({ _id: plan, year }: PlanRecord, cycle: CycleRecord, calendar: Calendar): PlanJob[] {
  const { month } = cycle;
  const analysis = cycle.analyses.at(-1);
  if (!analysis) {
    const due = at(workdayUpTo(calendar, lastOfMonth(year, month)), '17:00');
    return [{ plan, what: 'analysis', due, month, text: '' }];
  }
  return analysis.countermeasures.flatMap(({ text, state, due }): PlanJob[] =>
    state === 'done' || due === undefined
      ? []
      : [{ plan, what: 'countermeasure', due: at(due, '17:00'), month, text }],
  );
}
