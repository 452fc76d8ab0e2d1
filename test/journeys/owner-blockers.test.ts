import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Windows, openWindows } from '../support/browser.ts';
import { type ConsoleDesk, openConsole } from '../support/console.ts';
import { launch, linkIn, registerAgencies } from '../support/county.ts';
import { type House, eventually, openHouse } from '../support/house.ts';
import { addressOf, mailTo } from '../support/people.ts';

const TOWNS = ['maqiao', 'qifeng', 'tianzhuang'];

/** Why a campaign or a plan waits, in one sentence on its own page. */
describe('what a campaign and a plan wait for', () => {
  let house: House;
  let windows: Windows;
  let desk: ConsoleDesk;
  let organizer: Page;
  let no = '';
  const why = async (path: string): Promise<string> => {
    expect(await desk.go(organizer, path)).toBe(200);
    return organizer.innerText('section[aria-labelledby="why"]');
  };
  const says = (words: string) =>
    eventually(async () => expect(await why(`/campaigns/${no}`)).toContain(words), 30_000);
  beforeAll(async () => {
    house = await openHouse({ startsAt: '2026-03-02T09:00:00+08:00' });
    windows = await openWindows();
    desk = await openConsole(house, windows);
    await registerAgencies(house, TOWNS);
    no = await launch(house);
    organizer = await desk.signedIn('organizer');
  }, 60_000);
  afterAll(async () => {
    await windows.close();
    await house.close();
  });

  it('Agencies that have not signed: who has waited longest, and how many of how many', async () => {
    await says('仍未签收');
    await says('另有2件同样在等');
    await says('自2026年3月2日 09:0');
    expect(await why(`/campaigns/${no}`)).toContain('3/3');
  });

  it('A mail that came back stands before them', async () => {
    const task = await house.store.tasks.findOne({ owner: no, agency: 'maqiao' }).lean();
    await house.store.messages.updateOne(
      { subject: task?._id ?? '', kind: 'task' },
      { $set: { state: 'bounced' } },
    );
    await says('无法送达');
    await says('自2026年3月2日 09:0');
    await house.store.messages.updateOne(
      { subject: task?._id ?? '', kind: 'task' },
      { $set: { state: 'sent' } },
    );
  });

  it('An answer that waits for us is ours, with the button that leads to it; then the agencies', async () => {
    await house.until('2026-03-03T10:00:00+08:00');
    for (const town of TOWNS) {
      const link = linkIn((await mailTo(house, addressOf(town))).text);
      const signed = await fetch(`${link}/acknowledge`, {
        method: 'POST',
        headers: { 'Content-Type': 'application/json', Accept: 'application/json' },
        body: JSON.stringify({ name: '经办人甲', post: '科员' }),
      });
      expect(signed.status).toBeLessThan(300);
    }
    await says('等待');
    await says('自2026年3月3日 10:0');
    const task = await house.store.tasks.findOne({ owner: no, agency: 'qifeng' }).lean();
    await house.until('2026-03-04T11:00:00+08:00');
    await house.call('organizer', 'POST', `/tasks/${task?._id}/answers`, {
      body: { text: '自查完成', items: {}, by: { name: '经办人乙', phone: '0000' } },
    });
    await says('待本机关审核');
    await says('自2026年3月4日 11:0');
    expect(await organizer.getAttribute('section[aria-labelledby="why"] a', 'href')).toContain(
      '/console/tasks/',
    );
  });

  it('Paused it waits for an organizer; nothing else is said', async () => {
    await house.until('2026-03-05T15:00:00+08:00');
    await house.call('organizer', 'POST', `/campaigns/${no}/pause`, { body: {} });
    await says('已暂停发送');
    await says('自2026年3月5日 15:0');
  });

  it('A plan waits for its approval', async () => {
    const plan = await house.call('organizer', 'POST', '/plans', { body: { year: 2026 } });
    const said = await why(`/plans/${plan.body.no}`);
    expect(said).toContain('2026年度计划待审批');
    expect(said).toContain('自2026年3月5日 15:0');
  });
});
