import type { AccountabilityStatus } from './accountability.ts';
import type { CampaignStatus, Phase } from './campaign.ts';
import type { CaseStatus } from './case.ts';
import type { TaskStatus } from './task.ts';

/** Where a process stands, in the office's words: for whoever looks at it in the engine itself. */
export const CAMPAIGN_STATES: Readonly<Record<CampaignStatus, string>> = {
  draft: '草稿',
  launching: '待发出',
  running: '进行中',
  paused: '已暂停',
  summarising: '总结中',
  closed: '已结束',
  recalled: '已撤回',
  cancelled: '已取消',
};

export const CAMPAIGN_PHASES: Readonly<Record<Phase, string>> = {
  mobilisation: '动员部署',
  selfInspection: '自查自纠',
  jointInspection: '县镇联合检查',
  rectification: '限期整改',
  lookBack: '回头看',
  circular: '总结通报',
};

export const CASE_STATE_WORDS: Readonly<Record<CaseStatus, string>> = {
  accepted: '已受理，待立案',
  filed: '已立案',
  noticeServed: '通知书已送达，待签收',
  statementDue: '待书面说明',
  statementReceived: '已收到说明',
  investigating: '调查中',
  reviewing: '审核中',
  terminated: '已终止',
  letterIssued: '督办函已送达',
  opinionIssued: '意见书已送达',
  rectifying: '整改中',
  verifying: '待核查',
  decisionProposed: '拟作决定',
  governmentApproving: '待县政府批准',
  sentBack: '县政府退回',
  decisionIssued: '决定书已送达',
  executing: '执行中',
  executionReported: '已报执行，待核查',
  verified: '已核查，待结案',
  closed: '已结案',
  replied: '已答复',
  archived: '已归档',
  suspended: '中止',
};

export const TASK_STATES: Readonly<Record<TaskStatus, string>> = {
  pending: '待发送',
  unacknowledged: '待签收',
  inProgress: '办理中',
  inReview: '待审核',
  returned: '退回补正',
  closed: '已办结',
  withdrawn: '中止',
};

export const ACCOUNTABILITY_STATES: Readonly<Record<AccountabilityStatus, string>> = {
  recommended: '建议待发出',
  sent: '已发往有权机关，待处理结果',
  declined: '有权机关决定不予处理',
  withdrawn: '已撤回',
  outcomeReceived: '已登记处理结果',
  inEffect: '处理生效中',
  ended: '已结束',
};

/** Whom the first part of a workflow's id names, in the office's words. */
const KINDS = {
  campaign: '专项监督',
  case: '个案监督',
  plan: '年度监督计划',
  tasks: '事项组',
  accountability: '责任追究建议',
  fileReview: '案卷评查',
  settlement: '存疑邮件的处理',
  calendar: '节假日安排引起的期限变动',
  outage: '停运引起的期限顺延',
  roster: '名录维护',
} as const;
export type ProcessKind = keyof typeof KINDS;

/** Most that the engine keeps of a summary, in bytes of UTF-8. */
const SUMMARY_BYTES = 200;

/** One line that names a process, cut to what the engine keeps; it names no person. */
export function summaryOf(kind: ProcessKind, no: string, more = ''): string {
  let bytes = 0;
  let said = '';
  for (const character of `${KINDS[kind]} ${no}${more === '' ? '' : ` ${more}`}`) {
    const code = character.codePointAt(0) ?? 0;
    bytes += code < 0x80 ? 1 : code < 0x8_00 ? 2 : code < 0x1_00_00 ? 3 : 4;
    if (bytes > SUMMARY_BYTES) break;
    said += character;
  }
  return said;
}
