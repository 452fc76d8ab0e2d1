import type { Request, Response } from 'express';
import type { mongo } from 'mongoose';
import type { EventBlock, LedgerEntry } from '../models/event.ts';
import { countTasks } from './campaign-view.ts';
import type { ApiDeps } from './deps.ts';
import { sentenceOf } from './event-words.ts';

const TICK_MS = 1_000;
/** A stream that the database has just opened may have missed what came before: until then the ledger is looked at each second. */
const SETTLING_MS = 5_000;
const COUNTS_EVERY_MS = 500;
const HEARTBEAT_MS = 15_000;
/** A listener comes back by itself, and shows its rights again. */
const LONGEST_MS = 600_000;
const BATCH = 500;
const MOST_WAITING_BYTES = 1_048_576;

type Block = Pick<EventBlock, 'seq' | 'entries'>;

interface Listener {
  readonly res: Response;
  /** The last block it was sent. */
  seq: number;
  live: boolean;
  counts: string;
}

interface Channel {
  readonly owner: string;
  readonly listeners: Set<Listener>;
  seq: number;
  counts: string;
  countedAt: number;
  counting: NodeJS.Timeout | undefined;
  reading: boolean;
  again: boolean;
}

type Hub = ReturnType<typeof createHub>;

const hubs = new Map<ApiDeps['store'], Hub>();

/** Sends the counts of an owner as they change, and its ledger from `Last-Event-ID` on; returns when the stream is open. */
export async function openStream(
  deps: ApiDeps,
  owner: string,
  { req, res }: { readonly req: Request; readonly res: Response },
): Promise<void> {
  let hub = hubs.get(deps.store);
  if (!hub) hubs.set(deps.store, (hub = createHub(deps)));
  await hub.join(owner, req, res);
}

/** Ends every stream of this process, so that a server can stop. */
export function closeStreams(): void {
  for (const hub of hubs.values()) hub.close();
  hubs.clear();
}

