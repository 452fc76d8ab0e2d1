import { performance } from 'node:perf_hooks';
import { parse } from 'csv-parse/sync';
import exceljs from 'exceljs';
import request from 'supertest';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { keepFindings } from '../../activities/finding.ts';
import { issueToken } from '../../data/seed.ts';
import { LEDGER_COLUMNS, LEDGER_HEADINGS } from '../../domain/ledger.ts';
import { type Desk, openDesk } from '../support/desk.ts';

const XLSX = 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet';
const MANY = 10_000;

const finding = (n: number, over: Record<string, unknown> = {}) => ({
  _id: `ZX-2026-001-J001-${String(n).padStart(5, '0')}`,
  owner: n % 3 === 0 ? 'RC-2026' : 'ZX-2026-001',
  mode: n % 3 === 0 ? 'daily' : 'special',
  agency: n % 2 === 0 ? 'maqiao' : 'anjian',
  item: 'M06',
  category: n % 5 === 0 ? 'fullRecord' : 'legalReview',
  severity: 'ordinary',
  description: `第${n}个问题：重大执法决定未经法制审核`,
  source: 'inspection',
  foundOn: `2026-${String((n % 12) + 1).padStart(2, '0')}-15`,
  state: 'found',
  ...over,
});

describe('The ledger of problems', () => {
  let desk: Desk;
  let token: string;
  const get = (where: string, accept = 'application/json') =>
    request(desk.app)
      .get(`/api/v1/ledger${where}`)
      .set('Authorization', `Bearer ${token}`)
      .set('Accept', accept)
      .buffer(true)
      .parse((res, done) => {
        const chunks: Buffer[] = [];
        res.on('data', (chunk: Buffer) => chunks.push(chunk));
        res.on('end', () => done(null, Buffer.concat(chunks)));
      });
  const json = async (where: string) => {
    const answer = await get(where);
    return { status: answer.status, body: JSON.parse((answer.body as Buffer).toString('utf8')) };
  };

  beforeAll(async () => {
    desk = await openDesk();
    await desk.fresh();
    token = await issueToken(desk.store, 'auditor');
    const contacts = [
      { name: '经办人甲', email: 'jingban@maqiao.huantai.example', role: 'primary' as const },
      { name: '负责人丙', email: 'fuze@maqiao.huantai.example', role: 'leader' as const },
    ];
    const domains: string[] = [];
    await desk.store.agencies.create({
      _id: 'maqiao',
      name: '马桥镇人民政府',
      kind: 'town',
      domains,
      contacts,
      version: 1,
    });
    await desk.store.agencies.create({
      _id: 'anjian',
      name: '县应急管理局',
      kind: 'department',
      domains,
      contacts: [],
      version: 1,
    });
    const rows = Array.from({ length: MANY }, (_, i) => finding(i + 1));
    rows[0] = finding(1, {
      description: '=HYPERLINK("http://bad.example","点我")\u0007',
      state: 'writtenOff',
      lookedBack: true,
      writtenOffAt: '2026-03-01',
      repeats: ['ZX-2025-001-J001-00007'],
    });
    rows[1] = finding(2, { description: '@SUM(A1:A9)', state: 'writtenOff' });
    rows[2] = finding(3, { description: '甲、乙“引号”,逗号\n换行', category: undefined, item: 'M03' });
    await desk.store.findings.insertMany(rows);
  });
  afterAll(() => desk.close());

  it('has one row a problem with the columns of the working form, from every mode', async () => {
    const { body } = await json('?limit=2');
    expect(body.total).toBe(MANY);
    expect(body.next).toMatch(/./);
    expect(body.items[0]).toMatchObject({
      agencyName: '县应急管理局',
      town: '',
      state: 'lookedBack',
      repeats: ['ZX-2025-001-J001-00007'],
      writtenOffOn: '2026-03-01',
    });
    expect(body.items[1]).toMatchObject({
      mode: 'special',
      agency: 'maqiao',
      agencyName: '马桥镇人民政府',
      town: '马桥镇人民政府',
      leader: '负责人丙',
      handler: '经办人甲',
      state: 'writtenOff',
      due: '',
      measure: '',
    });
    for (const column of LEDGER_COLUMNS)
      if (column !== 'serial') expect(body.items[0]).toHaveProperty(column);
  });

  it('is filtered by mode, agency, state, kind and days, each by itself and together', async () => {
    const count = async (where: string): Promise<number> => (await json(where)).body.total;
    expect(await count('?mode=daily')).toBe(3_333);
    expect(await count('?mode=daily,special')).toBe(MANY);
    expect(await count('?agency=maqiao')).toBe(5_000);
    expect(await count('?state=lookedBack')).toBe(1);
    expect(await count('?state=writtenOff')).toBe(1);
    expect(await count('?category=fullRecord')).toBe(2_000);
    expect(await count('?category=M03')).toBe(1);
    expect(await count('?from=2026-02-01&to=2026-02-28')).toBe(834);
    expect(await count('?mode=daily&agency=maqiao&category=fullRecord&from=2026-01-01&to=2026-06-30')).toBe(
      await desk.store.findings.countDocuments({
        mode: 'daily',
        agency: 'maqiao',
        category: 'fullRecord',
        foundOn: { $lte: '2026-06-30' },
      }),
    );
  });

  it(
    'Ten thousand rows are a workbook within ten seconds, and none of them is a formula',
    { timeout: 180_000 },
    async () => {
      const began = performance.now();
      const answer = await get('', XLSX);
      const seconds = (performance.now() - began) / 1_000;
      console.log(`.xlsx: ${MANY} rows, ${(answer.body as Buffer).length} bytes in ${seconds.toFixed(1)} s`);
      expect(seconds).toBeLessThan(10);
      expect(answer.headers['content-type']).toContain(XLSX);
      const workbook = new exceljs.Workbook();
      await workbook.xlsx.load(answer.body as never);
      const sheet = workbook.worksheets[0];
      expect(sheet?.rowCount).toBe(MANY + 1);
      const column = LEDGER_COLUMNS.indexOf('description') + 1;
      expect(sheet?.getRow(1).getCell(column).value).toBe('问题描述');
      expect(sheet?.getRow(2).getCell(column).value).toBe('=HYPERLINK("http://bad.example","点我") ');
      expect(sheet?.getRow(2).getCell(column).type).toBe(exceljs.ValueType.String);
      expect(sheet?.getRow(4).getCell(column).value).toBe('甲、乙“引号”,逗号\n换行');
    },
  );

  it(
    'Ten thousand rows are a CSV that says how it is written, and a cell like a formula is text',
    { timeout: 180_000 },
    async () => {
      const began = performance.now();
      const bytes = (await get('', 'text/csv')).body as Buffer;
      const seconds = (performance.now() - began) / 1_000;
      console.log(`.csv: ${MANY} rows, ${bytes.length} bytes in ${seconds.toFixed(1)} s`);
      expect(seconds).toBeLessThan(10);
      expect([...bytes.subarray(0, 3)]).toEqual([0xef, 0xbb, 0xbf]);
      const rows = parse(bytes, { bom: true });
      expect(rows).toHaveLength(MANY + 1);
      expect(rows[0]).toEqual(LEDGER_COLUMNS.map((column) => LEDGER_HEADINGS[column].zh));
      const column = LEDGER_COLUMNS.indexOf('description');
      expect(rows[1]?.[column]).toMatch(/^'=HYPERLINK/);
      expect(rows[2]?.[column]).toBe("'@SUM(A1:A9)");
      expect(rows[3]?.[column]).toBe('甲、乙“引号”,逗号\n换行');
    },
  );

  it('A file has exactly the rows of the list under the same filter, in the same order', async () => {
    const where = '?mode=daily&category=fullRecord&from=2026-04-01&to=2026-04-30&limit=200';
    const listed = ((await json(where)).body.items as { id: string }[]).map((one) => one.id);
    const rows = parse((await get(where, 'text/csv')).body as Buffer, { bom: true });
    expect(listed.length).toBeGreaterThan(10);
    expect(rows.slice(1).map((row) => row[1])).toEqual(listed);
  });

  it('A look-back that finds a problem again reopens it; the others have been looked back on', async () => {
    const [held, back] = ['ZX-2026-001-J001-00011', 'ZX-2026-001-J001-00012'];
    await desk.store.findings.updateMany({ _id: { $in: [held, back] } }, { $set: { state: 'writtenOff' } });
    const task = {
      _id: 'ZX-2026-001-099',
      owner: 'ZX-2026-001',
      group: 'g',
      phase: 'lookBack',
      kind: 'lookBack',
      agency: 'anjian',
      origin: 'opening',
      findings: [held, back],
      state: 'closed',
      version: 3,
    };
    await desk.store.tasks.collection.insertOne(task as never);
    const said = {
      task: task._id,
      group: 'g',
      kind: 'answer',
      receivedAt: '2026-04-01T10:00:00+08:00',
      text: '回头看',
      items: { [held]: { result: 'met' }, [back]: { result: 'notMet', note: '又有1件' } },
    };
    await desk.store.submissions.collection.insertOne({ _id: 'HZLOOKBACK' as never, ...said });
    const closed = { no: task._id, status: 'closed', at: '2026-04-02T10:00:00+08:00' } as never;
    for (const _twice of [1, 2]) await keepFindings({ store: desk.store } as never, [closed]);
    expect((await json('?state=reopened')).body.items.map((one: { id: string }) => one.id)).toEqual([back]);
    expect((await json('?state=lookedBack')).body.items.map((one: { id: string }) => one.id)).toContain(held);
  });

  it('A filter that cannot be read is refused at its name', async () => {
    for (const [where, pointer] of [
      ['?mode=weekly', '/mode/0'],
      ['?state=done', '/state/0'],
      ['?from=2026-02-30', '/from'],
      ['?from=2026-05-01&to=2026-04-01', '/from'],
      ['?agency[$ne]=x', '/agency[$ne]'],
    ] as const) {
      const { status, body } = await json(where);
      expect([where, status, body.errors?.[0]?.pointer]).toEqual([where, 422, pointer]);
    }
  });
});
