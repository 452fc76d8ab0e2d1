import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { instrumentRules } from '../../data/reference.ts';
import type { Instrument } from '../../domain/instrument.ts';
import { type Script, expectProblem, scriptFor } from '../support/contract.ts';
import { type House, openHouse } from '../support/house.ts';

describe('the rules of the instruments', () => {
  let house: House;
  let script: Script;
  beforeAll(async () => {
    house = await openHouse({ startsAt: '2026-03-02T09:00:00+08:00' });
    script = await scriptFor(house);
  });
  afterAll(() => house.close());

  it('An installation begins with the national rules and those of Shandong', async () => {
    const { status, body } = await script('auditor', 'GET', '/instruments');
    expect(status).toBe(200);
    expect(body).toMatchObject({ version: 1, next: null, total: instrumentRules().length });
    expect(body.items).toEqual(instrumentRules());
  });

  it('A broken set is refused with its places, and nothing of it is kept', async () => {
    const rows = instrumentRules();
    const opinion = rows.findIndex((row) => row.id === 'sd-opinion');
    const put = (items: readonly unknown[], version = 1) =>
      script('administrator', 'PUT', '/instruments', { body: { version, items } });
    const over = (change: object) => rows.map((row, n) => (n === opinion ? { ...row, ...change } : row));
    const at = (field: string) => `/items/${opinion}/${field}`;
    expectProblem(await put(over({ facts: { all: [], any: [] } })), 422, 'instrument-invalid', at('facts'));
    expectProblem(await put(over({ facts: { all: ['rumour'], any: [] } })), 422, 'validation', at('facts/all/0')); // prettier-ignore
    expectProblem(await put(over({ byMachine: true })), 422, 'validation', at('byMachine'));
    expectProblem(await put(over({ term: { default: { days: 0 }, shorterNeedsReason: true, longerNeedsReason: true } })), 422, 'term-invalid', at('term/default/days')); // prettier-ignore
    expectProblem(await put(over({ kind: '__proto__' })), 422, 'validation', at('kind'));
    expectProblem(await put([]), 422, 'validation', '/items');
    expectProblem(await script('organizer', 'PUT', '/instruments', { body: { version: 1, items: rows } }), 403); // prettier-ignore
    expect((await script('auditor', 'GET', '/instruments')).body.version).toBe(1);
  });

  it('Another province is other rows: put once, versioned, the one before kept, a stale hand refused', async () => {
    const items = instrumentRules('sichuan');
    const put = (version: number) =>
      script('administrator', 'PUT', '/instruments', { body: { version, items } });
    const done = await put(1);
    expect(done.status, JSON.stringify(done.body)).toBe(200);
    expect(done.body.version).toBe(2);
    expectProblem(await put(1), 412, 'stale-version');
    expectProblem(await put(7), 412, 'stale-version');
    const read = await script('organizer', 'GET', '/instruments');
    expect(read.body).toMatchObject({ version: 2, total: items.length });
    const decision = read.body.items.find((row: Instrument) => row.kind === 'decision');
    expect(decision.outcomes).toContain('orderRemake');
    expect(await house.store.instruments.countDocuments()).toBe(2);
    const together = await Promise.all([put(2), put(2), put(2)]);
    expect(together.map((one) => one.status).toSorted((a, b) => a - b)).toEqual([200, 412, 412]);
  });
});
