import { type Connection, Schema } from 'mongoose';
import { type Incoming, receiptOf, storeSubmission } from './intake.ts';
import type { Store } from './store.ts';
import type { TaskRecord } from './task.ts';

/** What somebody sent by a link whose task had gone to another: kept whole, for a person to count or to put aside. */
export interface HeldAnswerRecord {
  /** Receipt number */
  readonly _id: string;
  readonly task: string;
  readonly agency: string;
  readonly agencyName: string;
  /** Who has the task now; empty where nobody has. */
  readonly handedTo: string;
  readonly incoming: Incoming;
  readonly receivedAt: string;
  readonly state: 'waiting' | 'counted' | 'putAside';
  readonly decidedBy?: string;
  readonly decidedAt?: string;
  readonly reason?: string;
}

export const heldAnswerModel = (connection: Connection) => {
  const schema = new Schema<HeldAnswerRecord>(
    {
      _id: { type: String, required: true },
      task: { type: String, required: true, index: true },
      agency: String,
      agencyName: String,
      handedTo: String,
      incoming: Schema.Types.Mixed,
      receivedAt: String,
      state: { type: String, required: true, index: true },
      decidedBy: String,
      decidedAt: String,
      reason: String,
    },
    { collection: 'heldAnswers', versionKey: false, minimize: false },
  );
  return connection.model<HeldAnswerRecord>('HeldAnswer', schema);
};

/** Keeps what came, for ever, before anything is done with it; the same content again is the same receipt. */
export async function holdAnswer(
  { heldAnswers }: Pick<Store, 'heldAnswers'>,
  task: TaskRecord,
  { incoming, handedTo }: { readonly incoming: Incoming; readonly handedTo: string },
): Promise<HeldAnswerRecord> {
  const record: Omit<HeldAnswerRecord, '_id'> = {
    task: task._id,
    agency: task.agency,
    agencyName: task.agencyName,
    handedTo,
    incoming,
    receivedAt: incoming.receivedAt,
    state: 'waiting',
  };
  const row = await heldAnswers
    .findOneAndUpdate(
      { _id: receiptOf(task, incoming) },
      { $setOnInsert: record },
      { upsert: true, returnDocument: 'after' },
    )
    .lean<HeldAnswerRecord>();
  if (!row) throw new Error('not kept');
  return row;
}

export interface HeldDecision {
  readonly counts: boolean;
  readonly reason?: string;
  readonly by: string;
  readonly at: string;
}

/** A person's decision, once: counted, it is told to its task with the moment at which it came; false where it was decided before. */
export async function decideHeld(
  store: Store,
  held: HeldAnswerRecord,
  { counts, by, at, reason }: HeldDecision,
): Promise<boolean> {
  const task = await store.tasks.findById(held.task).lean<TaskRecord>();
  // Reason: told first, since a repeat tells nothing twice, and what was decided but not told would be lost.
  if (counts && task && held.state === 'waiting') await storeSubmission(store, task, held.incoming);
  const set = {
    state: counts ? 'counted' : 'putAside',
    decidedBy: by,
    decidedAt: at,
    ...(reason === undefined ? {} : { reason }),
  };
  const done = await store.heldAnswers.updateOne({ _id: held._id, state: 'waiting' }, { $set: set });
  return done.modifiedCount === 1;
}
