import { randomBytes, randomUUID } from 'node:crypto';
import { hash, verify } from '@node-rs/argon2';
import { MongoStore } from 'connect-mongo';
import { doubleCsrf } from 'csrf-csrf';
import type { Request, RequestHandler, Response } from 'express';
import session from 'express-session';
import { stamp } from '../domain/clock.ts';
import { appendEvents } from '../models/event.ts';
import { type Actor, accountOf, hashSecret } from './access.ts';
import type { ApiDeps } from './deps.ts';
import { limitSignIn } from './limits.ts';
import { Problem } from './problem.ts';

declare module 'express-session' {
  interface SessionData {
    account: string;
    /** The account's era when it began. */
    era: number;
    lang: 'zh' | 'en';
    /** Shown once on the next page. */
    said: string;
  }
}

const TWELVE_HOURS_MS = 12 * 3_600_000;
const MOST_FAILURES = 10;
const LOCKED_MS = 15 * 60_000;
const TICKET_USES = 20;
const CSRF_COOKIE = 'jiandu.csrf';

/** What a page needs of the double-submit protection. */
interface Csrf {
  readonly token: () => string;
  readonly valid: () => boolean;
}

/** Sessions of people, 12 hours from their last request, kept in MongoDB; scripts bring tokens instead. */
export function sessions(deps: ApiDeps): RequestHandler[] {
  const { store, sessionSecret, secureCookies: secure } = deps;
  const mongo = MongoStore.create({
    client: store.connection.getClient() as never,
    dbName: store.connection.name,
    collectionName: 'sessions',
    ttl: TWELVE_HOURS_MS / 1_000,
    touchAfter: 60,
    stringify: false,
  });
  mongo.on('error', (error: unknown) => deps.log.error({ err: error }, 'session store'));
  const csrf = doubleCsrf({
    getSecret: () => `csrf ${sessionSecret}`,
    getSessionIdentifier: (req) => req.session.id,
    cookieName: CSRF_COOKIE,
    cookieOptions: { sameSite: 'lax', path: '/console', secure, httpOnly: true },
    getCsrfTokenFromRequest: (req) => (req.body as { _csrf?: unknown } | undefined)?._csrf as string,
  });
  const guard: RequestHandler = (req, res, next) => {
    req.cookies = { ...cookieNamed(req, CSRF_COOKIE) };
    res.locals['csrf'] = {
      token: () => csrf.generateCsrfToken(req, res),
      valid: () => csrf.validateRequest(req),
    } satisfies Csrf;
    next();
  };
  return [
    session({
      name: 'jiandu',
      secret: sessionSecret,
      store: mongo,
      resave: false,
      saveUninitialized: false,
      rolling: true,
      cookie: { httpOnly: true, sameSite: 'lax', secure, maxAge: TWELVE_HOURS_MS, path: '/console' },
    }),
    guard,
  ];
}

function cookieNamed(req: Request, name: string): Record<string, string> {
  const pair = (req.headers.cookie ?? '').split(/; */).find((one) => one.startsWith(`${name}=`));
  return pair === undefined ? {} : { [name]: pair.slice(name.length + 1) };
}

export const csrfToken = (res: Response): string => (res.locals['csrf'] as Csrf).token();
export const csrfValid = (res: Response): boolean => (res.locals['csrf'] as Csrf).valid();

/** The person of a session, as the account stands now: one that was disabled, or whose sessions were ended, is out at once. */
export async function actorOf({ store }: ApiDeps, req: Request): Promise<Actor | undefined> {
  const { account, era = 0 } = req.session;
  if (account === undefined) return undefined;
  const known = await store.accounts.findById(account, { era: 1 }).lean();
  return known && (known.era ?? 0) === era ? accountOf(store, account) : undefined;
}

let decoy: Promise<string> | undefined;
/** An unknown account takes as long to refuse as a wrong password, so that nobody can list the accounts. */
const decoyHash = (): Promise<string> => (decoy ??= hash(randomBytes(16).toString('hex')));

