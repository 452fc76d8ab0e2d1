import { type Server, createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { readConfig } from '../../config.ts';
import { accountEvents } from '../support/account-events.ts';
import { type CookieBrowser, type Seen, openCookieBrowser } from '../support/cookie-browser.ts';
import { type Desk, hidden, openDesk } from '../support/desk.ts';
import { OFFICE } from '../support/house.ts';
import { type IdentityProvider, openProvider } from '../support/provider.ts';

let desk: Desk;
let server: Server;
let url: string;
let provider: IdentityProvider;

const settings = () => ({
  issuer: provider.issuer,
  clientId: 'jiandu',
  clientSecret: 'a secret between the two of them',
  claim: 'preferred_username',
});

beforeAll(async () => {
  server = createServer((req, res) => void desk.app(req, res));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  provider = await openProvider(url);
  desk = await openDesk({ office: { ...OFFICE, publicUrl: url }, oidc: settings() });
});
afterAll(async () => {
  await provider?.close();
  server?.closeAllConnections();
  server?.close();
  await desk?.close();
});
beforeEach(async () => {
  await desk.fresh();
  provider.people.clear();
});

/** The forms of the provider: who one is, and that the office may know it. */
async function through(browser: CookieBrowser, name: string, from = '/console/oidc'): Promise<Seen> {
  let seen = await browser.get(`${url}${from}`);
  for (let n = 0; n < 3 && seen.url.startsWith(provider.issuer); n += 1) {
    const action = /<form[^>]* action="([^"]+)"/.exec(seen.text)?.[1] ?? '';
    const prompt = /name="prompt" value="([^"]+)"/.exec(seen.text)?.[1] ?? '';
    seen = await browser.post(new URL(action, seen.url).href, { prompt, login: name, password: 'x' });
  }
  return seen;
}

const signOut = async (browser: CookieBrowser): Promise<Seen> => {
  const { text } = await browser.get(`${url}/console`);
  return browser.post(`${url}/console/sign-out`, { _csrf: hidden(text, '_csrf') });
};

