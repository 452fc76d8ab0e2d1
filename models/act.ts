import mongoose, { type Connection, Schema } from 'mongoose';
import { ACT_DATES, type Act, countedOn, repeatOf, targetKey } from '../domain/act.ts';
import { nextNumber } from './setting.ts';
import type { Store } from './store.ts';

/** One enforcement act (行政执法行为), kept as it was reported. */
export interface ActRecord extends Omit<Act, 'no'> {
  /** The network's number. */
  readonly _id: string;
  /** The year it is counted in. */
  readonly year: number;
  readonly who: string;
  /** The report that brought it, or completed it last. */
  readonly batch: number;
  /** The day on which a clock that is still open runs out. */
  readonly wakeOn?: string;
}

/** Acts that came together: what the rules have not looked at yet is found by it. */
export interface ActBatchRecord {
  readonly _id: number;
  readonly source: 'api' | 'file';
  readonly file?: string | undefined;
  readonly by: string;
  readonly at: string;
  readonly count: number;
  readonly judged: boolean;
}

const text = Object.fromEntries(ACT_DATES.map((field) => [field, String]));

export const actModel = (connection: Connection) => {
  const schema = new Schema<ActRecord>(
    {
      _id: { type: String, required: true },
      agency: { type: String, required: true },
      type: { type: String, required: true },
      on: { type: String, required: true },
      target: { type: String, required: true },
      targetCode: String,
      officers: [String],
      fen: Number,
      channel: { type: String, required: true },
      legalReview: Schema.Types.Mixed,
      recording: String,
      plan: String,
      occasion: String,
      joint: String,
      cause: String,
      circumstance: String,
      outcomes: [String],
      ...text,
      year: Number,
      who: String,
      batch: Number,
      wakeOn: String,
    },
    { collection: 'acts', versionKey: false },
  );
  schema.index({ agency: 1, type: 1, on: 1, fen: 1 });
  schema.index({ type: 1, on: 1 });
  schema.index({ on: 1 });
  schema.index({ year: 1, agency: 1 });
  schema.index({ type: 1, who: 1, on: 1 });
  schema.index(
    { agency: 1, cause: 1, circumstance: 1, year: 1 },
    { partialFilterExpression: { type: 'penalty' } },
  );
  schema.index({ batch: 1 });
  schema.index({ wakeOn: 1 }, { sparse: true });
  return connection.model<ActRecord>('Act', schema);
};

export const actBatchModel = (connection: Connection) => {
  const schema = new Schema<ActBatchRecord>(
    {
      _id: { type: Number, required: true },
      source: String,
      file: String,
      by: String,
      at: String,
      count: Number,
      judged: Boolean,
    },
    { collection: 'actBatches', versionKey: false },
  );
  schema.index({ judged: 1, _id: 1 }, { partialFilterExpression: { judged: false } });
  return connection.model<ActBatchRecord>('ActBatch', schema);
};

/** An act as it was reported. */
export function actOf({ _id, year: _year, who: _who, batch: _batch, wakeOn: _wake, ...act }: ActRecord): Act {
  return { no: _id, ...act };
}

export interface Report {
  readonly acts: readonly Act[];
  readonly source: ActBatchRecord['source'];
  readonly file?: string | undefined;
  readonly by: string;
  readonly at: string;
}

export interface Stored {
  readonly created: number;
  readonly completed: number;
  readonly unchanged: number;
}

/** Where a report contradicts what is known of a number, or itself. */
export interface Contradiction {
  readonly index: number;
  readonly no: string;
  readonly fields: readonly string[];
}

type Acts = Pick<Store, 'acts' | 'actBatches' | 'sequences' | 'connection'>;

interface Sorted {
  readonly fresh: ReadonlyMap<string, Act>;
  readonly later: ReadonlyMap<string, Readonly<Partial<Act>>>;
  readonly unchanged: number;
  readonly differs: readonly Contradiction[];
}

/** Sets a report against what is stored: what is new, what completes, what contradicts. */
export async function sortActs(store: Pick<Store, 'acts'>, acts: readonly Act[]): Promise<Sorted> {
  const stored = await store.acts.find({ _id: { $in: acts.map((act) => act.no) } }).lean<ActRecord[]>();
  const known = new Map(stored.map((record) => [record._id, actOf(record)]));
  const fresh = new Map<string, Act>();
  const later = new Map<string, Readonly<Partial<Act>>>();
  const differs: Contradiction[] = [];
  let unchanged = 0;
  for (const [index, act] of acts.entries()) {
    const before = known.get(act.no);
    const repeat = before && repeatOf(before, act);
    if (repeat?.kind === 'differs') differs.push({ index, no: act.no, fields: repeat.fields });
    if (repeat?.kind === 'unchanged') unchanged += 1;
    if (!before) fresh.set(act.no, act);
    if (repeat?.kind === 'completed' && before) {
      known.set(act.no, { ...before, ...repeat.later });
      if (fresh.has(act.no)) fresh.set(act.no, { ...before, ...repeat.later });
      else later.set(act.no, { ...later.get(act.no), ...repeat.later });
    }
    if (!before) known.set(act.no, act);
  }
  return { fresh, later, unchanged, differs };
}

/** Stores a report whole, or nothing of it where it contradicts what is known; the same report again changes nothing. */
export async function storeActs(
  store: Acts,
  report: Report,
): Promise<Stored | { readonly differs: readonly Contradiction[] }> {
  for (;;) {
    const sorted = await sortActs(store, report.acts);
    if (sorted.differs.length > 0) return { differs: sorted.differs };
    const counts = { created: sorted.fresh.size, completed: sorted.later.size, unchanged: sorted.unchanged };
    if (counts.created + counts.completed === 0) return counts;
    if (await written(store, report, sorted)) return counts;
  }
}

/** False where another report brought one of the numbers meanwhile. */
async function written(store: Acts, report: Report, { fresh, later }: Sorted): Promise<boolean> {
  const { source, file, by, at } = report;
  const batch = await nextNumber(store.sequences, 'act-batch');
  const records = [...fresh.values()].map((act) => recordOf(act, batch));
  const writes = [...later].map(([no, days]) => ({
    updateOne: { filter: { _id: no }, update: { $set: { ...days, batch } } },
  }));
  const head = { _id: batch, source, ...(file === undefined ? {} : { file }), by, at };
  try {
    await store.connection.transaction(async (session) => {
      const count = records.length + writes.length;
      await store.actBatches.collection.insertOne({ ...head, count, judged: false } as never, { session });
      if (records.length > 0) await store.acts.collection.insertMany(records as never, { session });
      if (writes.length > 0) await store.acts.collection.bulkWrite(writes as never, { session });
    });
    return true;
  } catch (error) {
    if (error instanceof mongoose.mongo.MongoServerError && error.code === 11_000) return false;
    throw error;
  }
}

export function recordOf({ no, ...act }: Act, batch: number): ActRecord {
  const stated = Object.fromEntries(Object.entries(act).filter(([, value]) => value !== undefined));
  const year = Number(countedOn(act).slice(0, 4));
  return { _id: no, ...(stated as Omit<Act, 'no'>), year, who: targetKey(act), batch };
}
