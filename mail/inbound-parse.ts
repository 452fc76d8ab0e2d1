import { Worker } from 'node:worker_threads';
import { home } from '../home.ts';
import { htmlToText } from './html-text.ts';

/** One file of a mail. `label` tells a person what the name hides: Outlook's winmail.dat holds files that nobody else can open. */
export interface IncomingAttachment {
  readonly name: string;
  readonly contentType: string;
  readonly content: Buffer;
  /** Referenced from the HTML by its Content-ID, or sent to be shown in place. */
  readonly inline: boolean;
  readonly contentId?: string;
  readonly label?: 'winmail';
}

/** A mail as read from its bytes. Every address is lower case, every Message-ID is without angle brackets, header names are lower case. */
export interface IncomingMail {
  readonly messageId: string;
  readonly inReplyTo: readonly string[];
  readonly references: readonly string[];
  readonly from: { readonly name: string; readonly address: string };
  /** To, Cc, Delivered-To, X-Original-To and their kin. */
  readonly to: readonly string[];
  readonly subject: string;
  /** The sender's own date, RFC 3339 in UTC; absent when it cannot be read. */
  readonly date?: string;
  readonly text: string;
  readonly html?: string;
  /** The mail had no text of its own: `text` was made from `html`. */
  readonly textFromHtml: boolean;
  readonly headers: ReadonlyMap<string, readonly string[]>;
  readonly attachments: readonly IncomingAttachment[];
}

export type UnparseableReason =
  | 'broken'
  | 'headers-too-large'
  | 'too-deep'
  | 'too-large'
  | 'too-many-parts'
  | 'too-slow';

/** bytes, parts, levels, characters, milliseconds */
export const PARSE_LIMITS = {
  bytes: 50 * 1024 * 1024,
  parts: 200,
  depth: 30,
  headerBytes: 512 * 1024,
  textChars: 2_000_000,
  milliseconds: 10_000,
};

interface Parsed {
  readonly from: { readonly name: string; readonly address: string };
  readonly to: readonly string[];
  readonly subject: string;
  readonly messageId: string;
  readonly inReplyTo: string;
  readonly references: string;
  readonly date?: string;
  readonly text: string;
  readonly html: string;
  readonly headers: readonly (readonly [string, string])[];
  readonly attachments: readonly {
    readonly name: string | null;
    readonly contentType: string;
    readonly disposition: string | null;
    readonly contentId?: string;
    readonly content: Uint8Array;
  }[];
}

type Answer = { readonly id: number; readonly mail?: Parsed; readonly reason?: UnparseableReason };

let thread: Worker | undefined;
let last: Promise<unknown> = Promise.resolve();
let count = 0;

function startThread(): Worker {
  const started = new Worker(new URL('mail/inbound-thread.mjs', home), {
    execArgv: [],
    resourceLimits: { maxOldGenerationSizeMb: 256 },
  });
  const gone = (): void => {
    if (thread === started) thread = undefined;
  };
  started.on('error', gone);
  started.on('exit', gone);
  started.unref();
  return started;
}

/** One mail at a time; the thread that overruns its time or its memory is ended and the next mail gets a new one. */
function inThread(raw: Buffer): Promise<Answer> {
  const id = ++count;
  thread ??= startThread();
  const mine = thread;
  mine.ref();
  return new Promise((resolve) => {
    const done = (answer: Answer): void => {
      clearTimeout(timer);
      mine.off('message', heard).off('error', failed).off('exit', failed);
      mine.unref();
      resolve(answer);
    };
    const heard = (answer: Answer): void => {
      if (answer.id === id) done(answer);
    };
    const failed = (): void => done({ id, reason: 'broken' });
    const timer = setTimeout(() => {
      if (thread === mine) thread = undefined;
      done({ id, reason: 'too-slow' });
      void mine.terminate();
    }, PARSE_LIMITS.milliseconds);
    mine.on('message', heard).on('error', failed).on('exit', failed);
    mine.postMessage({ id, raw: new Uint8Array(raw), limits: PARSE_LIMITS }, []);
  });
}

/** Reads a mail's bytes. Never throws: what cannot be read within the limits says why, and its bytes stay with the caller. */
export async function parseIncoming(raw: Buffer): Promise<IncomingMail | { unparseable: UnparseableReason }> {
  if (raw.length > PARSE_LIMITS.bytes) return { unparseable: 'too-large' };
  const answer = last.then(() => inThread(raw));
  last = answer;
  const { mail, reason } = await answer;
  if (!mail) return { unparseable: reason ?? 'broken' };
  if (mail.headers.length === 0) return { unparseable: 'broken' };
  return toMail(mail);
}

function toMail(mail: Parsed): IncomingMail {
  const textFromHtml = mail.text.trim() === '' && mail.html !== '';
  const date = mail.date !== undefined && /^\d{4}-\d\d-\d\dT/.test(mail.date) ? { date: mail.date } : {};
  return {
    messageId: messageIds(mail.messageId)[0] ?? '',
    inReplyTo: messageIds(mail.inReplyTo),
    references: messageIds(mail.references),
    from: mail.from,
    to: [...new Set(mail.to.filter((address) => address !== ''))],
    subject: mail.subject.replace(/\s+/g, ' ').trim(),
    ...date,
    text: textFromHtml ? htmlToText(mail.html) : mail.text,
    ...(mail.html === '' ? {} : { html: mail.html }),
    textFromHtml,
    headers: grouped(mail.headers),
    attachments: mail.attachments.map((part, index) => toAttachment(part, { index, html: mail.html })),
  };
}

function messageIds(value: string): string[] {
  return [...value.matchAll(/<([^<>\s]{1,500})>/g)].map((match) => match[1] ?? '');
}

function grouped(headers: readonly (readonly [string, string])[]): Map<string, string[]> {
  const map = new Map<string, string[]>();
  for (const [key, value] of headers) map.set(key, [...(map.get(key) ?? []).slice(0, 100), value]);
  return map;
}

function toAttachment(
  part: Parsed['attachments'][number],
  at: { index: number; html: string },
): IncomingAttachment {
  const contentId = part.contentId?.replace(/^<|>$/g, '');
  const winmail = part.contentType === 'application/ms-tnef' || /^winmail\.dat$/i.test(part.name ?? '');
  return {
    name: fileName(part, at.index),
    contentType: part.contentType,
    content: Buffer.from(part.content.buffer, part.content.byteOffset, part.content.length),
    inline: part.disposition === 'inline' || Boolean(contentId && at.html.includes(`cid:${contentId}`)),
    ...(contentId ? { contentId } : {}),
    ...(winmail ? { label: 'winmail' as const } : {}),
  };
}

/** Attack: a name with separators or control characters, made to be written outside its folder or to hide its extension. */
function fileName(part: Parsed['attachments'][number], index: number): string {
  const bare = (part.name ?? '').split(/[\\/]/).at(-1) ?? '';
  const clean = bare
    .replace(/[\p{Cc}\p{Cf}]/gu, '')
    .trim()
    .slice(-200);
  if (clean !== '' && !/^\.+$/.test(clean)) return clean;
  return part.contentType === 'message/rfc822' ? `邮件${index + 1}.eml` : `附件${index + 1}`;
}
