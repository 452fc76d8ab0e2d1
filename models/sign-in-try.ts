import { createHash } from 'node:crypto';
import { type Connection, Schema } from 'mongoose';

/** What was tried in vain at one step of one account's sign-in, from one known browser or from all that are unknown together. */
export interface SignInTryRecord {
  /** A hash: what was typed as an account may be a password. */
  readonly _id: string;
  /** Only of an account that exists. */
  readonly account?: string;
  readonly step: 'password' | 'code';
  readonly failures: number;
  readonly waitUntil?: Date;
  readonly lockedUntil?: Date;
  /** Forgotten a day later. */
  readonly at: Date;
}

export interface SignInStep {
  readonly account: string;
  readonly step: 'password' | 'code';
  /** Of a browser that has signed in before, '' for any other: whoever guesses elsewhere does not lock its owner out. */
  readonly device: string;
}

export const MOST_FAILURES = 10;
const LOCKED_MS = 15 * 60_000;
/** Failures after which each further one doubles the wait. */
const FREE = 3;
const LONGEST_WAIT_S = 60;

export const signInTryModel = (connection: Connection) => {
  const schema = new Schema<SignInTryRecord>(
    {
      _id: { type: String, required: true },
      account: { type: String, index: true },
      step: { type: String, required: true },
      failures: { type: Number, required: true },
      waitUntil: Date,
      lockedUntil: Date,
      at: { type: Date, required: true },
    },
    { collection: 'signInTries', versionKey: false },
  );
  schema.index({ at: 1 }, { expireAfterSeconds: 86_400 });
  return connection.model<SignInTryRecord>('SignInTry', schema);
};

type Tries = ReturnType<typeof signInTryModel>;

const idOf = ({ account, step, device }: SignInStep): string =>
  createHash('sha256')
    .update(JSON.stringify([account, step, device]))
    .digest('hex');

const isOver = (field: string, now: Date) => ({ [field]: { $not: { $gt: now } } });

/** Whether this attempt may be looked at; it counts as a failure until `forgive`, so that guesses made at one moment are all counted. */
export async function take(
  tries: Tries,
  step: SignInStep,
  known: boolean,
): Promise<SignInTryRecord & { readonly may: boolean }> {
  const _id = idOf(step);
  const now = new Date();
  const failures = {
    $cond: [{ $gte: ['$failures', MOST_FAILURES] }, 1, { $add: [{ $ifNull: ['$failures', 0] }, 1] }],
  };
  const seconds = { $min: [{ $pow: [2, { $subtract: ['$failures', FREE - 1] }] }, LONGEST_WAIT_S] };
  const later = (milliseconds: object | number) => ({ $add: [now, milliseconds] });
  const reached = (n: number, then: object) => ({ $cond: [{ $gte: ['$failures', n] }, then, '$$REMOVE'] });
  const taken = await tries
    .findOneAndUpdate(
      { _id, ...isOver('waitUntil', now), ...isOver('lockedUntil', now) },
      [
        { $set: { failures, step: step.step, at: now, ...(known ? { account: step.account } : {}) } },
        {
          $set: {
            waitUntil: reached(FREE, later({ $multiply: [1_000, seconds] })),
            lockedUntil: reached(MOST_FAILURES, later(LOCKED_MS)),
          },
        },
      ],
      { upsert: true, returnDocument: 'after', updatePipeline: true },
    )
    .lean<SignInTryRecord>()
    .catch((error: unknown) => {
      // The filter passes over one that waits, and its upsert then meets the same id.
      if ((error as { code?: unknown }).code === 11_000) return null;
      throw error;
    });
  if (taken) return { ...taken, may: true };
  const held = await tries.findById(_id).lean<SignInTryRecord>();
  if (held && [held.waitUntil, held.lockedUntil].some((until) => until && until > now))
    return { ...held, may: false };
  // Reason: nobody waits; two attempts came at one moment and the other one's row, which was the first, was in the way.
  return take(tries, step, known);
}

/** The attempt was right: the count begins anew. */
export const forgive = async (tries: Tries, step: SignInStep): Promise<void> =>
  void (await tries.deleteOne({ _id: idOf(step) }));

/** An administrator ends every wait and lock of an account. */
export const forgiveAll = async (tries: Tries, account: string): Promise<void> =>
  void (await tries.deleteMany({ account }));

export interface Standing {
  readonly failures: number;
  readonly lockedUntil?: Date;
}

/** How each account stands: its most failures in a row, and until when it is locked. */
export async function standings(
  tries: Tries,
  accounts: readonly string[],
): Promise<ReadonlyMap<string, Standing>> {
  const rows = await tries.find({ account: { $in: accounts } }).lean<SignInTryRecord[]>();
  const now = Date.now();
  const of = (account: string): Standing => {
    const own = rows.filter((row) => row.account === account);
    const locks = own.flatMap(({ lockedUntil }) => lockedUntil?.getTime() ?? []).filter((at) => at > now);
    return {
      failures: Math.max(0, ...own.map((row) => row.failures)),
      ...(locks.length === 0 ? {} : { lockedUntil: new Date(Math.max(...locks)) }),
    };
  };
  return new Map(accounts.map((account) => [account, of(account)]));
}
