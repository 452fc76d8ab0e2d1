import type { SendOutcome } from '../mail/transport.ts';
import {
  type Job,
  type Parts,
  type Run,
  backoff,
  envelopeFrom,
  identityOf,
  isOver,
  quietly,
  report,
  soon,
} from './outbox-job.ts';
import type { Conclusion, Mark } from './outbox-records.ts';

/** Two at a time: while one writes its marks, the other has the connections. */
const LANES = 2;

/** Sends jobs that have a durable record; returns when each has its outcome written, or the call is over. */
export async function sendAll(parts: Parts, jobs: readonly Job[], run: Run): Promise<void> {
  const queue = [...jobs];
  const lanes = await Promise.allSettled(Array.from({ length: LANES }, () => lane(parts, queue, run)));
  for (const one of lanes) if (one.status === 'rejected') throw one.reason;
}

/** Takes mails off the queue, a connection's worth at a time: marks, sends, and concludes them in the write that marks the next. */
async function lane(parts: Parts, queue: Job[], run: Run): Promise<void> {
  let over: Conclusion[] = [];
  try {
    for (;;) {
      const chunk = isOver(parts, run)
        ? []
        : queue.splice(0, await parts.rate.chunk(parts.transport.connections));
      const wait = chunk.length ? await parts.rate.reserve(chunk.length) : 0;
      if (wait > 0) {
        await parts.records.turn(over, [], markNow(parts, run));
        over = [];
        if (!(await pause(parts, wait, run))) return;
      }
      if (!chunk.length && !over.length) return;
      over = await sendChunk(parts, { chunk, over }, run);
    }
  } catch (error) {
    run.failed = true;
    throw error;
  }
}

function markNow({ wall, timing }: Parts, { fence }: Run): Mark {
  const at = wall();
  return { fence, at, lease: at + timing.leaseMs };
}

async function sendChunk(
  parts: Parts,
  { chunk, over }: { chunk: Job[]; over: Conclusion[] },
  run: Run,
): Promise<Conclusion[]> {
  const unread = chunk.filter((job) => !job.raw).map((job) => job.id);
  const bytes = unread.length ? await parts.records.bytes(unread) : new Map<string, Buffer>();
  const mark = markNow(parts, run);
  const won = await parts.records.turn(
    over,
    chunk.map((job) => job.id),
    mark,
  );
  const lost = chunk.filter((job) => !won.has(job.id));
  if (lost.length) await reportLost(parts, lost);
  return Promise.all(
    chunk
      .filter((job) => won.has(job.id))
      .map(async (job) => {
        job.attempt += 1;
        const outcome = await attempt(
          parts,
          { job, raw: job.raw ?? opened(job, bytes.get(job.id)), lease: mark.lease },
          run,
        );
        job.raw = undefined;
        return conclude(parts, { job, outcome: quietly(job, outcome), lease: mark.lease });
      }),
  );
}

async function reportLost(parts: Parts, lost: readonly Job[]): Promise<void> {
  const heads = new Map(
    (await parts.records.heads(lost.map((job) => job.id))).map((head) => [head._id, head]),
  );
  for (const job of lost) {
    const head = heads.get(job.id);
    if (head) job.posted = report(job, head, parts);
  }
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

/** Waits for the rate's turn in short steps; false when the call is over before it. */
async function pause(parts: Parts, ms: number, run: Run): Promise<boolean> {
  const end = performance.now() + ms;
  if (run.options.until !== undefined && parts.wall() + ms >= run.options.until) return false;
  for (let left = ms; left > 0; left = end - performance.now()) {
    if (isOver(parts, run)) return false;
    await new Promise((resolve) => setTimeout(resolve, Math.min(left, 1000)));
  }
  return !isOver(parts, run);
}
