import mongoose from 'mongoose';
import { z } from 'zod';
import { stamp } from '../../domain/clock.ts';
import { Refusal } from '../../domain/refusals.ts';
import { type AccountRecord, NO_PASSWORD, type TokenRecord } from '../../models/account.ts';
import { sessionsOf } from '../../models/session.ts';
import { type Standing, standings } from '../../models/sign-in-try.ts';
import { ADMINISTRATORS, type Rule } from '../access.ts';
import type { ApiDeps } from '../deps.ts';
import { ACCOUNT_ID, invite } from '../invitations.ts';
import { listPage } from '../lists.ts';
import { checkLineRole } from '../line.ts';
import { invalid } from '../problem.ts';
import { type Call, created, ok, route } from '../route.ts';
import { record } from '../session.ts';
import { email, page, word } from '../shapes.ts';

/** Who may see the accounts: those who keep them, and those who see all. */
export const KEEPERS: Rule = ['administrator', 'auditor'];
/** Of a token's hash: enough to name it, nothing to sign in with. */
export const TOKEN_ID = 16;

export const ROLE = z.enum(['administrator', 'organizer', 'approver', 'auditor']);
const fields = {
  name: word,
  role: ROLE,
  agency: z.string().max(64),
  /** The agency whose line, and nothing else, the account sees. */
  line: z.string().max(64),
  supervisor: word,
  email,
};

export const findAccount = ({ store }: ApiDeps, params: Readonly<Record<string, string>>) =>
  store.accounts.findById(params['id']).lean<AccountRecord>();

/** An account as people see it: no hash of anything. */
export const showAccount = (account: AccountRecord, standing: Standing = { failures: 0 }) => ({
  id: account._id,
  name: account.name,
  role: account.role,
  ...(account.agency === undefined ? {} : { agency: account.agency }),
  ...(account.line === undefined ? {} : { line: account.line }),
  ...(account.supervisor === undefined ? {} : { supervisor: account.supervisor }),
  ...(account.email === undefined ? {} : { email: account.email }),
  disabled: account.disabled,
  /** `none` for scripts only, `invited` until its link has been used. */
  password:
    account.passwordHash !== NO_PASSWORD ? 'set' : account.invitation === undefined ? 'none' : 'invited',
  failures: standing.failures,
  ...(standing.lockedUntil === undefined ? {} : { lockedUntil: stamp(standing.lockedUntil.getTime()) }),
  secondStep: account.secondStep !== undefined && account.secondStep !== null,
  /** Whether an identity at the office's provider is tied to it. */
  outside: account.outside !== undefined && account.outside !== null,
});

export const showToken = (token: TokenRecord) => ({
  id: token._id.slice(0, TOKEN_ID),
  name: token.name ?? '',
  createdAt: stamp(token.createdAt.getTime()),
  ...(token.createdBy === undefined ? {} : { createdBy: token.createdBy }),
  ...(token.until === undefined ? {} : { until: stamp(token.until.getTime()) }),
});

export const tokensOf = ({ store }: ApiDeps, account: string) =>
  store.tokens
    .find({ account, revokedAt: null, $or: [{ until: null }, { until: { $gt: new Date() } }] })
    .sort({ createdAt: 1 })
    .lean<TokenRecord[]>();

export type Kept = Pick<Call<unknown, unknown, AccountRecord>, 'deps' | 'found' | 'actor' | 'req'>;

/** Every change of an account is a line of the accounts' own ledger. */
export const told = (
  { deps, actor, req }: Omit<Kept, 'found'>,
  what: string,
  detail: Record<string, string>,
) => record(deps, req, { what, who: actor.name, detail });

export async function whole(deps: ApiDeps, id: string) {
  const account = await deps.store.accounts.findById(id).lean<AccountRecord>();
  if (!account) throw new Error(`no account ${id}`);
  const [tokens, sessions, standing] = await Promise.all([
    tokensOf(deps, id),
    sessionsOf(deps.store, [account]),
    standings(deps.store.signInTries, [id]),
  ]);
  return {
    ...showAccount(account, standing.get(id)),
    sessions: sessions.get(id) ?? 0,
    tokens: tokens.map(showToken),
  };
}

interface Named {
  readonly agency?: string | null | undefined;
  readonly line?: string | null | undefined;
  readonly supervisor?: string | null | undefined;
}

/** Whom an account names must be in the registers; a supervisor by id, since a name may be another's too. */
async function checkNamed({ store }: ApiDeps, { agency, line, supervisor }: Named): Promise<void> {
  for (const [name, id] of Object.entries({ agency, line }))
    if (typeof id === 'string' && !(await store.agencies.exists({ _id: id })))
      throw invalid(`/${name}`, 'agency-unknown', `没有编号为 ${id} 的机关`);
  if (typeof supervisor === 'string' && !(await store.supervisors.exists({ _id: supervisor })))
    throw invalid('/supervisor', 'supervisor-unknown', `没有编号为 ${supervisor} 的监督人员`);
}

