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
import type { Identity, MessageHead } from './outbox-records.ts';

/** Gives every job a durable record before anything is sent; resolves with those that are to be sent now. */
export async function bookPage(parts: Parts, jobs: readonly Job[], run: Run): Promise<Job[]> {
  const heads = new Map(
    (await parts.records.heads(jobs.map((job) => job.id))).map((head) => [head._id, head]),
  );
  const fresh = await composeAll(
    parts,
    jobs.filter((job) => !heads.has(job.id)),
    run,
  );
  const mine = new Set(fresh.map((record) => record._id));
  if (fresh.length && !(await parts.records.insert(fresh))) {
    mine.clear();
    await adopt(
      parts,
      jobs.filter((job) => job.raw),
      heads,
    );
  }
  const ready: Job[] = [];
  for (const job of jobs) {
    const head = heads.get(job.id);
    if (mine.has(job.id) || (head && (await isToSend(parts, job, head)))) ready.push(job);
  }
  return ready;
}

/** Some of the identities were taken meanwhile, or under an older key: theirs are the bytes and the Message-ID that count. */
async function adopt(parts: Parts, jobs: readonly Job[], heads: Map<string, MessageHead>): Promise<void> {
  const there = await parts.records.identical(jobs.map((job) => identityOf(job.draft)));
  const byIdentity = new Map(there.map((head) => [identityKey(head), head]));
  for (const job of jobs) {
    const head = byIdentity.get(identityKey(identityOf(job.draft)));
    job.raw = undefined;
    if (!head) continue;
    job.id = head._id;
    heads.set(head._id, head);
  }
}

function identityKey({ subject, kind, sequence, recipient }: Identity): string {
  return JSON.stringify([subject, kind, sequence, recipient]);
}

async function composeAll(parts: Parts, jobs: readonly Job[], run: Run): Promise<MessageRecord[]> {
  const records: MessageRecord[] = [];
  for (const [n, job] of jobs.entries()) {
    if (isOver(parts, run)) break;
    if (n % 16 === 15) await new Promise((resolve) => setImmediate(resolve));
    try {
      records.push(await compose(parts, job));
    } catch (error) {
      job.posted = {
        ...later(job, parts.wall() + soon(parts, 1)),
        response: `not composed: ${String(error)}`,
      };
    }
  }
  return records;
}

async function compose({ domain, wall }: Parts, job: Job): Promise<MessageRecord> {
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
    state: 'pending',
    attempt: 0,
    createdAt: new Date(wall()),
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
