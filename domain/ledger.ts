import { CATEGORIES, type FindingCategory } from './finding.ts';

/** Where a problem stands, as the ledger (问题台账) shows it: 销号 is `writtenOff`, 回头看 `lookedBack`. */
export const LEDGER_STATES = ['found', 'rectifying', 'writtenOff', 'lookedBack', 'reopened'] as const;
export type LedgerState = (typeof LEDGER_STATES)[number];

export const MODES = ['daily', 'special', 'case'] as const;
export type Mode = (typeof MODES)[number];

/** One row of the ledger: a problem with everything that the working form asks about it. */
export interface LedgerRow {
  readonly id: string;
  readonly mode: Mode;
  readonly owner: string;
  readonly source: 'self' | 'inspection' | 'lookBack' | 'investigation' | 'warning';
  readonly foundOn: string;
  readonly agency: string;
  readonly agencyName: string;
  /** Town or subdistrict; empty for a department of the county. */
  readonly town: string;
  readonly domain: string;
  /** Kind of problem; the check item where none is given. */
  readonly category: string;
  readonly description: string;
  readonly basis: string;
  readonly severity: 'minor' | 'ordinary' | 'major';
  /** The responsible leader (责任领导) and who handles it, as the roster has them. */
  readonly leader: string;
  readonly handler: string;
  /** What the agency says it did. */
  readonly measure: string;
  readonly task: string;
  /** RFC 3339, or empty while no rectification is asked for. */
  readonly due: string;
  readonly state: LedgerState;
  readonly late: boolean;
  /** Names of the files handed in. */
  readonly evidence: string;
  /** What the reviewer decided last: accepted, returned, or empty. */
  readonly verification: '' | 'accepted' | 'returned';
  readonly writtenOffOn: string;
  readonly lookedBack: boolean;
  /** Earlier problems of the same kind at the same agency. */
  readonly repeats: readonly string[];
}

/** The columns of the form, in its order. */
export const LEDGER_COLUMNS = [
  'serial',
  'id',
  'mode',
  'source',
  'foundOn',
  'agencyName',
  'town',
  'domain',
  'category',
  'description',
  'basis',
  'severity',
  'leader',
  'handler',
  'measure',
  'due',
  'state',
  'evidence',
  'verification',
  'writtenOffOn',
  'lookedBack',
  'repeats',
] as const;
export type LedgerColumn = (typeof LEDGER_COLUMNS)[number];

type Words = { readonly zh: string; readonly en: string };

export const LEDGER_HEADINGS: Readonly<Record<LedgerColumn, Words>> = {
  serial: { zh: '序号', en: 'No.' },
  id: { zh: '问题编号', en: 'Problem' },
  mode: { zh: '监督方式', en: 'Mode' },
  source: { zh: '问题来源', en: 'Source' },
  foundOn: { zh: '发现日期', en: 'Found on' },
  agencyName: { zh: '责任单位', en: 'Agency' },
  town: { zh: '镇（街道）', en: 'Town' },
  domain: { zh: '执法领域', en: 'Domain' },
  category: { zh: '问题类别', en: 'Category' },
  description: { zh: '问题描述', en: 'Description' },
  basis: { zh: '监督依据', en: 'Basis' },
  severity: { zh: '严重程度', en: 'Severity' },
  leader: { zh: '责任领导', en: 'Leader' },
  handler: { zh: '经办人', en: 'Handler' },
  measure: { zh: '整改措施', en: 'Measure' },
  due: { zh: '整改期限', en: 'Due' },
  state: { zh: '整改进度', en: 'Progress' },
  evidence: { zh: '佐证材料', en: 'Evidence' },
  verification: { zh: '验收意见', en: 'Verification' },
  writtenOffOn: { zh: '销号日期', en: 'Written off on' },
  lookedBack: { zh: '回头看', en: 'Look-back' },
  repeats: { zh: '重复发生', en: 'Repeats' },
};

const WORDS: Readonly<Record<string, Readonly<Record<string, Words>>>> = {
  mode: {
    daily: { zh: '日常监督', en: 'daily' },
    special: { zh: '专项监督', en: 'special' },
    case: { zh: '个案监督', en: 'case' },
  },
  source: {
    self: { zh: '自查发现', en: 'self-disclosed' },
    inspection: { zh: '检查发现', en: 'inspection' },
    lookBack: { zh: '回头看发现', en: 'look-back' },
    investigation: { zh: '核查发现', en: 'investigation' },
    warning: { zh: '预警发现', en: 'warning' },
  },
  severity: {
    minor: { zh: '轻微', en: 'minor' },
    ordinary: { zh: '一般', en: 'ordinary' },
    major: { zh: '严重', en: 'major' },
  },
  state: {
    found: { zh: '待整改', en: 'found' },
    rectifying: { zh: '整改中', en: 'rectifying' },
    writtenOff: { zh: '已销号', en: 'written off' },
    lookedBack: { zh: '已回头看', en: 'looked back on' },
    reopened: { zh: '重新整改', en: 'reopened' },
  },
  verification: {
    accepted: { zh: '通过', en: 'accepted' },
    returned: { zh: '退回补正', en: 'returned' },
  },
};

/** A kind of problem in words; an item that has none is named as it is. */
const categoryWord = (category: string): string =>
  Object.hasOwn(CATEGORIES, category) ? CATEGORIES[category as FindingCategory] : category;

/** What a cell shows to a person. */
export function ledgerCell(
  row: LedgerRow,
  column: LedgerColumn,
  as: { readonly serial: number; readonly lang: 'zh' | 'en' },
): string | number {
  if (column === 'serial') return as.serial;
  const value = row[column];
  if (column === 'lookedBack') return value ? (as.lang === 'zh' ? '是' : 'yes') : '';
  if (column === 'repeats') return row.repeats.join(as.lang === 'zh' ? '、' : ', ');
  if (column === 'due') return row.due.slice(0, 10);
  if (column === 'category') return as.lang === 'zh' ? categoryWord(row.category) : row.category;
  return WORDS[column]?.[String(value)]?.[as.lang] ?? String(value);
}

/** A state and whether it was looked back on, as one word. */
export const ledgerState = (finding: {
  readonly state: Exclude<LedgerState, 'lookedBack'>;
  readonly lookedBack?: boolean | undefined;
}): LedgerState => (finding.state === 'writtenOff' && finding.lookedBack ? 'lookedBack' : finding.state);
