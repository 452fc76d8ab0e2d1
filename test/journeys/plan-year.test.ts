import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { dayKind, localDate } from '../../domain/calendar.ts';
import { readCalendar } from '../../models/calendar.ts';
import { seedCounty } from '../../embedded/demo.ts';
import { keepHistory } from '../support/histories.ts';
import { type House, openHouse } from '../support/house.ts';
import { addressOf, daysOf, expectNoFailure, post, sentAt, taskOf, taskShows } from '../support/people.ts';
import {
  CALENDAR_2027,
  carryOut,
  cycleShows,
  lastYears,
  planShows,
  putItems,
  taskIn,
} from '../support/plan.ts';

/** 2026: make-up days 4 January, 14 and 28 February, 9 May, 20 September, 10 October. */
describe('The year 2026 of the demo county, from the January draft to the January statistics', () => {
  let house: House;
  /** Everybody who can be written to: forty of forty-one. */
  let county: string[];
  beforeAll(async () => {
    house = await openHouse({ startsAt: '2026-01-05T09:00:00+08:00' });
    await seedCounty(house);
    county = await house.store.agencies.distinct('_id', { 'contacts.0': { $exists: true } });
    expect(county).toHaveLength(40);
    await house.store.findings.insertMany([
      lastYears(3, { agency: 'tangshan' }),
      lastYears(6, { agency: 'tangshan' }),
      lastYears(5, {
        ...{ _id: 'GA-2025-001-01', owner: 'GA-2025-001', mode: 'case', agency: 'qifeng' },
        ...{ item: 'f1', category: 'timeLimit' },
      }),
    ]);
  });
  afterAll(async () => {
    await expectNoFailure(house);
    await house.close();
  });

  const analyse = (month: number) =>
    house.call('organizer', 'POST', `/plans/RC-2026/cycles/${month}/analysis`, {
      body: { countermeasures: [{ text: '组织法制审核培训', state: 'adopted' }] },
    });
  const done = (what: string) =>
    house.call('organizer', 'POST', `/plans/RC-2026/milestones/${what}/completion`, {
      body: { note: '已完成' },
    });

  it('Drafted in January, approved in February; the months begin in March', async () => {
    const { body } = await house.call('organizer', 'POST', '/plans', { body: { year: 2026 } });
    expect(body.items[0]).toMatchObject({ check: 'M06', agencies: ['tangshan'] });
    expect(body.items[1]).toMatchObject({ check: 'M10', because: ['GA-2025-001-01'] });
    await house.until('2026-02-02T10:00:00+08:00');
    await putItems(house, 'RC-2026', [
      { ...body.items[0], agencies: ['tangshan', 'yingji'] },
      { check: 'B03', agencies: county, months: [3], because: [] },
      { check: 'A02', agencies: ['qifeng'], months: [10], because: [] },
    ]);
    const approved = await house.call('approver', 'POST', '/plans/RC-2026/approval', {
      body: { approved: true },
    });
    expect(approved.body).toMatchObject({
      state: 'running',
      problems: [{ code: 'calendar-unpublished', detail: '2027' }],
    });
    await cycleShows(house, 'RC-2026', 2, { state: 'opened', tasks: [] });
    await keepHistory(house, 'plan/RC-2026', 'plan-begun');
  });

  it('In March the whole county is asked; Guoli says nothing, and nothing all year', async () => {
    await house.until('2026-03-02T12:00:00+08:00');
    const receipt = { 'items[B03][result]': 'met', 'items[B03][note]': '备案回执' };
    const others = county.filter((one) => !['tangshan', 'qifeng', 'yingji', 'guoli', 'maqiao'].includes(one));
    for (let i = 0; i < others.length; i += 8)
      await Promise.all(
        others
          .slice(i, i + 8)
          .map(async (agency) => carryOut(house, await taskIn(house, 'cycle-03', agency), receipt)),
      );
    // Mail to Maqiao's first contact bounces: the deputy is asked.
    await house.until('2026-03-03T12:00:00+08:00');
    await carryOut(house, await taskIn(house, 'cycle-03', 'maqiao', 'bjiao@maqiao.huantai.example'), receipt);
    const march = await cycleShows(house, 'RC-2026', 3, { state: 'opened' });
    expect([march.tasks.length, march.counts['closed']]).toEqual([40, 36]);
  }, 180_000);

  it('March finds what is put right in April, and is analysed', async () => {
    const yingji = await taskIn(house, 'cycle-03', 'yingji');
    await post(yingji.link, 'answers', {
      text: '自查',
      'items[M06][result]': 'met',
      'items[B03][result]': 'met',
    });
    await taskShows(house, yingji.no, {
      state: 'inReview',
      missing: [{ id: 'B03', why: 'evidence-missing' }],
    });
    await carryOut(house, yingji, {
      'items[M06][result]': 'met',
      'items[B03][result]': 'met',
      'items[B03][note]': '回执',
    });
    await carryOut(house, await taskIn(house, 'cycle-03', 'qifeng'), {
      'items[B03][result]': 'met',
      'items[B03][note]': '回执',
    });
    await carryOut(house, await taskIn(house, 'cycle-03', 'tangshan'), {
      'items[M06][result]': 'notMet',
      'items[M06][note]': '2件未经审核',
      'items[B03][result]': 'partly',
      'items[B03][note]': '尚未备案',
    });
    await house.until('2026-03-31T10:00:00+08:00');
    expect((await analyse(3)).body.figures.findings).toMatchObject({ found: 2, writtenOff: 0, open: 2 });
    expect((await done('inspectionPlans')).status).toBe(201);
    await carryOut(house, await taskIn(house, 'rectification-03', 'tangshan'));
  });

  it('June looks at it again, in the middle of the year', async () => {
    await house.until('2026-06-01T12:00:00+08:00');
    await carryOut(house, await taskIn(house, 'cycle-06', 'tangshan'), {
      'items[M06][result]': 'notMet',
      'items[M06][note]': '仍有1件',
    });
    await carryOut(house, await taskIn(house, 'cycle-06', 'yingji'), { 'items[M06][result]': 'met' });
    await carryOut(house, await taskIn(house, 'rectification-06', 'tangshan'));
    await keepHistory(house, 'plan/RC-2026', 'plan-june');
    await house.until('2026-06-30T10:00:00+08:00');
    const { quarter } = (await analyse(6)).body.figures;
    expect(quarter.trend.map((one: { found: number }) => one.found)).toEqual([0, 0, 2, 0, 0, 1]);
    expect(quarter.topFive).toMatchObject([{ category: 'legalReview', n: 1, agencies: ['tangshan'] }]);
    expect(quarter.repeats).toMatchObject([{ agency: 'tangshan', category: 'legalReview' }]);
  });

  it(
    'Who says nothing is urged and handed to a person, and the year goes on',
    { timeout: 120_000 },
    async () => {
      await house.until('2026-10-20T12:00:00+08:00');
      expect((await cycleShows(house, 'RC-2026', 9, { state: 'opened' })).openedAt).toMatch(
        /^2026-09-01T09:00/,
      );
      const october = await cycleShows(house, 'RC-2026', 10, { state: 'opened' });
      expect(october.openedAt).toMatch(/^2026-10-08T09:00/);
      const silent = await taskIn(house, 'cycle-09', 'tangshan');
      expect((await taskOf(house, silent.no)).body).toMatchObject({ overdue: true, handedOver: true });
      await keepHistory(house, 'plan/RC-2026', 'plan-october');
    },
  );

  it(
    'The calendar of 2027 arrives in November, and nothing stands in the way of January any more',
    { timeout: 120_000 },
    async () => {
      await house.until('2026-11-06T10:00:00+08:00');
      const [silent] = await house.store.tasks.find({ phase: 'cycle-09', agency: 'tangshan' }).lean();
      const no = silent?._id ?? '';
      const asked = await house.call('organizer', 'POST', `/tasks/${no}/extensions`, {
        body: { days: 56, reason: '人员借调，年底前完成' },
      });
      await house.call('organizer', 'POST', `/tasks/${no}/extensions/${asked.body.id}/decision`, {
        body: { granted: true },
      });
      await taskShows(house, no, { due: { at: '2027-01-01T17:00:00+08:00', provisional: true } });
      const imported = await house.call('administrator', 'POST', '/calendars', {
        body: CALENDAR_2027,
      });
      expect(imported.status).toBe(201);
      expect(imported.body.moves).toMatchObject([
        { task: no, before: '2027-01-01T17:00:00+08:00', after: '2027-01-04T17:00:00+08:00', days: 3 },
      ]);
      const confirmed = await house.call('organizer', 'POST', '/calendars/2027/moves', {
        body: { tasks: 'all' },
      });
      expect(confirmed.body.confirmed).toHaveLength(1);
      await taskShows(house, no, { due: { at: '2027-01-04T17:00:00+08:00', provisional: false } });
      await planShows(house, 'RC-2026', { state: 'running', problems: [] });
    },
  );

  it(
    'November appraises the county: everybody is told, nobody objects, and it is final',
    { timeout: 180_000 },
    async () => {
      const told = await house.call('organizer', 'POST', '/appraisals/2026', {
        body: { term: { workdays: 5 } },
      });
      expect([told.status, told.body.items.length]).toEqual([201, 41]);
      await house.until('2026-11-16T10:00:00+08:00');
      const final = await house.call('approver', 'POST', '/appraisals/2026/final', { body: {} });
      expect(final.body, JSON.stringify(final.body).slice(0, 300)).toMatchObject({ state: 'final' });
      expect((await done('appraisal')).status).toBe(201);
    },
  );

  it(
    'On the first working day of January the next draft cites the problems of 2026; the statistics end the year',
    { timeout: 120_000 },
    async () => {
      await house.until('2027-01-04T12:00:00+08:00');
      const draft = await planShows(house, 'RC-2027', { state: 'draft', createdBy: 'system' });
      expect(draft.body.createdAt).toMatch(/^2027-01-04T09:00/);
      const { body: appraised } = await house.call('auditor', 'GET', '/appraisals/2026');
      const weak = (appraised.items as { agency: string; total: number | null }[]).filter(
        (one) => one.total !== null && one.total < 60,
      );
      expect(weak.map((one) => one.agency)).toContain('guoli');
      expect((draft.body.weak as { agency: string }[]).map((one) => one.agency).toSorted()).toEqual(
        weak.map((one) => one.agency).toSorted(),
      );
      const caused = (
        draft.body.items as { check: string; agencies: string[]; months: number[]; because: string[] }[]
      ).filter((one) => one.because.length > 0);
      const of2026 = await house.store.findings.distinct('_id', {
        foundOn: { $gte: '2026-01-01', $lte: '2026-12-31' },
      });
      expect(of2026).toHaveLength(3);
      expect(caused.flatMap((one) => one.because).sort()).toEqual([...of2026].sort());
      expect(caused.find((one) => one.check === 'M06')).toMatchObject({
        agencies: ['tangshan'],
        months: [3, 6, 9, 12],
      });
      const old = await planShows(house, 'RC-2026', { state: 'running' });
      expect(
        old.body.milestones.map((one: { what: string; dueAt: string }) => [one.what, one.dueAt.slice(0, 10)]),
      ).toEqual([
        ['inspectionPlans', '2026-03-31'],
        ['midYear', '2026-06-30'],
        ['fileReview', '2026-10-30'],
        ['appraisal', '2026-11-30'],
        ['report', '2026-12-31'],
        ['statistics', '2027-01-30'],
      ]);
      const figures = await house.call('auditor', 'GET', '/statistics/2026');
      expect([figures.status, figures.body.year]).toEqual([200, 2026]);
      const handed = await house.call('organizer', 'POST', '/statistics/2026/packages');
      expect([handed.status, handed.body.version]).toEqual([201, 1]);
      const made = await house.call('organizer', 'POST', '/plans/RC-2026/milestones/statistics/completion', {
        body: { note: `已公开，数据包第${handed.body.version}版已报送` },
      });
      expect(made.status).toBe(201);
      const year = await planShows(house, 'RC-2026', {});
      expect(year.body.milestones.find((one: { what: string }) => one.what === 'statistics').doneAt).toMatch(
        /^2027-01-04/,
      );
      await keepHistory(house, 'plan/RC-2026', 'plan-january');
      await house.until('2027-02-01T10:00:00+08:00');
      await planShows(house, 'RC-2026', { state: 'closed' });
      await keepHistory(house, 'plan/RC-2026', 'plan-closed');
      const late = await house.call('organizer', 'POST', '/plans/RC-2026/cycles/12/analysis', {
        body: { countermeasures: ['约谈'] },
      });
      expect([late.status, late.body.code]).toEqual([409, 'plan-not-running']);
    },
  );

  it('Every date of the year lies on a working day, and so does every mail that the clock sent', async () => {
    const calendar = await readCalendar(house.store.calendars);
    const works = (at: string): boolean => ['work', 'makeUp'].includes(dayKind(calendar, localDate(at)));
    const tasks = await house.store.tasks.find().lean();
    const cycles = await house.store.cycles.find({ openedAt: { $exists: true } }).lean();
    const plan = await house.store.plans.findById('RC-2026').lean();
    const dates = [
      ...tasks.flatMap((one) => [one.due?.at ?? '', one.openedAt]),
      ...cycles.flatMap((one) => [one.openedAt ?? '', one.dueAt ?? '']),
      ...(plan?.milestones ?? []).flatMap((one) => [one.dueAt, one.raisedAt]),
      ...(await house.mailbox.messages()).map(sentAt),
    ];
    expect(cycles).toHaveLength(11);
    expect(new Set(cycles.map((one) => one.month))).toEqual(new Set([2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12]));
    expect((await daysOf(house, addressOf('tangshan'), '【联络员确认】')).toSorted()).toEqual([
      ...['2026-04-01', '2026-07-01', '2026-10-08', '2027-01-04'],
    ]);
    expect(tasks.length).toBeGreaterThanOrEqual(10);
    expect(dates.filter((one) => !works(one))).toEqual([]);
  });

  it('The history of the year reads as sentences, and its chain is whole', async () => {
    const { body } = await house.call('administrator', 'GET', '/history/RC-2026');
    const said = (body as { what: string; code: string }[]).filter((one) =>
      /plan|cycle|milestone|analysed|amend/.test(one.code),
    );
    expect(said.map((one) => one.code)).toEqual(
      expect.arrayContaining([
        'plan-drafted',
        'plan-approved',
        'cycle-opened',
        'analysed',
        'milestone-raised',
        'milestone-done',
        'plan-closed',
      ]),
    );
    for (const one of said) expect(one.what, one.code).toMatch(/\p{Script=Han}/u);
    expect((await house.call('administrator', 'GET', '/history/RC-2026/verify')).body.intact).toBe(true);
    expect((await house.call('administrator', 'GET', '/workflows?kind=plan')).body.items).toMatchObject([
      { id: 'plan/RC-2026', state: 'closed' },
    ]);
  });
});
