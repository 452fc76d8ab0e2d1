import { createHash } from 'node:crypto';
import { type FileHandle, mkdir, open, readFile } from 'node:fs/promises';
import path from 'node:path';
import { decodeWords } from 'postal-mime';

/** What is known of a mail without parsing it. */
export interface MailMeta {
  /** Ascending in the order of acceptance; all of one length. */
  readonly id: string;
  /** Bare address of the From header. */
  readonly from: string;
  /** Addresses of the envelope, in its order. */
  readonly to: readonly string[];
  readonly envelopeFrom: string;
  readonly subject: string;
  /** Without angle brackets; empty where the mail has none. */
  readonly messageId: string;
  /** The Date header as written. */
  readonly date: string;
  /** RFC 3339 to the millisecond, by the machine's clock. */
  readonly receivedAt: string;
  readonly size: number;
  readonly sha256: string;
}

export interface IncomingMail {
  readonly raw: Buffer;
  readonly envelopeFrom: string;
  readonly to: readonly string[];
}

export interface Selection {
  /** One recipient's address, in any case. */
  readonly to?: string;
  /** An id, or an instant in epoch ms: only later mails. */
  readonly after?: string | number;
}

export interface MessageQuery extends Selection {
  /** Searched in subject and text, in any case. */
  readonly q?: string;
  readonly limit?: number;
}

export interface MailStore {
  /** Resolves when the mail is on the disk; until then it may be neither acknowledged nor found. */
  append(mail: IncomingMail): Promise<MailMeta>;
  /** Ascending, without what was cleared. */
  list(selection?: Selection): readonly MailMeta[];
  find(id: string): MailMeta | undefined;
  raw(id: string): Promise<Buffer | undefined>;
  /** Whether a mail with this Message-ID was ever accepted, cleared or not. */
  has(messageId: string): boolean;
  /** Resolves when everything received by now is on the disk and found. */
  settled(): Promise<void>;
  clear(): Promise<void>;
  close(): Promise<void>;
}

interface Stored extends MailMeta {
  readonly offset: number;
}

interface Pending {
  readonly mail: IncomingMail;
  readonly done: (meta: MailMeta) => void;
  readonly failed: (reason: unknown) => void;
}

/** Opens the mailbox kept in `dir`: the bytes of all mails in `mail.bin`, one line about each in `index.ndjson`. */
export async function openMailStore(dir: string): Promise<MailStore> {
  await mkdir(dir, { recursive: true });
  const bytes = await open(path.join(dir, 'mail.bin'), 'a+');
  const index = await open(path.join(dir, 'index.ndjson'), 'a+');
  const memory = createMemory();
  let end = (await bytes.stat()).size;
  let torn = await load(path.join(dir, 'index.ndjson'), memory, end);
  let next = memory.next();
  let pending: Pending[] = [];
  let flushing: Promise<void> | undefined;

  /** One write and one fsync to each file for all that came meanwhile: this is what makes a thousand mails a second cheap. */
  async function flush(): Promise<void> {
    while (pending.length > 0) {
      const group = pending;
      pending = [];
      const stored = describe(group, next, end);
      next += group.length;
      try {
        await bytes.appendFile(Buffer.concat(group.map((one) => one.mail.raw)));
        const lines = stored.map((one) => `${JSON.stringify(one)}\n`).join('');
        await index.appendFile(torn ? `\n${lines}` : lines);
        await Promise.all([bytes.datasync(), index.datasync()]);
        end += stored.reduce((sum, one) => sum + one.size, 0);
        torn = false;
        stored.forEach((one, i) => {
          memory.add(one);
          group[i]?.done(one);
        });
      } catch (error) {
        torn = true;
        end = (await bytes.stat()).size;
        group.forEach((one) => one.failed(error));
      }
    }
    flushing = undefined;
  }

  return {
    append: (mail) =>
      new Promise((done, failed) => {
        pending.push({ mail, done, failed });
        flushing ??= flush();
      }),
    list: (selection = {}) => memory.list(selection),
    find: (id) => memory.find(id),
    raw: async (id) => {
      const stored = memory.find(id);
      return stored === undefined ? undefined : readAt(bytes, stored);
    },
    has: (messageId) => memory.has(messageId),
    settled: async () => flushing,
    clear: async () => {
      await flushing;
      const line = JSON.stringify({ cleared: memory.last() });
      await index.appendFile(`${torn ? '\n' : ''}${line}\n`);
      await index.datasync();
      memory.clear();
    },
    close: async () => {
      await flushing;
      await bytes.close();
      await index.close();
    },
  };
}

