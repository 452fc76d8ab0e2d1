import { OPEN_STATUSES } from '../domain/task.ts';
import { stamp } from '../domain/clock.ts';
import { dueOf } from '../domain/clue-deadline.ts';
import type { CampaignRecord } from '../models/campaign.ts';
import type { CaseRecord } from '../models/case.ts';
import type { ClueRecord } from '../models/clue.ts';
import type { Store } from '../models/store.ts';
import type { TaskRecord } from '../models/task.ts';

/** What comes next by itself if nobody does anything; `key` names its words in the catalogues. */
export interface NextStep {
  readonly at: string;
  readonly key: string;
}

const earliest = (steps: readonly NextStep[]): NextStep | null =>
  steps.toSorted((a, b) => Date.parse(a.at) - Date.parse(b.at))[0] ?? null;

/** Nothing comes by itself while an answer is with the office. */
export function nextOfTask({ state, machine }: Pick<TaskRecord, 'state' | 'machine'>): NextStep | null {
  const next = machine.milestones[0];
  return next && OPEN_STATUSES.includes(state) && state !== 'inReview'
    ? { at: stamp(next.at), key: `console.step.${next.what}` }
    : null;
}

export function nextOfCase(
  { deadlines }: Pick<CaseRecord, 'deadlines'>,
  tasks: readonly Pick<TaskRecord, 'state' | 'machine'>[],
): NextStep | null {
  return earliest([
    ...deadlines.flatMap(({ name, deadline, state }) =>
      state === 'running' ? [{ at: deadline.at, key: `console.caseDate.${name}` }] : [],
    ),
    ...tasks.flatMap((task) => nextOfTask(task) ?? []),
  ]);
}

/** The end of the recall window, or the day of the phase that runs. */
export function nextOfCampaign({
  state,
  launch,
  phases,
  phase,
}: Pick<CampaignRecord, 'state' | 'launch' | 'phases' | 'phase'>): NextStep | null {
  if (state === 'launching' && launch) return { at: launch.recallUntil, key: 'console.timeline.sending' };
  const current = phases?.[phase];
  if (state !== 'running' || !current || current.closedAt !== undefined) return null;
  return { at: current.dueAt, key: 'console.timeline.phaseDue' };
}

export function nextOfClue({ state, repliedAt, deadlines }: ClueRecord): NextStep | null {
  const what = dueOf(state, repliedAt);
  const due = what && deadlines[what];
  return due ? { at: due.at, key: `console.clueDate.${what}` } : null;
}

/** The first job of a year's plan that is not done. */
export const nextOfPlan = ({
  milestones,
}: {
  readonly milestones: readonly {
    readonly what: string;
    readonly dueAt: string;
    readonly doneAt?: string | undefined;
  }[];
}): NextStep | null =>
  earliest(
    milestones.flatMap(({ what, dueAt, doneAt }) =>
      doneAt === undefined ? [{ at: dueAt, key: `console.milestone.${what}` }] : [],
    ),
  );

/** What comes next of a number, read from the store: a task, campaign, case, clue or recommendation. */
export async function nextOf(store: Store, no: string): Promise<NextStep | null> {
  const task = await store.tasks.findById(no, { state: 1, machine: 1 }).lean<TaskRecord>();
  if (task) return nextOfTask(task);
  const campaign = await store.campaigns.findById(no).lean<CampaignRecord>();
  if (campaign) return nextOfCampaign(campaign);
  const clue = await store.clues.findById(no).lean<ClueRecord>();
  if (clue) return nextOfClue(clue);
  const [matter, tasks] = await Promise.all([
    store.cases.findById(no, { deadlines: 1 }).lean<CaseRecord>(),
    store.tasks
      .find({ owner: no, state: { $in: OPEN_STATUSES } }, { state: 1, machine: 1 })
      .limit(200)
      .lean<TaskRecord[]>(),
  ]);
  return nextOfCase(matter ?? { deadlines: [] }, tasks);
}
