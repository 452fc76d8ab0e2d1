import { AxeBuilder } from '@axe-core/playwright';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createPulse } from '../../activities/outage.ts';
import { closeStreams } from '../../api/routes/stream.ts';
import { type Windows, openWindows } from '../support/browser.ts';
import { type ConsoleDesk, openConsole } from '../support/console.ts';
import { launch, registerAgencies } from '../support/county.ts';
import { type House, eventually, openHouse } from '../support/house.ts';
import { addressOf, mailTo, numberOf, pageOf, post, taskShows } from '../support/people.ts';

/** The house opens on Tuesday, 31 March 2026; what is silent is shown from 16 April on. */
describe('The upkeep of the roster and the outages, in the console', () => {
  let house: House;
  let windows: Windows;
  let desk: ConsoleDesk;
  let page: Page;

  beforeAll(async () => {
    [house, windows] = await Promise.all([
      openHouse({ startsAt: '2026-03-31T09:00:00+08:00' }),
      openWindows(),
    ]);
    desk = await openConsole(house, windows);
    await registerAgencies(house, ['maqiao', 'qifeng']);
    for (const [n, expires] of ['2026-04-10', '2026-05-01', '2026-06-01'].entries())
      await house.call('administrator', 'POST', '/officers', {
        body: {
          name: `执法员${n}`,
          agency: 'maqiao',
          certificate: { no: `Z-${n}`, issued: '2021-01-01', expires },
        },
      });
    await house.until('2026-04-17T09:00:00+08:00');
    const no = await launch(house);
    await taskShows(house, await numberOf(house, no, 'maqiao'), { state: 'unacknowledged' });
    const old = await pageOf(house, addressOf('maqiao'));
    const contacts = [{ name: '新人', email: 'xinren@maqiao.huantai.example', role: 'primary' }];
    await house.call('administrator', 'PATCH', '/agencies/maqiao', { body: { contacts } });
    await mailTo(house, 'xinren@maqiao.huantai.example', '【工作交接】');
    await post(old, 'answers', { text: '走之前已经办完' });
    let wall = 0;
    const pulse = createPulse(house.deps, 'server', { wall: () => wall });
    await house.until('2026-04-17T10:00:00+08:00');
    await pulse();
    wall += 86_400_000;
    await house.until('2026-04-17T14:00:00+08:00');
    await pulse();
    page = await desk.signedIn('organizer');
  });
  afterAll(async () => {
    closeStreams();
    await windows?.close();
    await house?.close();
  });

  const shot = async (name: string): Promise<void> => {
    const folder = process.env['SHOTS'];
    if (folder !== undefined) await page.screenshot({ path: `${folder}/${name}.png`, fullPage: true });
  };

  it('The first page counts what waits, each with the list it is in', async () => {
    await desk.go(page, '/');
    await shot('today');
    for (const word of ['联络员待核实', '证件已到期', '停运顺延待决定', '原联络员提交待判断'])
      expect(await page.innerText('main'), word).toContain(word);
  });

  it('Contacts who are silent are confirmed with a press, a former contact’s words counted with another', async () => {
    await desk.go(page, '/contacts');
    await shot('contacts');
    await Promise.all([page.waitForEvent('load'), page.click('main button:text-is("计为反馈")')]);
    expect(await page.innerText('main')).toContain('已计为反馈');
    const before = await page.locator('main button:text-is("电话确认仍是")').count();
    await Promise.all([
      page.waitForEvent('load'),
      page.locator('main button:text-is("电话确认仍是")').first().click(),
    ]);
    expect(await page.innerText('main')).toContain('已登记：仍是联络员');
    expect(await page.locator('main button:text-is("电话确认仍是")').count()).toBe(before - 1);
  });

  it('An outage shows what it touched, and its days are given back with one press', async () => {
    await desk.go(page, '/outages');
    await shot('outages');
    await Promise.all([page.waitForEvent('load'), page.click('main button:text-matches("批准顺延")')]);
    expect(await page.innerText('main')).toContain('已批准');
    await eventually(async () =>
      expect(await house.store.outages.countDocuments({ state: 'approved' })).toBe(1),
    );
  });

  it('Every page of it reads well, in both languages, light and dark, at 320 px', async () => {
    for (const [name, path] of [
      ['certificates', '/certificates'],
      ['agency', '/agencies/maqiao'],
      ['outages-after', '/outages'],
    ] as const) {
      expect(await desk.go(page, path)).toBe(200);
      await shot(name);
    }
    const axe = (one: Page) => new AxeBuilder({ page: one });
    await desk.readsWell(page, ['/contacts', '/certificates', '/outages'], axe);
  }, 120_000);
});
