import { MAIL_QUEUE, WORK_QUEUE } from '../workflows/messages.ts';
import type { ApiDeps } from './deps.ts';

/** Who works for the engine, as it was when it was last reached. */
export interface EngineStand {
  readonly away: boolean;
  /** Wall time of the reading, RFC 3339; empty where there never was one. */
  readonly readAt: string;
  readonly queues: readonly { readonly queue: string; readonly workers: readonly string[] }[];
}

// The mail queue has activities only: nobody asks it for workflow tasks. The engine numbers the kinds 1 and 2.
const QUEUES: readonly { readonly queue: string; readonly asks: { readonly taskQueueType: number } }[] = [
  { queue: WORK_QUEUE, asks: { taskQueueType: 1 } },
  { queue: MAIL_QUEUE, asks: { taskQueueType: 2 } },
];
const PATIENCE_MS = 2_000;
/** A worker that has not asked for work for so long is gone, in ms. */
const SILENT_MS = 120_000;
const last = new WeakMap<ApiDeps['client'], EngineStand>();

/** Asks the engine who polls its queues; while it is away the last reading stands, and says when it was taken. */
export async function engineStand({ client }: Pick<ApiDeps, 'client'>): Promise<EngineStand> {
  try {
    const queues = await client.withDeadline(Date.now() + PATIENCE_MS, () =>
      Promise.all(
        QUEUES.map(async ({ queue, asks }) => {
          const { pollers } = await client.workflowService.describeTaskQueue({
            namespace: client.options.namespace,
            taskQueue: { name: queue },
            // oxlint-disable-next-line typescript/no-unsafe-enum-assignment -- the engine's enum is in a package that is no dependency
            ...asks,
          });
          const alive = (pollers ?? []).filter(
            (one) => Date.now() - Number(one.lastAccessTime?.seconds ?? 0) * 1_000 < SILENT_MS,
          );
          return { queue, workers: [...new Set(alive.map((one) => one.identity ?? ''))].toSorted() };
        }),
      ),
    );
    const stand = { away: false, readAt: new Date().toISOString(), queues };
    last.set(client, stand);
    return stand;
  } catch {
    return { ...(last.get(client) ?? { readAt: '', queues: [] }), away: true };
  }
}
