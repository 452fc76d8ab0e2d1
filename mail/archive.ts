import type { ImapFlow } from 'imapflow';

/** What is known of the attempt in question. */
export interface Attempt {
  /** When it began. */
  readonly began: Date;
  /** Message-IDs of mails acknowledged after that, newest first: where one of their copies has arrived, this one's would have. */
  later(): Promise<readonly string[]>;
}

/** The mailbox or relay that holds a copy of every accepted mail. Message-IDs without angle brackets. */
export interface Archive {
  /** `absent` is proof that the relay never accepted it; whatever is less is `unknown`. Never throws. */
  lookup(messageId: string, attempt: Attempt): Promise<'present' | 'absent' | 'unknown'>;
}

/** Without an archive nothing is proven, and a person decides. */
export const noArchive: Archive = { lookup: () => Promise.resolve('unknown') };

/** Asks `GET {url}?messageId=…` for `{"present": boolean}`: for a relay that stores before it acknowledges, so its no is proof. */
export function httpArchive(url: string, timeoutMs = 5000): Archive {
  const ask = async (messageId: string): Promise<'present' | 'absent' | 'unknown'> => {
    const at = new URL(url);
    at.searchParams.set('messageId', messageId);
    const response = await fetch(at, { signal: AbortSignal.timeout(timeoutMs) });
    const body: unknown = response.ok ? await response.json() : undefined;
    const present = body && typeof body === 'object' && 'present' in body ? body.present : undefined;
    return present === true ? 'present' : present === false ? 'absent' : 'unknown';
  };
  return { lookup: (messageId) => ask(messageId).catch(() => 'unknown' as const) };
}

/** Searches the archive mailbox `imaps://user:pass@host/Mailbox` (INBOX without a path). One connection per look-up, opened read-only. */
export function imapArchive({ url, timeoutMs = 15_000 }: { url: string; timeoutMs?: number }): Archive {
  const at = new URL(url);
  const ask = async (messageId: string, attempt: Attempt): Promise<'present' | 'absent' | 'unknown'> => {
    const client = await imapClient(at, timeoutMs);
    const timer = setTimeout(() => client.close(), timeoutMs);
    try {
      await client.connect();
      await client.mailboxOpen(decodeURIComponent(at.pathname.slice(1)) || 'INBOX', { readOnly: true });
      // The later copies first: looked for after, they could arrive between the two searches together with this one.
      const proof = await holdsAny(client, await attempt.later());
      if (await holds(client, messageId)) return 'present';
      return proof ? 'absent' : 'unknown';
    } finally {
      clearTimeout(timer);
      client.close();
    }
  };
  return { lookup: (messageId, attempt) => ask(messageId, attempt).catch(() => 'unknown' as const) };
}

async function holdsAny(client: ImapFlow, messageIds: readonly string[]): Promise<boolean> {
  for (const id of messageIds) if (await holds(client, id)) return true;
  return false;
}

/** A failed search throws: taken for "none found", it would send a mail twice. */
async function holds(client: ImapFlow, messageId: string): Promise<boolean> {
  const found = await client.search({ header: { 'message-id': `<${messageId}>` } }, { uid: true });
  if (!found) throw new Error('search failed');
  return found.length > 0;
}

async function imapClient(at: URL, timeoutMs: number): Promise<ImapFlow> {
  // Loaded when it is needed, by few installations: 5 MB.
  const { ImapFlow: Client } = await import('imapflow');
  const secure = at.protocol === 'imaps:';
  const client = new Client({
    host: at.hostname.replace(/^\[|\]$/g, ''),
    port: Number(at.port) || (secure ? 993 : 143),
    secure,
    auth: { user: decodeURIComponent(at.username), pass: decodeURIComponent(at.password) },
    logger: false,
    connectionTimeout: timeoutMs,
    greetingTimeout: timeoutMs,
    socketTimeout: timeoutMs,
  });
  client.on('error', () => undefined);
  return client;
}
