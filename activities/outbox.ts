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
import { type Places, createPlaces } from './places.ts';
import { type OutboxRecords, outboxRecords } from './outbox-records.ts';
import { sendPage } from './outbox-sending.ts';

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

/** Mails marked in one write and sent over all connections. */
const PAGE = 25;
/** While one page is sent, the next is composed and the last is concluded; of more than these a crash would leave too many in doubt. */
const PAGES_AT_ONCE = 3;
/** Of these one call has so many, and the rest are for the others. */
const LANES = 2;
const BEAT_MS = 2000;

/** Throws when the times would let two attempts at one mail overlap. */
export function createOutbox(options: OutboxOptions): Outbox {
  const { attemptMs, leaseMs, graceMs } = options.timing;
  if (!(options.transport.attemptMs <= attemptMs && attemptMs < leaseMs && attemptMs < graceMs)) {
    throw new Error('An attempt must be shorter than the lease and than the grace');
  }
  const records = outboxRecords(messageCollection(options.messages));
  const places = createPlaces(PAGES_AT_ONCE);
  const post = async (drafts: readonly Draft[], postOptions: PostOptions = {}): Promise<Posted[]> => {
    const run: Run = { fence: randomUUID(), options: postOptions, failed: false };
    const { jobs, byDraft } = jobsOf(drafts, options);
    const beat = (): void =>
      postOptions.heartbeat?.({ settled: jobs.filter((job) => job.posted).length, of: jobs.length });
    beat();
    const timer = setInterval(beat, BEAT_MS);
    try {
      await postPages({ ...options, records, places }, jobs, run);
    } finally {
      clearInterval(timer);
    }
    return byDraft.map((job) => job.posted ?? later(job, options.wall()));
  };
  return { post, ...decisions(records, options.wall) };
}

/** Page by page, in its turn among all calls; returns when each job has its outcome written, or the call is over. */
async function postPages(
  parts: Parts & { readonly places: Places },
  jobs: readonly Job[],
  run: Run,
): Promise<void> {
  const queue = [...jobs];
  const { signal, until } = run.options;
  const over = AbortSignal.any([
    ...(signal ? [signal] : []),
    ...(until === undefined ? [] : [AbortSignal.timeout(Math.max(0, until - parts.wall()))]),
  ]);
  const lane = async (): Promise<void> => {
    while (queue.length && !isOver(parts, run)) {
      const leave = await parts.places.enter(over);
      if (!leave) return;
      try {
        if (!queue.length || isOver(parts, run)) return;
        const page = queue.splice(0, await parts.rate.chunk(PAGE));
        await sendPage(parts, await bookPage(parts, page, run), run);
      } catch (error) {
        run.failed = true;
        throw error;
      } finally {
        leave();
      }
    }
  };
  const lanes = await Promise.allSettled(Array.from({ length: LANES }, lane));
  for (const one of lanes) if (one.status === 'rejected') throw one.reason;
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
