import PostalMime, { type Email, decodeWords } from 'postal-mime';
import type { MailMeta, MailStore } from './mailbox-store.ts';

/** A mail as people and scripts read it. */
export interface MailboxMessage {
  readonly id: string;
  readonly from: string;
  readonly to: readonly string[];
  readonly envelopeFrom: string;
  readonly subject: string;
  readonly text: string;
  readonly html: string;
  /** Header names in the case of the mail, values decoded; what occurs several times is joined by a comma. */
  readonly headers: Readonly<Record<string, string>>;
  readonly attachments: readonly { readonly filename: string; readonly size: number }[];
  readonly receivedAt: string;
}

const remembered = 2_000;

/** Parses mails when somebody reads them, and remembers the last two thousand. */
export function createReader(store: MailStore): (meta: MailMeta) => Promise<MailboxMessage> {
  const cache = new Map<string, MailboxMessage>();
  return async (meta) => {
    const message = cache.get(meta.id) ?? describe(meta, await parse(await store.raw(meta.id)));
    cache.delete(meta.id);
    cache.set(meta.id, message);
    const oldest = cache.size > remembered ? cache.keys().next().value : undefined;
    if (oldest !== undefined) cache.delete(oldest);
    return message;
  };
}

/** A mail that cannot be parsed is still listed by what its header block said. */
async function parse(raw: Buffer | undefined): Promise<Email | undefined> {
  return raw === undefined
    ? undefined
    : PostalMime.parse(raw, { maxNestingDepth: 32 }).catch(() => undefined);
}

function describe(meta: MailMeta, email: Email | undefined): MailboxMessage {
  const { id, from, to, envelopeFrom, subject, receivedAt } = meta;
  return {
    id,
    from,
    to,
    envelopeFrom,
    subject: email?.subject ?? subject,
    text: email?.text ?? '',
    html: email?.html ?? '',
    headers: headersOf(email),
    attachments: (email?.attachments ?? []).map((one) => ({
      filename: one.filename ?? '',
      size: typeof one.content === 'string' ? one.content.length : one.content.byteLength,
    })),
    receivedAt,
  };
}

function headersOf(email: Email | undefined): Record<string, string> {
  const headers = new Map<string, string>();
  for (const { originalKey, value } of email?.headers ?? []) {
    const before = headers.get(originalKey);
    const decoded = decodeWords(value);
    headers.set(originalKey, before === undefined ? decoded : `${before}, ${decoded}`);
  }
  return Object.fromEntries(headers);
}
