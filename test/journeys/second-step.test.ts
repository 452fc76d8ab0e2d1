import request from 'supertest';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { STATUS_OF_REFUSAL } from '../../api/problem.ts';
import {
  beginSecondStep,
  endSecondStep,
  offerSecret,
  passSecondStep,
  renewRecovery,
} from '../../api/second-step.ts';
import { codeAt, stepAt } from '../../api/totp.ts';
import { issueToken } from '../../data/seed.ts';
import { SAME_CLOCK } from '../../domain/clock.ts';
import { accountEvents } from '../support/account-events.ts';
import { type Desk, PASSWORD, hidden, openDesk } from '../support/desk.ts';
import { OFFICE } from '../support/house.ts';

type Agent = ReturnType<typeof request.agent>;

let desk: Desk;
beforeAll(async () => {
  desk = await openDesk();
  await desk.fresh();
});
afterAll(() => desk?.close());

const LETTERS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';
/** As an app reads a key that is typed into it. */
function secretOf(key: string): Buffer {
  const bits = Array.from(key.replaceAll(' ', ''))
    .map((one) => LETTERS.indexOf(one).toString(2).padStart(5, '0'))
    .join('');
  return Buffer.from((bits.match(/.{8}/g) ?? []).map((byte) => Number.parseInt(byte, 2)));
}
const keyIn = (html: string): string => /<code>([A-Z2-7 ]{20,})<\/code>/.exec(html)?.[1] ?? '';
const codesIn = (html: string): string[] =>
  [...html.matchAll(/<code>([a-z2-7-]{19})<\/code>/g)].map(([, one = '']) => one);
const now = (secret: Buffer, off = 0): string => codeAt(secret, stepAt(Date.now()) + off);
/** As if an hour had gone by since the last code. */
const anHourOn = (account: string) =>
  desk.store.accounts.updateOne({ _id: account }, { $set: { 'secondStep.used': 0 } });
const enterCode = (agent: Agent, code: string) =>
  agent.post('/console/sign-in/code').type('form').send({ code });

async function setUp(account: string): Promise<{ agent: Agent; secret: Buffer; recovery: string[] }> {
  const agent = await desk.signedIn(account);
  const page = (await agent.get('/console/me/second-step')).text;
  const secret = secretOf(keyIn(page));
  const done = await desk.sendForm(agent, '/console/me/second-step', {
    to: '/console/me/second-step',
    fields: { sealed: hidden(page, 'sealed'), code: now(secret) },
  });
  expect(done.status).toBe(201);
  return { agent, secret, recovery: codesIn(done.text) };
}

