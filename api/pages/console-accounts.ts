import type { AccountRecord } from '../../models/account.ts';
import { latestEntries } from '../../models/history.ts';
import { browsersOf, sessionsOf } from '../../models/session.ts';
import { standings } from '../../models/sign-in-try.ts';
import { ADMINISTRATORS } from '../access.ts';
import { sentenceOf } from '../event-words.ts';
import type { Invitation } from '../invitations.ts';
import { notFound } from '../problem.ts';
import { accountAccessRoutes, showBrowser } from '../routes/account-access.ts';
import { KEEPERS, accountRoutes, findAccount, showAccount, showToken, tokensOf } from '../routes/accounts.ts';
import { rolesWithSecondStep } from '../second-step.ts';
import { type ConsoleRoute, type Page, type Visit, callRoute, list, text } from './console-frame.ts';

const ROLES = ['administrator', 'organizer', 'approver', 'auditor'] as const;
/** Blocks of the accounts' ledger that are looked through, and lines of one account that are shown. */
const LOOKED_THROUGH = 500;
const LINES = 30;

const ADMIN = { method: 'post', rule: ADMINISTRATORS } as const;

export const accountConsoleRoutes: readonly ConsoleRoute[] = [
  { method: 'get', path: '/accounts', rule: KEEPERS, work: (visit) => accounts(visit) },
  { ...ADMIN, path: '/accounts', work: create, again: (visit) => accounts(visit), shownOnce: true },
  { method: 'get', path: '/accounts/:id', rule: KEEPERS, work: (visit) => account(visit) },
  { ...ADMIN, path: '/second-step', work: rule },
  { ...ADMIN, path: '/accounts/:id', work: change, again: (visit) => account(visit) },
  {
    ...ADMIN,
    path: '/accounts/:id/invitation',
    work: invite,
    again: (visit) => account(visit),
    shownOnce: true,
  },
  { ...ADMIN, path: '/accounts/:id/unlock', work: unlock },
  { ...ADMIN, path: '/accounts/:id/revocation', work: revoke },
  { ...ADMIN, path: '/accounts/:id/tokens', work: issue, again: (visit) => account(visit), shownOnce: true },
  { ...ADMIN, path: '/accounts/:id/tokens/:token', work: withdraw },
  { ...ADMIN, path: '/accounts/:id/sessions/:session', work: endOne },
  { ...ADMIN, path: '/accounts/:id/second-step', work: resetStep },
  { ...ADMIN, path: '/accounts/:id/identity', work: untie },
];

const home = ({ params }: Visit): string => `/console/accounts/${encodeURIComponent(params['id'] ?? '')}`;
const trimmed = (visit: Visit, name: string): string => text(visit.body[name]).trim();

/** What is shown this once: the link of a new password, or a token. */
interface Secret {
  readonly kind: 'link' | 'token';
  readonly account: string;
  readonly value: string;
}

const agenciesOf = ({ deps }: Visit) =>
  deps.store.agencies.find({}, { name: 1 }).sort({ kind: -1, _id: 1 }).limit(2_000).lean();

/** Namesakes are told apart by their certificates. */
async function supervisorsOf({ deps }: Visit): Promise<readonly { id: string; name: string }[]> {
  const rows = await deps.store.supervisors
    .find({}, { name: 1, certificate: 1 })
    .sort({ name: 1, _id: 1 })
    .limit(2_000)
    .lean();
  return rows.map(({ _id, name, certificate }) => ({ id: _id, name: `${name}（${certificate.no}）` }));
}

async function accounts(visit: Visit, secret?: Secret): Promise<Page> {
  const { deps, t } = visit;
  const { store } = deps;
  const [rows, agencies, supervisors] = await Promise.all([
    store.accounts.find().sort({ disabled: 1, _id: 1 }).limit(500).lean<AccountRecord[]>(),
    agenciesOf(visit),
    supervisorsOf(visit),
  ]);
  const ids = rows.map((one) => one._id);
  const [sessions, standing, required] = await Promise.all([
    sessionsOf(store, rows),
    standings(store.signInTries, ids),
    rolesWithSecondStep(deps),
  ]);
  const names = new Map(agencies.map((one) => [one._id, one.name]));
  const people = new Map(supervisors.map((one) => [one.id, one.name]));
  return {
    page: 'accounts',
    title: t('console.nav.accounts'),
    path: '/console/accounts',
    view: {
      roles: ROLES,
      required,
      agencies: agencies.map(({ _id, name }) => ({ id: _id, name })),
      supervisors,
      line: visit.problem ? text(visit.body['line']) : (visit.query['line'] ?? ''),
      items: rows.map((one) => {
        const shown = showAccount(one, standing.get(one._id));
        return {
          ...shown,
          agencyName: names.get(one.agency ?? '') ?? one.agency ?? '',
          lineName: names.get(one.line ?? '') ?? one.line ?? '',
          supervisorName: people.get(one.supervisor ?? '') ?? '',
          email: one.email ?? '',
          locked: shown.lockedUntil ?? '',
          sessions: sessions.get(one._id) ?? 0,
        };
      }),
      // What was typed has become the account: the form is for the next one.
      ...(secret ? { secret, body: {} } : {}),
    },
  };
}

