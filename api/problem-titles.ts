import type { RefusalCode } from '../domain/refusals.ts';
import { REGISTER_FAULTS } from './register-faults.ts';
import { ACCOUNT_TITLES, type AccountProblemCode } from './account-titles.ts';
import { REVIEW_TITLES } from './review-titles.ts';

/** Every code a caller can meet; each resolves to a line of /docs/problems. */
export type ProblemCode =
  | RefusalCode
  | AccountProblemCode
  | 'validation'
  | 'malformed'
  | 'too-large'
  | 'unauthenticated'
  | 'forbidden'
  | 'precondition-required'
  | 'not-found'
  | 'key-reused'
  | 'key-in-flight'
  | 'rate-limited'
  | 'engine-unavailable'
  | 'internal';

interface Title {
  readonly zh: string;
  readonly en: string;
}

export const TITLES: Readonly<Record<ProblemCode, Title>> = {
  ...ACCOUNT_TITLES,
  ...REVIEW_TITLES,
  'accountability-out-of-step': {
    zh: '该责任追究建议当前状态不允许此操作',
    en: 'The recommendation does not allow this step now',
  },
  'account-exists': { zh: '该账号已存在', en: 'An account with this id exists' },
  'account-invalid': {
    zh: '账号以小写字母开头，只用小写字母、数字、点和连字符，2至40个字符',
    en: 'An account is 2 to 40 small letters, digits, dots and hyphens, and begins with a letter',
  },
  'agency-exists': { zh: '该机关编号已存在', en: 'An agency with this id exists' },
  'agency-missing': { zh: '尚未指明被监督机关', en: 'The supervised agency is not named' },
  'agency-unknown': { zh: '没有这个机关', en: 'No such agency' },
  'already-decided': { zh: '该申请已有决定', en: 'This request has been decided' },
  'already-screened': { zh: '该线索已经研判', en: 'The clue has been screened' },
  'body-not-competent': { zh: '该机关无权处理这项建议', en: 'That body cannot decide on this' },
  'calendar-invalid': { zh: '节假日安排有误', en: 'The calendar is not consistent' },
  'calendar-unpublished': {
    zh: '所需年份的节假日安排尚未导入，无法计算工作日',
    en: 'The holiday notice of a year that is needed has not been imported',
  },
  'campaign-not-draft': { zh: '该专项监督已不是草稿', en: 'The campaign is no draft any more' },
  'campaign-not-running': {
    zh: '专项监督当前状态不允许此操作',
    en: 'The campaign does not allow this step now',
  },
  'certificate-expired': { zh: '证件已到期', en: 'The certificate has expired' },
  'certificate-invalid': { zh: '监督证件无效或已过期', en: 'The certificate is not valid' },
  'date-past': {
    zh: '重新计算的期限已过，不能据此调整',
    en: 'The recalculated date has passed already',
  },
  'date-printed': {
    zh: '该期限已载于送达的文书，只能以新文书变更',
    en: 'The date is printed on a served document: only a new document moves it',
  },
  'checklist-exists': { zh: '该检查清单编号已存在', en: 'A checklist with this id exists' },
  'clue-out-of-step': { zh: '线索当前状态不允许此操作', en: 'The clue does not allow this step now' },
  'clue-unknown': { zh: '没有这条线索', en: 'No such clue' },
  'case-out-of-step': { zh: '案件现在的环节不允许此操作', en: 'The case does not allow this step now' },
  'case-suspended': { zh: '案件已中止，恢复后才能继续', en: 'The case is suspended' },
  'certificate-suspended': {
    zh: '证件被暂扣、收缴，或者本人已不得从事该工作',
    en: 'The certificate is suspended or its holder may not work under it',
  },
  'closing-reason-wrong': { zh: '结案理由与案件情况不符', en: 'The case does not bear this reason out' },
  'cycle-not-open': { zh: '该月的监督周期尚未开始', en: 'That month’s cycle has not begun' },
  'date-invalid': { zh: '日期无效', en: 'Not a date' },
  'decision-exists': { zh: '本案已有决定书', en: 'The case has its decision' },
  'document-incomplete': { zh: '文书中仍有待填写的内容', en: 'The document has places left to fill in' },
  'document-not-approved': { zh: '该文书尚未签发', en: 'The document has not been signed' },
  'document-not-draft': { zh: '该文书已不是草稿', en: 'The document is no draft any more' },
  'document-not-served': { zh: '该文书尚未送达', en: 'The document has not been served' },
  'document-received': { zh: '该文书已签收', en: 'The document has been signed for' },
  'document-served': { zh: '该文书已送达', en: 'The document has been served' },
  'document-withdrawn': { zh: '该文书已撤回', en: 'The document has been withdrawn' },
  'draw-impossible': { zh: '无法按条件抽取', en: 'The draw is not possible' },
  'duplicate-circular': {
    zh: '线索不得与自身或已并入自身的线索合并',
    en: 'A clue is not merged with itself, nor with one that was merged into it',
  },
  'extension-pending': { zh: '已有延期申请待决定', en: 'An extension is waiting for a decision' },
  'extension-unknown': { zh: '没有这项延期申请', en: 'No such extension request' },
  'fact-missing': {
    zh: '案卷中没有制发该文书所依据的事实',
    en: 'The fact that this document must follow is not on record',
  },
  'file-refused': { zh: '文件类型不被接受', en: 'This kind of file is not accepted' },
  'identity-in-text': {
    zh: '文字中含有投诉人的姓名或联系方式，请改写',
    en: 'The text names the complainant or gives their contact; write it another way',
  },
  'findings-missing': {
    zh: '该文书须写明查明的问题',
    en: 'This document states findings, and there are none',
  },
  'inspector-unknown': { zh: '没有这名监督人员', en: 'No such inspector' },
  'inspectors-too-few': { zh: '检查组不得少于2人', en: 'A team has two inspectors or more' },
  'instrument-invalid': { zh: '文书规则有误', en: 'The rules of the instruments are not consistent' },
  'instrument-not-served': {
    zh: '须先行送达的文书尚未送达',
    en: 'The document that must come before has not been served',
  },
  'instrument-out-of-step': {
    zh: '案件当前环节不能制发该文书',
    en: 'The case does not allow this document now',
  },
  'instrument-unknown': { zh: '文书规则中没有这种文书', en: 'The rules have no such instrument' },
  'invitation-over': {
    zh: '此链接已使用、已失效或已被新链接取代',
    en: 'This link was used, is over, or was replaced by a newer one',
  },
  'last-administrator': {
    zh: '至少要有一名启用的系统管理员',
    en: 'One administrator has to stay enabled',
  },
  'objection-open': { zh: '仍有未答复的异议', en: 'An objection has not been answered' },
  'nothing-to-review': { zh: '没有待审核的反馈', en: 'There is no answer to review' },
  'measure-not-applicable': {
    zh: '该项处理不适用于这个对象',
    en: 'That measure cannot be meant for this subject',
  },
  'objection-unknown': { zh: '没有这项异议', en: 'No such objection' },
  'outcome-not-allowed': { zh: '本地规则不允许该处理结果', en: 'The rules do not allow this outcome' },
  'own-agency': { zh: '不得审核本单位的反馈', en: 'Nobody reviews their own agency' },
  'password-weak': {
    zh: '密码至少12个字符，不得包含账号，也不得是同一字符的重复',
    en: 'A password has 12 characters or more, not the account in it, and not one character over and over',
  },
  'phase-not-open': { zh: '该阶段未在进行', en: 'That phase is not open' },
  'plan-empty': { zh: '计划没有检查项', en: 'The plan has no items' },
  'plan-not-draft': { zh: '该计划已不是草稿', en: 'The plan is no draft any more' },
  'plan-not-running': { zh: '该年度计划未在执行', en: 'The plan is not running' },
  'preview-stale': { zh: '预览之后内容已变化，请重新预览', en: 'Something changed since the preview' },
  'problems-remain': { zh: '仍有未处理的问题', en: 'There are problems left' },
  'recall-over': { zh: '撤回时限已过', en: 'The recall window is over' },
  'recusal-unknown': { zh: '没有这项回避申请', en: 'No such request for recusal' },
  'stale-version': { zh: '内容已有更新，请刷新后再处理', en: 'There is a newer version' },
  'supervisor-own-agency': {
    zh: '监督人员不得属于被监督机关',
    en: 'Nobody supervises the agency they belong to',
  },
  'supervisor-recused': { zh: '该监督人员已回避', en: 'This supervisor is recused' },
  'supervisor-unknown': { zh: '没有这名监督人员', en: 'No such supervisor' },
  'supervisors-too-few': { zh: '办案监督人员不得少于2人', en: 'A case has two supervisors or more' },
  'task-closed': { zh: '该事项已办结或中止', en: 'The task has ended' },
  'template-invalid': { zh: '文书模板有误', en: 'The template is not valid' },
  'term-running': { zh: '期限尚未届满', en: 'The term is still running' },
  'term-invalid': { zh: '期限应为1至1000天的整数', en: 'A term is 1 to 1,000 whole days' },
  'term-not-allowed': { zh: '期限超出规则允许的范围', en: 'The rule does not allow this term' },
  'transfer-unknown': { zh: '没有这项移送', en: 'No such transfer' },
  'verified-elsewhere': {
    zh: '该办理事项随所属案件或者责任追究建议一并审核',
    en: 'This task is judged with the case or the recommendation that it belongs to',
  },
  validation: { zh: '输入有误', en: 'The input is not valid' },
  malformed: { zh: '请求内容无法读取', en: 'The request cannot be read' },
  'too-large': { zh: '内容超过大小限制', en: 'The content is over the limit' },
  unauthenticated: { zh: '请先登录或提供令牌', en: 'Sign in or send a token' },
  forbidden: { zh: '您的角色不能进行此操作', en: 'Your role does not allow this' },
  'precondition-required': { zh: '缺少必需的请求头', en: 'A required header is missing' },
  'not-found': { zh: '没有找到', en: 'Not found' },
  'key-reused': {
    zh: '同一个 Idempotency-Key 用于了不同的请求',
    en: 'The Idempotency-Key was used for another request',
  },
  'operation-ended': { zh: '这项操作已经结束或者已被取消', en: 'This operation has ended or was cancelled' },
  'key-in-flight': { zh: '相同的请求正在处理', en: 'The same request is being processed' },
  'rate-limited': { zh: '请求过于频繁，请稍后再试', en: 'Too many requests' },
  'engine-unavailable': {
    zh: '后台暂时不可用，请稍后再试；数据未丢失',
    en: 'The engine is away; nothing is lost',
  },
  internal: { zh: '系统故障，已记录', en: 'A fault of ours; it has been recorded' },
};

