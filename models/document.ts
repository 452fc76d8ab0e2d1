import { type Connection, Schema } from 'mongoose';

/** A formal document (文书): drafted by the system, approved by a person, numbered, frozen, hashed. */
export interface DocumentRecord {
  readonly _id: string;
  readonly owner: string;
  readonly kind: 'circular';
  readonly state: 'draft' | 'approved' | 'served';
  readonly title: string;
  readonly body: readonly string[];
  readonly createdBy: string;
  readonly createdAt: string;
  readonly number?: string;
  readonly signatory?: string;
  readonly approvedBy?: string;
  readonly approvedAt?: string;
  readonly sha256?: string;
}

export const documentModel = (connection: Connection) => {
  const schema = new Schema<DocumentRecord>(
    {
      _id: { type: String, required: true },
      owner: { type: String, index: true },
      kind: String,
      state: String,
      title: String,
      body: [String],
      createdBy: String,
      createdAt: String,
      number: String,
      signatory: String,
      approvedBy: String,
      approvedAt: String,
      sha256: String,
    },
    { collection: 'documents', versionKey: false },
  );
  schema.index({ number: 1 }, { unique: true, partialFilterExpression: { number: { $type: 'string' } } });
  return connection.model<DocumentRecord>('Document', schema);
};
