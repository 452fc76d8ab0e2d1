import { MEASURES, type MeasureKind } from '../domain/accountability.ts';
import { failureReason } from '../mail/failure-reasons.ts';
import { CASE_WORDS } from './case-event-words.ts';
import type { LedgerEntry } from '../models/event.ts';

export type Words = (detail: Readonly<Record<string, string | number | boolean>>) => string;

const MAIL: Readonly<Record<string, string>> = {
  task: '办理通知',
  reminder: '提醒',
  dueToday: '到期提醒',
  urge: '催办',
  returned: '补正通知',
  receipt: '回执',
  accepted: '办结通知',
  extension: '延期结果',
  rescheduled: '期限调整通知',
  delegated: '转办通知',
  withdrawn: '中止通知',
  nudge: '人工催办',
  service: '送达通知',
  objectionAnswer: '异议答复',
  circular: '通报',
  digest: '今日待办',
  organizerDigest: '日报',
  stillYou: '联络员确认',
  certificateExpiry: '证件到期提醒',
  taskHandover: '工作交接',
};

const PHASE: Readonly<Record<string, string>> = {
  mobilisation: '动员部署',
  selfInspection: '自查自纠',
  jointInspection: '县镇联合检查',
  rectification: '限期整改',
  lookBack: '回头看',
  circular: '总结通报',
};

export const phaseWord = (phase: unknown): string => PHASE[String(phase)] ?? String(phase);
const MILESTONE: Readonly<Record<string, string>> = {
  inspectionPlans: '行政检查计划备案',
  midYear: '年中检查',
  fileReview: '案卷评查',
  appraisal: '评议考核',
  report: '年度工作报告',
  statistics: '统计数据公开',
};
const MEASURE_STATES: Readonly<Record<string, string>> = {
  proposed: '拟采取',
  adopted: '已采纳',
  done: '已落实',
};
const milestoneWord = (what: unknown): string => MILESTONE[String(what)] ?? String(what);
const mail = (detail: Readonly<Record<string, unknown>>): string => MAIL[String(detail['kind'])] ?? '邮件';
const reason = (detail: Readonly<Record<string, string | number | boolean>>): string =>
  detail['reason'] ? `：${String(detail['reason'])}` : '';

/** The server's own words stand on the certificate of delivery. */
function failure(detail: Readonly<Record<string, string | number | boolean>>): string {
  const reason = failureReason(String(detail['response'] ?? ''));
  return reason === undefined ? '' : `（${reason.zh}）`;
}

const TOLD: Readonly<Record<string, string>> = {
  received: '已收到',
  registered: '已登记',
  accepted: '已受理',
  declined: '不予受理',
  notCompetent: '不属于本机关职责',
  transferred: '已移送',
  merged: '已合并办理',
  corrected: '已纠正',
  filed: '已立案',
  extended: '延长办理期限',
  suspended: '中止办理',
  resumed: '恢复办理',
  concluded: '已办结',
  replied: '答复',
};

const SCREENED: Readonly<Record<string, string>> = {
  accept: '受理',
  notCompetent: '不属于本机关职责，移送',
  underReview: '已进入复议、诉讼或监察，不予受理',
  duplicate: '与其他线索重复，合并',
  onSpotCorrected: '情节轻微，当场纠正',
};
const REMEDY: Readonly<Record<string, string>> = {
  reconsideration: '行政复议',
  litigation: '行政诉讼',
  supervisoryInvestigation: '监察调查',
};
const measureWord = (detail: Readonly<Record<string, unknown>>): string =>
  MEASURES[detail['measure'] as MeasureKind] ?? String(detail['measure']);
const account = (detail: Readonly<Record<string, unknown>>): string => ` ${String(detail['account'])} `;

const ROLE: Readonly<Record<string, string>> = {
  administrator: '管理员',
  organizer: '组织员',
  approver: '审批人',
  auditor: '审计员',
};
const rolesIn = (roles: unknown): string =>
  String(roles)
    .split(' ')
    .map((one) => ROLE[one] ?? one)
    .join('、') || '无';

const FIELD: Readonly<Record<string, string>> = {
  name: '姓名',
  role: '角色',
  agency: '所属机关',
  line: '所见条线',
  supervisor: '关联的监督人员',
  email: '邮箱',
};

/** Which fields of an account were changed; values only where they decide what it may do. */
function changes(detail: Readonly<Record<string, string | number | boolean>>): string {
  if (detail['disabled'] !== undefined) return detail['disabled'] === 'true' ? '：停用' : '：启用';
  const said = Object.entries(FIELD).flatMap(([name, word]) =>
    detail[name] === undefined ? [] : [name === 'email' ? word : `${word}为${String(detail[name]) || '无'}`],
  );
  return `：${said.join('、')}`;
}

