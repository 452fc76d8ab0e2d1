import { createHash } from 'node:crypto';
import { promisify } from 'node:util';
import { buffer } from 'node:stream/consumers';
import exceljs from 'exceljs';
import yauzl from 'yauzl';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { issueToken } from '../../data/seed.ts';
import { type Script, expectProblem, key, scriptFor } from '../support/contract.ts';
import { type House, openHouse } from '../support/house.ts';

const XLSX = 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet';
const act = (no: string, type: string, over: Record<string, unknown> = {}) => ({
  ...{ no, type, agency: 'maqiao', on: '2026-03-02', target: `相对人${no}`, officers: ['ZJ-1', 'ZJ-2'] },
  ...over,
});

async function filesIn(zip: Buffer): Promise<Map<string, Buffer>> {
  const open = promisify<Buffer, yauzl.Options, yauzl.ZipFile>(yauzl.fromBuffer);
  const archive = await open(zip, { lazyEntries: true, autoClose: false });
  const files = new Map<string, Buffer>();
  const read = promisify<yauzl.Entry, NodeJS.ReadableStream>(archive.openReadStream.bind(archive) as never);
  await new Promise<void>((resolve, reject) => {
    archive.on('entry', (entry: yauzl.Entry) => {
      read(entry)
        .then((stream) => buffer(stream))
        .then((bytes) => files.set(entry.fileName, bytes))
        .then(() => archive.readEntry())
        .catch(reject);
    });
    archive.on('end', resolve);
    archive.readEntry();
  });
  archive.close();
  return files;
}