/** One supervisor signs by one account: the index refuses the second, also of two at once. */
async function tiedOnce<T>(write: Promise<T>): Promise<T> {
  try {
    return await write;
  } catch (error) {
    if (error instanceof mongoose.mongo.MongoServerError && 'supervisor' in (error['keyPattern'] ?? {}))
      throw new Refusal('supervisor-tied', '该监督人员已关联其他账号', '/supervisor');
    throw error;
  }
}

/** Changes an account; a change that would leave no administrator is taken back. */
async function change(
  { deps, found }: Kept,
  changed: Readonly<Record<string, unknown>>,
  gone: readonly string[],
): Promise<void> {
  const { accounts } = deps.store;
  const $unset = Object.fromEntries(gone.map((name) => [name, 1]));
  const ends = changed['disabled'] === true ? { $inc: { era: 1 } } : {};
  await tiedOnce(accounts.updateOne({ _id: found._id }, { $set: changed, $unset, ...ends }));
  if (await accounts.exists({ role: 'administrator', disabled: false })) return;
  await accounts.updateOne({ _id: found._id }, { $set: { role: found.role, disabled: found.disabled } });
  throw new Refusal('last-administrator');
}

export const accountRoutes = [
  route({
    method: 'get',
    path: '/accounts',
    rule: KEEPERS,
    summary: '账号',
    query: page,
    async work(call) {
      const { store } = call.deps;
      const answer = await listPage(store.accounts, call, {
        filter: {},
        show: (account: AccountRecord) => account,
      });
      const body = answer.body as { readonly items: readonly AccountRecord[] };
      const standing = await standings(
        store.signInTries,
        body.items.map((one) => one._id),
      );
      return {
        ...answer,
        body: { ...body, items: body.items.map((one) => showAccount(one, standing.get(one._id))) },
      };
    },
  }),
  route({
    method: 'get',
    path: '/accounts/:id',
    rule: KEEPERS,
    summary: '一个账号，及其令牌和已登录的浏览器数',
    find: findAccount,
    work: async ({ deps, found }) => ok(await whole(deps, found._id)),
  }),
  route({
    method: 'post',
    path: '/accounts',
    rule: ADMINISTRATORS,
    shownOnce: true,
    summary: '建立账号；密码由一次有效的链接设定，链接只显示这一次',
    body: z.object({
      ...fields,
      id: z.string().refine((id) => ACCOUNT_ID.test(id), { params: { code: 'account-invalid' } }),
      agency: fields.agency.optional(),
      line: fields.line.optional(),
      supervisor: fields.supervisor.optional(),
      email: fields.email.optional(),
    }),
    async work(call) {
      const { deps, body } = call;
      const { id, agency, line, supervisor, ...rest } = body;
      await checkNamed(deps, body);
      checkLineRole(body.role, line);
      const { accounts } = deps.store;
      const $setOnInsert = {
        ...rest,
        ...(agency === undefined ? {} : { agency }),
        ...(line === undefined ? {} : { line }),
        ...(supervisor === undefined ? {} : { supervisor }),
        passwordHash: NO_PASSWORD,
        disabled: false,
      };
      const made = await tiedOnce(accounts.updateOne({ _id: id }, { $setOnInsert }, { upsert: true }));
      if (made.upsertedCount === 0) throw new Refusal('account-exists');
      const invitation = await invite(deps, id);
      await told(call, 'account-created', {
        account: id,
        role: body.role,
        ...(supervisor === undefined ? {} : { supervisor }),
      });
      return created({ ...(await whole(deps, id)), invitation }, { Location: `/api/v1/accounts/${id}` });
    },
  }),
  route({
    method: 'patch',
    path: '/accounts/:id',
    rule: ADMINISTRATORS,
    summary: '修改账号：姓名、角色、所属机关、所见条线、关联的监督人员、邮箱、停用；null 为去掉',
    body: z
      .object({
        ...fields,
        agency: fields.agency.nullable(),
        line: fields.line.nullable(),
        supervisor: fields.supervisor.nullable(),
        email: fields.email.nullable(),
        disabled: z.boolean(),
      })
      .partial(),
    find: findAccount,
    async work(call) {
      const { deps, found, body } = call;
      const given = Object.entries(body).filter(([, value]) => value !== undefined);
      if (given.length === 0) throw invalid('', 'empty', '没有要修改的内容');
      await checkNamed(deps, body);
      checkLineRole(body.role ?? found.role, body.line === undefined ? found.line : body.line);
      const set = Object.fromEntries(given.filter(([, value]) => value !== null));
      await change(
        call,
        set,
        given.flatMap(([name, value]) => (value === null ? [name] : [])),
      );
      const words = Object.fromEntries(given.map(([name, value]) => [name, String(value ?? '')]));
      await told(call, 'account-changed', { account: found._id, ...words });
      return ok(await whole(deps, found._id));
    },
  }),
  route({
    method: 'post',
    path: '/accounts/:id/invitation',
    rule: ADMINISTRATORS,
    shownOnce: true,
    summary: '重设密码：原密码作废，登录全部退出，新密码由一次有效的链接设定',
    find: findAccount,
    async work(call) {
      const { deps, found } = call;
      const invitation = await invite(deps, found._id);
      await told(call, 'password-reset', { account: found._id });
      return created({ id: found._id, invitation });
    },
  }),
];