/** Faults of single fields, for those who read English: the rules themselves speak Chinese. */
export const FAULTS = {
  ...REGISTER_FAULTS,
  'file-unknown': { zh: '本案没有这个文件，请先上传', en: 'The case has no such file; upload it first' },
  'answer-missing': { zh: '请写明答复的内容和理由', en: 'Give the answer and its reasons' },
  'act-differs': {
    zh: '该编号已报送过，且内容不同',
    en: 'This number was reported before, with other content',
  },
  'amount-invalid': { zh: '金额应为元，至多两位小数', en: 'An amount is in yuan with at most two decimals' },
  'amount-negative': { zh: '金额不得为负数', en: 'An amount is never negative' },
  'because-missing': {
    zh: '请写明起因的问题编号；只有常设检查项可以没有',
    en: 'Name the findings that caused it: only the standing list needs none',
  },
  'check-unknown': { zh: '没有这个检查项', en: 'No such check' },
  'channel-refused': {
    zh: '专项监督的通报以电子邮件送达各机关',
    en: "A campaign's circular is served by mail",
  },
  'category-invalid': { zh: '没有这种问题类别', en: 'No such kind of problem' },
  'item-in-use': {
    zh: '年度计划还要检查这一项，不能删除',
    en: 'A plan of the year still asks for this item',
  },
  'item-twice': { zh: '检查项编号重复', en: 'An item’s code stands twice' },
  'field-missing': { zh: '必填', en: 'This is needed' },
  'level-differs': { zh: '检查项的层级与清单不符', en: 'The item is of another level than its list' },
  'level-invalid': { zh: '层级应为G（政府）或D（部门）', en: 'A level is G or D' },
  'list-empty': { zh: '清单不能没有检查项', en: 'A checklist has items' },
  'points-invalid': { zh: '分值应大于0，不超过100', en: 'Points are more than 0 and at most 100' },
  'stage-invalid': { zh: '阶段应为事前、事中或者事后', en: 'A stage is before, during or after' },
  'yes-or-no': { zh: '应填是或者否', en: 'Yes or no' },
  'checklist-empty': { zh: '检查清单没有检查项', en: 'The checklist has no items' },
  'checklist-unknown': { zh: '没有这份检查清单', en: 'No such checklist' },
  'column-missing': { zh: '必填列为空', en: 'A column that must be filled is empty' },
  'contact-invalid': {
    zh: '联系方式应为电话号码或电子邮箱',
    en: 'A contact is a telephone number or a mail address',
  },
  'code-twice': { zh: '机关代字重复', en: 'Two series have the same code' },
  'control-characters': {
    zh: '含有换行或不可显示的字符',
    en: 'Contains a line break or characters that cannot be shown',
  },
  'cursor-invalid': { zh: '不是本列表给出的游标', en: 'Not a cursor that this list gave' },
  'date-future': { zh: '日期不得晚于今天', en: 'The date lies in the future' },
  'dates-reversed': { zh: '后一日期早于前一日期', en: 'The later date comes before the earlier one' },
  'domain-invalid': { zh: '领域应形如 workSafety', en: 'A domain looks like workSafety' },
  'duplicate-number': { zh: '文件中编号重复', en: 'The number stands twice in the file' },
  'email-invalid': { zh: '邮箱格式不正确', en: 'Not an address that mail can be sent to' },
  empty: { zh: '没有要修改的内容', en: 'Nothing to change' },
  'empty-choice': { zh: '请给出 kind 或 domain', en: 'Give a kind or a domain' },
  'form-again': {
    zh: '提交没有成功：请核对内容后再提交一次',
    en: 'It was not taken: look it over and send it once more',
  },
  'finding-unknown': { zh: '没有这个问题', en: 'No such finding' },
  'item-unknown': { zh: '没有这一项', en: 'No such item' },
  'series-of-instrument': { zh: '机关代字由文书规则决定', en: 'The instruments’ rules set this code' },
  'kind-twice': { zh: '同一种文书只能属于一个机关代字', en: 'A kind of document belongs to one series' },
  malformed: { zh: '内容无法读取', en: 'The content cannot be read' },
  missing: { zh: '请上传 file', en: 'Send a file in the field `file`' },
  'month-invalid': { zh: '月份应为1至12', en: 'A month is 1 to 12' },
  'month-over': { zh: '该月已过或者已经发出', en: 'That month is over, or has gone out' },
  'no-agency': { zh: '没有选中任何机关', en: 'No agency is chosen' },
  'no-contact': { zh: '该机关没有联络员', en: 'The agency has no contact' },
  'operator-refused': {
    zh: '查询参数不接受运算符',
    en: 'A query parameter takes a value, not an operator',
  },
  'not-moved': {
    zh: '该事项的期限不因此变动，或已确认',
    en: 'The date of this task is not moved by it, or was confirmed',
  },
  'outcome-invalid': {
    zh: '该类行为没有这种结果',
    en: 'Acts of this type have no such outcome',
  },
  'package-differs': {
    zh: '回执与数据包不一致',
    en: 'The acknowledgement is of another package',
  },
  'range-invalid': { zh: '起始日期晚于截止日期', en: 'The range ends before it begins' },
  'subject-unknown': { zh: '没有这个人员或者机关', en: 'No such person or agency' },
  'year-invalid': { zh: '只能编制本年或者今后两年的计划', en: 'A plan is for this year or the two to come' },
  'receipt-refused': {
    zh: '电子邮件送达以签收为准，不能填写签收日期',
    en: 'What is served by mail is received when it is signed for',
  },
  'too-many': { zh: '数量超过限制', en: 'Too many' },
  'fault-unknown': { zh: '该机关的案卷没有这个问题', en: "None of this agency's files has that fault" },
  'points-wrong': {
    zh: '分值有误：每项为正数，精确到0.5分，合计100分',
    en: 'Points are positive, in halves, and a hundred together',
  },
  'strike-not-accepted': { zh: '异议未采纳的，不能去除问题', en: 'What is not accepted strikes nothing out' },
  'veto-unticked': {
    zh: '写了理由而没有勾选：请勾选该否决项，或者清空理由',
    en: 'A reason without a tick: tick this veto, or empty its reason',
  },
  'task-unknown': { zh: '没有这个事项', en: 'No such task' },
  'agency-differs': {
    zh: '同一编号的机关前后不一致',
    en: 'The same agency is written in two ways',
  },
  'contact-name-invalid': {
    zh: '联系人姓名应为1至50字，不含换行',
    en: "A contact's name has 1 to 50 letters and no line break",
  },
  'email-missing': { zh: '联系人没有邮箱', en: 'The contact has no mail address' },
  'email-twice': { zh: '邮箱在本机关重复', en: 'The agency has this mail address twice' },
  'role-invalid': { zh: '角色应为主办、B角或负责人', en: 'A role is primary, deputy or head' },
  'primary-missing': { zh: '须有一名主办', en: 'One contact is the primary one' },
  'unexpected-file': { zh: '此处不接受文件', en: 'No file is taken here' },
} as const satisfies Record<string, Title>;
export type FaultCode = keyof typeof FAULTS | RefusalCode;

/** A code's sentence; undefined for one that has its words from the schema. */
export function wordsOf(code: string): Title | undefined {
  if (Object.hasOwn(FAULTS, code)) return FAULTS[code as keyof typeof FAULTS];
  return Object.hasOwn(TITLES, code) ? TITLES[code as ProblemCode] : undefined;
}
