import { type Connection, Schema } from 'mongoose';
import type { Deadline } from '../domain/deadline.ts';

/** A deadline's certificate: how a date that people were shown came about. Never changed, only followed by another. */
export interface DeadlineRecord {
  readonly _id: string;
  readonly task: string;
  readonly deadline: Deadline;
}

export const deadlineModel = (connection: Connection) =>
  connection.model<DeadlineRecord>(
    'Deadline',
    new Schema<DeadlineRecord>(
      {
        _id: { type: String, required: true },
        task: { type: String, index: true },
        deadline: Schema.Types.Mixed,
      },
      { collection: 'deadlines', versionKey: false },
    ),
  );
