import { condition, defineSignal, proxyActivities, setHandler } from '@temporalio/workflow';

const { sendBatch } = proxyActivities<{ sendBatch(ids: readonly string[]): Promise<void> }>({
  startToCloseTimeout: '10 minutes',
  heartbeatTimeout: '30 seconds',
});

/** A hundred tasks and nothing else: mailed by one activity, then waited for. Resolves with how many were answered. */
export async function hundredTasks(ids: readonly string[]): Promise<number> {
  const open = new Set(ids);
  setHandler(defineSignal<[readonly string[]]>('answered'), (told) => told.forEach((id) => open.delete(id)));
  await sendBatch(ids);
  await condition(() => open.size === 0, '7 days');
  return ids.length - open.size;
}
