import { type AnalysedFinding, type AnalysedTask, figuresOf } from '../domain/analysis.ts';
import type { Countermeasure } from '../domain/plan.ts';
import { monthOf } from '../domain/plan.ts';
import { OPEN_STATUSES } from '../domain/task.ts';
import type { FindingRecord } from '../models/finding.ts';
import { type AnalysisRecord, type PlanRecord, cycleId } from '../models/plan.ts';
import type { Deps } from './deps.ts';

interface Ordered {
  readonly id: string;
  readonly by: string;
  readonly month: number;
  readonly at: string;
  readonly countermeasures: readonly Countermeasure[];
}

/** Counts a month as it stands and keeps the figures with what people decided on them; the same order again keeps nothing more. */
export async function analyse(
  { store }: Pick<Deps, 'store'>,
  plan: PlanRecord,
  { id, by, month, at, countermeasures }: Ordered,
): Promise<void> {
  const [rows, found] = await Promise.all([
    store.tasks
      .find({ owner: plan._id }, { agency: 1, phase: 1, state: 1, due: 1, answered: 1, late: 1 })
      .sort({ _id: 1 })
      .lean(),
    store.findings
      .find({ foundOn: { $gte: `${plan.year}-01-01`, $lte: `${plan.year}-12-31` } })
      .sort({ _id: 1 })
      .lean<FindingRecord[]>(),
  ]);
  const due = await duesOf(store, found);
  const tasks = rows.map((row): AnalysedTask => ({
    no: row._id,
    agency: row.agency,
    month: monthOf(row.phase) ?? 0,
    open: OPEN_STATUSES.includes(row.state),
    withdrawn: row.state === 'withdrawn',
    dueAt: row.due?.at ?? '',
    answered: row.answered,
    late: row.late,
  }));
  const findings = found.map((one): AnalysedFinding => ({
    id: one._id,
    agency: one.agency,
    category: one.category ?? one.item,
    severity: one.severity,
    foundOn: one.foundOn,
    ...(one.state === 'writtenOff' ? { writtenOffOn: one.writtenOffAt } : {}),
    dueAt: due.get(one.task ?? ''),
    repeats: one.repeats ?? [],
  }));
  const analysis: AnalysisRecord = {
    id,
    at,
    by,
    figures: figuresOf({ year: plan.year, month, at, tasks, findings }),
    countermeasures,
  };
  await store.cycles.updateOne(
    { _id: cycleId(plan._id, month), 'analyses.id': { $ne: id } },
    { $push: { analyses: analysis } },
  );
}

/** What has become of one countermeasure of an analysis. */
export interface FollowUp {
  readonly month: number;
  readonly analysis: string;
  readonly n: number;
  readonly state: Countermeasure['state'];
  readonly note: string;
}

/** Writes down what has become of a countermeasure, and says which it was. May run twice. */
export async function followUp(
  { store }: Pick<Deps, 'store'>,
  plan: PlanRecord,
  { month, analysis, n, state, note }: FollowUp,
): Promise<{ month: number; countermeasure: string; state: string; reason: string }> {
  const at = `analyses.$.countermeasures.${n}`;
  const cycle = await store.cycles
    .findOneAndUpdate(
      { _id: cycleId(plan._id, month), 'analyses.id': analysis },
      { $set: { [`${at}.state`]: state, [`${at}.note`]: note } },
    )
    .lean();
  const kept = cycle?.analyses.find((one) => one.id === analysis);
  return { month, countermeasure: kept?.countermeasures[n]?.text ?? '', state, reason: note };
}

async function duesOf(
  store: Deps['store'],
  findings: readonly FindingRecord[],
): Promise<Map<string, string>> {
  const tasks = await store.tasks
    .find({ _id: { $in: findings.flatMap((one) => one.task ?? []) } }, { due: 1 })
    .lean();
  return new Map(tasks.map((task) => [task._id, task.due?.at ?? '']));
}
