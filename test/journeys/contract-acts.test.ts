import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Script, expectProblem, key, scriptFor } from '../support/contract.ts';
import { registerAgencies } from '../support/county.ts';
import { eventually, type House, openHouse } from '../support/house.ts';

const TYPES = ['penalty', 'licence', 'coercion', 'levy', 'fee', 'inspection'];
const act = (over: Record<string, unknown> = {}) => ({
  ...{ no: 'W-1', agency: 'maqiao', type: 'penalty', on: '2026-02-27', target: '某某餐饮店', officers: [] },
  ...over,
});

describe('enforcement acts and their warnings, by the contract alone', () => {
  let house: House;
  let script: Script;
  const send = (items: unknown, headers: Record<string, string> = key()) =>
    script('organizer', 'POST', '/acts', { body: { items }, headers });
  const total = async (query = ''): Promise<number> =>
    (await script('auditor', 'GET', `/acts${query}`)).body.total as number;

  beforeAll(async () => {
    house = await openHouse({ startsAt: '2026-03-02T09:00:00+08:00' });
    script = await scriptFor(house);
    await registerAgencies(house, ['maqiao', 'tangshan'], 'department');
  });
  afterAll(() => house.close());

  it('Every type of act is taken in, and by its number once', async () => {
    const items = TYPES.map((type, i) =>
      act({ type, no: `W-${i + 1}`, ...(type === 'penalty' ? { amount: 500 } : {}) }),
    );
    const first = await send(items);
    expect(first.status, JSON.stringify(first.body)).toBe(201);
    expect(await total()).toBe(6);
    const again = await send(items);
    expect(again.status, JSON.stringify(again.body)).toBeLessThan(202);
    expect(await total()).toBe(6);
    expect(await total('?type=penalty')).toBe(1);
    expect(await total('?agency=tangshan')).toBe(0);
    expect(await total('?from=2026-02-27&to=2026-02-27')).toBe(6);
    expect(await total('?from=2026-02-28')).toBe(0);
    expectProblem(await script('auditor', 'GET', '/acts?from=yesterday'), 422, undefined, '/from');
    expectProblem(await script('auditor', 'GET', '/acts?type=magic'), 422, undefined, '/type');
  });

  it('A bad row is named, one error a field, and nothing of its request is stored', async () => {
    const before = await total();
    for (const [over, pointer] of [
      [{ no: 'W-1', target: '别的当事人' }, '/items/1/no'],
      [{ on: '2026-03-03' }, '/items/1/on'],
      [{ on: '2026-02-30' }, '/items/1/on'],
      [{ agency: 'nowhere' }, '/items/1/agency'],
      [{ amount: -1 }, '/items/1/amount'],
      [{ amount: 'much' }, '/items/1/amount'],
      [{ type: 'magic' }, '/items/1/type'],
      [{ target: undefined }, '/items/1/target'],
      [{ officers: '张' }, '/items/1/officers'],
    ] as const)
      expectProblem(
        await send([act({ no: 'W-100' }), act({ no: 'W-101', ...over })]),
        422,
        undefined,
        pointer,
      );
    const two = await send([act({ no: 'W-102', on: '2027-01-01', agency: 'nowhere', amount: -5 })]);
    expect(two.body.errors.map((one: { pointer: string }) => one.pointer).toSorted()).toEqual(['/items/0/agency', '/items/0/amount', '/items/0/on']); // prettier-ignore
    expectProblem(await send(Array.from({ length: 1001 }, (_, i) => act({ no: `M-${i}` }))), 422, undefined, '/items'); // prettier-ignore
    expectProblem(await send('all of them'), 422, undefined, '/items');
    expectProblem(
      await send([act({ no: 'T' }), act({ no: 'T', target: '乙' })]),
      422,
      undefined,
      '/items/1/no',
    );
    expect(await total()).toBe(before);
    expectProblem(await script('auditor', 'POST', '/acts', { body: { items: [] } }), 403);
    const thousand = await send(Array.from({ length: 1000 }, (_, i) => act({ no: `K-${i}` })));
    expect(thousand.status).toBe(201);
    expect(await total()).toBe(before + 1000);
  });

  it('A file is tried before it is taken', async () => {
    const before = await total();
    const upload = (query: string, text: string) => {
      const body = new FormData();
      body.append('file', new Blob([text]), 'acts.csv');
      return script('organizer', 'POST', `/acts/import${query}`, { body, headers: key() });
    };
    const good =
      '\uFEFFno,agency,type,on,target,amount\r\nF-1,maqiao,penalty,2026-02-26,某店,100\r\nF-2,maqiao,fee,2026-02-26,某店,\r\n';
    const dry = await upload('?dryRun=true', good);
    expect(dry.body, JSON.stringify(dry.body)).toMatchObject({ created: 2, rejected: [] });
    expect(await total()).toBe(before);
    const taken = await upload('', good);
    expect(taken.body).toMatchObject({ created: 2, rejected: [] });
    expect(await total()).toBe(before + 2);
    const bad = await upload('?dryRun=true', good.replace('F-2,maqiao', 'F-3,nowhere'));
    expect(bad.body.rejected).toMatchObject([
      { row: 3, column: 'agency', detail: expect.stringMatching(/./) },
    ]);
    const alien = await upload('', 'a,b\r\n1,2\r\n');
    expectProblem(alien, 422);
    expectProblem(
      await script('organizer', 'POST', '/acts/import', { body: new FormData(), headers: key() }),
      422,
    );
  });

  it('A warning is dismissed with a reason or becomes a clue, once', async () => {
    const items = await eventually(async () => {
      const listed = await script('auditor', 'GET', '/warnings?agency=maqiao&limit=200');
      expect(listed.status).toBe(200);
      expect(listed.body.items.length).toBeGreaterThan(1);
      return listed.body.items as { id: string; rule: string; state: string }[];
    });
    const [one, two] = items as [(typeof items)[0], (typeof items)[0]];
    const byRule = await script(
      'auditor',
      'GET',
      `/warnings?rule=${encodeURIComponent(one.rule)}&state=${one.state}`,
    );
    expect(byRule.body.items.every((row: { rule: string }) => row.rule === one.rule)).toBe(true);
    const organizer = (path: string, body?: unknown) =>
      script('organizer', 'POST', path, { headers: key(), body });
    expectProblem(await organizer(`/warnings/${one.id}/dismissal`, {}), 422, undefined, '/reason');
    expectProblem(await organizer('/warnings/nothing/dismissal', { reason: '误报' }), 404);
    expectProblem(await script('auditor', 'POST', `/warnings/${one.id}/clue`, { headers: key() }), 403);
    const dismissed = await organizer(`/warnings/${one.id}/dismissal`, { reason: '误报' });
    expect(dismissed.status, JSON.stringify(dismissed.body)).toBe(201);
    expectProblem(await organizer(`/warnings/${one.id}/clue`), 409);
    expectProblem(await organizer(`/warnings/${one.id}/dismissal`, { reason: '误报' }), 409);
    const clue = await organizer(`/warnings/${two.id}/clue`);
    expect(clue.status, JSON.stringify(clue.body)).toBe(201);
    expect(JSON.stringify(clue.body)).toMatch(/XS-2026-\d{4}/);
    const again = await organizer(`/warnings/${two.id}/clue`);
    expect(again.body.no).toBe(clue.body.no);
    expectProblem(await organizer(`/warnings/${two.id}/dismissal`, { reason: '误报' }), 409);
  });
});