async function account(visit: Visit, secret?: Secret): Promise<Page> {
  const { deps, params, problem, body } = visit;
  const { store } = deps;
  const found = await findAccount(deps, params);
  if (!found) throw notFound();
  const [tokens, browsers, standing, agencies, supervisors, entries] = await Promise.all([
    tokensOf(deps, found._id),
    browsersOf(store, found),
    standings(store.signInTries, [found._id]),
    agenciesOf(visit),
    supervisorsOf(visit),
    latestEntries(store, 'accounts', LOOKED_THROUGH),
  ]);
  const shown = showAccount(found, standing.get(found._id));
  const typed = (name: string, stored: string): string => (problem ? text(body[name]) : stored);
  return {
    page: 'account',
    title: `${found.name} ${found._id}`,
    path: home(visit),
    view: {
      id: found._id,
      address: encodeURIComponent(found._id),
      fullName: found.name,
      name: typed('name', found.name),
      role: typed('role', found.role),
      agency: typed('agency', found.agency ?? ''),
      line: typed('line', found.line ?? ''),
      supervisor: typed('supervisor', found.supervisor ?? ''),
      supervisors,
      email: typed('email', found.email ?? ''),
      disabled: found.disabled,
      password: shown.password,
      locked: shown.lockedUntil ?? '',
      failures: shown.failures,
      secondStep: shown.secondStep,
      sessionsAt: `${home(visit)}/sessions`,
      outside: shown.outside,
      browsers: browsers.map((one) => ({ since: '', ...showBrowser(one), here: false })),
      roles: ROLES,
      agencies: agencies.map(({ _id, name }) => ({ id: _id, name })),
      tokens: tokens.map((one) => ({ createdBy: '', until: '', ...showToken(one) })),
      log: entries
        .filter((one) => one.detail?.['account'] === found._id)
        .slice(0, LINES)
        .map((one) => ({
          at: one.at,
          what: sentenceOf(one),
          who: one.who ?? '',
          from: String(one.detail?.['address'] ?? ''),
        })),
      // What was typed has become the account: the form is for the next one.
      ...(secret ? { secret, body: {} } : {}),
    },
  };
}

const call = (visit: Visit, at: string, body?: unknown): Promise<unknown> =>
  callRoute(visit, [...accountRoutes, ...accountAccessRoutes], {
    at,
    ...(body === undefined ? {} : { body }),
  });

async function create(visit: Visit): Promise<Page> {
  const id = trimmed(visit, 'id');
  const agency = trimmed(visit, 'agency');
  const line = trimmed(visit, 'line');
  const supervisor = trimmed(visit, 'supervisor');
  const email = trimmed(visit, 'email');
  const { invitation } = (await call(visit, 'post /accounts', {
    id,
    name: trimmed(visit, 'name'),
    role: text(visit.body['role']),
    ...(agency === '' ? {} : { agency }),
    ...(line === '' ? {} : { line }),
    ...(supervisor === '' ? {} : { supervisor }),
    ...(email === '' ? {} : { email }),
  })) as { invitation: Invitation };
  return accounts({ ...visit, body: {} }, { kind: 'link', account: id, value: invitation.link });
}

async function change(visit: Visit) {
  const { body, t } = visit;
  const disabled = text(body['disabled']);
  const fields = {
    name: trimmed(visit, 'name'),
    role: text(body['role']),
    agency: trimmed(visit, 'agency') || null,
    line: trimmed(visit, 'line') || null,
    supervisor: trimmed(visit, 'supervisor') || null,
    email: trimmed(visit, 'email') || null,
  };
  await call(visit, 'patch /accounts/:id', disabled === '' ? fields : { disabled: disabled === 'yes' });
  return { to: home(visit), said: t('console.said.accountChanged') };
}

async function invite(visit: Visit): Promise<Page> {
  const { invitation, id } = (await call(visit, 'post /accounts/:id/invitation')) as {
    invitation: Invitation;
    id: string;
  };
  return account({ ...visit, body: {} }, { kind: 'link', account: id, value: invitation.link });
}

async function unlock(visit: Visit) {
  await call(visit, 'post /accounts/:id/unlock');
  return { to: home(visit), said: visit.t('console.said.unlocked') };
}

async function revoke(visit: Visit) {
  await call(visit, 'post /accounts/:id/revocation', { what: [text(visit.body['what'])] });
  return { to: home(visit), said: visit.t('console.said.revoked') };
}

async function issue(visit: Visit): Promise<Page> {
  const { secret } = (await call(visit, 'post /accounts/:id/tokens', {
    name: trimmed(visit, 'token'),
    ...(trimmed(visit, 'until') === '' ? {} : { until: trimmed(visit, 'until') }),
  })) as {
    secret: string;
  };
  return account({ ...visit, body: {} }, { kind: 'token', account: visit.params['id'] ?? '', value: secret });
}

async function withdraw(visit: Visit) {
  await call(visit, 'delete /accounts/:id/tokens/:token');
  return { to: home(visit), said: visit.t('console.said.revoked') };
}

async function endOne(visit: Visit) {
  await call(visit, 'delete /accounts/:id/sessions/:session');
  return { to: home(visit), said: visit.t('console.said.sessionEnded') };
}

async function resetStep(visit: Visit) {
  await call(visit, 'delete /accounts/:id/second-step');
  return { to: home(visit), said: visit.t('console.said.secondStepEnded') };
}

async function untie(visit: Visit) {
  await call(visit, 'delete /accounts/:id/identity');
  return { to: home(visit), said: visit.t('console.said.untied') };
}

async function rule(visit: Visit) {
  await call(visit, 'put /second-step', { roles: list(visit.body['roles']) });
  return { to: '/console/accounts', said: visit.t('console.said.saved') };
}