/** Signs a person in with a new session id; false says nothing of why. Throws Problem 429 for an address that tries too often. */
export async function signIn(
  deps: ApiDeps,
  req: Request,
  given: { readonly account: string; readonly password: string },
): Promise<boolean> {
  ownSite(req);
  await limitSignIn(req.ip ?? '');
  const { account, password } = given;
  const known = await deps.store.accounts
    .findOneAndUpdate(
      { _id: account, disabled: false, $nor: [{ lockedUntil: { $gt: new Date() } }] },
      { $inc: { failures: 1 } },
      { returnDocument: 'after' },
    )
    .lean();
  const tries = known?.failures ?? 0;
  const right =
    (await matches(known?.passwordHash ?? (await decoyHash()), password)) &&
    known !== null &&
    tries <= MOST_FAILURES;
  if (!right) {
    const locks = known !== null && tries >= MOST_FAILURES;
    if (locks)
      await deps.store.accounts.updateOne(
        { _id: account },
        { $set: { failures: 0, lockedUntil: new Date(Date.now() + LOCKED_MS) } },
      );
    await record(deps, req, {
      what: locks ? 'account-locked' : 'sign-in-refused',
      who: account.slice(0, 60),
      ...(known === null ? {} : { detail: { account } }),
    });
    return false;
  }
  await deps.store.accounts.updateOne(
    { _id: account },
    { $set: { failures: 0 }, $unset: { lockedUntil: 1 } },
  );
  await begin(req, account, known.era);
  await record(deps, req, { what: 'signed-in', who: known.name, detail: { account } });
  return true;
}

/** A hash that is none, as of an account for scripts only, matches nothing. */
const matches = (passwordHash: string, password: string): Promise<boolean> =>
  verify(passwordHash, password).catch(() => false);

/** Ends the session on this side, whatever the browser keeps. */
export async function signOut(deps: ApiDeps, req: Request): Promise<void> {
  const actor = await actorOf(deps, req);
  if (actor) await record(deps, req, { what: 'signed-out', who: actor.name, detail: { account: actor.id } });
  await new Promise<void>((resolve, reject) =>
    req.session.destroy((error: unknown) => (error ? reject(error) : resolve())),
  );
}

/** Signs in as the account of a demo's ticket; false for one that is unknown, used up or over. */
export async function enter(deps: ApiDeps, req: Request, ticket: string): Promise<boolean> {
  ownSite(req);
  await limitSignIn(req.ip ?? '');
  const row = await deps.store.settings
    .findOneAndUpdate(
      { _id: `ticket/${hashSecret(ticket)}`, 'value.used': { $not: { $gte: TICKET_USES } } } as never,
      { $inc: { 'value.used': 1 } },
    )
    .lean();
  const value = row?.value as { account: string; until: string | number | Date } | undefined;
  const actor =
    value && new Date(value.until).getTime() > Date.now()
      ? await accountOf(deps.store, value.account)
      : undefined;
  if (!actor) {
    await record(deps, req, { what: 'ticket-refused', who: '' });
    return false;
  }
  const { era } = (await deps.store.accounts.findById(actor.id, { era: 1 }).lean()) ?? {};
  await begin(req, actor.id, era);
  await record(deps, req, { what: 'signed-in-by-ticket', who: actor.name, detail: { account: actor.id } });
  return true;
}

/** A form on another site must not sign anybody in. */
export function ownSite(req: Request): void {
  if (req.get('sec-fetch-site') === 'cross-site') throw new Problem(403, 'forbidden');
}

/** A session id that somebody planted before the sign-in is worth nothing after it. */
async function begin(req: Request, account: string, era = 0): Promise<void> {
  const { lang } = req.session;
  await new Promise<void>((resolve, reject) =>
    req.session.regenerate((error: unknown) => (error ? reject(error) : resolve())),
  );
  req.session.account = account;
  req.session.era = era;
  if (lang !== undefined) req.session.lang = lang;
  await kept(req);
}

/** Writes the session before the answer begins: a browser follows a redirect's head while the rest of it still waits for the store. */
export async function kept(req: Request): Promise<void> {
  await new Promise<void>((resolve, reject) =>
    req.session.save((error: unknown) => (error ? reject(error) : resolve())),
  );
}

/** A line of the accounts' own ledger. */
export async function record(
  deps: ApiDeps,
  req: Request,
  said: { readonly what: string; readonly who: string; readonly detail?: Record<string, string> },
): Promise<void> {
  const at = stamp(await deps.clock.now());
  const detail = { address: req.ip ?? '', ...said.detail };
  await appendEvents(deps.store.events, {
    owner: 'accounts',
    key: randomUUID(),
    entries: [{ at, source: 'person', what: said.what, who: said.who, detail }],
  });
}
