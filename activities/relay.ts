import type { Client } from '@temporalio/client';
import { WorkflowNotFoundError } from '@temporalio/client';
import type { Submission } from '../domain/task.ts';
import { appendEvents } from '../models/event.ts';
import type { Store } from '../models/store.ts';
import type { SubmissionRecord } from '../models/submission.ts';
import { inPhases, ownerId } from '../workflows/messages.ts';

export interface RelayOptions {
  readonly store: Store;
  readonly client: Client;
  /** Told again when not consumed after this time, in milliseconds. */
  readonly againMs?: number;
}

/** Rest after a round for each group told in it, and at the most, in ms: where answers rush in, more of them go into one signal. A signal costs the engine the same for one as for fifty; whoever decides on a task has its group told at once (api/reviews.ts). */
const REST_A_GROUP_MS = 150;
const REST_AT_MOST_MS = 15_000;

/** Told in one round at the most. */
const ROUND = 10_000;

/** Until when a store's submissions rest, epoch ms. */
const rests = new WeakMap<Store, number>();

/** What a group is told, and what is recorded where it has ended; never the text. */
const TOLD = { told: 1, group: 1, owner: 1, task: 1, by: 1, receivedAt: 1, kind: 1, channel: 1 } as const;
type Told = Pick<SubmissionRecord, '_id' | keyof typeof TOLD>;

/** Tells each group what came in, many submissions in one signal, and again what it has not taken in; returns how many were told. The first after a quiet moment is told at once. Several relays may run: a repeat changes nothing. */
export async function tellGroups({ store, client, againMs = 10_000 }: RelayOptions): Promise<number> {
  if (Date.now() < (rests.get(store) ?? 0)) return 0;
  const again = { $lt: new Date(Date.now() - againMs) };
  const waiting = await store.submissions.collection
    .find<Told>({ consumed: false, $or: [{ toldAt: null }, { toldAt: again }] }, { projection: TOLD })
    .sort({ storedAt: 1 })
    .limit(ROUND)
    .toArray();
  const groups = new Map<string, Told[]>();
  for (const one of waiting) {
    const list = groups.get(one.group);
    if (list) list.push(one);
    else groups.set(one.group, [one]);
  }
  if (waiting.length < ROUND)
    rests.set(store, Date.now() + Math.min(groups.size * REST_A_GROUP_MS, REST_AT_MOST_MS));
  await Promise.all([...groups].map(([group, list]) => tellGroup({ store, client }, group, list)));
  return waiting.length;
}

async function tellGroup(
  { store, client }: RelayOptions,
  group: string,
  list: readonly Told[],
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
    await wakeObjectedTo(client, list);
    await recordAfterEnd(store, list);
  }
}

/** An objection has a term of its own, which may outlive its task: whoever issued the document hears of it. */
async function wakeObjectedTo(client: Client, list: readonly Told[]): Promise<void> {
  const owners = new Set(list.filter((one) => one.kind === 'objection').map((one) => one.owner));
  for (const owner of owners) {
    if (inPhases(owner)) continue;
    try {
      await client.workflow.getHandle(ownerId(owner)).signal('wake');
    } catch (error) {
      if (!(error instanceof WorkflowNotFoundError)) throw error;
    }
  }
}

/** What comes for a group that has ended is recorded all the same. */
async function recordAfterEnd(store: Store, list: readonly Told[]): Promise<void> {
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
