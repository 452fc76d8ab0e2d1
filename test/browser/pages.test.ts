import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { hashSecret } from '../../api/access.ts';
import { CONSOLE_ROUTES } from '../../api/pages/console.ts';
import { stamp } from '../../domain/clock.ts';
import { reading } from '../support/complaints.ts';
import { CONTACT, type EveryPage, openEveryPage } from '../support/every-page.ts';
import {
  type PageForm,
  SENT_TO,
  filledBadly,
  formsIn,
  judgeForm,
  kindOf,
  send,
} from '../support/form-judge.ts';
import { oneOfEachState } from '../support/full-county.ts';
import { faultsInEnglish, faultsInWords, faultsOf } from '../support/judged.ts';
import { mounted } from '../support/mounted.ts';
import { type Found, PAGES, fewest } from '../support/tour.ts';

/** Outside of the console, what answers a GET with something else than a page of its own. */
const NO_PAGES = [
  '/',
  '/console/oidc',
  '/console/oidc/return',
  '/docs/swagger-initializer.js',
  '/healthz',
  '/openapi.json',
  '/public/fonts/:from/:file',
  '/public/fonts/papers.css',
  '/readyz',
];

/** Forms of the console that this county has no occasion for; their own journeys send them. */
const ELSEWHERE = [
  '/documents/:id/service',
  '/campaigns/:no/agencies',
  '/campaigns/:no/nudges',
  '/clues/:no/files/:n',
  '/calendar/:year/moves',
  '/me/recovery',
  '/me/second-step/end',
  '/accounts/:id/second-step',
  '/accounts/:id/identity',
  '/plans/:no',
  '/plans/:no/milestones/:what',
  '/plans/:no/cycles/:n/countermeasures/:m',
  '/file-reviews/:no',
  '/file-reviews/:no/disputes/:id/answer',
  '/ledger/exports',
  '/appraisals/:year/objections/:id',
  '/statistics/:year/packages/:version',
  '/register/:kind/:id/end',
  '/social-supervisors/:id/code',
  '/operations/:id/cancel',
  '/contacts/:id/answer',
  '/held-answers/:id/decision',
  '/contacts/duties/:id',
];

