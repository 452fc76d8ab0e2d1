import mongoose, { type Connection, Schema } from 'mongoose';
import type { MailKind } from '../mail/views.ts';
import type { MailWords } from '../mail/render.ts';

/** One version of an office's own words of a mail; none is ever changed or removed. */
export interface MailTemplateRecord extends MailWords {
  /** kind/version */
  readonly _id: string;
  readonly kind: MailKind;
  readonly version: number;
  readonly by: string;
  readonly at: string;
}

export const mailTemplateModel = (connection: Connection) => {
  const schema = new Schema<MailTemplateRecord>(
    {
      _id: { type: String, required: true },
      kind: { type: String, required: true },
      version: { type: Number, required: true },
      text: String,
      html: String,
      by: String,
      at: String,
    },
    { collection: 'mailTemplates', versionKey: false },
  );
  schema.index({ kind: 1, version: -1 }, { unique: true });
  return connection.model<MailTemplateRecord>('MailTemplate', schema);
};

type Templates = ReturnType<typeof mailTemplateModel>;

export const latestWords = (model: Templates, kind: MailKind): Promise<MailTemplateRecord | null> =>
  model.findOne({ kind }).sort({ version: -1 }).lean<MailTemplateRecord>();

/** Keeps a new version; null where somebody else's came first. */
export async function keepWords(
  model: Templates,
  one: Omit<MailTemplateRecord, '_id'>,
): Promise<MailTemplateRecord | null> {
  const record = { _id: `${one.kind}/${one.version}`, ...one };
  try {
    await model.create(record);
    return record;
  } catch (error) {
    if (error instanceof mongoose.mongo.MongoServerError && error.code === 11_000) return null;
    throw error;
  }
}

/** The latest version of each kind that an office has words of its own for. */
export const allWords = (model: Templates): Promise<MailTemplateRecord[]> =>
  model.aggregate<MailTemplateRecord>([
    { $sort: { kind: 1, version: -1 } },
    { $group: { _id: '$kind', latest: { $first: '$$ROOT' } } },
    { $replaceRoot: { newRoot: '$latest' } },
  ]);
