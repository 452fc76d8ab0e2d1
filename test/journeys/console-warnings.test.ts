import { AxeBuilder } from '@axe-core/playwright';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { closeStreams } from '../../api/routes/stream.ts';
import { type Windows, openWindows } from '../support/browser.ts';
import { type ConsoleDesk, openConsole } from '../support/console.ts';
import { registerAgencies } from '../support/county.ts';
import { type House, eventually, openHouse } from '../support/house.ts';
import { csv } from '../support/tables.ts';

const HEADINGS = ['行为编号', '机关编号', '行为类型', '日期', '相对人', '金额', '办理渠道'];
const row = (no: string, over: Record<number, string> = {}) =>
  Object.assign([no, 'maqiao', '行政处罚', '2026-05-06', `相对人${no}`, '500', '网下'], over);

/** Acts are imported and the rules' warnings judged in the console, without scripts. */
describe('Acts and warnings in the console', () => {
  let house: House;
  let windows: Windows;
  let desk: ConsoleDesk;
  let organizer: Page;

  beforeAll(async () => {
    [house, windows] = await Promise.all([
      openHouse({ startsAt: '2026-06-01T09:00:00+08:00' }),
      openWindows(),
    ]);
    await registerAgencies(house, ['maqiao', 'qifeng'], 'department');
    desk = await openConsole(house, windows);
    organizer = await desk.signedIn('organizer');
  }, 180_000);
  afterAll(async () => {
    closeStreams();
    await windows?.close();
    await house?.close();
  });
  const main = (): Promise<string> => organizer.innerText('main');
  const choose = async (field: string, rows: readonly string[][], name = 'acts.csv') =>
    organizer.setInputFiles(field, {
      name,
      mimeType: 'text/csv',
      buffer: Buffer.from(await csv([HEADINGS, ...rows]).arrayBuffer()),
    });
  const openWarnings = () => house.store.warnings.find({ state: 'open' }).sort({ _id: 1 }).lean();

  it('A table is tried first: its faults are named cell by cell, and nothing is stored', async () => {
    await desk.go(organizer, '/acts');
    await Promise.all([organizer.waitForEvent('load'), organizer.click('a:text-is("导入")')]);
    await choose('#f-file', [row('A-1'), row('A-2', { 1: 'nowhere', 3: '2026-13-01' })]);
    await desk.press(organizer, '试导入');
    expect(await main()).toContain('试导入结果');
    expect(await organizer.locator('tbody tr').count()).toBe(2);
    expect(await organizer.innerText('tbody')).toContain('机关编号');
    expect(await house.store.acts.countDocuments()).toBe(0);
  });

  it('Only the file that was tried is stored; another one, or none, is refused', async () => {
    await choose('#f-again', [row('B-1')]);
    await desk.press(organizer, '正式导入');
    expect(await main()).toContain('与试导入的不是同一文件');
    expect(await house.store.acts.countDocuments()).toBe(0);
    const table = [row('A-1'), row('A-2'), row('A-3'), row('A-4', { 1: 'nowhere' })];
    await choose('#f-file', table);
    await desk.press(organizer, '试导入');
    await choose('#f-again', table);
    await desk.press(organizer, '正式导入');
    expect(await organizer.innerText('#errors')).toContain('4行中有1行有误');
    expect(await organizer.locator('tbody tr').count()).toBe(1);
    expect(await house.store.acts.countDocuments()).toBe(0);
    await choose('#f-again', table);
    await organizer.check('[name=skipBad]');
    await desk.press(organizer, '正式导入');
    expect(await main()).toContain('已导入');
    expect(await house.store.acts.countDocuments()).toBe(3);
    await choose('#f-file', [row('A-9')], 'acts.exe');
    await desk.press(organizer, '试导入');
    expect(await organizer.innerText('#errors')).toContain('.xlsx');
    const auditor = await desk.signedIn('auditor');
    expect(await desk.go(auditor, '/acts/import')).toBe(403);
    await auditor.close();
  });

  it('An act shows what was reported, and what the rules noticed of it with their evidence', async () => {
    await eventually(async () => expect((await openWarnings()).length).toBeGreaterThanOrEqual(3));
    await desk.go(organizer, '/acts?agency=maqiao&type=penalty&from=2026-05-01&to=2026-05-31');
    expect(await organizer.locator('tbody tr').count()).toBe(3);
    await Promise.all([organizer.waitForEvent('load'), organizer.click('a:text-is("A-1")')]);
    expect(await main()).toContain('相对人A-1');
    await Promise.all([organizer.waitForEvent('load'), organizer.click('a[href*="/warnings/YJ-"]')]);
    expect(await main()).toContain('依据');
    expect(await main()).toContain('A-1');
    expect(await organizer.locator('details.step').count()).toBe(3);
    expect(await desk.go(organizer, '/acts/nothing')).toBe(404);
    expect(await desk.go(organizer, '/acts?from=x')).toBe(422);
  });

  it('A warning is dismissed with a reason, becomes a clue, or a row of the ledger; once', async () => {
    const rule = (await openWarnings())[0]?.rule ?? '';
    await desk.go(organizer, `/warnings?rule=${rule}&state=open&agency=maqiao`);
    const hrefs = await organizer
      .locator('tbody a[href*="YJ-"]')
      .evaluateAll((links) => links.map((link) => link.getAttribute('href') ?? ''));
    expect(hrefs.length).toBeGreaterThanOrEqual(3);
    const [first = '', second = '', third = ''] = hrefs.map((href) => href.replace('/console', ''));
    await desk.go(organizer, first);
    const late = await desk.signedIn('organizer');
    await desk.go(late, first);
    await desk.take(organizer, 'dismissWarning', { reason: '网络故障，次日已补录' });
    expect(await main()).toContain('网络故障，次日已补录');
    expect(await main()).toContain('已排除');
    await desk.take(late, 'warningFinding', { severity: 'major', description: '网下执法' });
    expect(await late.innerText('#errors')).toContain('已经处理');
    await late.close();
    await desk.go(organizer, second);
    await desk.take(organizer, 'warningClue', {});
    expect(new URL(organizer.url()).pathname).toMatch(/^\/console\/clues\/XS-2026-/);
    await desk.go(organizer, third);
    await desk.take(organizer, 'warningFinding', { severity: 'major' });
    await Promise.all([
      organizer.waitForEvent('load'),
      organizer.click('main a[href^="/console/ledger/YJ-"]'),
    ]);
    expect(await main()).toContain('预警发现');
    expect(await main()).toContain('严重');
  });

  it('What a warning was seen by is said in words, in both languages', async () => {
    const kinds = new Map((await house.store.warnings.find().lean()).map((one) => [one.rule, one._id]));
    expect(kinds.size).toBeGreaterThanOrEqual(2);
    for (const id of kinds.values())
      for (const lang of ['zh', 'en'])
        expect(await desk.go(organizer, `/warnings/${id}?lang=${lang}`)).toBe(200);
    await desk.go(organizer, '/warnings?lang=zh');
  });

  it('Reads well to everyone: no violation, light and dark, nothing wider than 320 px', async () => {
    const one = (await house.store.warnings.findOne().sort({ _id: 1 }).lean())?._id ?? '';
    await desk.readsWell(
      organizer,
      ['/warnings', `/warnings/${one}`, '/acts', '/acts/A-1', '/acts/import'],
      (page) => new AxeBuilder({ page }),
    );
  });
});
