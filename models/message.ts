import { Schema } from 'mongoose';
import type { Connection, Model, mongo } from 'mongoose';

/** `sending` is written before connecting; only a reply, the archive or a person ends it. Nothing is ever deleted by age. */
export type MessageState =
  | 'pending'
  | 'sending'
  | 'sent'
  | 'rejected'
  | 'deferred'
  | 'inDoubt'
  | 'bounced'
  | 'cancelled';

/** What a person decided of a mail in doubt, and why: the evidence that no server gave. */
export interface Settlement {
  readonly outcome: 'sent' | 'resend';
  readonly reason: string;
  readonly by: string;
  /** RFC 3339 on the product's clock */
  readonly at: string;
  /** Attempts begun when it was decided: a mail that is in doubt again is decided again. */
  readonly attempt: number;
}

/** One mail to one recipient, with its bytes: the outbox and the evidence of service at once. */
export interface MessageRecord {
  /** Message-ID without angle brackets; its local part is the VERP token. */
  _id: string;
  /** Task number, or `agency/date` for a digest. */
  subject: string;
  kind: string;
  sequence: number;
  /** lower-case address */
  recipient: string;
  owner: string;
  agency?: string;
  /** Frozen: what is sent again is byte for byte what was sent. */
  raw: Buffer;
  /** Its bytes are encrypted and its recipient is a name for somebody. */
  sealed?: boolean;
  /** hex, of the bytes that are sent */
  sha256: string;
  /** bytes of raw */
  size: number;
  subjectLine: string;
  state: MessageState;
  /** Attempts begun. */
  attempt: number;
  /** While `sending`: after this instant its worker connects no more. */
  lease?: Date;
  /** Random per call: only the call that marked the record may record its outcome. */
  fence?: string;
  smtp?: { code?: number; response: string };
  createdAt: Date;
  /** When the latest attempt began. */
  submittedAt?: Date;
  acceptedAt?: Date;
  bouncedAt?: Date;
  bounce?: { code: string; text: string };
  /** When the product learnt that it did not arrive, refused or bounced: RFC 3339. */
  lostAt?: string;
  /** While `deferred`: not before this instant. */
  nextAttemptAt?: Date;
  settlement?: Settlement;
}

export type MessageModel = Model<MessageRecord>;
export type MessageCollection = mongo.Collection<MessageRecord>;

/** A mark that a crash of the database can forget is a mail sent twice: every write of this collection asks for this. */
export const DURABLE = { w: 'majority', j: true } as const;

const schema = new Schema<MessageRecord>(
  {
    _id: { type: String, required: true },
    subject: { type: String, required: true },
    kind: { type: String, required: true },
    sequence: { type: Number, required: true },
    recipient: { type: String, required: true },
    owner: { type: String, required: true },
    agency: String,
    raw: { type: Buffer, required: true },
    sealed: Boolean,
    sha256: { type: String, required: true },
    size: { type: Number, required: true },
    subjectLine: { type: String, required: true },
    state: { type: String, required: true },
    attempt: { type: Number, required: true },
    lease: Date,
    fence: String,
    smtp: { type: { code: Number, response: String }, _id: false },
    createdAt: { type: Date, required: true },
    submittedAt: Date,
    acceptedAt: Date,
    bouncedAt: Date,
    bounce: { type: { code: String, text: String }, _id: false },
    lostAt: String,
    nextAttemptAt: Date,
    settlement: Schema.Types.Mixed,
  },
  { collection: 'messages', versionKey: false, writeConcern: DURABLE },
);
schema.index({ subject: 1, kind: 1, sequence: 1, recipient: 1 }, { unique: true });
schema.index(
  { state: 1, createdAt: 1 },
  {
    partialFilterExpression: {
      state: { $in: ['pending', 'sending', 'deferred', 'inDoubt', 'bounced', 'rejected'] },
    },
  },
);
schema.index({ owner: 1, createdAt: 1 });
schema.index({ lostAt: 1, recipient: 1 }, { partialFilterExpression: { lostAt: { $exists: true } } });
schema.index({ acceptedAt: -1 }, { partialFilterExpression: { acceptedAt: { $exists: true } } });

/** The collection `messages` of that connection; the same model for the same connection. */
export function messageModel(connection: Connection): MessageModel {
  const known = connection.models['Message'];
  return known ? (known as MessageModel) : connection.model<MessageRecord>('Message', schema);
}

/** Mails that did not arrive, with the moment at which the product learnt it. */
export async function markLost(model: MessageModel, ids: readonly string[], at: string): Promise<void> {
  if (ids.length === 0) return;
  await model.updateMany({ _id: { $in: [...ids] }, lostAt: { $exists: false } }, { $set: { lostAt: at } });
}

/** The addresses that a mail did not reach since, each with the last such moment. */
export async function lostSince(
  model: MessageModel,
  since: string,
  addresses?: readonly string[],
): Promise<ReadonlyMap<string, string>> {
  const to = addresses ? { recipient: { $in: addresses.map((one) => one.toLowerCase()) } } : {};
  const rows = await model.find({ lostAt: { $gte: since }, ...to }, { recipient: 1, lostAt: 1 }).lean();
  const lost = new Map<string, string>();
  for (const { recipient, lostAt = '' } of rows)
    if (lostAt > (lost.get(recipient) ?? '')) lost.set(recipient, lostAt);
  return lost;
}

/** The driver's own collection, for the outbox's bulk writes: mongoose would cast and copy every mail's bytes. */
export function messageCollection(model: MessageModel): MessageCollection {
  return model.collection as unknown as MessageCollection;
}

/** Bytes as the driver or mongoose gives them. */
export const bytesOf = (raw: MessageRecord['raw'] | { readonly buffer: Uint8Array }): Buffer =>
  Buffer.isBuffer(raw) ? raw : Buffer.from((raw as { buffer: Uint8Array }).buffer);