describe('Every page, in a real browser', () => {
  let pages: EveryPage;
  beforeAll(async () => {
    pages = await openEveryPage();
  }, 240_000);
  afterAll(() => pages?.close());

  async function judge(page: Page, urls: readonly string[]): Promise<Record<string, string[]>> {
    const faults: Record<string, string[]> = {};
    for (const url of urls) {
      const asked = (lang: string): string => `${url}${url.includes('?') ? '&' : '?'}lang=${lang}`;
      await page.setViewportSize({ width: 1280, height: 900 });
      await page.goto(asked('zh'));
      const found = [
        ...(await faultsInWords(page)),
        ...(await faultsOf(page)),
        ...(await faultsInEnglish(page, asked('en'))),
      ];
      if (found.length > 0) faults[new URL(url).pathname] = found;
    }
    return faults;
  }

  it('Rows 10, 12, 14, 16: every page of the console is reached by links, has no fault of accessibility by day and by night, fits 320 px, speaks both languages whole', async () => {
    const reached: Found[] = [];
    for (const [n, role] of ['organizer', 'approver', 'administrator'].entries()) {
      const found = await pages.pagesOf(role);
      const fresh =
        n === 0
          ? fewest(found, 2)
          : fewest(found, 1).filter(
              ({ route }) =>
                !reached.some((one) => one.route === route) || /^.(?:cases|documents|plans)/.test(route),
            );
      reached.push(...fresh);
      const page = await pages.windowOf(role);
      expect
        .soft(
          await judge(
            page,
            fresh.map((one) => `${pages.county.house.url}${one.path}`),
          ),
          role,
        )
        .toEqual({});
      await page.close();
    }
    const missed = PAGES.filter((route) => !reached.some((one) => one.route === route));
    expect(missed).toEqual([]);
  }, 600_000);

  it('Links lead to every page of the console', async () => {
    const met = new Set<string>();
    for (const role of pages.roles) for (const { route } of await pages.pagesOf(role)) met.add(route);
    expect(PAGES.filter((route) => !met.has(route))).toEqual([]);
  }, 300_000);

  it('Every form of the console names its fields, comes back with what was typed and with its faults beside the fields and in a summary that leads there, in both languages, and waits for whose session is over', async () => {
    const { county, windows } = pages;
    const origin = county.house.url;
    const page = await windows.open();
    const judged = new Map<string, PageForm>();
    const faults: Record<string, string[]> = {};
    for (const role of pages.roles) {
      const cookies = await pages.cookiesOf(role);
      for (const found of [
        ...(await pages.pagesOf(role)),
        ...(await pages.read(role, await oneOfEachState(county))),
      ])
        for (const form of await formsIn(page, found)) {
          const kind = kindOf(form);
          if (judged.has(kind) || !form.sends) continue;
          judged.set(kind, form);
          const wrong = await judgeForm(page, form, { origin, cookies });
          const away = await send(form, filledBadly(form), { origin });
          if (
            !form.action.endsWith('/sign-out') &&
            !(away.status === 401 && away.html.includes('name="kept"'))
          )
            wrong.push(`session over: ${away.status}`);
          if (wrong.length > 0) faults[`${kind} on ${form.at}`] = wrong;
        }
    }
    await page.close();
    expect.soft(faults).toEqual({});
    const met = new Set([...judged.values()].map((one) => one.route));
    expect(SENT_TO.filter((route) => !met.has(route) && !ELSEWHERE.includes(route))).toEqual([]);
  }, 600_000);

  it('So does every form of the agencies, of the public and of whom has not signed in', async () => {
    const { windows, county } = pages;
    const { house, links } = county;
    const page = await windows.open();
    await house.store.accounts.create({
      _id: 'xinren',
      name: '新人',
      role: 'auditor',
      passwordHash: 'none',
      disabled: false,
      invitation: { hash: hashSecret('invited'), until: new Date(Date.now() + 3_600_000) },
    } as never);
    const faults: Record<string, string[]> = {};
    const actions: string[] = [];
    for (const path of [
      new URL([...links.values()].at(-2)?.link ?? '').pathname,
      `/contacts/${CONTACT}`,
      '/complaints',
      '/complaints/follow',
      '/console/sign-in',
      '/console/first-run?code=1',
      '/console/password?code=invited',
      '/console/enter?ticket=1',
    ]) {
      const html = await (await fetch(`${house.url}${path}`)).text();
      for (const form of await formsIn(page, { path, html })) {
        actions.push(form.action.replace(/[a-z0-9]{26}/, ':token'));
        const wrong = await judgeForm(page, form, { origin: house.url });
        if (wrong.length > 0) faults[kindOf(form)] = wrong;
      }
    }
    await page.close();
    expect(faults).toEqual({});
    const answered = mounted()
      .filter((one) => one.startsWith('POST ') && !one.startsWith('POST /api/'))
      .map((one) => one.slice(5))
      .filter((one) => !SENT_TO.some((path) => `/console${path}` === one));
    // Reason: an objection belongs to a case's tasks, the code to an account with a second step, and whoever signs out has a page of the console.
    expect(answered.filter((one) => !actions.includes(one))).toEqual([
      '/console/sign-in/code',
      '/console/sign-out',
      '/t/:token/objections',
    ]);
  }, 120_000);

  it('The pages of agencies, of the public, of whom has not signed in, and of the mailbox have none either', async () => {
    const { windows, county, desk } = pages;
    const { house, links, no } = county;
    const page = await windows.open();
    const [fresh = '', waiting = '', ...rest] = [...links.values()].map((one) => one.link).toReversed();
    const stateOf = async (state: string): Promise<string> => {
      const task = await house.store.tasks
        .findOne({ owner: no, state: state as never })
        .lean<{ _id: string }>();
      return [...links.values()].find((one) => one.no === task?._id)?.link ?? '';
    };
    const states = await Promise.all(['inReview', 'returned', 'closed'].map(stateOf));
    const newest = (await house.mailbox.messages({})).at(-1)?.id ?? '';
    const mails = `${desk}/demo/mail`;
    const urls: Record<string, readonly string[]> = {
      '/t/:token': [fresh, waiting, ...states],
      '/contacts/:token': [`${house.url}/contacts/${CONTACT}`],
      '/complaints': [`${house.url}/complaints`],
      '/complaints/follow': [`${house.url}/complaints/follow`],
      '/console/sign-in': [`${house.url}/console/sign-in`],
      '/console/first-run': [`${house.url}/console/first-run?code=1`],
      '/console/password': [`${house.url}/console/password?code=1`],
      '/console/enter': [`${house.url}/console/enter?ticket=1`],
    };
    expect(rest.length).toBeGreaterThan(20);
    expect
      .soft(
        await judge(page, [...Object.values(urls).flat(), `${house.url}/t/nothing`, `${house.url}/nowhere`]),
      )
      .toEqual({});
    const second = { sealed: Buffer.from('sealed'), since: stamp(await house.now()), used: 0, recovery: [] };
    await house.store.accounts.updateOne({ _id: 'auditor' }, { $set: { secondStep: second } });
    await page.goto(`${house.url}/console/sign-in`);
    await page.fill('#account', 'auditor');
    await page.fill('#password', 'a long password');
    await Promise.all([page.waitForEvent('load'), page.click('main button[type=submit]')]);
    expect(new URL(page.url()).pathname).toBe('/console/sign-in/code');
    expect.soft(await judge(page, [page.url()])).toEqual({});
    for (const url of [
      `${house.url}/docs/problems`,
      `${desk}/desk`,
      `${mails}/`,
      ...['phone', 'pc', 'text', 'headers'].map((as) => `${mails}/messages/${newest}/view?as=${as}`),
    ]) {
      await page.setViewportSize({ width: 1280, height: 900 });
      expect((await page.goto(url))?.status(), url).toBe(200);
      expect.soft(await faultsOf(page), url).toEqual([]);
    }
    const answered = mounted()
      .filter((one) => one.startsWith('GET ') && !one.startsWith('GET /api/'))
      .map((one) => one.slice(4))
      .filter((one) => !CONSOLE_ROUTES.some(({ path }) => `/console${path === '/' ? '' : path}` === one));
    const judged = [...Object.keys(urls), '/console/sign-in/code', '/docs/problems'];
    expect(answered.filter((one) => !judged.includes(one))).toEqual(NO_PAGES);
    await page.close();
  }, 120_000);

  it('A receipt, a refused form and a complaint that is followed have none', async () => {
    const { windows, county } = pages;
    const { house, links } = county;
    const page = await windows.open();
    const faults = async (what: string): Promise<void> => {
      expect.soft([...(await faultsInWords(page)), ...(await faultsOf(page))], what).toEqual([]);
      await page.setViewportSize({ width: 1280, height: 900 });
    };
    await page.goto([...links.values()].at(-1)?.link ?? '');
    await page.fill('#answers-text', ' ');
    await Promise.all([page.waitForEvent('load'), page.click('#answer button[type=submit]')]);
    await faults('a refused answer');
    await page.fill('#answers-text', '已自查');
    await Promise.all([page.waitForEvent('load'), page.click('#answer button[type=submit]')]);
    await faults('receipt');
    await page.goto(`${house.url}/complaints`);
    await page.fill('#complaint-summary', '检查时没有出示证件');
    await reading();
    await Promise.all([page.waitForEvent('load'), page.click('main button[type=submit]')]);
    await faults('receipt of a complaint');
    const code = await page.innerText('.code');
    await page.goto(`${house.url}/complaints/follow`);
    await page.fill('#follow-code', code);
    await Promise.all([page.waitForEvent('load'), page.click('main button[type=submit]')]);
    await faults('follow-up');
    await page.close();
  });
});
