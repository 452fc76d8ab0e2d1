/** Kinds of problems (问题类别), the same in all modes: what the regulation supervises (行政执法监督条例 第十一、十二条). */
export const CATEGORIES = {
  subject: '主体资格和权限',
  personnel: '人员资格和证件',
  planning: '检查计划和频次',
  disclosure: '执法公示',
  fullRecord: '全过程记录',
  legalReview: '法制审核',
  discretion: '裁量基准',
  evidence: '事实和证据',
  lawApplied: '适用依据',
  procedure: '执法程序',
  timeLimit: '办理期限',
  coercion: '查封扣押和强制措施',
  dutyNotPerformed: '不履行职责',
  profit: '趋利执法和乱收费罚款',
  conduct: '执法作风',
  complaints: '投诉举报办理',
  crimeTransfer: '行刑衔接',
  fileQuality: '案卷和评查',
  responsibility: '责任制和考核',
  rectification: '整改落实',
  other: '其他',
} as const satisfies Record<string, string>;
export type FindingCategory = keyof typeof CATEGORIES;

/** What of a problem its recurrence is seen by. */
export interface Recurring {
  readonly id: string;
  readonly owner: string;
  readonly agency: string;
  /** One of CATEGORIES, or a checklist's own item where the list gives none. */
  readonly category: string;
  /** YYYY-MM-DD */
  readonly foundOn: string;
}

/** The problems that came before this one: the same category at the same agency, in whatever mode; what one look brought together repeats nothing, and what has no kind repeats nothing. */
export function repeatsOf(finding: Recurring, others: readonly Recurring[]): readonly string[] {
  if (finding.category === 'other') return [];
  return others
    .filter(
      (one) =>
        one.id !== finding.id &&
        one.agency === finding.agency &&
        one.category === finding.category &&
        (one.foundOn < finding.foundOn || (one.foundOn === finding.foundOn && one.owner !== finding.owner)),
    )
    .toSorted((a, b) => (a.foundOn === b.foundOn ? compare(a.id, b.id) : compare(a.foundOn, b.foundOn)))
    .map((one) => one.id);
}

const compare = (a: string, b: string): number => (a < b ? -1 : 1);
