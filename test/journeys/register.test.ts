import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Script, expectProblem, scriptFor } from '../support/contract.ts';
import { type House, openHouse } from '../support/house.ts';
import { citizenNumber, plantAgencies } from '../support/register.ts';

const AGENCIES = 49;
const certificate = { no: 'ZF-1', issued: '2024-01-01', expires: '2028-12-31' };

describe('the register of people', () => {
  let house: House;
  let script: Script;
  const post = (noun: string, body: unknown) => script('administrator', 'POST', `/${noun}`, { body });
  beforeAll(async () => {
    house = await openHouse({ startsAt: '2026-06-01T09:00:00+08:00' });
    script = await scriptFor(house);
    await plantAgencies(house, AGENCIES);
  });
  afterAll(() => house.close());

  it('A person stands there with kind of certificate, post, training, exams, and an identity nobody can read off', async () => {
    const number = citizenNumber(1_000_001);
    const body = {
      name: '执法员甲',
      agency: 'jiguan-1',
      post: '一线执法岗',
      certificate: { ...certificate, kind: 'ministerial' },
      identity: number.toLowerCase(),
      training: [{ year: 2026, hours: 24.5 }],
      exams: [{ on: '2026-03-01', subject: '行政执法资格考试', passed: true, score: 91 }],
    };
    const made = await post('officers', body);
    expect(made.status).toBe(201);
    expect(made.body).toMatchObject({
      post: '一线执法岗',
      certificate: { kind: 'ministerial' },
      identity: `${number.slice(0, 3)}***********${number.slice(-4)}`,
      status: { state: 'valid' },
      trainingThisYear: { year: 2026, hours: 24.5, required: 60, short: true },
      exams: body.exams,
    });
    const stored = JSON.stringify(await house.store.officers.findById(made.body.id).lean());
    expect(stored).not.toContain(number);
    expect(JSON.stringify(made.body)).not.toContain(number.slice(6, 14));
    const kind = { certificate: { ...certificate, no: 'ZF-k', kind: 'supervision' } };
    expectProblem(await post('officers', { name: '乙', ...kind }), 422, undefined, '/certificate/kind');
    for (const [over, code, pointer] of [
      [{ certificate }, 'certificate-invalid', '/certificate/no'],
      [{ certificate: { ...certificate, no: 'ZF-2' }, identity: number }, 'identity-taken', '/identity'],
      [
        { certificate: { ...certificate, no: 'ZF-3' }, identity: '370321199002301234' },
        'identity-invalid',
        '/identity',
      ],
      [
        { certificate: { ...certificate, no: 'ZF-4', expires: '2023-01-01' } },
        'certificate-dates',
        '/certificate/expires',
      ],
    ] as const)
      expectProblem(await post('officers', { name: '执法员甲', ...over }), 422, code, pointer);
    expect((await script('auditor', 'GET', '/officers')).body.total).toBe(1);
  });

  it('A change names what it changes, is refused where somebody was faster, and stands in the history', async () => {
    const { body: one } = await post('officers', {
      name: '执法员乙',
      certificate: { ...certificate, no: 'ZF-5' },
    });
    const at = `/officers/${one.id}`;
    const patch = (body: unknown, headers = {}) => script('administrator', 'PATCH', at, { body, headers });
    const changed = await patch({ post: '内勤', leftOn: '2026-05-31' }, { 'If-Match': '"v1"' });
    expect(changed.body).toMatchObject({
      name: '执法员乙',
      post: '内勤',
      status: { state: 'left', from: '2026-05-31' },
      version: 2,
    });
    expectProblem(await patch({ post: '外勤' }, { 'If-Match': '"v1"' }), 412, 'stale-version');
    expect((await patch({ leftOn: null })).body.status).toEqual({ state: 'valid' });
    expectProblem(await patch({}), 422, 'empty');
    expectProblem(await patch({ agency: 'nobody' }), 422, 'agency-unknown', '/agency');
    expectProblem(
      await patch({ certificate: { ...certificate, no: 'ZF-1' } }),
      422,
      'certificate-invalid',
      '/certificate/no',
    );
    expectProblem(await patch({ identity: citizenNumber(1_000_001) }), 422, 'identity-taken', '/identity');
    expectProblem(
      await patch({ certificate: { ...certificate, expires: '2023-12-31' } }),
      422,
      'certificate-dates',
      '/certificate/expires',
    );
    const told = await script('administrator', 'GET', `/history/${one.id}`);
    expect(told.body.map((entry: { what: string }) => entry.what)).toEqual(
      expect.arrayContaining(['登记', '修改登记：post、leftOn']),
    );
  });

  it('Who is expiring, expired, barred, untrained or gone is asked for by name', async () => {
    for (const [no, over] of [
      ['F-1', { certificate: { ...certificate, no: 'F-1', expires: '2026-08-01' } }],
      ['F-2', { certificate: { ...certificate, no: 'F-2', expires: '2026-05-31' } }],
      ['F-3', { certificate: { ...certificate, no: 'F-3' }, training: [{ year: 2026, hours: 60 }] }],
      ['F-4', { certificate: { ...certificate, no: 'F-4' }, leftOn: '2026-01-01' }],
    ] as const)
      expect((await post('supervisors', { name: no, agency: 'jiguan-2', ...over })).status).toBe(201);
    const bars = [{ state: 'suspended', from: '2026-05-01', until: '2026-06-30', by: 'ZZ-2026-001' }];
    await house.store.supervisors.updateOne({ name: 'F-3' }, { $set: { bars } });
    const named = async (standing: string) =>
      (await script('auditor', 'GET', `/supervisors?standing=${standing}`)).body.items.map(
        (one: { name: string }) => one.name,
      );
    expect(await named('expiring')).toEqual(['F-1']);
    expect(await named('expired')).toEqual(['F-2']);
    expect(await named('barred')).toEqual(['F-3']);
    expect((await named('untrained')).toSorted()).toEqual(['F-1', 'F-2']);
    expect(await named('left')).toEqual(['F-4']);
    expectProblem(await script('auditor', 'GET', '/supervisors?standing=lazy'), 422);
    const rule = { hours: 40, basis: '县里的规定' };
    expect((await script('administrator', 'PUT', '/training-rule', { body: rule })).body).toEqual(rule);
    const { body } = await script('auditor', 'GET', '/supervisors?q=F-3');
    expect(body.items[0].trainingThisYear).toMatchObject({ required: 40, short: false });
  });
});
