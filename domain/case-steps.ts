import { type Term } from './deadline.ts';
import {
  type CaseState,
  type CaseStatus,
  type ClosingReason,
  type Paper,
  type RecusalSide,
  type Remedy,
  type Transfer,
  type TransferTarget,
  handlersOf,
  isOpenCase,
  wayOf,
} from './case.ts';
import type { InstrumentKind } from './instrument.ts';
import { Refusal } from './refusals.ts';
import type { ReturnedItem } from './task.ts';

/** How evidence is gathered (山东省行政执法监督条例 第二十三条). */
export const RECORD_KINDS = [
  'fileRetrieval',
  'interviewRecord',
  'onSiteInspection',
  'covertVisit',
  'appraisal',
] as const;
export type RecordKind = (typeof RECORD_KINDS)[number];

export const CONCLUSIONS = ['violation', 'noViolation', 'correctedOnSpot'] as const;
export type Conclusion = (typeof CONCLUSIONS)[number];

/** What a person orders in a case; the ids name what is kept in the store. */
export type CaseCommand = { readonly by: string } & (
  | {
      readonly kind: 'file';
      readonly approved: true;
      readonly supervisors: readonly string[];
      /** The file review in which the agency has been heard on these problems: it is not asked for a statement again. */
      readonly heard?: string;
    }
  | { readonly kind: 'file'; readonly approved: false; readonly reason: string }
  | { readonly kind: 'assign'; readonly supervisors: readonly string[] }
  | { readonly kind: 'recordInvestigation'; readonly record: string; readonly what: RecordKind }
  | {
      readonly kind: 'askRecusal';
      readonly recusal: string;
      readonly person: string;
      readonly side: RecusalSide;
    }
  | { readonly kind: 'decideRecusal'; readonly recusal: string; readonly granted: boolean }
  | { readonly kind: 'suspend'; readonly remedy: Remedy }
  | { readonly kind: 'resume'; readonly note: string }
  | {
      readonly kind: 'review';
      readonly review: string;
      readonly what: 'legalReview' | 'collectiveDiscussion';
      readonly conclusion?: Conclusion;
    }
  | {
      readonly kind: 'draft';
      readonly paper: string;
      readonly instrument: InstrumentKind;
      readonly facts: readonly string[];
    }
  | { readonly kind: 'approve'; readonly paper: string }
  | {
      readonly kind: 'serve';
      readonly paper: string;
      readonly receivedOn?: string;
      readonly receivedBy?: string;
    }
  | {
      readonly kind: 'verify';
      readonly accepted: boolean;
      readonly note: string;
      /** The answers that were judged. */
      readonly answers: readonly string[];
      readonly items?: readonly ReturnedItem[] | undefined;
      readonly term?: Term | undefined;
    }
  | {
      readonly kind: 'answerObjection';
      readonly objection: string;
      readonly upheld: boolean;
      readonly text: string;
    }
  | { readonly kind: 'submitToGovernment' }
  | { readonly kind: 'decideByGovernment'; readonly approved: boolean; readonly note: string }
  | { readonly kind: 'askTransfer'; readonly transfer: string; readonly to: TransferTarget }
  | {
      readonly kind: 'decideTransfer';
      readonly transfer: string;
      readonly approved: boolean;
      readonly note: string;
    }
  | {
      readonly kind: 'reportTransfer';
      readonly transfer: string;
      readonly outcome: 'handedOver' | 'taken' | 'sentBack';
      readonly note: string;
    }
  | { readonly kind: 'withdrawComplaint'; readonly reason: string }
  | { readonly kind: 'extend'; readonly reason: string }
  | {
      readonly kind: 'note';
      readonly what: 'jointMeeting' | 'accountability' | 'spread';
      readonly about: string;
    }
  | { readonly kind: 'close'; readonly reason: ClosingReason; readonly note: string }
  | { readonly kind: 'reply'; readonly reply: string }
  | { readonly kind: 'archive' }
);

