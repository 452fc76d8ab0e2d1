import { foldLines } from 'nodemailer/lib/mime-funcs';
import MimeNode from 'nodemailer/lib/mime-node';

/** One mailbox: a bare address, or a name beside it (which is encoded, never parsed). */
export type Mailbox = string | { readonly name: string; readonly address: string };

export interface MailAttachment {
  readonly filename: string;
  readonly contentType: string;
  readonly content: Buffer;
}

/** Everything that decides a mail's bytes. */
export interface MailParts {
  /** With or without angle brackets; the MIME boundaries derive from it. */
  readonly messageId: string;
  /** RFC 3339 instant, or epoch ms; printed in Shanghai's offset. */
  readonly date: string | number;
  readonly from: Mailbox;
  readonly to: Mailbox;
  readonly replyTo?: Mailbox;
  /** Checked but not printed: the last relay writes Return-Path from the envelope. */
  readonly envelopeFrom?: string;
  readonly subject: string;
  readonly text: string;
  readonly html?: string;
  /** Content-Language, List-Id, In-Reply-To, References and the like. */
  readonly headers?: Readonly<Record<string, string>>;
  readonly attachments?: readonly MailAttachment[];
}

const SHANGHAI_MS = 8 * 3600_000;
/** Characters in a line of base64. */
const LINE = 76;

/**
 * The complete RFC 5322 bytes of one mail, CRLF throughout and 7 bit: the same parts give the same bytes for ever.
 * Throws when a header value carries a line break or NUL, a header name is not a token, or the date is no instant.
 */
export function composeMail(parts: MailParts): Promise<Buffer> {
  return new Promise((resolve) => resolve(Buffer.from(mailText(parts), 'latin1')));
}

/** Characters of 7 bit. */
function mailText(parts: MailParts): string {
  const boundary = `=_${bare(parts.messageId)
    .replace(/[^a-z0-9]/gi, '')
    .slice(0, 40)}`;
  const body = parts.html === undefined ? textPart('plain', parts.text) : alternative(parts, `${boundary}.a`);
  const head = `${rootHeaders(parts)}\r\n`;
  if (!parts.attachments?.length) return head + body;
  const attachments = parts.attachments.map(attachmentPart);
  return head + multipart('mixed', `${boundary}.m`, [body, ...attachments]);
}

function alternative(parts: MailParts, boundary: string): string {
  return multipart('alternative', boundary, [
    textPart('plain', parts.text),
    textPart('html', parts.html ?? ''),
  ]);
}

function multipart(kind: 'alternative' | 'mixed', boundary: string, children: readonly string[]): string {
  const head = `Content-Type: multipart/${kind};\r\n boundary="${boundary}"\r\n\r\n`;
  return `${head}${children.map((child) => `--${boundary}\r\n${child}\r\n`).join('')}--${boundary}--\r\n`;
}

function textPart(kind: 'plain' | 'html', text: string): string {
  const lines = Buffer.from(text.replace(/\r\n|\r|\n/g, '\r\n'), 'utf8');
  return `Content-Type: text/${kind}; charset=utf-8\r\nContent-Transfer-Encoding: base64\r\n\r\n${base64(lines)}`;
}

function attachmentPart(attachment: MailAttachment): string {
  refuseBreaks('filename', attachment.filename);
  refuseBreaks('Content-Type', attachment.contentType);
  const root = new MimeNode('multipart/mixed', NO_ACCESS);
  const node = root.createChild(attachment.contentType, { filename: attachment.filename });
  node.setHeader('Content-Transfer-Encoding', 'base64');
  return `${node.buildHeaders()}\r\n\r\n${base64(attachment.content)}`;
}

/** A template that ever reached a path or a URL option would read the server's own files. */
const NO_ACCESS = { disableFileAccess: true, disableUrlAccess: true, baseBoundary: 'unused' } as const;

/** Encodes header values; it holds none. */
const HEADERS = new MimeNode('text/plain', NO_ACCESS);

function rootHeaders(parts: MailParts): string {
  if (parts.envelopeFrom !== undefined) refuseBreaks('envelope sender', parts.envelopeFrom);
  const lines = Object.entries(headersOf(parts)).map(([name, value]) => headerLine(name, value));
  return [...lines, 'MIME-Version: 1.0'].join('\r\n');
}

function headerLine(name: string, value: Mailbox): string {
  if (!/^[!-9;-~]+$/.test(name)) throw new Error(`Not a header name: ${JSON.stringify(name)}`);
  refuseBreaks(name, typeof value === 'string' ? value : `${value.name}${value.address}`);
  // Unfolded even when long: an archive that reads line by line must find it, or a mail is sent twice.
  if (name === 'Message-ID' && typeof value === 'string') return `${name}: ${value}`;
  const before = written.get(name);
  if (before && says(before.value, value)) return before.line;
  const plain = typeof value === 'string' ? value : { name: value.name, address: value.address };
  const line = foldLines(`${name}: ${HEADERS.encodeHeaderValue(name, plain)}`, 76);
  written.set(name, { value: plain, line });
  return line;
}

/** Each header as the mail before had it: half of them say the same in a thousand mails. */
const written = new Map<string, { readonly value: Mailbox; readonly line: string }>();

const says = (one: Mailbox, other: Mailbox): boolean =>
  typeof one === 'string' || typeof other === 'string'
    ? one === other
    : one.name === other.name && one.address === other.address;

function headersOf(parts: MailParts): Record<string, Mailbox> {
  return {
    'Message-ID': `<${bare(parts.messageId)}>`,
    Date: rfc5322Date(parts.date),
    From: parts.from,
    To: parts.to,
    ...(parts.replyTo === undefined ? {} : { 'Reply-To': parts.replyTo }),
    Subject: parts.subject,
    'Auto-Submitted': 'auto-generated',
    'X-Auto-Response-Suppress': 'OOF, AutoReply',
    ...parts.headers,
  };
}

/** A line break in a value would let a title or a name write headers of its own. */
function refuseBreaks(name: string, value: string): void {
  // oxlint-disable-next-line no-control-regex
  if (/[\r\n\u0000]/.test(value)) throw new Error(`Line break in ${name}`);
}

function bare(messageId: string): string {
  return messageId.replace(/^<|>$/g, '');
}

function rfc5322Date(date: string | number): string {
  const instant = typeof date === 'string' ? Date.parse(date) : date;
  if (!Number.isFinite(instant)) throw new Error(`Not an instant: ${date}`);
  return new Date(instant + SHANGHAI_MS).toUTCString().replace('GMT', '+0800');
}

/** Lines of 76 characters, the last without its end. */
function base64(bytes: Buffer): string {
  const whole = bytes.toString('base64');
  let lines = whole.slice(0, LINE);
  for (let at = LINE; at < whole.length; at += LINE) lines += `\r\n${whole.slice(at, at + LINE)}`;
  return lines;
}
