import { type Connection, Schema } from 'mongoose';

/** The first answer to an Idempotency-Key, kept seven days. */
export interface KeyRecord {
  /** account, route and key */
  readonly _id: string;
  readonly requestHash: string;
  readonly status?: number;
  readonly body?: unknown;
  readonly createdAt: Date;
}

export const keyModel = (connection: Connection) => {
  const schema = new Schema<KeyRecord>(
    {
      _id: { type: String, required: true },
      requestHash: { type: String, required: true },
      status: Number,
      body: Schema.Types.Mixed,
      createdAt: { type: Date, required: true },
    },
    { collection: 'idempotencyKeys', versionKey: false },
  );
  schema.index({ createdAt: 1 }, { expireAfterSeconds: 7 * 86_400 });
  return connection.model<KeyRecord>('IdempotencyKey', schema);
};
