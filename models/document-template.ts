import mongoose, { type Connection, Schema } from 'mongoose';
import type { DocumentKind } from '../domain/document.ts';

/** One version of an office's own template; none is ever changed or removed. */
export interface DocumentTemplateRecord {
  /** kind/version */
  readonly _id: string;
  readonly kind: DocumentKind;
  readonly version: number;
  readonly source: string;
  readonly by: string;
  readonly at: string;
}

export const documentTemplateModel = (connection: Connection) => {
  const schema = new Schema<DocumentTemplateRecord>(
    {
      _id: { type: String, required: true },
      kind: { type: String, required: true },
      version: { type: Number, required: true },
      source: String,
      by: String,
      at: String,
    },
    { collection: 'documentTemplates', versionKey: false },
  );
  schema.index({ kind: 1, version: -1 }, { unique: true });
  return connection.model<DocumentTemplateRecord>('DocumentTemplate', schema);
};

type Templates = ReturnType<typeof documentTemplateModel>;

/** The office's own template of a kind in its latest version; null where it goes by the one that was shipped. */
export const latestTemplate = (
  model: Templates,
  kind: DocumentKind,
): Promise<DocumentTemplateRecord | null> =>
  model.findOne({ kind }).sort({ version: -1 }).lean<DocumentTemplateRecord>();

/** Keeps a new version; null where somebody else's came first. */
export async function keepTemplate(
  model: Templates,
  one: Omit<DocumentTemplateRecord, '_id'>,
): Promise<DocumentTemplateRecord | null> {
  const record = { _id: `${one.kind}/${one.version}`, ...one };
  try {
    await model.create(record);
    return record;
  } catch (error) {
    if (error instanceof mongoose.mongo.MongoServerError && error.code === 11_000) return null;
    throw error;
  }
}
