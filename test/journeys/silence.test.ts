import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { launch, registerAgencies } from '../support/county.ts';
import { keepHistory } from '../support/histories.ts';
import { type House, openHouse } from '../support/house.ts';
import {
  addressOf,
  campaignShows,
  daysOf,
  expectNoFailure,
  mailTo,
  numberOf,
  pageOf,
  post,
  review,
  sentAt,
  sign,
  taskOf,
  taskShows,
} from '../support/people.ts';

const PHASES = {
  selfInspection: { workdays: 10 },
  jointInspection: { workdays: 5 },
  rectification: { days: 30 },
  lookBack: { days: 10 },
};

/** March 2026 has no holiday: launched on Monday the 2nd, due on Monday the 16th. */
describe('Silence at every wait', () => {
  let house: House;
  let no: string;
  const task = new Map<string, string>();
  const page = new Map<string, string>();
  const at = (agency: string): string => task.get(agency) ?? '';
  beforeAll(async () => {
    house = await openHouse({ startsAt: '2026-03-02T09:00:00+08:00' });
    await registerAgencies(house, ['mute', 'signer', 'returned', 'asker', 'reviewed', 'windowed']);
    no = await launch(house, {
      agencies: { ids: ['mute', 'signer', 'returned', 'asker', 'reviewed'] },
      phases: PHASES,
    });
    for (const agency of ['mute', 'signer', 'returned', 'asker', 'reviewed']) {
      page.set(agency, await pageOf(house, addressOf(agency)));
      task.set(agency, await numberOf(house, no, agency));
      if (agency !== 'mute') await sign(page.get(agency) ?? '');
    }
  });
  afterAll(async () => {
    await expectNoFailure(house);
    await house.close();
  });

  it('A recall window that nobody uses ends by itself: nothing before it, the mail after it', async () => {
    const later = await launch(house, { agencies: { ids: ['windowed'] }, phases: PHASES }, 30);
    await house.until('2026-03-02T09:20:00+08:00');
    await campaignShows(house, later, { state: 'launching' });
    expect(await house.mails(addressOf('windowed'))).toEqual([]);
    await keepHistory(house, `campaign/${later}`, 'campaign-recallWindow');
    await house.until('2026-03-02T10:00:00+08:00');
    expect(sentAt(await mailTo(house, addressOf('windowed')))).toMatch(/^2026-03-02T09:3/);
    await campaignShows(house, later, { state: 'running', phase: 'selfInspection' });
  });

  it('Who neither signs nor answers meets deputy, leader, reminders, two urges, and then a person', async () => {
    await post(page.get('returned') ?? '', 'answers', { text: '第一次反馈' });
    await review(house, at('returned'), {
      verdict: 'return',
      items: [{ id: 'c1', reason: '请补充' }],
      term: { workdays: 5 },
    });
    await post(page.get('asker') ?? '', 'extensions', { days: '7', reason: '案卷调取需要时间' });
    await post(page.get('reviewed') ?? '', 'answers', { text: '已完成自查' });
    await house.until('2026-03-24T09:00:00+08:00');
    expect(await daysOf(house, addressOf('mute'), '【请办理】')).toEqual(['2026-03-02']);
    expect(await daysOf(house, addressOf('mute', 'fushou'), '【请办理】')).toEqual(['2026-03-03']);
    expect(await daysOf(house, addressOf('mute', 'fuze'), '')).toEqual([
      '2026-03-04',
      '2026-03-11',
      '2026-03-13',
      '2026-03-16',
      '2026-03-17',
      '2026-03-19',
    ]);
    await taskShows(house, at('mute'), {
      state: 'unacknowledged',
      overdue: true,
      handedOver: true,
      next: null,
    });
  });

  it('Who signed and then says nothing is reminded at the contact who signed, and handed to a person', async () => {
    expect(await daysOf(house, addressOf('signer', 'fushou'), '')).toEqual([]);
    expect(await daysOf(house, addressOf('signer'), '【提醒】')).toEqual(['2026-03-11', '2026-03-13']);
    expect(await daysOf(house, addressOf('signer'), '【催办')).toEqual(['2026-03-17', '2026-03-19']);
    await taskShows(house, at('signer'), {
      state: 'inProgress',
      overdue: true,
      handedOver: true,
      next: null,
    });
  });

  it('Who was asked again and never answers again has a ladder of its own, by the new date', async () => {
    const { body } = await taskOf(house, at('returned'));
    expect(body.due.at).toBe('2026-03-09T17:00:00+08:00');
    expect(await daysOf(house, addressOf('returned'), '【提醒】')).toEqual(['2026-03-04', '2026-03-06']);
    expect(await daysOf(house, addressOf('returned'), '【今日到期】')).toEqual(['2026-03-09']);
    expect(await daysOf(house, addressOf('returned'), '【催办')).toEqual(['2026-03-10', '2026-03-12']);
    await taskShows(house, at('returned'), { state: 'returned', round: 2, overdue: true, handedOver: true });
  });

  it('An extension that nobody decides leaves the date as it was, and stays to be decided', async () => {
    const { body } = await taskOf(house, at('asker'));
    expect(body).toMatchObject({
      due: { at: '2026-03-16T17:00:00+08:00' },
      extension: { term: { days: 7 } },
      overdue: true,
      handedOver: true,
    });
    const list = await house.call('organizer', 'GET', `/tasks?owner=${no}&extension=asked`);
    expect(list.body.total).toBe(1);
  });

  it('An answer that nobody reviews silences every reminder, and waits for its reviewer', async () => {
    expect(await daysOf(house, addressOf('reviewed'), '【')).toEqual(['2026-03-02', '2026-03-02']);
    await taskShows(house, at('reviewed'), { state: 'inReview', overdue: false, handedOver: false });
    await keepHistory(house, `tasks/${no}/selfInspection/1`, 'tasks-silence');
  });

  it('A campaign goes on without the silent, and waits in 总结通报 for as long as nobody writes a circular', async () => {
    await house.until('2026-03-25T16:00:00+08:00');
    await campaignShows(house, no, { phase: 'selfInspection' });
    await house.until('2026-03-25T18:00:00+08:00');
    await campaignShows(house, no, { phase: 'jointInspection' });
    await house.until('2026-07-01T09:00:00+08:00');
    const { body } = await campaignShows(house, no, { state: 'summarising', phase: 'circular' });
    expect(body.counts).toMatchObject({
      unacknowledged: 1,
      inProgress: 2,
      returned: 1,
      inReview: 1,
      overdue: 4,
    });
    expect(body.scores).toHaveLength(5);
    expect(body.possible).toContain('circulated');
    const ledger = await house.call('administrator', 'GET', `/history/${no}`);
    const when = (code: string, phase: string): string | undefined =>
      (ledger.body as { at: string; code: string; what: string }[]).find(
        (one) => one.code === code && one.what.includes(phase),
      )?.at;
    expect(when('phase-opened', '联合检查')).toMatch(/^2026-03-25T17:00/);
    expect(when('phase-opened', '限期整改')).toMatch(/^2026-04-01T17:00/);
  });

  it('What is written months later still counts, and the open task is not forgotten', async () => {
    const late = await post(page.get('mute') ?? '', 'answers', { text: '迟到四个月的反馈' });
    expect(late.body).toMatchObject({ late: true });
    await taskShows(house, at('mute'), { state: 'inReview', late: true, overdue: false, handedOver: false });
  });
});
