import { type Connection, Schema } from 'mongoose';
import type { Contact } from '../domain/agency.ts';
import type { Bar, CertifiedPerson } from '../domain/supervisor.ts';
import type { Store } from './store.ts';

/** An enforcement agency under supervision (被监督机关) and whom to write to. */
export interface AgencyRecord {
  readonly _id: string;
  readonly name: string;
  readonly kind: 'town' | 'department';
  readonly parent?: string | undefined;
  readonly domains: readonly string[];
  readonly contacts: readonly Contact[];
  readonly version: number;
  /** Contacts have changed, and the open tasks of those who went are not handed on yet. */
  readonly handover?: Handover | undefined;
}

/** Who were the contacts before, and who changed them. */
export interface Handover {
  readonly before: readonly Contact[];
  readonly by: string;
  readonly at: string;
  /** Nobody is there to take over: it is looked at again when somebody is. */
  readonly waits?: boolean;
}

export interface CertifiedRecord {
  readonly _id: string;
  readonly name: string;
  readonly agency?: string | undefined;
  readonly certificate: { readonly no: string; readonly issued: string; readonly expires: string };
  /** What an accountability left, oldest first; written by its activities only. */
  readonly bars?: readonly Bar[];
}

/** What a change of contacts writes beside them: whose tasks are to be handed on, in the same write, so that no change goes unnoticed. */
export const handoverOf = (
  agency: Pick<AgencyRecord, 'contacts' | 'handover'>,
  { contacts, by, at }: { readonly contacts: readonly Contact[]; readonly by: string; readonly at: string },
): { readonly handover?: Handover } => {
  const kept = new Set(contacts.map((one) => one.email.toLowerCase()));
  const goes = agency.contacts.some((one) => !kept.has(one.email.toLowerCase()));
  if (!goes && !agency.handover) return {};
  const earlier = agency.handover?.before ?? [];
  const known = new Set(earlier.map((one) => one.email.toLowerCase()));
  const before = [...earlier, ...agency.contacts.filter((one) => !known.has(one.email.toLowerCase()))];
  return { handover: { before, by, at } };
};

/** Changes an agency's contacts; false where somebody else has changed the agency since it was read. */
export async function changeContacts(
  { agencies }: Pick<Store, 'agencies'>,
  agency: AgencyRecord,
  change: { readonly contacts: readonly Contact[]; readonly by: string; readonly at: string },
): Promise<boolean> {
  const written = await agencies.updateOne(
    { _id: agency._id, version: agency.version },
    { $set: { contacts: change.contacts, ...handoverOf(agency, change) }, $inc: { version: 1 } },
  );
  return written.modifiedCount === 1;
}

/** A register's row as the rules know the person. */
export const personOf = ({ _id, name, agency, certificate, bars }: CertifiedRecord): CertifiedPerson => ({
  id: _id,
  name,
  ...(agency === undefined ? {} : { agency }),
  certificate,
  bars: bars ?? [],
});

/** Those of the register that are meant by these ids or names. */
export async function readSupervisors(
  { supervisors }: Pick<Store, 'supervisors'>,
  asked: readonly string[],
): Promise<readonly CertifiedPerson[]> {
  const rows = await supervisors
    .find({ $or: [{ _id: { $in: asked } }, { name: { $in: asked } }] })
    .lean<CertifiedRecord[]>();
  return rows.map(personOf);
}

/** Those of the register with these ids; a name, which another may have too, means nobody. */
export async function supervisorsById(
  { supervisors }: Pick<Store, 'supervisors'>,
  ids: readonly string[],
): Promise<readonly CertifiedPerson[]> {
  return (await supervisors.find({ _id: { $in: ids } }).lean<CertifiedRecord[]>()).map(personOf);
}

export const agencyModel = (connection: Connection) => {
  const schema = new Schema<AgencyRecord>(
    {
      _id: { type: String, required: true },
      name: { type: String, required: true },
      kind: { type: String, required: true },
      parent: String,
      domains: [String],
      contacts: [{ _id: false, name: String, email: String, phone: String, role: String }],
      version: { type: Number, default: 1 },
      handover: Schema.Types.Mixed,
    },
    { collection: 'agencies', versionKey: false },
  );
  schema.index({ kind: 1 });
  schema.index({ domains: 1 });
  schema.index({ 'contacts.email': 1 });
  schema.index({ 'handover.at': 1 }, { sparse: true });
  return connection.model<AgencyRecord>('Agency', schema);
};

const certified = (collection: string) =>
  new Schema<CertifiedRecord>(
    {
      _id: { type: String, required: true },
      name: { type: String, required: true },
      agency: { type: String, index: true },
      certificate: {
        no: { type: String, required: true, unique: true },
        issued: { type: String, required: true },
        expires: { type: String, required: true },
      },
      bars: { type: [Schema.Types.Mixed], default: [] },
    },
    { collection, versionKey: false },
  );

/** Supervisors (监督人员), who inspect in teams of two or more. */
export const supervisorModel = (connection: Connection) =>
  connection.model<CertifiedRecord>('Supervisor', certified('supervisors'));

/** Enforcement officers (行政执法人员) of the agencies. */
export const officerModel = (connection: Connection) =>
  connection.model<CertifiedRecord>('Officer', certified('officers'));
