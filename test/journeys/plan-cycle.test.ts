import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { registerAgencies } from '../support/county.ts';
import { type House, openHouse } from '../support/house.ts';
import { addressOf, expectNoFailure, mailTo, sentAt, settle, sign, taskOf } from '../support/people.ts';
import { EVERYONE, cycleShows, lastYears, planShows, putItems, taskIn } from '../support/plan.ts';

describe('A plan: drafted from last year’s problems, approved, carried month by month, amended', () => {
  let house: House;
  beforeAll(async () => {
    house = await openHouse({ startsAt: '2026-01-05T09:00:00+08:00' });
    await registerAgencies(house, ['maqiao', 'qifeng']);
    await registerAgencies(house, ['anjian'], 'department');
    await house.store.findings.insertMany([
      lastYears(3),
      lastYears(6),
      lastYears(7, { agency: 'qifeng', item: 'B03', category: 'inspectionPlan' }),
      lastYears(8, { agency: 'gone', item: 'B03' }),
    ]);
  });
  afterAll(async () => {
    await expectNoFailure(house);
    await house.close();
  });

  it('On the first Monday a draft names what last year brought, whom it concerns and how often it is looked at', async () => {
    const { status, body } = await house.call('organizer', 'POST', '/plans', { body: { year: 2026 } });
    expect(status).toBe(201);
    expect(body).toMatchObject({ no: 'RC-2026', state: 'draft' });
    const items = body.items as { check: string; agencies: string[]; months: number[]; because: string[] }[];
    expect(items[0]).toEqual({
      check: 'M06',
      agencies: ['maqiao'],
      months: [3, 6, 9, 12],
      because: ['RC-2025-003-M06', 'RC-2025-006-M06'],
    });
    expect(items[1]).toEqual({
      check: 'B03',
      agencies: ['qifeng'],
      months: [4, 10],
      because: ['RC-2025-007-M06'],
    });
    const standing = items.filter((one) => one.because.length === 0);
    expect(standing.find((one) => one.check === 'B03')?.agencies).toEqual([...EVERYONE]);
    expect(standing.find((one) => one.check === 'B09')?.agencies).toEqual(['anjian']);
    const again = await house.call('organizer', 'POST', '/plans', { body: { year: 2026 } });
    expect(again.body).toEqual(body);
  });

  it('An item without a cause, an unknown check, agency or finding and a month gone by are refused at their places', async () => {
    const good = { check: 'M06', agencies: ['maqiao'], months: [3], because: ['RC-2025-003-M06'] };
    const { because: _none, ...causeless } = good;
    for (const [items, pointer, code] of [
      [[causeless], '/items/0/because', 'because-missing'],
      [[good, { ...good, because: [] }], '/items/1/because', 'because-missing'],
      [[{ ...good, check: 'Z99' }], '/items/0/check', 'check-unknown'],
      [[{ ...good, agencies: ['maqiao', 'nowhere'] }], '/items/0/agencies/1', 'agency-unknown'],
      [[{ ...good, because: ['RC-2025-999-M06'] }], '/items/0/because/0', 'finding-unknown'],
      [[{ ...good, months: [3, 13] }], '/items/0/months/1', 'month-invalid'],
      [[{ ...good, months: [] }], '/items/0/months', 'too-small'],
      [[], '/items', 'too-small'],
    ] as const) {
      const { status, body } = await putItems(house, 'RC-2026', items);
      expect([status, body.errors?.[0]?.pointer, body.errors?.[0]?.code]).toEqual([422, pointer, code]);
    }
    for (const [year, code] of [
      [2025, 'year-invalid'],
      [2031, 'year-invalid'],
      ['2027', 'invalid-type'],
    ] as const) {
      const { status, body } = await house.call('organizer', 'POST', '/plans', { body: { year } });
      expect([status, body.errors?.[0]?.pointer, body.errors?.[0]?.code]).toEqual([422, '/year', code]);
    }
    expect((await house.call('organizer', 'POST', '/plans/RC-2026/approval', { body: {} })).status).toBe(403);
    expect((await house.call('organizer', 'GET', '/plans/RC-2099')).status).toBe(404);
  });

  it('In February the approver starts the year, and a month gone by is no longer planned', async () => {
    await house.until('2026-02-02T10:00:00+08:00');
    const because = ['RC-2025-003-M06', 'RC-2025-006-M06'];
    const late = await putItems(house, 'RC-2026', [
      { check: 'M06', agencies: ['maqiao'], months: [1, 3], because },
    ]);
    expect([late.status, late.body.errors[0].pointer, late.body.errors[0].code]).toEqual([
      422,
      '/items/0/months/0',
      'month-over',
    ]);
    const planned = await putItems(house, 'RC-2026', [
      { check: 'M06', agencies: ['maqiao', 'anjian'], months: [3, 6, 9, 12], because },
      { check: 'B03', agencies: [...EVERYONE], months: [3], because: [] },
      { check: 'A02', agencies: ['qifeng'], months: [10], because: [] },
    ]);
    expect(planned.status).toBe(200);
    const analysed = await house.call('organizer', 'POST', '/plans/RC-2026/cycles/3/analysis', {
      body: { countermeasures: ['约谈'] },
    });
    expect([analysed.status, analysed.body.code]).toEqual([409, 'plan-not-running']);
    const approved = await house.call('approver', 'POST', '/plans/RC-2026/approval', {
      body: { approved: true },
    });
    expect(approved.status).toBe(201);
    expect(approved.body).toMatchObject({
      state: 'running',
      approvedBy: 'approver',
      problems: [{ code: 'calendar-unpublished', detail: '2027' }],
    });
    await cycleShows(house, 'RC-2026', 2, { state: 'opened', tasks: [] });
    const twice = await house.call('approver', 'POST', '/plans/RC-2026/approval', {
      body: { approved: true },
    });
    expect([twice.status, twice.body.code]).toEqual([409, 'plan-not-draft']);
  });

  it('March begins on its first working day, a Monday; each agency gets one mail with all that it is asked', async () => {
    await house.until('2026-03-02T12:00:00+08:00');
    const march = await cycleShows(house, 'RC-2026', 3, { state: 'opened', counts: { unacknowledged: 3 } });
    expect(march.openedAt).toMatch(/^2026-03-02T09:00/);
    expect(march.due).toBe('2026-03-16T17:00:00+08:00');
    const maqiao = await taskIn(house, 'cycle-03', 'maqiao');
    const { body } = await taskOf(house, maqiao.no);
    expect(body).toMatchObject({ kind: 'review', owner: 'RC-2026', title: '2026年3月行政执法日常监督' });
    expect((body.items as { id: string }[]).map((one) => one.id)).toEqual(['M06', 'B03']);
    expect(body.due.basis).toContain('2026年度行政执法日常监督计划（RC-2026）');
    expect(sentAt(await mailTo(house, addressOf('maqiao')))).toMatch(/^2026-03-02T09:0/);
    const early = await house.call('organizer', 'POST', '/plans/RC-2026/cycles/4/analysis', {
      body: { countermeasures: ['约谈'] },
    });
    expect([early.status, early.body.code]).toEqual([409, 'cycle-not-open']);
    await planShows(house, 'RC-2026', {
      milestones: [{ what: 'inspectionPlans', dueAt: '2026-03-31T17:00:00+08:00', overdue: false }],
    });
  });

  it('What an agency says it does not do is a problem of daily supervision, and is to be put right from the same day', async () => {
    const [maqiao, anjian, qifeng] = [
      await taskIn(house, 'cycle-03', 'maqiao'),
      await taskIn(house, 'cycle-03', 'anjian'),
      await taskIn(house, 'cycle-03', 'qifeng'),
    ];
    for (const one of [maqiao, anjian, qifeng]) await sign(one.link);
    await settle(house, {
      ...anjian,
      fields: {
        'items[M06][result]': 'met',
        'items[B03][result]': 'met',
        'items[B03][note]': '备案回执〔2026〕3号',
      },
    });
    await settle(house, {
      ...qifeng,
      fields: { 'items[B03][result]': 'met', 'items[B03][note]': '备案回执〔2026〕4号' },
    });
    await settle(house, {
      ...maqiao,
      fields: {
        'items[M06][result]': 'notMet',
        'items[M06][note]': '2件决定未经审核',
        'items[B03][result]': 'partly',
        'items[B03][note]': '尚未备案',
      },
    });
    const task = await taskIn(house, 'rectification-03', 'maqiao');
    const { body } = await taskOf(house, task.no);
    expect(body).toMatchObject({ kind: 'rectification', due: { at: '2026-04-01T17:00:00+08:00' } });
    expect((body.items as { text: string }[]).map((one) => one.text).sort()).toEqual(
      ['2件决定未经审核', '尚未备案'].sort(),
    );
    const ledger = await house.call('organizer', 'GET', '/ledger?mode=daily&owner=RC-2026');
    expect(ledger.body.items).toMatchObject([
      {
        agency: 'maqiao',
        state: 'rectifying',
        task: task.no,
        due: '2026-04-01T17:00:00+08:00',
        severity: 'minor',
      },
      {
        agency: 'maqiao',
        state: 'rectifying',
        task: task.no,
        severity: 'ordinary',
        description: '2件决定未经审核',
      },
    ]);
    await sign(task.link);
    await settle(house, task);
    await cycleShows(house, 'RC-2026', 3, { counts: { closed: 4, overdue: 0 }, findings: 2 });
    const after = await house.call('organizer', 'GET', '/ledger?owner=RC-2026&state=writtenOff');
    expect(after.body.items).toMatchObject([
      { writtenOffOn: '2026-03-02', verification: 'accepted', measure: '已办理' },
      { writtenOffOn: '2026-03-02', verification: 'accepted' },
    ]);
  });

  it('The figures of a month and its quarter are computed and kept; the countermeasures are people’s', async () => {
    await house.until('2026-03-30T10:00:00+08:00');
    const body = {
      countermeasures: [
        '约谈马桥镇法制科',
        { text: '组织法制审核培训', state: 'adopted', by: '监督科', due: '2026-04-30' },
      ],
    };
    const { status, body: analysis } = await house.call(
      'organizer',
      'POST',
      '/plans/RC-2026/cycles/3/analysis',
      { body },
    );
    expect(status).toBe(201);
    expect(analysis).toMatchObject({
      n: 3,
      countermeasures: [
        { text: '约谈马桥镇法制科', state: 'proposed' },
        { text: '组织法制审核培训', state: 'adopted' },
      ],
      figures: {
        tasks: { sent: 4, closed: 4, open: 0, overdue: 0, onTime: 4, late: 0, silent: 0 },
        findings: { found: 2, writtenOff: 2, open: 0, overdue: 0 },
        bySeverity: [
          { name: 'minor', n: 1 },
          { name: 'ordinary', n: 1 },
        ],
        quarter: {
          trend: [
            { month: 1, found: 0 },
            { month: 2, found: 0 },
            { month: 3, found: 2, writtenOff: 2 },
          ],
          overdue: [],
        },
      },
    });
    expect(analysis.figures.quarter.topFive).toHaveLength(2);
    const done = await house.call(
      'organizer',
      'POST',
      '/plans/RC-2026/milestones/inspectionPlans/completion',
      { body: { note: '3个单位已备案' } },
    );
    expect(done.body.milestones[0]).toMatchObject({ doneBy: 'organizer', note: '3个单位已备案' });
    const twice = await house.call(
      'organizer',
      'POST',
      '/plans/RC-2026/milestones/inspectionPlans/completion',
      { body: { note: '再次' } },
    );
    expect([twice.status, twice.body.code]).toEqual([409, 'already-decided']);
    expect(
      (
        await house.call('organizer', 'POST', '/plans/RC-2026/milestones/report/completion', {
          body: { note: '早' },
        })
      ).status,
    ).toBe(404);
  });

  it('An amendment in mid-year is approved again, and touches only what has not gone out', async () => {
    await house.until('2026-05-06T10:00:00+08:00');
    const now = (await planShows(house, 'RC-2026', {})).body.items as Record<string, unknown>[];
    const past = await putItems(house, 'RC-2026', [
      ...now,
      { check: 'M03', agencies: ['qifeng'], months: [3, 5, 6], because: [] },
    ]);
    expect(past.body.errors.map((one: { pointer: string }) => one.pointer)).toEqual([
      '/items/3/months/0',
      '/items/3/months/1',
    ]);
    const amended = await putItems(house, 'RC-2026', [
      { ...now[0], agencies: ['maqiao'] },
      now[1],
      { check: 'M03', agencies: ['qifeng'], months: [6], because: [] },
    ]);
    expect(amended.body).toMatchObject({ state: 'running', items: now, amendment: { by: 'organizer' } });
    const approved = await house.call('approver', 'POST', '/plans/RC-2026/approval', {
      body: { approved: true },
    });
    expect(approved.body.amendment).toBeUndefined();
    expect(approved.body.items).toHaveLength(3);
    expect((await cycleShows(house, 'RC-2026', 3, {})).tasks.map((one) => one.agency)).toContain('anjian');
    await house.until('2026-06-01T12:00:00+08:00');
    const june = await cycleShows(house, 'RC-2026', 6, { state: 'opened', counts: { unacknowledged: 2 } });
    expect(june.tasks.map((one) => one.agency).sort()).toEqual(['maqiao', 'qifeng']);
  });

  it('What an agency said of the same item within the year is offered again, and marked so', async () => {
    const maqiao = await taskIn(house, 'cycle-06', 'maqiao');
    const page = await (await fetch(maqiao.link)).text();
    expect(page).toContain('沿用上次');
    expect(page).toContain('2件决定未经审核');
    const qifeng = await taskIn(house, 'cycle-06', 'qifeng');
    expect(await (await fetch(qifeng.link)).text()).not.toContain('沿用上次');
    for (const one of [maqiao, qifeng]) await sign(one.link);
    await settle(house, {
      ...maqiao,
      fields: { 'items[M06][result]': 'notMet', 'items[M06][note]': '仍有1件未经审核' },
    });
    await settle(house, {
      ...qifeng,
      fields: { 'items[M03][result]': 'met', 'items[M03][note]': '抽样比对表见附件' },
    });
    const again = await taskIn(house, 'rectification-06', 'maqiao');
    await sign(again.link);
    await settle(house, again);
  });
});
