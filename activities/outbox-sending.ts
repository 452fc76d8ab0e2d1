import type { SendOutcome } from '../mail/transport.ts';
import type { Booked } from './outbox-booking.ts';
import {
  type Job,
  type Parts,
  type Run,
  backoff,
  envelopeFrom,
  identityOf,
  quietly,
  soon,
} from './outbox-job.ts';
import type { Conclusion } from './outbox-records.ts';

/** Sends what is marked, and writes what became of it. */
export async function sendPage(parts: Parts, booked: readonly Booked[], run: Run): Promise<void> {
  const unread = booked.filter(({ job }) => !job.raw).map(({ job }) => job.id);
  const bytes = unread.length ? await parts.records.bytes(unread) : new Map<string, Buffer>();
  const over = await Promise.all(
    booked.map(async ({ job, lease }) => {
      const raw = job.raw ?? opened(job, bytes.get(job.id));
      const outcome = await attempt(parts, { job, raw, lease }, run);
      job.raw = undefined;
      return conclude(parts, { job, outcome: quietly(job, outcome), lease });
    }),
  );
  await parts.records.conclude(over, run.fence);
}

const opened = ({ draft }: Job, kept: Buffer | undefined): Buffer | undefined =>
  kept && draft.sealed ? draft.sealed.open(kept) : kept;

/** A worker that was frozen between the mark and here must not connect: another may hold the mail by now. */
function attempt(
  parts: Parts,
  { job, raw, lease }: { job: Job; raw: Buffer | undefined; lease: number },
  run: Run,
): Promise<SendOutcome> | SendOutcome {
  if (!raw) return { kind: 'notStarted', reason: 'no bytes' };
  if (parts.wall() >= lease - parts.timing.attemptMs) return { kind: 'notStarted', reason: 'lease over' };
  const from = envelopeFrom(job.id, parts.domain);
  const to = job.draft.sealed?.address ?? identityOf(job.draft).recipient;
  return parts.transport.send({ raw, from, to }, run.options.signal);
}

function conclude(
  parts: Parts,
  { job, outcome, lease }: { job: Job; outcome: SendOutcome; lease: number },
): Conclusion {
  const posted = { messageId: job.id, again: job.again };
  const retry = (at: number, response: string): void => {
    job.posted = { ...posted, outcome: 'deferred', response, retryAt: at };
  };
  switch (outcome.kind) {
    case 'accepted': {
      job.posted = { ...posted, outcome: 'sent', response: outcome.response };
      const smtp = { code: Number.parseInt(outcome.response, 10) || 250, response: outcome.response };
      return { id: job.id, set: { state: 'sent', acceptedAt: new Date(parts.wall()), smtp } };
    }
    case 'rejected': {
      job.posted = { ...posted, outcome: 'rejected', response: outcome.response };
      return {
        id: job.id,
        set: { state: 'rejected', smtp: { code: outcome.code, response: outcome.response } },
      };
    }
    case 'deferred': {
      const at = parts.wall() + backoff(parts, job.attempt);
      retry(at, outcome.response);
      const smtp = { code: outcome.code, response: outcome.response };
      return { id: job.id, set: { state: 'deferred', nextAttemptAt: new Date(at), smtp } };
    }
    case 'notStarted': {
      const at = parts.wall() + soon(parts, job.attempt);
      retry(at, outcome.reason);
      return {
        id: job.id,
        set: { state: 'deferred', nextAttemptAt: new Date(at), smtp: { response: outcome.reason } },
      };
    }
    case 'inDoubt':
      // Stays `sending`: when lease and grace are over the archive decides, or a person.
      retry(lease + parts.timing.graceMs, outcome.reason);
      return { id: job.id, set: { smtp: { response: outcome.reason } } };
  }
}
