import { z } from 'zod';
import { issueToken } from '../../data/seed.ts';
import { stamp } from '../../domain/clock.ts';
import { browsersOf, endSession } from '../../models/session.ts';
import { forgiveAll } from '../../models/sign-in-try.ts';
import { ADMINISTRATORS, hashSecret } from '../access.ts';
import { browserWords } from '../browser-words.ts';
import { sliced } from '../lists.ts';
import { invalid } from '../problem.ts';
import { created, ok, route } from '../route.ts';
import { endSecondStep, requireSecondStep, rolesWithSecondStep } from '../second-step.ts';
import { date, page, word } from '../shapes.ts';
import { KEEPERS, ROLE, TOKEN_ID, findAccount, showToken, told, tokensOf, whole } from './accounts.ts';

const DAY_MS = 86_400_000;
const USUAL_DAYS = 365;
const MOST_DAYS = 2 * 366;

/** A token ends with its last day; without one named, after a year. */
function endOf(day: string | undefined): Date {
  const now = Date.now();
  if (day === undefined) return new Date(now + USUAL_DAYS * DAY_MS);
  const end = Date.parse(`${day}T23:59:59+08:00`);
  if (end < now || end > now + MOST_DAYS * DAY_MS)
    throw invalid('/until', 'date-invalid', '截止日期应在今天之后、两年之内');
  return new Date(end);
}

export const showBrowser = (one: Awaited<ReturnType<typeof browsersOf>>[number]) => ({
  id: one.id,
  ...(one.since === undefined ? {} : { since: one.since }),
  address: one.address,
  browser: browserWords(one.browser),
  /** It ends by itself then, unless it is used before. */
  until: stamp(one.expires.getTime()),
});

/** How people and scripts get in with an account that is there: locks, browsers, second step, identity, tokens. */
export const accountAccessRoutes = [
  route({
    method: 'post',
    path: '/accounts/:id/unlock',
    rule: ADMINISTRATORS,
    summary: '解除锁定',
    find: findAccount,
    async work(call) {
      const { deps, found } = call;
      await forgiveAll(deps.store.signInTries, found._id);
      await told(call, 'account-unlocked', { account: found._id });
      return ok(await whole(deps, found._id));
    },
  }),
  route({
    method: 'post',
    path: '/accounts/:id/revocation',
    rule: ADMINISTRATORS,
    summary: '退出全部登录，或作废全部令牌',
    body: z.object({
      what: z
        .array(z.enum(['sessions', 'tokens']))
        .min(1)
        .max(2),
    }),
    find: findAccount,
    async work(call) {
      const { deps, found, body } = call;
      if (body.what.includes('sessions'))
        await deps.store.accounts.updateOne({ _id: found._id }, { $inc: { era: 1 } });
      if (body.what.includes('tokens'))
        await deps.store.tokens.updateMany(
          { account: found._id, revokedAt: null },
          { $set: { revokedAt: new Date() } },
        );
      for (const what of new Set(body.what)) await told(call, `${what}-revoked`, { account: found._id });
      return ok(await whole(deps, found._id));
    },
  }),
  route({
    method: 'post',
    path: '/accounts/:id/tokens',
    rule: ADMINISTRATORS,
    shownOnce: true,
    summary: '发给脚本用的令牌；只显示这一次，到截止日期自行失效（不写为一年）',
    body: z.object({ name: word, until: date.optional() }),
    find: findAccount,
    async work(call) {
      const { deps, found, body, actor } = call;
      const until = endOf(body.until);
      const secret = await issueToken(deps.store, found._id, {
        name: body.name,
        createdBy: actor.name,
        until,
      });
      const id = hashSecret(secret).slice(0, TOKEN_ID);
      await told(call, 'token-issued', { account: found._id, token: id, name: body.name });
      return created({ id, name: body.name, until: stamp(until.getTime()), secret });
    },
  }),
  route({
    method: 'delete',
    path: '/accounts/:id/tokens/:token',
    rule: ADMINISTRATORS,
    summary: '作废一个令牌',
    async find(deps, params) {
      const account = await findAccount(deps, params);
      if (!account) return null;
      const token = (await tokensOf(deps, account._id)).find((one) => showToken(one).id === params['token']);
      return token ? { ...account, token: token._id } : null;
    },
    async work(call) {
      const { deps, found, params } = call;
      await deps.store.tokens.updateOne({ _id: found.token }, { $set: { revokedAt: new Date() } });
      await told(call, 'token-revoked', { account: found._id, token: params['token'] ?? '' });
      return { status: 204 };
    },
  }),
  route({
    method: 'get',
    path: '/accounts/:id/sessions',
    rule: KEEPERS,
    summary: '一个账号已登录的浏览器',
    query: page,
    find: findAccount,
    work: async (call) => sliced(call, (await browsersOf(call.deps.store, call.found)).map(showBrowser)),
  }),
  route({
    method: 'delete',
    path: '/accounts/:id/sessions/:session',
    rule: ADMINISTRATORS,
    summary: '结束一个浏览器的登录',
    async find(deps, params) {
      const account = await findAccount(deps, params);
      const name = params['session'] ?? '';
      const there = account ? await browsersOf(deps.store, account) : [];
      return account && there.some((one) => one.id === name) ? account : null;
    },
    async work(call) {
      const { deps, found, params } = call;
      const ended = await endSession(deps.store, found, params['session'] ?? '');
      if (ended) await told(call, 'session-ended', { account: found._id });
      return { status: 204 };
    },
  }),
  route({
    method: 'delete',
    path: '/accounts/:id/second-step',
    rule: ADMINISTRATORS,
    summary: '停用一个账号的两步验证（手机遗失时），其登录全部退出',
    find: findAccount,
    async work(call) {
      const { deps, found } = call;
      await endSecondStep(deps, found._id);
      await deps.store.accounts.updateOne({ _id: found._id }, { $inc: { era: 1 } });
      await told(call, 'second-step-reset', { account: found._id });
      return { status: 204 };
    },
  }),
  route({
    method: 'delete',
    path: '/accounts/:id/identity',
    rule: ADMINISTRATORS,
    summary: '解除一个账号与统一身份认证身份的关联，下次登录重新关联',
    async find(deps, params) {
      const account = await findAccount(deps, params);
      return account?.outside ? account : null;
    },
    async work(call) {
      const { deps, found } = call;
      await deps.store.accounts.updateOne({ _id: found._id }, { $unset: { outside: 1 }, $inc: { era: 1 } });
      await told(call, 'identity-untied', { account: found._id });
      return { status: 204 };
    },
  }),
  route({
    method: 'get',
    path: '/second-step',
    rule: KEEPERS,
    summary: '哪些角色必须启用两步验证',
    work: async ({ deps }) => ok({ roles: await rolesWithSecondStep(deps) }),
  }),
  route({
    method: 'put',
    path: '/second-step',
    rule: ADMINISTRATORS,
    summary: '规定哪些角色必须启用两步验证',
    body: z.object({ roles: z.array(ROLE).max(4) }),
    async work(call) {
      const roles = [...new Set(call.body.roles)];
      await requireSecondStep(call.deps, roles);
      await told(call, 'second-step-ruled', { roles: roles.join(' ') });
      return ok({ roles });
    },
  }),
];
