import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { launch, registerAgencies } from '../support/county.ts';
import { holdCall } from '../support/held.ts';
import { keepHistory } from '../support/histories.ts';
import { type House, eventually, openHouse } from '../support/house.ts';
import {
  addressOf,
  campaignShows,
  daysOf,
  expectNoFailure,
  inspect,
  mailTo,
  numberOf,
  pageOf,
  post,
  registerSupervisors,
  review,
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

/** What the State Council would publish: invented days, since the notice of 2027 is not in the repository. */
const YEAR_2027 = {
  year: 2027,
  off: ['2027-01-01', '2027-01-02', '2027-01-03', '2027-02-05', '2027-02-06', '2027-02-07', '2027-02-08'],
  work: ['2027-01-30'],
  source: '测试用，非正式通知',
  version: '测试〔2026〕1号',
};

describe('What a person orders of a whole campaign', () => {
  let house: House;
  const order = (no: string, what: string, body?: Record<string, unknown>) =>
    house.call('organizer', 'POST', `/campaigns/${no}/${what}`, body === undefined ? {} : { body });
  const begin = async (agencies: string[], over: Record<string, unknown> = {}, recall = 0) => {
    await registerAgencies(house, agencies);
    return launch(house, { agencies: { ids: agencies }, phases: PHASES, ...over }, recall);
  };
  beforeAll(async () => {
    house = await openHouse({ startsAt: '2026-11-02T09:00:00+08:00' });
  });
  afterAll(async () => {
    await expectNoFailure(house);
    await house.close();
  });

  it('Recalled within the window, it was never there: no mail at all', async () => {
    const no = await begin(['recalled'], {}, 60);
    await campaignShows(house, no, { state: 'launching', counts: { pending: 1 } });
    expect((await order(no, 'recall')).status).toBe(202);
    await campaignShows(house, no, { state: 'recalled', counts: { withdrawn: 1 } });
    await house.pass(3);
    expect(await house.mails(addressOf('recalled'))).toEqual([]);
    await keepHistory(house, `campaign/${no}`, 'campaign-recalled');
  });

  it('After the window a recall is refused, and says what is possible', async () => {
    const no = await begin(['overdone']);
    await campaignShows(house, no, { state: 'running' });
    const refused = await order(no, 'recall');
    expect(refused).toMatchObject({ status: 409, body: { code: 'recall-over' } });
    expect(refused.body.detail).toContain('cancel');
  });

  describe('Pause', () => {
    let no: string;
    let supervisors: string[];
    beforeAll(async () => {
      supervisors = await registerSupervisors(house, 2);
      no = await begin(['paused', 'replying']);
      for (const agency of ['paused', 'replying']) await sign(await pageOf(house, addressOf(agency)));
      await house.settled();
    });

    it('While it is paused nothing is mailed, and answers count', async () => {
      const before = async () => [
        ...(await daysOf(house, addressOf('paused'), '')),
        ...(await daysOf(house, addressOf('replying'), '')),
      ];
      const sent = await before();
      expect((await order(no, 'pause')).body.state).toBe('paused');
      await house.pass(11);
      const answered = await post(await pageOf(house, addressOf('replying')), 'answers', {
        text: '暂停期间的反馈',
      });
      expect(answered.status).toBe(201);
      await taskShows(house, await numberOf(house, no, 'replying'), { state: 'inReview' });
      expect(await before()).toEqual(sent);
      await keepHistory(house, `campaign/${no}`, 'campaign-paused');
    });

    it('A finding that is recorded meanwhile is not mailed either', async () => {
      const found = await inspect(house, no, { agency: 'paused', inspectors: supervisors, on: '2026-11-10' });
      await house.settled();
      expect(await house.mails(addressOf('paused'), found)).toEqual([]);
      await taskShows(house, found, { state: 'pending' });
    });

    it('Resumed, it sends what waits once, and none of the old reminders', async () => {
      expect((await order(no, 'resume')).body.state).toBe('running');
      await mailTo(house, addressOf('replying'), '【已收到】');
      await mailTo(house, addressOf('paused'), '【请办理】', 2);
      await house.settled();
      expect(await daysOf(house, addressOf('paused'), '【提醒】')).toEqual([]);
      expect(await house.mails(addressOf('paused'))).toHaveLength(2);
      await house.pass(7);
      const later = await house.mails(addressOf('paused'));
      expect(later.length).toBeGreaterThan(2);
      expect(later.length).toBeLessThan(7);
      await keepHistory(house, `tasks/${no}/selfInspection/1`, 'tasks-resumed');
    });

    it('Cancelled out of a pause, it still tells everybody that they need not answer', async () => {
      await order(no, 'pause');
      await order(no, 'cancel', { reason: '上级统一部署，不再单独开展' });
      await campaignShows(house, no, { state: 'cancelled', reason: '上级统一部署，不再单独开展' });
      for (const agency of ['paused', 'replying'])
        expect((await mailTo(house, addressOf(agency), '【中止】')).text).toContain('上级统一部署');
      await house.pass(1);
      const { body } = await house.call('organizer', 'GET', `/tasks?owner=${no}`);
      expect(new Set((body.items as { state: string }[]).map((one) => one.state))).toEqual(
        new Set(['withdrawn']),
      );
      await keepHistory(house, `campaign/${no}`, 'campaign-cancelled');
      await keepHistory(house, `tasks/${no}/selfInspection/1`, 'tasks-withdrawn');
      expect((await order(no, 'resume')).status).toBe(409);
    });
  });

  it('Cancelled while it goes out, nobody is left with a task, and whoever was asked is told', async () => {
    const agencies = Array.from({ length: 120 }, (_, n) => `outgoing-${n + 1}`);
    const no = await begin(agencies);
    await eventually(async () => {
      expect(await house.store.messages.countDocuments({ owner: no, state: 'sent' })).toBeGreaterThan(3);
    });
    expect((await order(no, 'cancel', { reason: '上级统一部署，不再单独开展' })).status).toBe(202);
    await eventually(async () => {
      const tasks = await house.store.tasks.find({ owner: no }, { state: 1 }).lean();
      expect(tasks).toHaveLength(agencies.length);
      expect(tasks.filter((task) => task.state !== 'withdrawn')).toEqual([]);
    });
    await eventually(async () => {
      const mails = await house.store.messages.find({ owner: no, state: 'sent' }, { raw: 0 }).lean();
      const to = (kind: string) =>
        new Set(mails.filter((mail) => mail.kind === kind).map((mail) => mail.subject));
      const asked = to('task');
      expect(asked.size).toBeGreaterThan(3);
      expect([...asked].filter((task) => !to('withdrawn').has(task))).toEqual([]);
    });
    await house.settled();
    const groups = await house.store.tasks.distinct('group', { owner: no });
    for (const group of groups)
      await eventually(async () => {
        const { status } = await house.env.client.workflow.getHandle(group).describe();
        expect(status.name).toBe('COMPLETED');
      });
  });

  it('Ordered while the tasks are still being written, it waits for the last of them', async () => {
    const agencies = Array.from({ length: 110 }, (_, n) => `written-${n + 1}`);
    await registerAgencies(house, [...agencies, 'meanwhile']);
    const held = holdCall(house.store.tasks.collection, 'insertMany', 2);
    const no = await launch(house, { agencies: { ids: agencies }, phases: PHASES });
    await mailTo(house, addressOf('written-1'), '【请办理】');
    expect(held.calls).toHaveLength(2);
    expect(await house.store.tasks.countDocuments({ owner: no })).toBe(100);
    const orders = Promise.all([
      order(no, 'agencies', { agency: 'meanwhile' }),
      order(no, 'extensions', { workdays: 3, reason: '推迟' }),
    ]);
    const campaign = house.env.client.workflow.getHandle(`campaign/${no}`);
    await eventually(async () => {
      const { events } = await campaign.fetchHistory();
      const taken = events?.filter((one) => one.workflowExecutionUpdateAcceptedEventAttributes);
      expect(taken).toHaveLength(2);
    });
    held.open();
    expect((await orders).map((one) => one.status)).toEqual([202, 202]);
    held.restore();
    await eventually(async () => {
      const tasks = await house.store.tasks.find({ owner: no }, { agency: 1, round: 1, machine: 1 }).lean();
      expect(tasks.map((task) => task.agency).sort()).toEqual([...agencies, 'meanwhile'].sort());
      const moved = tasks.filter(
        (task) => agencies.includes(task.agency) && task.machine.deadline !== task._id,
      );
      expect(moved).toHaveLength(agencies.length);
    });
    await order(no, 'cancel', { reason: '测试结束' });
  });

  it('A late agency gets a group and dates of its own, its mail says so, and the phase waits for it', async () => {
    const no = await begin(['early']);
    await registerAgencies(house, ['latecomer']);
    const { body } = await taskOf(house, await numberOf(house, no, 'early'));
    await house.pass(4);
    expect((await order(no, 'agencies', { agency: 'latecomer' })).status).toBe(202);
    const mail = await mailTo(house, addressOf('latecomer'), '【请办理】');
    expect(mail.text).toContain('后续列入');
    const late = await taskOf(house, await numberOf(house, no, 'latecomer'));
    expect(late.body.due.at > body.due.at).toBe(true);
    expect(late.body.phase).toBe('selfInspection');
    await campaignShows(house, no, { accepted: 2 });
    const groups = await house.store.tasks.distinct('group', { owner: no });
    expect(groups).toHaveLength(2);
    await order(no, 'agencies', { agency: 'early' });
    expect((await house.call('organizer', 'GET', `/tasks?owner=${no}`)).body.total).toBe(2);
    await keepHistory(house, `campaign/${no}`, 'campaign-lateAgency');
    await keepHistory(house, `tasks/${no}/selfInspection/2`, 'tasks-added');
    await order(no, 'cancel', { reason: '测试结束' });
  });

  it('Extended for all, every date moves, every agency is told, and the phase ends later too', async () => {
    await house.until('2026-11-30T09:00:00+08:00');
    const no = await begin(['moved'], { phases: { ...PHASES, selfInspection: { workdays: 2 } } });
    const task = await numberOf(house, no, 'moved');
    await mailTo(house, addressOf('moved'));
    expect((await taskOf(house, task)).body.due.at).toBe('2026-12-02T17:00:00+08:00');
    expect((await order(no, 'extensions', { workdays: 2, reason: '系统升级' })).status).toBe(202);
    const mail = await mailTo(house, addressOf('moved'), '【期限调整】');
    expect(mail.text).toContain('系统升级');
    expect((await taskOf(house, task)).body.due.at).toBe('2026-12-04T17:00:00+08:00');
    const refused = await order(no, 'extensions', { workdays: 200, reason: '太长' });
    expect(refused).toMatchObject({ status: 422, body: { code: 'calendar-unpublished' } });
    expect((await taskOf(house, task)).body.due.at).toBe('2026-12-04T17:00:00+08:00');
    await house.until('2026-12-15T16:00:00+08:00');
    await campaignShows(house, no, { phase: 'selfInspection' });
    await house.until('2026-12-15T18:00:00+08:00');
    await campaignShows(house, no, { phase: 'jointInspection' });
  });

  it('Closed early, a phase asks nothing more of the silent, and what was answered is still reviewed', async () => {
    const no = await begin(['silent', 'prompt']);
    await post(await pageOf(house, addressOf('prompt')), 'answers', { text: '已自查' });
    const answered = await numberOf(house, no, 'prompt');
    await taskShows(house, answered, { state: 'inReview' });
    const closed = await order(no, 'phases/selfInspection/close');
    expect(closed.body.phase).toBe('jointInspection');
    await taskShows(house, await numberOf(house, no, 'silent'), { state: 'withdrawn' });
    await mailTo(house, addressOf('silent'), '【中止】');
    expect((await order(no, 'phases/selfInspection/close')).body.code).toBe('phase-not-open');
    expect((await review(house, answered, { verdict: 'accept' })).body.state).toBe('closed');
  });

  describe('A year whose calendar is not published', () => {
    let no: string;
    beforeAll(async () => {
      const left = Date.parse('2026-12-21T09:00:00+08:00') - (await house.now());
      if (left > 0) await house.until('2026-12-21T09:00:00+08:00');
      no = await begin(['waiting', 'bydays'], {
        phases: { ...PHASES, selfInspection: { workdays: 3 }, jointInspection: { workdays: 15 } },
      });
    });

    it('holds the phase up that needs it, visibly, and nothing else', async () => {
      await campaignShows(house, no, { state: 'running' });
      expect((await order(no, 'phases/selfInspection/close')).status).toBe(202);
      await house.pass(3);
      const { body } = await campaignShows(house, no, { state: 'running', phase: 'jointInspection' });
      expect(body.phases.jointInspection).toBeUndefined();
      await keepHistory(house, `campaign/${no}`, 'campaign-calendarUnpublished');
    });

    it('A date by calendar days is given provisionally, and the import lists it before and after', async () => {
      const other = await begin(['provisional'], { phases: { ...PHASES, selfInspection: { days: 8 } } });
      const task = await numberOf(house, other, 'provisional');
      const { body } = await taskOf(house, task);
      expect(body.due).toMatchObject({ at: '2027-01-01T17:00:00+08:00', provisional: true });
      const tried = await house.call('administrator', 'POST', '/calendars?dryRun=true', { body: YEAR_2027 });
      expect(tried.body.moves).toEqual([
        {
          task,
          agency: 'provisional',
          before: '2027-01-01T17:00:00+08:00',
          after: '2027-01-04T17:00:00+08:00',
          days: 3,
        },
      ]);
      expect((await taskOf(house, task)).body.due.at).toBe('2027-01-01T17:00:00+08:00');
    });

    it('Imported, it lets the campaign go on within a day', async () => {
      const imported = await house.call('administrator', 'POST', '/calendars', { body: YEAR_2027 });
      expect(imported.body.moves).toHaveLength(1);
      await house.pass(1.1);
      const { body } = await campaignShows(house, no, { phase: 'jointInspection' });
      expect(body.phases.jointInspection.dueAt).toMatch(/^2027-01-\d\dT17:00/);
    });
  });
});
