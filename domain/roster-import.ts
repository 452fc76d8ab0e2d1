import { plainly } from './heading.ts';
import {
  type Agency,
  type AgencyFault,
  type AgencyRow,
  type RosterColumn,
  type RosterFaultCode,
  agencyFaults,
  isId,
} from './roster.ts';

/** A line of a roster file, one contact each; `row` is its number in the file, the headings being row 1. */
export interface RosterRow {
  readonly row: number;
  readonly cells: Readonly<Partial<Record<RosterColumn, string>>>;
}

export interface RejectedCell {
  readonly row: number;
  readonly column: RosterColumn;
  readonly code: RosterFaultCode;
  readonly detail: string;
}

export interface RosterImport {
  readonly create: readonly Agency[];
  readonly update: readonly Agency[];
  /** In the order of the file, one at most for each row and column. */
  readonly rejected: readonly RejectedCell[];
}

export const ROSTER_HEADINGS: Readonly<Record<RosterColumn, readonly string[]>> = {
  id: ['编号', '机关编号', '代码'],
  name: ['名称', '机关名称', '单位名称', '单位'],
  kind: ['类别', '类型', '类别(镇街/部门)'],
  parent: ['上级', '上级机关'],
  domains: ['领域', '执法领域', 'domain'],
  contactName: ['联系人', '姓名', '联系人姓名', 'contact'],
  email: ['邮箱', '电子邮箱', '电子邮件', 'e-mail', 'mail'],
  phone: ['电话', '联系电话', '手机', 'tel'],
  role: ['角色', '角色(主办/b角/负责人)'],
  creditCode: ['统一社会信用代码', '信用代码'],
  subjectKind: ['主体类型', '执法主体类型'],
  legalBasis: ['执法依据', '法律依据', '主体依据'],
  unit: ['监督机构', '监督科室', '执法监督机构'],
  responsible: ['第一责任人', '主要负责同志'],
  responsiblePost: ['第一责任人职务'],
};

/** Without these a file is another table. */
export const REQUIRED_ROSTER_COLUMNS: readonly RosterColumn[] = ['id', 'name', 'kind'];

const SUBJECTS = new Map<string, NonNullable<Agency['subjectKind']>>([
  ['行政机关', 'organ'],
  ['授权组织', 'authorised'],
  ['法律法规授权的组织', 'authorised'],
  ['受委托组织', 'entrusted'],
  ['委托组织', 'entrusted'],
]);

const KINDS = new Map<string, Agency['kind']>([
  ['镇街', 'town'],
  ['镇', 'town'],
  ['街道', 'town'],
  ['镇(街道)', 'town'],
  ['部门', 'department'],
  ['县直部门', 'department'],
]);
const ROLES = new Map([
  ['主办', 'primary'],
  ['a角', 'primary'],
  ['联络员', 'primary'],
  ['b角', 'deputy'],
  ['备用联络员', 'deputy'],
  ['负责人', 'leader'],
  ['分管负责人', 'leader'],
  ['主要负责人', 'leader'],
]);
const DOMAINS = new Map([
  ['城市管理', 'urbanManagement'],
  ['环境保护', 'environment'],
  ['生态环境', 'environment'],
  ['安全生产', 'workSafety'],
  ['食品药品', 'foodDrug'],
  ['食品药品安全', 'foodDrug'],
  ['市场监管', 'market'],
  ['交通运输', 'transport'],
  ['水利', 'water'],
  ['住房建设', 'construction'],
  ['农业农村', 'agriculture'],
  ['卫生健康', 'health'],
  ['劳动保障', 'labour'],
  ['自然资源', 'naturalResources'],
  ['文化旅游', 'culture'],
  ['消防', 'fireSafety'],
  ['气象', 'meteorology'],
  ['教育', 'education'],
]);

/**
 * Merges rows, one a contact, into agencies and judges them. Rows after an agency's first may leave its own columns empty.
 * An agency with a fault in any row is neither created nor updated; whether the rest is stored is the caller's decision.
 */
export function importRoster(rows: readonly RosterRow[], existing: ReadonlySet<string>): RosterImport {
  const groups = grouped(rows);
  const create: Agency[] = [];
  const update: Agency[] = [];
  const rejected: RejectedCell[] = [];
  for (const all of groups) {
    const strays = renamed(all);
    const group = all.filter((one) => !strays.some((stray) => stray.row === one.row));
    const { agency, contactRows } = merge(group);
    const own = agencyFaults(agency).flatMap((fault) => placed(fault, group, contactRows));
    const faults = [...strays, ...differing(group), ...own];
    if (faults.length > 0) rejected.push(...faults);
    else (existing.has(agency.id) ? update : create).push(agency as Agency);
  }
  return { create, update, rejected: onePerCell(rejected) };
}

