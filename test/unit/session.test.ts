import request from 'supertest';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { hashSecret } from '../../api/access.ts';
import { CONSOLE_ROUTES } from '../../api/pages/console.ts';
import { take } from '../../models/sign-in-try.ts';
import { type Desk, PASSWORD, cookies, hidden, openDesk } from '../support/desk.ts';

type Agent = ReturnType<typeof request.agent>;

let desk: Desk;
beforeAll(async () => {
  desk = await openDesk();
});
afterAll(() => desk.close());
beforeEach(() => desk.fresh());

describe('Signing in', () => {
  test('a right password opens the console, in a new session that scripts cannot read', async () => {
    const agent = desk.visitor();
    const answer = await desk.signIn(agent, 'organizer');
    expect(answer.headers['location']).toBe('/console');
    const cookie = cookies(answer).find((one) => one.startsWith('jiandu='));
    expect(cookie).toMatch(/HttpOnly/);
    expect(cookie).toMatch(/SameSite=Lax/);
    const page = await agent.get('/console');
    expect(page.status).toBe(200);
    expect(page.text).toContain('今日');
  });

  test('a session id from before the sign-in is worth nothing after it', async () => {
    const agent = await desk.signedIn('organizer');
    const before =
      cookies(await agent.get('/console'))
        .find((one) => one.startsWith('jiandu='))
        ?.split(';')[0] ?? '';
    const again = await desk.signIn(agent, 'auditor');
    const after = cookies(again)
      .find((one) => one.startsWith('jiandu='))
      ?.split(';')[0];
    expect(after).not.toBe(before);
    const old = await request(desk.app).get('/console').set('Cookie', before);
    expect(old.headers['location']).toContain('/console/sign-in');
  });

  test('an unknown account and a wrong password are refused with the same page', async () => {
    const wrong = await desk.signIn(desk.visitor(), 'organizer', 'no');
    const unknown = await desk.signIn(desk.visitor(), 'nobody', 'no');
    expect([wrong.status, unknown.status]).toEqual([401, 401]);
    expect(unknown.text.replace('nobody', 'organizer')).toBe(wrong.text);
  });

  test('two that come at one moment, the first of an account, are both looked at and both counted', async () => {
    const tries = desk.store.signInTries;
    for (let n = 0; n < 40; n += 1) {
      const step = { account: `twin-${n}`, step: 'password', device: '' } as const;
      const both = await Promise.all([take(tries, step, true), take(tries, step, true)]);
      expect(both.map(({ may }) => may)).toEqual([true, true]);
      expect(both.map(({ failures }) => failures).toSorted((a, b) => a - b)).toEqual([1, 2]);
    }
  });

  test('from the third failure on each attempt has to wait, and is told how long', async () => {
    const agent = desk.visitor();
    for (let i = 0; i < 3; i += 1) expect((await desk.signIn(agent, 'organizer', 'no')).status).toBe(401);
    const early = await desk.signIn(agent, 'organizer');
    expect(early.status).toBe(429);
    expect(early.headers['retry-after']).toMatch(/^[12]$/);
    expect(early.text).toMatch(/请在[12]秒后再试/);
    await desk.later();
    expect((await desk.signIn(agent, 'organizer')).status).toBe(303);
  });

  test('ten failures lock the account, for the right password too, only until the lock is over, and the page says so', async () => {
    await desk.miss('organizer', 10);
    const locked = await desk.signIn(desk.visitor(), 'organizer');
    expect(locked.status).toBe(429);
    expect(Number(locked.headers['retry-after'])).toBeGreaterThan(800);
    expect(locked.text).toContain('约15分钟后可以再试');
    await desk.store.signInTries.updateMany({}, { $set: { lockedUntil: new Date(Date.now() - 1) } });
    expect((await desk.signIn(desk.visitor(), 'organizer')).status).toBe(303);
  });

  test('an account that does not exist waits and locks in the same words', async () => {
    await desk.miss('nobody', 10);
    await desk.miss('organizer', 10);
    const [unknown, known] = await Promise.all(
      ['nobody', 'organizer'].map((account) => desk.signIn(desk.visitor(), account)),
    );
    expect(unknown?.text.replace('nobody', 'organizer')).toBe(known?.text);
    expect(JSON.stringify(await desk.store.signInTries.find().lean())).not.toContain('nobody');
  });

  test('a lock keeps out neither another account nor its owner in a browser that has signed in before', async () => {
    const own = await desk.signedIn('organizer');
    await desk.miss('organizer', 10);
    expect((await desk.signIn(desk.visitor(), 'organizer')).status).toBe(429);
    expect((await desk.signIn(desk.visitor(), 'auditor')).status).toBe(303);
    expect((await desk.signIn(own, 'organizer')).status).toBe(303);
    await desk.miss('organizer', 10, own);
    expect((await desk.signIn(own, 'organizer')).status).toBe(429);
  });

  test('guesses that are made at one moment are all counted', async () => {
    const tried = await Promise.all(
      Array.from({ length: 12 }, (_, i) => desk.signIn(desk.visitor(), 'organizer', `wrong ${i}`)),
    );
    expect(tried.filter(({ status }) => status === 401).length).toBeLessThanOrEqual(3);
    expect(tried.every(({ status }) => status === 401 || status === 429)).toBe(true);
  });

  test('nine failures and a right password begin the count anew', async () => {
    await desk.miss('organizer', 9);
    expect((await desk.signIn(desk.visitor(), 'organizer')).status).toBe(303);
    expect(await desk.store.signInTries.countDocuments({ account: 'organizer' })).toBe(0);
  });

  test('one address is told to wait after thirty wrong attempts; right ones, and browsers that are known, are none', async () => {
    const known = await desk.signedIn('auditor');
    for (let i = 0; i < 40; i += 1) await desk.signedIn('approver');
    for (let i = 0; i < 30; i += 1) await desk.signIn(desk.visitor(), `nobody${i}`, 'no');
    expect((await desk.signIn(desk.visitor(), 'organizer')).status).toBe(429);
    expect((await desk.signIn(known, 'auditor')).status).toBe(303);
  });

  test('every sign-in and every refusal is an event', async () => {
    await desk.store.events.deleteMany({ owner: 'accounts' });
    await desk.signIn(desk.visitor(), 'organizer', 'no');
    await desk.signedIn('organizer');
    const blocks = await desk.store.events.find({ owner: 'accounts' }).sort({ seq: 1 }).lean();
    const entries = blocks.flatMap((one) => JSON.parse(one.entries) as { what: string; who: string }[]);
    expect(entries.map((one) => [one.what, one.who])).toEqual([
      ['sign-in-refused', 'organizer'],
      ['signed-in', 'organizer'],
    ]);
    expect(JSON.stringify(blocks)).not.toContain(PASSWORD);
  });

  test('a disabled account is out at its next request', async () => {
    const agent = await desk.signedIn('organizer');
    await desk.store.accounts.updateOne({ _id: 'organizer' }, { $set: { disabled: true } });
    expect((await agent.get('/console')).headers['location']).toContain('/console/sign-in');
  });

  test('a sign-in leads nowhere but into the console', async () => {
    for (const next of [
      'https://evil.example/',
      '//evil.example',
      '/console//evil',
      '/api/v1',
      '/console\\evil',
      '/consolex',
    ]) {
      const answer = await desk
        .visitor()
        .post('/console/sign-in')
        .type('form')
        .send({ account: 'organizer', password: PASSWORD, next });
      expect(answer.headers['location']).toBe('/console');
    }
    const inside = await desk
      .visitor()
      .post('/console/sign-in')
      .type('form')
      .send({ account: 'organizer', password: PASSWORD, next: '/console/reviews?lang=en' });
    expect(inside.headers['location']).toBe('/console/reviews?lang=en');
  });

  test('a form on another site signs nobody in', async () => {
    const answer = await desk
      .visitor()
      .post('/console/sign-in')
      .set('Sec-Fetch-Site', 'cross-site')
      .type('form')
      .send({ account: 'organizer', password: PASSWORD });
    expect(answer.status).toBe(403);
  });

  test('signing out ends the session on the server', async () => {
    const agent = await desk.signedIn('organizer');
    const kept = cookies(await agent.get('/console'))
      .map((one) => one.split(';')[0])
      .join('; ');
    const out = await desk.sendForm(agent, '/console', { to: '/console/sign-out', fields: {} });
    expect(out.headers['location']).toBe('/console/sign-in');
    expect((await request(desk.app).get('/console').set('Cookie', kept)).status).toBe(303);
  });
});

