import type { MessageCollection, MessageRecord } from '../models/message.ts';
import { DURABLE } from '../models/message.ts';

/** A record without its bytes, which are read only when they are to be sent. */
export type MessageHead = Omit<MessageRecord, 'raw'>;

/** What became of an attempt, to be written where the fence is still ours. */
export interface Conclusion {
  readonly id: string;
  readonly set: Partial<MessageRecord>;
}

export interface Mark {
  readonly fence: string;
  /** epoch ms after which the marked mails are connected for no more */
  readonly lease: number;
  /** epoch ms of the marking */
  readonly at: number;
}

export interface Identity {
  readonly subject: string;
  readonly kind: string;
  readonly sequence: number;
  readonly recipient: string;
}

export type OutboxRecords = ReturnType<typeof outboxRecords>;

/** Longest wait for a database that changes its primary; the driver's own retry comes before it. */
const PATIENCE_MS = 45_000;
const HEAD = { raw: 0 } as const;

/** The outbox's reads and writes: each may run twice, and each write is majority and journalled. */
export function outboxRecords(messages: MessageCollection) {
  const heads = (ids: readonly string[]): Promise<MessageHead[]> =>
    messages.find({ _id: { $in: [...ids] } }, { projection: HEAD }).toArray();

  /** By identity, for records written under another key or domain. */
  const identical = (identities: readonly Identity[]): Promise<MessageHead[]> =>
    messages.find({ $or: identities.map((one) => ({ ...one })) }, { projection: HEAD }).toArray();

  const bytes = async (ids: readonly string[]): Promise<Map<string, Buffer>> => {
    const rows = messages.find({ _id: { $in: [...ids] } }, { projection: { raw: 1 }, promoteBuffers: true });
    return new Map((await rows.toArray()).map((row) => [row._id, row.raw]));
  };

  /** Inserts what is not there; false when some already were. */
  const insert = async (records: readonly MessageRecord[]): Promise<boolean> => {
    try {
      await messages.insertMany([...records], { ordered: false, writeConcern: DURABLE });
      return true;
    } catch (error) {
      if (isDuplicate(error)) return false;
      throw error;
    }
  };

  /**
   * One write for both: concludes the attempts that are over, and marks the next mails `sending`.
   * Resolves with the marked mails that are ours: only they may be connected for.
   */
  const turn = async (
    over: readonly Conclusion[],
    next: readonly string[],
    mark: Mark,
  ): Promise<Set<string>> => {
    const operations = [
      ...over.map((one) => concludeOperation(one, mark.fence)),
      ...next.map((id) => markOperation(id, mark)),
    ];
    if (!operations.length) return new Set();
    const changed = await patiently(async () => {
      const result = await messages.bulkWrite(operations, { ordered: false, writeConcern: DURABLE });
      return result.modifiedCount;
    });
    if (changed === operations.length) return new Set(next);
    const ours = { _id: { $in: [...next] }, state: 'sending', fence: mark.fence } as const;
    const won = await messages.find(ours, { projection: { _id: 1 } }).toArray();
    return new Set(won.map((row) => row._id));
  };

  /** Changes the record only if nobody did since it was read. */
  const settle = async (head: MessageHead, set: Partial<MessageRecord>): Promise<boolean> => {
    const asRead = {
      _id: head._id,
      state: head.state,
      attempt: head.attempt,
      fence: head.fence ?? { $exists: false },
    };
    const result = await messages.updateOne(
      asRead,
      { $set: set, $unset: { lease: 1 } },
      { writeConcern: DURABLE },
    );
    return result.modifiedCount === 1;
  };

  const move = async (
    filter: Parameters<typeof messages.updateMany>[0],
    set: Partial<MessageRecord>,
  ): Promise<number> =>
    (
      await messages.updateMany(
        filter,
        { $set: set, $unset: { lease: 1, nextAttemptAt: 1 } },
        { writeConcern: DURABLE },
      )
    ).modifiedCount;

  /** The newest mails acknowledged after that instant. */
  const acknowledgedSince = async (began: Date): Promise<string[]> => {
    const rows = messages
      .find({ acceptedAt: { $gt: began } }, { projection: { _id: 1 } })
      .sort({ acceptedAt: -1 })
      .limit(3);
    return (await rows.toArray()).map((row) => row._id);
  };

  return { heads, identical, bytes, insert, turn, settle, move, acknowledgedSince };
}

function concludeOperation({ id, set }: Conclusion, fence: string) {
  const $unset = set.state === undefined ? {} : { $unset: { lease: 1 as const } };
  return {
    updateOne: { filter: { _id: id, state: 'sending' as const, fence }, update: { $set: set, ...$unset } },
  };
}

function markOperation(id: string, { fence, lease, at }: Mark) {
  const now = new Date(at);
  const due = [{ state: 'pending' as const }, { state: 'deferred' as const, nextAttemptAt: { $lte: now } }];
  const $set = { state: 'sending' as const, fence, lease: new Date(lease), submittedAt: now };
  const update = { $set, $inc: { attempt: 1 }, $unset: { nextAttemptAt: 1 as const } };
  return { updateOne: { filter: { _id: id, $or: due }, update } };
}

/** Every statement names its fence or its state, so a repeat changes nothing that the first try did. */
async function patiently<T>(write: () => Promise<T>): Promise<T> {
  const until = performance.now() + PATIENCE_MS;
  for (;;) {
    try {
      return await write();
    } catch (error) {
      if (performance.now() > until) throw error;
      await new Promise((resolve) => setTimeout(resolve, 500));
    }
  }
}

function isDuplicate(error: unknown): boolean {
  if (!(error instanceof Error) || !('writeErrors' in error)) return false;
  const errors = [error.writeErrors].flat() as { code?: number }[];
  return errors.length > 0 && errors.every((one) => one.code === 11000);
}
