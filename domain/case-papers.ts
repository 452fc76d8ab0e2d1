import {
  type CaseMove,
  type CaseOrder,
  type CaseState,
  type Line,
  PHASE_OF,
  type Paper,
  type Transfer,
  along,
  moved,
  withPaper,
} from './case.ts';
import { type CaseCommand, mayApprove, mayServe, needsTwo } from './case-steps.ts';
import type { InstrumentKind } from './instrument.ts';
import { Refusal } from './refusals.ts';

type Of<K extends CaseCommand['kind']> = Extract<CaseCommand, { readonly kind: K }>;

const TRANSFER_OF: Readonly<Record<string, Transfer['to']>> = {
  crimeLead: 'police',
  dutyCrimeLead: 'supervisionCommission',
};

/** A document is begun: a letter or an opinion brings the case to its review, a decision is a proposal to the government. */
export function draftPaper(state: CaseState, command: Of<'draft'>, at: string): CaseMove {
  needsTwo(state);
  const { paper: id, instrument: kind, by } = command;
  const facts = [...new Set([...state.facts, ...command.facts])];
  const events = [
    { at, source: 'person' as const, what: 'document-drafted', who: by, detail: { document: id, kind } },
  ];
  return moved(
    state,
    {
      facts,
      papers: [...state.papers, { id, kind, state: 'draft' }],
      line: along(state, lineAfterDraft(state, id, kind)),
      ...(kind === 'transferLetter' ? { transfers: transfersWith(state, id, facts) } : {}),
    },
    { events },
  );
}

function lineAfterDraft({ line }: CaseState, paper: string, kind: InstrumentKind): Line {
  const way = line.state === 'suspended' ? line.from : line;
  if (kind === 'decision') return { state: 'decisionProposed', paper };
  return kind === 'letter' || kind === 'opinion' ? { state: 'reviewing' } : way;
}

/** A letter of transfer belongs to the transfer that waits for it, or begins one. */
function transfersWith(state: CaseState, id: string, facts: readonly string[]): readonly Transfer[] {
  if (state.transfers.some((one) => one.status === 'asked' || one.status === 'approved'))
    return state.transfers;
  const lead = Object.keys(TRANSFER_OF).find((fact) => facts.includes(fact));
  const to = TRANSFER_OF[lead ?? ''] ?? 'competentAgency';
  return [...state.transfers, { id, to, status: 'asked' }];
}

const paperOf = (state: CaseState, id: string): Paper => {
  const paper = state.papers.find((one) => one.id === id);
  if (!paper) throw new Refusal('case-out-of-step', '该文书不属于本案。');
  return paper;
};

/** Signed: from here on its words are frozen. A signature given twice is one. */
export function approvePaper(state: CaseState, command: Of<'approve'>, at: string): CaseMove {
  const paper = paperOf(state, command.paper);
  if (paper.state === 'approved') return { state, events: [], orders: [] };
  if (!mayApprove(state, paper)) throw new Refusal('case-out-of-step', '案件现在的环节不能签发这份文书。');
  needsTwo(state);
  const { by } = command;
  const detail = { document: paper.id, kind: paper.kind };
  const events = [{ at, source: 'decision' as const, what: 'document-signed', who: by, detail }];
  const decided = state.line.state === 'governmentApproving' && state.line.approved;
  if (paper.kind === 'decision' && !decided)
    events.unshift({ at, source: 'decision', what: 'government-approved', who: by, detail });
  return moved(
    state,
    {
      papers: withPaper(state, paper.id, { state: 'approved' }),
      ...(paper.kind === 'decision'
        ? { line: { state: 'governmentApproving', paper: paper.id, approved: true } as const }
        : {}),
      ...(paper.kind === 'transferLetter'
        ? { transfers: state.transfers.map((one) => (one.status === 'asked' ? approved(one) : one)) }
        : {}),
    },
    { events },
  );
}

const approved = (one: Transfer): Transfer => ({ ...one, status: 'approved' });

const ISSUED = {
  notice: 'noticeServed',
  letter: 'letterIssued',
  opinion: 'opinionIssued',
  decision: 'decisionIssued',
} as const;

const RUNNING = {
  notice: 'statementDue',
  letter: 'rectifying',
  opinion: 'rectifying',
  decision: 'executing',
} as const;

type Leading = keyof typeof ISSUED;
const leads = (kind: InstrumentKind): kind is Leading => Object.hasOwn(ISSUED, kind);

