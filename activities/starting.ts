import { type Client, WorkflowExecutionAlreadyStartedError } from '@temporalio/client';
import { summaryOf } from '../domain/stand-words.ts';
import { WORK_QUEUE } from '../workflows/messages.ts';
import type { TaskGroup } from '../workflows/task.ts';
import type { Deps } from './deps.ts';

interface Start {
  readonly id: string;
  readonly input: object;
  /** The line that names it in the engine. */
  readonly summary: string;
  readonly details?: string;
  /** Where there ever was one of that id, too, nothing is started. */
  readonly once?: true;
}

/** Starts a workflow on the queue of work; false where one of that id is there already. */
export async function startWorkflow(
  client: Client,
  workflow: string,
  { id, input, summary, details, once }: Start,
): Promise<boolean> {
  try {
    await client.workflow.start(workflow, {
      workflowId: id,
      taskQueue: WORK_QUEUE,
      args: [input],
      workflowIdReusePolicy: once ? 'REJECT_DUPLICATE' : 'ALLOW_DUPLICATE',
      staticSummary: summary,
      ...(details === undefined ? {} : { staticDetails: details }),
    });
    return true;
  } catch (error) {
    if (error instanceof WorkflowExecutionAlreadyStartedError) return false;
    throw error;
  }
}

/** The line that names a group of tasks in the engine. */
export const groupSummary = (owner: string, group: string): string =>
  summaryOf('tasks', owner, group.split('/').slice(2).join('/'));

/** Starts a group of an owner's tasks; one that is there already is as good. */
export async function startGroup({ client, office }: Deps, input: TaskGroup): Promise<void> {
  const { id, owner } = input;
  await startWorkflow(client, 'taskGroupWorkflow', {
    id,
    input,
    summary: groupSummary(owner, id),
    details: `控制台：${office.publicUrl}/console/tasks?owner=${encodeURIComponent(owner)}`,
    once: true,
  });
}
