import type { IsoDate } from './calendar.ts';
import type { InstrumentKind } from './instrument.ts';
import type { TaskPhase } from './task.ts';

/** The stages of a case, in their order. */
export const CASE_STAGES = [
  'filing',
  'notice',
  'investigation',
  'review',
  'rectification',
  'decision',
  'execution',
  'closure',
] as const;
export type CaseStage = (typeof CASE_STAGES)[number];

/** What began elsewhere and stays the supervisor's hand (行政执法监督条例 第三十三条): 复议、诉讼、监察. */
export type Remedy = 'reconsideration' | 'litigation' | 'supervisoryInvestigation';

/** Why a case ended without an instrument. */
export type Termination = 'notFiled' | 'noViolation';

export const CLOSING_REASONS = [
  'rectified',
  'noViolation',
  'decisionExecuted',
  'transferred',
  'remedyStarted',
  'withdrawn',
] as const;
export type ClosingReason = (typeof CLOSING_REASONS)[number];

/** Where a case stands on its way; each variant holds exactly what is true in it. What is true of a task (overdue, extended, returned) stands with the task. */
export type Line =
  | { readonly state: 'accepted' }
  | { readonly state: 'filed' }
  | { readonly state: 'noticeServed'; readonly paper: string }
  | { readonly state: 'statementDue'; readonly paper: string }
  | { readonly state: 'statementReceived'; readonly paper: string }
  | { readonly state: 'investigating' }
  | { readonly state: 'reviewing' }
  | { readonly state: 'terminated'; readonly because: Termination }
  | { readonly state: 'letterIssued'; readonly paper: string }
  | { readonly state: 'opinionIssued'; readonly paper: string }
  | { readonly state: 'rectifying'; readonly paper: string }
  | { readonly state: 'verifying'; readonly paper: string }
  | { readonly state: 'decisionProposed'; readonly paper: string }
  | { readonly state: 'governmentApproving'; readonly paper: string; readonly approved: boolean }
  | { readonly state: 'sentBack'; readonly note: string }
  | { readonly state: 'decisionIssued'; readonly paper: string }
  | { readonly state: 'executing'; readonly paper: string }
  | { readonly state: 'executionReported'; readonly paper: string }
  | { readonly state: 'verified'; readonly outcome: 'rectified' | 'decisionExecuted' }
  | { readonly state: 'closed' | 'replied' | 'archived'; readonly reason: ClosingReason };

/** Stopped while a remedy is under way; what was going on goes on afterwards. */
export interface Suspended {
  readonly state: 'suspended';
  readonly remedy: Remedy;
  readonly since: IsoDate;
  readonly from: Line;
}

export type CaseStatus = Line['state'] | Suspended['state'];

export const STAGE_OF: Readonly<Record<Line['state'], CaseStage>> = {
  accepted: 'filing',
  filed: 'notice',
  noticeServed: 'notice',
  statementDue: 'investigation',
  statementReceived: 'investigation',
  investigating: 'investigation',
  reviewing: 'review',
  terminated: 'closure',
  letterIssued: 'rectification',
  opinionIssued: 'rectification',
  rectifying: 'rectification',
  verifying: 'rectification',
  decisionProposed: 'decision',
  governmentApproving: 'decision',
  sentBack: 'decision',
  decisionIssued: 'execution',
  executing: 'execution',
  executionReported: 'execution',
  verified: 'closure',
  closed: 'closure',
  replied: 'closure',
  archived: 'closure',
};

export const CASE_STATES = [...Object.keys(STAGE_OF), 'suspended'] as CaseStatus[];

/** Which task an instrument opens for the agency it is served on; none for those that ask for no report. */
export const PHASE_OF: Readonly<Record<InstrumentKind, TaskPhase | undefined>> = {
  notice: 'statement',
  letter: 'rectification',
  opinion: 'rectification',
  proposal: undefined,
  decision: 'execution',
  circular: undefined,
  transferLetter: undefined,
};

/** A formal document as far as the case depends on it; its words, number and signature are in its own record. */
export interface Paper {
  readonly id: string;
  readonly kind: InstrumentKind;
  readonly state: 'draft' | 'approved' | 'served' | 'received' | 'withdrawn';
  /** The day it was received: the clocks begin the day after. */
  readonly receivedOn?: IsoDate;
  readonly receivedBy?: string;
  /** What its task brought: a report in hand waits for a person's judgement. */
  readonly report?: 'inHand' | 'returned' | 'accepted';
  /** Its term passed without a report. */
  readonly overdue?: true;
}

/** What an agency brings against a document (异议); it does not stay the execution. */
export interface Objection {
  /** The submission's receipt number. */
  readonly id: string;
  readonly paper: string;
  readonly on: IsoDate;
  readonly answer?: 'upheld' | 'rejected';
}

export type RecusalSide = 'self' | 'agency' | 'complainant' | 'exOfficio';

export interface RecusalRequest {
  readonly id: string;
  readonly person: string;
  readonly side: RecusalSide;
  readonly decision?: 'granted' | 'refused';
}

export type TransferTarget = 'supervisionCommission' | 'police' | 'procuratorate' | 'competentAgency';

/** Handing a lead over; to the police by the clocks of the 2020 rules (行政执法机关移送涉嫌犯罪案件的规定 第五、八条). */
export interface Transfer {
  readonly id: string;
  readonly to: TransferTarget;
  readonly status: 'asked' | 'approved' | 'refused' | 'handedOver' | 'taken' | 'sentBack';
}

/** A moment the office is to have done something by; when it passes a person is told, and nothing is done by the machine. */
export interface CaseClock {
  readonly name: ClockName;
  /** Which of its kind: an objection, a request, a document. */
  readonly about: string;
  /** RFC 3339 */
  readonly dueAt: string;
  /** Key of the certificate in the store. */
  readonly deadline: string;
  readonly passed: boolean;
}

