import { type Connection, Schema } from 'mongoose';

/** A value that operations may change while the system runs. */
export interface SettingRecord {
  readonly _id: string;
  readonly value: unknown;
}

/** The last number given of a series. */
export interface SequenceRecord {
  readonly _id: string;
  readonly last: number;
}

export const settingModel = (connection: Connection) =>
  connection.model<SettingRecord>(
    'Setting',
    new Schema<SettingRecord>(
      { _id: { type: String, required: true }, value: Schema.Types.Mixed },
      { collection: 'settings', versionKey: false },
    ),
  );

export const sequenceModel = (connection: Connection) =>
  connection.model<SequenceRecord>(
    'Sequence',
    new Schema<SequenceRecord>(
      { _id: { type: String, required: true }, last: { type: Number, required: true } },
      { collection: 'sequences', versionKey: false },
    ),
  );

/** The next number of a series, never given twice. */
export async function nextNumber(model: ReturnType<typeof sequenceModel>, series: string): Promise<number> {
  const row = await model
    .findOneAndUpdate({ _id: series }, { $inc: { last: 1 } }, { upsert: true, returnDocument: 'after' })
    .lean();
  return row?.last ?? 1;
}

/** The number a key has in a series: a call that is made again after it broke off keeps its own. */
export async function numberFor(
  model: ReturnType<typeof sequenceModel>,
  series: string,
  key: string,
): Promise<number> {
  const _id = `${series}/${key}`;
  const mine = await model.findById(_id).lean();
  if (mine) return mine.last;
  const last = await nextNumber(model, series);
  const kept = await model
    .findOneAndUpdate({ _id }, { $setOnInsert: { last } }, { upsert: true, returnDocument: 'after' })
    .lean();
  return kept?.last ?? last;
}
