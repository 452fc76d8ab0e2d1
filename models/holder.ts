import { createHmac, randomBytes } from 'node:crypto';
import mongoose, { type ClientSession } from 'mongoose';
import {
  type Certificate,
  type Exam,
  type HolderRegister,
  TRAINING_RULE,
  type TrainingRule,
  type TrainingYear,
  maskCitizenNumber,
  withExams,
  withTraining,
} from '../domain/holder.ts';
import type { CertifiedRecord } from './agency.ts';
import type { Store } from './store.ts';

/** What is told of a person; what is not told stays as it is. */
export interface ToldHolder {
  readonly name: string;
  readonly agency?: string | undefined;
  readonly post?: string | undefined;
  readonly certificate: Certificate;
  readonly identity?: string | undefined;
  readonly training: readonly TrainingYear[];
  readonly exams: readonly Exam[];
  readonly leftOn?: string | undefined;
}

interface Keys {
  readonly vaultKeys: readonly string[];
}

/** An identity number as it is kept, and its hashes under former keys, by which a record of those days is found. */
export interface SealedIdentity {
  readonly hash: string;
  readonly shown: string;
  readonly hashes: readonly string[];
}

/** Reason: identity numbers are few enough to be tried one by one, so a plain hash would hide nothing. */
export function sealIdentity({ vaultKeys }: Keys, number: string): SealedIdentity {
  const hashes = vaultKeys.map((key) => createHmac('sha256', key).update(`identity ${number}`).digest('hex'));
  const [hash] = hashes;
  if (hash === undefined) throw new Error('a vault has a key');
  return { hash, shown: maskCitizenNumber(number), hashes };
}

const PREFIX: Readonly<Record<HolderRegister, string>> = { supervisors: 'sup', officers: 'off' };
export const newHolderId = (register: HolderRegister): string =>
  `${PREFIX[register]}-${randomBytes(6).toString('hex')}`;

export type HolderFaultCode = 'certificate-taken' | 'identity-taken' | 'identity-differs';
export interface HolderFault {
  /** Place in what was given. */
  readonly index: number;
  readonly column: 'certificateNo' | 'identity';
  readonly code: HolderFaultCode;
  readonly detail: string;
}

interface Change {
  readonly before: CertifiedRecord;
  readonly set: Readonly<Partial<CertifiedRecord>>;
}

export interface SortedHolders {
  readonly fresh: readonly CertifiedRecord[];
  readonly changed: readonly Change[];
  readonly unchanged: number;
  readonly faults: readonly HolderFault[];
}

type People = Pick<Store, 'supervisors' | 'officers'>;

/** Sets people against a register: who is new, who is told otherwise, who stands there under another name or number. Each certificate and each identity stands once in what is given. */
export async function sortHolders(
  store: People,
  { register, office }: { readonly register: HolderRegister; readonly office: Keys },
  told: readonly ToldHolder[],
): Promise<SortedHolders> {
  const sealed = told.map(({ identity }) =>
    identity === undefined ? undefined : sealIdentity(office, identity),
  );
  const numbers = told.map((one) => one.certificate.no);
  const byNo = await store[register].find({ 'certificate.no': { $in: numbers } }).lean<CertifiedRecord[]>();
  const there = new Set(byNo.flatMap((one) => one.identity?.hash ?? []));
  const hashes = sealed.flatMap((one) => one?.hashes ?? []).filter((hash) => !there.has(hash));
  const others =
    hashes.length === 0
      ? []
      : await store[register].find({ 'identity.hash': { $in: hashes } }).lean<CertifiedRecord[]>();
  const byHash = [...byNo, ...others];
  const holders = new Map(byNo.map((one) => [one.certificate.no, one]));
  const persons = new Map(byHash.flatMap((one) => (one.identity ? [[one.identity.hash, one] as const] : [])));
  const fresh: CertifiedRecord[] = [];
  const changed: Change[] = [];
  const faults: HolderFault[] = [];
  let unchanged = 0;
  for (const [index, one] of told.entries()) {
    const identity = sealed[index];
    const holder = holders.get(one.certificate.no);
    const person = identity?.hashes.flatMap((hash) => persons.get(hash) ?? [])[0];
    const fault = contradiction(one, { holder, person, identity });
    if (fault) faults.push({ index, ...fault });
    else if (!holder) fresh.push(freshHolder(register, one, identity));
    else {
      const set = changeOf(holder, one, identity);
      if (Object.keys(set).length === 0) unchanged += 1;
      else changed.push({ before: holder, set });
    }
  }
  return { fresh, changed, unchanged, faults };
}

