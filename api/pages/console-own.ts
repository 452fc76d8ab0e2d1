import { hash, verify } from '@node-rs/argon2';
import { Refusal } from '../../domain/refusals.ts';
import type { AccountRecord } from '../../models/account.ts';
import { latestEntries } from '../../models/history.ts';
import { browsersOf, endOthers, endSession, sessionName } from '../../models/session.ts';
import { type SignInStep, forgive, take } from '../../models/sign-in-try.ts';
import { READERS } from '../access.ts';
import { sentenceOf } from '../event-words.ts';
import { checkPassword } from '../invitations.ts';
import { Problem, notFound } from '../problem.ts';
import { showBrowser } from '../routes/account-access.ts';
import { showToken, tokensOf } from '../routes/accounts.ts';
import {
  beginSecondStep,
  endSecondStep,
  offerSecret,
  passSecondStep,
  renewRecovery,
  rolesWithSecondStep,
} from '../second-step.ts';
import { record } from '../session.ts';
import type { ConsoleRoute, Page, Visit } from './console-frame.ts';
import { text } from './console-frame.ts';

const LOOKED_THROUGH = 500;
const LINES = 15;
const OWN = { rule: READERS, own: true } as const;
const POST = { ...OWN, method: 'post' } as const;

/** What everybody may do with the account they are signed in with, and with no other: it is no part of the API, since a token that leaks must not be able to do it. */
export const ownConsoleRoutes: readonly ConsoleRoute[] = [
  { ...OWN, method: 'get', path: '/me', work: (visit) => own(visit) },
  { ...OWN, method: 'get', path: '/me/second-step', work: (visit) => offered(visit) },
  { ...POST, path: '/me/second-step', work: begin, again: offered, shownOnce: true },
  { ...POST, path: '/me/recovery', work: renew, again: own, shownOnce: true },
  { ...POST, path: '/me/second-step/end', work: end, again: own },
  { ...POST, path: '/me/password', work: changePassword, again: own },
  { ...POST, path: '/me/sessions/others', work: leaveOthers },
  { ...POST, path: '/me/sessions/:session', work: leave },
];

async function mine({ deps, actor }: Visit): Promise<AccountRecord> {
  const found = await deps.store.accounts.findById(actor.id).lean<AccountRecord>();
  if (!found) throw notFound();
  return found;
}

async function own(visit: Visit): Promise<Page> {
  const { deps, req, t } = visit;
  const { store } = deps;
  const account = await mine(visit);
  const [browsers, tokens, entries, required] = await Promise.all([
    browsersOf(store, account),
    tokensOf(deps, account._id),
    latestEntries(store, 'accounts', LOOKED_THROUGH),
    rolesWithSecondStep(deps),
  ]);
  const here = sessionName(req.session.id);
  const { secondStep } = account;
  return {
    page: 'own',
    title: t('console.own.title'),
    path: '/console/me',
    view: {
      id: account._id,
      fullName: account.name,
      role: account.role,
      browsers: browsers.map((one) => ({ since: '', ...showBrowser(one), here: one.id === here })),
      others: browsers.some((one) => one.id !== here),
      secondStep: secondStep ? { since: secondStep.since, left: secondStep.recovery.length } : null,
      required: required.includes(account.role),
      hasPassword: account.passwordHash !== '-',
      tokens: tokens.map((one) => ({ until: '', createdBy: '', ...showToken(one) })),
      log: entries
        .filter((one) => one.detail?.['account'] === account._id)
        .slice(0, LINES)
        .map((one) => ({ at: one.at, what: sentenceOf(one), from: String(one.detail?.['address'] ?? '') })),
    },
  };
}

async function offered(visit: Visit): Promise<Page> {
  const { deps, actor, t, body } = visit;
  const { secondStep } = await mine(visit);
  if (secondStep) throw new Refusal('second-step-on');
  const given = text(body['sealed']);
  const offer = offerSecret(deps, actor.id, given === '' ? undefined : given);
  return {
    page: 'second-step',
    title: t('console.own.setUp'),
    path: '/console/me/second-step',
    view: { offer, account: actor.id, required: (await rolesWithSecondStep(deps)).includes(actor.role) },
  };
}

