import { AxeBuilder } from '@axe-core/playwright';
import { hash } from '@node-rs/argon2';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { closeStreams } from '../../api/routes/stream.ts';
import { type Windows, openWindows } from '../support/browser.ts';
import { caseShows } from '../support/cases.ts';
import { registerAgencies } from '../support/county.ts';
import { type House, openHouse } from '../support/house.ts';
import { addressOf, pageOf, registerSupervisors, sign } from '../support/people.ts';

const PASSWORD = 'a long password';
const NAME = '欧阳金丝雀';

/** People without scripts carry a case in the console; March 2026 has no holiday. */
describe('A case in the console', () => {
  let house: House;
  let windows: Windows;
  let organizer: Page;
  let approver: Page;

  beforeAll(async () => {
    [house, windows] = await Promise.all([
      openHouse({ startsAt: '2026-03-02T09:00:00+08:00' }),
      openWindows(),
    ]);
    await house.store.accounts.updateMany({}, { $set: { passwordHash: await hash(PASSWORD) } });
    await registerAgencies(house, ['maqiao']);
    await registerSupervisors(house, 2);
    organizer = await signedIn('organizer');
    approver = await signedIn('approver');
  }, 180_000);
  afterAll(async () => {
    closeStreams();
    await windows?.close();
    await house?.close();
  });

  async function signedIn(role: string): Promise<Page> {
    const page = await windows.open({ scripts: false });
    await page.goto(`${house.url}/console`);
    await page.fill('#account', role);
    await page.fill('#password', PASSWORD);
    await Promise.all([page.waitForEvent('load'), page.click('main button[type=submit]')]);
    return page;
  }
  const go = (page: Page, path: string) => page.goto(`${house.url}/console${path}`);
  const main = (page: Page): Promise<string> => page.innerText('main');

  /** Opens a form of the page, fills it in and sends it. */
  async function take(
    page: Page,
    form: string,
    fields: Readonly<Record<string, string | readonly string[]>>,
  ) {
    await page.click(`#step-${form} > summary`);
    for (const [name, value] of Object.entries(fields)) {
      const at = `#step-${form} [name="${name}"]`;
      if (typeof value !== 'string') for (const one of value) await page.check(`${at}[value="${one}"]`);
      else if ((await page.locator(at).evaluate((node) => node.tagName)) === 'SELECT')
        await page.selectOption(at, value);
      else await page.fill(at, value);
    }
    await Promise.all([page.waitForEvent('load'), page.click(`#step-${form} button`)]);
  }
  const people = async (): Promise<string[]> => house.store.supervisors.distinct('_id');

  it('A clue is taken down, and who complained is shown only for a purpose that is written down', async () => {
    await go(organizer, '/clues');
    await take(organizer, 'register', {
      channel: 'complaint',
      summary: '当场收取罚款未开票据',
      agency: 'maqiao',
      name: NAME,
      contact: '13900007777',
    });
    expect(new URL(organizer.url()).pathname).toBe('/console/clues/XS-2026-0001');
    expect(await main(organizer)).not.toContain(NAME);
    await organizer.click('details:has(#f-purpose) > summary');
    await organizer.fill('#f-purpose', '电话核实情况');
    await Promise.all([organizer.waitForEvent('load'), organizer.click('form[action$="/identity"] button')]);
    expect(await main(organizer)).toContain(NAME);
    await go(organizer, '/clues/XS-2026-0001');
    expect(await main(organizer)).not.toContain(NAME);
    expect(await main(organizer)).toContain('查看投诉人身份，目的：电话核实情况');
  });

  it('What cannot be taken comes back filled in, with its reason, and names nobody', async () => {
    await take(organizer, 'screen', { result: 'duplicate', reason: '与前一线索相同' });
    expect(await main(organizer)).toContain('研判');
    expect(await organizer.inputValue('#f-screen-reason')).toBe('与前一线索相同');
    await go(organizer, '/clues/XS-2026-0001');
    await take(organizer, 'screen', { result: 'accept', reason: `${NAME}反映的问题属于本机关职责` });
    expect(await main(organizer)).toContain('投诉人');
    expect(await house.store.cases.countDocuments()).toBe(0);
  });

  it('Accepted it is a case, which says why it waits and what can be done by whom', async () => {
    await go(organizer, '/clues/XS-2026-0001');
    await take(organizer, 'screen', { result: 'accept', reason: '属于本机关职责' });
    expect(new URL(organizer.url()).pathname).toBe('/console/cases/GA-2026-001');
    expect(await main(organizer)).toContain('卡点');
    expect(await organizer.locator('#step-file').count()).toBe(0);
    await go(approver, '/cases/GA-2026-001');
    const [first = ''] = await people();
    await take(approver, 'file', { approved: 'true', supervisors: [first] });
    expect(await main(approver)).toContain('不得少于2人');
    await go(approver, '/cases/GA-2026-001');
    await take(approver, 'file', { approved: 'true', supervisors: await people() });
    expect(await main(approver)).toContain('已立案');
  });

  it('Its notice is drafted, signed and served, and the case waits for its receipt', async () => {
    await go(organizer, '/cases/GA-2026-001');
    await take(organizer, 'document', { kind: 'notice', term: '10', termUnit: 'workdays' });
    const paper = new URL(organizer.url()).pathname;
    expect(paper).toMatch(/^\/console\/documents\/wd-/);
    await approver.goto(`${house.url}${paper}`);
    await approver.fill('#f-signatory', '李某');
    await Promise.all([approver.waitForEvent('load'), approver.click('form[action$="/approval"] button')]);
    await organizer.goto(`${house.url}${paper}`);
    await Promise.all([organizer.waitForEvent('load'), organizer.click('form[action$="/service"] button')]);
    await caseShows(house, 'GA-2026-001', { state: 'noticeServed' });
    await sign(await pageOf(house, addressOf('maqiao'), '【监督通知书】'));
    await caseShows(house, 'GA-2026-001', { state: 'statementDue' });
    await go(organizer, '/cases/GA-2026-001');
    expect(await main(organizer)).toContain('待书面说明');
    await take(organizer, 'record', {
      kind: 'interviewRecord',
      text: '询问当事执法人员',
      evidence: '询问笔录一份',
    });
    expect(await main(organizer)).toContain('询问当事执法人员');
  });

  it('Reads well to everyone: no violation on its pages, light and dark, and nothing wider than 320 px', async () => {
    const page = await windows.open({ width: 320 });
    await page.context().addCookies(await organizer.context().cookies());
    for (const path of [
      '/clues',
      '/clues/XS-2026-0001',
      '/cases',
      '/cases/GA-2026-001',
      '/cases/GA-2026-001?lang=en',
    ])
      for (const colorScheme of ['light', 'dark'] as const) {
        await page.emulateMedia({ colorScheme });
        expect((await go(page, path))?.status(), path).toBe(200);
        const { violations } = await new AxeBuilder({ page }).analyze();
        expect(violations.map((one) => `${path} ${one.id} ${one.nodes[0]?.html}`)).toEqual([]);
        expect(
          await page.evaluate('document.documentElement.scrollWidth'),
          `${path} at 320 px`,
        ).toBeLessThanOrEqual(320);
        expect(await page.innerText('body')).not.toMatch(/console\.[a-z]/);
      }
  });
});
