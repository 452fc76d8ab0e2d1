import mongoose, { type ClientSession, type Connection, Schema } from 'mongoose';
import type { HolderRegister } from '../domain/holder.ts';
import { HOLDER, type Operation, SILENT_MS, addStep, newOperation } from './operation.ts';
import type { Store } from './store.ts';

export type ImportedRegister = 'agencies' | HolderRegister | 'acts' | 'clues';
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

/** One import of a table, and how far it has come. */
export interface ImportRecord extends Operation, ImportCounts {
  readonly kind: 'import';
  readonly register: ImportedRegister;
  readonly mode: ImportMode;
  readonly file: string;
  readonly sha256: string;
  /** How far it has come for good, in the order of the file: the last row of people, the number of agencies. */
  readonly done: number;
  /** How often the same file was sent again to go on. */
  readonly resumed: number;
  /** Until it has ended, where it stores anything: one at a time for a file. */
  readonly open?: true;
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

type Imports = Pick<Store, 'operations' | 'importFaults' | 'sequences'>;
type Order = Pick<ImportRecord, 'register' | 'mode' | 'file' | 'sha256' | 'by' | 'account' | 'startedAt'> & {
  /** Rows of the file, as far as a glance tells. */ readonly of: number;
};

/** Begins an import, or goes on with the one of the same file that broke off or was cancelled; undefined where somebody is at it now. */
export async function openImport(store: Imports, order: Order): Promise<ImportRecord | undefined> {
  const { register, mode, sha256, file, of, ...who } = order;
  const same = { register, sha256, open: true };
  const silent = {
    $or: [
      { state: { $in: ['interrupted', 'cancelled'] } },
      { beatAt: { $lt: new Date(Date.now() - SILENT_MS) } },
    ],
  };
  if (mode !== 'dryRun') {
    const now = new Date();
    const mine = {
      $set: { state: 'running', mode, holder: HOLDER, beatAt: now, stageAt: now, stage: 'checking', of },
      $unset: { endedAt: 1, why: 1 },
      $inc: { resumed: 1 },
    };
    const resumed = await store.operations
      .findOneAndUpdate({ ...same, ...silent } as never, mine, { returnDocument: 'after' })
      .lean<ImportRecord>();
    if (resumed) return resumed;
    if (await store.operations.exists(same as never)) return undefined;
  }
  const record: ImportRecord = {
    ...(await newOperation(store, { kind: 'import', ...who })),
    ...NOTHING,
    register,
    mode,
    file,
    sha256,
    of,
    ...(mode === 'dryRun' ? {} : { open: true as const }),
    done: 0,
    resumed: 0,
  };
  try {
    await store.operations.create(record);
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

/** Notes a step with what it stored, or not at all: inside the same transaction. False where the import may not go on here. */
export async function noteStep(
  store: Imports,
  id: string,
  {
    step: { done, counts, faults },
    session,
  }: { readonly step: ImportStep; readonly session?: ClientSession | undefined },
): Promise<boolean> {
  if (!(await addStep(store, id, { done, counts: { ...counts }, session }))) return false;
  if (faults.length > 0)
    await store.importFaults.collection.insertMany(
      faults.map((one) => ({ ...one, _id: faultId(id, one) as never, import: id })),
      session ? { session } : {},
    );
  return true;
}

const faultId = (id: string, { row, column }: { readonly row: number; readonly column: string }): string =>
  `${id}/${String(row).padStart(7, '0')}/${column}`;

/** The first faults of an import, in the order of the file. */
export const firstFaults = ({ importFaults }: Imports, id: string, most: number) =>
  importFaults.find({ import: id }).sort({ _id: 1 }).limit(most).lean<ImportFaultRecord[]>();
