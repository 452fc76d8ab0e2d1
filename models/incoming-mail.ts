import { createHash } from 'node:crypto';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import mongoose, { type Connection, type Model, Schema } from 'mongoose';

/** A mail that cannot be read waits for a person like one that cannot be placed. */
export const HELD = ['held', 'unparseable'] as const;

/** What became of a mail. `pending` until it is judged, `waiting` while its sender has sent too many at once; `attached`, `ignored` and `blocked` are what people decide of a held one. */
export const INCOMING_DISPOSITIONS = [
  'pending',
  'waiting',
  'submission',
  'bounce',
  'autoReply',
  'loop',
  'empty',
  'held',
  'unparseable',
  'attached',
  'ignored',
  'blocked',
  'clue',
  'contact',
] as const;
export type IncomingDisposition = (typeof INCOMING_DISPOSITIONS)[number];

/** Where a mail came in. `uid` is the server's own name of one delivery: the same bytes under the same name are the same delivery. */
export interface DeliveryRecord {
  readonly source: string;
  readonly uid: string;
  readonly envelope: {
    readonly from?: string;
    readonly to: readonly string[];
    readonly ip?: string;
    readonly helo?: string;
  };
}

/** A mail as it came, stored before anything is done with it, never deleted. */
export interface IncomingMailRecord extends DeliveryRecord {
  readonly _id: string;
  readonly sha256: string;
  /** bytes */
  readonly size: number;
  /** Up to 1 MB; larger ones are in GridFS under `rawFile`. */
  readonly raw?: Buffer;
  readonly rawFile?: mongoose.Types.ObjectId;
  /** Bytes and sender's envelope are encrypted: a complaint. */
  readonly sealed?: boolean;
  /** The clue that it became or belongs to. */
  readonly clue?: string;
  readonly receivedAt: Date;
  readonly disposition: IncomingDisposition;
  readonly reason?: string;
  readonly guesses: readonly {
    readonly task: string;
    readonly agency: string;
    readonly score: number;
    readonly why: string;
  }[];
  readonly task?: string;
  readonly agency?: string;
  readonly submission?: string;
  readonly subject?: string;
  readonly from?: string;
  readonly messageId?: string;
  /** Keyed hash of who sent a complaint: it says nothing but which came from the same one. */
  readonly sender?: string;
  /** When a waiting mail's turn comes, and when a complaint was taken; on the product's clock. */
  readonly turnAt?: Date;
  readonly takenAt?: Date;
  readonly handledBy?: string;
  readonly handledAt?: Date;
}

/** Encrypts a mail's bytes; `about` is the mail's own id. */
export type Seal = (bytes: Buffer, about: string) => Buffer;

/** bytes: a document of MongoDB holds 16 MB, and a list of mails is read with its documents */
const IN_DOCUMENT = 1024 * 1024;
const BUCKET = 'incoming';

/** The collection of a connection; asked again, it is the same. */
export const incomingMailModel = (connection: Connection): Model<IncomingMailRecord> => {
  const known = connection.models['IncomingMail'];
  if (known) return known as Model<IncomingMailRecord>;
  const schema = new Schema<IncomingMailRecord>(
    {
      _id: { type: String, required: true },
      sha256: { type: String, required: true },
      source: { type: String, required: true },
      uid: { type: String, required: true },
      size: { type: Number, required: true },
      envelope: { type: Schema.Types.Mixed, required: true },
      raw: Buffer,
      rawFile: Schema.Types.ObjectId,
      sealed: Boolean,
      clue: String,
      receivedAt: { type: Date, required: true },
      disposition: { type: String, enum: INCOMING_DISPOSITIONS, default: 'pending', required: true },
      reason: String,
      guesses: { type: [Schema.Types.Mixed], default: [] },
      task: { type: String, index: true, sparse: true },
      agency: String,
      submission: String,
      subject: String,
      from: String,
      messageId: { type: String, index: true, sparse: true },
      sender: String,
      turnAt: Date,
      takenAt: Date,
      handledBy: String,
      handledAt: Date,
    },
    { collection: 'incomingMails', versionKey: false },
  );
  schema.index({ sha256: 1, source: 1, uid: 1 }, { unique: true });
  schema.index({ receivedAt: 1 }, { name: 'pending', partialFilterExpression: { disposition: 'pending' } });
  schema.index({ turnAt: 1 }, { name: 'waiting', partialFilterExpression: { disposition: 'waiting' } });
  schema.index({ sender: 1, takenAt: 1 }, { sparse: true });
  schema.index({ receivedAt: -1 }, { name: 'held', partialFilterExpression: { disposition: 'held' } });
  return connection.model<IncomingMailRecord>('IncomingMail', schema);
};