interface Known {
  readonly holder: CertifiedRecord | undefined;
  readonly person: CertifiedRecord | undefined;
  readonly identity: SealedIdentity | undefined;
}

/** Attack: a second registration under another number would hide a suspension. */
function contradiction(
  { name, certificate }: ToldHolder,
  { holder, person, identity }: Known,
): Omit<HolderFault, 'index'> | undefined {
  if (holder && holder.name !== name)
    return {
      column: 'certificateNo',
      code: 'certificate-taken',
      detail: `证件编号 ${certificate.no} 已由 ${holder.name} 持有`,
    };
  if (person && person._id !== holder?._id)
    return {
      column: 'identity',
      code: 'identity-taken',
      detail: `身份证号与在册的 ${person.name}（证件编号 ${person.certificate.no}）相同`,
    };
  if (identity && holder?.identity && !identity.hashes.includes(holder.identity.hash))
    return {
      column: 'identity',
      code: 'identity-differs',
      detail: `身份证号与 ${name} 在册的不一致`,
    };
  return undefined;
}

export function freshHolder(
  register: HolderRegister,
  { identity: _number, ...told }: ToldHolder,
  identity: SealedIdentity | undefined,
): CertifiedRecord {
  const { training, exams, ...rest } = told;
  const stated = Object.fromEntries(Object.entries(rest).filter(([, value]) => value !== undefined));
  return {
    _id: newHolderId(register),
    ...(stated as typeof rest),
    ...(identity ? { identity: { hash: identity.hash, shown: identity.shown } } : {}),
    training: withTraining([], training),
    exams: withExams([], exams),
    bars: [],
    version: 1,
  };
}

const same = (a: unknown, b: unknown): boolean => JSON.stringify(a) === JSON.stringify(b);
const inOrder = ({ no, kind, issued, expires }: Certificate): Certificate => ({ no, kind, issued, expires });

function changeOf(
  before: CertifiedRecord,
  told: ToldHolder,
  identity: SealedIdentity | undefined,
): Readonly<Partial<CertifiedRecord>> {
  const { kind, ...certificate } = told.certificate;
  const next: Partial<CertifiedRecord> = {
    ...(told.agency === undefined ? {} : { agency: told.agency }),
    ...(told.post === undefined ? {} : { post: told.post }),
    ...(told.leftOn === undefined ? {} : { leftOn: told.leftOn }),
    certificate: inOrder({ ...certificate, kind: kind ?? before.certificate.kind }),
    training: withTraining(before.training ?? [], told.training),
    exams: withExams(before.exams ?? [], told.exams),
    ...(identity && !before.identity ? { identity: { hash: identity.hash, shown: identity.shown } } : {}),
  };
  const was = {
    ...before,
    certificate: inOrder(before.certificate),
    training: withTraining([], before.training ?? []),
    exams: withExams([], before.exams ?? []),
  };
  return Object.fromEntries(
    Object.entries(next).filter(([name, value]) => !same(value, was[name as keyof CertifiedRecord])),
  );
}

/** Writes what was sorted; false where somebody changed one of them meanwhile, and the session is to be given up. */
export async function writeHolders(
  store: People,
  register: HolderRegister,
  {
    sorted: { fresh, changed },
    session,
  }: { readonly sorted: SortedHolders; readonly session: ClientSession },
): Promise<boolean> {
  const writes = [
    ...fresh.map((document) => ({ insertOne: { document } })),
    ...changed.map(({ before, set }) => ({
      updateOne: {
        filter: { _id: before._id, version: before.version ?? null },
        update: { $set: set, $inc: { version: 1 } },
      },
    })),
  ];
  if (writes.length === 0) return true;
  const done = await store[register].collection.bulkWrite(writes as never, { session, ordered: false });
  return done.insertedCount === fresh.length && done.modifiedCount === changed.length;
}

/** Whether a write met another one: a number that was taken meanwhile. */
export const isTaken = (error: unknown): error is mongoose.mongo.MongoServerError =>
  error instanceof mongoose.mongo.MongoServerError && error.code === 11_000;

/** What a year's training is measured by, as the office has it. */
export async function readTrainingRule({ settings }: Pick<Store, 'settings'>): Promise<TrainingRule> {
  const stored = await settings.findById('trainingRule').lean();
  return (stored?.value as TrainingRule | undefined) ?? TRAINING_RULE;
}
