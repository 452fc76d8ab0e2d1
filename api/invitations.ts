import { randomBytes } from 'node:crypto';
import { hash } from '@node-rs/argon2';
import type { Request } from 'express';
import { z } from 'zod';
import { Refusal } from '../domain/refusals.ts';
import { NO_PASSWORD } from '../models/account.ts';
import { forgiveAll } from '../models/sign-in-try.ts';
import type { Store } from '../models/store.ts';
import { hashSecret } from './access.ts';
import type { ApiDeps } from './deps.ts';
import { limitSignIn } from './limits.ts';
import { parse } from './problem.ts';
import { ownSite, record } from './session.ts';
import { word } from './shapes.ts';

const INVITED_MS = 72 * 3_600_000;
const FIRST_RUN_MS = 24 * 3_600_000;
const SHORTEST = 12;
const LONGEST = 200;
export const ACCOUNT_ID = /^[a-z][a-z0-9.-]{1,39}$/;

export interface Invitation {
  /** Shown once. */
  readonly link: string;
  readonly until: Date;
}

const newCode = (): string => randomBytes(24).toString('base64url');

/** Length is what makes a password hard to guess; its account's name and one key held down do not count. */
export function checkPassword(account: string, password: string): void {
  const letters = Array.from(password);
  const weak =
    letters.length < SHORTEST ||
    letters.length > LONGEST ||
    new Set(letters).size < 4 ||
    password.toLowerCase().includes(account);
  if (weak) throw new Refusal('password-weak', undefined, '/password');
}

/** A link by which the account's holder sets a password; the old one, an older link and every session end. */
export async function invite({ store, office }: ApiDeps, account: string): Promise<Invitation> {
  const code = newCode();
  const until = new Date(Date.now() + INVITED_MS);
  await store.accounts.updateOne(
    { _id: account },
    {
      $set: { passwordHash: NO_PASSWORD, invitation: { hash: hashSecret(code), until } },
      $inc: { era: 1 },
    },
  );
  return { link: `${office.publicUrl}/console/password?code=${code}`, until };
}

/** The account that a code still opens; looking changes nothing. */
export async function invited({ store }: Pick<ApiDeps, 'store'>, code: string) {
  const account = await store.accounts
    .findOne({
      'invitation.hash': hashSecret(code),
      'invitation.until': { $gt: new Date() },
      disabled: false,
    })
    .lean();
  if (!account) throw new Refusal('invitation-over');
  return { id: account._id, name: account.name };
}

/** Sets a password by its code, which is used up. */
export async function acceptInvitation(
  deps: ApiDeps,
  req: Request,
  given: { readonly code: string; readonly password: string },
): Promise<void> {
  ownSite(req);
  await limitSignIn(req.ip ?? '');
  const { id, name } = await invited(deps, given.code);
  checkPassword(id, given.password);
  const done = await deps.store.accounts.updateOne(
    { _id: id, 'invitation.hash': hashSecret(given.code) },
    {
      $set: { passwordHash: await hash(given.password) },
      $unset: { invitation: 1 },
      $inc: { era: 1 },
    },
  );
  if (done.modifiedCount === 0) throw new Refusal('invitation-over');
  await forgiveAll(deps.store.signInTries, id);
  await record(deps, req, { what: 'password-set', who: name, detail: { account: id } });
}

const firstRun = (code: string): string => `first-run/${hashSecret(code)}`;

/** A code by which whoever reads the server's output makes the first administrator; undefined where there is an account. */
export async function openFirstRun(store: Store): Promise<string | undefined> {
  if (await store.accounts.exists({})) return undefined;
  const code = newCode();
  const until = Date.now() + FIRST_RUN_MS;
  await store.settings.create({ _id: firstRun(code), value: { until } });
  return code;
}

/** Makes the first administrator, once, while there is no account at all. */
export async function makeFirstAdministrator(
  deps: ApiDeps,
  req: Request,
  given: {
    readonly code: string;
    readonly account: string;
    readonly name: string;
    readonly password: string;
  },
): Promise<void> {
  ownSite(req);
  await limitSignIn(req.ip ?? '');
  const { store } = deps;
  const { code, account, name, password } = given;
  const row = await store.settings.findById(firstRun(code)).lean();
  const until = (row?.value as { until: number } | undefined)?.until ?? 0;
  if (until < Date.now() || (await store.accounts.exists({}))) throw new Refusal('invitation-over');
  parse(z.object({ name: word }), { name }, 'zh');
  if (!ACCOUNT_ID.test(account)) throw new Refusal('account-invalid', undefined, '/account');
  checkPassword(account, password);
  const taken = await store.settings.deleteOne({ _id: firstRun(code) });
  if (taken.deletedCount === 0) throw new Refusal('invitation-over');
  await store.accounts.create({
    _id: account,
    name,
    role: 'administrator',
    passwordHash: await hash(password),
    disabled: false,
  });
  await store.settings.deleteMany({ _id: /^first-run\// });
  await record(deps, req, { what: 'first-administrator', who: name, detail: { account } });
}
