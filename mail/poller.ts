import type { ImapFlow } from 'imapflow';
import { isPrivate } from './authentication.ts';
import type { Receive } from './delivery.ts';

export interface PollerOptions {
  /** imap(s)://user:password@host:port/MAILBOX */
  readonly url: string;
  readonly everyMs: number;
  readonly receive: Receive;
  /** Mailbox to move stored mails to; without it they are marked \Seen. */
  readonly moveTo?: string;
  readonly onError?: (error: unknown) => void;
}

export interface Poller {
  /** Polls once, now or after the poll that runs; gives the number of mails stored. */
  poll(): Promise<number>;
  close(): Promise<void>;
}

/** bytes: what is longer is cut, and judged unparseable, rather than filling the memory */
const MAX_BYTES = 51 * 1024 * 1024;
const LONGEST_PAUSE = 5 * 60_000;

/** Reads a mailbox until closed. A mail is marked only after `receive` has stored it; its name is the mailbox, UIDVALIDITY and UID. */
export function startPoller(options: PollerOptions): Poller {
  const place = placeOf(options.url);
  let client: ImapFlow | undefined;
  let timer: NodeJS.Timeout | undefined;
  let closed = false;
  let failures = 0;
  let last: Promise<number> = Promise.resolve(0);

  const connected = async (): Promise<ImapFlow> => {
    if (client?.usable) return client;
    client?.close();
    // Loaded when it is needed, by few installations: 5 MB.
    const { ImapFlow: Client } = await import('imapflow');
    const next = new Client({
      ...place.connection,
      logger: false,
      socketTimeout: 60_000,
      greetingTimeout: 15_000,
    });
    // Without a listener the loss of a connection would end the process.
    next.on('error', (error: unknown) => options.onError?.(error));
    client = next;
    await next.connect();
    return next;
  };

  const once = async (): Promise<number> => {
    if (closed) return 0;
    try {
      const stored = await readUnseen(await connected(), place, options);
      failures = 0;
      return stored;
    } catch (error) {
      failures += 1;
      client?.close();
      client = undefined;
      if (!closed) options.onError?.(error);
      return 0;
    }
  };

  const poll = (): Promise<number> => {
    last = last.then(once, once);
    return last;
  };

  const round = async (): Promise<void> => {
    await poll();
    if (closed) return;
    timer = setTimeout(
      () => void round(),
      Math.min(options.everyMs * 2 ** Math.min(failures, 8), Math.max(options.everyMs, LONGEST_PAUSE)),
    );
  };
  void round();

  return {
    poll,
    close: async () => {
      closed = true;
      clearTimeout(timer);
      await last.catch(() => 0);
      await client?.logout().catch(() => undefined);
      client?.close();
    },
  };
}

interface Place {
  readonly connection: {
    readonly host: string;
    readonly port: number;
    readonly secure: boolean;
    readonly doSTARTTLS?: boolean;
    readonly auth: { readonly user: string; readonly pass: string };
  };
  readonly mailbox: string;
  readonly source: string;
}

function placeOf(url: string): Place {
  const { protocol, hostname, port, username, password, pathname } = new URL(url);
  const secure = protocol === 'imaps:';
  const mailbox = decodeURIComponent(pathname.slice(1)) || 'INBOX';
  const local =
    hostname === 'localhost' || (/^[\d.:[\]]+$/.test(hostname) && isPrivate(hostname.replace(/[[\]]/g, '')));
  return {
    connection: {
      host: hostname.replace(/^\[|\]$/g, ''),
      port: Number(port) || (secure ? 993 : 143),
      secure,
      // A password never crosses a public network in the clear.
      ...(secure || local ? {} : { doSTARTTLS: true }),
      auth: { user: decodeURIComponent(username), pass: decodeURIComponent(password) },
    },
    mailbox,
    source: `imap:${decodeURIComponent(username)}@${hostname}/${mailbox}`,
  };
}

async function readUnseen(client: ImapFlow, place: Place, options: PollerOptions): Promise<number> {
  const lock = await client.getMailboxLock(place.mailbox);
  try {
    const validity = client.mailbox === false ? '0' : String(client.mailbox.uidValidity);
    // A mailbox that stays selected need not show what came since until it is asked for news.
    await client.noop();
    const uids = (await client.search({ seen: false }, { uid: true })) || [];
    let stored = 0;
    for (const uid of uids) {
      const mail = await client.fetchOne(String(uid), { source: { maxLength: MAX_BYTES } }, { uid: true });
      if (mail === false || mail.source === undefined) continue;
      try {
        await options.receive(mail.source, {
          source: place.source,
          uid: `${validity}:${uid}`,
          envelope: { to: [] },
        });
      } catch (error) {
        // One mail that cannot be stored does not keep the others out; it stays unmarked and comes again.
        options.onError?.(error);
        continue;
      }
      if (await marked(client, String(uid), options.moveTo)) stored += 1;
      else options.onError?.(new Error(`stored, but not marked as read: ${uid}`));
    }
    return stored;
  } finally {
    lock.release();
  }
}

/** False where the server or the line failed: the mail comes again, under the same name. */
async function marked(client: ImapFlow, uid: string, moveTo: string | undefined): Promise<boolean> {
  const done =
    moveTo === undefined
      ? await client.messageFlagsAdd(uid, [String.raw`\Seen`], { uid: true })
      : await client.messageMove(uid, moveTo, { uid: true });
  return done !== false;
}