/** A step by the name a caller is told it by; drafting is named with what is drafted. */
export type CaseStep = Exclude<CaseCommand['kind'], 'draft'> | `draft${Capitalize<InstrumentKind>}`;

const draftStep = (kind: InstrumentKind): CaseStep =>
  `draft${kind.charAt(0).toUpperCase()}${kind.slice(1)}` as CaseStep;

export const stepOf = (command: CaseCommand): CaseStep =>
  command.kind === 'draft' ? draftStep(command.instrument) : command.kind;

/** What leads on from each state by a person's hand; what the agency and the clock do is not among it. */
const ON_THE_WAY: Readonly<Record<CaseStatus, readonly CaseStep[]>> = {
  accepted: ['file'],
  filed: ['draftNotice', 'recordInvestigation'],
  noticeServed: ['recordInvestigation'],
  statementDue: ['recordInvestigation'],
  statementReceived: ['recordInvestigation', 'review', 'draftLetter', 'draftOpinion'],
  investigating: ['recordInvestigation', 'review', 'draftNotice', 'draftLetter', 'draftOpinion'],
  reviewing: ['recordInvestigation', 'review', 'draftNotice', 'draftLetter', 'draftOpinion', 'draftDecision'],
  terminated: [],
  letterIssued: ['draftDecision'],
  opinionIssued: ['draftDecision'],
  rectifying: ['review', 'draftDecision'],
  verifying: ['draftDecision'],
  decisionProposed: ['submitToGovernment', 'decideByGovernment', 'review'],
  governmentApproving: ['decideByGovernment'],
  sentBack: ['draftDecision', 'review'],
  decisionIssued: [],
  executing: [],
  executionReported: [],
  verified: [],
  suspended: ['resume'],
  closed: [],
  replied: [],
  archived: [],
};

/** From when on the office may also write to others: a proposal, a circular. */
const WRITES_BESIDE: readonly CaseStatus[] = [
  'investigating',
  'reviewing',
  'rectifying',
  'verifying',
  'decisionProposed',
  'sentBack',
  'executing',
  'executionReported',
  'verified',
  'closed',
  'replied',
];

const BEFORE_FILING: readonly CaseStatus[] = ['accepted'];
const NOT_SUSPENDED: readonly CaseStatus[] = ['accepted', 'terminated', 'verified', 'suspended'];
const INVESTIGATED: readonly CaseStatus[] = [
  'filed',
  'noticeServed',
  'statementDue',
  'statementReceived',
  'investigating',
  'reviewing',
];

type Condition = (state: CaseState) => boolean;

/** What may be done beside the way, and when. */
const BESIDE: Readonly<Partial<Record<CaseStep, Condition>>> = {
  assign: (state) => filedAndOpen(state),
  askRecusal: (state) => isOpenCase(state),
  decideRecusal: (state) => state.recusals.some((one) => one.decision === undefined),
  suspend: (state) => isOpenCase(state) && !NOT_SUSPENDED.includes(state.line.state),
  approve: (state) => state.papers.some((paper) => mayApprove(state, paper)),
  serve: (state) => state.papers.some((paper) => mayServe(state, paper)),
  verify: (state) => state.line.state !== 'suspended' && judged(state) !== undefined,
  answerObjection: (state) => state.objections.some((one) => one.answer === undefined),
  askTransfer: filedAndOpen,
  draftTransferLetter: filedAndOpen,
  decideTransfer: (state) => state.transfers.some((one) => one.status === 'asked'),
  reportTransfer: (state) => state.transfers.some(mayReport),
  withdrawComplaint: (state) => isOpenCase(state) && state.answerOwed && !state.complaintWithdrawn,
  extend: (state) => state.extended === 0 && INVESTIGATED.includes(wayOf(state).state),
  draftProposal: (state) => WRITES_BESIDE.includes(state.line.state),
  draftCircular: (state) => WRITES_BESIDE.includes(state.line.state),
  note: ({ line }) => line.state !== 'archived',
  close: (state) => closingReasons(state).length > 0,
  reply: ({ line, answerOwed }) => line.state === 'closed' && answerOwed,
  archive: ({ line, answerOwed }) => line.state === 'replied' || (line.state === 'closed' && !answerOwed),
};