export type ClockName =
  | 'filing'
  | 'notice'
  | 'investigation'
  | 'verification'
  | 'objectionWindow'
  | 'objectionAnswer'
  | 'government'
  | 'reply'
  | 'hotline'
  | 'closure'
  | 'archive'
  | 'recusal'
  | 'suspension'
  | 'transferApproval'
  | 'transferHandOver'
  | 'policeDecision';

/** A case: where it stands on its way, and what runs beside it. */
export interface CaseState {
  readonly no: string;
  /** Grows with every change: a projection is only ever overwritten by a higher one. */
  readonly version: number;
  /** Whether somebody waits for an answer to what they complained of. */
  readonly answerOwed: boolean;
  /** Ids of those who handle it, at least two from filing on. */
  readonly supervisors: readonly string[];
  /** Ids of those who may not. */
  readonly recused: readonly string[];
  /** Facts on record, in the words of the instrument gate. */
  readonly facts: readonly string[];
  readonly openedOn: IsoDate;
  /** The day a work order of the hotline (12345) came in: it is answered by the hotline's own term. */
  readonly hotlineOn?: IsoDate;
  readonly filedOn?: IsoDate;
  /** Days that the investigation and the reply have been given beyond their terms: an extension, and what a suspension took. */
  readonly extended: number;
  readonly suspendedDays: number;
  readonly papers: readonly Paper[];
  readonly objections: readonly Objection[];
  readonly recusals: readonly RecusalRequest[];
  readonly transfers: readonly Transfer[];
  readonly complaintWithdrawn: boolean;
  readonly clocks: readonly CaseClock[];
  readonly line: Line | Suspended;
}

/** What a caller is told after a step. */
export interface CaseStand {
  readonly state: CaseStatus;
  readonly stage: CaseStage;
  readonly version: number;
}

/** A line of the ledger about a case. */
export interface CaseEvent {
  readonly at: string;
  readonly source: 'workflow' | 'answer' | 'decision' | 'person';
  readonly what: string;
  readonly who?: string;
  readonly detail?: Readonly<Record<string, string | number | boolean>>;
}

/** A case as it stands when its clue was accepted. */
export function openedCase(opening: {
  readonly no: string;
  readonly openedOn: IsoDate;
  readonly answerOwed: boolean;
  readonly hotlineOn?: IsoDate;
}): CaseState {
  return {
    ...opening,
    line: { state: 'accepted' },
    version: 1,
    supervisors: [],
    recused: [],
    facts: [],
    extended: 0,
    suspendedDays: 0,
    papers: [],
    objections: [],
    recusals: [],
    transfers: [],
    complaintWithdrawn: false,
    clocks: [],
  };
}

/** The way itself, also while it is suspended. */
export const wayOf = ({ line }: Pick<CaseState, 'line'>): Line =>
  line.state === 'suspended' ? line.from : line;

export const stageOf = (state: Pick<CaseState, 'line'>): CaseStage => STAGE_OF[wayOf(state).state];

export const standOfCase = (state: CaseState): CaseStand => ({
  state: state.line.state,
  stage: stageOf(state),
  version: state.version,
});

export const ENDED_CASE: readonly CaseStatus[] = ['closed', 'replied', 'archived'];

/** Whether the matter itself is still being handled. */
export const isOpenCase = ({ line }: Pick<CaseState, 'line'>): boolean => !ENDED_CASE.includes(line.state);

/** Those who handle the case and may. */
export const handlersOf = ({ supervisors, recused }: Pick<CaseState, 'supervisors' | 'recused'>) =>
  supervisors.filter((one) => !recused.includes(one));

/** What a transition leads to: the new state, what the ledger says of it, what is to be done. */
export interface CaseMove {
  readonly state: CaseState;
  readonly events: readonly CaseEvent[];
  readonly orders: readonly CaseOrder[];
}

/** What a transition has done for it, once it is written down; each may be done twice. */
export type CaseOrder =
  | { readonly kind: 'openTask'; readonly paper: string; readonly receivedOn?: IsoDate; readonly by?: string }
  | { readonly kind: 'endTasks'; readonly reason: string; readonly except?: string; readonly only?: string }
  | { readonly kind: 'holdTasks' | 'resumeTasks' }
  | { readonly kind: 'withdrawPaper'; readonly paper: string; readonly reason: string; readonly by: string }
  | {
      readonly kind: 'tellAnswer';
      readonly paper: string;
      readonly objection: string;
      readonly upheld: boolean;
      readonly text: string;
      readonly by: string;
    }
  | {
      readonly kind: 'tellComplainant';
      readonly step: 'filed' | 'extended' | 'suspended' | 'resumed' | 'concluded' | 'replied';
      readonly closing?: ClosingReason;
      readonly reply?: string;
    };

/** A changed case: one version on, with what is said and done about it. */
export const moved = (
  state: CaseState,
  change: Partial<CaseState>,
  more: { readonly events?: readonly CaseEvent[]; readonly orders?: readonly CaseOrder[] } = {},
): CaseMove => ({
  state: { ...state, ...change, version: state.version + 1 },
  events: more.events ?? [],
  orders: more.orders ?? [],
});

/** The same change of the way, also where it is suspended. */
export const along = (state: CaseState, line: Line): Line | Suspended =>
  state.line.state === 'suspended' ? { ...state.line, from: line } : line;

export const withPaper = (state: CaseState, id: string, change: Partial<Paper>): readonly Paper[] =>
  state.papers.map((paper) => (paper.id === id ? { ...paper, ...change } : paper));
