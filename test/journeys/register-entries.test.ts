import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Script, expectProblem, scriptFor } from '../support/contract.ts';
import { type House, eventually, openHouse } from '../support/house.ts';
import { complainByMail, openForm, postForm, reading } from '../support/complaints.ts';
import { citizenNumber } from '../support/register.ts';

describe('what is registered of an agency', () => {
  let house: House;
  let script: Script;
  const post = (path: string, body: unknown) => script('administrator', 'POST', path, { body });
  const certificate = (no: string, expires = '2028-12-31') => ({ no, issued: '2024-01-01', expires });
  beforeAll(async () => {
    house = await openHouse({ startsAt: '2026-06-01T09:00:00+08:00' });
    script = await scriptFor(house);
    for (const id of ['maqiao', 'jiaotong'])
      await post('/agencies', {
        id,
        name: `${id}单位`,
        kind: 'department',
        unit: { name: '法制科', document: '马政发〔2026〕3号' },
        responsible: { name: '主要负责人', post: '镇长' },
      });
  });
  afterAll(() => house.close());

  it('A unit with fewer than two supervisors who may work, or one who also enforces, is flagged', async () => {
    const unit = async (id = 'maqiao') => (await script('auditor', 'GET', `/agencies/${id}/unit`)).body;
    expect(await unit()).toMatchObject({
      flags: ['supervisors-too-few'],
      supervisors: { registered: 0, fit: 0 },
    });
    const mine = { agency: 'maqiao' };
    await post('/supervisors', {
      name: '甲',
      ...mine,
      certificate: certificate('JD-1'),
      identity: citizenNumber(1),
    });
    await post('/supervisors', { name: '乙', ...mine, certificate: certificate('JD-2', '2026-05-31') });
    expect(await unit()).toMatchObject({
      flags: ['supervisors-too-few'],
      supervisors: { registered: 2, fit: 1 },
    });
    await post('/supervisors', { name: '丙', ...mine, certificate: certificate('JD-3') });
    expect(await unit()).toMatchObject({ flags: [], supervisors: { registered: 3, fit: 2 } });
    await post('/officers', {
      name: '甲',
      ...mine,
      certificate: certificate('ZF-1'),
      identity: citizenNumber(2),
    });
    expect((await unit()).flags, 'a namesake with another identity is somebody else').toEqual([]);
    await post('/officers', {
      name: '甲改名',
      ...mine,
      certificate: certificate('ZF-2'),
      identity: citizenNumber(1),
    });
    await post('/officers', { name: '丙', agency: 'jiaotong', certificate: certificate('ZF-3') });
    expect(await unit()).toMatchObject({ flags: ['not-separate'], both: ['甲'], officers: 2 });
    await script('administrator', 'PATCH', '/agencies/jiaotong', { body: { unit: null, responsible: null } });
    expect((await unit('jiaotong')).flags).toEqual([
      'unit-missing',
      'responsible-missing',
      'supervisors-too-few',
    ]);
    const flagged = async (flag: string) =>
      (await script('auditor', 'GET', `/units?flag=${flag}`)).body.items.map(
        (one: { agency: string }) => one.agency,
      );
    expect(await flagged('not-separate')).toEqual(['maqiao']);
    expect(await flagged('unit-missing')).toEqual(['jiaotong']);
    expect(await flagged('any')).toEqual(['jiaotong', 'maqiao']);
  });

  it('Delegations, items with who answers for them, means, reviews and trainings are kept and say what is wrong with them', async () => {
    const officer = (await house.store.officers.findOne({ name: '甲改名' }).lean())?._id;
    const entrusted = await post('/entrustments', {
      agency: 'maqiao',
      to: '综合行政执法队',
      scope: '市容',
      legalBasis: '《行政处罚法》第二十条',
      from: '2025-01-01',
      until: '2026-05-31',
    });
    expect(entrusted).toMatchObject({
      status: 201,
      body: { flags: ['entrustment-over', 'entrustment-unpublished'] },
    });
    const item = {
      agency: 'maqiao',
      name: '占道经营',
      type: 'penalty',
      legalBasis: '《城市市容和环境卫生管理条例》',
      post: '城管执法岗',
    };
    expect((await post('/enforcement-items', item)).body.flags).toEqual(['officer-missing']);
    const kept = await post('/enforcement-items', { ...item, officer });
    expect(kept.body).toMatchObject({ flags: [], officerName: '甲改名' });
    expectProblem(
      await post('/enforcement-items', { ...item, officer: 'nobody' }),
      422,
      'subject-unknown',
      '/officer',
    );
    await script('administrator', 'PATCH', `/officers/${officer}`, { body: { leftOn: '2026-05-01' } });
    expect((await script('auditor', 'GET', `/enforcement-items/${kept.body.id}`)).body.flags).toEqual([
      'officer-unfit',
    ]);
    expect(
      (
        await post('/supports', {
          agency: 'maqiao',
          year: 2026,
          authorised: 3,
          actual: 2,
          yuan: 50_000,
          premises: '一间',
        })
      ).body.flags,
    ).toEqual(['staff-missing']);
    const review = {
      agency: 'maqiao',
      on: '2026-03-01',
      leader: '镇长',
      problem: '案卷质量',
      decision: '整改',
      due: '2026-04-01',
    };
    const taken = await post('/leader-reviews', review);
    expect(taken.body.flags).toEqual(['decision-overdue']);
    const put = { body: { ...review, settledOn: '2026-04-20' }, headers: { 'If-Match': '"v1"' } };
    expect((await script('organizer', 'PUT', `/leader-reviews/${taken.body.id}`, put)).body).toMatchObject({
      flags: [],
      version: 2,
    });
    expectProblem(
      await script('organizer', 'PUT', `/leader-reviews/${taken.body.id}`, put),
      412,
      'stale-version',
    );
    expectProblem(
      await post('/leader-reviews', { ...review, due: '2026-02-01' }),
      422,
      'dates-reversed',
      '/due',
    );
    const ended = await script('organizer', 'POST', `/entrustments/${entrusted.body.id}/end`, {
      body: { on: '2026-06-01' },
    });
    expect(ended.body).toMatchObject({ endedOn: '2026-06-01', flags: [] });
    expect((await script('auditor', 'GET', '/entrustments?agency=maqiao')).body).toMatchObject({ total: 1 });
    const people = (await house.store.supervisors.find({ agency: 'maqiao' }, { _id: 1 }).lean()).map(
      (one) => one._id,
    );
    const training = {
      on: '2026-05-10',
      subject: '行政执法监督条例',
      hours: 16,
      register: 'supervisors',
      people,
    };
    expect((await post('/trainings', training)).status).toBe(201);
    expect((await post('/trainings', { ...training, hours: 8 })).status).toBe(201);
    expect((await script('auditor', 'GET', `/supervisors/${people[0]}`)).body.trainingThisYear).toMatchObject(
      { hours: 24, short: true },
    );
    expectProblem(
      await post('/trainings', { ...training, people: ['nobody'] }),
      422,
      'subject-unknown',
      '/people/0',
    );
    expect((await script('auditor', 'POST', '/trainings', { body: training })).status).toBe(403);
  });

  it('A social supervisor hands in clues by a registered address or a code, which is shown once, and stays sealed', async () => {
    const body = {
      name: '王监督',
      employer: '县工商联',
      email: 'Wang@qiye.example',
      duties: '了解执法情况，反映问题',
      from: '2026-01-01',
      until: '2027-12-31',
    };
    const made = await post('/social-supervisors', body);
    expect(made).toMatchObject({ status: 201, body: { state: 'serving', clues: 0 } });
    const at = `/social-supervisors/${made.body.id}`;
    expect((await script('auditor', 'GET', at)).body).not.toHaveProperty('code');
    expectProblem(
      await post('/social-supervisors', { ...body, name: '另一人' }),
      422,
      'email-taken',
      '/email',
    );
    expectProblem(
      await post('/social-supervisors', { ...body, email: undefined, until: '2025-01-01' }),
      422,
      'dates-reversed',
      '/until',
    );
    let address = 1;
    const hand = async (supervisorCode: string, summary: string) => {
      const { opened } = await openForm(house);
      await reading();
      address += 1;
      const fields = { summary, supervisorCode, confidential: 'yes', opened, website: '' };
      const { status, body: text } = await postForm(house, fields, { from: `127.0.0.${address}` });
      return { status, body: JSON.parse(text) as { no: string } };
    };
    const handed = await hand(made.body.code as string, '某队重复检查企业');
    expect(handed.status).toBe(201);
    const clue = await script('organizer', 'GET', `/clues/${handed.body.no}`);
    expect(clue.body).toMatchObject({ channel: 'socialSupervisor' });
    expect(JSON.stringify(clue.body)).not.toContain('王监督');
    expect((await hand('aaaa bbbb cccc dddd eeee ffff gg', '冒用的码')).status).toBe(422);
    await complainByMail(house, { from: 'wang@qiye.example', subject: '反映情况', text: '检查过于频繁' });
    await eventually(async () =>
      expect(await house.store.clues.countDocuments({ channel: 'socialSupervisor', door: 'mail' })).toBe(1),
    );
    const renewed = await post(`${at}/code`, {});
    expect((await hand(made.body.code as string, '旧码')).status).toBe(422);
    expect(renewed.body.code).not.toBe(made.body.code);
    await script('organizer', 'PATCH', at, { body: { endedOn: '2026-06-01' } });
    expect((await hand(renewed.body.code as string, '解聘以后')).status).toBe(422);
    await eventually(async () =>
      expect((await script('auditor', 'GET', at)).body).toMatchObject({
        state: 'ended',
        clues: 2,
        lastClueOn: '2026-06-01',
      }),
    );
  });
});
