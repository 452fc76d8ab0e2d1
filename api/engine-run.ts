import { historyToJSON } from '@temporalio/common/lib/proto-utils.js';
import { reached } from './commands.ts';
import type { ApiDeps } from './deps.ts';

/** Events that are listed; the Web UI has them all. */
const MOST_EVENTS = 40;
/** A page does not wait longer for the engine. */
const PATIENCE_MS = 2_000;

/** Where a workflow stands in the engine, in the engine's own words; `away` when it does not answer. */
export interface EngineRun {
  readonly workflow: string;
  readonly away: boolean;
  readonly run: string;
  readonly status: string;
  readonly length: number;
  /** Address in the engine's Web UI; empty where none is configured or the engine has forgotten the run. */
  readonly href: string;
  readonly events: readonly { readonly id: string; readonly type: string; readonly at: string }[];
}

/** The page of a run in the Temporal Web UI, as it writes its addresses itself. */
export const webUi = (
  { temporalUi, client }: Pick<ApiDeps, 'temporalUi' | 'client'>,
  { workflow, run }: { readonly workflow: string; readonly run: string },
): string =>
  temporalUi === undefined
    ? ''
    : `${temporalUi.replace(/\/$/, '')}/namespaces/${encodeURIComponent(client.options.namespace)}/workflows/${encodeURIComponent(workflow)}/${encodeURIComponent(run)}/history`;

export async function engineRun(deps: ApiDeps, workflow: string): Promise<EngineRun> {
  const nothing = { workflow, away: false, run: '', status: '', length: 0, href: '', events: [] };
  try {
    const { client } = deps;
    return await client.withDeadline(Date.now() + PATIENCE_MS, async () => {
      const found = await reached(deps, () => client.workflow.getHandle(workflow).describe());
      const events = await latestEvents(deps, { workflow, run: found.runId }).catch(() => []);
      return {
        workflow,
        away: false,
        run: found.runId,
        status: found.status.name,
        length: found.historyLength,
        href: webUi(deps, { workflow, run: found.runId }),
        events,
      };
    });
  } catch (error) {
    if (error instanceof Error && error.name === 'WorkflowNotFoundError') return nothing;
    return { ...nothing, away: true };
  }
}

/** The latest first; a history may be thousands long. */
async function latestEvents({ client }: ApiDeps, { workflow, run }: { workflow: string; run: string }) {
  const { history } = await client.workflowService.getWorkflowExecutionHistoryReverse({
    namespace: client.options.namespace,
    execution: { workflowId: workflow, runId: run },
    maximumPageSize: MOST_EVENTS,
  });
  if (!history) return [];
  const { events } = JSON.parse(historyToJSON(history)) as { events: readonly RawEvent[] };
  return events.map(({ eventId, eventType, eventTime }) => ({
    id: eventId,
    type: eventType.replace(/^EVENT_TYPE_/, ''),
    at: eventTime,
  }));
}

interface RawEvent {
  readonly eventId: string;
  readonly eventType: string;
  readonly eventTime: string;
}
