import type { IsoDate } from './calendar.ts';

/** The six kinds of enforcement acts (六类行政执法行为). */
export const ACT_TYPES = ['penalty', 'licence', 'coercion', 'levy', 'fee', 'inspection'] as const;
export type ActType = (typeof ACT_TYPES)[number];

/** What came of an act, as the annual report counts it; penalties stand in the order of their weight, the lightest first. */
export const OUTCOMES = {
  penalty: [
    'other',
    'warning',
    'fine',
    'confiscation',
    'suspension',
    'revocation',
    'restriction',
    'closure',
    'detention',
  ],
  licence: ['applied', 'accepted', 'granted', 'refused', 'revoked'],
  coercion: [
    'sealing',
    'seizure',
    'freezing',
    'otherMeasure',
    'addedFine',
    'transfer',
    'auction',
    'removal',
    'substitution',
    'courtApplication',
  ],
  levy: ['collected', 'reduced'],
  fee: ['collected', 'reduced'],
  inspection: ['clean', 'problemFound'],
} as const satisfies Record<ActType, readonly string[]>;
export type Outcome = (typeof OUTCOMES)[ActType][number];
export type PenaltyKind = (typeof OUTCOMES.penalty)[number];

/** The days in an act's life that clocks run from and to. */
export const ACT_DATES = [
  'filedOn',
  'preservedOn',
  'preservationEndedOn',
  'hearingOfferedOn',
  'hearingNoticedOn',
  'heardOn',
  'decidedOn',
  'servedOn',
  'publishedOn',
  'annulledOn',
  'unpublishedOn',
  'crimeReportedOn',
  'crimeSuspectedOn',
  'crimeReferredOn',
  'enteredOn',
] as const;
export type ActDate = (typeof ACT_DATES)[number];

export const CHANNELS = ['network', 'offNetwork'] as const;
export const RECORDINGS = ['audioVideo', 'text', 'none'] as const;
/** Why an inspection took place; only `plan` needs an inspection plan's number. */
export const OCCASIONS = ['plan', 'complaint', 'transfer', 'monitoring', 'application', 'followUp'] as const;

/** One enforcement act as the enforcement network reports it. */
export interface Act extends Readonly<Partial<Record<ActDate, IsoDate | undefined>>> {
  /** The network's number. */
  readonly no: string;
  readonly agency: string;
  readonly type: ActType;
  /** The day on which the act was done; a decision's own day. */
  readonly on: IsoDate;
  readonly target: string;
  /** 统一社会信用代码 or another code that names the target better than its name. */
  readonly targetCode?: string | undefined;
  /** Ids or certificate numbers. */
  readonly officers: readonly string[];
  /** Hundredths of a yuan, so that sums are exact. */
  readonly fen?: number | undefined;
  readonly channel: (typeof CHANNELS)[number];
  readonly legalReview?: { readonly on: IsoDate; readonly by?: string | undefined } | undefined;
  readonly recording?: (typeof RECORDINGS)[number] | undefined;
  readonly plan?: string | undefined;
  readonly occasion?: (typeof OCCASIONS)[number] | undefined;
  /** The number of a combined inspection (综合查一次), shared by the agencies that took part. */
  readonly joint?: string | undefined;
  /** 案由 */
  readonly cause?: string | undefined;
  /** The degree of the discretion benchmark (裁量情节). */
  readonly circumstance?: string | undefined;
  readonly outcomes: readonly Outcome[];
}

type ActField = keyof Act;

/** The days that become known after an act was first reported. */
const LATER: ReadonlySet<ActField> = new Set<ActField>([
  'preservationEndedOn',
  'heardOn',
  'servedOn',
  'publishedOn',
  'annulledOn',
  'unpublishedOn',
  'crimeReportedOn',
  'crimeSuspectedOn',
  'crimeReferredOn',
  'enteredOn',
]);

const FIELDS: readonly ActField[] = [
  'no',
  'agency',
  'type',
  'on',
  'target',
  'targetCode',
  'officers',
  'fen',
  'channel',
  'legalReview',
  'recording',
  'plan',
  'occasion',
  'joint',
  'cause',
  'circumstance',
  'outcomes',
  ...ACT_DATES,
];

/** What a second report of the same number says: nothing new, later days, or something else than is known. */
export type Repeat =
  | { readonly kind: 'unchanged' }
  | { readonly kind: 'completed'; readonly later: Readonly<Partial<Act>> }
  | { readonly kind: 'differs'; readonly fields: readonly ActField[] };

/** Invariant: what was reported of an act stays; only days that come after it may be added, and one that is left out later is no contradiction. */
export function repeatOf(stored: Act, sent: Act): Repeat {
  const told = (act: Act, field: ActField): string => JSON.stringify(act[field]) ?? '';
  const changed = FIELDS.filter((field) => told(stored, field) !== told(sent, field)).filter(
    (field) => !(LATER.has(field) && sent[field] === undefined),
  );
  const fields = changed.filter((field) => !(LATER.has(field) && stored[field] === undefined));
  if (fields.length > 0) return { kind: 'differs', fields };
  if (changed.length === 0) return { kind: 'unchanged' };
  return { kind: 'completed', later: Object.fromEntries(changed.map((field) => [field, sent[field]])) };
}

/** Whom an act meets: the same words for the same target, whatever its spaces and brackets. */
export const targetKey = ({ target, targetCode }: Pick<Act, 'target' | 'targetCode'>): string =>
  targetCode ?? target.replaceAll(/\s/gu, '').replaceAll('(', '（').replaceAll(')', '）');

/** The day that decides the year an act is counted in. */
export const countedOn = ({ decidedOn, on }: Pick<Act, 'decidedOn' | 'on'>): IsoDate => decidedOn ?? on;

/** Combined penalties count once, under the heaviest; one that only says how much is a fine. */
export function heaviest(outcomes: readonly string[], fen: number): PenaltyKind {
  const kinds = OUTCOMES.penalty.filter((kind) => outcomes.includes(kind));
  return kinds.at(-1) ?? (fen > 0 ? 'fine' : 'other');
}