/** One change stream and one poller for all who listen, however many they are. */
function createHub(deps: ApiDeps) {
  const { store } = deps;
  const channels = new Map<string, Channel>();
  let changes: mongo.ChangeStream | undefined;
  let changesSince = 0;
  let ticks = 0;
  const ticker = setInterval(() => void tick(), TICK_MS).unref();

  function watch(): void {
    try {
      changes = store.events.collection.watch([
        { $match: { operationType: 'insert' } },
        { $project: { 'fullDocument.owner': 1 } },
      ]);
    } catch {
      return;
    }
    changesSince = Date.now();
    changes.on('change', (change) => {
      const owner =
        'fullDocument' in change ? (change.fullDocument as { owner?: string } | undefined)?.owner : undefined;
      const channel = owner === undefined ? undefined : channels.get(owner);
      if (channel) void look(channel);
    });
    changes.on('error', () => unwatch());
    changes.on('close', () => (changes = undefined));
  }

  function unwatch(): void {
    const old = changes;
    changes = undefined;
    old?.removeAllListeners();
    old?.on('error', () => undefined);
    void old?.close().catch(() => undefined);
  }

  async function tick(): Promise<void> {
    ticks += 1;
    const settled = changes !== undefined && Date.now() - changesSince > SETTLING_MS;
    if (!changes && channels.size > 0 && ticks % 10 === 0) watch();
    if (!settled || ticks % 5 === 0) await Promise.all([...channels.values()].map(look));
    if (ticks % (HEARTBEAT_MS / TICK_MS) === 0) for (const channel of channels.values()) beat(channel);
  }

  function beat(channel: Channel): void {
    for (const { res } of channel.listeners) res.write(': \n\n');
    countSoon(channel);
  }

  /** Reads what the ledger has more, once at a time. */
  async function look(channel: Channel): Promise<void> {
    if (channel.reading) {
      channel.again = true;
      return;
    }
    channel.reading = true;
    try {
      do {
        channel.again = false;
        const blocks = await blocksAfter(channel.owner, channel.seq);
        for (const block of blocks) {
          channel.seq = block.seq;
          for (const listener of channel.listeners) if (listener.live) tell(listener, block);
        }
        if (blocks.length > 0) countSoon(channel);
        if (blocks.length === BATCH) channel.again = true;
      } while (channel.again);
    } catch (error) {
      deps.log.warn({ err: error }, 'stream: ledger not read');
    } finally {
      channel.reading = false;
    }
  }

  const blocksAfter = (owner: string, seq: number) =>
    store.events
      .find({ owner, seq: { $gt: seq } }, { seq: 1, entries: 1 })
      .sort({ seq: 1 })
      .limit(BATCH)
      .lean<Block[]>();

  function countSoon(channel: Channel): void {
    if (channel.counting) return;
    const wait = Math.max(30, channel.countedAt + COUNTS_EVERY_MS - Date.now());
    channel.counting = setTimeout(() => {
      channel.counting = undefined;
      channel.countedAt = Date.now();
      void count(channel);
    }, wait).unref();
  }

  /** The ledger may be written a moment before what is counted: a change is looked at once more. */
  async function count(channel: Channel): Promise<void> {
    try {
      const counts = await countsOf(channel.owner);
      if (counts !== channel.counts) {
        channel.counts = counts;
        setTimeout(() => countSoon(channel), 2 * COUNTS_EVERY_MS).unref();
      }
      for (const listener of channel.listeners) if (listener.live) tellCounts(listener, counts);
    } catch (error) {
      deps.log.warn({ err: error }, 'stream: not counted');
    }
  }

  async function countsOf(owner: string): Promise<string> {
    const [counts, campaign] = await Promise.all([
      countTasks(deps, { owner }),
      store.campaigns.findById(owner, { state: 1, phase: 1 }).lean(),
    ]);
    return JSON.stringify({ counts, state: campaign?.state ?? '', phase: campaign?.phase ?? '' });
  }

  async function channelOf(owner: string): Promise<Channel> {
    const head = await store.events.findOne({ owner }, { seq: 1 }).sort({ seq: -1 }).lean();
    const known = channels.get(owner);
    if (known) return known;
    const channel: Channel = {
      owner,
      listeners: new Set(),
      seq: head?.seq ?? 0,
      counts: '',
      countedAt: 0,
      counting: undefined,
      reading: false,
      again: false,
    };
    channels.set(owner, channel);
    if (!changes) watch();
    return channel;
  }

  async function join(owner: string, req: Request, res: Response): Promise<void> {
    const channel = await channelOf(owner);
    const asked = req.get('last-event-id') ?? req.query['lastEventId'];
    const from = typeof asked === 'string' && /^\d{1,12}$/.test(asked) ? Number(asked) : channel.seq;
    const listener: Listener = { res, seq: Math.min(from, channel.seq), live: false, counts: '' };
    res.status(200).set({
      'Content-Type': 'text/event-stream; charset=utf-8',
      'Cache-Control': 'no-store, no-transform',
      'X-Accel-Buffering': 'no',
    });
    res.flushHeaders();
    res.write('retry: 3000\n\n');
    channel.listeners.add(listener);
    const end = setTimeout(() => res.end(), LONGEST_MS).unref();
    res.on('close', () => {
      clearTimeout(end);
      leave(channel, listener);
    });
    if (req.socket.destroyed) leave(channel, listener);
    tellCounts(listener, await countsOf(owner));
    await replay(channel, listener);
  }

  /** What the listener missed comes first and in order; it is live in the same turn in which nothing is left. */
  async function replay(channel: Channel, listener: Listener): Promise<void> {
    for (;;) {
      const blocks = await blocksAfter(channel.owner, listener.seq);
      for (const block of blocks) tell(listener, block);
      if (blocks.length < BATCH && listener.seq >= channel.seq) break;
      if (listener.res.destroyed) return;
    }
    listener.live = true;
    void look(channel);
  }

  function leave(channel: Channel, listener: Listener): void {
    channel.listeners.delete(listener);
    if (channel.listeners.size > 0) return;
    clearTimeout(channel.counting);
    if (channels.get(channel.owner) === channel) channels.delete(channel.owner);
    if (channels.size === 0) unwatch();
  }

  function close(): void {
    clearInterval(ticker);
    unwatch();
    for (const channel of channels.values()) {
      clearTimeout(channel.counting);
      for (const { res } of channel.listeners) res.end();
    }
    channels.clear();
  }

  return { join, close };
}

/** Only the last line of a block carries its number: who was cut off in the middle gets the block again. */
function tell(listener: Listener, block: Block): void {
  if (block.seq <= listener.seq) return;
  const entries = JSON.parse(block.entries) as LedgerEntry[];
  const text = entries.map((entry, i) => {
    const { at, what, task, who } = entry;
    const data = JSON.stringify({
      at,
      what: sentenceOf(entry),
      code: what,
      ...(task === undefined ? {} : { task }),
      who: who ?? '系统',
    });
    return `${i === entries.length - 1 ? `id: ${block.seq}\n` : ''}event: entry\ndata: ${data}\n\n`;
  });
  listener.seq = block.seq;
  send(listener, text.join(''));
}

function tellCounts(listener: Listener, counts: string): void {
  if (counts === listener.counts) return;
  listener.counts = counts;
  send(listener, `${listener.live ? `id: ${listener.seq}\n` : ''}event: counts\ndata: ${counts}\n\n`);
}

/** Who does not read is let go; it comes back with the number of what it has. */
function send({ res }: Listener, text: string): void {
  if (res.writableLength > MOST_WAITING_BYTES) res.destroy();
  else res.write(text);
}
