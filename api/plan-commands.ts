import { summaryOf } from '../domain/stand-words.ts';
import { WorkflowExecutionAlreadyStartedError, WorkflowNotFoundError } from '@temporalio/client';
import { stamp } from '../domain/clock.ts';
import type { PlanCommand, PlanStand } from '../domain/plan.ts';
import { Refusal } from '../domain/refusals.ts';
import type { PlanRecord } from '../models/plan.ts';
import { type CommandPlan, WORK_QUEUE, commandPlan, planId } from '../workflows/messages.ts';
import { reached, updateIdOf, waitsUntil } from './commands.ts';
import type { ApiDeps } from './deps.ts';

/** How long a caller waits for the worker to take the approval up; it is in the engine already then. */
const TAKEN_UP_MS = 5_000;

/** Starts the year that was approved. */
export async function startPlan(deps: ApiDeps, plan: PlanRecord, by: string): Promise<void> {
  const { _id: no, year, version } = plan;
  const at = stamp(await deps.clock.now());
  await reached(deps, () =>
    deps.client.workflow.start('planWorkflow', {
      workflowId: planId(no),
      taskQueue: WORK_QUEUE,
      args: [{ no, year, by, at, version }],
      workflowIdReusePolicy: 'ALLOW_DUPLICATE',
      staticSummary: summaryOf('plan', no, `${year}年`),
      staticDetails: `控制台：${deps.office.publicUrl}/console/plans/${no}`,
    }),
  ).catch((error: unknown) => {
    if (!(error instanceof WorkflowExecutionAlreadyStartedError)) throw error;
  });
  const until = Date.now() + TAKEN_UP_MS;
  while (Date.now() < until) {
    const row = await deps.store.plans.findById(no, { state: 1 }).lean();
    if (row?.state !== 'draft') return;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

/** Gives a command to a running plan; a refusal comes back as one, no worker as 503. */
export async function tellPlan(
  deps: ApiDeps,
  no: string,
  order: { readonly key: string; readonly command: PlanCommand },
): Promise<PlanStand> {
  const id = updateIdOf(order.key);
  const command = { ...order.command, id, until: await waitsUntil(deps) } as CommandPlan;
  return reached(deps, () =>
    deps.client.workflow.getHandle(planId(no)).executeUpdate(commandPlan, { args: [command], updateId: id }),
  ).catch((error: unknown) => {
    throw error instanceof WorkflowNotFoundError ? new Refusal('plan-not-running') : error;
  });
}