/** Rows with the same id in the order of its first; rows without one, or with the same impossible one and another name, stay apart. */
function grouped(rows: readonly RosterRow[]): readonly (readonly RosterRow[])[] {
  const groups = new Map<string, RosterRow[]>();
  const names = new Map<string, string>();
  for (const one of rows) {
    const id = cell(one, 'id');
    const name = cell(one, 'name') || (names.get(id) ?? '');
    names.set(id, name);
    const key = isId(id) ? id : `${id}\n${id === '' ? one.row : name}`;
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [one]);
    else group.push(one);
  }
  return [...groups.values()];
}

/** A row that names the agency otherwise than the first is another agency's, or a typing mistake: it is asked about, not guessed, and its contact is not counted here. */
function renamed(group: readonly RosterRow[]): readonly RejectedCell[] {
  const first = group.find((one) => cell(one, 'name') !== '');
  return group
    .filter(
      (one) => first !== undefined && cell(one, 'name') !== '' && cell(one, 'name') !== cell(first, 'name'),
    )
    .map(({ row }) => differs(row, 'name', first));
}

function differs(row: number, column: RosterColumn, first: RosterRow | undefined): RejectedCell {
  const said = first === undefined ? '' : cell(first, column);
  return { row, column, code: 'agency-differs', detail: `与第${first?.row ?? 0}行同编号的“${said}”不一致` };
}

function merge(group: readonly RosterRow[]): { agency: AgencyRow; contactRows: readonly RosterRow[] } {
  const own = (column: RosterColumn) =>
    group.map((one) => cell(one, column)).find((text) => text !== '') ?? '';
  const kind = own('kind');
  const parent = own('parent');
  const contactRows = group.filter((one) => hasContact(one));
  const contacts = contactRows.map((one) => {
    const phone = cell(one, 'phone');
    const role = cell(one, 'role');
    return {
      name: cell(one, 'contactName'),
      email: cell(one, 'email'),
      ...(phone === '' ? {} : { phone }),
      role: ROLES.get(plainly(role)) ?? role.toLowerCase(),
    };
  });
  const domains = [
    ...new Set(
      own('domains')
        .split(/[\s,，、;；/|]+/u)
        .filter((word) => word !== ''),
    ),
  ];
  const agency = {
    id: own('id'),
    name: own('name'),
    kind: KINDS.get(plainly(kind)) ?? kind.toLowerCase(),
    ...(parent === '' ? {} : { parent }),
    domains: domains.map((word) => DOMAINS.get(word) ?? word),
    contacts,
    ...registerOf(own),
  };
  return { agency, contactRows };
}

/** What the rows say of the agency as an enforcement subject; an empty cell says nothing. */
function registerOf(own: (column: RosterColumn) => string): Partial<AgencyRow> {
  const said = (column: RosterColumn) => own(column) || undefined;
  const [creditCode, kind, legalBasis] = [said('creditCode'), said('subjectKind'), said('legalBasis')];
  const [unit, responsible, post] = [said('unit'), said('responsible'), said('responsiblePost')];
  return {
    ...(creditCode === undefined ? {} : { creditCode: creditCode.toUpperCase() }),
    ...(kind === undefined ? {} : { subjectKind: SUBJECTS.get(plainly(kind)) ?? kind }),
    ...(legalBasis === undefined ? {} : { legalBasis }),
    ...(unit === undefined ? {} : { unit: { name: unit } }),
    ...(responsible === undefined
      ? {}
      : { responsible: { name: responsible, ...(post === undefined ? {} : { post }) } }),
  };
}

function hasContact(one: RosterRow): boolean {
  return (['contactName', 'email', 'phone', 'role'] as const).some((column) => cell(one, column) !== '');
}

function cell(one: RosterRow, column: RosterColumn): string {
  return (one.cells[column] ?? '').trim();
}

function differing(group: readonly RosterRow[]): readonly RejectedCell[] {
  return (['kind', 'parent', 'domains', 'creditCode', 'subjectKind', 'unit', 'responsible'] as const).flatMap(
    (column) => {
      const first = group.find((one) => cell(one, column) !== '');
      return group
        .filter(
          (one) =>
            first !== undefined && cell(one, column) !== '' && cell(one, column) !== cell(first, column),
        )
        .map(({ row }) => differs(row, column, first));
    },
  );
}

function placed(
  { contact, column, code, detail }: AgencyFault,
  group: readonly RosterRow[],
  contactRows: readonly RosterRow[],
): readonly RejectedCell[] {
  if (column === 'id') return group.map(({ row }) => ({ row, column, code, detail }));
  const where = contact === undefined ? group[0] : contactRows[contact];
  return [{ row: where?.row ?? 0, column, code, detail }];
}

function onePerCell(rejected: readonly RejectedCell[]): readonly RejectedCell[] {
  const cells = new Map<string, RejectedCell>();
  for (const one of rejected) {
    const key = `${one.row}/${one.column}`;
    if (!cells.has(key)) cells.set(key, one);
  }
  return [...cells.values()].toSorted((a, b) => a.row - b.row);
}
