import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import express from 'express';
import type { BrowserContext, Page } from 'playwright-core';
import { expect } from 'vitest';
import { closeStreams } from '../../api/routes/stream.ts';
import { stamp } from '../../domain/clock.ts';
import { createDesk } from '../../embedded/desk.ts';
import { hashToken } from '../../mail/addresses.ts';
import { type Windows, openWindows } from './browser.ts';
import { openConsole } from './console.ts';
import { launch } from './county.ts';
import { type County, inspected, openCounty, plantRare, strangerWrites } from './full-county.ts';
import { eventually } from './house.ts';
import { addressOf, review } from './people.ts';
import { type Found, tour } from './tour.ts';

/** A page as it came. */
type Shown = Pick<Found, 'path' | 'html'>;

/** A county in which every page of every role has something to show, with a browser and with people signed in. */
export interface EveryPage {
  readonly county: County;
  readonly windows: Windows;
  readonly roles: readonly string[];
  /** Address of the demo's mailbox and desk. */
  readonly desk: string;
  /** A window with scripts in which somebody is signed in already. */
  windowOf(role: string): Promise<Page>;
  cookiesOf(role: string): Promise<string>;
  /** Every page that links lead this role to, a few of each kind. */
  pagesOf(role: string): Promise<readonly Found[]>;
  /** Those of some pages that a role may see. */
  read(role: string, paths: readonly string[]): Promise<readonly Shown[]>;
  close(): Promise<void>;
}

/** The token of a contact's quarterly question. */
export const CONTACT = 'a'.repeat(26);

async function contactAsked({ house }: Pick<County, 'house'>): Promise<void> {
  await house.store.contactChecks.create({
    _id: 'LX-2026-Q4-000000000000',
    page: hashToken(CONTACT),
    reply: hashToken('b'.repeat(26)),
    quarter: '2026-Q4',
    agency: 'maqiao',
    agencyName: '马桥镇人民政府',
    name: '经办人甲',
    email: addressOf('maqiao'),
    role: 'primary',
    state: 'asked',
    due: null,
    said: [],
  } as never);
}

export async function openEveryPage(): Promise<EveryPage> {
  const [county, windows] = await Promise.all([openCounty(), openWindows()]);
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
  await plantRare(county);
  await house.call('organizer', 'POST', `/campaigns/${no}/circulars`, {
    body: { title: '关于专项监督的通报' },
  });
  const { draft } = (await house.store.campaigns.findById(no).lean()) as { draft: unknown };
  await launch(house, { title: '可撤回的专项', agencies: { ids: ['maqiao'] } }, 60);
  const paused = await launch(house, { title: '暂停的专项', agencies: { ids: ['maqiao'] } });
  // It can be paused once it runs.
  await eventually(async () =>
    expect((await house.call('organizer', 'POST', `/campaigns/${paused}/pause`)).status).toBe(202),
  );
  await contactAsked(county);
  await house.call('organizer', 'POST', '/campaigns', { body: draft });
  await house.store.messages.updateOne({ owner: no }, { $set: { state: 'inDoubt' } });
  const desk = await openConsole(house, windows);
  const people = new Map<string, BrowserContext>();
  for (const role of ['organizer', 'approver', 'administrator', 'auditor'])
    people.set(role, (await desk.signedIn(role)).context());
  await desk.signedIn('auditor');
  const at = new Date();
  await house.store.signInTries.create({
    _id: 'guessed',
    account: 'auditor',
    step: 'password',
    failures: 10,
    lockedUntil: new Date(at.getTime() + 900_000),
    at,
  });
  const since = { wall: Date.now(), product: stamp(await house.now()) };
  const app = express()
    .use('/demo/mail', house.mailbox.router)
    .use('/public', express.static(path.join(import.meta.dirname, '../../api/public')))
    .use(createDesk({ store: house.store, client: house.deps.client, console: house.url, since }));
  const mailbox = createServer(app);
  await new Promise<void>((resolve) => mailbox.listen(0, '127.0.0.1', resolve));
  const toured = new Map<string, Promise<readonly Found[]>>();
  const requestOf = (role: string) => (people.get(role) as BrowserContext).request;
  return {
    county,
    windows,
    roles: [...people.keys()],
    desk: `http://127.0.0.1:${(mailbox.address() as AddressInfo).port}`,
    async windowOf(role) {
      const page = await windows.open();
      await page.context().addCookies((await people.get(role)?.cookies()) ?? []);
      return page;
    },
    cookiesOf: async (role) =>
      ((await people.get(role)?.cookies()) ?? []).map(({ name, value }) => `${name}=${value}`).join('; '),
    pagesOf(role) {
      const found = toured.get(role) ?? tour(requestOf(role), house.url, role === 'organizer' ? 5 : 2);
      toured.set(role, found);
      return found;
    },
    async read(role, paths) {
      const found: Shown[] = [];
      for (const one of paths) {
        const answer = await requestOf(role).get(`${house.url}${one}`);
        if (answer.status() === 200) found.push({ path: one, html: await answer.text() });
      }
      return found;
    },
    async close() {
      closeStreams();
      mailbox.close();
      await windows.close();
      await house.close();
    },
  };
}
