import { readdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Script, expectProblem, key, scriptFor } from '../support/contract.ts';
import { type House, openHouse, seconds } from '../support/house.ts';
import { csv, upload, xlsx } from '../support/tables.ts';

const act = (no: string, over: Record<string, unknown> = {}): Record<string, unknown> => ({
  no,
  agency: 'maqiao',
  type: 'penalty',
  on: '2026-03-02',
  target: '桓台县某某商贸有限公司',
  officers: ['SD-1', 'SD-2'],
  amount: 1234.56,
  ...over,
});

const HEADINGS = ['行为编号', '机关编号', '行为类型', '日期', '相对人', '执法人员', '金额(元)', '处罚种类'];
const row = (n: number): unknown[] => [
  `R-${n}`,
  'maqiao',
  '行政处罚',
  '2026/3/2',
  `第${n}公司`,
  'SD-1、SD-2',
  '1,200.50',
  '罚款',
];

describe('enforcement acts', () => {
  let house: House;
  let script: Script;
  const post = (items: unknown, headers = {}) =>
    script('organizer', 'POST', '/acts', { body: { items }, headers });
  beforeAll(async () => {
    house = await openHouse({ startsAt: '2026-06-01T09:00:00+08:00' });
    script = await scriptFor(house);
    for (const id of ['maqiao', 'jiaotong'])
      await script('administrator', 'POST', '/agencies', { body: { id, name: id, kind: 'department' } });
  });
  afterAll(() => house.close());

  it('What the network reports is kept as it was reported, once, however often it is sent', async () => {
    const sent = [act('A-1'), act('A-2', { type: 'inspection', amount: undefined, plan: 'JH-1' })];
    const first = await post(sent);
    expect(first).toMatchObject({ status: 201, body: { created: 2, completed: 0, unchanged: 0 } });
    expect(await post(sent)).toMatchObject({ status: 200, body: { created: 0, unchanged: 2 } });
    const read = await script('auditor', 'GET', '/acts/A-1');
    expect(read.body).toMatchObject(act('A-1'));
    expect((await script('auditor', 'GET', '/acts/A-9')).status).toBe(404);
    expect((await script('auditor', 'POST', '/acts', { body: { items: sent } })).status).toBe(403);
    const keyed = key();
    expect((await post([act('A-3')], keyed)).status).toBe(201);
    expect((await post([act('A-3')], keyed)).status).toBe(201);
  });

  it('The same number with other content is refused with the field that differs; days that come later complete it', async () => {
    await post([act('B-1')]);
    const other = await post([act('B-2'), act('B-1', { amount: 99, target: '另一家公司' })]);
    expectProblem(other, 422, 'act-differs', '/items/1/amount');
    expectProblem(other, 422, 'act-differs', '/items/1/target');
    expect((await script('auditor', 'GET', '/acts/B-2')).status).toBe(404);
    const itself = await post([act('B-3'), act('B-3', { amount: 1 })]);
    expectProblem(itself, 422, 'act-differs', '/items/1/amount');
    const later = await post([act('B-1', { servedOn: '2026-03-05', publishedOn: '2026-03-09' })]);
    expect(later).toMatchObject({ status: 200, body: { created: 0, completed: 1, unchanged: 0 } });
    expect((await script('auditor', 'GET', '/acts/B-1')).body).toMatchObject({ servedOn: '2026-03-05' });
    expect(await post([act('B-1')])).toMatchObject({ body: { unchanged: 1 } });
    expectProblem(
      await post([act('B-1', { servedOn: '2026-03-06' })]),
      422,
      'act-differs',
      '/items/0/servedOn',
    );
    const grown = await post([act('B-4', { amount: undefined }), act('B-4')]);
    expectProblem(grown, 422, 'act-differs', '/items/1/amount');
  });

  it('Every bad field of every row has its own fault, and nothing of that request is stored', async () => {
    const wrong = await post([
      act('C-0'),
      act('C-1', { on: '2026-06-02', agency: 'nobody', amount: -1, type: 'arrest' }),
      act('C-2', { amount: 1.005, on: '2026-02-30', target: '' }),
      act('C-3', { outcomes: ['granted'] }),
      act('C-4', { filedOn: '2026-03-03', decidedOn: '2026-03-01' }),
      act('C-5', { publishedOn: '2027-01-01', officers: 'SD-1' }),
      'not an act',
      { no: 'C-7' },
    ]);
    for (const [code, pointer] of [
      ['date-future', '/items/1/on'],
      ['agency-unknown', '/items/1/agency'],
      ['amount-negative', '/items/1/amount'],
      ['invalid-value', '/items/1/type'],
      ['amount-invalid', '/items/2/amount'],
      [undefined, '/items/2/on'],
      [undefined, '/items/2/target'],
      ['outcome-invalid', '/items/3/outcomes/0'],
      ['dates-reversed', '/items/4/decidedOn'],
      ['date-future', '/items/5/publishedOn'],
      [undefined, '/items/5/officers'],
      [undefined, '/items/6'],
      [undefined, '/items/7/on'],
    ] as const)
      expectProblem(wrong, 422, code, pointer);
    const { errors } = wrong.body as { errors: { pointer: string }[] };
    expect(new Set(errors.map((one) => one.pointer)).size).toBe(errors.length);
    expect(errors.some((one) => one.pointer.startsWith('/items/0'))).toBe(false);
    expect((await script('auditor', 'GET', '/acts/C-0')).status).toBe(404);
    for (const items of [[], undefined, 'x', Array.from({ length: 1_001 }, (_, n) => act(`M-${n}`))])
      expectProblem(await post(items), 422, undefined, '/items');
    const today = await post([act('C-8', { on: '2026-06-01' })]);
    expect(today.status).toBe(201);
  });

  it('A list is filtered by agency, type and days, and no filter reads the whole collection', async () => {
    const items = Array.from({ length: 120 }, (_, n) =>
      act(`L-${String(n).padStart(3, '0')}`, {
        agency: n % 2 === 0 ? 'maqiao' : 'jiaotong',
        type: n % 3 === 0 ? 'licence' : 'inspection',
        on: `2026-04-${String((n % 30) + 1).padStart(2, '0')}`,
        amount: undefined,
      }),
    );
    await post(items);
    const wanted = items.filter(
      (one) =>
        one['agency'] === 'jiaotong' && one['type'] === 'inspection' && String(one['on']) <= '2026-04-15',
    );
    const numbers: string[] = [];
    let cursor: string | null = '';
    while (cursor !== null) {
      const path = `/acts?agency=jiaotong&type=inspection&from=2026-04-01&to=2026-04-15&limit=7&cursor=${cursor}`;
      const { body } = await script('auditor', 'GET', path);
      expect(body.total).toBe(wanted.length);
      numbers.push(...body.items.map((one: { no: string }) => one.no));
      cursor = body.next as string | null;
    }
    expect(numbers).toEqual(wanted.map((one) => one['no']));
    expectProblem(await script('auditor', 'GET', '/acts?type=arrest'), 422, undefined, '/type');
    expectProblem(await script('auditor', 'GET', '/acts?from=x'), 422, undefined, '/from');
    expect((await script('auditor', 'GET', '/acts?limit=1')).body.total).toBeGreaterThan(120);
    const { acts } = house.store;
    for (const filter of [
      { _id: { $gt: '' } },
      { agency: 'maqiao' },
      { type: 'penalty' },
      { on: { $gte: '2026-04-01' } },
      { agency: 'maqiao', type: 'penalty', on: { $lte: '2026-04-15' } },
    ]) {
      const found = await acts
        .find(filter as never)
        .sort({ _id: 1 })
        .limit(51)
        .explain();
      const count = await acts.collection
        .aggregate([{ $match: filter as never }, { $group: { _id: 1, n: { $sum: 1 } } }])
        .explain();
      for (const plan of [found, count])
        expect(JSON.stringify(plan), JSON.stringify(filter)).not.toContain('COLLSCAN');
    }
  });

  it('A table of acts is tried, refused whole with its bad cells, or stored without its bad rows', async () => {
    const table = [HEADINGS, ...Array.from({ length: 2_400 }, (_, n) => row(n))];
    (table[11] as unknown[])[6] = '-3';
    (table[1_500] as unknown[])[1] = '没有的机关';
    (table[2_000] as unknown[])[0] = 'R-0';
    (table[2_000] as unknown[])[6] = '7';
    const faults = [
      { row: 12, column: 'amount', code: 'amount-negative' },
      { row: 1_501, column: 'agency', code: 'agency-unknown' },
      { row: 2_001, column: 'no', code: 'act-differs' },
    ];
    for (const [file, name] of [
      [csv(table), '行为.csv'],
      [await xlsx(table), 'acts.xlsx'],
    ] as const) {
      const send = (query: string) =>
        script('organizer', 'POST', `/acts/import${query}`, { body: upload(file, name) });
      const tried = await send('?dryRun=true');
      expect(tried).toMatchObject({
        status: 200,
        body: { rows: 2_400, bad: 3, created: 2_397, rejected: faults },
      });
      const refused = await send('');
      expectProblem(refused, 422, 'amount-negative', '/rows/12/amount');
      expect(refused.body).toMatchObject({ created: 0, bad: 3, rejected: faults });
      expect((await script('auditor', 'GET', '/acts/R-5')).status).toBe(404);
    }
    const skipped = await script('organizer', 'POST', '/acts/import?skipBad=true', {
      body: upload(await xlsx(table), 'acts.xlsx'),
    });
    expect(skipped).toMatchObject({ status: 201, body: { created: 2_397, bad: 3 } });
    expect(skipped.body.rejected.map((one: { row: number }) => one.row)).toEqual([12, 1_501, 2_001]);
    const { body } = await script('auditor', 'GET', '/acts/R-5');
    expect(body).toMatchObject({
      amount: 1_200.5,
      officers: ['SD-1', 'SD-2'],
      outcomes: ['fine'],
      on: '2026-03-02',
    });
    const good = table.filter((_, n) => ![11, 1_500, 2_000].includes(n));
    const again = { body: upload(csv(good), 'again.csv') };
    expect(await script('organizer', 'POST', '/acts/import', again)).toMatchObject({
      status: 200,
      body: { created: 0, unchanged: 2_397, bad: 0 },
    });
  });

  it('A hundred thousand rows of another shape are refused by their headings, and no upload stays behind', async () => {
    const other = [['姓名', '证件编号'], ...Array.from({ length: 100_000 }, (_, n) => [`某${n}`, `SD-${n}`])];
    const left = () => readdirSync(tmpdir()).filter((name) => /^[0-9a-f]{32}$/.test(name)).length;
    const before = left();
    for (const [file, name] of [
      [csv(other), 'people.csv'],
      [await xlsx(other.slice(0, 20_000)), 'people.xlsx'],
      [new Blob(['MZ\u0000\u0090']), 'acts.exe'],
      [new Blob(['PK\u0003\u0004 broken']), 'acts.xlsx'],
      [new Blob(['\u0000\u0001\u0002']), 'acts.csv'],
      [csv([HEADINGS]), 'acts.csv'],
      [new Blob([]), 'acts.csv'],
    ] as const) {
      const began = Date.now();
      const wrong = await script('organizer', 'POST', '/acts/import', { body: upload(file, name) });
      expectProblem(wrong, 422, 'file-refused', '/file');
      expect(Date.now() - began).toBeLessThan(seconds(5));
    }
    expectProblem(await script('organizer', 'POST', '/acts/import'), 422, 'missing', '/file');
    expect(left()).toBe(before);
  });
});
