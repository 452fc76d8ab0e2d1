import { dayOf, plainly } from './heading.ts';
import type { CertificateKind } from './holder.ts';

/** The columns of an imported table of supervisors or officers. */
export const HOLDER_COLUMNS = [
  'name',
  'agency',
  'certificateNo',
  'certificateKind',
  'issued',
  'expires',
  'identity',
  'post',
  'trainingYear',
  'trainingHours',
  'examOn',
  'examSubject',
  'examResult',
  'examScore',
  'leftOn',
] as const;
export type HolderColumn = (typeof HOLDER_COLUMNS)[number];

/** Without these a file is another table. */
export const REQUIRED_HOLDER_COLUMNS: readonly HolderColumn[] = [
  'name',
  'certificateNo',
  'issued',
  'expires',
];

export const HOLDER_HEADINGS: Readonly<Record<HolderColumn, readonly string[]>> = {
  name: ['姓名', '执法人员', '监督人员', '人员姓名'],
  agency: ['单位', '所在单位', '执法单位', '执法机关', '机关', '机关编号', '单位名称'],
  certificateNo: ['证件编号', '执法证号', '监督证号', '证号', '执法证件编号', '监督证件编号'],
  certificateKind: ['证件种类', '证件类型', '证件类别'],
  issued: ['发证日期', '颁发日期', '有效期自'],
  expires: ['有效期至', '有效期截止', '到期日期', '失效日期'],
  identity: ['身份证号', '身份证号码', '公民身份号码', '居民身份证号'],
  post: ['岗位', '执法岗位', '职务'],
  trainingYear: ['培训年度', '学时年度'],
  trainingHours: ['培训学时', '年度培训学时', '学时'],
  examOn: ['考试日期'],
  examSubject: ['考试科目', '考试名称'],
  examResult: ['考试结果', '是否合格'],
  examScore: ['考试成绩', '成绩'],
  leftOn: ['离岗日期', '调离日期'],
};

const KINDS = new Map<string, CertificateKind>([
  ['行政执法证', 'enforcement'],
  ['执法证', 'enforcement'],
  ['山东省行政执法证', 'enforcement'],
  ['部委证', 'ministerial'],
  ['部委制发', 'ministerial'],
  ['国务院部门制发', 'ministerial'],
  ['行政执法监督证', 'supervision'],
  ['监督证', 'supervision'],
  ['山东省行政执法监督证', 'supervision'],
]);
const PASSED = new Map([
  ['合格', true],
  ['通过', true],
  ['是', true],
  ['不合格', false],
  ['未通过', false],
  ['否', false],
]);

/** Where a fault of a field stands in the table. */
export function columnAt(pointer: string): HolderColumn {
  const [, field = '', second = '', third = ''] = pointer.split('/');
  if (field === 'certificate') return CERTIFICATE[second] ?? 'certificateNo';
  if (field === 'training') return third === 'year' ? 'trainingYear' : 'trainingHours';
  if (field === 'exams') return EXAM[third] ?? 'examOn';
  return (HOLDER_COLUMNS as readonly string[]).includes(field) ? (field as HolderColumn) : 'name';
}
const CERTIFICATE: Readonly<Record<string, HolderColumn>> = {
  no: 'certificateNo',
  kind: 'certificateKind',
  issued: 'issued',
  expires: 'expires',
};
const EXAM: Readonly<Record<string, HolderColumn>> = {
  on: 'examOn',
  subject: 'examSubject',
  passed: 'examResult',
  score: 'examScore',
};

type Cells = Readonly<Partial<Record<HolderColumn, string>>>;

/** What a row may leave unsaid. */
export interface HolderContext {
  /** The year that hours belong to where the row names none. */
  readonly year: number;
  /** Agencies by their id and by their name; a name that two have stands for neither. */
  readonly agencies: ReadonlyMap<string, string>;
}

/** One row as a person, its Chinese words in the field's own: not yet judged. */
export function holderRow(
  cells: Cells,
  { year, agencies }: HolderContext,
): Readonly<Record<string, unknown>> {
  const { name, agency, post, identity, leftOn } = cells;
  const kind = cells.certificateKind;
  return {
    name: name ?? '',
    ...(agency === undefined ? {} : { agency: agencies.get(agency) ?? agency }),
    ...(post === undefined ? {} : { post }),
    certificate: {
      no: cells.certificateNo ?? '',
      ...(kind === undefined ? {} : { kind: KINDS.get(plainly(kind)) ?? kind }),
      issued: dayOf(cells.issued ?? ''),
      expires: dayOf(cells.expires ?? ''),
    },
    ...(identity === undefined ? {} : { identity }),
    training:
      cells.trainingHours === undefined
        ? []
        : [{ year: numberOf(cells.trainingYear ?? String(year)), hours: numberOf(cells.trainingHours) }],
    exams: examOf(cells),
    ...(leftOn === undefined ? {} : { leftOn: dayOf(leftOn) }),
  };
}

function examOf({ examOn, examSubject, examResult, examScore }: Cells): readonly unknown[] {
  if (examOn === undefined && examSubject === undefined && examResult === undefined) return [];
  return [
    {
      on: dayOf(examOn ?? ''),
      subject: examSubject ?? '行政执法资格考试',
      passed: PASSED.get(plainly(examResult ?? '')) ?? examResult,
      ...(examScore === undefined ? {} : { score: numberOf(examScore) }),
    },
  ];
}

const numberOf = (text: string): unknown => (/^\d+(?:\.\d+)?$/u.test(text) ? Number(text) : text);
