import { OUTCOMES } from './act.ts';
import { OUTCOME_WORDS } from './act-table.ts';
import { KIND_NAMES } from './document.ts';
import { INSTRUMENTS, type Statistics } from './statistics.ts';

type Cell = string | number;

/** One table as it is printed. */
export interface StatisticsSheet {
  readonly name: string;
  readonly title: string;
  readonly headings: readonly string[];
  readonly rows: readonly (readonly Cell[])[];
}

/** The lightest stands last in print, as `other` does in the form. */
const PENALTIES = [...OUTCOMES.penalty.filter((kind) => kind !== 'other'), 'other'] as const;
const TYPES = { levy: '行政征收', fee: '行政收费', inspection: '行政检查' } as const;

/** The annual report's tables with their Chinese headings, agencies by name. */
export function statisticsSheets(
  statistics: Statistics,
  nameOf: (agency: string) => string,
): readonly StatisticsSheet[] {
  const { year, penalties, licences, coercion, others, certificates, supervision } = statistics;
  const title = (what: string): string => `${year}年度${what}情况统计表（${year}年1月1日至12月31日）`;
  const both = <R, T>({ rows, total }: { rows: readonly R[]; total: R }, cells: (row: R) => T): T[] =>
    [...rows, total].map((row) => cells(row));
  const rate = (percent: number | null): Cell => (percent === null ? '' : percent);
  return [
    {
      name: '行政处罚',
      title: title('行政处罚实施'),
      headings: [
        '单位',
        ...PENALTIES.map((kind) => OUTCOME_WORDS[kind] ?? kind),
        '合计（件）',
        '罚没金额（万元）',
      ],
      rows: both(penalties, (row) => [
        nameOf(row.agency),
        ...PENALTIES.map((kind) => row[kind]),
        row.total,
        row.amount,
      ]),
    },
    {
      name: '行政许可',
      title: title('行政许可实施'),
      headings: ['单位', '申请数量', '受理数量', '许可数量', '不予许可数量', '撤销许可数量'],
      rows: both(licences, (row) => [
        nameOf(row.agency),
        row.applied,
        row.accepted,
        row.granted,
        row.refused,
        row.revoked,
      ]),
    },
    {
      name: '行政强制',
      title: title('行政强制实施'),
      headings: ['单位', ...OUTCOMES.coercion.map((kind) => OUTCOME_WORDS[kind] ?? kind), '合计（件）'],
      rows: both(coercion, (row) => [
        nameOf(row.agency),
        ...OUTCOMES.coercion.map((kind) => row[kind]),
        row.total,
      ]),
    },
    {
      name: '其他行政执法行为',
      title: title('行政征收、行政收费、行政检查实施'),
      headings: ['单位', '行为类型', '数量（件）', '金额（万元）', '涉及对象', '发现问题', '问题发现率（%）'],
      rows: [...others.rows, ...others.totals].map((row) => [
        nameOf(row.agency),
        TYPES[row.type],
        row.count,
        row.amount,
        row.targets,
        row.problemsFound,
        rate(row.problemRate),
      ]),
    },
    {
      name: '执法人员持证',
      title: title('行政执法人员持证'),
      headings: ['单位', '执法人员', '证件有效', '持证率（%）'],
      rows: both(certificates, (row) => [nameOf(row.agency), row.officers, row.valid, rate(row.rate)]),
    },
    {
      name: '行政执法监督',
      title: title('行政执法监督工作'),
      headings: ['项目', '数量'],
      rows: [
        ['收到线索（条）', supervision.cluesReceived],
        ['其中受理立案（条）', supervision.cluesAccepted],
        ['监督立案（件）', supervision.casesOpened],
        ['监督结案（件）', supervision.casesClosed],
        ...INSTRUMENTS.map((kind) => [`${KIND_NAMES[kind]}（份）`, supervision.documents[kind]]),
      ],
    },
  ];
}
