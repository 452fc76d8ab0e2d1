import type { Term } from './deadline.ts';
import { Refusal } from './refusals.ts';

/** The formal documents that the gate lets through or not; working papers need no gate. */
export const INSTRUMENT_KINDS = [
  'notice',
  'letter',
  'opinion',
  'proposal',
  'decision',
  'circular',
  'transferLetter',
] as const;
export type InstrumentKind = (typeof INSTRUMENT_KINDS)[number];

/** What may be on record in a case, in the words a refusal says it with. */
export const FACTS = {
  filed: '案件已经立案',
  dutyNotPerformed: '应当履行而未履行行政执法职责',
  illegalAct: '查明行政执法行为违法',
  improperAct: '查明行政执法行为明显不当',
  procedureBreach: '违反行政程序规定',
  noticeNotFollowed: '逾期未按监督通知书改正',
  letterNotFollowed: '未按督办函要求履职',
  opinionNotFollowed: '未按意见书要求纠正',
  refused: '拒不落实行政执法制度或者拒绝执行监督处理',
  major: '涉及重大问题',
  socialImpact: '造成较大社会影响',
  systemicProblem: '存在突出或者普遍性问题',
  dutyCrimeLead: '发现职务违法或者职务犯罪问题线索',
  crimeLead: '发现涉嫌犯罪线索',
  notCompetent: '不属于本机关监督职责',
} as const satisfies Record<string, string>;
export type Fact = keyof typeof FACTS;

/** What a decision may order. */
export const DECISION_OUTCOMES = {
  orderPerform: '责令限期履行',
  orderSupplement: '责令补正',
  orderCorrect: '责令改正',
  revoke: '撤销',
  confirmUnlawful: '确认违法',
  confirmInvalid: '确认无效',
  change: '变更',
  orderRemake: '责令重新作出',
} as const satisfies Record<string, string>;
export type DecisionOutcome = keyof typeof DECISION_OUTCOMES;

/** Which terms may be printed: the rule's own, and how far a person may go from it. */
export interface InstrumentTerm {
  readonly default: Term;
  /** Never shorter than this, whatever the reason. */
  readonly min?: Term | undefined;
  /** Never longer than this, whatever the reason. */
  readonly max?: Term | undefined;
  readonly shorterNeedsReason: boolean;
  readonly longerNeedsReason: boolean;
}

/** One row of the gate: which instrument may follow which fact, who signs it, with which term, number series and article. */
export interface Instrument {
  readonly id: string;
  /** `national` or a province. */
  readonly jurisdiction: string;
  readonly kind: InstrumentKind;
  readonly title: string;
  /** As it is printed. */
  readonly article: string;
  /** False where the office has to confirm the citation before it is printed. */
  readonly confirmed: boolean;
  readonly note: string;
  /** Every fact of `all` and, where `any` names some, one of them must be on record. */
  readonly facts: { readonly all: readonly Fact[]; readonly any: readonly Fact[] };
  /** One of these must have been served before; none named means none needed. */
  readonly after: readonly InstrumentKind[];
  readonly caseStates: readonly string[];
  readonly needsFindings: boolean;
  readonly signer: 'office' | 'government';
  /** For a decision; null for every other kind. */
  readonly outcomes: readonly DecisionOutcome[] | null;
  /** Null where the document gives nobody a term. */
  readonly term: InstrumentTerm | null;
  /** Issuer's code before the year of its number (机关代字). */
  readonly series: string;
  /** How long its addressee may object, and how soon the issuer answers; null where it binds nobody. */
  readonly objection: { readonly within: Term; readonly answer: Term } | null;
  /** True where law names the instrument, false for the office's own form. */
  readonly statutory: boolean;
  /** Invariant: a machine reminds and urges, it never issues an instrument. */
  readonly byMachine: false;
}

/** What a person asks the gate for. */
export interface InstrumentRequest {
  readonly kind: InstrumentKind;
  /** The facts on record in the case. */
  readonly facts: readonly string[];
  readonly state: string;
  /** Kinds that have been served in this case. */
  readonly served?: readonly string[] | undefined;
  /** How many findings the document states; not judged where it is not given. */
  readonly findings?: number | undefined;
  readonly outcome?: string | undefined;
  readonly term?: Term | undefined;
  /** On record for a term that is not the rule's own. */
  readonly reason?: string | undefined;
  /** The row that a person chose, where several rows know the kind. */
  readonly instrument?: string | undefined;
}

type Check = (row: Instrument, request: InstrumentRequest) => Refusal | undefined;

/** In the order a lawyer asks: may it follow from this at all, is it the time, then what it says. */
const CHECKS: readonly Check[] = [missingFact, wrongState, notServed, noFindings, wrongOutcome, wrongTerm];

