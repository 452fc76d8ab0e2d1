import { Schema } from 'mongoose';
import type { Connection, Model } from 'mongoose';

/** A rate that all workers share. `perSecond` null is unlimited; `nextAt` is when the next one may go. */
export interface RateRecord {
  _id: string;
  perSecond: number | null;
  nextAt: Date;
  /** The database's clock at the latest reservation. */
  at?: Date;
}

export type RateModel = Model<RateRecord>;

const schema = new Schema<RateRecord>(
  {
    _id: { type: String, required: true },
    perSecond: { type: Number, default: null },
    nextAt: { type: Date, required: true },
    at: Date,
  },
  { collection: 'rates', versionKey: false },
);

/** The collection `rates` of that connection. */
export function rateModel(connection: Connection): RateModel {
  const known = connection.models['Rate'];
  return known ? (known as RateModel) : connection.model<RateRecord>('Rate', schema);
}
