import {
  type CipherGCM,
  type DecipherGCM,
  createCipheriv,
  createDecipheriv,
  createHash,
  createHmac,
  randomBytes,
} from 'node:crypto';
import { type Connection, Schema } from 'mongoose';
import { type Identity, identityIn, marksIn } from '../domain/identity.ts';
import type { Store } from './store.ts';
import type { Sealed } from './submission.ts';

/** Who complained, and in which words: everything that could name them. */
export interface Complainant extends Identity {
  readonly confidential: boolean;
  /** The complaint as it came, before anything was masked in it. */
  readonly said?: string | undefined;
}

/** A complainant's identity, encrypted; a clue holds nothing of it but this record's random id. */
export interface ComplainantRecord {
  readonly _id: string;
  /** Names the key that sealed it. */
  readonly key: string;
  readonly sealed: Buffer;
  readonly createdAt: Date;
}

export const complainantModel = (connection: Connection) =>
  connection.model<ComplainantRecord>(
    'Complainant',
    new Schema<ComplainantRecord>(
      {
        _id: { type: String, required: true },
        key: { type: String, required: true },
        sealed: { type: Buffer, required: true },
        createdAt: { type: Date, required: true },
      },
      { collection: 'complainants', versionKey: false },
    ),
  );

/** Seals under the first key and opens what any of them sealed; `about` is bound to the bytes, so that nothing sealed for one thing opens as another's. */
export interface Vault {
  readonly seal: (bytes: Buffer, about: string) => Buffer;
  /** Throws where a byte, the key or `about` is another. */
  readonly open: (sealed: Buffer, about: string) => Buffer;
  /** The same for a stream: what opens it again is known when it has ended. */
  readonly sealing: (about: string) => { readonly cipher: CipherGCM; readonly sealed: () => Sealed };
  /** Fails at its end where a byte or `about` is another, and throws where the key is. */
  readonly opening: (sealed: Sealed, about: string) => DecipherGCM;
  readonly key: string;
}

const IV = 12;
const TAG = 16;
const ID = 4;

/** AES-256-GCM; the first four bytes of what is sealed name its key. */
export function vaultOf({ vaultKeys }: { readonly vaultKeys: readonly string[] }): Vault {
  const keys = vaultKeys.map((secret) => ({
    id: createHash('sha256').update(`vault key ${secret}`).digest().subarray(0, ID),
    key: createHmac('sha256', secret).update('complainants').digest(),
  }));
  const [first] = keys;
  if (!first) throw new Error('a vault has a key');
  const keyOf = (named: Buffer): Buffer => {
    const of = keys.find(({ id }) => id.equals(named));
    if (!of) throw new Error('sealed under a key that is not here');
    return of.key;
  };
  const sealer = (about: string): { cipher: CipherGCM; iv: Buffer } => {
    const iv = randomBytes(IV);
    const cipher = createCipheriv('aes-256-gcm', first.key, iv, { authTagLength: TAG });
    cipher.setAAD(Buffer.from(about, 'utf8'));
    return { cipher, iv };
  };
  const opener = (key: Buffer, iv: Buffer, tag: Buffer): DecipherGCM => {
    const decipher = createDecipheriv('aes-256-gcm', key, iv, { authTagLength: TAG });
    decipher.setAuthTag(tag);
    return decipher;
  };
  return {
    key: first.id.toString('hex'),
    seal(bytes, about) {
      const { cipher, iv } = sealer(about);
      const body = Buffer.concat([cipher.update(bytes), cipher.final()]);
      return Buffer.concat([first.id, iv, cipher.getAuthTag(), body]);
    },
    open(sealed, about) {
      const key = keyOf(sealed.subarray(0, ID));
      const [iv, tag] = [sealed.subarray(ID, ID + IV), sealed.subarray(ID + IV, ID + IV + TAG)];
      const decipher = opener(key, iv, tag).setAAD(Buffer.from(about, 'utf8'));
      return Buffer.concat([decipher.update(sealed.subarray(ID + IV + TAG)), decipher.final()]);
    },
    sealing(about) {
      const { cipher, iv } = sealer(about);
      const key = first.id.toString('base64');
      return {
        cipher,
        sealed: () => ({ key, iv: iv.toString('base64'), tag: cipher.getAuthTag().toString('base64') }),
      };
    },
    opening({ key, iv, tag }, about) {
      const bytes = (text: string): Buffer => Buffer.from(text, 'base64');
      return opener(keyOf(bytes(key)), bytes(iv), bytes(tag)).setAAD(Buffer.from(about, 'utf8'));
    },
  };
}

/** The vault's own key beside the store it guards. */
export interface VaultDeps {
  readonly store: Pick<Store, 'complainants'>;
  readonly office: { readonly vaultKeys: readonly string[] };
}

/** A record for a complainant of this clue, sealed and not stored yet. */
export function sealComplainant(
  { office }: Pick<VaultDeps, 'office'>,
  clue: string,
  who: Complainant,
): ComplainantRecord {
  const vault = vaultOf(office);
  const sealed = vault.seal(Buffer.from(JSON.stringify(who), 'utf8'), clue);
  return { _id: randomBytes(16).toString('hex'), key: vault.key, sealed, createdAt: new Date() };
}

/** Opens a clue's complainant; who may see what comes out, and the event of it, are the caller's to mind. */
export async function openComplainant(
  { store, office }: VaultDeps,
  clue: { readonly _id: string; readonly complainant?: { readonly ref: string } | undefined },
): Promise<Complainant | undefined> {
  if (!clue.complainant) return undefined;
  const record = await store.complainants.findById(clue.complainant.ref).lean<ComplainantRecord>();
  if (!record) return undefined;
  const sealed = record.sealed as Buffer | { readonly buffer: Uint8Array };
  const bytes = Buffer.isBuffer(sealed) ? sealed : Buffer.from(sealed.buffer);
  return JSON.parse(vaultOf(office).open(bytes, clue._id).toString('utf8')) as Complainant;
}

/** Whether a text that is to go out names the complainant of a clue or of a case's clue, or of one that was merged into it. */
export async function containsIdentity(
  {
    store,
    office,
  }: { readonly store: Pick<Store, 'complainants' | 'clues'>; readonly office: VaultDeps['office'] },
  owner: string,
  text: string,
): Promise<'name' | 'contact' | undefined> {
  const own = await store.clues.distinct('_id', { $or: [{ _id: owner }, { case: owner }] });
  if (own.length === 0) return undefined;
  const clues = await store.clues
    .find(
      { $or: [{ _id: { $in: own } }, { root: { $in: own } }], complainant: { $exists: true } },
      { complainant: 1 },
    )
    .lean();
  for (const one of clues) {
    const who = await openComplainant({ store, office }, one);
    for (const mark of who ? [who, ...marksIn(who.said ?? '')] : []) {
      const found = identityIn(text, mark);
      if (found) return found;
    }
  }
  return undefined;
}
