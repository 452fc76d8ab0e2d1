import exceljs from 'exceljs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Script, expectProblem, key, scriptFor } from '../support/contract.ts';
import { type House, openHouse, seconds } from '../support/house.ts';

const HEADINGS = ['id', 'name', 'kind', 'parent', 'domains', 'contactName', 'email', 'phone', 'role'];

/** `n` rows of a roster, every sixtieth with one fault of another kind. */
function rows(n: number, bad: boolean): { table: string[][]; faults: { row: number; column: string }[] } {
  const faults: { row: number; column: string }[] = [];
  const table = Array.from({ length: n }, (_, i) => {
    const cells = [
      ...[`jiguan-${i + 1}`, `第${i + 1}执法机关`, 'department', 'huantai', 'workSafety,environment'],
      ...['经办人甲', `jingban@j${i + 1}.huantai.example`, '0533-0000000', 'primary'],
    ];
    if (bad && i % 60 === 0) {
      const column = ['email', 'kind', 'name', 'role', 'id'][faults.length % 5] as string;
      cells[HEADINGS.indexOf(column)] = column === 'name' ? '' : '不对的！';
      faults.push({ row: i + 2, column });
    }
    return cells;
  });
  return { table, faults };
}

async function xlsx(table: readonly (readonly string[])[]): Promise<Blob> {
  const workbook = new exceljs.Workbook();
  workbook.addWorksheet('名录').addRows([HEADINGS, ...table] as string[][]);
  return new Blob([new Uint8Array(await workbook.xlsx.writeBuffer())]);
}

const csv = (table: readonly (readonly string[])[]): Blob =>
  new Blob([
    '\uFEFF',
    [HEADINGS, ...table].map((row) => row.map((cell) => `"${cell}"`).join(',')).join('\r\n'),
  ]);

/** A workbook of some kilobytes that says it unpacks to gigabytes. */
async function bombed(): Promise<Blob> {
  const bytes = Buffer.from(await (await xlsx([])).arrayBuffer());
  const directory = bytes.indexOf(Buffer.from('PK\u0001\u0002', 'latin1'));
  bytes.writeUInt32LE(0xf0_00_00_00, directory + 24);
  return new Blob([bytes]);
}

const upload = (file: Blob, name: string): FormData => {
  const form = new FormData();
  form.set('file', file, name);
  return form;
};

