import { AxeBuilder } from '@axe-core/playwright';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { closeStreams } from '../../api/routes/stream.ts';
import { type Windows, openWindows } from '../support/browser.ts';
import { type ConsoleDesk, openConsole } from '../support/console.ts';
import { registerAgencies } from '../support/county.ts';
import { type House, openHouse } from '../support/house.ts';
import { carryOut, cycleShows, lastYears, taskIn } from '../support/plan.ts';

/** A year is carried in the console by people without scripts. */
describe('A plan in the console', () => {
  let house: House;
  let windows: Windows;
  let desk: ConsoleDesk;
  let organizer: Page;
  let approver: Page;

  beforeAll(async () => {
    [house, windows] = await Promise.all([
      openHouse({ startsAt: '2026-02-02T09:00:00+08:00' }),
      openWindows(),
    ]);
    await registerAgencies(house, ['maqiao', 'qifeng']);
    await house.store.findings.insertMany([
      lastYears(3),
      lastYears(6, { repeats: ['RC-2025-003-M06'] }),
      lastYears(7, { agency: 'qifeng', item: 'B03', category: 'planning' }),
    ]);
    desk = await openConsole(house, windows);
    organizer = await desk.signedIn('organizer');
    approver = await desk.signedIn('approver');
  }, 180_000);
  afterAll(async () => {
    closeStreams();
    await windows?.close();
    await house?.close();
  });
  const main = (page: Page): Promise<string> => page.innerText('main');

  it('The draft names what each item comes from, and leads to those problems in the ledger', async () => {
    await desk.go(organizer, '/plans');
    expect(await organizer.inputValue('#f-year')).toBe('2026');
    await organizer.fill('#f-year', '2031');
    await desk.press(organizer, '起草年度计划');
    expect(await organizer.innerText('#f-year-error')).toContain('今后两年');
    expect(await organizer.inputValue('#f-year')).toBe('2031');
    await organizer.fill('#f-year', '2026');
    await desk.press(organizer, '起草年度计划');
    expect(new URL(organizer.url()).pathname).toBe('/console/plans/RC-2026');
    expect(await main(organizer)).toContain('草案，待批准');
    await organizer.click('#items tbody tr:first-child td:nth-child(4) summary');
    await Promise.all([
      organizer.waitForEvent('load'),
      organizer.click('#items a:text-is("RC-2025-006-M06")'),
    ]);
    expect(await main(organizer)).toContain('重大执法决定未经法制审核');
    expect(await organizer.getAttribute('main a:text-is("RC-2025-003-M06")', 'href')).toBe(
      '/console/ledger/RC-2025-003-M06',
    );
  });

  it('An item is changed by its form; what cannot stand comes back as typed with the reason beside it', async () => {
    await desk.go(organizer, '/plans/RC-2026/items/0');
    expect(await organizer.isChecked('[name=months][value="3"]')).toBe(true);
    await organizer.check('[name=agencies][value=qifeng]');
    await organizer.check('[name=months][value="1"]');
    await organizer.fill('#f-because', 'RC-2025-999-M06');
    await desk.press(organizer, '保存');
    expect(await main(organizer)).toContain('1月已过或者已经发出');
    expect(await organizer.innerText('#f-because-error')).toContain('没有问题 RC-2025-999-M06');
    expect(await organizer.isChecked('[name=agencies][value=qifeng]')).toBe(true);
    await organizer.uncheck('[name=months][value="1"]');
    await organizer.fill('#f-because', 'RC-2025-003-M06\nRC-2025-006-M06');
    await desk.press(organizer, '保存');
    expect(await main(organizer)).toContain('草案已修改');
    const plan = await house.store.plans.findById('RC-2026').lean();
    expect(plan?.items[0]).toEqual({
      check: 'M06',
      agencies: ['maqiao', 'qifeng'],
      months: [3, 6, 9, 12],
      because: ['RC-2025-003-M06', 'RC-2025-006-M06'],
    });
  });

  it('Two who change the plan at once do not undo one another', async () => {
    await desk.go(organizer, '/plans/RC-2026/items/0');
    const other = await desk.signedIn('organizer');
    await desk.go(other, '/plans/RC-2026/items/1');
    await desk.press(other, '删除这一项');
    const items = (await house.store.plans.findById('RC-2026').lean())?.items.length;
    await desk.press(organizer, '保存');
    expect(await organizer.locator('#errors').count()).toBe(1);
    expect((await house.store.plans.findById('RC-2026').lean())?.items.length).toBe(items);
  });

  it('Only the approver decides, after seeing the burden; returned it waits, approved it runs', async () => {
    await desk.go(organizer, '/plans/RC-2026');
    expect(await organizer.locator('#step-approvePlan').count()).toBe(0);
    await desk.go(approver, '/plans/RC-2026');
    expect(await main(approver)).toContain('机关负担');
    expect(await approver.locator('a[href$="/items/new"]').count()).toBe(0);
    await desk.take(approver, 'approvePlan', { approved: 'false', reason: '三月事项过多' });
    expect(await main(approver)).toContain('三月事项过多');
    await desk.take(approver, 'approvePlan', { approved: 'true' });
    expect(await main(approver)).toContain('执行中');
    expect(await main(approver)).toContain('2027年节假日安排尚未导入');
    await cycleShows(house, 'RC-2026', 2, { state: 'opened' });
  });

  it('March shows its tasks and counts, and people write what is to be done about its figures', async () => {
    await house.until('2026-03-02T12:00:00+08:00');
    await cycleShows(house, 'RC-2026', 3, { state: 'opened' });
    const { items } = (await house.store.tasks.findOne({ phase: 'cycle-03', agency: 'maqiao' }).lean()) ?? {
      items: [],
    };
    const answers = items.flatMap(({ id }) => [
      [`items[${id}][result]`, id === 'M06' ? 'notMet' : 'notApplicable'],
      [`items[${id}][note]`, '两件重大决定未经审核'],
    ]);
    await carryOut(
      house,
      await taskIn(house, 'cycle-03', 'maqiao'),
      Object.fromEntries(answers) as Record<string, string>,
    );
    await desk.go(organizer, '/plans/RC-2026');
    expect(await organizer.innerText('#cycle-3')).toMatch(/已办结\s*1\s*\/2/);
    expect(await organizer.innerText('.year .month:nth-child(3)')).toContain('办结 1/2');
    await organizer.click('#cycle-3 form.wide >> xpath=.. >> summary');
    await organizer.fill('#t-3-0', '对重大决定开展法制审核培训');
    await organizer.fill('#b-3-0', '县司法局');
    await organizer.fill('#d-3-0', '2026-04-10');
    await organizer.selectOption('#s-3-0', 'adopted');
    await Promise.all([
      organizer.waitForEvent('load'),
      organizer.click('#cycle-3 button:text-is("调度分析，写明对策")'),
    ]);
    const cycle = await organizer.innerText('#cycle-3');
    expect(cycle).toContain('对重大决定开展法制审核培训');
    expect(cycle).toContain('已采纳');
    expect(cycle).toContain('逐月趋势');
    await organizer.click('#cycle-3 form.wide >> xpath=.. >> summary');
    await organizer.selectOption('#s-3-0', 'done');
    await organizer.fill('#d-3-1', '2026-04-11');
    await Promise.all([
      organizer.waitForEvent('load'),
      organizer.click('#cycle-3 button:text-is("调度分析，写明对策")'),
    ]);
    expect(await organizer.locator('#errors').count()).toBe(1);
    expect(await organizer.inputValue('#s-3-0')).toBe('done');
    expect(await organizer.inputValue('#d-3-1')).toBe('2026-04-11');
  });

  it('A countermeasure is followed on the month’s card until it is done', async () => {
    await desk.go(organizer, '/plans/RC-2026');
    await organizer.click('#cycle-3 li summary:text-is("跟踪落实")');
    await organizer.selectOption('#s-m-3-1', 'done');
    await organizer.fill('#n-m-3-1', '3月6日培训23人');
    await desk.press(organizer, '跟踪落实');
    const cycle = await organizer.innerText('#cycle-3');
    expect(cycle).toContain('3月6日培训23人');
    expect(cycle).toContain('已落实');
    expect(await organizer.locator('#n-m-3-1').count()).toBe(0);
  });

  it('A task of a month is read on every page that lists tasks', async () => {
    for (const path of ['', '/tasks', '/reviews']) expect(await desk.go(organizer, path)).toBe(200);
    await desk.go(organizer, '/tasks?agency=maqiao');
    expect(await main(organizer)).toContain('3月监督');
    const { no } = await taskIn(house, 'cycle-03', 'maqiao');
    expect(await desk.go(organizer, `/tasks/${no}`)).toBe(200);
    expect(await main(organizer)).toContain('3月监督');
  });

  it('A job of the year is done with a note, and a change of a running plan waits for its approval', async () => {
    await desk.go(organizer, '/plans/RC-2026');
    await organizer.fill('#note-inspectionPlans', '49个机关检查计划已备案');
    await desk.press(organizer, '登记完成');
    expect(await main(organizer)).toContain('49个机关检查计划已备案');
    await desk.go(organizer, '/plans/RC-2026/items/0');
    await organizer.uncheck('[name=months][value="12"]');
    await desk.press(organizer, '保存');
    expect(await main(organizer)).toContain('年中调整，待批准');
    await desk.go(approver, '/plans/RC-2026');
    await desk.take(approver, 'approvePlan', { approved: 'true' });
    const plan = await house.store.plans.findById('RC-2026').lean();
    expect(plan?.amendment).toBeUndefined();
    expect(plan?.items[0]?.months).toEqual([3, 6, 9]);
  });

  it('The ledger is filtered by its address and exported as filtered; nothing found offers to clear the filter', async () => {
    await desk.go(organizer, '/ledger?mode=daily&agency=maqiao&from=2025-05-01&to=2025-12-31');
    expect(await organizer.locator('tbody tr:not(figure tr)').count()).toBe(1);
    expect(await organizer.inputValue('#q-from')).toBe('2025-05-01');
    const href = await organizer.getAttribute('a:text-is("导出 .csv")', 'href');
    const csv = await (await organizer.request.get(`${house.url}${href}`)).text();
    expect(csv.split('\r\n').filter((line) => line !== '')).toHaveLength(2);
    expect(csv).toContain('RC-2025-006-M06');
    const xlsx = await organizer.request.get(`${house.url}${href?.replace('.csv', '.xlsx')}`);
    expect(xlsx.headers()['content-disposition']).toContain('ledger.xlsx');
    expect((await xlsx.body()).subarray(0, 2).toString()).toBe('PK');
    await Promise.all([organizer.waitForEvent('load'), organizer.click('a:text-is("重复1次")')]);
    expect(await organizer.locator('tbody tr:not(figure tr)').count()).toBe(3);
    await desk.go(organizer, '/ledger?state=reopened');
    expect(await main(organizer)).toContain('没有符合筛选的问题');
    await Promise.all([organizer.waitForEvent('load'), organizer.click('a:text-is("清除筛选") >> nth=-1')]);
    expect(await organizer.locator('tbody tr:not(figure tr)').count()).toBe(4);
    expect(await desk.go(organizer, '/ledger?from=2026-05-01&to=2026-01-01')).toBe(422);
    expect(await organizer.innerText('#q-from-error')).toContain('起始日期晚于截止日期');
    expect(await organizer.inputValue('#q-to')).toBe('2026-01-01');
    expect(await desk.go(organizer, '/ledger?from=nonsense')).toBe(422);
    expect(await desk.go(organizer, '/ledger/nothing')).toBe(404);
  });

  it('Reads well to everyone: no violation, light and dark, nothing wider than 320 px', async () => {
    await desk.readsWell(
      organizer,
      ['/plans', '/plans/RC-2026', '/plans/RC-2026/items/0', '/ledger', '/ledger/RC-2025-006-M06'],
      (page) => new AxeBuilder({ page }),
    );
  });
});