/** The row that lets the document through; throws the refusal of the row that came closest, naming the fact, the state, the outcome or the term. */
export function checkInstrument(rows: readonly Instrument[], request: InstrumentRequest): Instrument {
  const known = rows.filter(
    (row) => row.kind === request.kind && (request.instrument === undefined || row.id === request.instrument),
  );
  if (known.length === 0)
    throw new Refusal('instrument-unknown', `文书规则中没有“${request.instrument ?? request.kind}”`, '/kind');
  const judged = known.map((row) => {
    const step = CHECKS.findIndex((check) => check(row, request) !== undefined);
    return { row, step: step === -1 ? CHECKS.length : step };
  });
  const furthest = judged.reduce((best, one) => (one.step > best.step ? one : best));
  const refused = CHECKS[furthest.step]?.(furthest.row, request);
  if (!refused) return furthest.row;
  if (refused.code !== 'fact-missing') throw refused;
  throw noFact(known, request);
}

/** The term that the document prints: the one asked for, or the rule's own; undefined where it gives none. */
export function termOfInstrument({ term }: Instrument, asked?: Term): Term | undefined {
  return term === null ? undefined : (asked ?? term.default);
}

/** The facts that a row still needs, in words; alternatives in one phrase. */
function wanting({ facts }: Instrument, on: readonly string[]): readonly string[] {
  const said = (fact: Fact): string => `${FACTS[fact]}（${fact}）`;
  const all = facts.all.filter((fact) => !on.includes(fact)).map(said);
  const none = facts.any.length > 0 && !facts.any.some((fact) => on.includes(fact));
  return none ? [...all, facts.any.map(said).join('或者')] : all;
}

function missingFact(row: Instrument, { facts }: InstrumentRequest): Refusal | undefined {
  const missing = wanting(row, facts);
  return missing.length === 0 ? undefined : new Refusal('fact-missing', missing.join('；'), '/kind');
}

/** Every way in which the document could have had its fact. */
function noFact(rows: readonly Instrument[], { facts }: InstrumentRequest): Refusal {
  const ways = [...new Set(rows.map((row) => wanting(row, facts).join('，并且')))];
  const { title } = rows[0] as Instrument;
  return new Refusal('fact-missing', `制发${title}，案卷中还缺少：${ways.join('；或者：')}`, '/kind');
}

function wrongState(row: Instrument, { state }: InstrumentRequest): Refusal | undefined {
  if (row.caseStates.includes(state)) return undefined;
  return new Refusal(
    'instrument-out-of-step',
    `${row.title}可以在以下环节制发：${row.caseStates.join('、')}；现在是：${state}`,
    '/kind',
  );
}

function notServed(row: Instrument, { served = [] }: InstrumentRequest): Refusal | undefined {
  if (row.after.length === 0 || row.after.some((kind) => served.includes(kind))) return undefined;
  return new Refusal(
    'instrument-not-served',
    `制发${row.title}以前，须先送达：${row.after.join('或者')}`,
    '/kind',
  );
}

function noFindings(row: Instrument, { findings }: InstrumentRequest): Refusal | undefined {
  if (!row.needsFindings || findings === undefined || findings > 0) return undefined;
  return new Refusal('findings-missing', `${row.title}须写明查明的问题`, '/findings');
}

function wrongOutcome(row: Instrument, { outcome }: InstrumentRequest): Refusal | undefined {
  const refuse = (detail: string) => new Refusal('outcome-not-allowed', detail, '/outcome');
  if (row.outcomes === null)
    return outcome === undefined ? undefined : refuse(`${row.title}不作处理决定，不能写明处理结果`);
  const named = row.outcomes.map((one) => `${DECISION_OUTCOMES[one]}（${one}）`).join('、');
  if (outcome === undefined) return refuse(`${row.title}须写明处理结果：${named}`);
  if (row.outcomes.some((one) => one === outcome)) return undefined;
  const said = Object.hasOwn(DECISION_OUTCOMES, outcome)
    ? DECISION_OUTCOMES[outcome as DecisionOutcome]
    : outcome;
  return refuse(`本地规则不允许“${said}”；可以：${named}`);
}

function wrongTerm(row: Instrument, { term, reason }: InstrumentRequest): Refusal | undefined {
  const refuse = (detail: string) => new Refusal('term-not-allowed', detail, '/term');
  if (term === undefined) return undefined;
  const rule = row.term;
  if (rule === null) return refuse(`${row.title}不定期限`);
  const asked = sized(term);
  const own = sized(rule.default);
  if (asked.unit !== own.unit) return refuse(`${row.title}的期限以${own.unit}计`);
  if (rule.min && asked.n < sized(rule.min).n) return refuse(`不得短于${said(rule.min)}（${row.article}）`);
  if (rule.max && asked.n > sized(rule.max).n) return refuse(`不得长于${said(rule.max)}（${row.article}）`);
  const shorter = asked.n < own.n && rule.shorterNeedsReason;
  const longer = asked.n > own.n && rule.longerNeedsReason;
  if ((shorter || longer) && (reason ?? '').trim() === '')
    return refuse(`${shorter ? '短于' : '长于'}${said(rule.default)}须记录理由（${row.article}）`);
  return undefined;
}

/** A term as a number of its unit; two units are never weighed against each other, since that needs a calendar. */
export function sized(term: Term): { readonly n: number; readonly unit: '日' | '个工作日' } {
  return 'workdays' in term ? { n: term.workdays, unit: '个工作日' } : { n: term.days, unit: '日' };
}

const said = (term: Term): string => `${sized(term).n}${sized(term).unit}`;
