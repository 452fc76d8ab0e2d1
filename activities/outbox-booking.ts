import { createHash } from 'node:crypto';
import type { MessageRecord } from '../models/message.ts';
import {
  type Job,
  type Parts,
  type Run,
  envelopeFrom,
  identityOf,
  isOver,
  later,
  report,
  soon,
} from './outbox-job.ts';
import type { Identity, Mark, MessageHead } from './outbox-records.ts';

/** A mail that is marked `sending` under our fence: it is to be connected for, while its lease lasts. */
export interface Booked {
  readonly job: Job;
  readonly lease: number;
}

/** Gives every job a durable record, `sending` before anything connects; resolves with those that are to be sent now. */
export async function bookPage(parts: Parts, jobs: readonly Job[], run: Run): Promise<Booked[]> {
  const heads = new Map(
    (await parts.records.heads(jobs.map((job) => job.id))).map((head) => [head._id, head]),
  );
  const wanted: Job[] = [];
  for (const job of jobs) {
    const head = heads.get(job.id);
    if (!head || (await isToSend(parts, job, head))) wanted.push(job);
  }
  const wait = wanted.length ? await parts.rate.reserve(wanted.length) : 0;
  if (wait > 0 && !(await pause(parts, wait, run))) return [];
  const mark = markNow(parts, run);
  const fresh = wanted.filter((job) => !heads.has(job.id));
  const records = await composeAll(parts, fresh, { run, mark });
  const begun = await parts.records.begin(records, mark);
  const taken = fresh.filter((job) => job.raw && !begun.has(job.id));
  const open = [...wanted.filter((job) => heads.has(job.id)), ...(await adopt(parts, taken))];
  const marked = await parts.records.mark(
    open.map((job) => job.id),
    mark,
  );
  const lost = open.filter((job) => !marked.has(job.id));
  if (lost.length) await reportLost(parts, lost);
  const ours = [...fresh.filter((job) => begun.has(job.id)), ...open.filter((job) => marked.has(job.id))];
  for (const job of ours) job.attempt += 1;
  return ours.map((job) => ({ job, lease: mark.lease }));
}

function markNow({ wall, timing }: Parts, { fence }: Run): Mark {
  const at = wall();
  return { fence, at, lease: at + timing.leaseMs };
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

/** Some of the identities were taken meanwhile, or under an older key: theirs are the bytes and the Message-ID that count. Resolves with those that are to be sent. */
async function adopt(parts: Parts, taken: readonly Job[]): Promise<Job[]> {
  if (!taken.length) return [];
  const there = await parts.records.identical(taken.map((job) => identityOf(job.draft)));
  const byIdentity = new Map(there.map((head) => [identityKey(head), head]));
  const open: Job[] = [];
  for (const job of taken) {
    const head = byIdentity.get(identityKey(identityOf(job.draft)));
    job.raw = undefined;
    if (!head) continue;
    job.id = head._id;
    if (await isToSend(parts, job, head)) open.push(job);
  }
  return open;
}

function identityKey({ subject, kind, sequence, recipient }: Identity): string {
  return JSON.stringify([subject, kind, sequence, recipient]);
}

async function composeAll(
  parts: Parts,
  jobs: readonly Job[],
  { run, mark }: { readonly run: Run; readonly mark: Mark },
): Promise<MessageRecord[]> {
  const records: MessageRecord[] = [];
  for (const [n, job] of jobs.entries()) {
    if (isOver(parts, run)) break;
    if (n % 16 === 15) await new Promise((resolve) => setImmediate(resolve));
    try {
      records.push(await compose(parts, job, mark));
    } catch (error) {
      job.posted = {
        ...later(job, parts.wall() + soon(parts, 1)),
        response: `not composed: ${String(error)}`,
      };
    }
  }
  return records;
}

async function compose({ domain }: Parts, job: Job, mark: Mark): Promise<MessageRecord> {
  const { draft, id } = job;
  const { raw, subjectLine } = await draft.compose({ messageId: id, envelopeFrom: envelopeFrom(id, domain) });
  job.raw = raw;
  const kept = draft.sealed ? draft.sealed.seal(raw) : raw;
  return {
    _id: id,
    ...identityOf(draft),
    owner: draft.owner,
    ...(draft.agency === undefined ? {} : { agency: draft.agency }),
    raw: kept,
    ...(draft.sealed ? { sealed: true } : {}),
    sha256: createHash('sha256').update(raw).digest('hex'),
    size: raw.length,
    subjectLine,
    state: 'sending',
    attempt: 1,
    fence: mark.fence,
    lease: new Date(mark.lease),
    createdAt: new Date(mark.at),
    submittedAt: new Date(mark.at),
  };
}

/** Judges a record that was there before: true when it is to be sent now, otherwise the job has its outcome. */
async function isToSend(parts: Parts, job: Job, head: MessageHead): Promise<boolean> {
  job.again = true;
  job.attempt = head.attempt;
  const now = parts.wall();
  const open =
    head.state === 'pending' || (head.state === 'deferred' && (head.nextAttemptAt?.getTime() ?? 0) <= now);
  if (open) return true;
  const overAt = (head.lease?.getTime() ?? 0) + parts.timing.graceMs;
  if (head.state === 'sending' && now > overAt) return settleExpired(parts, job, head);
  job.posted = report(job, head, parts);
  return false;
}

/** Its worker died or never heard the reply, and every attempt of it is over: only evidence sends it again. */
async function settleExpired(parts: Parts, job: Job, head: MessageHead): Promise<boolean> {
  const { records, archive } = parts;
  const began = head.submittedAt ?? head.createdAt;
  const found = await archive.lookup(head._id, { began, later: () => records.acknowledgedSince(began) });
  const response = found === 'present' ? 'found in the archive' : 'no reply, and no proof in the archive';
  const set = {
    present: { state: 'sent' as const, acceptedAt: began, smtp: { response } },
    absent: { state: 'pending' as const },
    unknown: { state: 'inDoubt' as const, smtp: { response } },
  }[found];
  const settled = await records.settle(head, set);
  if (settled && found === 'absent') return true;
  job.posted = settled ? report(job, { ...head, ...set }, parts) : later(job, parts.wall() + soon(parts, 1));
  return false;
}