function createMemory() {
  const all: Stored[] = [];
  const byAddress = new Map<string, Stored[]>();
  const byId = new Map<string, Stored>();
  const messageIds = new Set<string>();
  let cleared = '';
  return {
    add(one: Stored): void {
      all.push(one);
      byId.set(one.id, one);
      if (one.messageId !== '') messageIds.add(one.messageId);
      for (const address of new Set(one.to.map((to) => to.toLowerCase()))) {
        const list = byAddress.get(address);
        if (list === undefined) byAddress.set(address, [one]);
        else list.push(one);
      }
    },
    next: () => Number(all.at(-1)?.id ?? 0) + 1,
    last: () => all.at(-1)?.id ?? '',
    has: (messageId: string) => messageIds.has(bare(messageId)),
    find(id: string): Stored | undefined {
      const one = byId.get(id);
      return one === undefined || one.id <= cleared ? undefined : one;
    },
    list({ to, after }: Selection): readonly Stored[] {
      const from = to === undefined ? all : (byAddress.get(to.toLowerCase()) ?? []);
      const floor = typeof after === 'string' && after > cleared ? after : cleared;
      const later = from.slice(firstAfter(from, floor));
      return typeof after === 'number' ? later.filter((one) => Date.parse(one.receivedAt) > after) : later;
    },
    clear(upTo = all.at(-1)?.id ?? ''): void {
      cleared = upTo;
    },
  };
}

/** The place of the first mail with a later id, by bisection. */
function firstAfter(mails: readonly Stored[], id: string): number {
  let [low, high] = [0, mails.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((mails[middle]?.id ?? '') <= id) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** Reads the index; says whether its last line is torn. Lines about bytes that never reached the disk were never acknowledged. */
async function load(file: string, memory: ReturnType<typeof createMemory>, size: number): Promise<boolean> {
  const text = await readFile(file, 'utf8');
  for (const line of text.split('\n')) {
    const entry = parseLine(line);
    if (entry === undefined) continue;
    if ('cleared' in entry) memory.clear(entry.cleared);
    else if (entry.offset + entry.size <= size) memory.add(entry);
  }
  return text !== '' && !text.endsWith('\n');
}

function parseLine(line: string): Stored | { readonly cleared: string } | undefined {
  try {
    return line === '' ? undefined : (JSON.parse(line) as Stored | { readonly cleared: string });
  } catch {
    return undefined;
  }
}

async function readAt(file: FileHandle, { offset, size }: Stored): Promise<Buffer> {
  const buffer = Buffer.alloc(size);
  await file.read(buffer, 0, size, offset);
  return buffer;
}

function describe(group: readonly Pending[], first: number, end: number): Stored[] {
  const receivedAt = shanghai(Date.now());
  let offset = end;
  return group.map(({ mail }, i) => {
    const one = { ...scan(mail), id: String(first + i).padStart(8, '0'), receivedAt, offset };
    offset += one.size;
    return one;
  });
}

function scan({ raw, envelopeFrom, to }: IncomingMail): Omit<MailMeta, 'id' | 'receivedAt'> {
  const header = headers(raw);
  return {
    from: bareAddress(header('from')),
    to,
    envelopeFrom,
    subject: decodeWords(header('subject')),
    messageId: bare(header('message-id')),
    date: header('date'),
    size: raw.length,
    sha256: createHash('sha256').update(raw).digest('hex'),
  };
}

/** A cheap look at the header block, since parsing every mail on arrival would halve the rate. */
function headers(raw: Buffer): (name: string) => string {
  const end = raw.indexOf('\r\n\r\n');
  const block = raw.toString('utf8', 0, end === -1 ? Math.min(raw.length, 65_536) : end);
  const lines = block.replaceAll(/\r?\n[ \t]+/g, ' ').split(/\r?\n/);
  return (name) => {
    const line = lines.find((one) => one.slice(0, name.length + 1).toLowerCase() === `${name}:`);
    return line === undefined ? '' : line.slice(name.length + 1).trim();
  };
}

function bareAddress(value: string): string {
  return /<([^<>]*)>[^<>]*$/.exec(value)?.[1] ?? value;
}

function bare(messageId: string): string {
  return messageId.trim().replace(/^<(.*)>$/, '$1');
}

function shanghai(epochMs: number): string {
  return `${new Date(epochMs + 8 * 3_600_000).toISOString().slice(0, 23)}+08:00`;
}
