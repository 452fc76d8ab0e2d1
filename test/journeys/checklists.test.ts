import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import request from 'supertest';
import exceljs from 'exceljs';
import { issueToken } from '../../data/seed.ts';
import { seedReference } from '../../data/seed.ts';
import { checklistPoints } from '../../domain/checklist.ts';
import type { Role } from '../../models/account.ts';
import { type Desk, openDesk } from '../support/desk.ts';

const HEADINGS = ['编号', '层级', '阶段', '检查内容', '佐证材料', '必附佐证', '分值', '问题类别'];
const ROWS = [
  ['E01', '部门', '事中', '执法记录仪逐级归档', '归档目录', '是', '40', '全过程记录'],
  ['E02', 'G', '事后', '年度考核结果已运用', '', '否', '60', ''],
];

describe('Checklists', () => {
  let desk: Desk;
  const tokens = new Map<Role, string>();
  const call = (role: Role, method: 'get' | 'post' | 'put', where: string) => {
    const agent = request(desk.app);
    return agent[method](`/api/v1${where}`).set('Authorization', `Bearer ${tokens.get(role)}`);
  };
  const sheet = async (rows: readonly (readonly string[])[]): Promise<Buffer> => {
    const workbook = new exceljs.Workbook();
    workbook.addWorksheet('清单').addRows([HEADINGS, ...rows].map((row) => [...row]));
    return Buffer.from(await workbook.xlsx.writeBuffer());
  };
  const upload = (where: string, bytes: Buffer, name: string) =>
    call('administrator', 'post', `/checklists/import${where}`).attach('file', bytes, name);

  beforeAll(async () => {
    desk = await openDesk();
    await desk.fresh();
    await seedReference(desk.store);
    for (const role of ['administrator', 'organizer', 'auditor'] as const)
      tokens.set(role, await issueToken(desk.store, role));
  });
  afterAll(() => desk.close());

  it('The thirty items of the year stand there: both levels, three stages, a hundred points', async () => {
    const { status, body } = await call('auditor', 'get', '/checklists/CL-annual');
    expect(status).toBe(200);
    const items = body.items as {
      id: string;
      level: string;
      stage: string;
      points: number;
      evidence: string;
    }[];
    expect(items.map((one) => one.id)).toEqual([
      ...['B01', 'B02', 'B03', 'B04', 'B05', 'B06', 'B07', 'B08', 'B09', 'B10', 'B11'],
      ...['M01', 'M02', 'M03', 'M04', 'M05', 'M06', 'M07', 'M08', 'M09', 'M10'],
      ...['A01', 'A02', 'A03', 'A04', 'A05', 'A06', 'A07', 'A08', 'A09'],
    ]);
    const { got, of, value } = checklistPoints(
      items,
      Object.fromEntries(items.map(({ id }) => [id, { result: 'met' as const }])),
    );
    expect([got, of, value]).toEqual([of, items.reduce((sum, one) => sum + one.points, 0), 100]);
    expect(new Set(items.map((one) => one.level))).toEqual(new Set(['G', 'D']));
    expect(items.every((one) => one.evidence !== '')).toBe(true);
  });

  it('What does not apply falls out and the rest is rescaled; what was not answered is not met', () => {
    const items = [
      { id: 'a', points: 4 },
      { id: 'b', points: 4 },
      { id: 'c', points: 2 },
    ];
    expect(
      checklistPoints(items, {
        a: { result: 'met' },
        b: { result: 'partly' },
        c: { result: 'notApplicable' },
      }),
    ).toEqual({ value: 75, got: 6, of: 8 });
    expect(checklistPoints(items, { a: { result: 'met' } })).toEqual({ value: 40, got: 4, of: 10 });
    expect(
      checklistPoints(
        items,
        Object.fromEntries(items.map(({ id }) => [id, { result: 'notApplicable' as const }])),
      ).value,
    ).toBeNull();
  });

  it('A change makes the next version, the one before stays readable, and only administrators change', async () => {
    const { body: before, headers } = await call('auditor', 'get', '/checklists/CL-three-systems');
    const { id: _id, version: _version, ...content } = before;
    const changed = {
      ...content,
      items: content.items.map((one: { id: string }, i: number) =>
        i === 0 ? { ...one, text: '改过的内容' } : one,
      ),
    };
    expect((await call('organizer', 'put', '/checklists/CL-three-systems').send(changed)).status).toBe(403);
    const after = await call('administrator', 'put', '/checklists/CL-three-systems')
      .set('If-Match', headers['etag'] ?? '')
      .send(changed);
    expect([after.status, after.body.version, after.body.items[0].text]).toEqual([200, 2, '改过的内容']);
    const stale = await call('administrator', 'put', '/checklists/CL-three-systems')
      .set('If-Match', headers['etag'] ?? '')
      .send(changed);
    expect([stale.status, stale.body.code]).toEqual([412, 'stale-version']);
    expect((await call('auditor', 'get', '/checklists/CL-three-systems?version=1')).body).toEqual(before);
    expect((await call('auditor', 'get', '/checklists/CL-three-systems?version=9')).status).toBe(404);
  });

  it('A list that cannot be used is refused item by item', async () => {
    const item = { id: 'E01', text: '内容', level: 'G', stage: 'before', points: 5 };
    const made = (over: Record<string, unknown>) =>
      call('administrator', 'post', '/checklists').send({
        id: 'CL-new',
        title: '新清单',
        items: [item],
        ...over,
      });
    for (const [over, pointer] of [
      [{ id: '新' }, '/id'],
      [{ title: ' ' }, '/title'],
      [{ items: [] }, '/items'],
      [{ items: [item, item] }, '/items/1/id'],
      [{ items: [{ ...item, points: 0 }] }, '/items/0/points'],
      [{ items: [{ ...item, stage: 'never' }] }, '/items/0/stage'],
      [{ items: [{ ...item, mandatoryEvidence: true }] }, '/items/0/evidence'],
      [{ items: [{ ...item, standing: [13] }] }, '/items/0/standing'],
      [{ level: 'D' }, '/items/0/level'],
    ] as const) {
      const { status, body } = await made(over);
      expect([pointer, status, body.errors?.[0]?.pointer]).toEqual([pointer, 422, pointer]);
    }
    expect((await made({})).status).toBe(201);
    const again = await made({});
    expect([again.status, again.body.code]).toEqual([409, 'checklist-exists']);
  });

  it('An item that a plan of the year still asks for is not taken away', async () => {
    await desk.store.plans.create({
      _id: 'RC-2026',
      year: 2026,
      state: 'running',
      version: 1,
      items: [{ check: 'M06', agencies: ['a'], months: [3], because: [] }],
      terms: { review: { workdays: 10 }, rectification: { days: 30 } },
      createdBy: 'x',
      createdAt: '2026-01-05T09:00:00+08:00',
      milestones: [],
    });
    const { body } = await call('auditor', 'get', '/checklists/CL-annual');
    const { id: _id, version: _version, ...content } = body;
    const without = (gone: string) => ({
      ...content,
      items: content.items.filter((one: { id: string }) => one.id !== gone),
    });
    const refused = await call('administrator', 'put', '/checklists/CL-annual').send(without('M06'));
    expect([refused.status, refused.body.errors[0].code]).toEqual([422, 'item-in-use']);
    expect((await call('administrator', 'put', '/checklists/CL-annual').send(without('M07'))).status).toBe(
      200,
    );
  });

  it('A table is tried, then becomes the next version: from .xlsx and from .csv alike', async () => {
    const tried = await upload(
      '?checklist=CL-extra&title=%E5%8A%A0%E8%80%83&dryRun=true',
      await sheet(ROWS),
      '清单.xlsx',
    );
    expect([tried.status, tried.body]).toEqual([200, { id: 'CL-extra', version: 1, items: 2, rejected: [] }]);
    expect((await call('auditor', 'get', '/checklists/CL-extra')).status).toBe(404);
    expect(
      (await upload('?checklist=CL-extra&title=%E5%8A%A0%E8%80%83', await sheet(ROWS), '清单.xlsx')).status,
    ).toBe(201);
    const csv = Buffer.from(`\uFEFF${[HEADINGS, ...ROWS].map((row) => row.join(',')).join('\r\n')}`);
    expect((await upload('?checklist=CL-extra', csv, '清单.csv')).body).toMatchObject({
      version: 2,
      items: 2,
    });
    const { body } = await call('auditor', 'get', '/checklists/CL-extra');
    expect(body).toMatchObject({
      title: '加考',
      version: 2,
      level: 'GD',
      items: [
        {
          id: 'E01',
          level: 'D',
          stage: 'during',
          mandatoryEvidence: true,
          points: 40,
          category: 'fullRecord',
        },
        { id: 'E02', level: 'G', stage: 'after', mandatoryEvidence: false },
      ],
    });
  });

  it('Every fault of a table has its row and column, and nothing of it is kept', async () => {
    const bad = [
      ['E01', '县', '事中', '内容', '目录', '也许', '十', '无此类'],
      ['E01', 'G', '以后', '', '', '是', '5'],
    ];
    const { status, body } = await upload('?checklist=CL-bad&title=x', await sheet(bad), '清单.xlsx');
    expect(status).toBe(422);
    expect(body.errors.map((one: { pointer: string }) => one.pointer).sort()).toEqual(
      [
        '/rows/2/category',
        '/rows/2/level',
        '/rows/2/mandatoryEvidence',
        '/rows/2/points',
        '/rows/3/evidence',
        '/rows/3/id',
        '/rows/3/stage',
        '/rows/3/text',
      ].sort(),
    );
    expect(await desk.store.checklists.exists({ _id: 'CL-bad' })).toBeNull();
    const other = await upload('?checklist=CL-bad&title=x', Buffer.from('姓名,电话\n甲,1'), '名单.csv');
    expect([other.status, other.body.errors[0].code]).toEqual([422, 'file-refused']);
    expect((await call('administrator', 'post', '/checklists/import?checklist=CL-bad')).status).toBe(422);
  });
});
