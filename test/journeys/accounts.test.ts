import type { Express } from 'express';
import request from 'supertest';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { invited, openFirstRun } from '../../api/invitations.ts';
import { issueToken } from '../../data/seed.ts';
import { accountEvents } from '../support/account-events.ts';
import { type Desk, openDesk } from '../support/desk.ts';

const GOOD = 'correct horse battery';

let desk: Desk;
let app: Express;
let token: string;
const call = (method: 'get' | 'post' | 'patch' | 'delete', path: string, bearer = token) =>
  request(app)[method](`/api/v1${path}`).set('Authorization', `Bearer ${bearer}`);
const codeOf = (link: string): string => new URL(link).searchParams.get('code') ?? '';
const events = (what: string) => accountEvents(desk.store, what);

beforeAll(async () => {
  desk = await openDesk();
  app = desk.app;
});
afterAll(() => desk?.close());

describe('An installation without an account', () => {
  it('Is opened once, by whoever reads the code that its server prints; no password is known beforehand', async () => {
    const code = (await openFirstRun(desk.store)) ?? '';
    expect(code).toMatch(/^[\w-]{32}$/);
    expect(JSON.stringify(await desk.store.settings.find().lean())).not.toContain(code);
    const agent = request.agent(app);
    expect((await agent.get('/console/sign-in')).text).toContain('还没有账号');
    expect((await agent.get(`/console/first-run?code=${code}`)).text).toContain(code);
    const make = (over: Record<string, string>) =>
      agent
        .post('/console/first-run')
        .type('form')
        .send({ code, account: 'wang', name: '王主任', password: GOOD, ...over });
    expect((await make({ code: 'guessed' })).status).toBe(409);
    expect((await make({ account: 'Wang' })).text).toContain('小写字母');
    expect((await make({ name: ' ' })).status).toBe(422);
    expect((await make({ password: 'short' })).text).toContain('至少12个字符');
    expect((await make({ password: `${GOOD} wang` })).status).toBe(422);
    expect(await desk.store.accounts.countDocuments()).toBe(0);
    expect((await make({})).text).toContain('管理员已建立');
    expect((await make({ account: 'another' })).status).toBe(409);
    expect(await desk.store.accounts.find({}, { role: 1 }).lean()).toEqual([
      { _id: 'wang', role: 'administrator' },
    ]);
    expect(await openFirstRun(desk.store)).toBeUndefined();
    expect((await desk.signIn(agent, 'wang', GOOD)).status).toBe(303);
    expect(await events('first-administrator')).toMatchObject([
      { who: '王主任', detail: { account: 'wang' } },
    ]);
  });
});

describe('A password', () => {
  it('Is set by no code that was never given', async () => {
    await expect(invited(desk, '')).rejects.toMatchObject({ code: 'invitation-over' });
  });
});

