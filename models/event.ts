import { AsyncLocalStorage } from 'node:async_hooks';
import { createHash } from 'node:crypto';
import mongoose, { type Connection, Schema } from 'mongoose';

/** One line of the ledger. */
export interface LedgerEntry {
  readonly at: string;
  readonly source: 'workflow' | 'mail' | 'answer' | 'decision' | 'person';
  readonly what: string;
  readonly task?: string;
  readonly who?: string;
  readonly detail?: Readonly<Record<string, string | number | boolean>>;
}

/** The step of the engine that a write is part of: its number in that run's own history. */
export interface EngineStep {
  readonly workflow: string;
  readonly run: string;
  readonly event: string;
}

const steps = new AsyncLocalStorage<EngineStep>();

/** What is appended within `act` names this step. */
export const inStep = <T>(step: EngineStep, act: () => T): T => steps.run(step, act);

/** What one write adds to an owner's ledger; each block holds the hash of the one before. */
export interface EventBlock {
  /** owner and place in its chain */
  readonly _id: string;
  readonly owner: string;
  readonly seq: number;
  /** Names the write that made it, so that a repeat adds nothing. */
  readonly key: string;
  readonly prev: string;
  readonly hash: string;
  /** Canonical JSON of the entries: what was hashed is what is kept. */
  readonly entries: string;
  readonly count: number;
  readonly tasks: readonly string[];
  /** Not hashed: it can be found again in the engine's history, kept or archived. */
  readonly step?: EngineStep;
}

export const eventModel = (connection: Connection) => {
  const schema = new Schema<EventBlock>(
    {
      _id: { type: String, required: true },
      owner: { type: String, required: true },
      seq: { type: Number, required: true },
      key: { type: String, required: true },
      prev: { type: String, required: false },
      hash: { type: String, required: true },
      entries: { type: String, required: true },
      count: { type: Number, required: true },
      tasks: [String],
      step: { type: Schema.Types.Mixed, required: false },
    },
    { collection: 'events', versionKey: false },
  );
  schema.index({ owner: 1, seq: -1 }, { unique: true });
  schema.index({ owner: 1, key: 1 }, { unique: true });
  schema.index({ tasks: 1 });
  return connection.model<EventBlock>('Event', schema);
};

export const blockHash = (block: Pick<EventBlock, 'owner' | 'seq' | 'key' | 'prev' | 'entries'>): string =>
  createHash('sha256')
    .update([block.prev, block.owner, block.seq, block.key, block.entries].join('\n'))
    .digest('hex');

interface NewBlock {
  readonly owner: string;
  readonly key: string;
  readonly entries: readonly LedgerEntry[];
}
type Made = NewBlock & { readonly step: EngineStep | undefined };
type Head = Pick<EventBlock, 'seq' | 'hash'>;

/** Writers of this process take turns on an owner's chain, so that only other processes are raced; the last of them hands its head on. */
const turns = new WeakMap<ReturnType<typeof eventModel>, Map<string, Promise<Head | undefined>>>();

/** Adds a block to an owner's chain; the same key again adds nothing. Writers of one owner may race: the place in the chain is unique. */
export async function appendEvents(model: ReturnType<typeof eventModel>, block: NewBlock): Promise<void> {
  if (block.entries.length === 0) return;
  const { owner } = block;
  const made = { ...block, step: steps.getStore() };
  const chains = turns.get(model) ?? new Map<string, Promise<Head | undefined>>();
  turns.set(model, chains);
  const before = chains.get(owner) ?? Promise.resolve(undefined);
  const mine = before.catch(() => undefined).then((head) => append(model, made, head));
  chains.set(owner, mine);
  try {
    await mine;
  } finally {
    if (chains.get(owner) === mine) chains.delete(owner);
  }
}

/** Resolves with the chain's head as far as it is known then; a head handed on may be old, and is read again where its next place is taken. */
async function append(
  model: ReturnType<typeof eventModel>,
  block: Made,
  known: Head | undefined,
): Promise<Head | undefined> {
  const entries = JSON.stringify(block.entries);
  const tasks = [...new Set(block.entries.flatMap((entry) => (entry.task ? [entry.task] : [])))];
  const read = () =>
    model.findOne({ owner: block.owner }, { seq: 1, hash: 1 }).sort({ seq: -1 }).lean<Head | null>();
  for (let head = known ?? (await read()); ; head = await read()) {
    const { owner, key, step } = block;
    const next = { owner, seq: (head?.seq ?? 0) + 1, key, prev: head?.hash ?? '', entries };
    const hash = blockHash(next);
    try {
      await model.collection.insertOne({
        ...next,
        _id: `${owner}/${next.seq}` as never,
        hash,
        count: block.entries.length,
        tasks,
        ...(step === undefined ? {} : { step }),
      });
      return { seq: next.seq, hash };
    } catch (error) {
      if (!(error instanceof mongoose.mongo.MongoServerError) || error.code !== 11_000) throw error;
      if (await model.exists({ owner, key })) return undefined;
    }
  }
}

/** The entries of the block that this write made. */
export async function entriesOf(
  model: ReturnType<typeof eventModel>,
  { owner, key }: Pick<EventBlock, 'owner' | 'key'>,
): Promise<LedgerEntry[]> {
  const block = await model.findOne({ owner, key }, { entries: 1 }).lean();
  return JSON.parse(block?.entries ?? '[]') as LedgerEntry[];
}

/** What a walk along a chain has found; `brokenAt` is the place of the first block that does not fit. */
interface WalkedChain {
  readonly intact: boolean;
  readonly entries: number;
  readonly root: string;
  readonly brokenAt?: number;
}

/** Walks an owner's chain as it stands now. */
export const verifyChain = (model: ReturnType<typeof eventModel>, owner: string): Promise<WalkedChain> =>
  verifyBlocks(model.find({ owner }).sort({ seq: 1 }).lean().cursor());

/** Walks the blocks of an owner: an edited, removed, inserted or reordered block breaks their chain. */
export async function verifyBlocks(
  blocks: Iterable<EventBlock> | AsyncIterable<EventBlock>,
): Promise<WalkedChain> {
  let prev = '';
  let seq = 0;
  let entries = 0;
  for await (const block of blocks) {
    seq += 1;
    const lines = JSON.parse(block.entries) as unknown[];
    if (
      block.seq !== seq ||
      block.prev !== prev ||
      block.hash !== blockHash(block) ||
      lines.length !== block.count
    )
      return { intact: false, entries, root: prev, brokenAt: block.seq };
    prev = block.hash;
    entries += lines.length;
  }
  return { intact: true, entries, root: prev };
}
