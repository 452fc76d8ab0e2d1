import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { dayKind, localDate } from '../../domain/calendar.ts';
import { readCalendar } from '../../models/calendar.ts';
import { launch, registerAgencies } from '../support/county.ts';
import { keepHistory } from '../support/histories.ts';
import { type House, openHouse } from '../support/house.ts';
import {
  addressOf,
  campaignShows,
  circulate,
  daysOf,
  expectNoFailure,
  inspect,
  mailTo,
  numberOf,
  pageOf,
  post,
  registerSupervisors,
  review,
  sentAt,
  settle,
  sign,
  taskOf,
  taskShows,
} from '../support/people.ts';

const AGENCIES = ['maqiao', 'qifeng', 'tangshan', 'tianzhuang', 'xincheng'] as const;

/** 2026: make-up days 14 and 28 February, holiday from the 15th to the 23rd. */
describe('A campaign of six weeks with Spring Festival 2026 in the middle', () => {
  let house: House;
  let no: string;
  let people: string[];
  const page = new Map<string, string>();
  const self = new Map<string, string>();
  beforeAll(async () => {
    house = await openHouse({ startsAt: '2026-01-26T09:00:00+08:00' });
    await registerAgencies(house, AGENCIES);
    people = await registerSupervisors(house, 12);
  });
  afterAll(async () => {
    await expectNoFailure(house);
    await house.close();
  });

  it('On Monday morning five towns are written to, each date is explained', async () => {
    no = await launch(house, {
      phases: {
        selfInspection: { workdays: 10 },
        jointInspection: { workdays: 5 },
        rectification: { days: 30 },
        lookBack: { days: 10 },
      },
    });
    for (const agency of AGENCIES) {
      expect(sentAt(await mailTo(house, addressOf(agency)))).toMatch(/^2026-01-26T09:0/);
      page.set(agency, await pageOf(house, addressOf(agency)));
      self.set(agency, await numberOf(house, no, agency));
    }
    const { body } = await taskOf(house, self.get('maqiao') ?? '');
    expect(body.due).toMatchObject({ at: '2026-02-09T17:00:00+08:00', from: '2026-01-26', rule: 'workdays' });
    for (const agency of AGENCIES) if (agency !== 'qifeng') await sign(page.get(agency) ?? '');
    await keepHistory(house, `campaign/${no}`, 'campaign-selfInspection');
  });

  it('Who does not sign within a working day is followed by the deputy, after two by the leader', async () => {
    await house.until('2026-01-29T10:00:00+08:00');
    expect((await house.mails(addressOf('qifeng', 'fushou'))).map(sentAt)).toEqual([
      expect.stringMatching(/^2026-01-27T09:00/),
    ]);
    expect((await house.mails(addressOf('qifeng', 'fuze'))).map(sentAt)).toEqual([
      expect.stringMatching(/^2026-01-28T09:00/),
    ]);
    for (const agency of AGENCIES)
      if (agency !== 'qifeng') expect(await house.mails(addressOf(agency, 'fushou'))).toEqual([]);
  });

  it('Thirty days that end on a make-up Saturday stand, those that end on a Sunday move to Monday', async () => {
    const first = await inspect(house, no, {
      agency: 'xincheng',
      inspectors: people.slice(0, 2),
      on: '2026-01-29',
    });
    expect((await taskOf(house, first)).body.due).toMatchObject({
      at: '2026-02-28T17:00:00+08:00',
      madeUp: ['2026-02-28'],
      skipped: [],
    });
    await sign(await pageOf(house, addressOf('xincheng'), first));
    await house.until('2026-01-30T10:00:00+08:00');
    const second = await inspect(house, no, {
      agency: 'tianzhuang',
      inspectors: people.slice(2, 4),
      on: '2026-01-30',
    });
    expect((await taskOf(house, second)).body.due).toMatchObject({
      at: '2026-03-02T17:00:00+08:00',
      skipped: [{ date: '2026-03-01', why: 'weekend' }],
    });
    await sign(await pageOf(house, addressOf('tianzhuang'), second));
  });

  it('Who has answered is left in peace; the others are reminded three and one working days before', async () => {
    await house.until('2026-02-03T10:00:00+08:00');
    await settle(house, {
      link: page.get('maqiao') ?? '',
      no: self.get('maqiao') ?? '',
      fields: { 'items[c1][result]': 'met', 'items[c2][result]': 'notMet', 'items[c2][note]': '记录仪不足' },
    });
    await house.until('2026-02-09T16:00:00+08:00');
    for (const subject of ['【提醒】', '【今日到期】'])
      expect(await house.mails(addressOf('maqiao'), subject)).toEqual([]);
    expect(await daysOf(house, addressOf('tangshan'), '【提醒】')).toEqual(['2026-02-04', '2026-02-06']);
    expect(await daysOf(house, addressOf('tangshan'), '【今日到期】')).toEqual(['2026-02-09']);
    expect(await daysOf(house, addressOf('qifeng', 'fuze'), '【提醒】')).toEqual([
      '2026-02-04',
      '2026-02-06',
    ]);
    for (const agency of ['tianzhuang', 'xincheng'])
      await settle(house, { link: page.get(agency) ?? '', no: self.get(agency) ?? '' });
  });

  it('An agency with two open tasks gets one digest a morning, with the links of both', async () => {
    for (const agency of ['tianzhuang', 'xincheng']) {
      expect(await house.mails(addressOf(agency), '【提醒】')).toEqual([]);
      const digests = (await house.mails(addressOf(agency))).filter(
        (one) => one.text.match(/\/t\//g)?.length === 2,
      );
      expect(digests.map((one) => sentAt(one).slice(0, 10))).toEqual([
        '2026-02-04',
        '2026-02-06',
        '2026-02-09',
      ]);
    }
  });

  it('After the due moment come two urges, then a person; a late answer counts and says that it is late', async () => {
    await house.until('2026-02-09T18:00:00+08:00');
    expect((await taskOf(house, self.get('qifeng') ?? '')).body).toMatchObject({
      overdue: true,
      light: 'red',
    });
    await house.until('2026-02-11T11:00:00+08:00');
    const late = await post(page.get('tangshan') ?? '', 'answers', { text: '迟到的自查报告' });
    expect(late.body).toMatchObject({ late: true, receivedAt: expect.stringMatching(/^2026-02-11T11:00/) });
    await review(house, self.get('tangshan') ?? '', { verdict: 'accept' });
    await house.until('2026-02-14T12:00:00+08:00');
    expect(await daysOf(house, addressOf('tangshan'), '【催办')).toEqual(['2026-02-10']);
    expect(await daysOf(house, addressOf('qifeng', 'fuze'), '【催办1】')).toEqual(['2026-02-10']);
    expect(await daysOf(house, addressOf('qifeng', 'fuze'), '【催办2】')).toEqual(['2026-02-12']);
    await taskShows(house, self.get('qifeng') ?? '', { handedOver: true, state: 'unacknowledged' });
    const { body } = await house.call('administrator', 'GET', `/history/${self.get('qifeng')}`);
    const over = (body as { at: string; code: string }[]).find((one) => one.code === 'handed-over');
    expect(over?.at).toMatch(/^2026-02-14T(09|10):/);
    await keepHistory(house, `tasks/${no}/selfInspection/1`, 'tasks-handedOver');
  });

  it('Over the festival nothing is mailed, and the silent one holds nobody up after seven working days', async () => {
    const before = (await house.mailbox.messages()).length;
    await house.until('2026-02-24T08:00:00+08:00');
    expect(await house.mailbox.messages()).toHaveLength(before);
    await house.until('2026-02-25T12:00:00+08:00');
    await campaignShows(house, no, { phase: 'selfInspection' });
    await house.until('2026-02-26T10:00:00+08:00');
    const { body } = await campaignShows(house, no, { phase: 'jointInspection' });
    expect(body.phases.jointInspection).toMatchObject({
      openedAt: expect.stringMatching(/^2026-02-25T17:00/),
      dueAt: '2026-03-03T17:00:00+08:00',
    });
    expect(body.teams).toHaveLength(5);
    for (const team of body.teams as { inspectors: string[] }[])
      expect(new Set(team.inspectors).size).toBe(2);
    await keepHistory(house, `campaign/${no}`, 'campaign-jointInspection');
  });

  it('A finding is rectified by its own date, reminded on working mornings, a make-up Saturday among them', async () => {
    const third = await inspect(house, no, {
      agency: 'tangshan',
      inspectors: people.slice(4, 6),
      on: '2026-02-26',
    });
    expect((await taskOf(house, third)).body.due).toMatchObject({
      at: '2026-03-30T17:00:00+08:00',
      skipped: [
        { date: '2026-03-28', why: 'weekend' },
        { date: '2026-03-29', why: 'weekend' },
      ],
    });
    await house.until('2026-02-28T12:00:00+08:00');
    expect(await daysOf(house, addressOf('xincheng'), '【提醒】')).toEqual(['2026-02-25', '2026-02-27']);
    expect(await daysOf(house, addressOf('xincheng'), '【今日到期】')).toEqual(['2026-02-28']);
    expect(await daysOf(house, addressOf('tianzhuang'), '【提醒】')).toEqual(['2026-02-26', '2026-02-28']);
    for (const agency of ['xincheng', 'tianzhuang', 'tangshan']) {
      const rectification = await numberOf(house, no, agency, 'rectification');
      await settle(house, { link: await pageOf(house, addressOf(agency), rectification), no: rectification });
    }
  });

  it('What an agency disclosed itself is rectified in its phase, and the phase is over with the last one', async () => {
    await house.until('2026-03-04T10:00:00+08:00');
    const { body } = await campaignShows(house, no, { phase: 'rectification' });
    expect(body.phases.rectification).toMatchObject({
      openedAt: expect.stringMatching(/^2026-03-03T17:00/),
      dueAt: '2026-04-02T17:00:00+08:00',
    });
    await keepHistory(house, `campaign/${no}`, 'campaign-rectification');
    const own = await numberOf(house, no, 'maqiao', 'rectification');
    expect((await taskOf(house, own)).body.items).toMatchObject([{ text: '记录仪不足' }]);
    const link = await pageOf(house, addressOf('maqiao'), own);
    await keepHistory(house, (await house.store.tasks.findById(own))?.group ?? '', 'tasks-rectification');
    await settle(house, { link, no: own });
    await campaignShows(house, no, {
      phase: 'lookBack',
      phases: {
        lookBack: { openedAt: expect.stringMatching(/^2026-03-04T10:0/), dueAt: '2026-03-16T17:00:00+08:00' },
      },
    });
  });

  it('The sample for the look-back is drawn from the written-off by the published seed', async () => {
    const { body } = await campaignShows(house, no, { phase: 'lookBack' });
    const drawn = (body.draws as { purpose: string; drawn: string[]; candidates: { id: string }[] }[]).find(
      (one) => one.purpose === 'lookBack',
    );
    expect(drawn?.candidates.map((one) => one.id)).toEqual(['maqiao', 'tangshan', 'tianzhuang', 'xincheng']);
    expect(drawn?.drawn).toHaveLength(2);
    await keepHistory(house, `campaign/${no}`, 'campaign-lookBack');
    for (const agency of drawn?.drawn ?? []) {
      const again = await numberOf(house, no, agency, 'lookBack');
      await settle(house, { link: await pageOf(house, addressOf(agency), again), no: again });
    }
    await keepHistory(house, `tasks/${no}/lookBack/1`, 'tasks-lookBack');
  });

  it('Points are given, the circular ends it after six weeks, and the silent one is told that it needs not answer', async () => {
    const { body } = await campaignShows(house, no, { state: 'summarising', phase: 'circular' });
    const scores = body.scores as { agency: string; parts: { rule: string; value: number | null }[] }[];
    const timely = (agency: string) =>
      scores.find((one) => one.agency === agency)?.parts.find((part) => part.rule === 'timeliness')?.value;
    expect(scores.map((one) => one.agency).sort()).toEqual([...AGENCIES]);
    expect(AGENCIES.map(timely)).toEqual([10, 0, 5, 10, 10]);
    await house.until('2026-03-09T10:00:00+08:00');
    await keepHistory(house, `campaign/${no}`, 'campaign-summarising');
    await circulate(house, no);
    await campaignShows(house, no, { state: 'closed' });
    for (const agency of AGENCIES)
      expect(sentAt(await mailTo(house, addressOf(agency), '【通报】'))).toMatch(/^2026-03-09T10:0/);
    expect(sentAt(await mailTo(house, addressOf('qifeng', 'fuze'), '【中止】'))).toMatch(/^2026-03-09/);
    await taskShows(house, self.get('qifeng') ?? '', { state: 'withdrawn' });
    await house.pass(1);
    for (const workflow of [`campaign/${no}`, `tasks/${no}/selfInspection/1`, `tasks/${no}/lookBack/1`]) {
      const { status } = await house.env.client.workflow.getHandle(workflow).describe();
      expect([workflow, status.name]).toEqual([workflow, 'COMPLETED']);
    }
    await keepHistory(house, `campaign/${no}`, 'campaign-closed');
    await keepHistory(house, `tasks/${no}/selfInspection/1`, 'tasks-closed');
    const verified = await house.call('administrator', 'GET', `/history/${no}/verify`);
    expect(verified.body.intact).toBe(true);
  });

  it('What the clock sends goes out on working mornings between 9:00 and 10:30 only', async () => {
    const calendar = await readCalendar(house.store.calendars);
    const routine = (await house.mailbox.messages()).filter((one) =>
      /^【(提醒|今日到期|催办)/.test(one.subject),
    );
    expect(routine.length).toBeGreaterThan(10);
    for (const mail of routine) {
      expect(['work', 'makeUp']).toContain(dayKind(calendar, localDate(sentAt(mail))));
      expect(sentAt(mail).slice(11, 16) >= '09:00' && sentAt(mail).slice(11, 16) <= '10:30').toBe(true);
    }
  });
});
