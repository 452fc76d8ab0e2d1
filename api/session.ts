import { randomBytes, randomUUID } from 'node:crypto';
import { hash, verify } from '@node-rs/argon2';
import { MongoStore } from 'connect-mongo';
import { doubleCsrf } from 'csrf-csrf';
import type { Request, RequestHandler, Response } from 'express';
import session from 'express-session';
import { stamp } from '../domain/clock.ts';
import { appendEvents } from '../models/event.ts';
import { type SignInStep, forgive, take } from '../models/sign-in-try.ts';
import { type Actor, accountOf, hashSecret } from './access.ts';
import type { ApiDeps } from './deps.ts';
import { deviceOf } from './device.ts';
import { limitSignIn, rightSignIn } from './limits.ts';
import { Problem } from './problem.ts';
import { passSecondStep, rolesWithSecondStep } from './second-step.ts';

declare module 'express-session' {
  interface SessionData {
    account: string;
    /** The account's era when it began. */
    era: number;
    /** When, whence and with what it was signed in. */
    since: string;
    address: string;
    browser: string;
    /** Whose password was right and whose code is still to come. */
    pending: { account: string; era: number; until: number; next: string };
    /** A sign-in that is with the identity provider. */
    outside: { state: string; nonce: string; verifier: string; next: string };
    byProvider: boolean;
    /** The provider's own session, to be ended with ours. */
    idToken: string;
    lang: 'zh' | 'en';
    /** Shown once on the next page. */
    said: string;
  }
}

const TWELVE_HOURS_MS = 12 * 3_600_000;
const PENDING_MS = 10 * 60_000;
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

/** Whether a role's second step is still to be set up: until then a person sees nothing but how. Who comes through the identity provider has shown there what the office asks. */
export async function lacksSecondStep(deps: ApiDeps, req: Request, actor: Actor): Promise<boolean> {
  if (req.session.byProvider === true || !(await rolesWithSecondStep(deps)).includes(actor.role))
    return false;
  return !(await deps.store.accounts.exists({ _id: actor.id, secondStep: { $ne: null } }));
}

let decoy: Promise<string> | undefined;
/** An unknown account takes as long to refuse as a wrong password, so that nobody can list the accounts. */
const decoyHash = (): Promise<string> => (decoy ??= hash(randomBytes(16).toString('hex')));

/** How far a sign-in has come; `wrong` says nothing of why. */
export type SignIn = 'in' | 'code' | 'wrong';

/** Signs a person in with a new session id, or asks for the second step. Throws Problem 429 for whoever tries too often, in the same words for an account that does not exist. */
export async function signIn(
  deps: ApiDeps,
  req: Request,
  given: { readonly account: string; readonly password: string; readonly next: string },
): Promise<SignIn> {
  ownSite(req);
  const { account, password, next } = given;
  const known = await deps.store.accounts.findOne({ _id: account, disabled: false }).lean();
  const era = known?.era ?? 0;
  const device = deviceOf(deps, req, { account, era });
  // Reason: a whole office stands behind one address, and one who guesses there must not keep the others out.
  if (device === '') await limitSignIn(req.ip ?? '');
  const step: SignInStep = { account, step: 'password', device };
  const locks = await attempt(deps, step, known !== null);
  if (!(await matches(known?.passwordHash ?? (await decoyHash()), password)) || !known) {
    await record(deps, req, {
      what: known && locks ? 'account-locked' : 'sign-in-refused',
      // Attack: a password typed into the wrong field must not stand in the ledger.
      who: known ? account : '',
      ...(known ? { detail: { account } } : {}),
    });
    return 'wrong';
  }
  await forgive(deps.store.signInTries, step);
  await rightSignIn(req.ip ?? '');
  if (known.secondStep) {
    await renewed(req);
    req.session.pending = { account, era, until: Date.now() + PENDING_MS, next };
    await kept(req);
    return 'code';
  }
  await begin(req, account, era);
  await record(deps, req, { what: 'signed-in', who: known.name, detail: { account } });
  return 'in';
}

/** Who is half way in: the password was right, the code is to come. */
export async function pendingOf({ store }: ApiDeps, req: Request) {
  const { pending } = req.session;
  if (!pending || pending.until < Date.now()) return undefined;
  const known = await store.accounts
    .findOne({ _id: pending.account, disabled: false, secondStep: { $ne: null } })
    .lean();
  return known && (known.era ?? 0) === pending.era ? { ...pending, name: known.name } : undefined;
}

/** The second step: the app's code or a recovery code; each works once. */
export async function signInByCode(
  deps: ApiDeps,
  req: Request,
  code: string,
): Promise<{ readonly far: SignIn; readonly next: string }> {
  ownSite(req);
  const pending = await pendingOf(deps, req);
  if (!pending) return { far: 'wrong', next: '' };
  const { account, era, name, next } = pending;
  const step: SignInStep = { account, step: 'code', device: deviceOf(deps, req, { account, era }) };
  const locks = await attempt(deps, step, true);
  const by = await passSecondStep(deps, account, code);
  if (!by) {
    await record(deps, req, {
      what: locks ? 'account-locked-at-code' : 'code-refused',
      who: name,
      detail: { account },
    });
    return { far: 'code', next };
  }
  await forgive(deps.store.signInTries, step);
  await begin(req, account, era);
  await record(deps, req, {
    what: by === 'app' ? 'signed-in-by-code' : 'signed-in-by-recovery',
    who: name,
    detail: { account },
  });
  return { far: 'in', next };
}

/** Counts an attempt before it is looked at, and says whether this failure locks; throws for one that comes too soon, with when to come back. */
async function attempt({ store }: ApiDeps, step: SignInStep, known: boolean): Promise<boolean> {
  const taken = await take(store.signInTries, step, known);
  if (taken.may) return taken.lockedUntil !== undefined;
  const until = Math.max(taken.waitUntil?.getTime() ?? 0, taken.lockedUntil?.getTime() ?? 0);
  const seconds = Math.max(1, Math.ceil((until - Date.now()) / 1_000));
  const locked = taken.lockedUntil !== undefined && taken.lockedUntil.getTime() > Date.now();
  throw new Problem(429, locked ? 'account-locked' : 'sign-in-wait', {
    headers: { 'Retry-After': String(seconds) },
    extension: { seconds },
  });
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
async function renewed(req: Request): Promise<void> {
  const { lang } = req.session;
  await new Promise<void>((resolve, reject) =>
    req.session.regenerate((error: unknown) => (error ? reject(error) : resolve())),
  );
  if (lang !== undefined) req.session.lang = lang;
}

export async function begin(req: Request, account: string, era = 0): Promise<void> {
  await renewed(req);
  req.session.account = account;
  req.session.era = era;
  req.session.since = stamp(Date.now());
  req.session.address = req.ip ?? '';
  req.session.browser = (req.get('user-agent') ?? '').slice(0, 300);
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
