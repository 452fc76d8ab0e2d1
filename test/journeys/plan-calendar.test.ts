import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { reconcile } from '../../activities/reconcile.ts';
import { registerAgencies } from '../support/county.ts';
import { keepHistory } from '../support/histories.ts';
import { type House, openHouse } from '../support/house.ts';
import { expectNoFailure, post, review } from '../support/people.ts';
import { CALENDAR_2027, cycleShows, taskIn } from '../support/plan.ts';

describe('A year whose calendar is not published', () => {
  let house: House;
  beforeAll(async () => {
    house = await openHouse({ startsAt: '2026-12-28T09:00:00+08:00' });
  });
  afterAll(async () => {
    await expectNoFailure(house);
    await house.close();
  });

  it('A year for which there is nobody to ask is empty, and is not approved', async () => {
    const { body } = await house.call('organizer', 'POST', '/plans', { body: { year: 2028 } });
    expect(body.items).toEqual([]);
    const refused = await house.call('approver', 'POST', '/plans/RC-2028/approval', { body: {} });
    expect([refused.status, refused.body.code]).toEqual([422, 'plan-empty']);
    await registerAgencies(house, ['maqiao']);
  });

  it('is approved all the same; only the cycle that is being opened waits, and is listed so', async () => {
    await house.call('organizer', 'POST', '/plans', { body: { year: 2027 } });
    await house.call('organizer', 'PUT', '/plans/RC-2027', {
      body: { items: [{ check: 'A08', agencies: ['maqiao'], months: [1, 2], because: [] }] },
    });
    expect((await house.call('approver', 'POST', '/plans/RC-2027/approval', { body: {} })).status).toBe(201);
    await house.until('2027-01-06T12:00:00+08:00');
    await cycleShows(house, 'RC-2027', 1, { state: 'waiting', problem: 'calendar-unpublished', tasks: [] });
    expect(await house.mailbox.messages()).toEqual([]);
    await keepHistory(house, 'plan/RC-2027', 'plan-waiting');
  });

  it('goes on the day after the calendar arrived', async () => {
    await house.call('administrator', 'POST', '/calendars', { body: CALENDAR_2027 });
    await house.until('2027-01-08T12:00:00+08:00');
    const cycle = await cycleShows(house, 'RC-2027', 1, { state: 'opened' });
    expect(cycle.openedAt).toMatch(/^2027-01-0[678]/);
    const burden = await house.call('auditor', 'GET', '/agencies/maqiao/burden');
    expect(burden.body).toMatchObject({
      open: 1,
      asked: { tasks: 1, items: 1 },
      days: 90,
      tasks: [{ owner: 'RC-2027', kind: 'review', items: 1 }],
    });
    const { no, link } = await taskIn(house, 'cycle-01', 'maqiao');
    await post(link, 'answers', { text: '已公开', 'items[A08][result]': 'met' });
    expect((await review(house, no, { verdict: 'accept' })).body).toMatchObject({ state: 'closed' });
    const planned = await house.call('auditor', 'GET', '/plans/RC-2027/burden');
    expect(planned.body.items).toMatchObject([
      {
        agency: 'maqiao',
        open: 0,
        asked: { tasks: 1, items: 1 },
        planned: [
          { month: 1, checks: ['A08'] },
          { month: 2, checks: ['A08'] },
        ],
        reusable: ['A08'],
      },
    ]);
  });

  it('A year whose workflow has gone is taken up again from the store, and nothing goes out twice', async () => {
    await house.settled();
    const january = async (): Promise<number> =>
      (await house.mailbox.messages()).filter(
        ({ subject, text }) => subject.includes('【请办理】') && text.includes('RC-2027-001'),
      ).length;
    const mails = await january();
    await house.env.client.workflow.getHandle('plan/RC-2027').terminate('lost');
    expect(await reconcile(house.deps)).toEqual(['plan/RC-2027']);
    await house.until('2027-02-01T12:00:00+08:00');
    await cycleShows(house, 'RC-2027', 2, { state: 'opened', counts: { unacknowledged: 1 } });
    expect(await january()).toBe(mails);
    expect(await house.store.tasks.countDocuments({ owner: 'RC-2027' })).toBe(2);
    const analysed = await house.call('organizer', 'POST', '/plans/RC-2027/cycles/1/analysis', {
      body: { countermeasures: ['继续'] },
    });
    expect([analysed.status, analysed.body.figures.tasks.sent]).toEqual([201, 1]);
  });
});