describe('the annual report and what is measured of acts', () => {
  let house: House;
  let script: Script;
  const get = (path: string, headers: Record<string, string> = {}) =>
    script('auditor', 'GET', path, { headers });
  let token = '';
  const bytesOf = async (path: string, headers: Record<string, string> = {}): Promise<Buffer> => {
    const answer = await fetch(`${house.url}/api/v1${path}`, {
      headers: { Authorization: `Bearer ${token}`, ...headers },
    });
    expect(answer.status).toBe(200);
    return Buffer.from(await answer.arrayBuffer());
  };
  beforeAll(async () => {
    house = await openHouse({ startsAt: '2026-12-31T09:00:00+08:00' });
    script = await scriptFor(house);
    token = await issueToken(house.store, 'auditor');
    for (const [id, name] of [
      ['maqiao', '=HYPERLINK("x")马桥镇'],
      ['jiaotong', '县交通运输局'],
    ])
      await script('administrator', 'POST', '/agencies', { body: { id, name, kind: 'department' } });
    for (const [no, expires] of [
      ['ZJ-1', '2027-12-31'],
      ['ZJ-2', '2026-12-31'],
      ['ZJ-3', '2026-12-30'],
    ])
      await script('administrator', 'POST', '/officers', {
        body: { name: `人员${no}`, agency: 'maqiao', certificate: { no, issued: '2024-01-01', expires } },
      });
    const items = [
      act('P-1', 'penalty', { outcomes: ['fine', 'warning'], amount: 1_000.5 }),
      act('P-2', 'penalty', { outcomes: ['confiscation', 'fine'], amount: 20_000 }),
      act('P-3', 'penalty', {
        outcomes: ['fine', 'revocation'],
        amount: 60_000,
        legalReview: { on: '2026-03-01' },
      }),
      act('P-4', 'penalty', { amount: 0.1 }),
      act('P-5', 'penalty', { agency: 'jiaotong', outcomes: ['warning'], on: '2026-12-31' }),
      act('P-6', 'penalty', { outcomes: ['fine'], amount: 500, on: '2025-12-31', decidedOn: '2026-01-01' }),
      act('P-7', 'penalty', { outcomes: ['fine'], amount: 9_999, on: '2025-12-31' }),
      act('L-1', 'licence', { outcomes: ['granted'], publishedOn: '2026-03-05' }),
      act('L-2', 'licence', { outcomes: ['refused'], publishedOn: '2026-04-20' }),
      act('L-3', 'licence', { outcomes: ['applied'] }),
      act('L-4', 'licence', { outcomes: ['revoked'], publishedOn: '2026-03-03' }),
      act('C-1', 'coercion', { outcomes: ['sealing', 'seizure'], recording: 'audioVideo' }),
      act('C-2', 'coercion', { outcomes: ['seizure'], recording: 'text' }),
      act('F-1', 'fee', { amount: 30_000, enteredOn: '2026-03-07' }),
      act('F-2', 'fee', {
        amount: 30_000,
        target: '相对人F-1',
        enteredOn: '2026-03-08',
        channel: 'offNetwork',
      }),
      act('F-3', 'levy', { amount: 30_000, enteredOn: '2026-03-08', publishedOn: '2026-03-04' }),
      act('I-1', 'inspection', { outcomes: ['problemFound'], recording: 'text' }),
      act('I-2', 'inspection', { outcomes: ['clean'], target: '相对人I-1' }),
      act('I-3', 'inspection', { outcomes: ['clean'] }),
    ];
    const sent = await script('organizer', 'POST', '/acts', { body: { items } });
    expect(sent.status, JSON.stringify(sent.body)).toBe(201);
  });
  afterAll(() => house.close());

  it('Combined penalties count once, under the heaviest; the year is that of the decision; amounts are as decided', async () => {
    const { body } = await get('/statistics/2026');
    expect(body.penalties.total).toEqual({
      ...{ agency: '合计', other: 0, warning: 1, fine: 3, confiscation: 1, suspension: 0, revocation: 1 },
      ...{ restriction: 0, closure: 0, detention: 0, total: 6, amount: 8.15006 },
    });
    expect(
      body.penalties.rows.map((row: { agency: string; total: number }) => [row.agency, row.total]),
    ).toEqual([
      ['jiaotong', 1],
      ['maqiao', 5],
    ]);
    expect(body.licences.total).toMatchObject({
      applied: 3,
      accepted: 2,
      granted: 1,
      refused: 1,
      revoked: 1,
    });
    expect(body.coercion.total).toMatchObject({ sealing: 1, seizure: 2, total: 2 });
    expect(body.others.rows).toEqual([
      expect.objectContaining({ type: 'levy', count: 1, amount: 3, targets: 1, problemRate: null }),
      expect.objectContaining({ type: 'fee', count: 2, amount: 6, targets: 1 }),
      expect.objectContaining({
        type: 'inspection',
        count: 3,
        targets: 2,
        problemsFound: 1,
        problemRate: 33.3,
      }),
    ]);
    expect(body.certificates.total).toEqual({ agency: '合计', officers: 3, valid: 2, rate: 66.7 });
    const clue = { channel: 'media', summary: '网上反映执法不规范', agency: 'maqiao' };
    const made = await script('organizer', 'POST', '/clues', { body: clue, headers: key() });
    expect(made.status).toBe(201);
    expect((await get('/statistics/2026')).body.supervision).toEqual({
      ...{ cluesReceived: 1, cluesAccepted: 0, casesOpened: 0, casesClosed: 0 },
      documents: { notice: 0, letter: 0, opinion: 0, proposal: 0, decision: 0, circular: 0 },
    });
    expect((await get('/statistics/2025')).body.penalties.total).toMatchObject({ fine: 1, amount: 0.9999 });
    expect((await get('/statistics/2024')).body.penalties.rows).toEqual([]);
    for (const year of ['2027', '1999', 'abc', '20260'])
      expect((await get(`/statistics/${year}`)).status).toBe(404);
  });

  it('The same tables come as a workbook, with agencies by name and no formula in it', async () => {
    const workbook = new exceljs.Workbook();
    await workbook.xlsx.load((await bytesOf('/statistics/2026', { Accept: XLSX })) as never);
    expect(workbook.worksheets.map((sheet) => sheet.name)).toEqual([
      ...['行政处罚', '行政许可', '行政强制', '其他行政执法行为', '执法人员持证', '行政执法监督'],
    ]);
    const sheet = workbook.getWorksheet('行政处罚');
    expect(sheet?.getCell('A1').value).toBe('2026年度行政处罚实施情况统计表（2026年1月1日至12月31日）');
    const rows = [3, 4, 5].map((n) => (sheet?.getRow(n).values as unknown[] | undefined)?.slice(1));
    expect(rows).toEqual([
      ['县交通运输局', 1, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0],
      ['=HYPERLINK("x")马桥镇', 0, 3, 1, 0, 1, 0, 0, 0, 0, 5, 8.15006],
      ['合计', 1, 3, 1, 0, 1, 0, 0, 0, 0, 6, 8.15006],
    ]);
    expect(sheet?.getCell('A4').type).toBe(exceljs.ValueType.String);
  });

  it('A package for the province is a version that verifies by itself, and its acknowledgement comes back once', async () => {
    const [first, twin] = await Promise.all([
      script('organizer', 'POST', '/statistics/2026/packages'),
      script('organizer', 'POST', '/statistics/2026/packages'),
    ]);
    expect(new Set([first.status, twin.status])).toEqual(new Set([200, 201]));
    expect(first.body.id).toBe('TJ-2026-01');
    expect(twin.body).toEqual(first.body);
    const files = await filesIn(await bytesOf('/statistics/2026/packages/1'));
    const hash = (name: string) =>
      createHash('sha256')
        .update(files.get(name) ?? '')
        .digest('hex');
    const sums = files.get('SHA256SUMS')?.toString('utf8').trim().split('\n') ?? [];
    expect(sums).toHaveLength(3);
    for (const line of sums) expect(hash(line.slice(66))).toBe(line.slice(0, 64));
    expect(hash('manifest.json')).toBe(first.body.sha256);
    const inside = JSON.parse(files.get('statistics.json')?.toString('utf8') ?? '');
    expect(inside).toMatchObject({
      package: 'TJ-2026-01',
      version: 1,
      statistics: { penalties: { total: { total: 6 } } },
    });
    expect(first.body.files.map((one: { name: string }) => one.name)).toEqual([
      'statistics.json',
      'statistics.xlsx',
    ]);
    const said = {
      sha256: first.body.sha256,
      receivedAt: '2027-01-04T10:00:00+08:00',
      receivedBy: '省司法厅',
      accepted: true,
    };
    const say = (version: number, body: unknown) =>
      script('organizer', 'POST', `/statistics/2026/packages/${version}/acknowledgement`, { body });
    expectProblem(await say(1, { ...said, sha256: '0'.repeat(64) }), 422, 'package-differs', '/sha256');
    expectProblem(await say(1, { ...said, receivedAt: 'x' }), 422, undefined, '/receivedAt');
    expect(await say(1, said)).toMatchObject({
      status: 201,
      body: { acknowledgement: { receivedBy: '省司法厅' } },
    });
    expect((await say(1, said)).status).toBe(200);
    expectProblem(await say(1, { ...said, accepted: false }), 409, 'already-decided');
    expect((await say(9, said)).status).toBe(404);
    await script('organizer', 'POST', '/acts', {
      body: { items: [act('P-9', 'penalty', { outcomes: ['warning'] })] },
    });
    const second = await script('organizer', 'POST', '/statistics/2026/packages');
    expect(second).toMatchObject({ status: 201, body: { id: 'TJ-2026-02', version: 2 } });
    expect((await get('/statistics/2026/packages')).body).toMatchObject({
      total: 2,
      items: [{ version: 1 }, { version: 2 }],
    });
    expect(await filesIn(await bytesOf('/statistics/2026/packages/1'))).toEqual(files);
    expect((await script('auditor', 'POST', '/statistics/2026/packages')).status).toBe(403);
  });

  it('The three systems are measured for an agency, with the acts that lack them', async () => {
    const { body } = await get('/agencies/maqiao/systems?year=2026');
    expect(body.legalReview).toEqual({ n: 1, of: 2, missing: ['L-4'] });
    expect(body.recording.missing).toEqual(expect.arrayContaining(['P-1', 'C-2', 'I-2']));
    expect(body.recording.missing).not.toContain('I-1');
    expect(body.recording).toMatchObject({ n: 2, of: 11 });
    expect(body.disclosure.missing).toEqual(expect.arrayContaining(['L-2', 'L-3', 'P-1']));
    expect(body.disclosure.missing).not.toContain('L-1');
    expect(body.disclosure.n + body.disclosure.missing.length).toBe(body.disclosure.of);
    expect((await get('/agencies/nobody/systems?year=2026')).status).toBe(404);
    expectProblem(await get('/agencies/maqiao/systems?year=x'), 422, undefined, '/year');
  });

  it('The use of the network is counted for each agency, and each share leads to the acts behind it', async () => {
    const { body } = await get('/network-use?year=2026');
    const mine = body.items.find((one: { agency: string }) => one.agency === 'maqiao');
    expect(mine).toMatchObject({ acts: 18, onNetwork: { n: 17, of: 18 }, enteredInTime: { n: 1, of: 2 } });
    expect(mine.complete).toEqual({ n: 4, of: 17 });
    const behind = async (measure: string) =>
      (await get(`/network-use/acts?year=2026&agency=maqiao&measure=${measure}`)).body;
    expect((await behind('onNetwork')).items.map((one: { no: string }) => one.no)).toEqual(['F-2']);
    expect((await behind('enteredInTime')).items.map((one: { no: string }) => one.no)).toEqual(['F-3']);
    expect((await behind('complete')).total).toBe(13);
    expectProblem(
      await get('/network-use/acts?year=2026&agency=maqiao&measure=x'),
      422,
      undefined,
      '/measure',
    );
    expectProblem(await get('/network-use'), 422, undefined, '/year');
  });
});
