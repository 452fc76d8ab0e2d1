import { randomUUID } from 'node:crypto';
import mongoose, { type ClientSession, type Connection, Schema } from 'mongoose';
import type { HolderRegister } from '../domain/holder.ts';
import { nextNumber } from './setting.ts';
import type { Store } from './store.ts';

export type ImportedRegister = 'agencies' | HolderRegister;
/** `dryRun` stores nothing; `whole` stores everything or nothing; `skipBad` stores the good rows and lists the others. */
export type ImportMode = 'dryRun' | 'whole' | 'skipBad';

/** Rows are counted as they are dealt with; `updated` were in the register before, `unchanged` of them said nothing new. */
export interface ImportCounts {
  readonly rows: number;
  readonly bad: number;
  readonly created: number;
  readonly updated: number;
  readonly unchanged: number;
}
export const NOTHING: ImportCounts = { rows: 0, bad: 0, created: 0, updated: 0, unchanged: 0 };

/** One import of a register's table, and how far it has come. */
export interface ImportRecord extends ImportCounts {
  readonly _id: string;
  readonly register: ImportedRegister;
  readonly mode: ImportMode;
  readonly file: string;
  readonly sha256: string;
  readonly by: string;
  readonly startedAt: string;
  readonly endedAt?: string;
  readonly state: 'running' | 'done' | 'refused' | 'interrupted';
  /** How far it has come for good, in the order of the file: the last row of people, the number of agencies. */
  readonly done: number;
  /** Rows of the file, where it was tried before. */
  readonly of?: number;
  /** How often the same file was sent again to go on. */
  readonly resumed: number;
  /** Until it has ended, where it stores anything: one at a time for a file. */
  readonly open?: true;
  /** The process that is at it, and when it last said so. */
  readonly holder: string;
  readonly beatAt: Date;
}

/** One cell that could not be taken. */
export interface ImportFaultRecord {
  readonly _id: string;
  readonly import: string;
  readonly row: number;
  readonly column: string;
  readonly code: string;
  readonly detail: string;
}

export const importModel = (connection: Connection) => {
  const schema = new Schema<ImportRecord>(
    {
      _id: { type: String, required: true },
      register: { type: String, required: true },
      mode: { type: String, required: true },
      file: String,
      sha256: String,
      by: String,
      startedAt: String,
      endedAt: String,
      state: { type: String, required: true },
      done: Number,
      of: Number,
      rows: Number,
      bad: Number,
      created: Number,
      updated: Number,
      unchanged: Number,
      resumed: Number,
      open: Boolean,
      holder: String,
      beatAt: Date,
    },
    { collection: 'imports', versionKey: false },
  );
  schema.index({ sha256: 1, register: 1, mode: 1 });
  schema.index(
    { register: 1, sha256: 1, open: 1 },
    { unique: true, partialFilterExpression: { open: true } },
  );
  return connection.model<ImportRecord>('Import', schema);
};

export const importFaultModel = (connection: Connection) => {
  const schema = new Schema<ImportFaultRecord>(
    {
      _id: { type: String, required: true },
      import: { type: String, required: true },
      row: Number,
      column: String,
      code: String,
      detail: String,
    },
    { collection: 'importFaults', versionKey: false },
  );
  schema.index({ import: 1, _id: 1 });
  return connection.model<ImportFaultRecord>('ImportFault', schema);
};

/** This process among all that may have been at an import. */
const HOLDER = randomUUID();
/** Milliseconds without a word after which a process counts as gone. */
export const SILENT_MS = 15_000;

type Imports = Pick<Store, 'imports' | 'importFaults' | 'sequences'>;
type Order = Pick<ImportRecord, 'register' | 'mode' | 'file' | 'sha256' | 'by' | 'startedAt'>;

/** Begins an import, or goes on with the one of the same file that broke off; undefined where somebody is at it now. */
export async function openImport(store: Imports, order: Order): Promise<ImportRecord | undefined> {
  const { register, mode, sha256 } = order;
  const same = { register, sha256, open: true };
  const silent = { $or: [{ state: 'interrupted' }, { beatAt: { $lt: new Date(Date.now() - SILENT_MS) } }] };
  if (mode !== 'dryRun') {
    const mine = {
      $set: { state: 'running', mode, holder: HOLDER, beatAt: new Date() },
      $inc: { resumed: 1 },
    };
    const resumed = await store.imports
      .findOneAndUpdate({ ...same, ...silent } as never, mine, { returnDocument: 'after' })
      .lean<ImportRecord>();
    if (resumed) return resumed;
    if (await store.imports.exists(same as never)) return undefined;
  }
  const tried = await store.imports
    .findOne({ register, sha256, mode: 'dryRun', state: 'done' }, { rows: 1 })
    .sort({ _id: -1 })
    .lean();
  const year = order.startedAt.slice(0, 4);
  const no = await nextNumber(store.sequences, `DR-${year}`);
  const record: ImportRecord = {
    _id: `DR-${year}-${String(no).padStart(5, '0')}`,
    ...order,
    ...NOTHING,
    ...(tried ? { of: tried.rows } : {}),
    ...(mode === 'dryRun' ? {} : { open: true as const }),
    state: 'running',
    done: 0,
    resumed: 0,
    holder: HOLDER,
    beatAt: new Date(),
  };
  try {
    await store.imports.create(record);
    return record;
  } catch (error) {
    if (error instanceof mongoose.mongo.MongoServerError && error.code === 11_000) return undefined;
    throw error;
  }
}

/** What some rows came to. */
export interface ImportStep {
  /** How far the import has come with them. */
  readonly done: number;
  readonly counts: ImportCounts;
  readonly faults: readonly Omit<ImportFaultRecord, '_id' | 'import'>[];
}

/** Notes a step with what it stored, or not at all: inside the same transaction. False where another process has taken the import over. */
export async function noteStep(
  { imports, importFaults }: Imports,
  id: string,
  {
    step: { done, counts, faults },
    session,
  }: { readonly step: ImportStep; readonly session?: ClientSession | undefined },
): Promise<boolean> {
  const options = session ? { session } : {};
  const noted = await imports.collection.updateOne(
    { _id: id as never, holder: HOLDER, state: 'running' },
    { $set: { done, beatAt: new Date() }, $inc: { ...counts } },
    options,
  );
  if (noted.matchedCount === 0) return false;
  if (faults.length > 0)
    await importFaults.collection.insertMany(
      faults.map((one) => ({ ...one, _id: faultId(id, one) as never, import: id })),
      options,
    );
  return true;
}

const faultId = (id: string, { row, column }: { readonly row: number; readonly column: string }): string =>
  `${id}/${String(row).padStart(7, '0')}/${column}`;

export async function endImport(
  { imports }: Imports,
  id: string,
  { state, at }: { readonly state: 'done' | 'refused' | 'interrupted'; readonly at: string },
): Promise<void> {
  const set = { state, beatAt: new Date() };
  const change =
    state === 'interrupted' ? { $set: set } : { $set: { ...set, endedAt: at }, $unset: { open: 1 as const } };
  await imports.updateOne({ _id: id, holder: HOLDER }, change);
}

/** How it stands: what no process speaks for any more has broken off. */
export const importState = ({ state, beatAt }: Pick<ImportRecord, 'state' | 'beatAt'>, now: number) =>
  state === 'running' && now - beatAt.getTime() > SILENT_MS ? 'interrupted' : state;

/** The first faults of an import, in the order of the file. */
export const firstFaults = ({ importFaults }: Imports, id: string, most: number) =>
  importFaults.find({ import: id }).sort({ _id: 1 }).limit(most).lean<ImportFaultRecord[]>();
