import type { ActType } from './act.ts';
import type { IsoDate } from './calendar.ts';
import type { HolderRegister } from './holder.ts';

/** A part of enforcement that an agency entrusts to another organisation in writing (委托执法). */
export interface Entrustment {
  /** 受委托的组织 */
  readonly to: string;
  readonly scope: string;
  readonly legalBasis: string;
  readonly agreement?: string | undefined;
  readonly from: IsoDate;
  readonly until?: IsoDate | undefined;
  readonly publishedOn?: IsoDate | undefined;
}

/** One item of the list of powers (执法事项): what it rests on, and who answers for it (行政执法责任制). */
export interface EnforcementItem {
  readonly name: string;
  readonly type: ActType;
  readonly legalBasis: string;
  /** 执法岗位 */
  readonly post: string;
  /** Id of the officer responsible. */
  readonly officer?: string | undefined;
  readonly publishedOn?: IsoDate | undefined;
}

/** What an agency gives supervision to work with in a year: staff, funds, premises (组织保障). */
export interface Support {
  readonly year: number;
  readonly authorised: number;
  readonly actual: number;
  readonly yuan: number;
  readonly premises: string;
}

/** The first responsible person took up a major problem (第一责任人研究解决重大问题). */
export interface LeaderReview {
  readonly on: IsoDate;
  readonly leader: string;
  readonly problem: string;
  readonly decision: string;
  readonly due?: IsoDate | undefined;
  readonly settledOn?: IsoDate | undefined;
}

/** A training that people went to; its hours stand in the year of each. */
export interface Training {
  readonly on: IsoDate;
  readonly subject: string;
  readonly hours: number;
  readonly register: HolderRegister;
  readonly people: readonly string[];
}

/** What an office keeps of an agency beside its people, by kind. */
export interface RegisterBodies {
  readonly entrustment: Entrustment;
  readonly enforcementItem: EnforcementItem;
  readonly support: Support;
  readonly leaderReview: LeaderReview;
  readonly training: Training;
}
export type RegisterKind = keyof RegisterBodies;

/** What is to be seen to. */
export type EntryFlag =
  | 'entrustment-over'
  | 'entrustment-unpublished'
  | 'officer-missing'
  | 'officer-unfit'
  | 'staff-missing'
  | 'decision-overdue';

export function entrustmentFlags({ until, publishedOn }: Entrustment, today: IsoDate): readonly EntryFlag[] {
  const over = until !== undefined && until < today;
  return [
    ...(over ? (['entrustment-over'] as const) : []),
    ...(publishedOn === undefined ? (['entrustment-unpublished'] as const) : []),
  ];
}

/** An item without a responsible officer, or one who may not work or is another agency's, has nobody who answers for it. */
export function itemFlags(
  { officer }: EnforcementItem,
  { fit }: { readonly fit: boolean },
): readonly EntryFlag[] {
  if (officer === undefined) return ['officer-missing'];
  return fit ? [] : ['officer-unfit'];
}

export const supportFlags = ({ authorised, actual }: Support): readonly EntryFlag[] =>
  actual < authorised ? ['staff-missing'] : [];

export const reviewFlags = ({ due, settledOn }: LeaderReview, today: IsoDate): readonly EntryFlag[] =>
  due !== undefined && settledOn === undefined && due < today ? ['decision-overdue'] : [];