/** Where the case stands once a document has been received: its term runs. */
export const lineOnReceipt = ({ id, kind }: Paper): Line | undefined =>
  leads(kind) ? { state: RUNNING[kind], paper: id } : undefined;

/** Whether the case waits for this document to be signed for. */
export const awaitsReceipt = (way: Line, { id, kind }: Paper): boolean =>
  leads(kind) && way.state === ISSUED[kind] && 'paper' in way && way.paper === id;

/** Served, by mail or on paper; with its day of receipt the term begins at once. Served once more with that day, the receipt is recorded (送达回证). */
export function servePaper(state: CaseState, command: Of<'serve'>, at: string): CaseMove {
  const paper = paperOf(state, command.paper);
  if (!mayServe(state, paper)) throw new Refusal('case-out-of-step', '案件现在的环节不能送达这份文书。');
  if (paper.state === 'served' && command.receivedOn === undefined)
    throw new Refusal('document-served', '文书已经送达，尚待签收；请登记签收日期。');
  if (paper.state === 'approved') needsTwo(state);
  const received = command.receivedOn;
  const change = {
    state: received === undefined ? ('served' as const) : ('received' as const),
    ...(received === undefined ? {} : { receivedOn: received }),
  };
  const next = { ...paper, ...change };
  const line = received === undefined ? issued(paper) : lineOnReceipt(next);
  const detail = { document: paper.id, kind: paper.kind, ...(received ? { receivedOn: received } : {}) };
  const first = paper.state === 'approved';
  const waits =
    first || awaitsReceipt(state.line.state === 'suspended' ? state.line.from : state.line, paper);
  return moved(
    state,
    {
      papers: withPaper(state, paper.id, change),
      ...(line && waits ? { line: along(state, line) } : {}),
      ...(paper.kind === 'transferLetter' && first ? { transfers: handedOver(state) } : {}),
    },
    {
      events: [
        {
          at,
          source: 'decision',
          what: first ? 'document-served' : 'document-received',
          who: command.by,
          detail,
        },
      ],
      orders: ordersOf(paper, command),
    },
  );
}

const issued = ({ id, kind }: Paper): Line | undefined =>
  leads(kind) ? { state: ISSUED[kind], paper: id } : undefined;

const handedOver = ({ transfers }: CaseState): readonly Transfer[] =>
  transfers.map((one) => (one.status === 'approved' ? { ...one, status: 'handedOver' } : one));

/** Its task begins; an instrument takes the place of what was asked before it. */
function ordersOf(paper: Paper, { receivedOn, receivedBy, by }: Of<'serve'>): readonly CaseOrder[] {
  if (PHASE_OF[paper.kind] === undefined) return [];
  const receipt = receivedOn === undefined ? {} : { receivedOn, by: receivedBy ?? by };
  const open: CaseOrder = { kind: 'openTask', paper: paper.id, ...receipt };
  if (paper.kind === 'notice' || paper.state === 'served') return [open];
  return [{ kind: 'endTasks', reason: '已由新的监督文书取代', except: paper.id }, open];
}

/** The proposal leaves the office for the county government (行政执法监督条例 第二十九条). */
export function submitToGovernment(state: CaseState, { by }: Of<'submitToGovernment'>, at: string): CaseMove {
  const { line } = state;
  if (line.state !== 'decisionProposed') throw new Refusal('case-out-of-step');
  return moved(
    state,
    { line: { state: 'governmentApproving', paper: line.paper, approved: false } },
    { events: [{ at, source: 'decision', what: 'government-asked', who: by }] },
  );
}

/** The government approves the proposal, or sends it back with its reasons. */
export function decideByGovernment(
  state: CaseState,
  { approved, note, by }: Of<'decideByGovernment'>,
  at: string,
): CaseMove {
  const { line } = state;
  if (line.state !== 'decisionProposed' && line.state !== 'governmentApproving')
    throw new Refusal('case-out-of-step');
  const { paper } = line;
  const event = {
    at,
    source: 'decision' as const,
    what: approved ? 'government-approved' : 'government-sent-back',
    who: by,
    detail: { document: paper, note },
  };
  if (approved)
    return moved(state, { line: { state: 'governmentApproving', paper, approved } }, { events: [event] });
  return moved(
    state,
    { line: { state: 'sentBack', note }, papers: withPaper(state, paper, { state: 'withdrawn' }) },
    { events: [event], orders: [{ kind: 'withdrawPaper', paper, reason: note, by }] },
  );
}
