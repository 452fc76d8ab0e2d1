import type { Client } from '@temporalio/client';
import { WorkflowNotFoundError } from '@temporalio/client';
import { type ClockMapping, SAME_CLOCK, productAt } from '../domain/clock.ts';
import { OPEN_STATUSES } from '../domain/task.ts';
import type { Store } from '../models/store.ts';
import { type GroupOrder, ownerId, rosterId } from '../workflows/messages.ts';

/** A Monday in a year whose calendar is published whole: the demo's campaigns end within it. */
const FIRST_DAY = Date.parse('2026-03-02T08:30:00+08:00');
const KEEPS_EVERY_MS = 2_000;

/** `system`, or the seconds that a day takes. */
export type ClockChoice = 'system' | number;

/** Sets the clock as it shall run; a demo's goes on from where it stopped, however it stopped. */
export async function setClock(store: Store, choice: ClockChoice): Promise<ClockMapping> {
  if (choice === 'system') {
    await store.settings.deleteMany({ _id: { $in: ['clock', 'clock-last'] } });
    return SAME_CLOCK;
  }
  const last = await store.settings.findById('clock-last').lean();
  const product = typeof last?.value === 'number' ? last.value : FIRST_DAY;
  return write(store, { engine: Date.now(), product, rate: 86_400 / choice });
}

async function write(store: Store, mapping: ClockMapping): Promise<ClockMapping> {
  await store.settings.updateOne({ _id: 'clock' }, { $set: { value: mapping } }, { upsert: true });
  return mapping;
}

/** The demo's clock as it runs now; undefined where the system's is used. */
export async function readClock(store: Store): Promise<ClockMapping | undefined> {
  const row = await store.settings.findById('clock').lean();
  return row ? (row.value as ClockMapping) : undefined;
}

/** Remembers what the clock shows, so that a killed demo does not jump over the night. */
export function keepClock(store: Store): () => Promise<void> {
  const keep = async (): Promise<void> => {
    const mapping = await readClock(store);
    if (!mapping) return;
    const value = productAt(mapping, Date.now());
    await store.settings.updateOne({ _id: 'clock-last' }, { $set: { value } }, { upsert: true });
  };
  const timer = setInterval(() => void keep().catch(() => undefined), KEEPS_EVERY_MS);
  return async () => {
    clearInterval(timer);
    await keep().catch(() => undefined);
  };
}

/** Puts the demo's clock forward, or lets it run at another pace, and tells every open workflow. */
export async function moveClock(
  { store, client }: { readonly store: Store; readonly client: Client },
  /** Ms of the product's time forward; seconds that a day takes from now on. */
  change: { readonly forwardMs?: number; readonly daySeconds?: number },
): Promise<ClockMapping> {
  const before = await readClock(store);
  if (!before) throw new Error('没有演示时钟（JIANDU_CLOCK=system）');
  const now = Date.now();
  const mapping = await write(store, {
    engine: now,
    product: productAt(before, now) + (change.forwardMs ?? 0),
    rate: change.daySeconds === undefined ? before.rate : 86_400 / change.daySeconds,
  });
  await tellClock(store, client, mapping);
  return mapping;
}

/** When the clock does the next thing of its own to an open task: epoch ms of the product's clock. */
export async function nextNode(store: Store, now: number): Promise<number | undefined> {
  const [first] = await store.tasks.aggregate<{ at: number }>([
    { $match: { state: { $in: OPEN_STATUSES } } },
    { $unwind: '$machine.milestones' },
    { $match: { 'machine.milestones.at': { $gt: now } } },
    { $group: { _id: null, at: { $min: '$machine.milestones.at' } } },
  ]);
  return first?.at;
}

/** Every workflow that waits for the product's clock asks again. */
export async function tellClock(store: Store, client: Client, clock: ClockMapping): Promise<void> {
  const id = `clock/${clock.engine}`;
  const groups = await store.tasks.distinct('group', { state: { $in: OPEN_STATUSES } });
  const campaigns = await store.campaigns.distinct('_id', {
    state: { $in: ['launching', 'running', 'paused', 'summarising'] },
  });
  const cases = await store.cases.distinct('_id', { state: { $ne: 'archived' } });
  const plans = await store.plans.distinct('_id', { state: 'running' });
  const measures = await store.accountabilities.distinct('_id');
  const reviews = await store.fileReviews.distinct('_id', { state: 'preliminary' });
  const months = await store.rosterMonths.distinct('_id', { state: 'running' });
  const owners = [...campaigns, ...cases, ...plans, ...measures, ...reviews].map(ownerId);
  const order: GroupOrder = { id, by: 'clock', kind: 'clockMoved', clock };
  const told = [
    ...groups.map((group) => client.workflow.getHandle(group).signal<[GroupOrder]>('order', order)),
    ...[...owners, ...months.map(rosterId)].map((id) =>
      client.workflow.getHandle(id).signal<[ClockMapping]>('clock', clock),
    ),
  ];
  for (const result of await Promise.allSettled(told))
    if (result.status === 'rejected' && !(result.reason instanceof WorkflowNotFoundError))
      throw result.reason;
}
