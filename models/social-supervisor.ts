import { type Connection, Schema } from 'mongoose';
import type { IsoDate } from '../domain/calendar.ts';
import { type Appointment, appointmentOn } from '../domain/social-supervisor.ts';
import type { Store } from './store.ts';

/** A member of the public whom the county appointed to watch enforcement (社会监督员). */
export interface SocialSupervisorRecord extends Appointment {
  readonly _id: string;
  readonly name: string;
  readonly employer?: string | undefined;
  readonly phone?: string | undefined;
  /** In lower case: a clue that comes from it is known as theirs. */
  readonly email?: string | undefined;
  readonly duties: string;
  /** The paper that appointed them. */
  readonly document?: string | undefined;
  /** SHA-256 of the code by which they are known on the public form. */
  readonly codeHash: string;
  /** Clues handed in. Invariant: which ones stands nowhere but in the vault, under their identity. */
  readonly clues: number;
  readonly lastClueOn?: IsoDate | undefined;
  readonly version: number;
}

export const socialSupervisorModel = (connection: Connection) => {
  const schema = new Schema<SocialSupervisorRecord>(
    {
      _id: { type: String, required: true },
      name: { type: String, required: true },
      employer: String,
      phone: String,
      email: String,
      duties: { type: String, required: true },
      document: String,
      from: { type: String, required: true },
      until: { type: String, required: true },
      endedOn: String,
      codeHash: { type: String, required: true, unique: true },
      clues: { type: Number, default: 0 },
      lastClueOn: String,
      version: { type: Number, default: 1 },
    },
    { collection: 'socialSupervisors', versionKey: false },
  );
  schema.index({ email: 1 }, { unique: true, partialFilterExpression: { email: { $type: 'string' } } });
  return connection.model<SocialSupervisorRecord>('SocialSupervisor', schema);
};

type Social = Pick<Store, 'socialSupervisors'>;

/** Who serves on a day and is known by this address or by the hash of this code. */
export async function servingSupervisor(
  { socialSupervisors }: Social,
  known: { readonly email: string } | { readonly codeHash: string },
  today: IsoDate,
): Promise<SocialSupervisorRecord | undefined> {
  const found = await socialSupervisors.findOne(known).lean<SocialSupervisorRecord>();
  return found && appointmentOn(found, today) === 'serving' ? found : undefined;
}

/** Counts a clue that somebody handed in, without saying which. */
export const countClue = async ({ socialSupervisors }: Social, id: string, today: IsoDate): Promise<void> => {
  await socialSupervisors.updateOne({ _id: id }, { $inc: { clues: 1 }, $set: { lastClueOn: today } });
};
