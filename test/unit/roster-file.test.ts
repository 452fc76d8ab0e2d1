import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import exceljs from 'exceljs';
import { describe, expect, it } from 'vitest';
import { wholeTable } from '../../api/table-file.ts';
import { Refusal } from '../../domain/refusals.ts';
import type { RosterColumn } from '../../domain/roster.ts';
import { REQUIRED_ROSTER_COLUMNS, ROSTER_HEADINGS, importRoster } from '../../domain/roster-import.ts';

/** The rows of a roster as the import reads them, ten thousand at the most. */
async function readRosterFile(bytes: Buffer, name: string) {
  const dir = await mkdtemp(path.join(tmpdir(), 'jiandu-roster-'));
  try {
    const at = path.join(dir, 'table');
    await writeFile(at, bytes);
    const shape = { headings: ROSTER_HEADINGS, required: REQUIRED_ROSTER_COLUMNS };
    return await wholeTable<RosterColumn>({ path: at, name }, shape, 10_000);
  } finally {
    await rm(dir, { recursive: true });
  }
}

async function refusal(act: () => Promise<unknown>): Promise<string> {
  try {
    await act();
  } catch (error) {
    if (error instanceof Refusal) return error.code;
    throw error;
  }
  return 'none';
}

describe('A roster file', () => {
  const headings = [
    '编号',
    '名称',
    '类别（镇街/部门）',
    '上级',
    '领域',
    '联系人',
    '邮箱',
    '电话',
    '角色（主办/B角/负责人）',
  ];
  const line = (n: number) => [
    `unit-${n}`,
    `第${n}单位`,
    '部门',
    'huantai',
    '安全生产',
    '经办人甲',
    `jia@unit-${n}.example`,
    '0533-0000001',
    '主办',
  ];
  const csv = (lines: readonly (readonly string[])[]) => lines.map((cells) => cells.join(',')).join('\r\n');

  it('of 1,000 rows with 17 bad ones gives 17 errors by row and column', async () => {
    const lines = Array.from({ length: 1000 }, (_, n) => line(n + 1));
    const expected: [number, string, string][] = [];
    const spoil = (at: number, [column, text, name, code]: readonly [number, string, string, string]) => {
      const cells = lines[at - 2];
      if (cells !== undefined) cells[column] = text;
      expected.push([at, name, code]);
    };
    const faults = [
      [0, 'Bad Id', 'id', 'id-invalid'],
      [1, '', 'name', 'name-invalid'],
      [2, '局', 'kind', 'kind-invalid'],
      [3, '县 政 府', 'parent', 'parent-invalid'],
      [4, '修仙', 'domains', 'domain-invalid'],
      [5, '', 'contactName', 'contact-name-invalid'],
      [6, 'jia＠unit', 'email', 'email-invalid'],
      [7, '见名片', 'phone', 'phone-invalid'],
      [8, '临时工', 'role', 'role-invalid'],
    ] as const;
    for (let n = 0; n < 17; n += 1) {
      const fault = faults[n % faults.length];
      if (fault !== undefined) spoil(40 + n * 55, fault);
    }
    const rows = await readRosterFile(Buffer.from(csv([headings, ...lines])), '名册.csv');
    const { create, update, rejected } = importRoster(rows, new Set(['unit-1']));
    expect(rejected.map((one) => [one.row, one.column, one.code])).toEqual(expected);
    expect([create.length, update.length]).toEqual([982, 1]);
  });

  it('may be UTF-8 with or without a mark, UTF-16, or GBK as Excel saves it', async () => {
    const text = csv([headings, line(1)]);
    const gbk = Buffer.from('b1e0bac52cc3fbb3c62cc0e0b1f00d0a6d617169616f2cc2edc7c5d5f22cd5f2', 'hex');
    const expected = {
      id: 'unit-1',
      name: '第1单位',
      kind: '部门',
      email: 'jia@unit-1.example',
      role: '主办',
    };
    for (const bytes of [
      Buffer.from(text),
      Buffer.from(`\uFEFF${text}`),
      Buffer.from(`\uFEFF${text}`, 'utf16le'),
    ]) {
      expect((await readRosterFile(bytes, 'a.CSV'))[0]).toMatchObject({ row: 2, cells: expected });
    }
    expect(await readRosterFile(gbk, 'a.csv')).toEqual([
      { row: 2, cells: { id: 'maqiao', name: '马桥镇', kind: '镇' } },
    ]);
  });

  it('may have English headings in any order, empty lines, and columns of its own', async () => {
    const text =
      'Notes,Contact Name,ID,NAME,kind\nx,"甲\n乙",maqiao,"马桥镇, 本级",town\n\n,,guoli,果里镇,town\n';
    expect(await readRosterFile(Buffer.from(text), 'a.csv')).toEqual([
      { row: 2, cells: { contactName: '甲\n乙', id: 'maqiao', name: '马桥镇, 本级', kind: 'town' } },
      { row: 4, cells: { id: 'guoli', name: '果里镇', kind: 'town' } },
    ]);
  });

  it('may be a workbook, with numbers, links and rich text in its cells', async () => {
    const workbook = new exceljs.Workbook();
    const sheet = workbook.addWorksheet('名册');
    sheet.addRow(headings);
    sheet.addRow(line(1));
    sheet.addRow([]);
    sheet.addRow(line(2));
    sheet.getCell('G2').value = { text: 'jia@unit-1.example', hyperlink: 'mailto:jia@unit-1.example' };
    sheet.getCell('H2').value = 5_330_000_001;
    sheet.getCell('F4').value = { richText: [{ text: '经办' }, { text: '人乙', font: { bold: true } }] };
    const rows = await readRosterFile(Buffer.from(await workbook.xlsx.writeBuffer()), '名册.xlsx');
    expect(rows.map((one) => one.row)).toEqual([2, 4]);
    expect(rows[0]?.cells).toMatchObject({ email: 'jia@unit-1.example', phone: '5330000001' });
    expect(rows[1]?.cells.contactName).toBe('经办人乙');
    expect(importRoster(rows, new Set()).create).toHaveLength(2);
  });

  it('that is none is refused with a sentence', async () => {
    const many = csv([headings, ...Array.from({ length: 10_001 }, (_, n) => line(n))]);
    expect(await refusal(async () => readRosterFile(Buffer.from('x'), 'a.pdf'))).toBe('file-refused');
    expect(await refusal(async () => readRosterFile(Buffer.from('not a zip'), 'a.xlsx'))).toBe(
      'file-refused',
    );
    expect(await refusal(async () => readRosterFile(Buffer.from(''), 'a.csv'))).toBe('file-refused');
    expect(await refusal(async () => readRosterFile(Buffer.from('编号,电话\na,1'), 'a.csv'))).toBe(
      'file-refused',
    );
    expect(await refusal(async () => readRosterFile(Buffer.from(csv([headings])), 'a.csv'))).toBe(
      'file-refused',
    );
    expect(await refusal(async () => readRosterFile(Buffer.from(`${csv([headings])}\n"open`), 'a.csv'))).toBe(
      'file-refused',
    );
    expect(await refusal(async () => readRosterFile(Buffer.from([80, 75, 0, 1]), 'a.csv'))).toBe(
      'file-refused',
    );
    expect(await refusal(async () => readRosterFile(Buffer.from(many), 'a.csv'))).toBe('file-refused');
  });
});
