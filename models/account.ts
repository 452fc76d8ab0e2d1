import { type Connection, Schema } from 'mongoose';

export type Role = 'administrator' | 'organizer' | 'approver' | 'auditor';

/** A person who signs in; belongs to at most one agency and never reviews its own. */
export interface AccountRecord {
  readonly _id: string;
  readonly name: string;
  readonly role: Role;
  readonly agency?: string;
  readonly passwordHash: string;
  readonly failures: number;
  readonly lockedUntil?: Date;
  readonly disabled: boolean;
}

/** A bearer token for scripts, kept as its SHA-256. */
export interface TokenRecord {
  readonly _id: string;
  readonly account: string;
  readonly createdAt: Date;
  readonly revokedAt?: Date;
}

export const accountModel = (connection: Connection) =>
  connection.model<AccountRecord>(
    'Account',
    new Schema<AccountRecord>(
      {
        _id: { type: String, required: true },
        name: { type: String, required: true },
        role: { type: String, required: true },
        agency: String,
        passwordHash: { type: String, required: true },
        failures: { type: Number, default: 0 },
        lockedUntil: Date,
        disabled: { type: Boolean, default: false },
      },
      { collection: 'accounts', versionKey: false },
    ),
  );

export const tokenModel = (connection: Connection) =>
  connection.model<TokenRecord>(
    'Token',
    new Schema<TokenRecord>(
      {
        _id: { type: String, required: true },
        account: { type: String, required: true, index: true },
        createdAt: { type: Date, required: true },
        revokedAt: Date,
      },
      { collection: 'tokens', versionKey: false },
    ),
  );
