import express from 'express';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { BrowserContext, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { closeStreams } from '../../api/routes/stream.ts';
import { type Windows, openWindows } from '../support/browser.ts';
import { reading } from '../support/complaints.ts';
import { type ConsoleDesk, openConsole } from '../support/console.ts';
import { type Found, PAGES, fewest, tour } from '../support/tour.ts';
import { type County, inspected, openCounty, strangerWrites } from '../support/full-county.ts';
import { faultsInEnglish, faultsInWords, faultsOf } from '../support/judged.ts';
import { review } from '../support/people.ts';

/** Pages that a county shows only after what this file does not do; their own journeys look at them. */
const ELSEWHERE: readonly string[] = ['/accountabilities/:no', '/imports/:id', '/outages'];

describe('Every page, in a real browser', () => {
  let county: County;
  let windows: Windows;
  let desk: ConsoleDesk;
  let mailbox: Server;
  const people = new Map<string, BrowserContext>();

  beforeAll(async () => {
    [county, windows] = await Promise.all([openCounty(), openWindows()]);
    const { house, no } = county;
    const [first = '', second = '', third = ''] = await county.answered(5);
    await review(house, first, { verdict: 'accept' });
    await review(house, second, {
      verdict: 'return',
      items: [{ id: 'c2', reason: '缺少影像目录' }],
      term: { workdays: 3 },
    });
    await house.call('organizer', 'POST', `/tasks/${third.replace(/\d+$/, '020')}/extensions`, {
      body: { workdays: 3, reason: '资料在档案馆' },
    });
    await inspected(county, [...county.links.keys()][6] ?? '');
    await strangerWrites(house);
    await house.call('organizer', 'POST', `/campaigns/${no}/circulars`, {
      body: { title: '关于专项监督的通报' },
    });
    const { draft } = (await house.store.campaigns.findById(no).lean()) as { draft: unknown };
    await house.call('organizer', 'POST', '/campaigns', { body: draft });
    await house.store.messages.updateOne({ owner: no }, { $set: { state: 'inDoubt' } });
    desk = await openConsole(house, windows);
    for (const role of ['organizer', 'approver', 'administrator'])
      people.set(role, (await desk.signedIn(role)).context());
    const app = express().use('/demo/mail', house.mailbox.router);
    mailbox = createServer(app);
    await new Promise<void>((resolve) => mailbox.listen(0, '127.0.0.1', resolve));
  }, 240_000);
  afterAll(async () => {
    closeStreams();
    mailbox?.close();
    await windows?.close();
    await county?.house.close();
  });

  /** A window with scripts in which somebody is signed in already. */
  async function windowOf(role: string): Promise<Page> {
    const page = await windows.open();
    await page.context().addCookies((await people.get(role)?.cookies()) ?? []);
    return page;
  }

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
      const { request } = people.get(role) as BrowserContext;
      const pages = await tour(request, county.house.url, n === 0 ? 3 : 2);
      const fresh =
        n === 0
          ? fewest(pages, 2)
          : fewest(pages, 1).filter(
              ({ route }) =>
                !reached.some((one) => one.route === route) || /^.(?:cases|documents|plans)/.test(route),
            );
      reached.push(...fresh);
      const page = await windowOf(role);
      expect
        .soft(
          await judge(
            page,
            fresh.map((one) => `${county.house.url}${one.path}`),
          ),
          role,
        )
        .toEqual({});
      await page.close();
    }
    const missed = PAGES.filter((route) => !reached.some((one) => one.route === route));
    expect(missed).toEqual(ELSEWHERE);
  }, 300_000);

  it('The pages of agencies, of the public, of whom has not signed in, and of the mailbox have none either', async () => {
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
    const mails = `http://127.0.0.1:${(mailbox.address() as AddressInfo).port}/demo/mail`;
    const urls = [
      ...[fresh, waiting, ...states],
      ...['/t/nothing', '/complaints', '/complaints/follow'].map((one) => house.url + one),
      ...['sign-in', 'first-run?code=1', 'password?code=1', 'enter?ticket=1'].map(
        (one) => `${house.url}/console/${one}`,
      ),
    ];
    expect(rest.length).toBeGreaterThan(20);
    expect.soft(await judge(page, urls)).toEqual({});
    for (const url of [
      `${house.url}/docs/problems`,
      `${mails}/`,
      ...['pc', 'text', 'headers'].map((as) => `${mails}/messages/${newest}/view?as=${as}`),
    ]) {
      await page.setViewportSize({ width: 1280, height: 900 });
      await page.goto(url);
      expect.soft(await faultsOf(page), url).toEqual([]);
    }
    await page.close();
  }, 120_000);

  it('A receipt, a refused form and a complaint that is followed have none', async () => {
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
