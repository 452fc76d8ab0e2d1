import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { expectProblem } from '../support/contract.ts';
import { registerAgencies } from '../support/county.ts';
import { type Shown, minus, registerReviewers } from '../support/file-review.ts';
import { type House, eventually, openHouse } from '../support/house.ts';
import { sentAt, settle } from '../support/people.ts';
import { cycleShows, taskIn } from '../support/plan.ts';

const ADDRESS = 'zuzhi@sifaju.huantai.example';

/** September to November 2026: the autumn review is due on Friday, 30 October, the last working day of its month. */
describe('A job of the year', () => {
  let house: House;
  let team: string[];
  let as: Awaited<ReturnType<typeof registerReviewers>>['as'];
  const ask = (method: string, where: string, body?: unknown) =>
    house.call('organizer', method, where, { body });
  const dailyOf = (day: string) =>
    eventually(async () => {
      const mail = (await house.mails(ADDRESS, '【日报】')).find((one) => sentAt(one).startsWith(day));
      if (!mail) throw new Error(`no mail of ${day}`);
      return mail.text;
    });
  const review = async () =>
    ((await ask('GET', '/plans/RC-2026')).body.milestones as { what: string; review?: string }[]).find(
      (one) => one.what === 'fileReview',
    );

  beforeAll(async () => {
    house = await openHouse({ startsAt: '2026-09-01T09:00:00+08:00' });
    await house.call('administrator', 'PATCH', '/accounts/organizer', { body: { email: ADDRESS } });
    await registerAgencies(house, ['maqiao']);
    ({ team, as } = await registerReviewers(house, 'maqiao'));
    await ask('POST', '/plans', { year: 2026 });
    const approved = await house.call('approver', 'POST', '/plans/RC-2026/approval', {
      body: { approved: true },
    });
    expect(approved.status, JSON.stringify(approved.body)).toBe(201);
    await cycleShows(house, 'RC-2026', 9, { state: 'opened' });
  });
  afterAll(() => house.close());

  it('Is not in the daily mail while its day is far, and is from five working days before it', async () => {
    expect(await review()).toMatchObject({ dueAt: '2026-10-30T17:00:00+08:00', overdue: false });
    await house.until('2026-10-22T10:00:00+08:00');
    expect(await dailyOf('2026-10-22')).not.toContain('案卷评查');
    await house.until('2026-10-23T10:00:00+08:00');
    expect(await dailyOf('2026-10-23')).toMatch(/RC-2026 案卷评查 10月30日.*剩5个工作日/u);
  });

  it('So does a month that nobody has analysed, and a countermeasure until it is done', async () => {
    expect(await dailyOf('2026-10-23')).toMatch(/RC-2026 9月调度分析 9月30日.*超期/u);
    const measure = { text: '约谈马桥镇', state: 'adopted', due: '2026-10-28' };
    const analysed = await ask('POST', '/plans/RC-2026/cycles/9/analysis', { countermeasures: [measure] });
    expect(analysed.status, JSON.stringify(analysed.body)).toBe(201);
    await house.until('2026-10-29T10:00:00+08:00');
    const late = await dailyOf('2026-10-29');
    expect(late).toMatch(/RC-2026 9月对策落实：约谈马桥镇 10月28日.*超期1个工作日/u);
    expect(late).not.toContain('9月调度分析');
    const follow = (n: number, said: unknown, role: 'organizer' | 'auditor' = 'organizer') =>
      house.call(role, 'POST', `/plans/RC-2026/cycles/9/countermeasures/${n}`, { body: said });
    const done = { state: 'done', note: '10月29日约谈' };
    expect((await follow(2, done)).status).toBe(404);
    expect((await follow(1, done, 'auditor')).status).toBe(403);
    const bare = await follow(1, { state: 'dropped', note: ' ' });
    expect(bare.body.errors.map((one: { pointer: string }) => one.pointer)).toEqual(['/state', '/note']);
    const followed = await follow(1, done);
    expect(followed.status, JSON.stringify(followed.body)).toBe(201);
    expect(followed.body).toMatchObject({
      figures: analysed.body.figures,
      countermeasures: [{ text: '约谈马桥镇', ...done }],
    });
    const said = await house.call('administrator', 'GET', '/history/RC-2026');
    expect(said.body.map((one: { what: string }) => one.what)).toContain(
      '9月对策“约谈马桥镇”已落实：10月29日约谈',
    );
  });

  it('Past its day it stays there, and stands among the problems of the day, until it is done', async () => {
    await house.until('2026-11-02T10:00:00+08:00');
    expect(await dailyOf('2026-11-02')).toMatch(/RC-2026 案卷评查 10月30日.*超期1个工作日/u);
    expect(await dailyOf('2026-11-02')).not.toContain('约谈马桥镇');
    expect(await review()).toMatchObject({ overdue: true });
  });

  it('The autumn review is done by the review that ends in its year, and nobody ticks it again', async () => {
    const { body: made } = await ask('POST', '/file-reviews', {
      year: 2026,
      agencies: [{ id: 'maqiao', files: ['马罚〔2026〕3号'] }],
      perAgency: 1,
      supervisors: team.slice(0, 4),
    });
    await ask('POST', `/file-reviews/${made.no}/draw`);
    const { body: drawn } = await ask('GET', `/file-reviews/${made.no}`);
    const [file] = drawn.files as Shown[];
    for (const { name } of file?.reviewers ?? [])
      await as(name, 'POST', `/file-reviews/${made.no}/files/${file?.id}/scores`, {
        marks: [minus('S1', 4)],
        opinion: '',
      });
    expect((await ask('POST', `/file-reviews/${made.no}/preliminary`)).status).toBe(202);
    await house.until('2026-11-17T07:00:00+08:00');
    expect((await review())?.review).toBeUndefined();
    const final = await house.call('approver', 'POST', `/file-reviews/${made.no}/final`);
    expect(final.body).toMatchObject({ state: 'final' });
    expect(await review()).toMatchObject({
      review: made.no,
      doneAt: final.body.finalAt,
      doneBy: 'approver',
      overdue: false,
    });
    const tick = await ask('POST', '/plans/RC-2026/milestones/fileReview/completion', { note: '已完成' });
    expectProblem(tick, 409, 'already-decided');
    const history = await house.call('administrator', 'GET', '/history/RC-2026');
    expect(JSON.stringify(history.body)).toContain(`完成工作节点“案卷评查”：${made.no}`);
    await house.until('2026-11-17T10:00:00+08:00');
    expect(await dailyOf('2026-11-17')).not.toContain('案卷评查');
  });

  it('What the review found is asked to be put right by mail under the plan, and written off when that is accepted', async () => {
    const task = await taskIn(house, 'rectification-11', 'maqiao');
    expect(await (await fetch(task.link)).text()).toContain('S1不规范');
    const states = async () =>
      ((await ask('GET', '/ledger?owner=AJ-2026-001')).body.items as { state: string }[]).map(
        (one) => one.state,
      );
    expect(await states()).toEqual(['rectifying']);
    await settle(house, { link: task.link, no: task.no });
    await eventually(async () => expect(await states()).toEqual(['writtenOff']));
    const file = (await ask('GET', '/file-reviews/AJ-2026-001')).body.files[0] as Shown;
    const looked = await ask('POST', `/file-reviews/AJ-2026-001/files/${file.id}/look-back`, {
      corrected: false,
      note: '抽查新案卷，目录仍不规范',
    });
    expect(looked.status).toBe(201);
    expect(await states()).toEqual(['reopened']);
  });
});
