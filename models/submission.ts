import { type Connection, Schema } from 'mongoose';
import type { Submission } from '../domain/task.ts';

export interface StoredFile {
  readonly name: string;
  /** bytes */
  readonly size: number;
  readonly sha256: string;
  readonly type: string;
  /** id in GridFS */
  readonly file: string;
  /** How its bytes are encrypted: a complainant's. */
  readonly sealed?: Sealed;
}

/** What opens sealed bytes beside the key itself; in base64. */
export interface Sealed {
  /** Names the key. */
  readonly key: string;
  readonly iv: string;
  readonly tag: string;
}

/** What an agency sent, as it came: stored before anything is done with it, never deleted. Its id is the receipt number. */
export interface SubmissionRecord {
  readonly _id: string;
  readonly task: string;
  readonly group: string;
  readonly owner: string;
  readonly agency: string;
  readonly round: number;
  readonly receivedAt: string;
  readonly late: boolean;
  /** The outage because of which it does not count as late. */
  readonly excused?: string;
  readonly kind: Submission['kind'];
  readonly channel: Submission['channel'];
  readonly by: {
    readonly name: string;
    readonly phone?: string;
    readonly post?: string;
    readonly email?: string;
  };
  readonly text: string;
  readonly items: Readonly<Record<string, { readonly result?: string; readonly note?: string }>>;
  readonly files: readonly StoredFile[];
  readonly told: Submission;
  /** Incoming mail it came with. */
  readonly mail?: string;
  readonly consumed: boolean;
  readonly toldAt?: Date;
  readonly storedAt: Date;
}

export const submissionModel = (connection: Connection) => {
  const schema = new Schema<SubmissionRecord>(
    {
      _id: { type: String, required: true },
      task: { type: String, required: true },
      group: { type: String, required: true },
      owner: String,
      agency: String,
      round: Number,
      receivedAt: String,
      late: Boolean,
      excused: String,
      kind: String,
      channel: String,
      by: Schema.Types.Mixed,
      text: String,
      items: { type: Schema.Types.Mixed, default: {} },
      files: { type: [Schema.Types.Mixed], default: [] },
      told: Schema.Types.Mixed,
      mail: String,
      consumed: { type: Boolean, default: false },
      toldAt: Date,
      storedAt: Date,
    },
    { collection: 'submissions', versionKey: false, minimize: false },
  );
  schema.index({ task: 1, receivedAt: 1 });
  // A phase's answers day by day are counted in this index alone.
  schema.index({ group: 1, kind: 1, task: 1, receivedAt: 1 });
  schema.index({ storedAt: 1 }, { partialFilterExpression: { consumed: false } });
  return connection.model<SubmissionRecord>('Submission', schema);
};