describe('A demo ticket', () => {
  const ticket = 'the ticket of a demo';
  const issue = (value: object) =>
    desk.store.settings.updateOne(
      { _id: `ticket/${hashSecret(ticket)}` },
      { $set: { value } },
      { upsert: true },
    );
  const enter = (agent: Agent) => agent.post('/console/enter').type('form').send({ ticket });

  test('opening its link changes nothing; its button signs in', async () => {
    await issue({ account: 'organizer', until: new Date(Date.now() + 60_000).toISOString() });
    const agent = desk.visitor();
    const page = await agent.get(`/console/enter?ticket=${encodeURIComponent(ticket)}`);
    expect(page.status).toBe(200);
    expect((await agent.get('/console')).status).toBe(303);
    expect(
      (await desk.store.settings.findById(`ticket/${hashSecret(ticket)}`).lean())?.value,
    ).not.toHaveProperty('used');
    expect((await enter(agent)).headers['location']).toBe('/console');
    expect((await agent.get('/console')).status).toBe(200);
  });

  test('it is good for twenty times, and not after its end', async () => {
    await issue({ account: 'organizer', until: Date.now() + 60_000, used: 19 });
    expect((await enter(desk.visitor())).status).toBe(303);
    expect((await enter(desk.visitor())).status).toBe(401);
    await issue({ account: 'organizer', until: Date.now() - 1 });
    expect((await enter(desk.visitor())).status).toBe(401);
  });
});

