import { AxeBuilder } from '@axe-core/playwright';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { type Windows, openWindows } from '../support/browser.ts';
import { type ConsoleDesk, openConsole } from '../support/console.ts';
import { registerAgencies } from '../support/county.ts';
import { type House, eventually, openHouse } from '../support/house.ts';
import { addressOf, mailTo, numberOf, review, taskShows } from '../support/people.ts';

const MEASURES = '一、成立行政执法监督领导小组；二、每季度开展一次案卷自查；三、设立监督信箱。';

/** 各单位制定加强行政执法监督工作的具体举措: asked for by a task, answered by mail, read on one page. */
describe('Each unit’s own measures', () => {
  let house: House;
  let windows: Windows;
  let desk: ConsoleDesk;
  let organizer: Page;

  beforeAll(async () => {
    [house, windows] = await Promise.all([openHouse(), openWindows()]);
    await registerAgencies(house, ['maqiao', 'qifeng', 'tianzhuang']);
    desk = await openConsole(house, windows);
    organizer = await desk.signedIn('organizer');
  }, 120_000);
  afterAll(async () => {
    await windows?.close();
    await house?.close();
  });

  const rows = async (state = ''): Promise<string[]> => {
    await desk.go(organizer, `/own-measures?state=${state}`);
    return (await organizer.locator('tbody tr').allInnerTexts()).map((one) => one.replaceAll(/\s+/gu, ' '));
  };
  const follow = (link: string) =>
    Promise.all([organizer.waitForEvent('load'), organizer.click(`main a:text-is("${link}")`)]);

  it('Nobody has any before they are asked; the page leads to the asking, with the checklist chosen', async () => {
    expect(await rows('notAsked')).toHaveLength(3);
    await desk.go(organizer, '/own-measures');
    await follow('要求各单位报送');
    expect(await organizer.inputValue('#f-checklist')).toBe('CL-own-measures');
    expect(await organizer.inputValue('#f-title')).toBe('加强行政执法监督工作具体举措');
    await desk.press(organizer, '保存并预览');
    await organizer.fill('#f-recall', '0');
    await desk.press(organizer, '发送给3家');
    await mailTo(house, addressOf('tianzhuang'), '【请办理】');
    expect(await rows('asked')).toHaveLength(3);
  });

  it('One answers by mail: its words wait on the page, and stand there once they are accepted', async () => {
    const mail = await mailTo(house, addressOf('maqiao'), '【请办理】');
    await house.reply(mail, {
      text: MEASURES,
      files: [{ filename: '具体举措.txt', content: '马政发〔2026〕8号' }],
    });
    const owner = (await house.store.campaigns.findOne({}).lean())?._id ?? '';
    const no = await numberOf(house, owner, 'maqiao');
    await taskShows(house, no, { state: 'inReview' });
    expect((await rows('inReview')).join()).toContain('每季度开展一次案卷自查');
    expect((await review(house, no, { verdict: 'accept' })).status).toBe(201);
    const accepted = await eventually(async () => {
      const found = await rows('accepted');
      expect(found).toHaveLength(1);
      return found.join();
    });
    expect(accepted).toContain('设立监督信箱');
    expect(accepted).toContain('具体举措.txt');
    const { body } = await house.call('auditor', 'GET', '/own-measures/stand');
    expect(body).toMatchObject({ total: 3, counts: { notAsked: 0, asked: 2, inReview: 0, accepted: 1 } });
  });

  it('The organizer reads all of them on one page and sees who has none', async () => {
    const all = await rows();
    expect(all).toHaveLength(3);
    expect(all.filter((one) => one.includes('待反馈'))).toHaveLength(2);
    expect(all.filter((one) => one.includes(MEASURES))).toHaveLength(1);
    const counts = () => organizer.innerText('main p:has(a[href*="state=accepted"])');
    expect(await counts()).toMatch(/未要求 0 .*待反馈 2 .*待审核 0 .*已接受 1/u);
    expect(await desk.go(organizer, '/own-measures?state=lazy')).toBe(422);
    expect(await counts()).toContain('已接受 1');
    await desk.readsWell(organizer, ['/own-measures'], (page) => new AxeBuilder({ page }));
  }, 120_000);

  it('The page asks the register once', async () => {
    const find = vi.spyOn(house.store.tasks, 'find');
    await rows('accepted');
    const asked = find.mock.calls.filter(([filter]) => {
      const said = JSON.stringify(filter ?? {});
      return said.includes('items.id') && !said.includes('"closed"');
    });
    find.mockRestore();
    expect(asked).toHaveLength(1);
  });

  it('An account of a line sees its own unit’s only', async () => {
    await house.store.accounts.updateOne({ _id: 'organizer' }, { $set: { line: 'qifeng' } });
    expect(await rows()).toHaveLength(1);
    expect(await organizer.locator('main a:text-is("要求各单位报送")').count()).toBe(0);
    expect((await house.call('organizer', 'GET', '/own-measures/stand')).body).toMatchObject({ total: 1 });
  });
});