function filedAndOpen(state: CaseState): boolean {
  return isOpenCase(state) && !BEFORE_FILING.includes(state.line.state);
}

/** Every step that a person may take now: a refusal tells them. */
export function possibleSteps(state: CaseState): readonly CaseStep[] {
  const way = ON_THE_WAY[state.line.state].filter(
    (step) => step !== 'decideByGovernment' || undecided(state),
  );
  const beside = (Object.keys(BESIDE) as CaseStep[]).filter((step) => BESIDE[step]?.(state));
  return [...new Set([...way, ...beside])];
}

const undecided = ({ line }: CaseState): boolean =>
  line.state === 'decisionProposed' || (line.state === 'governmentApproving' && !line.approved);

/** Throws the refusal of a step that is not possible now. */
export function checkStep(state: CaseState, command: CaseCommand): void {
  const possible = possibleSteps(state);
  const step = stepOf(command);
  if (step === 'draftDecision' && decisionOf(state)) throw new Refusal('decision-exists');
  if (possible.includes(step)) return;
  if (state.line.state === 'suspended') throw new Refusal('case-suspended');
  throw new Refusal('case-out-of-step', `现在可以：${possible.join('、') || '无'}`);
}

/** A second decision needs the first to be withdrawn. */
const decisionOf = ({ papers }: CaseState): Paper | undefined =>
  papers.find((paper) => paper.kind === 'decision' && paper.state !== 'withdrawn');

/** The documents that lead the case on can be signed only where their place on the way is. */
export function mayApprove(state: CaseState, paper: Paper): boolean {
  if (paper.state !== 'draft') return false;
  return fits(state, paper.kind);
}

export function mayServe(state: CaseState, paper: Paper): boolean {
  if (paper.state === 'served') return isOpenCase(state);
  return paper.state === 'approved' && fits(state, paper.kind);
}

function fits(state: CaseState, kind: InstrumentKind): boolean {
  const { line } = state;
  switch (kind) {
    case 'notice':
      return ON_THE_WAY[line.state].includes('draftNotice');
    case 'letter':
    case 'opinion':
      return line.state === 'reviewing';
    case 'decision':
      return line.state === 'decisionProposed' || line.state === 'governmentApproving';
    case 'proposal':
    case 'circular':
      return WRITES_BESIDE.includes(line.state);
    case 'transferLetter':
      return filedAndOpen(state);
  }
}

/** The document whose report a person is to judge: the one the case waits for, else the oldest that has one. */
export function judged(state: CaseState): Paper | undefined {
  const inHand = state.papers.filter((paper) => paper.report === 'inHand' && paper.state === 'received');
  const way = wayOf(state);
  const own = 'paper' in way ? inHand.find((paper) => paper.id === way.paper) : undefined;
  return own ?? inHand[0];
}

export const mayReport = ({ status }: Transfer): boolean => status === 'approved' || status === 'handedOver';

/** For which reasons a case can be closed now. */
export function closingReasons(state: CaseState): readonly ClosingReason[] {
  if (!isOpenCase(state)) return [];
  const { line } = state;
  const own: ClosingReason[] =
    line.state === 'verified' ? [line.outcome] : line.state === 'terminated' ? ['noViolation'] : [];
  return [
    ...own,
    ...(line.state === 'suspended' ? (['remedyStarted'] as const) : []),
    ...(state.transfers.some((one) => one.status === 'handedOver' || one.status === 'taken')
      ? (['transferred'] as const)
      : []),
    ...(state.complaintWithdrawn ? (['withdrawn'] as const) : []),
  ];
}

/** Nothing formal is done by fewer than two who may (山东省行政执法监督条例 第二十二条). */
export function needsTwo(state: CaseState): void {
  if (handlersOf(state).length < 2)
    throw new Refusal('supervisors-too-few', '办理本案的监督人员不足2人，请先补充。', '/supervisors');
}