describe('Rights in the console', () => {
  test('nobody sees a page without signing in, and comes back to it afterwards', async () => {
    const answer = await desk.visitor().get('/console/reviews?lang=en');
    expect(answer.status).toBe(303);
    expect(answer.headers['location']).toBe('/console/sign-in?next=%2Fconsole%2Freviews%3Flang%3Den&lang=en');
  });

  test('no address that changes something names the auditor, but for their own account, and every address names its roles', () => {
    expect(CONSOLE_ROUTES.filter((one) => one.rule.length === 0)).toEqual([]);
    expect(
      CONSOLE_ROUTES.filter((one) => one.method === 'post' && one.rule.includes('auditor') && !one.own).map(
        (one) => one.path,
      ),
    ).toEqual([]);
    expect(CONSOLE_ROUTES.filter((one) => one.own && !one.path.startsWith('/me'))).toEqual([]);
  });

  test('a post without the token of its session changes nothing', async () => {
    const agent = await desk.signedIn('organizer');
    const bare = await agent.post('/console/campaigns/new').type('form').send({ title: 'x' });
    expect(bare.status).toBe(403);
    const other = await desk.signedIn('organizer');
    const { text } = await other.get('/console');
    const foreign = await agent
      .post('/console/campaigns/new')
      .type('form')
      .send({ _csrf: hidden(text, '_csrf'), title: 'x' });
    expect(foreign.status).toBe(403);
    expect(await desk.store.campaigns.countDocuments()).toBe(0);
  });

  test('an auditor reads every list and may change nothing', async () => {
    const agent = await desk.signedIn('auditor');
    for (const path of ['', '/campaigns', '/reviews', '/inbox', '/agencies', '/tasks'])
      expect((await agent.get(`/console${path}`)).status).toBe(200);
    expect((await agent.get('/console/campaigns/new')).status).toBe(403);
    const answer = await desk.sendForm(agent, '/console', {
      to: '/console/campaigns/new',
      fields: { title: 'x' },
    });
    expect(answer.status).toBe(403);
    expect(answer.text).toContain('您的角色不能进行此操作');
  });

  test('a form with faults comes back filled in, each fault a link to its field', async () => {
    const agent = await desk.signedIn('organizer');
    const answer = await desk.sendForm(agent, '/console/campaigns/new', {
      to: '/console/campaigns/new',
      fields: { title: '', legalBasis: '自定依据<b>', domain: 'workSafety', selfInspection: 'x' },
    });
    expect(answer.status).toBe(422);
    expect(answer.text).toContain('href="#f-title"');
    expect(answer.text).toContain('href="#f-selfInspection"');
    expect(answer.text).toContain('自定依据&lt;b&gt;');
  });

  test.each(['zh', 'en'] as const)('every list speaks %s, with no raw key in sight', async (lang) => {
    const agent = await desk.signedIn('organizer');
    for (const path of [
      '',
      '/campaigns',
      '/campaigns/new',
      '/reviews',
      '/inbox',
      '/agencies',
      '/tasks',
      '/nowhere',
    ]) {
      const { text } = await agent.get(`/console${path}?lang=${lang}`);
      expect(text).toContain(`<html lang="${lang === 'zh' ? 'zh-CN' : 'en'}">`);
      expect(text).not.toMatch(/\bconsole\.(?!css|js)[a-z]\w+|undefined|\[object/);
    }
  });
});
