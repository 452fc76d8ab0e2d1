import { AxeBuilder } from '@axe-core/playwright';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openWindows, type Windows } from '../support/browser.ts';
import { registerAgencies } from '../support/county.ts';
import { openHouse, type House } from '../support/house.ts';
import { reading, registerClue, screenClue } from '../support/complaints.ts';

let house: House;
let windows: Windows;
beforeAll(async () => {
  [house, windows] = await Promise.all([openHouse({ startsAt: '2026-11-24T10:00:00+08:00' }), openWindows()]);
  await registerAgencies(house, ['maqiao', 'xincheng']);
}, 120_000);
afterAll(async () => {
  await windows.close();
  await house.close();
});

const SHOTS = process.env['SHOTS'];
let shot = 0;

/** Nothing runs out of a page of this width, and nothing keeps a person from using it. */
async function judged(page: Page): Promise<void> {
  if (SHOTS) await page.screenshot({ path: `${SHOTS}/${(shot += 1)}.png`, fullPage: true });
  const wide = await page.evaluate(
    'document.documentElement.scrollWidth - document.documentElement.clientWidth',
  );
  expect(wide, page.url()).toBe(0);
  const { violations } = await new AxeBuilder({ page }).analyze();
  expect(violations.map(({ id, nodes }) => [id, nodes.map((one) => one.html)])).toEqual([]);
}

describe('The public pages', () => {
  it.each([
    { width: 390, scripts: true },
    { width: 320, scripts: false },
  ])('Take a complaint and follow it at $width px, scripts $scripts', async ({ width, scripts }) => {
    const page = await windows.open({ width, scripts });
    await page.goto(`${house.url}/complaints`);
    if (scripts) await judged(page);
    await page.getByLabel('什么时间、什么地点').fill(`马桥镇重复检查，${width}`);
    await page.getByLabel('被反映的机关').selectOption('maqiao');
    await page.getByLabel('手机号码或电子邮箱').fill('不是号码');
    await reading();
    await page.getByRole('button', { name: '提交' }).click();
    await page.getByRole('alert').waitFor();
    if (scripts) await judged(page);
    await page.getByLabel('手机号码或电子邮箱').fill('13812345678');
    await reading();
    await page.getByRole('button', { name: '提交' }).click();
    await page.getByRole('heading', { name: '已收到您的投诉举报' }).waitFor();
    if (scripts) await judged(page);
    const code = (await page.locator('.code').textContent()) ?? '';
    const no = (await page.locator('dd.number').textContent()) ?? '';
    await page.getByRole('link', { name: '查询进展' }).click();
    await page.getByLabel('查询码').fill('abc');
    await page.getByRole('button', { name: '查询' }).click();
    await page.getByRole('alert').waitFor();
    if (scripts) await judged(page);
    await page.getByLabel('查询码').fill(code);
    await house.call('organizer', 'POST', `/clues/${no}/registration`, { body: {} });
    await screenClue(house, no, {
      result: 'underReview',
      remedy: { kind: 'reconsideration', no: '桓复〔2026〕5号', since: '2026-11-20' },
    });
    await page.getByRole('button', { name: '查询' }).click();
    await page.getByText('行政复议机关').waitFor();
    if (scripts) await judged(page);
    await page.close();
  });

  it('Fit 320 px and the dark, in English too', async () => {
    const page = await windows.open({ width: 320 });
    await page.emulateMedia({ colorScheme: 'dark' });
    for (const where of ['/complaints', '/complaints?lang=en', '/complaints/follow?lang=en']) {
      await page.goto(`${house.url}${where}`);
      await judged(page);
    }
    await page.close();
    expect((await registerClue(house)).status).toBe(201);
  });
});
