import type { Client } from '@temporalio/client';
import { WorkflowNotFoundError } from '@temporalio/client';
import type { Submission } from '../domain/task.ts';
import { appendEvents } from '../models/event.ts';
import type { Store } from '../models/store.ts';
import type { SubmissionRecord } from '../models/submission.ts';

export interface RelayOptions {
  readonly store: Store;
  readonly client: Client;
  /** Told again when not consumed after this time, in milliseconds. */
  readonly againMs?: number;
}

/** Rest after a round for each group told in it, in ms: where answers rush in, more of them go into one signal (measured: told as they come they cost three times as much). */
const REST_A_GROUP_MS = 200;
const REST_AT_MOST_MS = 2_000;

/** When a store's submissions are told again, epoch ms. */
const rests = new WeakMap<Store, number>();

/** Tells each group what came in, many submissions in one signal, and again what it has not taken in; returns how many were told. The first after a quiet moment is told at once. Several relays may run: a repeat changes nothing. */
export async function tellGroups({ store, client, againMs = 10_000 }: RelayOptions): Promise<number> {
  if (Date.now() < (rests.get(store) ?? 0)) return 0;
  const waiting = await store.submissions.collection
    .find<SubmissionRecord>({
      consumed: false,
      $or: [{ toldAt: null }, { toldAt: { $lt: new Date(Date.now() - againMs) } }],
    })
    .sort({ storedAt: 1 })
    .limit(1_000)
    .toArray();
  if (waiting.length === 0) return 0;
  const groups = new Map<string, SubmissionRecord[]>();
  for (const one of waiting) {
    const list = groups.get(one.group);
    if (list) list.push(one);
    else groups.set(one.group, [one]);
  }
  rests.set(store, Date.now() + Math.min(groups.size * REST_A_GROUP_MS, REST_AT_MOST_MS));
  await Promise.all([...groups].map(([group, list]) => tellGroup({ store, client }, group, list)));
  return waiting.length;
}

async function tellGroup(
  { store, client }: RelayOptions,
  group: string,
  list: readonly SubmissionRecord[],
): Promise<void> {
  const ids = list.map((one) => one._id);
  try {
    await client.workflow.getHandle(group).signal<[readonly Submission[]]>(
      'submitted',
      list.map((one) => one.told),
    );
    await store.submissions.updateMany({ _id: { $in: ids } }, { $set: { toldAt: new Date() } });
  } catch (error) {
    if (!(error instanceof WorkflowNotFoundError)) throw error;
    await recordAfterEnd(store, list);
  }
}

/** What comes for a group that has ended is recorded all the same. */
async function recordAfterEnd(store: Store, list: readonly SubmissionRecord[]): Promise<void> {
  for (const one of list) {
    await appendEvents(store.events, {
      owner: one.owner,
      key: `after-end/${one._id}`,
      entries: [
        {
          task: one.task,
          at: one.receivedAt,
          source: one.kind === 'answer' ? 'answer' : 'person',
          what: 'received-after-end',
          who: one.by.name,
          detail: { submission: one._id, channel: one.channel, kind: one.kind },
        },
      ],
    });
    await store.submissions.updateOne({ _id: one._id }, { $set: { consumed: true } });
  }
}
