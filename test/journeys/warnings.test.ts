import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Script, expectProblem, scriptFor } from '../support/contract.ts';
import { type Answered, type House, eventually, openHouse } from '../support/house.ts';

const good = {
  type: 'penalty',
  agency: 'maqiao',
  on: '2026-05-06',
  filedOn: '2026-04-01',
  servedOn: '2026-05-07',
  publishedOn: '2026-05-08',
  officers: ['ZJ-1', 'ZJ-2'],
  recording: 'text',
  cause: '占道经营',
  outcomes: ['warning'],
};
const act = (no: string, over: Record<string, unknown> = {}) => ({
  no,
  target: `相对人${no}`,
  ...good,
  ...over,
});
const visit = (no: string, { on = '2026-05-06', ...over }: Record<string, unknown> = {}) => {
  const plain = {
    type: 'inspection',
    outcomes: ['clean'],
    plan: 'JH-1',
    filedOn: undefined,
    servedOn: undefined,
  };
  return act(no, { ...plain, on, publishedOn: on, ...over });
};

describe('warnings', () => {
  let house: House;
  let script: Script;
  const report = async (...items: unknown[]) => {
    const sent = await script('organizer', 'POST', '/acts', { body: { items } });
    expect(sent.status, JSON.stringify(sent.body)).toBeLessThan(300);
  };
  const listed = async (query: string): Promise<Answered['body'][]> =>
    (await script('auditor', 'GET', `/warnings?${query}`)).body.items;
  const warned = (rule: string, no: string): Promise<Answered['body']> =>
    eventually(async () => {
      const one = (await listed(`rule=${rule}&limit=200`)).find(({ acts }) => acts.includes(no));
      if (!one) throw new Error(`${rule} does not warn of ${no}`);
      return one;
    });
  const looked = () =>
    eventually(async () => expect(await house.store.actBatches.countDocuments({ judged: false })).toBe(0));
  beforeAll(async () => {
    house = await openHouse({ startsAt: '2026-06-01T09:00:00+08:00' });
    script = await scriptFor(house);
    for (const id of ['maqiao', 'jiaotong', 'xiaofang'])
      await script('administrator', 'POST', '/agencies', { body: { id, name: id, kind: 'department' } });
    for (const [no, expires] of [
      ['ZJ-1', '2027-12-31'],
      ['ZJ-2', '2027-12-31'],
      ['ZJ-3', '2026-05-05'],
    ])
      await script('administrator', 'POST', '/officers', {
        body: { name: `执法人员${no}`, agency: 'maqiao', certificate: { no, issued: '2024-01-01', expires } },
      });
  });
  afterAll(() => house.close());

  it('An act that was done as the law asks warns of nothing', async () => {
    await report(act('OK-1'), visit('OK-2'));
    await looked();
    expect(await listed('agency=maqiao')).toEqual([]);
  });

  it('Each kind of fault in one act is noticed with what it was seen by', async () => {
    await report(
      act('W-1', { channel: 'offNetwork' }),
      act('W-2', { amount: 50_000, outcomes: ['fine'] }),
      act('W-3', { recording: undefined }),
      act('W-4', { officers: ['ZJ-1', 'ZJ-3'] }),
      act('W-5', { officers: ['ZJ-1'] }),
      act('W-6', { filedOn: '2026-01-04' }),
      act('W-7', { servedOn: undefined }),
      act('W-8', { hearingNoticedOn: '2026-04-20', heardOn: '2026-04-27' }),
      visit('W-9', { plan: undefined }),
      visit('W-10', { plan: undefined, occasion: 'complaint' }),
    );
    for (const [rule, no, evidence] of [
      ['offNetwork', 'W-1', { channel: 'offNetwork' }],
      ['legalReviewMissing', 'W-2', { amount: 50_000, reviewedOn: '' }],
      ['recordingMissing', 'W-3', { required: 'text', recording: 'none' }],
      ['officerUncertified', 'W-4', { officers: ['ZJ-3'], reasons: ['expired'] }],
      ['officersTooFew', 'W-5', { officers: 1, least: 2 }],
      ['penaltyLate', 'W-6', { from: '2026-01-04', due: '2026-04-07', to: '2026-05-06' }],
      ['serviceLate', 'W-7', { from: '2026-05-06', due: '2026-05-14', to: '' }],
      ['hearingNoticeShort', 'W-8', { given: 5, needed: 7 }],
      ['inspectionUnplanned', 'W-9', { occasion: '' }],
    ] as const) {
      const one = await warned(rule, no);
      expect(one).toMatchObject({ rule, agency: 'maqiao', state: 'open', evidence });
      expect(one.detail).toMatch(/\p{Script=Han}/u);
      const read = await script('auditor', 'GET', `/warnings/${one.id}`);
      expect(read.body).toMatchObject({ id: one.id, acts: [{ no }], ruleNow: { id: rule, version: 1 } });
    }
    await looked();
    expect(await house.store.warnings.countDocuments({ acts: /^W-/ })).toBe(9);
  });

  it('What several acts say together is noticed when the last of them comes', async () => {
    const shop = { target: '某某超市' };
    await report(visit('H-1', { ...shop, on: '2026-01-12' }), visit('H-2', { ...shop, on: '2026-03-02' }));
    await looked();
    expect(await house.store.warnings.countDocuments({ acts: /^H-/ })).toBe(0);
    await report(visit('H-3', { ...shop, on: '2026-03-20' }));
    expect(await warned('inspectionDuplicate', 'H-3')).toMatchObject({ acts: ['H-3', 'H-2'] });
    expect(await warned('inspectionTooFrequent', 'H-3')).toMatchObject({ evidence: { times: 3, most: 2 } });
    await report(visit('H-4', { ...shop, agency: 'jiaotong', on: '2026-03-25' }));
    const crossing = await warned('inspectionsCrossing', 'H-4');
    expect(crossing).toMatchObject({ agencies: ['maqiao', 'jiaotong'], acts: ['H-3', 'H-4'] });
    expect((await listed('agency=jiaotong')).map(({ id }) => id)).toContain(crossing.id);
    const fines = Array.from({ length: 6 }, (_, n) =>
      act(`S-${n}`, { amount: n === 5 ? 9_000 : 1_000 + n, outcomes: ['fine'], circumstance: '一般' }),
    );
    await report(...fines);
    expect(await warned('penaltyUnlike', 'S-5')).toMatchObject({
      evidence: { amount: 9_000, middle: 1_003 },
    });
  });

  it('Fines that grow and an agency that falls silent are noticed from sums', async () => {
    const fine = (no: string, on: string, amount: number) =>
      act(no, {
        agency: 'jiaotong',
        on,
        amount,
        filedOn: on,
        outcomes: ['fine'],
        servedOn: on,
        publishedOn: on,
        legalReview: { on },
      });
    await report(fine('G-1', '2025-02-10', 20_000), fine('G-2', '2026-02-10', 25_000));
    expect(
      await eventually(async () => {
        const [one] = await listed('rule=fineGrowth');
        if (!one) throw new Error('not yet');
        return one;
      }),
    ).toMatchObject({
      agency: 'jiaotong',
      evidence: { year: 2026, months: 5, before: 20_000, amount: 25_000, grownPercent: 25 },
    });
    const licences = Array.from({ length: 12 }, (_, n) =>
      act(`Q-${n}`, {
        agency: 'xiaofang',
        type: 'licence',
        outcomes: ['granted'],
        on: `2025-${String(n + 1).padStart(2, '0')}-01`,
        publishedOn: undefined,
        filedOn: undefined,
        servedOn: undefined,
      }),
    );
    await report(
      ...licences.map((one, n) => ({ ...one, publishedOn: `2025-${String(n + 1).padStart(2, '0')}-02` })),
    );
    expect(await warned('silence', 'Q-11')).toMatchObject({
      agency: 'xiaofang',
      evidence: { type: 'licence', countBefore: 12 },
    });
  });

  it('Running again changes nothing; a clock that was still open warns on the day it has run out', async () => {
    await report(
      act('D-1', { on: '2026-05-29', filedOn: '2026-05-04', servedOn: undefined, publishedOn: undefined }),
    );
    await looked();
    const before = await house.store.warnings.find().sort({ _id: 1 }).lean();
    expect(before.filter(({ acts }) => acts.includes('D-1'))).toEqual([]);
    await house.store.actBatches.updateMany({}, { $set: { judged: false } });
    await looked();
    expect(await house.store.warnings.find().sort({ _id: 1 }).lean()).toEqual(before);
    await house.until('2026-06-10T09:00:00+08:00');
    expect(await warned('serviceLate', 'D-1')).toMatchObject({ evidence: { due: '2026-06-09', to: '' } });
    await report(
      act('D-1', {
        on: '2026-05-29',
        filedOn: '2026-05-04',
        servedOn: '2026-06-10',
        publishedOn: '2026-06-09',
      }),
    );
    await eventually(async () => {
      expect(await warned('serviceLate', 'D-1')).toMatchObject({
        state: 'open',
        evidence: { to: '2026-06-10', daysLate: 1 },
      });
      expect(await warned('publicationLate', 'D-1')).toMatchObject({ state: 'lapsed' });
    });
  });

  it('A person dismisses a warning with a reason, or makes it a finding of the ledger, once', async () => {
    const one = await warned('offNetwork', 'W-1');
    expectProblem(
      await script('organizer', 'POST', `/warnings/${one.id}/dismissal`, { body: {} }),
      422,
      undefined,
      '/reason',
    );
    expectProblem(
      await script('auditor', 'POST', `/warnings/${one.id}/dismissal`, { body: { reason: '无' } }),
      403,
    );
    const reason = '停电期间按应急预案线下办理，已补录';
    const done = await script('organizer', 'POST', `/warnings/${one.id}/dismissal`, { body: { reason } });
    expect(done).toMatchObject({
      status: 201,
      body: { state: 'dismissed', decision: { by: 'organizer', reason } },
    });
    const twice = await script('organizer', 'POST', `/warnings/${one.id}/finding`, { body: {} });
    expectProblem(twice, 409, 'already-decided');
    expect((await listed('state=dismissed')).map(({ id }) => id)).toEqual([one.id]);
    const other = await warned('recordingMissing', 'W-3');
    const made = await script('organizer', 'POST', `/warnings/${other.id}/finding`, {
      body: { severity: 'major' },
    });
    expect(made).toMatchObject({ status: 201, body: { state: 'finding', finding: `${other.id}-01` } });
    const again = await script('organizer', 'POST', `/warnings/${other.id}/finding`, {
      body: { severity: 'major' },
    });
    expect(again.body).toEqual(made.body);
    expect(await house.store.findings.findById(`${other.id}-01`).lean()).toMatchObject({
      agency: 'maqiao',
      mode: 'daily',
      source: 'warning',
      item: 'M01',
      category: 'fullRecord',
      severity: 'major',
      state: 'found',
    });
    expect((await script('organizer', 'POST', '/warnings/YJ-2026-999999/finding', { body: {} })).status).toBe(
      404,
    );
    await house.store.actBatches.updateMany({}, { $set: { judged: false } });
    await looked();
    expect(await warned('offNetwork', 'W-1')).toMatchObject({ state: 'dismissed' });
  });

  it('A warning becomes a clue once, and the clue says what it came from', async () => {
    const one = await warned('officerUncertified', 'W-4');
    const made = await script('organizer', 'POST', `/warnings/${one.id}/clue`, { body: {} });
    expect(made).toMatchObject({
      status: 201,
      body: { state: 'clue', no: expect.stringMatching(/^XS-2026-\d{4}$/) },
    });
    const again = await script('organizer', 'POST', `/warnings/${one.id}/clue`, { body: {} });
    expect(again.body).toEqual(made.body);
    const clue = await script('organizer', 'GET', `/clues/${made.body.no}`);
    expect(clue.body).toMatchObject({ channel: 'warning', agency: 'maqiao', state: 'registered' });
    expect(clue.body.summary).toContain('W-4');
    expect(await house.store.clues.countDocuments({ source: one.id })).toBe(1);
    expectProblem(
      await script('organizer', 'POST', `/warnings/${one.id}/dismissal`, { body: { reason: '无' } }),
      409,
    );
  });

  it('An administrator changes a rule; what does not hold any more lapses, what a person decided stays', async () => {
    const rule = await script('auditor', 'GET', '/warning-rules/legalReviewMissing');
    const put = (body: unknown, headers = {}, role: 'administrator' | 'organizer' = 'administrator') =>
      script(role, 'PUT', '/warning-rules/legalReviewMissing', { body, headers });
    expectProblem(await put({ enabled: true }, {}, 'organizer'), 403);
    expectProblem(
      await put({ params: { ...rule.body.params, amountFrom: -1 } }),
      422,
      undefined,
      '/params/amountFrom',
    );
    expectProblem(await put({ params: { types: ['arrest'] } }), 422, undefined, '/params/types/0');
    const old = { 'If-Match': '"v9"' };
    expectProblem(await put({ enabled: true }, old), 412, 'stale-version');
    const changed = await put(
      { params: { ...rule.body.params, amountFrom: 50_001 } },
      { 'If-Match': rule.headers.get('etag') ?? '' },
    );
    expect(changed).toMatchObject({ status: 200, body: { version: 2, params: { amountFrom: 50_001 } } });
    await eventually(async () =>
      expect(await warned('legalReviewMissing', 'W-2')).toMatchObject({ state: 'lapsed' }),
    );
    await put({ params: rule.body.params });
    await eventually(async () =>
      expect(await warned('legalReviewMissing', 'W-2')).toMatchObject({ state: 'open' }),
    );
    expect((await script('auditor', 'GET', '/warning-rules?limit=200')).body.total).toBe(25);
    expectProblem(await script('auditor', 'GET', '/warnings?state=gone'), 422, undefined, '/state');
    expect((await script('auditor', 'GET', '/warning-rules/none')).status).toBe(404);
    for (const filter of [
      { agencies: 'maqiao' },
      { rule: 'silence' },
      { state: 'open' },
      { unit: 'act/W-1' },
    ]) {
      const plan = await house.store.warnings
        .find(filter as never)
        .sort({ _id: -1 })
        .explain();
      expect(JSON.stringify(plan)).not.toContain('COLLSCAN');
    }
  });
});
