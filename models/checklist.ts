import { type Connection, Schema } from 'mongoose';
import type { Checklist } from '../domain/checklist.ts';

export type ChecklistRecord = Omit<Checklist, 'id'> & { readonly _id: string };

export const checklistModel = (connection: Connection) =>
  connection.model<ChecklistRecord>(
    'Checklist',
    new Schema<ChecklistRecord>(
      {
        _id: { type: String, required: true },
        title: { type: String, required: true },
        titleEn: String,
        version: { type: Number, required: true },
        level: String,
        items: { type: [Schema.Types.Mixed], required: true },
      },
      { collection: 'checklists', versionKey: false },
    ),
  );
