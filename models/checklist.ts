import { type Connection, Schema } from 'mongoose';
import type { Checklist } from '../domain/checklist.ts';
import type { Store } from './store.ts';

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

/** A checklist as it was before it was changed: answers refer to what was asked then. */
export interface ChecklistVersionRecord extends Omit<ChecklistRecord, '_id'> {
  /** `CL-annual@1` */
  readonly _id: string;
  readonly list: string;
}

export const checklistVersionModel = (connection: Connection) =>
  connection.model<ChecklistVersionRecord>(
    'ChecklistVersion',
    new Schema<ChecklistVersionRecord>(
      {
        _id: { type: String, required: true },
        list: { type: String, required: true, index: true },
        title: String,
        titleEn: String,
        version: Number,
        level: String,
        items: { type: [Schema.Types.Mixed], default: [] },
      },
      { collection: 'checklistVersions', versionKey: false },
    ),
  );

type Lists = Pick<Store, 'checklists' | 'checklistVersions'>;

/** Puts a checklist in the place of its present version, which stays readable; null where somebody else was first. */
export async function keepChecklist(
  store: Lists,
  { id, ...next }: Checklist,
): Promise<ChecklistRecord | null> {
  const present = await store.checklists.findById(id).lean<ChecklistRecord>();
  if ((present?.version ?? 0) + 1 !== next.version) return null;
  if (!present) {
    const made = await store.checklists.updateOne({ _id: id }, { $setOnInsert: next }, { upsert: true });
    return made.upsertedCount === 1 ? { _id: id, ...next } : null;
  }
  const { _id, ...rest } = present;
  await store.checklistVersions.updateOne(
    { _id: `${_id}@${present.version}` },
    { $setOnInsert: { ...rest, list: _id } },
    { upsert: true },
  );
  return store.checklists
    .findOneAndUpdate({ _id, version: present.version }, { $set: next }, { returnDocument: 'after' })
    .lean<ChecklistRecord>();
}

/** A checklist as it is, or as it was in an earlier version. */
export async function readChecklist(
  store: Lists,
  id: string,
  version?: number,
): Promise<ChecklistRecord | null> {
  const present = await store.checklists.findById(id).lean<ChecklistRecord>();
  if (!present || version === undefined || version === present.version) return present;
  const old = await store.checklistVersions.findById(`${id}@${version}`).lean<ChecklistVersionRecord>();
  if (!old) return null;
  const { list, ...rest } = old;
  return { ...rest, _id: list };
}
