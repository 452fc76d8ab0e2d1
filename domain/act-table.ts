import { ACT_DATES, ACT_TYPES, CHANNELS, OCCASIONS, OUTCOMES, RECORDINGS } from './act.ts';
import { dayOf } from './heading.ts';

/** The columns of an imported table of acts; `reviewedOn` becomes the legal review's day. */
export const ACT_COLUMNS = [
  'no',
  'agency',
  'type',
  'on',
  'target',
  'targetCode',
  'officers',
  'amount',
  'channel',
  'reviewedOn',
  'recording',
  'plan',
  'occasion',
  'joint',
  'cause',
  'circumstance',
  'outcomes',
  ...ACT_DATES,
] as const;
export type ActColumn = (typeof ACT_COLUMNS)[number];

/** Without these a file is another table. */
export const REQUIRED_ACT_COLUMNS: readonly ActColumn[] = ['no', 'agency', 'type', 'on', 'target'];

export const ACT_HEADINGS: Readonly<Record<ActColumn, readonly string[]>> = {
  no: ['行为编号', '执法编号', '编号', '文书号'],
  agency: ['机关编号', '执法机关', '机关'],
  type: ['行为类型', '类型', '执法类型'],
  on: ['日期', '行为日期', '作出日期'],
  target: ['相对人', '行政相对人', '当事人'],
  targetCode: ['统一社会信用代码', '相对人代码'],
  officers: ['执法人员', '证件编号', '执法证号'],
  amount: ['金额', '金额(元)', '罚没金额'],
  channel: ['办理渠道', '渠道'],
  reviewedOn: ['法制审核日期', '法制审核'],
  recording: ['记录方式', '全过程记录'],
  plan: ['检查计划', '计划编号'],
  occasion: ['检查事由', '启动原因'],
  joint: ['联合检查编号', '综合查一次'],
  cause: ['案由', '事项'],
  circumstance: ['裁量情节', '情节'],
  outcomes: ['结果', '处罚种类', '处理结果'],
  filedOn: ['立案日期'],
  preservedOn: ['先行登记保存日期'],
  preservationEndedOn: ['登记保存处理日期'],
  hearingOfferedOn: ['听证告知日期', '告知听证权利日期'],
  hearingNoticedOn: ['听证通知日期'],
  heardOn: ['听证日期'],
  decidedOn: ['决定日期'],
  servedOn: ['送达日期'],
  publishedOn: ['公示日期'],
  annulledOn: ['撤销变更日期'],
  unpublishedOn: ['撤回公示日期'],
  crimeReportedOn: ['移送报告日期'],
  crimeSuspectedOn: ['批准移送日期'],
  crimeReferredOn: ['移送公安日期'],
  enteredOn: ['录入日期'],
};

const TYPE_WORDS = ['行政处罚', '行政许可', '行政强制', '行政征收', '行政收费', '行政检查'];
const WORDS: ReadonlyMap<string, string> = new Map<string, string>([
  ...TYPE_WORDS.flatMap((word, n) => [
    [word, ACT_TYPES[n] ?? ''] as const,
    [word.slice(2), ACT_TYPES[n] ?? ''] as const,
  ]),
  ['网上', CHANNELS[0]],
  ['网下', CHANNELS[1]],
  ['音像', RECORDINGS[0]],
  ['音像记录', RECORDINGS[0]],
  ['文字', RECORDINGS[1]],
  ['文字记录', RECORDINGS[1]],
  ['无', RECORDINGS[2]],
  ['计划', OCCASIONS[0]],
  ['投诉举报', OCCASIONS[1]],
  ['转办交办', OCCASIONS[2]],
  ['数据监测', OCCASIONS[3]],
  ['依申请', OCCASIONS[4]],
  ['复查', OCCASIONS[5]],
]);

/** The names of the outcomes, as the annual report prints them. */
export const OUTCOME_WORDS: Readonly<Record<string, string>> = {
  other: '其他',
  warning: '警告、通报批评',
  fine: '罚款',
  confiscation: '没收违法所得、没收非法财物',
  suspension: '暂扣许可证件、降低资质等级',
  revocation: '吊销许可证件',
  restriction: '限制开展生产经营活动',
  closure: '责令停产停业、责令关闭、限制从业',
  detention: '行政拘留',
  applied: '申请',
  accepted: '受理',
  granted: '许可',
  refused: '不予许可',
  revoked: '撤销许可',
  sealing: '查封场所、设施或者财物',
  seizure: '扣押财物',
  freezing: '冻结存款、汇款',
  otherMeasure: '其他行政强制措施',
  addedFine: '加处罚款或者滞纳金',
  transfer: '划拨存款、汇款',
  auction: '拍卖或者依法处理',
  removal: '排除妨碍、恢复原状',
  substitution: '代履行',
  courtApplication: '申请法院强制执行',
  collected: '征收',
  reduced: '减免',
  clean: '未发现问题',
  problemFound: '发现问题',
};

const OUTCOME_OF: ReadonlyMap<string, string> = new Map(
  Object.values(OUTCOMES)
    .flat()
    .map((outcome) => [OUTCOME_WORDS[outcome] ?? outcome, outcome]),
);

export type ActCells = Readonly<Partial<Record<ActColumn, string>>>;

/** One row as a report of an act, its Chinese words in the field's own: not yet judged. */
export function rowOf(cells: ActCells): Readonly<Record<string, unknown>> {
  const { officers, amount, outcomes, reviewedOn, ...rest } = cells;
  const plain = Object.entries(rest).map(([column, text]) => [column, wordOf(column as ActColumn, text)]);
  return {
    ...Object.fromEntries(plain),
    officers: listOf(officers),
    outcomes: listOf(outcomes, /[;；+|]+/u).map((word) => OUTCOME_OF.get(word) ?? word),
    ...(amount === undefined ? {} : { amount: amountOf(amount) }),
    ...(reviewedOn === undefined ? {} : { legalReview: { on: dayOf(reviewedOn) } }),
  };
}

function wordOf(column: ActColumn, text: string): string {
  if (column === 'on' || column.endsWith('On')) return dayOf(text);
  if (column === 'type' || column === 'channel' || column === 'recording' || column === 'occasion')
    return WORDS.get(text) ?? text;
  return text;
}

const listOf = (text: string | undefined, between = /[,，、;；\s]+/u): readonly string[] =>
  (text ?? '')
    .split(between)
    .map((one) => one.trim())
    .filter((one) => one !== '');

const amountOf = (text: string): unknown => {
  const plain = text.replaceAll(',', '');
  return /^-?\d+(?:\.\d+)?$/u.test(plain) ? Number(plain) : text;
};