const codes = (visit: Visit, items: readonly string[]): Page => ({
  page: 'recovery',
  title: visit.t('console.own.recovery'),
  path: '/console/me/second-step',
  view: { items, account: visit.actor.id, office: visit.deps.office.name },
});

async function begin(visit: Visit): Promise<Page> {
  const { deps, actor, body } = visit;
  const items = await beginSecondStep(deps, actor.id, {
    sealed: text(body['sealed']).slice(0, 300),
    code: text(body['code']).slice(0, 20),
  });
  await told(visit, 'second-step-begun');
  return codes(visit, items);
}

async function renew(visit: Visit): Promise<Page> {
  await proveCode(visit);
  const items = await renewRecovery(visit.deps, visit.actor.id);
  await told(visit, 'recovery-renewed');
  return codes(visit, items);
}

async function end(visit: Visit) {
  const { deps, actor, t } = visit;
  if ((await rolesWithSecondStep(deps)).includes(actor.role)) throw new Refusal('second-step-required');
  await proveCode(visit);
  await endSecondStep(deps, actor.id);
  await told(visit, 'second-step-ended');
  return { to: '/console/me', said: t('console.said.secondStepEnded') };
}

/** Attack: whoever sits down at an open browser must not be able to take the account over, nor to guess their way to it. */
async function proven(
  { deps, actor }: Visit,
  step: SignInStep['step'],
  right: () => Promise<boolean>,
): Promise<boolean> {
  const tried: SignInStep = { account: actor.id, step, device: 'own' };
  const taken = await take(deps.store.signInTries, tried, true);
  if (!taken.may) throw new Problem(429, 'sign-in-wait');
  if (!(await right())) return false;
  await forgive(deps.store.signInTries, tried);
  return true;
}

async function proveCode(visit: Visit): Promise<void> {
  const { deps, actor, body } = visit;
  const code = text(body['code']).slice(0, 100);
  if (!(await proven(visit, 'code', async () => (await passSecondStep(deps, actor.id, code)) !== undefined)))
    throw new Refusal('code-wrong', undefined, '/code');
}

async function changePassword(visit: Visit) {
  const { deps, actor, req, body, t } = visit;
  const { passwordHash } = await mine(visit);
  const [current, password] = [body['current'], body['password']].map((one) => text(one).slice(0, 1_000));
  const right = () => verify(passwordHash, current ?? '').catch(() => false);
  if (!(await proven(visit, 'password', right))) throw new Refusal('password-wrong', undefined, '/current');
  checkPassword(actor.id, password ?? '');
  const changed = await deps.store.accounts
    .findOneAndUpdate(
      { _id: actor.id, passwordHash },
      { $set: { passwordHash: await hash(password ?? '') }, $inc: { era: 1 } },
      { returnDocument: 'after' },
    )
    .lean<AccountRecord>();
  if (!changed) throw new Refusal('password-wrong', undefined, '/current');
  // Every other browser is out; this one goes on.
  req.session.era = changed.era ?? 0;
  await told(visit, 'password-changed');
  return { to: '/console/me', said: t('console.said.passwordChanged') };
}

async function leave(visit: Visit) {
  const { deps, params, t } = visit;
  const name = params['session'] ?? '';
  if (!(await endSession(deps.store, await mine(visit), name))) throw notFound();
  await told(visit, 'session-ended');
  return { to: '/console/me', said: t('console.said.sessionEnded') };
}

async function leaveOthers(visit: Visit) {
  const { deps, req, t } = visit;
  await endOthers(deps.store, await mine(visit), req.session.id);
  await told(visit, 'sessions-ended');
  return { to: '/console/me', said: t('console.said.sessionsEnded') };
}

const told = ({ deps, req, actor }: Visit, what: string): Promise<void> =>
  record(deps, req, { what, who: actor.name, detail: { account: actor.id } });