describe('The second step', () => {
  let secret: Buffer;
  let recovery: string[];

  it('Is set up with a key as a picture and to be typed, proved by a code, and sealed; recovery codes are shown once and kept as hashes', async () => {
    const agent = await desk.signedIn('organizer');
    const page = (await agent.get('/console/me/second-step')).text;
    expect(page).toContain('src="data:image/svg+xml;base64,');
    const offered = secretOf(keyIn(page));
    expect(offered).toHaveLength(20);
    const send = (over: Record<string, string>) =>
      desk.sendForm(agent, '/console/me/second-step', {
        to: '/console/me/second-step',
        fields: { sealed: hidden(page, 'sealed'), ...over },
      });
    const wrong = await send({ code: '000000' });
    expect(wrong.status).toBe(422);
    expect(wrong.text).toContain('动态码不正确');
    expect(keyIn(wrong.text)).toBe(keyIn(page));
    expect((await send({ code: now(offered), sealed: 'made-up' })).status).toBe(409);
    expect((await desk.store.accounts.findById('organizer').lean())?.secondStep).toBeUndefined();
    const done = await send({ code: now(offered) });
    expect(done.status).toBe(201);
    recovery = codesIn(done.text);
    expect(new Set(recovery).size).toBe(10);
    const stored = JSON.stringify(await desk.store.accounts.findById('organizer').lean());
    for (const said of [...recovery, offered.toString('base64'), keyIn(page).replaceAll(' ', '')])
      expect(stored).not.toContain(said);
    expect((await send({ code: now(offered, 1) })).status).toBe(409);
    expect((await agent.get('/console/me')).text).toContain('备用码还剩10个');
    secret = offered;
  });

  it('Is asked for after the password: nothing opens before it, and a code works once', async () => {
    const agent = desk.visitor();
    const half = await agent
      .post('/console/sign-in')
      .type('form')
      .send({ account: 'organizer', password: PASSWORD, next: '/console/reviews' });
    expect(half.headers['location']).toBe('/console/sign-in/code');
    expect((await agent.get('/console')).headers['location']).toContain('/console/sign-in?');
    expect((await agent.get('/console/sign-in/code')).text).toContain('organizer');
    await anHourOn('organizer');
    const code = now(secret);
    expect((await enterCode(agent, code)).headers['location']).toBe('/console/reviews');
    expect((await agent.get('/console')).status).toBe(200);
    const other = desk.visitor();
    await desk.signIn(other, 'organizer');
    const again = await enterCode(other, code);
    expect(again.status).toBe(401);
    expect(again.text).toContain('已经用过');
    expect((await other.get('/console')).status).toBe(303);
    expect((await enterCode(other, ` ${now(secret, 1).replace(/^(...)/, '$1 ')} `)).status).toBe(303);
  });

  it('No code is asked of whom no password has named, nor ten minutes later', async () => {
    expect((await enterCode(desk.visitor(), now(secret))).headers['location']).toBe('/console/sign-in');
    expect((await desk.visitor().get('/console/sign-in/code')).headers['location']).toBe('/console/sign-in');
    const agent = desk.visitor();
    await desk.signIn(agent, 'organizer');
    await desk.store.connection
      .collection('sessions')
      .updateMany(
        { 'session.pending': { $exists: true } },
        { $set: { 'session.pending.until': Date.now() - 1 } },
      );
    await anHourOn('organizer');
    expect((await enterCode(agent, now(secret))).headers['location']).toBe('/console/sign-in');
    expect((await agent.get('/console')).status).toBe(303);
  });

  it('A recovery code stands in for one code, once', async () => {
    const [one = ''] = recovery;
    const agent = desk.visitor();
    await desk.signIn(agent, 'organizer');
    expect((await enterCode(agent, one.toUpperCase().replaceAll('-', ' '))).status).toBe(303);
    expect((await agent.get('/console/me')).text).toContain('备用码还剩9个');
    const other = desk.visitor();
    await desk.signIn(other, 'organizer');
    expect((await enterCode(other, one)).status).toBe(401);
  });

  it('Ten wrong codes lock it, which tells administrators that the password is known', async () => {
    const agent = desk.visitor();
    await desk.signIn(agent, 'organizer');
    await desk.store.signInTries.deleteMany({});
    for (let n = 0; n < 10; n += 1) {
      expect((await enterCode(agent, '000000')).status).toBe(401);
      await desk.later();
    }
    const locked = await enterCode(agent, now(secret));
    expect(locked.status).toBe(429);
    expect(locked.text).toContain('约15分钟后可以再试');
    expect(await accountEvents(desk.store, 'account-locked-at-code')).toMatchObject([
      { detail: { account: 'organizer' } },
    ]);
    const administrator = await desk.signedIn('administrator');
    expect((await administrator.get('/console/accounts/organizer')).text).toContain('密码可能已泄露');
    await desk.sendForm(administrator, '/console/accounts/organizer', {
      to: '/console/accounts/organizer/unlock',
      fields: {},
    });
    await anHourOn('organizer');
    expect((await enterCode(agent, now(secret))).status).toBe(303);
  });

  it('Its holder renews the recovery codes or ends it, by a code and not without', async () => {
    const { agent, secret: own, recovery: first } = await setUp('approver');
    const send = (to: string, code: string) => desk.sendForm(agent, '/console/me', { to, fields: { code } });
    expect((await send('/console/me/recovery', '000000')).status).toBe(422);
    await anHourOn('approver');
    const renewed = await send('/console/me/recovery', now(own));
    expect(codesIn(renewed.text)).toHaveLength(10);
    expect(codesIn(renewed.text)).not.toContain(first[0]);
    expect((await send('/console/me/second-step/end', first[0] ?? '')).status).toBe(422);
    await desk.later();
    expect((await send('/console/me/second-step/end', codesIn(renewed.text)[0] ?? '')).status).toBe(303);
    expect((await desk.signIn(desk.visitor(), 'approver')).headers['location']).toBe('/console');
    for (const what of ['second-step-begun', 'recovery-renewed', 'second-step-ended'])
      expect((await accountEvents(desk.store, what)).at(-1), what).toMatchObject({ who: 'approver' });
    expect((await send('/console/me/second-step/end', '000000')).status).toBe(422);
  });

  it('An administrator ends it for whom the phone is lost, which ends the sessions too', async () => {
    const { agent } = await setUp('auditor');
    const token = await issueToken(desk.store, 'administrator');
    const call = () =>
      request(desk.app)
        .delete('/api/v1/accounts/auditor/second-step')
        .set('Authorization', `Bearer ${token}`);
    expect((await call()).status).toBe(204);
    expect((await call()).body.code).toBe('second-step-off');
    expect((await agent.get('/console')).status).toBe(303);
    expect((await desk.signIn(desk.visitor(), 'auditor')).headers['location']).toBe('/console');
    expect(await accountEvents(desk.store, 'second-step-reset')).toMatchObject([{ who: 'administrator' }]);
  });

  it('May be required of a role: its holders see nothing of the console before it is on, and cannot end it', async () => {
    const administrator = await desk.signedIn('administrator');
    const rule = (roles: string[]) =>
      desk.sendForm(administrator, '/console/accounts', {
        to: '/console/second-step',
        fields: roles as unknown as Record<string, string>,
      });
    const token = await issueToken(desk.store, 'administrator');
    const put = (roles: unknown) =>
      request(desk.app).put('/api/v1/second-step').set('Authorization', `Bearer ${token}`).send({ roles });
    expect((await put(['king'])).status).toBe(422);
    expect((await put(['approver', 'approver'])).body).toEqual({ roles: ['approver'] });
    const agent = await desk.signedIn('approver');
    for (const path of ['', '/cases', '/accounts'])
      expect((await agent.get(`/console${path}`)).headers['location']).toBe('/console/me/second-step');
    expect((await agent.get('/console/me/second-step')).text).toContain('您的角色必须启用两步验证');
    expect(
      (await desk.sendForm(agent, '/console/me', { to: '/console/clues', fields: {} })).headers['location'],
    ).toBe('/console/me/second-step');
    const { agent: ready, secret: own } = await setUp('approver');
    expect((await ready.get('/console')).status).toBe(200);
    await anHourOn('approver');
    const refused = await desk.sendForm(ready, '/console/me', {
      to: '/console/me/second-step/end',
      fields: { code: now(own) },
    });
    expect(refused.status).toBe(409);
    expect(refused.text).toContain('不能停用');
    expect((await rule([])).status).toBe(303);
    expect(
      (await request(desk.app).get('/api/v1/second-step').set('Authorization', `Bearer ${token}`)).body,
    ).toEqual({
      roles: [],
    });
    expect(await accountEvents(desk.store, 'second-step-ruled')).toHaveLength(2);
  });
});

