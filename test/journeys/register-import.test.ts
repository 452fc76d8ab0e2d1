import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Store } from '../../models/store.ts';
import { type Script, expectProblem, key, openDoor, scriptFor } from '../support/contract.ts';
import { type House, eventually, openHouse } from '../support/house.ts';
import { citizenNumber, OFFICER_HEADINGS, officerTable, plantAgencies } from '../support/register.ts';
import { csv, upload, xlsx } from '../support/tables.ts';

const AGENCIES = 49;
const COUNTY = 1_210;

/** A store whose transactions fail from the `n`th on, as where the database goes away in the middle. */
function breaking(store: Store, n: number): Store {
  let left = n;
  const connection = new Proxy(store.connection, {
    get: (of, name) =>
      name === 'transaction'
        ? (work: never) => {
            left -= 1;
            if (left < 0) throw new Error('the database went away');
            return of.transaction(work);
          }
        : (Reflect.get(of, name) as unknown),
  });
  return { ...store, connection };
}

describe('the import of a register', () => {
  let house: House;
  let script: Script;
  const send = (query: string, file: Blob, name = '人员.csv') =>
    script('administrator', 'POST', `/officers/import${query}`, { body: upload(file, name) });
  beforeAll(async () => {
    house = await openHouse({ startsAt: '2026-06-01T09:00:00+08:00' });
    script = await scriptFor(house);
    await plantAgencies(house, AGENCIES);
  });
  afterAll(() => house.close());

  it('A county of 1,210 officers is tried, refused whole for its twelve bad rows, and taken whole when it is right', async () => {
    const { rows, faults } = officerTable(COUNTY, { agencies: AGENCIES, bad: true });
    expect(faults).toHaveLength(12);
    const before = await house.store.officers.countDocuments();
    for (const [file, name] of [
      [csv([OFFICER_HEADINGS, ...rows]), '人员.csv'],
      [await xlsx([OFFICER_HEADINGS, ...rows]), '人员.xlsx'],
    ] as const) {
      const tried = await send('?dryRun=true', file, name);
      expect(tried).toMatchObject({
        status: 200,
        body: { rows: COUNTY, bad: 12, created: COUNTY - 12, updated: 0 },
      });
      expect(
        tried.body.rejected.map(({ row, column }: { row: number; column: string }) => ({ row, column })),
      ).toEqual(faults);
      const refused = await send('', file, name);
      expectProblem(refused, 422, 'validation', `/rows/${faults[0]?.row}/${faults[0]?.column}`);
      expect(refused.body.errors).toHaveLength(12);
    }
    expect(await house.store.officers.countDocuments()).toBe(before);
    const good = officerTable(COUNTY, { agencies: AGENCIES, bad: false }).rows;
    const done = await send('', csv([OFFICER_HEADINGS, ...good]));
    expect(done).toMatchObject({
      status: 201,
      body: { rows: COUNTY, bad: 0, created: COUNTY, rejected: [] },
    });
    const kept = await script('auditor', 'GET', done.headers.get('location')?.replace('/api/v1', '') ?? '');
    expect(kept.body).toMatchObject({
      state: 'done',
      register: 'officers',
      mode: 'whole',
      rows: COUNTY,
      created: COUNTY,
    });
    expect(JSON.stringify(await house.store.operations.find().lean())).not.toContain(citizenNumber(3));
    const again = await send('', csv([OFFICER_HEADINGS, ...good]));
    expect(again).toMatchObject({ status: 200, body: { created: 0, updated: COUNTY, unchanged: COUNTY } });
    const grown = good.map((row, n) => (n === 0 ? row.with(8, '75') : row));
    expect((await send('', csv([OFFICER_HEADINGS, ...grown]))).body).toMatchObject({
      updated: COUNTY,
      unchanged: COUNTY - 1,
    });
    expect((await script('auditor', 'GET', '/officers?q=ZF-0000001')).body.items[0].training).toEqual([
      { year: 2026, hours: 75 },
    ]);
  });

  it('Somebody who stands there under another name or number, or twice in the file, is refused at the cell', async () => {
    const [first = [], second = [], third = []] = officerTable(3, { agencies: AGENCIES, bad: false }).rows;
    const rows = [
      first.with(0, '冒名者'),
      second.with(2, 'ZF-NEW').with(0, '换证者'),
      third.with(6, citizenNumber(777_777)),
      first.with(2, 'N-1').with(6, citizenNumber(800_001)),
      first.with(2, 'N-1').with(6, citizenNumber(800_002)),
      first.with(2, 'N-2').with(6, citizenNumber(800_001)),
    ];
    const { body } = await send('?skipBad=true', csv([OFFICER_HEADINGS, ...rows]));
    expect(body).toMatchObject({ rows: 6, bad: 5, created: 1 });
    expect(
      body.rejected.map((one: { row: number; column: string; code: string }) => [
        one.row,
        one.column,
        one.code,
      ]),
    ).toEqual([
      [2, 'certificateNo', 'certificate-taken'],
      [3, 'identity', 'identity-taken'],
      [4, 'identity', 'identity-differs'],
      [6, 'certificateNo', 'duplicate-number'],
      [7, 'identity', 'identity-taken'],
    ]);
    const all = await script('auditor', 'GET', `/imports/${body.import}/faults?limit=2`);
    expect(all.body).toMatchObject({ total: 5, items: [{ row: 2, column: 'certificateNo' }, { row: 3 }] });
    expect(all.body.next).not.toBeNull();
  });

  it('An import that broke off goes on where it stopped, and every row counts once', async () => {
    const n = 3_500;
    const { rows, faults } = officerTable(n, { agencies: AGENCIES, bad: true });
    const fresh = rows.map((row, i) =>
      row.with(2, `P-${i}`).with(6, i % 100 === 50 ? (row[6] ?? '') : citizenNumber(2_000_000 + i)),
    );
    const file = csv([OFFICER_HEADINGS, ...fresh]);
    const door = await openDoor(house, { store: breaking(house.store, 2) });
    const broken = await (
      await scriptFor({ store: house.store, url: door.url })
    )('administrator', 'POST', '/officers/import?skipBad=true', {
      body: upload(file, '全省.csv'),
      headers: key(),
    });
    expect(broken.status).toBe(500);
    await door.close();
    const listed = await script('auditor', 'GET', '/imports?register=officers&limit=1');
    expect(listed.body.items[0]).toMatchObject({
      state: 'interrupted',
      file: '全省.csv',
      rows: 2_000,
      done: 2_001,
    });
    expect(await house.store.officers.countDocuments({ 'certificate.no': /^P-/ })).toBe(2_000 - 20);
    const done = await send('?skipBad=true', file, '全省.csv');
    expect(done.body).toMatchObject({
      import: listed.body.items[0].id,
      rows: n,
      bad: faults.length,
      created: n - faults.length,
      unchanged: 0,
    });
    expect(done.body.rejected).toHaveLength(35);
    expect((await script('auditor', 'GET', `/imports/${done.body.import}`)).body).toMatchObject({
      state: 'done',
      resumed: 1,
    });
    expect(await house.store.officers.countDocuments({ 'certificate.no': /^P-/ })).toBe(n - 35);
    expect((await send('?skipBad=true', file, '全省.csv')).body).toMatchObject({
      created: 0,
      updated: n - 35,
      unchanged: n - 35,
      bad: 35,
    });
  });

  it('The same file twice at once is taken once, and how far it is can be read meanwhile', async () => {
    const { rows } = officerTable(4_000, { agencies: AGENCIES, bad: false });
    const file = csv([OFFICER_HEADINGS, ...rows.map((row, i) => row.with(2, `Q-${i}`).with(6, ''))]);
    const first = send('?skipBad=true', file, '并发.csv');
    const shown = await eventually(async () => {
      const { body } = await script('auditor', 'GET', '/imports?limit=1');
      expect(body.items[0]).toMatchObject({ file: '并发.csv', state: 'running' });
      return body.items[0] as { rows: number };
    });
    expect(shown.rows).toBeLessThan(4_000);
    expectProblem(await send('?skipBad=true', file, '并发.csv'), 409, 'key-in-flight');
    expect((await first).body).toMatchObject({ rows: 4_000, created: 4_000, bad: 0 });
  });

  it('A file of another shape, and one that is too long to be taken whole, are refused with a sentence', async () => {
    expectProblem(
      await send(
        '',
        csv([
          ['甲', '乙'],
          ['1', '2'],
        ]),
      ),
      422,
      'file-refused',
      '/file',
    );
    expectProblem(await send('?dryRun=perhaps', csv([OFFICER_HEADINGS])), 422);
    const { rows } = officerTable(10_001, { agencies: AGENCIES, bad: false });
    expectProblem(await send('', csv([OFFICER_HEADINGS, ...rows])), 422, 'file-refused', '/file');
    expect(
      (await script('organizer', 'POST', '/officers/import', { body: upload(csv([]), 'a.csv') })).status,
    ).toBe(403);
  });
});
