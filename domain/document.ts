import type { Instrument } from './instrument.ts';
import { Refusal } from './refusals.ts';

/** The instruments that bind an agency, and the working papers of a case (domain of 文书). */
export const DOCUMENT_KINDS = [
  'notice',
  'letter',
  'opinion',
  'proposal',
  'decision',
  'circular',
  'transferLetter',
  'complaintRegistration',
  'acceptanceNotice',
  'nonAcceptanceNotice',
  'filingApproval',
  'recusalDecision',
  'interviewRecord',
  'onSiteRecord',
  'investigationReport',
  'summonedTalkNotice',
  'rectificationReport',
  'verificationOpinion',
  'serviceReceipt',
  'closureApproval',
  'reply',
] as const;
export type DocumentKind = (typeof DOCUMENT_KINDS)[number];

export const DOCUMENT_STATES = ['draft', 'approved', 'served', 'received', 'withdrawn'] as const;
export type DocumentState = (typeof DOCUMENT_STATES)[number];

/** What may be done with a paper, by the names of the calls. */
export type DocumentStep = 'approval' | 'service' | 'receipt' | 'withdrawal';

const POSSIBLE: Readonly<Record<DocumentState, readonly DocumentStep[]>> = {
  draft: ['approval', 'withdrawal'],
  approved: ['service', 'withdrawal'],
  served: ['receipt', 'withdrawal'],
  received: ['withdrawal'],
  withdrawn: [],
};

/** The steps that a paper in this state allows. */
export const possibleSteps = ({ state }: { readonly state: DocumentState }): readonly DocumentStep[] =>
  POSSIBLE[state];

/** As the kinds are called in titles and indexes. */
export const KIND_NAMES: Readonly<Record<DocumentKind, string>> = {
  notice: '行政执法监督通知书',
  letter: '行政执法监督督办函',
  opinion: '行政执法监督意见书',
  proposal: '行政执法监督建议书',
  decision: '行政执法监督决定书',
  circular: '通报',
  transferLetter: '移送函',
  complaintRegistration: '投诉登记表',
  acceptanceNotice: '受理告知书',
  nonAcceptanceNotice: '不予受理告知书',
  filingApproval: '立案审批表',
  recusalDecision: '回避决定书',
  interviewRecord: '询问笔录',
  onSiteRecord: '现场检查笔录',
  investigationReport: '调查报告',
  summonedTalkNotice: '约谈通知书',
  rectificationReport: '整改报告',
  verificationOpinion: '验收意见',
  serviceReceipt: '送达回证',
  closureApproval: '结案审批表',
  reply: '答复函',
};

/** Whose paper it is: the supervision office's, or the county government's (行政执法监督条例 第二十九条). */
export type Issuer = 'office' | 'government';

/** A series of numbers: one yearly count for each 机关代字. Kinds that share a 机关代字 share its count, or a number would stand on two papers. */
export interface NumberSeries {
  /** 机关代字, such as 桓司执监督 */
  readonly code: string;
  readonly issuer: Issuer;
  readonly kinds: readonly DocumentKind[];
}

/** What an office begins with; it may put other rows in its place. */
export const DEFAULT_SERIES: readonly NumberSeries[] = [
  { code: '桓司执监督', issuer: 'office', kinds: ['letter'] },
  { code: '桓司执监意', issuer: 'office', kinds: ['opinion'] },
  { code: '桓政执监决', issuer: 'government', kinds: ['decision'] },
  { code: '桓司执监通', issuer: 'office', kinds: ['notice', 'circular'] },
  { code: '桓司执监建', issuer: 'office', kinds: ['proposal'] },
  { code: '桓司执监移', issuer: 'office', kinds: ['transferLetter'] },
  {
    code: '桓司执监告',
    issuer: 'office',
    kinds: ['acceptanceNotice', 'nonAcceptanceNotice', 'summonedTalkNotice', 'reply'],
  },
  { code: '桓司执监避', issuer: 'office', kinds: ['recusalDecision'] },
];

type GateRow = Pick<Instrument, 'kind' | 'series' | 'signer'>;

/** The first row of a kind says how it is numbered where no row was chosen. */
export const gateRowOf = <R extends GateRow>(rows: readonly R[], kind: DocumentKind): R | undefined =>
  rows.find((row) => row.kind === kind);

