import { type Connection, Schema } from 'mongoose';

export type Role = 'administrator' | 'organizer' | 'approver' | 'auditor';

/** A person who signs in; belongs to at most one agency and never reviews its own. */
export interface AccountRecord {
  readonly _id: string;
  readonly name: string;
  readonly role: Role;
  readonly agency?: string;
  /** The agency whose line is all it sees. */
  readonly line?: string;
  /** Who of the supervisors' register this is: whose score sheets the account signs. One account a supervisor. */
  readonly supervisor?: string;
  readonly passwordHash: string;
  readonly disabled: boolean;
  /** Where the daily mail to organizers goes. */
  readonly email?: string;
  /** A link by which its holder sets the password, once; kept as its SHA-256. */
  readonly invitation?: { readonly hash: string; readonly until: Date };
  /** Raised to end every session that began before. */
  readonly era?: number;
  readonly secondStep?: SecondStep;
  /** Who the office's identity provider says this is, from the first sign-in through it: a name given to somebody else there opens nothing here. */
  readonly outside?: { readonly issuer: string; readonly subject: string };
}

/** A code from an app after the password. */
export interface SecondStep {
  /** The app's secret, sealed as complainants are. */
  readonly sealed: Buffer;
  readonly since: string;
  /** Number of the last half minute whose code was used: none is used twice. */
  readonly used: number;
  /** Hashes of the recovery codes that are left. */
  readonly recovery: readonly string[];
}

/** Of an account that has no password yet, or none any more: no hash, so nothing matches it. */
export const NO_PASSWORD = '-';

/** A bearer token for scripts, kept as its SHA-256. */
export interface TokenRecord {
  readonly _id: string;
  readonly account: string;
  /** What it is for. */
  readonly name?: string;
  readonly createdBy?: string;
  readonly createdAt: Date;
  readonly revokedAt?: Date;
  /** It ends by itself. */
  readonly until?: Date;
}

export const accountModel = (connection: Connection) => {
  const schema = new Schema<AccountRecord>(
    {
      _id: { type: String, required: true },
      name: { type: String, required: true },
      role: { type: String, required: true },
      agency: String,
      line: String,
      supervisor: String,
      passwordHash: { type: String, required: true },
      disabled: { type: Boolean, default: false },
      email: String,
      invitation: { type: { hash: String, until: Date }, _id: false },
      era: Number,
      secondStep: {
        type: { sealed: Buffer, since: String, used: Number, recovery: [String] },
        _id: false,
      },
      outside: { type: { issuer: String, subject: String }, _id: false },
    },
    { collection: 'accounts', versionKey: false },
  );
  schema.index(
    { 'invitation.hash': 1 },
    { unique: true, partialFilterExpression: { 'invitation.hash': { $type: 'string' } } },
  );
  schema.index(
    { supervisor: 1 },
    { unique: true, partialFilterExpression: { supervisor: { $type: 'string' } } },
  );
  return connection.model<AccountRecord>('Account', schema);
};

export const tokenModel = (connection: Connection) =>
  connection.model<TokenRecord>(
    'Token',
    new Schema<TokenRecord>(
      {
        _id: { type: String, required: true },
        account: { type: String, required: true, index: true },
        name: String,
        createdBy: String,
        createdAt: { type: Date, required: true },
        revokedAt: Date,
        until: Date,
      },
      { collection: 'tokens', versionKey: false },
    ),
  );
