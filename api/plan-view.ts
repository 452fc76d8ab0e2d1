import { publishedYear } from '../domain/calendar.ts';
import { stamp } from '../domain/clock.ts';
import { lightOf } from '../domain/light.ts';
import { askedIn, cyclePhase, monthOf } from '../domain/plan.ts';
import { OPEN_STATUSES, type TaskStatus } from '../domain/task.ts';
import { readCalendar } from '../models/calendar.ts';
import type { CycleRecord, PlanRecord } from '../models/plan.ts';
import { milestonesIn } from '../models/plan-milestone.ts';
import type { TaskRecord } from '../models/task.ts';
import type { ApiDeps } from './deps.ts';

export const planBrief = ({
  _id,
  year,
  state,
  version,
  createdBy,
  createdAt,
  approvedBy,
  approvedAt,
}: PlanRecord) => ({
  no: _id,
  year,
  state,
  version,
  createdBy,
  createdAt,
  ...(approvedBy === undefined ? {} : { approvedBy, approvedAt }),
});

/** A plan with its jobs, and what stands in the way of its dates. */
export async function showPlan({ store, clock }: ApiDeps, plan: PlanRecord) {
  const calendar = await readCalendar(store.calendars);
  const now = await clock.now();
  const { year, items, amendment, terms, weak = [] } = plan;
  const milestones = await milestonesIn(store, plan);
  const years = plan.state === 'closed' ? [] : [year, year + 1];
  return {
    ...planBrief(plan),
    items,
    ...(amendment ? { amendment } : {}),
    terms,
    weak,
    milestones: milestones.map((one) => ({
      ...one,
      overdue: one.doneAt === undefined && Date.parse(one.dueAt) < now,
    })),
    problems: years
      .filter((one) => !publishedYear(calendar, one))
      .map((one) => ({ code: 'calendar-unpublished' as const, detail: String(one) })),
  };
}

type Row = Pick<
  TaskRecord,
  | '_id'
  | 'agency'
  | 'agencyName'
  | 'phase'
  | 'kind'
  | 'state'
  | 'due'
  | 'dueAt'
  | 'warnAt'
  | 'late'
  | 'overdue'
>;

/** Every month of a plan that has begun or is still planned: its tasks, its counts, its analysis. */
export async function showCycles({ store, clock }: ApiDeps, plan: PlanRecord) {
  const [cycles, tasks, findings, now] = await Promise.all([
    store.cycles.find({ plan: plan._id }).sort({ month: 1 }).lean<CycleRecord[]>(),
    store.tasks
      .find(
        { owner: plan._id },
        {
          agency: 1,
          agencyName: 1,
          phase: 1,
          kind: 1,
          state: 1,
          due: 1,
          dueAt: 1,
          warnAt: 1,
          late: 1,
          overdue: 1,
        },
      )
      .sort({ _id: 1 })
      .lean<Row[]>(),
    store.findings.find({ owner: plan._id }, { disclosedIn: 1 }).lean(),
    clock.now(),
  ]);
  const months = new Set([...cycles.map((one) => one.month), ...plan.items.flatMap((one) => one.months)]);
  return [...months]
    .sort((a, b) => a - b)
    .map((month) => {
      const mine = tasks.filter((task) => monthOf(task.phase) === month);
      const numbers = new Set(mine.map((task) => task._id));
      const cycle = cycles.find((one) => one.month === month);
      return {
        ...cycleHead(plan, cycle, month),
        tasks: mine.map((task) => ({
          no: task._id,
          agency: task.agency,
          agencyName: task.agencyName,
          kind: task.kind,
          state: task.state,
          light: lightOf(task as TaskRecord, now),
          due: task.due?.at ?? null,
          late: task.late,
        })),
        counts: countsOf(mine, now),
        findings: findings.filter((one) => numbers.has(one.disclosedIn ?? '')).length,
        analysis: cycle?.analyses.at(-1) ?? null,
        analyses: cycle?.analyses.length ?? 0,
      };
    });
}

function cycleHead(plan: PlanRecord, cycle: CycleRecord | undefined, month: number) {
  const items = cycle?.openedAt ? cycle.items : plan.items.filter((one) => one.months.includes(month));
  return {
    n: month,
    month: `${plan.year}-${String(month).padStart(2, '0')}`,
    phase: cyclePhase(month),
    state: stateOf(cycle),
    ...(cycle?.openedAt ? { openedAt: cycle.openedAt, due: cycle.dueAt } : {}),
    ...(cycle?.problem ? { problem: cycle.problem } : {}),
    agencies: askedIn(items, month).size,
    checks: [...new Set(items.map((one) => one.check))],
  };
}

const stateOf = (cycle: CycleRecord | undefined): 'planned' | 'waiting' | 'opened' | 'missed' => {
  if (cycle?.openedAt) return 'opened';
  if (cycle?.missed) return 'missed';
  return cycle ? 'waiting' : 'planned';
};

/** Counted when asked, never kept. */
function countsOf(tasks: readonly Row[], now: number): Record<TaskStatus | 'overdue', number> {
  const count = (test: (task: Row) => boolean): number => tasks.filter(test).length;
  const states = [...OPEN_STATUSES, 'closed', 'withdrawn'] as const;
  const counts = Object.fromEntries(
    states.map((state) => [state, count((task) => task.state === state)]),
  ) as Record<TaskStatus, number>;
  const waiting = OPEN_STATUSES.filter((one) => one !== 'inReview' && one !== 'pending');
  return {
    ...counts,
    overdue: count(
      (task) =>
        (waiting as readonly TaskStatus[]).includes(task.state) && (task.dueAt?.getTime() ?? now) < now,
    ),
  };
}

/** The product's own today, as a plan's months are judged by. */
export const nowStamp = async ({ clock }: Pick<ApiDeps, 'clock'>): Promise<string> =>
  stamp(await clock.now());
