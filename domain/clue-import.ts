import { reachOf } from './identity.ts';

export const CLUE_COLUMNS = [
  'externalNo',
  'summary',
  'agency',
  'actType',
  'name',
  'contact',
  'confidential',
  'receivedOn',
] as const;
export type ClueColumn = (typeof CLUE_COLUMNS)[number];

export const CLUE_HEADINGS: Readonly<Record<ClueColumn, readonly string[]>> = {
  externalNo: ['工单编号', '工单号', '编号', '受理编号'],
  summary: ['诉求内容', '反映内容', '内容', '工单内容', '诉求描述'],
  agency: ['被反映单位', '承办单位', '机关', '被投诉单位', '涉及单位'],
  actType: ['行为类型', '执法行为', '诉求类型'],
  name: ['诉求人', '来电人', '姓名', '投诉人', '联系人'],
  contact: ['联系电话', '来电号码', '电话', '手机', '联系方式'],
  confidential: ['是否保密', '保密'],
  receivedOn: ['来电日期', '受理日期', '派单日期'],
};

/** Without these a file is another table. */
export const REQUIRED_CLUE_COLUMNS = ['externalNo', 'summary'] as const;

export interface ClueRow {
  readonly row: number;
  readonly cells: Readonly<Partial<Record<ClueColumn, string>>>;
}

/** One work order of the hotline, ready to be stored. */
export interface HotlineClue {
  readonly externalNo: string;
  readonly summary: string;
  readonly agency?: string;
  readonly actType?: string;
  readonly name?: string;
  readonly contact?: string;
  readonly confidential: boolean;
  readonly receivedOn?: string;
}

export interface RejectedClueCell {
  readonly row: number;
  readonly column: ClueColumn;
  readonly code:
    | 'column-missing'
    | 'duplicate-number'
    | 'agency-unknown'
    | 'contact-invalid'
    | 'date-invalid'
    | 'too-long'
    | 'control-characters';
  readonly detail: string;
}

interface Reference {
  /** Ids of agencies under their ids and names. */
  readonly agencies: ReadonlyMap<string, string>;
  /** The day of the import: no call came after it. */
  readonly today: string;
}

const LONGEST: Readonly<Partial<Record<ClueColumn, number>>> = {
  externalNo: 100,
  summary: 4_000,
  actType: 100,
  name: 100,
  contact: 120,
};
const CONTROL = /[^\P{Cc}\t\n\r]/u;

/** Judges every cell of a hotline file: whole, or not at all, is the caller's to keep. */
export function importHotline(
  rows: readonly ClueRow[],
  reference: Reference,
): { readonly clues: readonly HotlineClue[]; readonly rejected: readonly RejectedClueCell[] } {
  const seen = new Map<string, number>();
  const judged = rows.map((one) => judge(one, reference, seen));
  return {
    clues: judged.flatMap(({ clue }) => clue ?? []),
    rejected: judged.flatMap(({ faults }) => faults),
  };
}

function judge(
  { row, cells }: ClueRow,
  { agencies, today }: Reference,
  seen: Map<string, number>,
): { readonly clue?: HotlineClue; readonly faults: readonly RejectedClueCell[] } {
  const faults: RejectedClueCell[] = [];
  const add = (column: ClueColumn, code: RejectedClueCell['code'], detail: string): void =>
    void (faults.some((one) => one.column === column) || faults.push({ row, column, code, detail }));
  for (const [column, longest] of Object.entries(LONGEST) as [ClueColumn, number][]) {
    if ((cells[column] ?? '').length > longest) add(column, 'too-long', `不得超过${longest}字`);
    if (CONTROL.test(cells[column] ?? '')) add(column, 'control-characters', '含有不可显示的字符');
  }
  const { externalNo, summary, agency, contact, receivedOn, actType, name, confidential } = cells;
  if (externalNo === undefined) add('externalNo', 'column-missing', '缺少工单编号');
  if (summary === undefined) add('summary', 'column-missing', '缺少诉求内容');
  const before = seen.get(externalNo ?? '');
  if (externalNo !== undefined && before !== undefined)
    add('externalNo', 'duplicate-number', `与第${before}行的工单编号重复`);
  if (externalNo !== undefined && before === undefined) seen.set(externalNo, row);
  if (agency !== undefined && !agencies.has(agency)) add('agency', 'agency-unknown', `名录中没有“${agency}”`);
  if (contact !== undefined && reachOf(contact) === 'none')
    add('contact', 'contact-invalid', '联系方式应为电话号码或电子邮箱');
  const on = receivedOn === undefined ? undefined : dateOf(receivedOn);
  if (receivedOn !== undefined && (on === undefined || on > today))
    add('receivedOn', 'date-invalid', `“${receivedOn}”不是今日或之前的日期`);
  if (faults.length > 0 || externalNo === undefined || summary === undefined) return { faults };
  const known = agency === undefined ? undefined : agencies.get(agency);
  return {
    faults,
    clue: {
      externalNo,
      summary,
      ...(known === undefined ? {} : { agency: known }),
      ...(actType === undefined ? {} : { actType }),
      ...(name === undefined ? {} : { name }),
      ...(contact === undefined ? {} : { contact }),
      confidential: !/^(?:否|不|no|false|0)/i.test(confidential ?? ''),
      ...(on === undefined ? {} : { receivedOn: on }),
    },
  };
}

/** 2026-11-24, 2026/11/24, 2026年11月24日, with or without a time behind it. */
function dateOf(text: string): string | undefined {
  const found = /^(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})日?(?:\D.*)?$/u.exec(text.trim());
  if (!found) return undefined;
  const [, year = '', month = '', day = ''] = found;
  const date = `${year}-${month.padStart(2, '0')}-${day.padStart(2, '0')}`;
  const ms = Date.parse(`${date}T00:00:00Z`);
  return Number.isFinite(ms) && new Date(ms).toISOString().startsWith(date) ? date : undefined;
}