describe('the roster', () => {
  let house: House;
  let script: Script;
  const maqiao = {
    id: 'maqiao',
    name: '马桥镇人民政府',
    kind: 'town',
    domains: ['urbanManagement', 'environment', 'workSafety', 'foodDrug'],
    contacts: [
      { name: '经办人甲', email: 'jingban@maqiao.huantai.example', phone: '0533-0000000', role: 'primary' },
      { name: '副手乙', email: 'fushou@maqiao.huantai.example', role: 'deputy' },
    ],
  };
  beforeAll(async () => {
    house = await openHouse({ startsAt: '2026-03-02T09:00:00+08:00' });
    script = await scriptFor(house);
  });
  afterAll(() => house.close());

  it('An agency is registered once, read, and changed in what is named only', async () => {
    const made = await script('administrator', 'POST', '/agencies', { body: maqiao });
    expect(made.status).toBe(201);
    expect(made.body).toMatchObject(maqiao);
    expect(made.headers.get('location')).toBe('/api/v1/agencies/maqiao');
    expectProblem(await script('administrator', 'POST', '/agencies', { body: maqiao }), 409, 'agency-exists');
    const read = await script('approver', 'GET', '/agencies/maqiao');
    const etag = read.headers.get('etag') ?? '';
    expect(read.body).toMatchObject(maqiao);
    const renamed = { body: { name: '马桥镇' }, headers: { 'If-Match': etag } };
    const changed = await script('administrator', 'PATCH', '/agencies/maqiao', renamed);
    expect(changed.status).toBe(200);
    expect(changed.body).toMatchObject({ ...maqiao, name: '马桥镇' });
    expectProblem(await script('administrator', 'PATCH', '/agencies/maqiao', renamed), 412, 'stale-version');
    expectProblem(await script('administrator', 'PATCH', '/agencies/none', { body: { name: '无' } }), 404);
    expectProblem(await script('administrator', 'PATCH', '/agencies/maqiao', { body: {} }), 422, 'empty');
    const found = await script('auditor', 'GET', '/agencies?kind=town&domain=foodDrug&q=马桥');
    expect(found.body).toMatchObject({ total: 1, next: null, items: [{ id: 'maqiao' }] });
    expect((await script('auditor', 'GET', '/agencies?kind=department')).body.total).toBe(0);
    expect((await script('auditor', 'GET', '/agencies?q=.*')).body.total).toBe(0);
  });

  it('A wrong agency is refused at the field that is wrong', async () => {
    const contact = maqiao.contacts[0];
    for (const [over, pointer] of [
      [{ id: 'MaQiao' }, '/id'],
      [{ name: '马桥\r\nBcc: a@b.example' }, '/name'],
      [{ name: ' ' }, '/name'],
      [{ kind: 'village' }, '/kind'],
      [{ parent: 'new' }, '/parent'],
      [{ domains: ['work safety'] }, '/domains/0'],
      [{ domains: 'workSafety' }, '/domains'],
      [{ contacts: [{ ...contact, email: 'a@b.example, c@d.example' }] }, '/contacts/0/email'],
      [{ contacts: [{ ...contact, email: 'a@b.example\r\nBcc: c@d.example' }] }, '/contacts/0/email'],
      [
        {
          contacts: [
            { ...contact, name: '甲\n' },
            { ...contact, name: '乙\u0000' },
          ],
        },
        '/contacts/1/name',
      ],
      [{ contacts: [contact, { ...contact, role: 'deputy' }] }, '/contacts/1/email'],
      [{ contacts: [contact, { ...contact, email: 'x@maqiao.huantai.example' }] }, '/contacts/1/role'],
      [{ contacts: [{ ...contact, role: 'boss' }] }, '/contacts/0/role'],
      [{ contacts: [null] }, '/contacts/0'],
    ] as const)
      expectProblem(
        await script('administrator', 'POST', '/agencies', { body: { ...maqiao, id: 'new', ...over } }),
        422,
        undefined,
        pointer,
      );
    expect((await script('auditor', 'GET', '/agencies/new')).status).toBe(404);
    const bare = { id: 'bare', name: '无联络员', kind: 'department' };
    expect((await script('administrator', 'POST', '/agencies', { body: bare })).status).toBe(201);
  });

  it('Supervisors and officers are registered with their certificates', async () => {
    for (const noun of ['supervisors', 'officers']) {
      const certificate = { no: 'SD-2026-1', issued: '2025-01-01', expires: '2030-12-31' };
      const body = { name: '监督员甲', agency: 'maqiao', certificate };
      const made = await script('administrator', 'POST', `/${noun}`, { body });
      expect(made.status).toBe(201);
      expect(made.body).toMatchObject({ ...body, id: expect.stringMatching(/./) });
      expect(made.headers.get('location')).toBe(`/api/v1/${noun}/${made.body.id}`);
      expect((await script('auditor', 'GET', `/${noun}/${made.body.id}`)).body).toEqual(made.body);
      const twice = await script('administrator', 'POST', `/${noun}`, { body });
      expectProblem(twice, 422, 'certificate-invalid', '/certificate/no');
      const listed = await script('auditor', 'GET', `/${noun}?agency=maqiao`);
      expect(listed.body).toMatchObject({ total: 1, items: [made.body] });
      expect((await script('auditor', 'GET', `/${noun}?agency=other`)).body.total).toBe(0);
      for (const [over, pointer] of [
        [{ agency: 'nobody' }, '/agency'],
        [{ certificate: { ...certificate, no: 'x', expires: '2024-12-31' } }, '/certificate/expires'],
        [{ certificate: { ...certificate, no: 'x', issued: '2025-02-30' } }, '/certificate/issued'],
        [{ certificate: undefined }, '/certificate'],
      ] as const) {
        const wrong = await script('administrator', 'POST', `/${noun}`, { body: { ...body, ...over } });
        expectProblem(wrong, 422, undefined, pointer);
      }
    }
  });

  it('A thousand rows with seventeen bad ones give seventeen errors by row and column, and nothing is stored', async () => {
    const { table, faults } = rows(1_000, true);
    expect(faults).toHaveLength(17);
    const before = (await script('auditor', 'GET', '/agencies')).body.total as number;
    for (const [file, name] of [
      [await xlsx(table), 'roster.xlsx'],
      [csv(table), '名录.csv'],
    ] as const) {
      const tried = await script('administrator', 'POST', '/agencies/import?dryRun=true', {
        body: upload(file, name),
      });
      expect(tried.status).toBe(200);
      expect(tried.body).toMatchObject({ created: 983, updated: 0 });
      expect(tried.body.rejected).toHaveLength(17);
      expect(tried.body.rejected).toEqual(
        faults.map((fault) => ({ ...fault, code: expect.any(String), detail: expect.any(String) })),
      );
      const done = await script('administrator', 'POST', '/agencies/import', { body: upload(file, name) });
      expectProblem(done, 422, 'validation', '/rows/2/email');
      expect(done.body.errors).toHaveLength(17);
      expect(done.body).toMatchObject({ created: 0, updated: 0, rejected: tried.body.rejected });
    }
    expect((await script('auditor', 'GET', '/agencies')).body.total).toBe(before);
  });

  it('A good file is stored whole, and again it updates; a key binds the file too', async () => {
    const { table } = rows(30, false);
    const headers = key();
    const send = (file: Blob) =>
      script('administrator', 'POST', '/agencies/import', { body: upload(file, 'a.csv'), headers });
    const first = await send(csv(table));
    expect(first.status).toBe(201);
    expect(first.body).toEqual({ created: 30, updated: 0, rejected: [] });
    expect((await send(csv(table))).body).toEqual(first.body);
    expectProblem(await send(csv(table.slice(1))), 422, 'key-reused');
    const again = { body: upload(await xlsx(table), 'b.xlsx') };
    const second = await script('administrator', 'POST', '/agencies/import', again);
    expect(second.status).toBe(200);
    expect(second.body).toEqual({ created: 0, updated: 30, rejected: [] });
    const { body } = await script('auditor', 'GET', '/agencies/jiguan-30');
    expect(body).toMatchObject({ domains: ['workSafety', 'environment'], parent: 'huantai', version: 1 });
    for (const [file, name] of [
      [new Blob(['MZ\u0090']), 'roster.exe'],
      [new Blob(['PK\u0003\u0004 broken']), 'roster.xlsx'],
      [new Blob(['a,b,c\n1,2,3']), 'roster.csv'],
      [new Blob([]), 'roster.csv'],
    ] as const) {
      const wrong = await script('administrator', 'POST', '/agencies/import', { body: upload(file, name) });
      expectProblem(wrong, 422, 'file-refused', '/file');
    }
    const bomb = { body: upload(await bombed(), 'roster.xlsx') };
    const began = Date.now();
    expectProblem(await script('administrator', 'POST', '/agencies/import', bomb), 422, 'file-refused');
    expect(Date.now() - began).toBeLessThan(seconds(10));
    expectProblem(await script('administrator', 'POST', '/agencies/import'), 422, 'missing', '/file');
    const torn = { headers: { 'Content-Type': 'multipart/form-data; boundary=x' }, body: '--x\r\nContent' };
    expectProblem(await script('administrator', 'POST', '/agencies/import', torn), 422, 'malformed');
    const bare = { headers: { 'Content-Type': 'multipart/form-data' }, body: 'x' };
    expectProblem(await script('administrator', 'POST', '/agencies/import', bare), 422, 'malformed');
  });

  it('A holiday notice is imported by an administrator, tried out first, and refused where it contradicts itself', async () => {
    const notice = { year: 2027, off: ['2027-01-01'], work: ['2027-01-02'], source: '国务院办公厅通知', version: '2027-1' }; // prettier-ignore
    for (const over of [
      { off: ['2026-01-01'] },
      { work: ['2027-01-01'] },
      { off: ['2027-01-01', '2027-01-01'] },
    ]) {
      const wrong = await script('administrator', 'POST', '/calendars', { body: { ...notice, ...over } });
      expectProblem(wrong, 422, 'calendar-invalid');
      expect(wrong.body.errors[0].pointer).toMatch(/^\/(off|work)/);
    }
    const tried = await script('administrator', 'POST', '/calendars?dryRun=true', { body: notice });
    expect(tried).toMatchObject({ status: 200, body: { year: 2027, moves: [] } });
    expect((await script('auditor', 'GET', '/calendars')).body.items).toHaveLength(1);
    expect((await script('administrator', 'POST', '/calendars', { body: notice })).status).toBe(201);
    expect((await script('auditor', 'GET', '/calendars')).body.items).toHaveLength(2);
    expect((await script('auditor', 'GET', '/checklists?limit=1')).body.items[0].id).toMatch(/^CL-/);
  });
});
