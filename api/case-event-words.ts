import { KIND_NAMES, type DocumentKind } from '../domain/document.ts';
import type { Words } from './event-words.ts';

type Detail = Parameters<Words>[0];

const named = (names: Readonly<Record<string, string>>, value: unknown): string =>
  names[String(value)] ?? String(value);

const paper = (d: Detail): string => KIND_NAMES[d['kind'] as DocumentKind] ?? '文书';
const titled = (d: Detail): string => (d['title'] ? String(d['title']) : paper(d));
const noted = (d: Detail): string => (d['note'] ? `：${String(d['note'])}` : '');

const RECORDS = {
  fileRetrieval: '调阅案卷',
  interviewRecord: '询问笔录',
  onSiteInspection: '现场检查',
  covertVisit: '暗访',
  appraisal: '鉴定',
};
const REVIEWS = { legalReview: '法制审核', collectiveDiscussion: '集体讨论' };
const CONCLUSIONS = { violation: '存在问题', noViolation: '未发现问题', correctedOnSpot: '已当场纠正' };
const REMEDIES = {
  reconsideration: '行政复议',
  litigation: '行政诉讼',
  supervisoryInvestigation: '监察调查',
};
const SIDES = { self: '本人', agency: '被监督机关', complainant: '投诉人', exOfficio: '依职权' };
const TARGETS = {
  supervisionCommission: '监察机关',
  police: '公安机关',
  procuratorate: '检察机关',
  competentAgency: '有权机关',
};
const REASONS = {
  rectified: '整改到位',
  noViolation: '未发现违法或者明显不当',
  decisionExecuted: '决定已执行',
  transferred: '已移送',
  remedyStarted: '已进入复议、诉讼或者监察程序',
  withdrawn: '投诉人撤回',
};
const DEADLINES = {
  filing: '立案审批',
  notice: '通知被监督机关',
  investigation: '调查处理',
  verification: '核查反馈',
  objectionAnswer: '答复异议',
  government: '政府批准',
  reply: '答复投诉人',
  hotline: '热线工单回复',
  closure: '结案',
  archive: '归档',
  recusal: '回避决定',
  suspension: '复核中止原因',
  transferApproval: '移送审批',
  transferHandOver: '移送',
  policeDecision: '公安机关立案审查',
};

export const deadlineWord = (name: string): string => named(DEADLINES, name);

/** What happens in a case, as people read it. */
export const CASE_WORDS: Readonly<Record<string, Words>> = {
  'case-opened': (d) => `线索${String(d['clue'])}受理，开办个案，被监督机关：${String(d['agency'])}`,
  'case-filed': (d) =>
    `批准立案，指定办案监督人员${d['heard'] ? `；已在案卷评查（${String(d['heard'])}）中听取意见` : ''}`,
  'case-not-filed': (d) => `不予立案：${String(d['reason'])}`,
  'case-assigned': () => '更换办案监督人员',
  'case-extended': (d) => `延长办理期限${String(d['days'])}日：${String(d['reason'])}`,
  investigated: (d) => `登记调查取证：${named(RECORDS, d['kind'])}`,
  reviewed: (d) =>
    `${named(REVIEWS, d['kind'])}${d['conclusion'] ? `，结论：${named(CONCLUSIONS, d['conclusion'])}` : ''}`,
  'document-drafted': (d) => `起草${paper(d)}`,
  'document-signed': (d) => `签发${paper(d)}`,
  'document-served': (d) =>
    `${d['channel'] === 'paper' ? '纸质送达' : '送达'}${titled(d)}${d['receivedOn'] ? `，${String(d['receivedOn'])}签收` : ''}`,
  'document-received': (d) =>
    `${titled(d)}${d['receivedBy'] ? `由${String(d['receivedBy'])}` : ''}于${String(d['receivedOn'])}签收`,
  'term-passed': (d) => `${paper(d)}规定的期限已过，未收到反馈`,
  'report-received': (d) => `收到对${paper(d)}的反馈`,
  'objection-received': (d) => `对${paper(d)}提出异议${d['late'] ? '（超过异议期限）' : ''}`,
  'objection-upheld': () => '异议成立，撤回文书',
  'objection-rejected': () => '异议不成立，文书继续有效',
  'statement-accepted': (d) => `接受书面说明${noted(d)}`,
  'statement-returned': (d) => `退回书面说明${noted(d)}`,
  'rectification-accepted': (d) => `整改验收通过${noted(d)}`,
  'rectification-returned': (d) => `整改验收不通过，退回${noted(d)}`,
  'execution-accepted': (d) => `决定执行情况核查通过${noted(d)}`,
  'execution-returned': (d) => `决定执行情况核查不通过，退回${noted(d)}`,
  'government-asked': () => '报请县政府批准决定书',
  'government-approved': (d) => `县政府批准${noted(d)}`,
  'government-sent-back': (d) => `县政府退回${noted(d)}`,
  'recusal-asked': (d) => `${named(SIDES, d['side'])}提出回避`,
  'recusal-granted': () => '决定回避',
  'recusal-refused': () => '驳回回避申请',
  'case-suspended': (d) => `中止办理：${named(REMEDIES, d['remedy'])}已经开始`,
  'case-resumed': (d) => `恢复办理，中止${String(d['days'])}日不计入期限`,
  'transfer-asked': (d) => `提请移送${named(TARGETS, d['to'])}`,
  'transfer-approved': (d) => `批准移送${noted(d)}`,
  'transfer-refused': (d) => `不批准移送${noted(d)}`,
  'transfer-handedOver': (d) => `已经移送${noted(d)}`,
  'transfer-taken': (d) => `受移送机关决定立案${noted(d)}`,
  'transfer-sentBack': (d) => `受移送机关不予立案${noted(d)}`,
  'complaint-withdrawn': (d) => `投诉人撤回投诉：${String(d['reason'])}`,
  'noted-jointMeeting': () => '登记协作会议',
  'noted-accountability': (d) => `关联责任追究${String(d['about'])}`,
  'noted-spread': (d) => `办理一案，规范一片：拟定专项监督${String(d['about'])}`,
  'case-closed': (d) => `结案：${named(REASONS, d['reason'])}`,
  'complainant-answered': () => '答复投诉人',
  'case-archived': () => '案件归档',
  'case-deadline-passed': (d) => `${named(DEADLINES, d['deadline'])}期限已过，待人工处理`,
  'objection-window-over': () => '提出异议的期限已过',
  'receipt-recorded': (d) => `登记纸质送达回证：${String(d['signer'])} ${String(d['on'])}签收`,
  'term-began': (d) => `已签收，期限起算，至${String(d['due']).slice(0, 10)}`,
  'case-restarted': () => '流程缺失，已按台账恢复',
};