function bucketOf(connection: Connection): mongoose.mongo.GridFSBucket {
  if (!connection.db) throw new Error('the connection is not open');
  return new mongoose.mongo.GridFSBucket(connection.db, { bucketName: BUCKET });
}

/**
 * Stores a mail, majority and journalled, and gives its id; the same delivery twice gives the first one's and `again`.
 * When this returns, the mail may be acknowledged to its sender.
 */
export async function storeIncoming(
  connection: Connection,
  raw: Buffer,
  delivery: DeliveryRecord & { readonly receivedAt: Date; readonly seal?: Seal | undefined },
): Promise<{ readonly id: string; readonly again: boolean }> {
  const sha256 = createHash('sha256').update(raw).digest('hex');
  const { source, uid, envelope, receivedAt, seal } = delivery;
  const id = createHash('sha256')
    .update(JSON.stringify([sha256, source, uid]))
    .digest('hex')
    .slice(0, 32);
  const model = incomingMailModel(connection);
  if (await model.exists({ _id: id })) return { id, again: true };
  const kept = seal ? seal(withEnvelope(raw, envelope), id) : raw;
  const rawFile = kept.length > IN_DOCUMENT ? await storeRaw(connection, kept, id) : undefined;
  const record = {
    _id: id,
    sha256,
    source,
    uid,
    size: raw.length,
    envelope: seal ? { to: envelope.to } : envelope,
    ...(seal ? { sealed: true } : {}),
    receivedAt,
    disposition: 'pending' as const,
  };
  const result = await model.collection.updateOne(
    { _id: id as never },
    { $setOnInsert: { ...record, guesses: [], ...(rawFile === undefined ? { raw: kept } : { rawFile }) } },
    { upsert: true, writeConcern: { w: 'majority', j: true } },
  );
  return { id, again: result.upsertedCount === 0 };
}

/** What is sealed of a complaint: on its first line the SMTP dialogue's word on who sent it, then the mail. */
const withEnvelope = (raw: Buffer, envelope: DeliveryRecord['envelope']): Buffer =>
  Buffer.concat([Buffer.from(`${JSON.stringify(envelope)}\n`, 'utf8'), raw]);

/** A sealed mail's bytes and envelope, once they are opened. */
export function unsealed(opened: Buffer): { raw: Buffer; envelope: DeliveryRecord['envelope'] } {
  const end = opened.indexOf(10);
  const envelope = JSON.parse(opened.subarray(0, end).toString('utf8')) as DeliveryRecord['envelope'];
  return { raw: opened.subarray(end + 1), envelope };
}

/** Takes back what a mail shows of its sender, once it is known to be a complainant's: a mail that came back to us names them. */
export async function sealStored(
  connection: Connection,
  mail: IncomingMailRecord,
  sealed: Buffer,
): Promise<void> {
  const rawFile = sealed.length > IN_DOCUMENT ? await storeRaw(connection, sealed, mail._id) : undefined;
  await incomingMailModel(connection).updateOne(
    { _id: mail._id },
    {
      $set: {
        sealed: true,
        envelope: { to: mail.envelope.to },
        ...(rawFile ? { rawFile } : { raw: sealed }),
      },
      $unset: { subject: 1, from: 1, messageId: 1, ...(rawFile ? { raw: 1 } : { rawFile: 1 }) },
    },
  );
  if (mail.rawFile) await bucketOf(connection).delete(mail.rawFile);
}

async function storeRaw(connection: Connection, raw: Buffer, id: string): Promise<mongoose.mongo.ObjectId> {
  const upload = bucketOf(connection).openUploadStream(id, { writeConcern: { w: 'majority', j: true } });
  await pipeline(Readable.from([raw]), upload);
  return upload.id;
}

/** The bytes of a stored mail, exactly as they came. Throws when they are not there. */
export async function rawOf(
  connection: Connection,
  record: Pick<IncomingMailRecord, 'raw' | 'rawFile'>,
): Promise<Buffer> {
  if (record.rawFile !== undefined) {
    const chunks: Buffer[] = [];
    for await (const chunk of bucketOf(connection).openDownloadStream(record.rawFile))
      chunks.push(chunk as Buffer);
    return Buffer.concat(chunks);
  }
  if (record.raw === undefined) throw new Error('the mail has no bytes');
  const held = record.raw as Buffer | mongoose.mongo.Binary;
  return Buffer.isBuffer(held) ? held : Buffer.from(held.buffer);
}
