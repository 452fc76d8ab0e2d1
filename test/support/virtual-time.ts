import { WorkflowNotFoundError, isGrpcServiceError } from '@temporalio/client';
import type { TestWorkflowEnvironment as Environment } from '@temporalio/testing';
import { OPEN_STATUSES } from '../../domain/task.ts';
import type { Store } from '../../models/store.ts';
import {
  accountabilityId,
  campaignId,
  caseId,
  fileReviewId,
  planId,
  rosterId,
} from '../../workflows/messages.ts';
import { eventually } from './eventually.ts';

/** The store and the engine behind a house. */
interface Parts {
  readonly store: Store;
  readonly env: Environment;
}

const DAY = 86_400_000;
/** Longest leap of virtual time without a look at whether everything is done. */
const LEAP = 2 * DAY;
/** No timer is due for so long after a leap, in ms. */
const CLEAR = 60_000;
/** A leap takes longer only where a workflow is stranded, in ms of real time. */
const STILL = 90_000;
/** gRPC's code. */
const NOT_FOUND = 5;

/** Lets virtual time pass to this instant of the engine (epoch ms), or a minute or so further where timers are due just then. */
export async function leapTo(parts: Parts, instant: number): Promise<void> {
  const { env } = parts;
  await settled(parts);
  for (;;) {
    const left = instant - (await env.currentTimeMs());
    if (left <= 0) break;
    await passed(parts, Math.min(left, LEAP));
    await settled(parts);
  }
  await clearOfTimers(parts);
}

/** A leap that does not end says which workflow holds it up. */
async function passed(parts: Parts, ms: number): Promise<void> {
  let watch: NodeJS.Timeout | undefined;
  const stuck = new Promise<never>((_, reject) => {
    watch = setTimeout(() => {
      underWay(parts).then((all) => reject(new Error(`time stands still: ${all.join('; ')}`)), reject);
    }, STILL);
  });
  try {
    await Promise.race([parts.env.sleep(ms), stuck]);
  } finally {
    clearTimeout(watch);
  }
}

/** The last events of the workflows that have something under way. */
async function underWay({ store, env }: Parts): Promise<string[]> {
  const ids = await openWorkflows(store);
  const lines = ids.map((id) =>
    ofRunning(async () => {
      const handle = env.client.workflow.getHandle(id);
      const { raw } = await handle.describe();
      const { events } = await handle.fetchHistory();
      const last = (events ?? []).slice(-6).map((one) => `${String(one.eventId)} ${String(one.eventType)}`);
      const pending = (raw.pendingActivities ?? []).map((one) => one.activityType?.name);
      return `${id}: ${last.join(', ')}${pending.length > 0 ? ` with ${pending.join(', ')}` : ''}`;
    }, `${id}: not started`),
  );
  return Promise.all(lines);
}

/** What people sent is taken in, and no workflow has anything under way. */
export async function settled({ store, env }: Parts): Promise<void> {
  await eventually(async () => {
    const [waiting, unread] = await Promise.all([
      store.submissions.countDocuments({ consumed: false }),
      store.incoming.countDocuments({ disposition: 'pending' }),
    ]);
    if (waiting + unread > 0) throw new Error(`${waiting} submissions and ${unread} mails are waiting`);
    for (const id of await openWorkflows(store))
      if (await isBusy(env, id)) throw new Error(`${id} has something under way`);
  });
}

/** The time-skipping server strands a workflow whose step cancels a timer that fired while the step was with the worker: so nothing is sent while one is about to fire. */
async function clearOfTimers(parts: Parts): Promise<void> {
  const { env, store } = parts;
  for (let tries = 0; tries < 5; tries += 1) {
    const timers = await Promise.all((await openWorkflows(store)).map((id) => timersOf(env, id)));
    const left = Math.min(...timers.flat()) - (await env.currentTimeMs());
    if (left > CLEAR) return;
    await passed(parts, Math.max(0, left) + 1_000);
    await settled(parts);
  }
}

async function openWorkflows(store: Store): Promise<string[]> {
  const campaigns = await store.campaigns.distinct('_id', {
    state: { $nin: ['draft', 'closed', 'recalled', 'cancelled'] },
  });
  const cases = await store.cases.distinct('_id', { state: { $ne: 'archived' } });
  const measures = await store.accountabilities.distinct('_id', {
    state: { $nin: ['declined', 'withdrawn', 'ended'] },
  });
  const reviews = await store.fileReviews.distinct('_id', { state: 'preliminary' });
  const groups = await store.tasks.distinct('group', { state: { $in: OPEN_STATUSES } });
  const plans = await store.plans.distinct('_id', { state: 'running' });
  const months = await store.rosterMonths.distinct('_id', { state: 'running' });
  return [
    ...months.map(rosterId),
    ...campaigns.map(campaignId),
    ...cases.map(caseId),
    ...measures.map(accountabilityId),
    ...plans.map(planId),
    ...reviews.map(fileReviewId),
    ...groups,
  ];
}

/** A group that its owner has not started yet is at rest, too. */
async function ofRunning<T>(work: () => Promise<T>, otherwise: T): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof WorkflowNotFoundError) return otherwise;
    if (isGrpcServiceError(error) && (error.code as number) === NOT_FOUND) return otherwise;
    throw error;
  }
}

/** A workflow whose steps or activities are under way is not at rest. (The time-skipping server tells activities only; its clock waits for steps.) */
const isBusy = (env: Environment, id: string): Promise<boolean> =>
  ofRunning(async () => {
    const { raw } = await env.client.workflow.getHandle(id).describe();
    return Boolean(raw.pendingWorkflowTask) || (raw.pendingActivities ?? []).length > 0;
  }, false);

/** When a workflow's timers are due: epoch ms on the engine's clock. */
const timersOf = (env: Environment, id: string): Promise<number[]> =>
  ofRunning(async () => {
    const { events } = await env.client.workflow.getHandle(id).fetchHistory();
    const due = new Map<string, number>();
    for (const event of events ?? []) {
      const { timerStartedEventAttributes: started, eventTime } = event;
      const over = event.timerFiredEventAttributes ?? event.timerCanceledEventAttributes;
      if (started?.timerId) due.set(started.timerId, msOf(eventTime) + msOf(started.startToFireTimeout));
      if (over?.timerId) due.delete(over.timerId);
    }
    return [...due.values()];
  }, []);

const msOf = (
  time: { readonly seconds?: unknown; readonly nanos?: number | null | undefined } | null | undefined,
): number => Number(time?.seconds ?? 0) * 1_000 + (time?.nanos ?? 0) / 1_000_000;
