import { spawnSync } from 'node:child_process';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { registerAgencies } from '../support/county.ts';
import { keepHistory } from '../support/histories.ts';
import { type Answered, type House, eventually, openHouse } from '../support/house.ts';
import { addressOf, expectNoFailure, post, sign, taskShows } from '../support/people.ts';
import { carryOut, cycleShows, lastYears, putItems, taskIn } from '../support/plan.ts';

interface Point {
  readonly rule: string;
  readonly value: number | null;
  readonly events: readonly { readonly id: string; readonly what: string }[];
}
interface Shown {
  readonly agency: string;
  readonly rank?: number | null;
  readonly points: readonly Point[];
}

const statusesOf = (answers: readonly Answered[]): number[] =>
  answers.map((one) => one.status).toSorted((a, b) => a - b);

const script = path.join(import.meta.dirname, '..', '..', 'scripts', 'verify-appraisal.mjs');
const counted = (body: unknown) =>
  spawnSync(process.execPath, [script], { input: JSON.stringify(body), encoding: 'utf8' });

describe('The appraisal of a year', () => {
  let house: House;
  const appraisal = (): Promise<Answered> => house.call('auditor', 'GET', '/appraisals/2026');
  const pointsOf = async (agency: string): Promise<Record<string, number | null>> => {
    const item = ((await appraisal()).body.items as Shown[]).find((one) => one.agency === agency);
    return Object.fromEntries((item?.points ?? []).map(({ rule, value }) => [rule, value]));
  };

  beforeAll(async () => {
    house = await openHouse({ startsAt: '2026-10-30T09:00:00+08:00' });
    await registerAgencies(house, ['maqiao', 'qifeng', 'tangshan']);
    await house.store.findings.insertMany([
      lastYears(3, {
        _id: 'ZX-2026-001-J001-01',
        source: 'inspection',
        foundOn: '2026-05-20',
        state: 'writtenOff',
        writtenOffAt: '2026-06-01',
        late: true,
      }),
      lastYears(4, {
        _id: 'ZX-2026-001-J001-02',
        source: 'inspection',
        foundOn: '2026-07-20',
        severity: 'minor',
        repeats: ['ZX-2026-001-J001-01'],
        state: 'writtenOff',
        writtenOffAt: '2026-08-01',
      }),
    ]);
    await house.call('organizer', 'POST', '/plans', { body: { year: 2026 } });
    await putItems(house, 'RC-2026', [
      { check: 'M03', agencies: ['maqiao', 'qifeng', 'tangshan'], months: [11, 12], because: [] },
    ]);
    await house.call('approver', 'POST', '/plans/RC-2026/approval', { body: {} });
    await house.until('2026-11-02T12:00:00+08:00');
    await cycleShows(house, 'RC-2026', 11, { state: 'opened' });
  });
  afterAll(async () => {
    await expectNoFailure(house);
    await house.close();
  });

  it('Points come from what happened: on time, late, said by itself, found by others, found again', async () => {
    await carryOut(house, await taskIn(house, 'cycle-11', 'qifeng'), {
      'items[M03][result]': 'notMet',
      'items[M03][note]': '2件未录入',
    });
    // Others are still silent: what was found is asked for at the next day's look.
    await house.until('2026-11-03T13:00:00+08:00');
    await carryOut(house, await taskIn(house, 'rectification-11', 'qifeng'));
    await house.until('2026-11-18T10:00:00+08:00');
    await carryOut(house, await taskIn(house, 'cycle-11', 'maqiao'), {
      'items[M03][result]': 'met',
      'items[M03][note]': '比对表',
    });
    const { status, body } = await appraisal();
    expect(status).toBe(200);
    expect(body).toMatchObject({ year: 2026, state: 'computed', ranking: false });
    // Two problems, 2 + 1×2 of weight, at one look: more than all density. One late, one in time; late answer.
    expect(await pointsOf('maqiao')).toEqual({
      problemDensity: 0,
      rectification: 22.5,
      selfDisclosure: 0,
      fileQuality: null,
      timeliness: 5,
    });
    expect(await pointsOf('qifeng')).toEqual({
      problemDensity: 30,
      rectification: 30,
      selfDisclosure: 15,
      fileQuality: null,
      timeliness: 10,
    });
    expect(await pointsOf('tangshan')).toEqual({
      problemDensity: null,
      rectification: null,
      selfDisclosure: null,
      fileQuality: null,
      timeliness: 0,
    });
    for (const one of body.items as Shown[]) {
      expect(one).not.toHaveProperty('rank');
      for (const point of one.points)
        if (point.value !== null) expect(point.events.length).toBeGreaterThan(0);
    }
  });

  it('Whoever has the published figures counts them again, and a figure that was touched is found', async () => {
    const { body } = await appraisal();
    const good = counted(body);
    expect([good.status, good.stdout]).toEqual([0, '2026: 3 agencies, every figure agrees 全部一致。\n']);
    const touched = structuredClone(body);
    touched.items[0].points[1].value += 1;
    expect(counted(touched).status).toBe(1);
  });

  it('The preliminary result goes to each agency by mail, with its own points and a term to object', async () => {
    const refused = await house.call('auditor', 'POST', '/appraisals/2026', { body: {} });
    expect(refused.status).toBe(403);
    const bad = await house.call('organizer', 'POST', '/appraisals/2026', {
      body: { term: { workdays: 0 } },
    });
    expect([bad.status, bad.body.errors[0].pointer]).toEqual([422, '/term/workdays']);
    const { status, body } = await house.call('organizer', 'POST', '/appraisals/2026', {
      body: { term: { workdays: 5 } },
    });
    expect(status).toBe(201);
    expect(body).toMatchObject({
      state: 'preliminary',
      objectUntil: '2026-11-25T17:00:00+08:00',
      objections: [],
    });
    const again = await house.call('organizer', 'POST', '/appraisals/2026', { body: {} });
    expect([again.status, again.body.code]).toEqual([409, 'already-decided']);
    const { no, link } = await taskIn(house, 'appraisal', 'maqiao');
    const page = await (await fetch(link)).text();
    expect(page).toContain('按期整改：22.5分（满分30分）');
    expect(page).toContain('提出异议');
    expect(page).not.toContain('qifeng');
    await sign(link);
    const objected = await post(link, 'objections', { text: '第1号问题已按期整改，回执见附件' });
    expect(objected.status).toBe(201);
    await taskShows(house, no, { handedOver: true });
    await keepHistory(house, 'plan/RC-2026', 'plan-appraisal');
  });

  it('It becomes final by the approver after the term, and not before every objection is answered', async () => {
    const final = () => house.call('approver', 'POST', '/appraisals/2026/final', { body: {} });
    expect((await final()).body.code).toBe('term-running');
    await house.until('2026-11-26T10:00:00+08:00');
    for (const agency of ['qifeng', 'tangshan'])
      await eventually(async () =>
        expect((await house.store.tasks.findOne({ phase: 'appraisal', agency }))?.state).toBe('withdrawn'),
      );
    expect(await house.mails(addressOf('tangshan'), '【催办')).not.toEqual(
      expect.arrayContaining([expect.objectContaining({ text: expect.stringContaining('评议考核') })]),
    );
    expect((await final()).body.code).toBe('objection-open');
    const [objection] = (await appraisal()).body.objections as {
      id: string;
      agency: string;
      reason: string;
    }[];
    expect(objection).toMatchObject({ agency: 'maqiao', reason: '第1号问题已按期整改，回执见附件' });
    const answered = await house.call(
      'organizer',
      'POST',
      `/appraisals/2026/objections/${objection?.id}/answer`,
      {
        body: { accepted: true, reason: '经核实采纳', strike: ['ZX-2026-001-J001-01'] },
      },
    );
    expect(answered.status).toBe(201);
    expect(await pointsOf('maqiao')).toMatchObject({ problemDensity: 0, rectification: 30 });
    const twice = await house.call(
      'organizer',
      'POST',
      `/appraisals/2026/objections/${objection?.id}/answer`,
      { body: { accepted: false, reason: '再次' } },
    );
    expect([twice.status, twice.body.code]).toEqual([409, 'already-decided']);
    const told = await eventually(async () => {
      const [mail] = await house.mails(addressOf('maqiao'), '【中止】');
      if (!mail) throw new Error('no answer to the objection');
      return mail;
    });
    expect(told.text).toContain('异议答复：经核实采纳');
    const { link } = await taskIn(house, 'appraisal', 'maqiao');
    const { appraisals, submissions } = house.store;
    const object = (text: string) => post(link, 'objections', { text });
    const come = appraisals.updateOne.bind(appraisals);
    // At the same moment: the approver has looked, and before the result is written an objection is stored.
    const race = vi.spyOn(appraisals, 'updateOne').mockImplementationOnce((async (
      ...given: Parameters<typeof come>
    ) => {
      race.mockRestore();
      expect((await object('同时提出的异议')).status).toBe(201);
      return come(...given);
    }) as never);
    const overtaken = await final();
    expect([overtaken.status, overtaken.body.code, overtaken.body.detail]).toEqual([
      409,
      'objection-open',
      '刚刚收到一件异议，答复后再确定结果',
    ]);
    expect((await appraisal()).body).toMatchObject({ state: 'preliminary' });
    const [, second] = (await appraisal()).body.objections as { id: string }[];
    const reply = { body: { accepted: false, reason: '证据不足' } };
    const both = await Promise.all(
      [1, 2].map(() =>
        house.call('organizer', 'POST', `/appraisals/2026/objections/${second?.id}/answer`, reply),
      ),
    );
    expect(statusesOf(both), 'of two answers at once one stands').toEqual([201, 409]);
    const finals = await Promise.all([final(), final()]);
    expect(statusesOf(finals), 'made final once').toEqual([201, 409]);
    expect((await appraisal()).body).toMatchObject({ state: 'final', finalBy: 'approver' });
    expect((await final()).body.code).toBe('already-decided');
    // The result came first: the objection is kept, and its sender is told that it changes nothing.
    const late = await object('定稿之后的异议');
    expect([late.status, late.body]).toMatchObject([
      409,
      { code: 'appraisal-final', title: expect.stringContaining('异议已留存') },
    ]);
    expect((await object('定稿之后的异议')).status, 'sent again, told again').toBe(409);
    expect(await submissions.findOne({ text: '定稿之后的异议' }).lean()).toMatchObject({ late: true });
    expect((await appraisal()).body.objections).toContainEqual(
      expect.objectContaining({ reason: '定稿之后的异议', afterFinal: true }),
    );
    expect(counted((await appraisal()).body).status).toBe(0);
  });

  it('Agencies are ranked only where the office has switched it on', async () => {
    expect((await house.call('organizer', 'PUT', '/appraisals/ranking', { body: { on: true } })).status).toBe(
      403,
    );
    await house.call('administrator', 'PUT', '/appraisals/ranking', { body: { on: true } });
    const items = (await appraisal()).body.items as Shown[];
    expect(items.map((one) => [one.agency, one.rank])).toEqual([
      ['qifeng', 1],
      ['maqiao', 2],
      ['tangshan', 3],
    ]);
    await house.call('administrator', 'PUT', '/appraisals/ranking', { body: { on: false } });
    expect((await appraisal()).body.items[0]).not.toHaveProperty('rank');
    expect((await house.call('auditor', 'GET', '/appraisals/abc')).status).toBe(404);
  });
});