const DOOR: Readonly<Record<string, string>> = { link: '网页', email: '邮件', operator: '工作人员登记' };
const door = (detail: Readonly<Record<string, unknown>>): string => DOOR[String(detail['channel'])] ?? '';

const HANDED_OVER: Readonly<Record<string, string>> = {
  'no-answer': '多次催办未反馈，转人工处理',
  unsigned: '多日未签收，期限未起算，转人工处理：可以登记纸质送达',
};

/** Each event as a sentence; no name of the engine's stands here. */
const WORDS: Readonly<Record<string, Words>> = {
  ...CASE_WORDS,
  'contact-confirmed': (d) => `${String(d['contact'])}确认仍是联络员（${door(d)}）`,
  'contact-replaced': (d) => `${String(d['contact'])}告知联络员改由${String(d['to'])}接任（${door(d)}）`,
  'contact-unclear': (d) => `${String(d['contact'])}答复了联络员确认，内容待工作人员判断（${door(d)}）`,
  'outage-noted': (d) =>
    `系统记录停运：${String(d['from'])} 至 ${String(d['until'])}，影响${String(d['touched'])}件事项`,
  'outage-approved': (d) => `批准因停运顺延${String(d['tasks'])}件事项的期限${reason(d)}`,
  'outage-refused': (d) => `不予因停运顺延${reason(d)}`,
  'contact-changed': (d) => `联络员由${String(d['from'])}改为${String(d['to'])}，事项转交`,
  'contact-gone': (d) => `联络员${String(d['from'])}已不在名录，事项暂无人承接`,
  'held-answer-counted': (d) => `原联络员提交的内容计为反馈（${String(d['receipt'])}）`,
  'held-answer-putAside': (d) => `原联络员提交的内容不计为反馈（${String(d['receipt'])}）${reason(d)}`,
  'file-review-ordered': () => '组织案卷评查，公布抽取种子的散列值',
  'files-drawn': (d) => `抽取案卷：从${String(d['candidates'])}件中抽取${String(d['drawn'])}件，公布种子`,
  'file-scored': (d) => `签署案卷${String(d['file'])}的评分`,
  'third-reviewer-named': (d) => `案卷${String(d['file'])}分差超过10分，指定第三名评查人员`,
  'reviewer-recused': (d) => `案卷${String(d['file'])}的评查人员回避${reason(d)}`,
  'files-published': (d) => `公布案卷评查初步结果，可以在${String(d['until']).slice(0, 10)}前提出异议`,
  'dispute-answered': (d) => `答复对案卷评查的异议${reason(d)}`,
  'file-review-final': () => '确定案卷评查结果，问题记入问题台账',
  'file-looked-back': (d) =>
    `案卷${String(d['file'])}回头看：${d['corrected'] === true ? '已整改' : '未整改'}`,
  'file-review-restarted': () => '恢复案卷评查的流程',
  'score-sheet-changed': (d) => `修改案卷评查标准（第${String(d['version'])}版）`,
  drafted: (d) => `起草“${String(d['title'])}”，公布抽取种子的散列值`,
  launched: (d) => `发布，发送给${String(d['accepted'])}个机关`,
  recalled: () => '在撤回时限内撤回，未发出任何邮件',
  paused: () => '暂停发送',
  resumed: () => '恢复发送',
  cancelled: (d) => `取消${reason(d)}`,
  'phase-opened': (d) => `进入“${phaseWord(d['phase'])}”阶段`,
  'phase-closed': (d) => `提前结束“${phaseWord(d['reason'])}”阶段`,
  'agency-added': (d) => `补充机关${reason(d)}`,
  inspected: (d) => `登记联合检查${reason(d)}`,
  'extended-all': (d) => `全部延期${reason(d)}`,
  summarising: () => '各阶段结束，计算得分，起草通报',
  circulated: () => '通报已送达各机关',
  'circular-sent': (d) => `通报${String(d['number'])}已发送给${String(d['agencies'])}个机关`,
  closed: () => '专项监督结束',
  acknowledged: (d) => `签收${d['post'] ? `（${String(d['post'])}）` : ''}`,
  'acknowledged-again': () => '再次签收',
  answered: (d) => `提交反馈（第${String(d['round'])}轮）`,
  'answered-late': (d) => `逾期提交反馈（第${String(d['round'])}轮）`,
  'received-after-end': () => '办结后又收到材料，已留存',
  'extension-asked': (d) =>
    `申请延期${d['workdays'] ? `${String(d['workdays'])}个工作日` : `${String(d['days'])}天`}${reason(d)}`,
  'extension-asked-again': (d) => `再次申请延期${reason(d)}`,
  'extension-granted': () => '同意延期',
  'extension-refused': () => '不同意延期',
  delegated: (d) => `转${String(d['to'])}办理`,
  objected: (d) => `提出异议${reason(d)}`,
  accepted: (d) => `接受反馈，办结（第${String(d['round'])}轮）`,
  returned: (d) => `退回补正：${String(d['items'])}`,
  withdrawn: (d) => `中止${reason(d)}`,
  rescheduled: (d) => `调整期限${reason(d)}`,
  nudged: () => '人工催办',
  reminded: () => '到期前提醒',
  'due-today': () => '今日到期提醒',
  overdue: () => '到期未反馈',
  urged: (d) => `到期未反馈，已发第${String(d['n'])}次催办`,
  'handed-over': (d) => HANDED_OVER[String(d['why'])] ?? '无法送达，转人工处理',
  'turned-to-deputy': () => '一个工作日未签收，转B角',
  'turned-to-leader': () => '两个工作日未签收，转单位负责人',
  'mail-sent': (d) => `对方邮件服务器已接收${mail(d)}`,
  'mail-rejected': (d) => `${mail(d)}被对方邮件服务器拒收${failure(d)}`,
  'mail-bounced': (d) => `${mail(d)}被退回${failure(d)}`,
  'mail-inDoubt': (d) => `${mail(d)}是否送达无法确认，待人工处理`,
  'account-created': (d) => `建立账号${account(d)}`,
  'account-changed': (d) => `修改账号${account(d)}${changes(d)}`,
  'account-locked': () => '连续密码错误，账号锁定',
  'account-locked-at-code': () => '密码正确而动态码连续错误，账号锁定：密码可能已泄露',
  'code-refused': () => '登录被拒绝：密码正确，动态码不符',
  'signed-in-by-code': () => '登录（密码和动态码）',
  'signed-in-by-recovery': () => '登录（密码和备用码）',
  'signed-in-by-oidc': () => '登录（统一身份认证）',
  'oidc-refused': () => '统一身份认证的身份没有对应账号，未能登录',
  'identity-untied': (d) => `解除账号${account(d)}与统一身份认证身份的关联`,
  'second-step-begun': () => '启用两步验证',
  'second-step-ended': () => '停用两步验证',
  'second-step-reset': (d) => `停用账号${account(d)}的两步验证`,
  'second-step-ruled': (d) => `规定必须启用两步验证的角色：${rolesIn(d['roles'])}`,
  'recovery-renewed': () => '重新生成备用码',
  'password-changed': () => '修改密码',
  'session-ended': (d) => `结束账号${account(d)}一个浏览器的登录`,
  'sessions-ended': () => '退出其他浏览器的登录',
  'account-unlocked': (d) => `解除账号${account(d)}的锁定`,
  'first-administrator': (d) => `首次使用，建立系统管理员${account(d)}`,
  'password-reset': (d) => `重设账号${account(d)}的密码`,
  'password-set': () => '设定密码',
  'sessions-revoked': (d) => `退出账号${account(d)}的全部登录`,
  'signed-in': () => '登录',
  'signed-in-by-ticket': () => '凭演示链接登录',
  'signed-out': () => '退出登录',
  'sign-in-refused': () => '登录被拒绝：密码不符',
  'token-issued': (d) => `发放接口令牌${d['name'] ? `“${String(d['name'])}”` : ''}`,
  'token-revoked': () => '作废接口令牌',
  'tokens-revoked': () => '作废全部接口令牌',
  'calendar-imported': (d) =>
    `导入${String(d['year'])}年节假日安排（${String(d['source'])}），${String(d['moves'])}件期限应变动`,
  'moves-confirmed': (d) =>
    `确认${String(d['year'])}年节假日安排引起的期限变动：${d['tasks'] === 'all' ? '全部' : String(d['tasks'])}`,
  'mail-settled': (d) => `认定${mail(d)}已送达${reason(d)}`,
  'mail-resent': (d) => `${mail(d)}送达存疑，决定重发${reason(d)}`,
  'mail-noAddress': (d) => `没有可用的联络员，${mail(d)}未发送`,
  'history-archived': () => '流程历史已归档',
  'group-restarted': () => '流程缺失，已按台账恢复',
  'document-approved': (d) => `签发${String(d['number'])}`,
  'clue-received': () => '收到公众提交的线索',
  'clue-registered': () => '登记线索',
  'clue-screened': (d) => `研判：${SCREENED[String(d['result'])] ?? ''}${reason(d)}`,
  'clue-transferred': (d) => `移送${String(d['to'])}`,
  'clue-added': () => '投诉人补充材料',
  'complainant-opened': (d) => `查看投诉人身份，目的：${String(d['purpose'])}`,
  'complainant-file-opened': (d) =>
    `下载投诉人提交的第${String(d['n'])}个附件，目的：${String(d['purpose'])}`,
  'complainant-refused': (d) => `查看投诉人身份被拒绝：${String(d['why'])}`,
  'complainant-told': (d) => `告知投诉人：${TOLD[String(d['step'])] ?? ''}`,
  'remedy-begun': (d) => `${REMEDY[String(d['kind'])] ?? ''}已受理（${String(d['no'])}）`,
  'remedy-ended': (d) => `${REMEDY[String(d['kind'])] ?? ''}已结束（${String(d['no'])}）`,
  recommended: (d) => `建议对${String(d['subject'])}予以${measureWord(d)}，由${String(d['body'])}处理`,
  'recommendation-sent': (d) => `建议发往有权机关（${String(d['task'])}）`,
  'recommendation-declined': (d) => `有权机关决定不予处理${reason(d)}`,
  'recommendation-withdrawn': (d) => `撤回建议${reason(d)}`,
  'outcome-received': (d) =>
    `登记处理结果：${measureWord(d)}，自${String(d['from'])}起${d['until'] ? `至${String(d['until'])}` : ''}`,
  'measure-done': (d) => `${measureWord(d)}已作出`,
  'measure-in-effect': (d) => `${measureWord(d)}生效，${String(d['notifyBy'])}前通知所在单位`,
  'measure-ended': (d) => `${measureWord(d)}于${String(d['endedOn'])}结束${reason(d)}`,
  'holder-registered': () => '登记',
  'late-excused': (d) => `因系统停运（${String(d['outage'])}），迟交不计${reason(d)}`,
  'unit-registered': (d) =>
    `登记监督机构：${String(d['office']) || '无'}；第一责任人：${String(d['responsible']) || '无'}`,
  'holder-changed': (d) => `修改登记：${String(d['fields'])}`,
  'holder-barred': (d) => `自${String(d['from'])}起不得从事执法和监督工作（${String(d['by'])}）`,
  'holder-restored': (d) => `自${String(d['endedOn'])}起恢复（${String(d['by'])}）`,
  'unit-told': (d) => `已通知所在单位：${d['about'] === 'barred' ? '处理生效' : '恢复'}`,
  'unit-not-told': (d) => `${String(d['subject'])}没有可以通知的所在单位`,
  'noted-accountability': (d) => `提出责任追究建议${String(d['about'])}`,
  'noted-spread': (d) => `由本案起草专项监督${String(d['about'])}`,
  'instruments-changed': (d) => `更换文书规则，第${String(d['version'])}版`,
  'plan-drafted': (d) =>
    `起草${String(d['year'])}年度计划：${String(d['items'])}项，依据上年度问题${String(d['findings'])}个`,
  'plan-changed': (d) => `修改计划，共${String(d['items'])}项`,
  'plan-approved': () => '批准年度计划',
  'plan-returned': (d) => `年度计划退回修改${reason(d)}`,
  'amendment-proposed': (d) => `提出年中调整，共${String(d['items'])}项，待批准`,
  'amendment-returned': (d) => `年中调整未批准${reason(d)}`,
  'plan-amended': (d) => `年中调整生效，共${String(d['items'])}项，已发出的不变`,
  'plan-restarted': () => '年度计划的流程缺失，已按台账恢复',
  'plan-closed': (d) => `年度计划结束，转入${String(d['next'])}`,
  'cycle-opened': (d) => `${String(d['month'])}月监督周期开始，发送给${String(d['agencies'])}个机关`,
  'milestone-raised': (d) => `提出工作节点“${milestoneWord(d['milestone'])}”`,
  'milestone-done': (d) =>
    `完成工作节点“${milestoneWord(d['milestone'])}”${d['review'] ? `：${String(d['review'])}` : ''}`,
  'appraisal-published': (d) => `公布评议考核初步结果，异议期至${String(d['until']).slice(0, 10)}`,
  'appraisal-objection-answered': (d) => `答复评议考核异议${reason(d)}`,
  'appraisal-final': () => '评议考核结果确定',
  analysed: (d) => `${String(d['month'])}月调度分析，对策${String(d['countermeasures'])}条`,
  'countermeasure-followed': (d) =>
    `${String(d['month'])}月对策“${String(d['countermeasure'])}”${MEASURE_STATES[String(d['state'])] ?? ''}${reason(d)}`,
  'document-returned': (d) => `退回文书草稿${String(d['title'])}：${String(d['reason'])}`,
  'document-withdrawn': (d) => `撤回${String(d['title'])}：${String(d['reason'])}`,
  'mail-cancelled': (d) => `${mail(d)}未发送：已有反馈`,
};

/** A ledger entry in words, as people read it. */
export const sentenceOf = (entry: LedgerEntry): string =>
  WORDS[entry.what]?.(entry.detail ?? {}) ?? entry.what;
