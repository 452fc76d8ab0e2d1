import { AxeBuilder } from '@axe-core/playwright';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { closeStreams } from '../../api/routes/stream.ts';
import { type Windows, openWindows } from '../support/browser.ts';
import { type ConsoleDesk, openConsole } from '../support/console.ts';
import { registerAgencies } from '../support/county.ts';
import { type House, openHouse } from '../support/house.ts';
import { post, sign, taskShows } from '../support/people.ts';
import { carryOut, cycleShows, lastYears, putItems, taskIn } from '../support/plan.ts';

const act = (no: string, over: Record<string, unknown> = {}) => ({
  ...{ no, agency: 'maqiao', type: 'penalty', on: '2026-05-06', target: `相对人${no}`, amount: 500 },
  ...{ officers: ['ZF-1'], outcomes: ['fine'], publishedOn: '2026-05-08' },
  ...over,
});

/** What the county counts of its agencies, read and decided in the console without scripts. */
describe('The county’s records in the console', () => {
  let house: House;
  let windows: Windows;
  let desk: ConsoleDesk;
  let organizer: Page;
  let approver: Page;

  beforeAll(async () => {
    [house, windows] = await Promise.all([
      openHouse({ startsAt: '2026-10-30T09:00:00+08:00' }),
      openWindows(),
    ]);
    await registerAgencies(house, ['maqiao', 'qifeng']);
    await house.store.findings.insertMany([
      lastYears(3),
      lastYears(4, {
        _id: 'ZX-2026-001-J001-01',
        owner: 'ZX-2026-001',
        mode: 'special',
        source: 'inspection',
        foundOn: '2026-05-20',
        writtenOffAt: '2026-06-01',
        late: true,
        repeats: ['RC-2025-003-M06'],
      }),
    ]);
    for (const [noun, no, expires] of [
      ['supervisors', 'SD-1', '2030-01-01'],
      ['officers', 'ZF-1', '2026-12-01'],
      ['officers', 'ZF-2', '2026-01-01'],
    ])
      await house.call('administrator', 'POST', `/${noun}`, {
        body: { name: `人员${no}`, agency: 'maqiao', certificate: { no, issued: '2020-01-01', expires } },
      });
    const items = [act('A-1'), act('A-2', { channel: 'offNetwork' }), act('A-3', { agency: 'qifeng' })];
    await house.call('organizer', 'POST', '/acts', { body: { items } });
    await house.call('organizer', 'POST', '/plans', { body: { year: 2026 } });
    await putItems(house, 'RC-2026', [
      { check: 'M03', agencies: ['maqiao', 'qifeng'], months: [11, 12], because: [] },
    ]);
    await house.call('approver', 'POST', '/plans/RC-2026/approval', { body: {} });
    await house.until('2026-11-02T12:00:00+08:00');
    await cycleShows(house, 'RC-2026', 11, { state: 'opened' });
    desk = await openConsole(house, windows);
    organizer = await desk.signedIn('organizer');
    approver = await desk.signedIn('approver');
  }, 180_000);
  afterAll(async () => {
    closeStreams();
    await windows?.close();
    await house?.close();
  });
  const main = (page: Page = organizer): Promise<string> => page.innerText('main');

  it('Points stand beside the events that they come from, small agencies apart', async () => {
    await carryOut(house, await taskIn(house, 'cycle-11', 'maqiao'), {
      'items[M03][result]': 'met',
      'items[M03][note]': '比对表',
    });
    await house.until('2026-11-18T10:00:00+08:00');
    await desk.go(organizer, '/appraisals');
    expect(new URL(organizer.url()).pathname).toBe('/console/appraisals');
    expect(await main()).toContain('2026年评议考核');
    expect(await main()).toContain('小机关');
    expect(await main()).not.toContain('第1名');
    await organizer.click('summary:has-text("maqiao镇人民政府")');
    const points = await main();
    expect(points).toContain('检查发现问题');
    expect(points).toContain('迟整改');
    const events = organizer.locator('details[open] a[href="/console/ledger/ZX-2026-001-J001-01"]');
    expect(await events.count()).toBeGreaterThan(0);
    await Promise.all([organizer.waitForEvent('load'), events.first().click()]);
    expect(await main()).toContain('回头看');
    expect(await desk.go(organizer, '/appraisals/nothing')).toBe(404);
  });

  it('The organizer publishes and answers what is objected; the approver signs, and not before', async () => {
    await desk.go(organizer, '/appraisals/2026');
    expect(await organizer.locator('#step-finalAppraisal').count()).toBe(0);
    await desk.take(organizer, 'publishAppraisal', { term: '5', termUnit: 'workdays' });
    expect(await main()).toContain('初步结果，异议期');
    const { no, link } = await taskIn(house, 'appraisal', 'maqiao');
    await sign(link);
    expect((await post(link, 'objections', { text: '第1号问题已按期整改' })).status).toBe(201);
    await taskShows(house, no, { handedOver: true });
    await desk.go(approver, '/appraisals/2026');
    await desk.take(approver, 'finalAppraisal', {});
    expect(await approver.locator('#errors').count()).toBe(1);
    await house.until('2026-11-26T10:00:00+08:00');
    await desk.go(approver, '/appraisals/2026');
    await desk.take(approver, 'finalAppraisal', {});
    expect(await approver.locator('#errors').count()).toBe(1);
    await desk.go(organizer, '/appraisals/2026');
    expect(await main()).toContain('第1号问题已按期整改');
    await organizer.selectOption('#objections select', 'true');
    await organizer.check('#objections [value="ZX-2026-001-J001-01"]');
    await organizer.fill('#objections textarea', ' ');
    await desk.press(organizer, '答复异议');
    expect(await organizer.locator('#errors').count()).toBe(1);
    expect(await organizer.isChecked('#objections [value="ZX-2026-001-J001-01"]')).toBe(true);
    await organizer.fill('#objections textarea', '经核实采纳');
    await desk.press(organizer, '答复异议');
    expect(await main()).toContain('经异议不再计入');
    await desk.go(approver, '/appraisals/2026');
    await desk.take(approver, 'finalAppraisal', {});
    expect(await main(approver)).toContain('approver于');
    expect((await house.store.appraisals.findById(2026).lean())?.state).toBe('final');
  });

  it('The year’s tables are read as pages, taken as a workbook and packed for the province', async () => {
    await desk.go(organizer, '/statistics');
    expect(await main()).toContain('2026年度行政处罚实施情况统计表');
    expect(await organizer.innerText('tbody >> nth=0')).toContain('maqiao镇人民政府');
    const book = await organizer.request.get(`${house.url}/console/statistics/2026/xlsx`);
    expect((await book.body()).subarray(0, 2).toString()).toBe('PK');
    await desk.press(organizer, '生成数据包');
    expect(await main()).toContain('TJ-2026-01');
    await desk.press(organizer, '生成数据包');
    expect(await organizer.locator('#packages article').count()).toBe(1);
    const zip = await organizer.request.get(`${house.url}/console/statistics/2026/packages/1`);
    expect(zip.headers()['content-type']).toBe('application/zip');
    const sha256 = await organizer.innerText('#packages code');
    await organizer.click('summary:has-text("登记省厅回执")');
    await organizer.fill('#h-1', 'f'.repeat(64));
    await organizer.fill('#at-1', '2026-11-26T09:00');
    await organizer.fill('#by-1', '省司法厅');
    await organizer.selectOption('#ok-1', 'true');
    await desk.press(organizer, '登记省厅回执');
    expect(await main()).toContain('校验值不一致');
    expect(await organizer.inputValue('#by-1')).toBe('省司法厅');
    await organizer.fill('#h-1', sha256);
    await desk.press(organizer, '登记省厅回执');
    expect(await main()).toContain('已接收');
    expect(await desk.go(organizer, '/statistics/2099')).toBe(404);
  });

  it('An agency’s page warns of too few supervisors and of certificates, and shows its desk and its year', async () => {
    await desk.go(organizer, '/agencies');
    await Promise.all([organizer.waitForEvent('load'), organizer.click('a:text-is("maqiao镇人民政府")')]);
    const page = await main();
    expect(page).toContain('⚠ 不足2人');
    expect(page).toContain('▲ 90天内到期');
    expect(page).toContain('⚠ 已到期');
    expect(page).toContain('经办人甲');
    expect(page).toMatch(/网上办理\s*1\/2/);
    await Promise.all([organizer.waitForEvent('load'), organizer.click('main a:text-is("2025")')]);
    expect(await organizer.locator('tbody tr:not(figure tr)').count()).toBe(1);
    expect(await desk.go(organizer, '/agencies/nowhere')).toBe(404);
    await desk.go(organizer, '/agencies/qifeng');
    expect(await main()).toContain('11月监督');
    await Promise.all([
      organizer.waitForEvent('load'),
      organizer.click('table a[href^="/console/tasks/RC-"]'),
    ]);
    expect(await organizer.getAttribute('.crumb a', 'href')).toBe('/console/plans/RC-2026');
  });

  it('Reads well to everyone: no violation, light and dark, nothing wider than 320 px', async () => {
    await desk.readsWell(
      organizer,
      ['/appraisals/2026', '/statistics/2026', '/agencies/maqiao'],
      (page) => new AxeBuilder({ page }),
    );
  });
});
