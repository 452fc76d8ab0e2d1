import { type Connection, Schema } from 'mongoose';

/** A decision that a short workflow of its own carries out, once: dates that move, a mail in doubt. It has no other projection. */
export interface ErrandRecord {
  /** The workflow's id. */
  readonly _id: string;
  readonly kind: 'calendar' | 'outage' | 'settlement';
  readonly owner: string;
  /** By the machine: a demo's clock runs faster than the engine works. */
  readonly begunAt: Date;
  readonly endedAt?: Date;
}

export const errandModel = (connection: Connection) => {
  const schema = new Schema<ErrandRecord>(
    {
      _id: { type: String, required: true },
      kind: { type: String, required: true },
      owner: { type: String, required: true },
      begunAt: { type: Date, required: true },
      endedAt: Date,
    },
    { collection: 'errands', versionKey: false },
  );
  return connection.model<ErrandRecord>('Errand', schema);
};

export type ErrandModel = ReturnType<typeof errandModel>;

/** May run twice: it began once. */
export async function beginErrand(
  errands: ErrandModel,
  { _id, ...errand }: Omit<ErrandRecord, 'begunAt' | 'endedAt'>,
): Promise<void> {
  await errands.updateOne({ _id }, { $setOnInsert: { ...errand, begunAt: new Date() } }, { upsert: true });
}

/** May run twice: its first end stands. */
export async function endErrand(errands: ErrandModel, _id: string): Promise<void> {
  await errands.updateOne({ _id, endedAt: { $exists: false } }, { $set: { endedAt: new Date() } });
}