describe('What is refused', () => {
  it('Is told apart by its code', async () => {
    const deps = {
      store: desk.store,
      office: { ...OFFICE, publicUrl: 'http://office.example' },
      clock: { now: async () => Date.now(), mapping: async () => SAME_CLOCK },
    };
    const { sealed, key } = offerSecret(deps, 'auditor');
    const given = { sealed, code: now(secretOf(key)) };
    const told = (asked: Promise<unknown>) => asked.then(String, (error: { code?: string }) => error.code);
    expect(await told(beginSecondStep(deps, 'organizer', given))).toBe('offer-over');
    expect(await told(beginSecondStep(deps, 'auditor', { ...given, code: '000000' }))).toBe('code-wrong');
    expect(await told(endSecondStep(deps, 'auditor'))).toBe('second-step-off');
    expect(await told(renewRecovery(deps, 'auditor'))).toBe('second-step-off');
    await beginSecondStep(deps, 'auditor', given);
    expect(await told(beginSecondStep(deps, 'auditor', given))).toBe('second-step-on');
    expect(await passSecondStep(deps, 'auditor', given.code)).toBeUndefined();
    await endSecondStep(deps, 'auditor');
    const [required, wrong] = ['second-step-required', 'password-wrong'] as const;
    expect([STATUS_OF_REFUSAL[required], STATUS_OF_REFUSAL[wrong]]).toEqual([409, 422]);
  });
});

describe('My own account', () => {
  it('Shows where I am signed in; another browser is ended, one or all, and this one stays', async () => {
    await desk.fresh();
    const [here, there, third] = await Promise.all([1, 2, 3].map(() => desk.signedIn('auditor')));
    const page = (await here?.get('/console/me'))?.text ?? '';
    const names = [...page.matchAll(/action="\/console\/me\/sessions\/([0-9a-f]{16})"/g)].map(
      ([, one = '']) => one,
    );
    expect(names).toHaveLength(2);
    expect(page).toContain('本浏览器');
    if (!here || !there || !third) throw new Error('three browsers');
    await desk.sendForm(here, '/console/me', { to: `/console/me/sessions/${names[0]}`, fields: {} });
    const open = async () =>
      (await Promise.all([there, third].map(async (one) => (await one.get('/console')).status))).filter(
        (one) => one === 200,
      );
    expect(await open()).toHaveLength(1);
    expect(
      (await desk.sendForm(here, '/console/me', { to: `/console/me/sessions/${names[0]}`, fields: {} }))
        .status,
    ).toBe(404);
    await desk.sendForm(here, '/console/me', { to: '/console/me/sessions/others', fields: {} });
    expect(await open()).toHaveLength(0);
    expect((await here.get('/console')).status).toBe(200);
  });

  it('The password is changed by whoever knows it, and every other browser is out', async () => {
    const [here, there] = [await desk.signedIn('organizer'), await desk.signedIn('organizer')];
    const send = (current: string, password: string) =>
      desk.sendForm(here, '/console/me', { to: '/console/me/password', fields: { current, password } });
    const wrong = await send('not it', 'correct horse battery');
    expect(wrong.status).toBe(422);
    expect(wrong.text).toContain('原密码不正确');
    expect(wrong.text).not.toContain('correct horse battery');
    expect((await send(PASSWORD, 'short')).text).toContain('至少12个字符');
    expect((await send(PASSWORD, 'correct horse battery')).status).toBe(303);
    expect((await there.get('/console')).status).toBe(303);
    expect((await here.get('/console')).status).toBe(200);
    expect((await desk.signIn(desk.visitor(), 'organizer')).status).toBe(401);
    expect((await desk.signIn(desk.visitor(), 'organizer', 'correct horse battery')).status).toBe(303);
    expect(await accountEvents(desk.store, 'password-changed')).toMatchObject([{ who: 'organizer' }]);
  });
});
