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

/** Tells each group what came in, many submissions in one signal, and again what it has not taken in; returns how many were told. Several relays may run: a repeat changes nothing. */
export async function tellGroups({ store, client, againMs = 10_000 }: RelayOptions): Promise<number> {
  const waiting = await store.submissions
    .find({ consumed: false, $or: [{ toldAt: null }, { toldAt: { $lt: new Date(Date.now() - againMs) } }] })
    .sort({ storedAt: 1 })
    .limit(1_000)
    .lean();
  const groups = new Map<string, SubmissionRecord[]>();
  for (const one of waiting) groups.set(one.group, [...(groups.get(one.group) ?? []), one]);
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
