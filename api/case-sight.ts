import type { CaseStatus, ClockName } from '../domain/case.ts';
import { stamp } from '../domain/clock.ts';
import type { CaseRecord } from '../models/case.ts';
import type { DocumentRecord } from '../models/document.ts';
import type { MessageRecord } from '../models/message.ts';
import type { TaskRecord } from '../models/task.ts';
import type { ApiDeps } from './deps.ts';

export type BlockerCause =
  | 'retrying'
  | 'noWorker'
  | 'undeliverable'
  | 'notAcknowledged'
  | 'awaitingReview'
  | 'awaitingApproval'
  | 'extensionUndecided'
  | 'awaitingAgency';

/** What is looked for after a fault of the system, in this order; the first that is found is said: the mail, the signature, ourselves, an extension, the agency. */
export const TASK_CAUSES = [
  'undeliverable',
  'notAcknowledged',
  'awaitingReview',
  'awaitingApproval',
  'extensionUndecided',
  'awaitingAgency',
] as const satisfies readonly BlockerCause[];

/** Why a case waits: in one sentence, from its state. */
export interface Blocker {
  readonly blocked: boolean;
  readonly cause: BlockerCause | null;
  readonly since: string;
  readonly owner: 'system' | 'office' | 'approver' | 'agency' | 'elsewhere';
  readonly sentence: string;
  readonly next: { readonly at: string; readonly step: string } | null;
  readonly actions: readonly string[];
}

/** What there is to see of a task that waits. */
export interface TaskSight {
  readonly deps: ApiDeps;
  readonly task: TaskRecord | undefined;
  readonly messages: readonly MessageRecord[];
  /** Workflows that carry it. */
  readonly workflows: readonly string[];
  /** Epoch ms on the product's clock. */
  readonly now: number;
  readonly say: (zh: string, en: string) => string;
}

/** What there is to see of a case that waits. */
export interface Sight extends TaskSight {
  readonly matter: CaseRecord;
  readonly papers: readonly DocumentRecord[];
}

export type Look = (sight: Sight) => Blocker | undefined | Promise<Blocker | undefined>;

/** When the clock acts next by itself for a task. */
export const milestone = (task: TaskRecord): Blocker['next'] => {
  const next = task.machine.milestones[0];
  return next ? { at: stamp(next.at), step: next.what } : null;
};

/** The date of the case's own that runs by one of these names. */
export function clockOf({ matter }: Sight, names: readonly ClockName[]) {
  const due = matter.deadlines.findLast(
    (one) => one.state !== 'ended' && names.includes(one.name as ClockName),
  );
  return due ? { at: due.deadline.at, step: due.name } : null;
}

/** The next date of the case's own. */
export const nextDate = ({ matter }: Sight): Blocker['next'] => {
  const due = matter.deadlines
    .filter((one) => one.state === 'running')
    .toSorted((a, b) => Date.parse(a.deadline.at) - Date.parse(b.deadline.at))[0];
  return due ? { at: due.deadline.at, step: due.name } : null;
};

/** When the state that is shown began, as far as its own date tells. */
export const sinceOf = ({ matter, task }: Sight): string =>
  matter.deadlines.findLast((one) => one.state !== 'ended')?.deadline.from ??
  task?.openedAt ??
  matter.openedAt;

/** What a person does about a state that waits for the office. */
export const STEPS_OF: Readonly<Partial<Record<CaseStatus, readonly string[]>>> = {
  accepted: ['filing'],
  filed: ['documents'],
  statementReceived: ['verification', 'investigation-records'],
  investigating: ['investigation-records', 'review', 'documents'],
  reviewing: ['review', 'documents'],
  verifying: ['verification'],
  executionReported: ['verification'],
  decisionProposed: ['government-submission'],
  governmentApproving: ['government-approval'],
  sentBack: ['documents', 'review'],
  terminated: ['closure'],
  verified: ['closure'],
  closed: ['reply'],
  replied: ['archive'],
  suspended: ['resumption'],
};
