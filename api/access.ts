import { createHash } from 'node:crypto';
import type { Request } from 'express';
import type { Role } from '../models/account.ts';
import type { Store } from '../models/store.ts';
import { type Line, lineOf } from './line.ts';
import { Problem } from './problem.ts';

/** Who is asking. */
export interface Actor {
  readonly id: string;
  readonly name: string;
  readonly role: Role;
  readonly agency?: string;
  /** Absent for those who see the whole county. */
  readonly line?: Line;
  /** Id in the supervisors' register, where an administrator has tied the account to it. */
  readonly supervisor?: string;
}

/** Who may call a route: named roles, or every role for what only reads. Auditors change nothing. */
export type Rule = readonly Role[];
export const READERS: Rule = ['administrator', 'organizer', 'approver', 'auditor'];
export const ORGANIZERS: Rule = ['organizer'];
export const APPROVERS: Rule = ['approver'];
export const ADMINISTRATORS: Rule = ['administrator'];
/** Who keeps the county's register of people and units. */
export const REGISTRARS: Rule = ['administrator', 'organizer'];
export const STAFF: Rule = ['administrator', 'organizer', 'approver'];

export const hashSecret = (secret: string): string => createHash('sha256').update(secret).digest('hex');

/** The account behind a bearer token; 401 without one, 403 where the rule does not name its role. */
export async function authorise(store: Store, req: Request, rule: Rule): Promise<Actor> {
  const actor = await bearer(store, req);
  if (!actor) throw new Problem(401, 'unauthenticated', { headers: { 'WWW-Authenticate': 'Bearer' } });
  if (!rule.includes(actor.role)) throw new Problem(403, 'forbidden');
  return actor;
}

async function bearer(store: Store, req: Request): Promise<Actor | undefined> {
  const secret = /^Bearer +(\S+)$/i.exec(req.headers.authorization ?? '')?.[1];
  if (!secret) return undefined;
  const token = await store.tokens
    .findOne({
      _id: hashSecret(secret),
      revokedAt: null,
      $or: [{ until: null }, { until: { $gt: new Date() } }],
    })
    .lean();
  return token ? accountOf(store, token.account) : undefined;
}

/** An account that may act now. */
export async function accountOf(store: Store, id: string): Promise<Actor | undefined> {
  const account = await store.accounts.findOne({ _id: id, disabled: false }).lean();
  if (!account) return undefined;
  const { _id, name, role, agency, supervisor, line } = account;
  return {
    id: _id,
    name,
    role,
    ...(agency === undefined ? {} : { agency }),
    ...(line === undefined ? {} : { line: await lineOf(store, line) }),
    ...(supervisor === undefined ? {} : { supervisor }),
  };
}
