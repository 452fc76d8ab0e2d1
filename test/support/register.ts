import type { House } from './house.ts';

const WEIGHTS = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2];

/** The identity number of nobody: a district, a birthday and a place in the order, with the right last digit. */
export function citizenNumber(n: number): string {
  const month = String((n % 12) + 1).padStart(2, '0');
  const day = String((Math.floor(n / 12) % 28) + 1).padStart(2, '0');
  const body = `370321${1960 + (Math.floor(n / 336) % 40)}${month}${day}${String(Math.floor(n / 13_440) % 1_000).padStart(3, '0')}`;
  const sum = WEIGHTS.reduce((total, weight, at) => total + weight * Number(body[at]), 0);
  return `${body}${'10X98765432'[sum % 11] ?? ''}`;
}

/** So many enforcement agencies without contacts: jiguan-1 and on. */
export const plantAgencies = async ({ store }: Pick<House, 'store'>, n: number): Promise<void> => {
  await store.agencies.insertMany(
    Array.from({ length: n }, (_, i) => ({
      _id: `jiguan-${i + 1}`,
      name: `第${i + 1}执法机关`,
      kind: 'department',
      domains: [],
      contacts: [],
    })),
  );
};

export const OFFICER_HEADINGS = [
  '姓名',
  '所在单位',
  '证件编号',
  '证件种类',
  '发证日期',
  '有效期至',
  '身份证号',
  '岗位',
  '培训学时',
];

/** The faults that are planted, in turn: cell, what is written there, and how the column is called. */
const FAULTS = [
  [1, '没有的机关', 'agency'],
  [5, '2020-01-01', 'expires'],
  [6, '370321199001011230', 'identity'],
  [4, '二〇二五年', 'issued'],
  [0, '', 'name'],
] as const;

export interface OfficerTable {
  readonly rows: string[][];
  readonly faults: readonly { readonly row: number; readonly column: string }[];
}

/** `n` officers of so many agencies, every hundredth with one fault of another kind. */
export function officerTable(n: number, { agencies, bad }: { agencies: number; bad: boolean }): OfficerTable {
  const faults: { row: number; column: string }[] = [];
  const rows = Array.from({ length: n }, (_, i) => {
    const cells = officerRow(i, agencies);
    const fault = FAULTS[faults.length % FAULTS.length];
    if (bad && i % 100 === 50 && fault) {
      cells[fault[0]] = fault[1];
      faults.push({ row: i + 2, column: fault[2] });
    }
    return cells;
  });
  return { rows, faults };
}

export const officerRow = (i: number, agencies: number): string[] => [
  `执法员${i + 1}`,
  `jiguan-${(i % agencies) + 1}`,
  `ZF-${String(i + 1).padStart(7, '0')}`,
  '行政执法证',
  '2024/3/1',
  '2029年2月28日',
  citizenNumber(i),
  '执法岗',
  String(40 + (i % 40)),
];
