import { randomUUID } from 'node:crypto';
import { messageId } from '../mail/addresses.ts';
import { type Settlement, messageCollection } from '../models/message.ts';
import { bookPage } from './outbox-booking.ts';
import {
  type Draft,
  type Job,
  type OutboxOptions,
  type Parts,
  type PostOptions,
  type Posted,
  type Run,
  identityOf,
  isOver,
  later,
} from './outbox-job.ts';
import { type OutboxRecords, outboxRecords } from './outbox-records.ts';
import { sendAll } from './outbox-sending.ts';

export type { Draft, OutboxOptions, OutboxTiming, PostOptions, Posted } from './outbox-job.ts';

export interface Outbox {
  /** Sends each draft once however often it is posted, and says what became of each, in the drafts' order. May run twice, at once too. */
  post(drafts: readonly Draft[], options?: PostOptions): Promise<Posted[]>;
  /** A person's decision on a mail that nothing proves: it was sent, or it is to be sent again when next posted. False when it is not in doubt, or not after that attempt. */
  resolveInDoubt(id: string, settlement: Settlement): Promise<boolean>;
  /** A bounce proves that the mail was accepted before. False when that mail is unknown, never left or has bounced already. */
  markBounced(id: string, bounce: { readonly code: string; readonly text: string }): Promise<boolean>;
  /** Takes back what of that subject has not been tried or waits for another try; how many that were. */
  cancelPending(subject: string): Promise<number>;
}

/** Mails booked in one write: few enough that the first go out while the next are composed. */
const PAGE = 25;
const BEAT_MS = 2000;

/** Throws when the times would let two attempts at one mail overlap. */
export function createOutbox(options: OutboxOptions): Outbox {
  const { attemptMs, leaseMs, graceMs } = options.timing;
  if (!(options.transport.attemptMs <= attemptMs && attemptMs < leaseMs && attemptMs < graceMs)) {
    throw new Error('An attempt must be shorter than the lease and than the grace');
  }
  const records = outboxRecords(messageCollection(options.messages));
  const post = async (drafts: readonly Draft[], postOptions: PostOptions = {}): Promise<Posted[]> => {
    const run: Run = { fence: randomUUID(), options: postOptions, failed: false };
    const { jobs, byDraft } = jobsOf(drafts, options);
    const beat = (): void =>
      postOptions.heartbeat?.({ settled: jobs.filter((job) => job.posted).length, of: jobs.length });
    beat();
    const timer = setInterval(beat, BEAT_MS);
    try {
      await postPages({ ...options, records }, jobs, run);
    } finally {
      clearInterval(timer);
    }
    return byDraft.map((job) => job.posted ?? later(job, options.wall()));
  };
  return { post, ...decisions(records, options.wall) };
}

/** Books a page while the one before it is sent. What is booked and not sent any more is there for the next call. */
async function postPages(parts: Parts, jobs: readonly Job[], run: Run): Promise<void> {
  let sending: Promise<void> = Promise.resolve();
  for (let at = 0; at < jobs.length && !isOver(parts, run); at += PAGE) {
    const ready = await bookPage(parts, jobs.slice(at, at + PAGE), run);
    await sending;
    sending = sendAll(parts, ready, run);
    // Reason: it is awaited a page later, and its failure is thrown there.
    sending.catch(() => undefined);
  }
  await sending;
}

function decisions(records: OutboxRecords, wall: () => number): Omit<Outbox, 'post'> {
  return {
    async resolveInDoubt(id, settlement) {
      const state = settlement.outcome === 'sent' ? ('sent' as const) : ('pending' as const);
      const doubtful = { _id: id, state: 'inDoubt' as const, attempt: settlement.attempt };
      return (await records.move(doubtful, { state, settlement })) === 1;
    },
    async markBounced(id, bounce) {
      const left = { $in: ['sending' as const, 'sent' as const, 'deferred' as const, 'inDoubt' as const] };
      const set = { state: 'bounced' as const, bouncedAt: new Date(wall()), bounce: { ...bounce } };
      return (await records.move({ _id: id, state: left, attempt: { $gt: 0 } }, set)) === 1;
    },
    cancelPending(subject) {
      return records.move({ subject, state: { $in: ['pending', 'deferred'] } }, { state: 'cancelled' });
    },
  };
}

/** One job for each identity: the same draft twice in one call is one mail. */
function jobsOf(drafts: readonly Draft[], { key, domain }: OutboxOptions): { jobs: Job[]; byDraft: Job[] } {
  const known = new Map<string, Job>();
  const byDraft = drafts.map((draft) => {
    const { subject, kind, sequence, recipient } = identityOf(draft);
    const id = messageId(key, [subject, kind, sequence, recipient], domain);
    const job = known.get(id) ?? { draft, id, again: false, attempt: 0 };
    known.set(id, job);
    return job;
  });
  return { jobs: [...known.values()], byDraft };
}
