import type { ActDate, ActType, OCCASIONS, Outcome, RECORDINGS } from './act.ts';
import type { IsoDate } from './calendar.ts';
import type { Term } from './deadline.ts';
import type { FindingCategory } from './finding.ts';

type Occasion = (typeof OCCASIONS)[number];

/** Where a clock starts or ends: a day of the act's life, or `decision`, the day it counts from. */
export type ClockPoint = ActDate | 'decision';

/** What each kind of rule can be set to. */
export interface RuleParams {
  /** Acts done outside the network (网下执法). */
  readonly channel: { readonly types: readonly ActType[] };
  /** Decisions that need a legal review before they are made: by their outcome, or from this amount in yuan. */
  readonly review: {
    readonly types: readonly ActType[];
    readonly outcomes: readonly Outcome[];
    readonly amountFrom: number;
  };
  /** Acts that need a record of this form; every outcome where the list is empty. */
  readonly recording: {
    readonly types: readonly ActType[];
    readonly outcomes: readonly Outcome[];
    readonly form: Exclude<(typeof RECORDINGS)[number], 'none'>;
  };
  /** Officers need a certificate valid on the day. */
  readonly certificate: { readonly types: readonly ActType[] };
  readonly team: { readonly types: readonly ActType[]; readonly least: number };
  /** A legal term between two days; `notBefore` where the second must not come earlier; `open` where a day that is still missing counts as today. */
  readonly clock: {
    readonly types: readonly ActType[];
    readonly from: ClockPoint;
    readonly to: ClockPoint;
    readonly term: Term;
    readonly sense: 'within' | 'notBefore';
    readonly open: boolean;
  };
  readonly plan: { readonly exempt: readonly Occasion[] };
  /** Inspections of one target in one year, by one agency or by all together. */
  readonly frequency: {
    readonly most: number;
    readonly per: 'agency' | 'all';
    readonly exempt: readonly Occasion[];
  };
  /** The same matter of the same target taken up again (重复执法). */
  readonly duplicate: {
    readonly types: readonly ActType[];
    readonly days: number;
    readonly sameAgency: boolean;
    readonly exempt: readonly Occasion[];
  };
  /** Several agencies at one target within days, and not together (交叉执法). */
  readonly crossing: { readonly days: number; readonly exempt: readonly Occasion[] };
  /** Fines that lie `factor` above or below the middle of their like (选择性执法). */
  readonly unlike: { readonly least: number; readonly factor: number };
  /** Fines of an agency against the same months of the year before. */
  readonly growth: {
    readonly percent: number;
    readonly leastYuan: number;
    readonly leastMonths: number;
  };
  /** An agency that used to act falls silent (不作为): `least` acts in the year before the silence. */
  readonly silence: { readonly types: readonly ActType[]; readonly days: number; readonly least: number };
}
export type RuleKind = keyof RuleParams;

interface RuleOf<K extends RuleKind> {
  readonly id: string;
  readonly kind: K;
  readonly title: string;
  /** The legal text, as it is printed. */
  readonly basis: string;
  /** The item of the year's checklist that a problem of this kind falls under, and its kind in the ledger. */
  readonly check: string;
  readonly category: FindingCategory;
  readonly enabled: boolean;
  readonly version: number;
  readonly params: RuleParams[K];
}

/** A rule is data: the office edits its parameters, its kind stays. */
export type WarningRule = { readonly [K in RuleKind]: RuleOf<K> }[RuleKind];

/** Rules of one kind that are switched on. */
export const rulesOf = <K extends RuleKind>(rules: readonly WarningRule[], kind: K): readonly RuleOf<K>[] =>
  rules.filter((rule) => rule.enabled && rule.kind === kind) as unknown as readonly RuleOf<K>[];

export type Evidence = Readonly<Record<string, string | number | boolean | readonly string[]>>;

/** Something that a rule noticed (预警), with what it was seen by. */
export interface Warning {
  readonly rule: string;
  readonly ruleVersion: number;
  /** Names what it is about: the same rule about the same subject is one warning. */
  readonly subject: string;
  /** The day it speaks of. */
  readonly on: IsoDate;
  /** Whose act it is; the one that came last where several took part. */
  readonly agency: string;
  readonly agencies: readonly string[];
  readonly acts: readonly string[];
  readonly detail: string;
  readonly evidence: Evidence;
}

/** Acts that one warning names; the rest is counted. */
export const MOST_ACTS = 50;

export const WARNING_STATES = ['open', 'dismissed', 'clue', 'finding', 'lapsed'] as const;
/** `lapsed`: what it was seen by does not hold any more, before anybody decided. */
export type WarningState = (typeof WARNING_STATES)[number];

/** A warning about one act. */
export function ofAct(
  rule: Pick<WarningRule, 'id' | 'version'>,
  act: { readonly no: string; readonly agency: string; readonly on: IsoDate },
  said: { readonly detail: string; readonly evidence: Evidence; readonly others?: readonly string[] },
): Warning {
  const { detail, evidence, others = [] } = said;
  return {
    rule: rule.id,
    ruleVersion: rule.version,
    subject: act.no,
    on: act.on,
    agency: act.agency,
    agencies: [act.agency],
    acts: [act.no, ...others].slice(0, MOST_ACTS),
    detail,
    evidence,
  };
}
