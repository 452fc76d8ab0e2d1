import { type ClientSession, type Connection, Schema } from 'mongoose';
import { hoursIn, withTraining } from '../domain/holder.ts';
import type { RegisterBodies, RegisterKind, Training } from '../domain/register-entry.ts';
import type { CertifiedRecord } from './agency.ts';
import { nextNumber } from './setting.ts';
import type { Store } from './store.ts';

/** One entry of an agency's register: a delegation, an item of its powers, its means, what its head took up, a training. */
export interface RegisterEntryRecord<K extends RegisterKind = RegisterKind> {
  readonly _id: string;
  readonly kind: K;
  /** Absent for a training of several agencies. */
  readonly agency?: string | undefined;
  readonly body: RegisterBodies[K];
  readonly by: string;
  readonly at: string;
  /** The first day on which it no longer stands. */
  readonly endedOn?: string | undefined;
  readonly version: number;
}

export const registerEntryModel = (connection: Connection) => {
  const schema = new Schema<RegisterEntryRecord>(
    {
      _id: { type: String, required: true },
      kind: { type: String, required: true },
      agency: String,
      body: { type: Schema.Types.Mixed, required: true },
      by: String,
      at: String,
      endedOn: String,
      version: { type: Number, required: true },
    },
    { collection: 'registerEntries', versionKey: false, minimize: false },
  );
  schema.index({ kind: 1, agency: 1, _id: 1 });
  schema.index({ kind: 1, 'body.officer': 1 });
  return connection.model<RegisterEntryRecord>('RegisterEntry', schema);
};

const SERIES: Readonly<Record<RegisterKind, string>> = {
  entrustment: 'WT',
  enforcementItem: 'SX',
  support: 'BZ',
  leaderReview: 'YJ',
  training: 'PX',
};

type Entries = Pick<Store, 'registerEntries' | 'sequences' | 'connection' | 'supervisors' | 'officers'>;
type NewEntry = Omit<RegisterEntryRecord, '_id' | 'version'>;

/** Keeps an entry under its own number; a training's hours go to everybody who was there, with it or not at all. */
export async function keepEntry(store: Entries, entry: NewEntry): Promise<RegisterEntryRecord> {
  const series = `${SERIES[entry.kind]}-${entry.at.slice(0, 4)}`;
  const no = await nextNumber(store.sequences, series);
  const record: RegisterEntryRecord = {
    _id: `${series}-${String(no).padStart(4, '0')}`,
    ...entry,
    version: 1,
  };
  await store.connection.transaction(async (session) => {
    await store.registerEntries.collection.insertOne(record as never, { session });
    if (record.kind === 'training') await credit(store, record.body as Training, session);
  });
  return record;
}

async function credit(
  store: Pick<Store, 'supervisors' | 'officers'>,
  { on, hours, register, people }: Training,
  session: ClientSession,
): Promise<void> {
  const year = Number(on.slice(0, 4));
  const rows = await store[register]
    .find({ _id: { $in: people } }, { training: 1 }, { session })
    .lean<CertifiedRecord[]>();
  const writes = rows.map(({ _id, training = [] }) => ({
    updateOne: {
      filter: { _id },
      update: {
        $set: { training: withTraining(training, [{ year, hours: hoursIn(training, year) + hours }]) },
        $inc: { version: 1 },
      },
    },
  }));
  if (writes.length > 0) await store[register].collection.bulkWrite(writes as never, { session });
}