describe('Signing in through the office’s identity provider', () => {
  it('Leads there and back, opens the page that was wanted, and binds the account to that person', async () => {
    provider.people.set('p-1', { sub: 'p-1', preferred_username: 'Organizer' });
    const browser = openCookieBrowser();
    const page = await browser.get(`${url}/console/sign-in?next=/console/reviews`);
    const href =
      /href="(\/console\/oidc[^"]*)"/
        .exec(page.text)?.[1]
        ?.replaceAll('&amp;', '&')
        .replaceAll('&#x3D;', '=') ?? '';
    const asked = new URL((await browser.bare(`${url}${href}`)).headers.get('location') ?? '');
    expect(Object.fromEntries(asked.searchParams)).toMatchObject({
      response_type: 'code',
      code_challenge_method: 'S256',
      code_challenge: expect.stringMatching(/^[\w-]{43}$/),
      state: expect.stringMatching(/^[\w-]{43}$/),
      nonce: expect.stringMatching(/^[\w-]{43}$/),
    });
    const seen = await through(browser, 'p-1', href);
    expect(seen).toMatchObject({ status: 200, url: `${url}/console/reviews` });
    expect(seen.text).toContain('组织员');
    expect((await desk.store.accounts.findById('organizer').lean())?.outside).toEqual({
      issuer: provider.issuer,
      subject: 'p-1',
    });
    expect(await accountEvents(desk.store, 'signed-in-by-oidc')).toMatchObject([
      { detail: { account: 'organizer' } },
    ]);
  });

  it('Makes no account: whoever has none is told whom to ask', async () => {
    provider.people.set('p-2', { sub: 'p-2', preferred_username: 'stranger' });
    provider.people.set('p-3', { sub: 'p-3' });
    const before = await desk.store.accounts.countDocuments();
    for (const name of ['p-2', 'p-3']) {
      const browser = openCookieBrowser();
      const seen = await through(browser, name);
      expect(seen.status).toBe(403);
      expect(seen.text).toContain('请联系系统管理员');
      expect((await browser.get(`${url}/console`)).url).toContain('/console/sign-in');
    }
    expect(await desk.store.accounts.countDocuments()).toBe(before);
    expect((await accountEvents(desk.store, 'oidc-refused')).at(-2)).toMatchObject({ who: 'stranger' });
  });

  it('A name that is given to somebody else there opens nothing here, until an administrator unties it', async () => {
    provider.people.set('p-1', { sub: 'p-1', preferred_username: 'organizer' });
    expect((await through(openCookieBrowser(), 'p-1')).status).toBe(200);
    provider.people.clear();
    provider.people.set('p-9', { sub: 'p-9', preferred_username: 'organizer' });
    expect((await through(openCookieBrowser(), 'p-9')).status).toBe(403);
    const administrator = await desk.signedIn('administrator');
    const page = (await administrator.get('/console/accounts/organizer')).text;
    expect(page).toContain('已关联统一身份认证');
    const untied = await desk.sendForm(administrator, '/console/accounts/organizer', {
      to: '/console/accounts/organizer/identity',
      fields: {},
    });
    expect(untied.status).toBe(303);
    expect((await through(openCookieBrowser(), 'p-9')).status).toBe(200);
    expect(await accountEvents(desk.store, 'identity-untied')).toHaveLength(1);
  });

  it('A disabled account stays shut, and roles stay ours', async () => {
    provider.people.set('p-1', { sub: 'p-1', preferred_username: 'auditor' });
    const browser = openCookieBrowser();
    await through(browser, 'p-1');
    expect((await browser.get(`${url}/console/campaigns/new`)).status).toBe(403);
    await desk.store.accounts.updateOne({ _id: 'auditor' }, { $set: { disabled: true } });
    expect((await browser.get(`${url}/console`)).url).toContain('/console/sign-in');
    expect((await through(openCookieBrowser(), 'p-1')).status).toBe(403);
  });

  it('An answer that is not to what this browser asked is refused, and each is taken once', async () => {
    provider.people.set('p-1', { sub: 'p-1', preferred_username: 'organizer' });
    const forged = await openCookieBrowser().get(`${url}/console/oidc/return?code=guess&state=guess`);
    expect(forged.status).toBe(409);
    expect(forged.text).toContain('请重新登录');
    const browser = openCookieBrowser();
    await browser.bare(`${url}/console/oidc`);
    expect((await browser.get(`${url}/console/oidc/return?code=x&state=wrong`)).status).toBe(409);
    expect((await browser.get(`${url}/console/oidc/return?error=access_denied`)).status).toBe(409);
    const other = openCookieBrowser();
    const seen = await through(other, 'p-1');
    expect(seen.status).toBe(200);
    expect((await browser.get(`${url}/console`)).url).toContain('/console/sign-in');
  });

  it('What the office demands of passwords is not asked again of whom the provider vouches for', async () => {
    await desk.store.settings.updateOne(
      { _id: 'second-step' },
      { $set: { value: { roles: ['organizer'] } } },
      { upsert: true },
    );
    provider.people.set('p-1', { sub: 'p-1', preferred_username: 'organizer' });
    expect((await through(openCookieBrowser(), 'p-1')).url).toBe(`${url}/console`);
    await desk.store.settings.deleteOne({ _id: 'second-step' });
  });

  it('Signing out ends our session and leads to the end of the provider’s', async () => {
    provider.people.set('p-1', { sub: 'p-1', preferred_username: 'organizer' });
    const browser = openCookieBrowser();
    await through(browser, 'p-1');
    const out = await signOut(browser);
    expect(out.text).toContain('已退出');
    const leads = /url=(.+)$/.exec(out.headers.get('refresh') ?? '')?.[1] ?? '';
    expect(new URL(leads).origin).toBe(provider.issuer);
    const asked = await browser.get(leads);
    const action = /action="([^"]+)"/.exec(asked.text)?.[1] ?? '';
    const xsrf = /name="xsrf" value="([^"]+)"/.exec(asked.text)?.[1] ?? '';
    const back = await browser.post(new URL(action, asked.url).href, { xsrf, logout: 'yes' });
    expect(back.url).toBe(`${url}/console/sign-in`);
    const again = await browser.get(`${url}/console/oidc`);
    expect(again.text).toContain('name="login"');
  });

  it('By mail address only where the provider has verified it, and only where one account has it', async () => {
    const own = await openDesk({
      office: { ...OFFICE, publicUrl: url },
      oidc: { ...settings(), claim: 'email' },
    });
    const before = desk;
    desk = own;
    try {
      await desk.fresh();
      await desk.store.accounts.updateOne({ _id: 'approver' }, { $set: { email: 'a@sifa.example' } });
      provider.people.set('p-1', { sub: 'p-1', email: 'a@sifa.example', email_verified: false });
      expect((await through(openCookieBrowser(), 'p-1')).status).toBe(403);
      provider.people.set('p-1', { sub: 'p-1', email: 'A@sifa.example', email_verified: true });
      expect((await through(openCookieBrowser(), 'p-1')).status).toBe(200);
      await desk.store.accounts.updateOne({ _id: 'auditor' }, { $set: { email: 'a@sifa.example' } });
      expect((await through(openCookieBrowser(), 'p-1')).status).toBe(403);
    } finally {
      desk = before;
    }
  });

  it('A provider that is away is said so, and passwords go on', async () => {
    const gone = await openDesk({
      office: { ...OFFICE, publicUrl: url },
      oidc: { ...settings(), issuer: 'http://127.0.0.1:9' },
    });
    const before = desk;
    desk = gone;
    try {
      await desk.fresh();
      const seen = await openCookieBrowser().get(`${url}/console/oidc`);
      expect(seen.status).toBe(503);
      expect(seen.text).toContain('用账号密码登录');
      expect((await desk.signIn(desk.visitor(), 'organizer')).status).toBe(303);
    } finally {
      desk = before;
    }
  });
});

describe('The configuration of the provider', () => {
  const base = {
    MONGODB_URI: 'mongodb://h/',
    TEMPORAL_ADDRESS: 'h:7233',
    SMTP_URL: 'smtp://h',
    MAIL_DOMAIN: 'h.test',
    MAIL_FROM: 'a@h.test',
    PUBLIC_URL: 'https://h.test',
    SECRET_KEY: '0123456789abcdef0123456789abcdef',
  };

  it('Is whole or absent, and never plain HTTP beyond this machine', () => {
    const one = { OIDC_CLIENT_ID: 'x', OIDC_CLIENT_SECRET: 'y' };
    expect(readConfig(base).OIDC_ISSUER).toBeUndefined();
    expect(() => readConfig({ ...base, ...one })).toThrow('须同时给出');
    expect(() => readConfig({ ...base, ...one, OIDC_ISSUER: 'http://id.gov.test' })).toThrow('https');
    expect(readConfig({ ...base, ...one, OIDC_ISSUER: 'https://id.gov.test' }).OIDC_CLAIM).toBe(
      'preferred_username',
    );
  });
});