describe('An administrator keeps the accounts', () => {
  let link: string;
  beforeAll(async () => {
    await desk.fresh();
    await desk.store.agencies.create({
      _id: 'maqiao',
      name: '马桥镇人民政府',
      kind: 'town',
      domains: [],
      contacts: [],
    });
    token = await issueToken(desk.store, 'administrator');
  });

  it('A new account has no password: its holder sets one by a link that is shown once and works once', async () => {
    const made = await call('post', '/accounts')
      .set('Idempotency-Key', 'once')
      .send({ id: 'li', name: '李组织', role: 'organizer', agency: 'maqiao', email: 'li@sifa.example' });
    expect(made.status).toBe(201);
    expect(made.body).toMatchObject({
      id: 'li',
      role: 'organizer',
      agency: 'maqiao',
      password: 'invited',
      tokens: [],
    });
    link = made.body.invitation.link as string;
    expect(JSON.stringify(await desk.store.accounts.find().lean())).not.toContain(codeOf(link));
    expect(JSON.stringify(await desk.store.keys.find().lean())).not.toContain(codeOf(link));
    const agent = desk.visitor();
    const path = `/console/password?code=${codeOf(link)}`;
    expect((await agent.get(path)).text).toContain('李组织');
    const set = (password: string) =>
      agent
        .post('/console/password')
        .type('form')
        .send({ code: codeOf(link), password });
    expect((await set('too short')).status).toBe(422);
    expect((await set(GOOD)).text).toContain('密码已设定');
    expect((await set('another long password')).status).toBe(409);
    expect((await agent.get(path)).status).toBe(409);
    expect((await desk.signIn(agent, 'li', GOOD)).status).toBe(303);
    expect((await call('get', '/accounts/li')).body).toMatchObject({ password: 'set', sessions: 1 });
    expect(await events('account-created')).toMatchObject([
      { who: 'administrator', detail: { account: 'li' } },
    ]);
    expect(await events('password-set')).toMatchObject([{ who: '李组织' }]);
  });

  it('What is wrong with it is said by field, and a name that is taken is refused', async () => {
    const post = (over: Record<string, unknown>) =>
      call('post', '/accounts').send({ id: 'zhao', name: '赵', role: 'auditor', ...over });
    for (const [over, pointer, code] of [
      [{ id: 'Zhao' }, '/id', 'account-invalid'],
      [{ role: 'king' }, '/role', 'invalid-value'],
      [{ agency: 'nowhere' }, '/agency', 'agency-unknown'],
      [{ email: 'no address' }, '/email', 'email-invalid'],
      [{ name: 'a\r\nb' }, '/name', 'control-characters'],
    ] as const) {
      const { status, body } = await post(over);
      expect([status, body.errors[0].pointer, body.errors[0].code]).toEqual([422, pointer, code]);
    }
    expect((await post({ id: 'li' })).body).toMatchObject({ status: 409, code: 'account-exists' });
    expect((await call('patch', '/accounts/li').send({})).status).toBe(422);
    expect((await call('get', '/accounts/nobody')).status).toBe(404);
  });

  it('Only administrators change accounts; auditors see them, and nobody sees a hash', async () => {
    const auditor = await issueToken(desk.store, 'auditor');
    const organizer = await issueToken(desk.store, 'organizer');
    const seen = await call('get', '/accounts', auditor);
    expect(seen.body).toMatchObject({ total: 5 });
    expect(JSON.stringify(seen.body)).not.toMatch(/argon2|hash/i);
    expect((await call('get', '/accounts', organizer)).status).toBe(403);
    expect((await call('patch', '/accounts/li', organizer).send({ role: 'administrator' })).status).toBe(403);
    expect((await call('post', '/accounts/li/tokens', auditor).send({ name: 'x' })).status).toBe(403);
  });

  it('A role, an agency or an address is changed at once, and each change is an event', async () => {
    const agent = desk.visitor();
    await desk.signIn(agent, 'li', GOOD);
    expect((await agent.get('/console/accounts')).status).toBe(403);
    const changed = await call('patch', '/accounts/li').send({ role: 'administrator', agency: null });
    expect(changed.body).toMatchObject({ role: 'administrator', email: 'li@sifa.example' });
    expect(changed.body.agency).toBeUndefined();
    expect((await agent.get('/console/accounts')).status).toBe(200);
    await call('patch', '/accounts/li').send({ role: 'organizer' });
    expect(await events('account-changed')).toHaveLength(2);
  });

  it('Disabled, an account is out at once, in its browsers and its scripts; one administrator always stays', async () => {
    const agent = desk.visitor();
    await desk.signIn(agent, 'li', GOOD);
    const script = await issueToken(desk.store, 'li');
    expect((await call('get', '/agencies', script)).status).toBe(200);
    expect((await call('patch', '/accounts/li').send({ disabled: true })).body.disabled).toBe(true);
    expect((await agent.get('/console')).status).toBe(303);
    expect((await call('get', '/agencies', script)).status).toBe(401);
    expect((await desk.signIn(agent, 'li', GOOD)).status).toBe(401);
    await call('patch', '/accounts/li').send({ disabled: false });
    expect((await agent.get('/console')).status).toBe(303);
    for (const change of [{ disabled: true }, { role: 'auditor' }]) {
      const refused = await call('patch', '/accounts/administrator').send(change);
      expect(refused.body).toMatchObject({ status: 409, code: 'last-administrator' });
    }
    expect((await call('get', '/accounts/administrator')).body).toMatchObject({
      disabled: false,
      role: 'administrator',
    });
  });

  it('A reset voids the old password, the older link and every session', async () => {
    const agent = await signedIn('li', GOOD);
    const first = await call('post', '/accounts/li/invitation').set('Idempotency-Key', 'r').send({});
    const second = await call('post', '/accounts/li/invitation').set('Idempotency-Key', 'r').send({});
    expect([first.status, second.status]).toEqual([201, 201]);
    expect((await agent.get('/console')).status).toBe(303);
    expect((await desk.signIn(agent, 'li', GOOD)).status).toBe(401);
    expect((await agent.get(`/console/password?code=${codeOf(first.body.invitation.link)}`)).status).toBe(
      409,
    );
    const code = codeOf(second.body.invitation.link);
    await desk.store.accounts.updateOne({ _id: 'li' }, { $set: { 'invitation.until': new Date(0) } });
    const late = await agent.post('/console/password').type('form').send({ code, password: GOOD });
    expect(late.status).toBe(409);
    expect(late.text).toContain('已失效');
    await desk.store.accounts.updateOne(
      { _id: 'li' },
      { $set: { 'invitation.until': new Date(Date.now() + 60_000) } },
    );
    await agent.post('/console/password').type('form').send({ code, password: GOOD });
    expect((await desk.signIn(agent, 'li', GOOD)).status).toBe(303);
    expect(await events('password-reset')).toHaveLength(2);
  });

  it('A token for scripts is shown once and kept as its hash; one or all of them are revoked', async () => {
    const issue = async (name: string) => (await call('post', '/accounts/li/tokens').send({ name })).body;
    const [one, two] = [await issue('每周统计'), await issue('数据交换')];
    expect((await call('get', '/agencies', one.secret)).status).toBe(200);
    expect(JSON.stringify(await desk.store.tokens.find().lean())).not.toContain(one.secret);
    const shown = (await call('get', '/accounts/li')).body.tokens as { id: string; name: string }[];
    expect(shown.map((each) => each.name)).toEqual(expect.arrayContaining(['每周统计', '数据交换']));
    expect((await call('delete', `/accounts/li/tokens/${one.id}`)).status).toBe(204);
    expect((await call('delete', `/accounts/li/tokens/${one.id}`)).status).toBe(404);
    expect((await call('get', '/agencies', one.secret)).status).toBe(401);
    const agent = await signedIn('li', GOOD);
    const revoked = await call('post', '/accounts/li/revocation').send({ what: ['tokens', 'sessions'] });
    expect(revoked.body).toMatchObject({ tokens: [], sessions: 0 });
    expect((await call('get', '/agencies', two.secret)).status).toBe(401);
    expect((await agent.get('/console')).status).toBe(303);
    for (const what of ['token-issued', 'token-revoked', 'tokens-revoked', 'sessions-revoked'])
      expect((await events(what)).length, what).toBeGreaterThan(0);
  });

  it('A token has an end: a year from now unless a day is named, never more than two years, and after it nothing', async () => {
    const issue = (body: object) => call('post', '/accounts/li/tokens').send({ name: '年度接口', ...body });
    const usual = (await issue({})).body;
    expect(Date.parse(usual.until) - Date.now()).toBeGreaterThan(364 * 86_400_000);
    for (const until of ['2020-01-01', '2100-01-01']) {
      const { status, body } = await issue({ until });
      expect([status, body.errors[0].pointer, body.errors[0].code]).toEqual([422, '/until', 'date-invalid']);
    }
    const day = new Date(Date.now() + 3 * 86_400_000).toISOString().slice(0, 10);
    const { id, secret, until } = (await issue({ until: day })).body;
    expect(until).toBe(`${day}T23:59:59+08:00`);
    expect((await call('get', '/accounts/li')).body.tokens).toContainEqual(
      expect.objectContaining({ id, until }),
    );
    expect((await call('get', '/agencies', secret)).status).toBe(200);
    await desk.store.tokens.updateMany({ account: 'li' }, { $set: { until: new Date(Date.now() - 1) } });
    expect((await call('get', '/agencies', secret)).status).toBe(401);
    expect((await call('get', '/accounts/li')).body.tokens).toEqual([]);
    await desk.store.tokens.deleteMany({ account: 'li' });
  });

  it('Each browser that is signed in is seen with whence and since when, and one of them is ended', async () => {
    const agents = await Promise.all([signedIn('li', GOOD), signedIn('li', GOOD)]);
    const seen = (await call('get', '/accounts/li/sessions')).body;
    const ended = seen.items[0].id as string;
    expect(seen.items[0]).toMatchObject({ address: '10.0.0.1', since: expect.stringMatching(/^\d{4}-/) });
    const ids = await desk.store.connection.collection('sessions').find().toArray();
    for (const { _id } of ids) expect(JSON.stringify(seen)).not.toContain(String(_id));
    expect((await call('delete', `/accounts/li/sessions/${ended}`)).status).toBe(204);
    expect((await call('delete', `/accounts/li/sessions/${ended}`)).status).toBe(404);
    expect((await call('delete', `/accounts/administrator/sessions/${seen.items[1].id}`)).status).toBe(404);
    const after = await Promise.all(agents.map(async (one) => (await one.get('/console')).status));
    expect(after.toSorted((a, b) => a - b)).toEqual([200, 303]);
    expect(await events('session-ended')).toMatchObject([{ detail: { account: 'li' } }]);
  });

  it('A lockout is seen, and ended before its time', async () => {
    const agent = desk.visitor();
    await desk.miss('li', 10);
    expect((await desk.signIn(agent, 'li', GOOD)).status).toBe(429);
    expect((await call('get', '/accounts?limit=200')).body.items).toContainEqual(
      expect.objectContaining({ id: 'li', failures: 10, lockedUntil: expect.stringMatching(/^\d{4}-/) }),
    );
    expect((await call('get', '/accounts/li')).body.lockedUntil).toMatch(/^\d{4}-/);
    expect((await call('post', '/accounts/li/unlock').send({})).body.lockedUntil).toBeUndefined();
    expect((await desk.signIn(agent, 'li', GOOD)).status).toBe(303);
    expect(await events('account-unlocked')).toMatchObject([{ detail: { account: 'li' } }]);
  });

  const signedIn = async (account: string, password: string) => {
    const agent = desk.visitor();
    expect((await desk.signIn(agent, account, password)).status).toBe(303);
    return agent;
  };
});
