import { WorkflowNotFoundError } from '@temporalio/client';
import { Refusal } from '../domain/refusals.ts';
import type { Term } from '../domain/deadline.ts';
import type { ReturnedItem } from '../domain/task.ts';
import type { SubmissionRecord } from '../models/submission.ts';
import type { TaskRecord } from '../models/task.ts';
import { submittedSignal } from '../workflows/messages.ts';
import type { Actor } from './access.ts';
import { reached, tellTask } from './commands.ts';
import type { ApiDeps } from './deps.ts';
import { matches } from './etag.ts';
import { engineUnavailable } from './problem.ts';
import { etagOf, roundAnswers } from './task-view.ts';

export type ReviewOrder = {
  readonly ifMatch: string;
  readonly key: string;
  readonly actor: Actor;
} & (
  | { readonly verdict: 'accept' }
  | { readonly verdict: 'return'; readonly items: readonly ReturnedItem[]; readonly term: Term }
);

/** A judgement on the answers that the reviewer saw; a newer one, told to the group or not yet, is 412. Nobody reviews their own agency. */
export async function reviewTask(deps: ApiDeps, task: TaskRecord, order: ReviewOrder) {
  const { actor, key } = order;
  if (actor.agency === task.agency) throw new Refusal('own-agency');
  if (task.state === 'closed' || task.state === 'withdrawn') throw new Refusal('task-closed');
  const answers = await roundAnswers(deps, task);
  if (answers.length === 0) throw new Refusal('nothing-to-review');
  if (!matches(order.ifMatch, etagOf(task.round, answers))) throw new Refusal('stale-version');
  await consumed(deps, task._id);
  const base = { task: task._id, by: actor.name, answers: answers.map((one) => one._id) };
  const command =
    order.verdict === 'accept'
      ? { ...base, kind: 'accept' as const }
      : { ...base, kind: 'return' as const, items: order.items, term: order.term };
  const { status, round } = await tellTask(deps, task.group, { key, command });
  const after = await deps.store.tasks.findById(task._id, { due: 1 }).lean();
  return { no: task._id, verdict: order.verdict, state: status, round, due: after?.due ?? task.due };
}

/** Waits until the group has taken in what was stored for a task, which it is told at once: a decision is made on what the agency said. */
export async function consumed(deps: ApiDeps, task: string): Promise<void> {
  const until = Date.now() + 5_000;
  const told = new Set<string>();
  for (;;) {
    const filter = { task, consumed: false };
    const waiting = await deps.store.submissions.find(filter, { told: 1, group: 1 }).lean();
    if (waiting.length === 0) return;
    if (Date.now() > until) throw engineUnavailable();
    await tell(
      deps,
      waiting.filter((one) => !told.has(one._id)),
    );
    for (const one of waiting) told.add(one._id);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

/** Tells a group before its turn; being told again later changes nothing, and what came after its end the relay records. */
async function tell(
  deps: ApiDeps,
  waiting: readonly Pick<SubmissionRecord, 'told' | 'group'>[],
): Promise<void> {
  const [first] = waiting;
  if (!first) return;
  const handle = deps.client.workflow.getHandle(first.group);
  const told = waiting.map((one) => one.told);
  await reached(deps, () => handle.signal(submittedSignal, told)).catch((error: unknown) => {
    if (!(error instanceof WorkflowNotFoundError)) throw error;
  });
}
