import { AxeBuilder } from '@axe-core/playwright';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { closeStreams } from '../../api/routes/stream.ts';
import { type Windows, openWindows } from '../support/browser.ts';
import { fileMatter, openMatter } from '../support/cases.ts';
import { type ConsoleDesk, openConsole } from '../support/console.ts';
import { launch, registerAgencies } from '../support/county.ts';
import { type House, eventually, openHouse } from '../support/house.ts';

/** Names that the engine gives to what it writes down. */
const ENGINE_NAMES = /(?:WORKFLOW|ACTIVITY|TIMER|MARKER|CHILD)_?(?:EXECUTION|TASK|STARTED|FIRED|RECORDED)/i;

let house: House;
let windows: Windows;
let desk: ConsoleDesk;
let organizer: Page;
let campaign = '';
let matter = '';

beforeAll(async () => {
  [house, windows] = await Promise.all([openHouse({ startsAt: '2026-03-02T09:00:00+08:00' }), openWindows()]);
  await registerAgencies(house, ['maqiao', 'qifeng']);
  desk = await openConsole(house, windows);
  organizer = await desk.signedIn('organizer');
  campaign = await launch(house);
  matter = await openMatter(house, 'maqiao');
  await fileMatter(house, matter);
  await eventually(async () => {
    if ((await house.store.tasks.countDocuments({ owner: campaign, state: 'unacknowledged' })) < 2)
      throw new Error('sending');
  });
  await house.call('organizer', 'POST', `/tasks/${campaign}-001/answers`, {
    body: { text: '已自查', by: { name: '王经办' } },
  });
  await eventually(async () => {
    const row = await house.store.tasks.findById(`${campaign}-001`).lean();
    if (row?.state !== 'inReview') throw new Error(row?.state);
  });
}, 180_000);

afterAll(async () => {
  closeStreams();
  await windows?.close();
  await house?.close();
});

const lines = (page: Page) => page.locator('#timeline .thread li').allInnerTexts();

describe('One timeline in human words', () => {
  test('stands on every object, with what comes next on top and no name of the engine', async () => {
    const clue = (await house.store.cases.findById(matter).lean())?.clue ?? '';
    for (const path of [
      `/campaigns/${campaign}`,
      `/tasks/${campaign}-002`,
      `/cases/${matter}`,
      `/clues/${clue}`,
      '/agencies/maqiao',
      `/history/${campaign}`,
      `/history/${campaign}-001`,
    ]) {
      expect([path, await desk.go(organizer, path)]).toEqual([path, 200]);
      expect((await lines(organizer)).length, path).toBeGreaterThan(0);
      expect(await organizer.innerText('main'), path).not.toMatch(ENGINE_NAMES);
      expect(await organizer.locator('text=技术详情').count(), path).toBe(0);
    }
    await desk.go(organizer, `/tasks/${campaign}-002`);
    expect((await lines(organizer))[0]).toMatch(/^下一步 3月\d+日（周.）\d\d:\d\d /);
    await desk.go(organizer, `/cases/${matter}`);
    expect((await lines(organizer))[0]).toMatch(/^下一步 3月/);
  });

  test('its chips are addresses: what is asked for is shown, and nothing else', async () => {
    await desk.go(organizer, `/campaigns/${campaign}?source=answer`);
    const sources = await organizer.locator('#timeline .thread li .tag:not(:text("下一步"))').allInnerTexts();
    expect(new Set(sources)).toEqual(new Set(['答']));
    await organizer.click('#timeline a.chip:has-text("信")');
    expect(new URL(organizer.url()).searchParams.get('source')).toBe('answer,mail');
    expect((await lines(organizer)).join('\n')).toContain('对方邮件服务器已接收办理通知');
    expect(await organizer.locator('#timeline a:text-is("凭证")').first().getAttribute('href')).toMatch(
      /\/certificate$/,
    );
    await desk.go(organizer, `/campaigns/${campaign}?source=nonsense`);
    expect((await lines(organizer)).length).toBeGreaterThan(2);
  });

  test('the engine speaks only under 技术详情, and only to those who inspect it', async () => {
    const auditor = await desk.signedIn('auditor');
    await desk.go(auditor, `/cases/${matter}`);
    const details = auditor.locator('#timeline details:has(summary:text("技术详情"))');
    expect(await details.count()).toBe(1);
    expect(await details.innerText()).not.toContain('不可达');
    await details.locator('summary').click();
    expect(await details.innerText()).toContain(`case/${matter}`);
  });

  test('what the engine keeps of a process reads well: a summary in Chinese, and where it stands', async () => {
    const { client } = house.env;
    for (const [id, summary, stand] of [
      [`campaign/${campaign}`, `专项监督 ${campaign} 安全生产执法专项监督`, '进行中 · 阶段：自查自纠'],
      [`case/${matter}`, `个案监督 ${matter}`, '个案阶段：已立案'],
      [`tasks/${campaign}/selfInspection/1`, `事项组 ${campaign} selfInspection/1`, '待签收 1/2'],
    ] as const) {
      const handle = client.workflow.getHandle(id);
      expect(await (await handle.describe()).staticSummary()).toBe(summary);
      await eventually(async () => {
        const { currentDetails } = await handle.query<{ currentDetails: string }>(
          '__temporal_workflow_metadata',
        );
        expect(currentDetails).toContain(stand);
      });
    }
  });

  test('reads well in both languages, light and dark, at 320 pixels', async () => {
    await desk.readsWell(organizer, [`/history/${campaign}`], (page) => new AxeBuilder({ page }));
  });
});
