import type { Router } from 'express';
import { type MailboxMessage, createReader } from './mailbox-parse.ts';
import { type BareMail, type ReplyMail, createMailboxRouter } from './mailbox-router.ts';
import { type Misbehaviour, listenSmtp } from './mailbox-smtp.ts';
import { type MailMeta, type MessageQuery, openMailStore } from './mailbox-store.ts';

export type { MailboxMessage } from './mailbox-parse.ts';
export type { ReplyMail } from './mailbox-router.ts';
export type { MailMeta, MessageQuery } from './mailbox-store.ts';

export interface MailboxOptions {
  readonly dir: string;
  /** 0 takes any free port. */
  readonly smtpPort: number;
  /** Sends a person's reply to the product by SMTP; without it the page offers no reply. */
  readonly sendReply?: (mail: ReplyMail) => Promise<void>;
  /** Hands in what a mail server or a mail program answers without a person. */
  readonly sendByItself?: (mail: BareMail) => Promise<void>;
}

export interface Mailbox {
  readonly router: Router;
  readonly smtp: { readonly host: string; readonly port: number };
  /** Whether a mail with this Message-ID was ever accepted: the archive copy that the outbox asks for. */
  has(messageId: string): boolean;
  /** Mails that a person sees; cleared ones do not count. */
  count(): number;
  /** Called after each mail is on the disk. */
  onMessage(listener: (meta: MailMeta) => void): void;
  /** Ascending by arrival. */
  messages(query?: MessageQuery): Promise<readonly MailboxMessage[]>;
  /** Exactly the bytes that were received. */
  raw(id: string): Promise<Buffer | undefined>;
  /** Makes an address refuse (550) or defer (451) its mail, or behave again. */
  behave(address: string, how: Misbehaviour | undefined): void;
  close(): Promise<void>;
}

/**
 * Opens the embedded mailbox: an SMTP sink on loopback that stores every mail before it acknowledges it,
 * and the router of its pages and calls. Reopened on the same `dir` it has everything again.
 */
export async function createMailbox({
  dir,
  smtpPort,
  sendReply,
  sendByItself,
}: MailboxOptions): Promise<Mailbox> {
  const store = await openMailStore(dir);
  const read = createReader(store);
  const behaviours = new Map<string, Misbehaviour>();
  const listeners: ((meta: MailMeta) => void)[] = [];
  const behaviour = (address: string) => behaviours.get(address.toLowerCase());
  const behave = (address: string, how: Misbehaviour | undefined) => {
    if (how === undefined) behaviours.delete(address.toLowerCase());
    else behaviours.set(address.toLowerCase(), how);
  };
  const accept = async (...[mail]: Parameters<typeof store.append>) => {
    const meta = await store.append(mail);
    queueMicrotask(() => listeners.forEach((listener) => listener(meta)));
    return meta.id;
  };
  const smtp = await listenSmtp({ port: smtpPort, behaviour, accept });
  async function* search({
    q,
    limit = Infinity,
    ...selection
  }: MessageQuery): AsyncGenerator<MailboxMessage> {
    const wanted = q?.toLowerCase();
    let left = limit;
    for (const meta of store.list(selection)) {
      if (left <= 0) return;
      const message = await read(meta);
      if (wanted !== undefined && !`${message.subject}\n${message.text}`.toLowerCase().includes(wanted))
        continue;
      left -= 1;
      yield message;
    }
  }
  return {
    router: createMailboxRouter({ store, read, search, behave, behaviour, sendReply, sendByItself }),
    smtp: { host: smtp.host, port: smtp.port },
    has: (messageId) => store.has(messageId),
    count: () => store.list().length,
    onMessage: (listener) => void listeners.push(listener),
    messages: async (query = {}) => {
      const found: MailboxMessage[] = [];
      for await (const message of search(query)) found.push(message);
      return found;
    },
    raw: (id) => store.raw(id),
    behave,
    close: async () => {
      await smtp.close();
      await store.close();
    },
  };
}
