import { WorkflowNotFoundError, isGrpcServiceError } from '@temporalio/client';
import { WORK_QUEUE } from '../workflows/messages.ts';
import { reached } from './commands.ts';
import type { ApiDeps } from './deps.ts';

export type EngineFault =
  | { readonly kind: 'noWorker'; readonly since: string }
  | { readonly kind: 'retrying'; readonly since: string; readonly times: number };

/** Attempts after which a step counts as failing. */
const ATTEMPTS = 3;
/** A worker that has not asked for work for so long is gone, in ms. */
const SILENT_MS = 120_000;

interface Time {
  readonly seconds?: unknown;
}
const iso = (time: Time | null | undefined): string =>
  new Date(Number(time?.seconds ?? 0) * 1_000).toISOString();

/** What keeps these workflows from going on by the engine's own account: a step that fails again and again, or nobody to do it. */
export async function engineFault(
  deps: ApiDeps,
  workflows: readonly string[],
): Promise<EngineFault | undefined> {
  let waits: Time | null | undefined;
  let open = false;
  for (const id of workflows) {
    const found = await describe(deps, id);
    open ||= found?.status.name === 'RUNNING';
    const failing = (found?.raw.pendingActivities ?? []).find((one) => (one.attempt ?? 0) > ATTEMPTS);
    if (failing) {
      // Between two tries the engine names no start.
      const { lastStartedTime, lastAttemptCompleteTime, scheduledTime } = failing;
      const since = iso(lastStartedTime ?? lastAttemptCompleteTime ?? scheduledTime);
      return { kind: 'retrying', since, times: failing.attempt ?? 0 };
    }
    const step = found?.raw.pendingWorkflowTask;
    if (step && (step.attempt ?? 0) > ATTEMPTS)
      return { kind: 'retrying', since: iso(step.originalScheduledTime), times: step.attempt ?? 0 };
    waits ??= step?.originalScheduledTime ?? found?.raw.pendingActivities?.[0]?.scheduledTime;
  }
  const last = open ? await lastPoll(deps) : undefined;
  if (last === undefined || Date.now() - last < SILENT_MS) return undefined;
  return { kind: 'noWorker', since: waits ? iso(waits) : new Date(last).toISOString() };
}

const describe = async (deps: ApiDeps, id: string) =>
  reached(deps, () => deps.client.workflow.getHandle(id).describe()).catch((error: unknown) => {
    if (error instanceof WorkflowNotFoundError) return undefined;
    throw error;
  });

/** gRPC's code. */
const UNIMPLEMENTED = 12;

/** When a worker last asked for work: epoch ms; undefined where the engine does not tell. */
async function lastPoll({ client }: ApiDeps): Promise<number | undefined> {
  try {
    const { pollers } = await client.workflowService.describeTaskQueue({
      namespace: client.options.namespace,
      taskQueue: { name: WORK_QUEUE },
    });
    return Math.max(0, ...(pollers ?? []).map((one) => Number(one.lastAccessTime?.seconds ?? 0) * 1_000));
  } catch (error) {
    if (isGrpcServiceError(error) && (error.code as number) === UNIMPLEMENTED) return undefined;
    throw error;
  }
}
