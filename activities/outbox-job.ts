import { verp } from '../mail/addresses.ts';
import type { Archive } from '../mail/archive.ts';
import type { Transport } from '../mail/transport.ts';
import type { MessageModel } from '../models/message.ts';
import type { MailRate } from './mail-rate.ts';
import type { Identity, MessageHead, OutboxRecords } from './outbox-records.ts';

/** A mail that is to be sent once: (subject, kind, sequence, recipient) is its identity. */
export interface Draft {
  readonly subject: string;
  readonly kind: string;
  readonly sequence: number;
  readonly recipient: string;
  readonly owner: string;
  readonly agency?: string;
  /** Where the record may not say to whom a mail goes: `recipient` then names nobody, and address and bytes are kept sealed. */
  readonly sealed?: {
    readonly address: string;
    seal(raw: Buffer): Buffer;
    open(raw: Buffer): Buffer;
  };
  /** Called only when no record has the bytes yet. `messageId` is without angle brackets. */
  compose(identity: {
    messageId: string;
    envelopeFrom: string;
  }): Promise<{ raw: Buffer; subjectLine: string }>;
}

export interface Posted {
  readonly messageId: string;
  readonly outcome: 'sent' | 'rejected' | 'deferred' | 'inDoubt' | 'bounced' | 'cancelled';
  /** The server's reply, or why nothing was sent. */
  readonly response?: string;
  /** epoch ms, when deferred: post the same draft again then. */
  readonly retryAt?: number;
  /** Whether the record was there before this call. */
  readonly again: boolean;
}

export interface PostOptions {
  readonly signal?: AbortSignal;
  readonly heartbeat?: (detail: { readonly settled: number; readonly of: number }) => void;
  /** epoch ms: takes no new mail after it; what is left is `deferred` to now. */
  readonly until?: number;
}

/** ms. Order: attempt < lease, and the grace outlasts an attempt, or two attempts at one mail could overlap. */
export interface OutboxTiming {
  readonly attemptMs: number;
  readonly leaseMs: number;
  readonly graceMs: number;
  /** After an attempt that never reached DATA; doubles with each attempt. */
  readonly soonMs?: number;
  /** After the server's own "later", by attempt; the last one repeats. */
  readonly backoffMs?: readonly number[];
}

export interface OutboxOptions {
  readonly messages: MessageModel;
  readonly transport: Transport;
  readonly archive: Archive;
  readonly rate: MailRate;
  readonly timing: OutboxTiming;
  /** HMAC key of the Message-IDs. */
  readonly key: string;
  readonly domain: string;
  /** epoch ms; the real clock, never the demo's. */
  readonly wall: () => number;
}

/** One draft on its way through a post. */
export interface Job {
  readonly draft: Draft;
  id: string;
  again: boolean;
  attempt: number;
  raw?: Buffer | undefined;
  posted?: Posted;
}

export interface Run {
  readonly fence: string;
  readonly options: PostOptions;
  failed: boolean;
}

/** What every step of a post works with. */
export type Parts = OutboxOptions & { readonly records: OutboxRecords };

const MINUTE = 60_000;
const BACKOFF_MS = [5 * MINUTE, 15 * MINUTE, 60 * MINUTE, 240 * MINUTE];
const SOON_MS = 30_000;

export function identityOf({ subject, kind, sequence, recipient }: Draft): Identity {
  return { subject, kind, sequence, recipient: recipient.trim().toLowerCase() };
}

/** The server's words without the address that they may repeat. */
export function quietly<T extends { readonly response?: string } | { readonly reason: string }>(
  { draft }: Job,
  said: T,
): T {
  const address = draft.sealed?.address;
  if (address === undefined) return said;
  const quiet = Object.entries(said).map(([name, value]: [string, unknown]) => [
    name,
    typeof value === 'string' ? value.replaceAll(new RegExp(escaped(address), 'giu'), '***') : value,
  ]);
  return Object.fromEntries(quiet) as T;
}

const escaped = (text: string): string => text.replaceAll(/[.*+?^${}()|[\]\\/]/g, String.raw`\$&`);

/** What a record says of its mail, to the one who posted it again. */
export function report(job: Job, head: MessageHead, parts: Parts): Posted {
  const response = head.smtp?.response ?? head.bounce?.text;
  const base = { messageId: head._id, again: job.again, ...(response === undefined ? {} : { response }) };
  if (head.state === 'sending') {
    return {
      ...base,
      outcome: 'deferred',
      retryAt: (head.lease?.getTime() ?? parts.wall()) + parts.timing.graceMs,
    };
  }
  if (head.state === 'pending' || head.state === 'deferred') {
    return { ...base, outcome: 'deferred', retryAt: head.nextAttemptAt?.getTime() ?? parts.wall() };
  }
  return { ...base, outcome: head.state };
}

export function backoff({ timing }: Parts, attempt: number): number {
  const steps = timing.backoffMs ?? BACKOFF_MS;
  return steps[Math.min(attempt, steps.length) - 1] ?? SOON_MS;
}

export function soon({ timing }: Parts, attempt: number): number {
  const longest = (timing.backoffMs ?? BACKOFF_MS).at(-1) ?? SOON_MS;
  return Math.min((timing.soonMs ?? SOON_MS) * 2 ** (attempt - 1), longest);
}

export function later(job: Job, retryAt: number): Posted {
  return { messageId: job.id, outcome: 'deferred', retryAt, again: job.again };
}

/** The bounce address belongs to the Message-ID's own domain, which may be an older one. */
export function envelopeFrom(id: string, domain: string): string {
  const [local = '', own = domain] = id.split('@');
  return verp(own, local);
}

export function isOver({ wall }: OutboxOptions, { options, failed }: Run): boolean {
  return (
    failed || options.signal?.aborted === true || (options.until !== undefined && wall() >= options.until)
  );
}