/** The series in force: the rules of the instruments say how their kinds are numbered, the office's own rows all others. */
export function seriesInForce(
  own: readonly NumberSeries[],
  rows: readonly GateRow[],
): readonly NumberSeries[] {
  const agreed = own.map((one) => ({
    ...one,
    kinds: one.kinds.filter((kind) => (gateRowOf(rows, kind)?.series ?? one.code) === one.code),
  }));
  const all = new Map(agreed.map((one) => [one.code, one]));
  for (const { kind, series: code, signer: issuer } of new Set(
    rows.map((row) => gateRowOf(rows, row.kind) ?? row),
  )) {
    const known = all.get(code) ?? { code, issuer, kinds: [] };
    if (!known.kinds.includes(kind)) all.set(code, { ...known, kinds: [...known.kinds, kind] });
  }
  return [...all.values()].filter(({ kinds }) => kinds.length > 0);
}

/** The series a kind is numbered in; undefined for a working paper without a number. */
export const seriesOf = (all: readonly NumberSeries[], kind: DocumentKind): NumberSeries | undefined =>
  all.find((one) => one.kinds.includes(kind));

/** 机关代字〔year〕serial号: hexagonal brackets, no leading zeros, no 第 (GB/T 9704-2012, 7.2.5). */
export const documentNumber = (code: string, year: number, serial: number): string =>
  `${code}〔${year}〕${serial}号`;

/** How a paper reached whom it binds; by mail it is received when it is signed for (签收), on paper by the 送达回证. */
export interface Service {
  readonly channel: 'email' | 'paper';
  readonly servedAt: string;
  readonly servedBy: string;
  /** YYYY-MM-DD: the day after it a statutory clock begins. */
  readonly receivedOn?: string;
  readonly receivedBy?: string;
}

export interface Withdrawal {
  readonly at: string;
  readonly by: string;
  readonly reason: string;
}

/** What a step depends on. */
export interface DocumentStand {
  readonly state: DocumentState;
  readonly approvedAt?: string | undefined;
  readonly service?: Service | undefined;
}

/** Only a draft is edited, approved or sent back: a signed paper is frozen. */
export function draftOnly({ state }: DocumentStand): void {
  if (state === 'withdrawn') throw new Refusal('document-withdrawn');
  if (state !== 'draft') throw new Refusal('document-not-draft');
}

/** Serves an approved paper: on paper with its 送达回证 it is received at once, else it is served and not received. */
export function serveDocument(
  stand: DocumentStand,
  service: Service,
): { readonly state: 'served' | 'received'; readonly service: Service } {
  if (stand.state === 'withdrawn') throw new Refusal('document-withdrawn');
  if (stand.state === 'draft') throw new Refusal('document-not-approved', '文书尚未签发，不能送达。');
  if (stand.state !== 'approved') throw new Refusal('document-served');
  if (service.receivedOn === undefined) return { state: 'served', service };
  checkReceivedOn(service.receivedOn, {
    from: dayOf(stand.approvedAt ?? service.servedAt),
    to: dayOf(service.servedAt),
  });
  return { state: 'received', service };
}

/** Records who signed for a served paper, and when; the first receipt stands. */
export function receiveDocument(
  stand: DocumentStand,
  receipt: { readonly on: string; readonly by: string; readonly now: string },
): { readonly state: 'received'; readonly service: Service } {
  if (stand.state === 'withdrawn') throw new Refusal('document-withdrawn');
  if (stand.state === 'received') throw new Refusal('document-received');
  if (stand.state !== 'served' || !stand.service) throw new Refusal('document-not-served');
  checkReceivedOn(receipt.on, { from: dayOf(stand.service.servedAt), to: dayOf(receipt.now) });
  return {
    state: 'received',
    service: { ...stand.service, receivedOn: receipt.on, receivedBy: receipt.by },
  };
}

/** A paper that goes back keeps its number for ever: void numbers are not given again. */
export function withdrawDocument(
  { state }: DocumentStand,
  withdrawal: Withdrawal,
): { readonly state: 'withdrawn'; readonly withdrawal: Withdrawal } {
  if (state === 'withdrawn') throw new Refusal('document-withdrawn');
  return { state: 'withdrawn', withdrawal };
}

function checkReceivedOn(day: string, { from, to }: { readonly from: string; readonly to: string }): void {
  if (day < from)
    throw new Refusal('date-invalid', `签收日期不得早于${from}（签发或送达之日）。`, '/receivedOn');
  if (day > to) throw new Refusal('date-invalid', '签收日期不得晚于今天。', '/receivedOn');
}

/** Stamps are written in Shanghai's offset. */
const dayOf = (at: string): string => at.slice(0, 10);
