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

  /** Inserts mails that are marked already, and resolves with those that are ours: only they may be connected for. The others were there before. */
  const begin = async (marked: readonly MessageRecord[], { fence }: Mark): Promise<Set<string>> => {
    const ids = marked.map((one) => one._id);
    if (!ids.length) return new Set();
    const whole = await patiently(async () => {
      try {
        await messages.insertMany([...marked], { ordered: false, writeConcern: DURABLE });
        return true;
      } catch (error) {
        if (isDuplicate(error)) return false;
        throw error;
      }
    });
    return whole ? new Set(ids) : oursOf(ids, fence);
  };

  /** Marks mails that were there before `sending`, and resolves with those that are ours. */
  const mark = async (ids: readonly string[], one: Mark): Promise<Set<string>> => {
    if (!ids.length) return new Set();
    const { filter, update } = markOperation(ids, one);
    const changed = await patiently(async () => {
      const result = await messages.updateMany(filter, update, { writeConcern: DURABLE });
      return result.modifiedCount;
    });
    return changed === ids.length ? new Set(ids) : oursOf(ids, one.fence);
  };

  const oursOf = async (ids: readonly string[], fence: string): Promise<Set<string>> => {
    const ours = { _id: { $in: [...ids] }, state: 'sending', fence } as const;
    const won = await messages.find(ours, { projection: { _id: 1 } }).toArray();
    return new Set(won.map((row) => row._id));
  };

  /** Writes what became of attempts. */
  const conclude = async (over: readonly Conclusion[], fence: string): Promise<void> => {
    const accepted: Accepted[] = [];
    const others: ReturnType<typeof concludeOperation>[] = [];
    for (const one of over) {
      const { state, acceptedAt, smtp } = one.set;
      if (state === 'sent' && acceptedAt && smtp) accepted.push({ id: one.id, acceptedAt, smtp });
      else others.push(concludeOperation(one, fence));
    }
    if (accepted.length) {
      const { filter, update } = acceptOperation(accepted, fence);
      await patiently(() => messages.updateMany(filter, update, { writeConcern: DURABLE }));
    }
    if (others.length)
      await patiently(() => messages.bulkWrite(others, { ordered: false, writeConcern: DURABLE }));
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

  return { heads, identical, bytes, begin, mark, conclude, settle, move, acknowledgedSince };
}

type Accepted = { readonly id: string } & Required<Pick<MessageRecord, 'acceptedAt' | 'smtp'>>;

/** One statement for all that a page's mails were told: half the database's work of a statement each. */
function acceptOperation(accepted: readonly Accepted[], fence: string) {
  const place = { $indexOfArray: [accepted.map((one) => one.id), '$_id'] };
  const told = <K extends keyof Accepted>(name: K) => ({
    $arrayElemAt: [{ $literal: accepted.map((one) => one[name]) }, place],
  });
  return {
    filter: { _id: { $in: accepted.map((one) => one.id) }, state: 'sending' as const, fence },
    update: [
      { $set: { state: 'sent', acceptedAt: told('acceptedAt'), smtp: told('smtp') } },
      { $unset: 'lease' },
    ],
  };
}

/** Of many, though it is one: the engine of the database then keeps no note of it for a retry, which it would not need. */
function concludeOperation({ id, set }: Conclusion, fence: string) {
  const $unset = set.state === undefined ? {} : { $unset: { lease: 1 as const } };
  return {
    updateMany: { filter: { _id: id, state: 'sending' as const, fence }, update: { $set: set, ...$unset } },
  };
}

function markOperation(ids: readonly string[], { fence, lease, at }: Mark) {
  const now = new Date(at);
  const due = [{ state: 'pending' as const }, { state: 'deferred' as const, nextAttemptAt: { $lte: now } }];
  const $set = { state: 'sending' as const, fence, lease: new Date(lease), submittedAt: now };
  const update = { $set, $inc: { attempt: 1 }, $unset: { nextAttemptAt: 1 as const } };
  return { filter: { _id: { $in: [...ids] }, $or: due }, update };
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
