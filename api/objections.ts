import { Refusal } from '../domain/refusals.ts';
import { yearOf } from '../models/objection.ts';
import type { SubmissionRecord } from '../models/submission.ts';
import { tellTask } from './commands.ts';
import type { ApiDeps } from './deps.ts';
import { problemOf } from './problem.ts';

/** An objection that a final result overtook is kept, and its sender learns that it changes nothing any more. */
export function refuseLateObjection({
  kind,
  late,
  owner,
}: Pick<SubmissionRecord, 'kind' | 'late' | 'owner'>): void {
  if (kind !== 'objection' || !late) return;
  if (yearOf(owner) !== undefined) throw new Refusal('appraisal-final');
  throw new Refusal('file-review-out-of-step', '评查结果已经确定，您的异议已留存，不再改变结果');
}

/** Ends the agency's task with the answer to what it said; a task that has ended needs no second word. */
export async function tellObjector(
  deps: ApiDeps,
  objection: string,
  { key, by, reason }: { readonly key: string; readonly by: string; readonly reason: string },
): Promise<void> {
  const said = await deps.store.submissions.findById(objection, { task: 1, group: 1 }).lean();
  if (!said) return;
  const command = { kind: 'withdraw' as const, task: said.task, by, reason };
  await tellTask(deps, said.group, { key, command }).catch((error: unknown) => {
    if (problemOf(error)?.code !== 'task-closed') throw error;
  });
}
