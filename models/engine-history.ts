import type { Client } from '@temporalio/client';
import { historyToJSON } from '@temporalio/common/lib/proto-utils.js';

/** One run of a workflow that the engine still has; a workflow that continues as new leaves one behind each time. */
export interface EngineRun {
  readonly run: string;
  readonly running: boolean;
  readonly closedAt?: Date;
}

/** A workflow's runs, oldest first, back to the one after `known` or to what retention has left; none where the engine knows nothing of it. */
export async function runsOf(
  client: Client,
  workflow: string,
  known: ReadonlySet<string> = new Set(),
): Promise<EngineRun[]> {
  const runs: EngineRun[] = [];
  let next: string | undefined = '';
  while (next !== undefined && !known.has(next)) {
    const found = await lookUp(client, workflow, next);
    if (found === undefined) break;
    runs.unshift(found);
    next = await runBefore(client, workflow, found.run);
  }
  return runs;
}

/** A run's history as JSON, payloads as the engine keeps them. */
export async function historyOfRun(client: Client, workflow: string, run: string): Promise<string> {
  return historyToJSON(await client.workflow.getHandle(workflow, run).fetchHistory());
}

async function lookUp(client: Client, workflow: string, run: string): Promise<EngineRun | undefined> {
  const handle = client.workflow.getHandle(workflow, run === '' ? undefined : run);
  try {
    const { runId, status, closeTime } = await handle.describe();
    const running = status.name === 'RUNNING';
    return { run: runId, running, ...(closeTime === undefined ? {} : { closedAt: closeTime }) };
  } catch (error) {
    if (error instanceof Error && error.name === 'WorkflowNotFoundError') return undefined;
    throw error;
  }
}

/** The run that continued as this one, out of this one's first event. */
async function runBefore(client: Client, workflowId: string, runId: string): Promise<string | undefined> {
  const { history } = await client.workflowService.getWorkflowExecutionHistory({
    namespace: client.options.namespace,
    execution: { workflowId, runId },
    maximumPageSize: 1,
  });
  const before = history?.events?.[0]?.workflowExecutionStartedEventAttributes?.continuedExecutionRunId;
  return before === undefined || before === null || before === '' ? undefined : before;
}
