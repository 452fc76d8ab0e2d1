import { type Connection, Schema } from 'mongoose';

/** The history of one finished run of a workflow, gzip of its JSON, kept when the engine's retention has passed. */
export interface ArchiveRecord {
  /** workflow id and run id */
  readonly _id: string;
  readonly workflow: string;
  readonly run: string;
  readonly owner: string;
  readonly file: string;
  readonly sha256: string;
  readonly events: number;
  readonly closedAt: Date;
  /** The run that this one continued as; absent in a workflow's last. */
  readonly next?: string | undefined;
}

export const archiveModel = (connection: Connection) => {
  const schema = new Schema<ArchiveRecord>(
    {
      _id: { type: String, required: true },
      workflow: { type: String, required: true, index: true },
      run: String,
      owner: { type: String, index: true },
      file: String,
      sha256: String,
      events: Number,
      closedAt: Date,
      next: String,
    },
    { collection: 'archives', versionKey: false },
  );
  return connection.model<ArchiveRecord>('Archive', schema);
};
