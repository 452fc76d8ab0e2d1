import mongoose, { type Connection, Schema } from 'mongoose';
import type { Instrument } from '../domain/instrument.ts';
import type { Store } from './store.ts';

/** One version of the office's rules for its documents (文书规则); an older one stays, since documents name the version they were let through by. */
export interface InstrumentSetRecord {
  /** The version. */
  readonly _id: number;
  readonly items: readonly Instrument[];
  readonly by: string;
  readonly at: string;
}

export const instrumentModel = (connection: Connection) =>
  connection.model<InstrumentSetRecord>(
    'InstrumentSet',
    new Schema<InstrumentSetRecord>(
      {
        _id: { type: Number, required: true },
        items: { type: [Schema.Types.Mixed], required: true },
        by: String,
        at: String,
      },
      { collection: 'instruments', versionKey: false, minimize: false },
    ),
  );

/** The rules that hold now; version 0 without a row where none were ever given. */
export async function readInstruments({
  instruments,
}: Pick<Store, 'instruments'>): Promise<{ readonly version: number; readonly items: readonly Instrument[] }> {
  const [row] = await instruments.find().sort({ _id: -1 }).limit(1).lean<InstrumentSetRecord[]>();
  return { version: row?._id ?? 0, items: row?.items ?? [] };
}

/** Keeps a set as the next version; false where somebody else's came first. */
export async function keepInstruments(
  { instruments }: Pick<Store, 'instruments'>,
  record: InstrumentSetRecord,
): Promise<boolean> {
  try {
    await instruments.collection.insertOne(record as never);
    return true;
  } catch (error) {
    if (!(error instanceof mongoose.mongo.MongoServerError) || error.code !== 11_000) throw error;
    return false;
  }
}
