import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Script, expectProblem, key, scriptFor } from '../support/contract.ts';
import { registerAgencies } from '../support/county.ts';
import { eventually, type House, openHouse } from '../support/house.ts';

const XLSX = 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet';

describe('daily supervision, by the contract alone', () => {
  let house: House;
  let script: Script;
  let no: string;
  let items: { check: string; agencies: unknown; months: number[]; because: unknown[] }[];
  const organizer = (method: string, path: string, body?: unknown) =>
    script('organizer', method, path, { headers: method === 'GET' ? {} : key(), body });

  beforeAll(async () => {
    house = await openHouse({ startsAt: '2026-01-05T09:00:00+08:00' });
    script = await scriptFor(house);
    await registerAgencies(house, ['maqiao', 'tangshan']);
    await registerAgencies(house, ['huanbao'], 'department');
  });
  afterAll(() => house.close());

  it('A year has one draft, whoever asks for it and how often', async () => {
    for (const year of [undefined, '2026', 1, 20_260, 2026.5])
      expectProblem(await organizer('POST', '/plans', { year }), 422, undefined, '/year');
    const made = await organizer('POST', '/plans', { year: 2026 });
    expect(made.status, JSON.stringify(made.body)).toBe(201);
    no = made.body.no as string;
    expect(made.body).toMatchObject({ no: 'RC-2026', state: 'draft' });
    items = made.body.items as typeof items;
    expect(items.length).toBeGreaterThan(0);
    for (const item of items) {
      expect(item.because).toBeInstanceOf(Array);
      expect(item.months.length).toBeGreaterThan(0);
    }
    const again = await organizer('POST', '/plans', { year: 2026 });
    expect([200, 201]).toContain(again.status);
    expect(again.body).toMatchObject({ no, state: 'draft' });
    expect(again.body.items).toEqual(items);
    expect((await script('auditor', 'GET', `/plans/${no}`)).headers.get('etag')).toMatch(/./);
  });

  it('Items are put as a whole, and a wrong one is named by its place', async () => {
    const [standing] = items as [(typeof items)[0]];
    const good = { check: standing.check, agencies: ['maqiao'], months: [1, 3], because: [] };
    const put = (body: unknown, role: 'organizer' | 'auditor' = 'organizer') =>
      script(role, 'PUT', `/plans/${no}`, { body });
    expectProblem(await put({ items: [good] }, 'auditor'), 403);
    for (const [over, pointer] of [
      [{ check: 'CL-nothing' }, '/items/1/check'],
      [{ agencies: ['nowhere'] }, '/items/1/agencies/0'],
      [{ months: [13] }, '/items/1/months/0'],
      [{ months: [0] }, '/items/1/months/0'],
      [{ months: [] }, '/items/1/months'],
      [{ because: ['no-finding'] }, '/items/1/because/0'],
    ] as const)
      expectProblem(await put({ items: [good, { ...good, ...over }] }), 422, undefined, pointer);
    expectProblem(await put({}), 422, undefined, '/items');
    expectProblem(await script('organizer', 'PUT', '/plans/RC-2031', { body: { items: [good] } }), 404);
    const done = await put({ items: [good] });
    expect(done.status, JSON.stringify(done.body)).toBe(200);
    expect(done.body.items).toMatchObject([{ check: standing.check, months: [1, 3] }]);
    const stale = { body: { items: [good] }, headers: { 'If-Match': '"old"' } };
    expectProblem(await script('organizer', 'PUT', `/plans/${no}`, stale), 412, 'stale-version');
  });

  it('Approved, its cycles go out with their tasks, and are analysed', async () => {
    const approval = { body: { approved: true }, headers: key() };
    expectProblem(await script('organizer', 'POST', `/plans/${no}/approval`, approval), 403);
    expectProblem(
      await script('approver', 'POST', `/plans/${no}/approval`, { body: { approved: true } }),
      428,
    );
    const approved = await script('approver', 'POST', `/plans/${no}/approval`, { headers: key() });
    expect(approved.status, JSON.stringify(approved.body)).toBeLessThan(203);
    expectProblem(await script('approver', 'POST', `/plans/${no}/approval`, { headers: key() }), 409);
    const cycle = await eventually(async () => {
      const { status, body } = await script('auditor', 'GET', `/plans/${no}/cycles`);
      expect(status).toBe(200);
      const open = (body.items as { n: number; tasks: unknown[] }[]).find((one) => one.tasks.length > 0);
      if (!open) throw new Error(JSON.stringify(body).slice(0, 400));
      return open as { n: number; tasks: unknown[]; counts: unknown; analysis: unknown };
    });
    expect(cycle).toMatchObject({ n: expect.any(Number), counts: expect.any(Object) });
    expect(cycle).toHaveProperty('analysis');
    const url = `/plans/${no}/cycles/${cycle.n}/analysis`;
    expectProblem(await organizer('POST', url, {}), 422, undefined, '/countermeasures');
    expectProblem(
      await organizer('POST', `/plans/${no}/cycles/99/analysis`, { countermeasures: ['x'] }),
      404,
    );
    const analysed = await organizer('POST', url, { countermeasures: ['组织专题培训'] });
    expect(analysed.status, JSON.stringify(analysed.body)).toBe(201);
    expect((await script('administrator', 'GET', `/history/${no}/verify`)).body).toMatchObject({
      intact: true,
    });
    expect((await script('administrator', 'GET', `/history/${no}`)).status).toBe(200);
  });

  it('The ledger is filtered alike as a list, a workbook and a table', async () => {
    const ledger = (query: string, accept: string) =>
      script('auditor', 'GET', `/ledger${query}`, { headers: { Accept: accept } });
    for (const query of [
      '',
      '?mode=daily',
      '?mode=case',
      '?mode=special',
      '?agency=maqiao',
      '?state=found',
      '?category=procedure',
      '?from=2026-01-01&to=2026-12-31',
    ]) {
      const list = await ledger(query, 'application/json');
      expect(list.status, `${query} ${JSON.stringify(list.body)}`).toBe(200);
      expect(list.body).toMatchObject({ items: expect.any(Array), total: expect.any(Number) });
      expect(list.body).toHaveProperty('next');
      const csv = await ledger(query, 'text/csv');
      expect(csv.headers.get('content-type')).toContain('text/csv');
      expect((await ledger(query, XLSX)).headers.get('content-type')).toContain(XLSX);
    }
    for (const [query, pointer] of [
      ['?mode=yearly', '/mode/0'],
      ['?state=magic', '/state/0'],
      ['?from=01.02.2026', '/from'],
      ['?from=2026-02-01&to=2026-01-01', '/from'],
      ['?limit=0', '/limit'],
    ] as const)
      expectProblem(await ledger(query, 'application/json'), 422, undefined, pointer);
    expect((await ledger('', '*/*')).headers.get('content-type')).toContain('json');
  });

  it('An appraisal gives each agency its points, each with its events', async () => {
    const year = await script('auditor', 'GET', '/appraisals/2026');
    expect(year.status).toBe(200);
    expect(year.body.items.map((one: { agency: string }) => one.agency).toSorted()).toEqual(['huanbao', 'maqiao', 'tangshan']); // prettier-ignore
    for (const { points } of year.body.items as { points: unknown[] }[])
      for (const point of points)
        expect(point).toMatchObject({ rule: expect.any(String), events: expect.any(Array) }); // prettier-ignore
    expectProblem(await script('auditor', 'GET', '/appraisals/never'), 404);
  });
});
