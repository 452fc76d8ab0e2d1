import type { IsoDate } from './calendar.ts';
import {
  type CaseEvent,
  type CaseMove,
  type CaseState,
  type Line,
  type Paper,
  along,
  isOpenCase,
  moved,
  wayOf,
  withPaper,
} from './case.ts';
import type { InstrumentKind } from './instrument.ts';
import { awaitsReceipt, lineOnReceipt } from './case-papers.ts';

/** How a document's task stands, as the store has it. */
export interface TaskStand {
  readonly paper: string;
  readonly receivedOn?: IsoDate;
  readonly receivedBy?: string;
  /** An answer of the round that runs waits for a judgement. */
  readonly inReview: boolean;
  readonly overdue: boolean;
  readonly objections: readonly { readonly id: string; readonly on: IsoDate; readonly by: string }[];
}

/** The fact that a term passed unheeded puts on record, in the words of the instrument gate. */
const UNHEEDED: Readonly<Partial<Record<InstrumentKind, string>>> = {
  notice: 'noticeNotFollowed',
  letter: 'letterNotFollowed',
  opinion: 'opinionNotFollowed',
};

/** What became of the tasks since the case last looked. Never throws, and ignores what it knows. */
export function hear(state: CaseState, stands: readonly TaskStand[], at: string): CaseMove {
  const still: CaseMove = { state, events: [], orders: [] };
  return stands.reduce((move, stand) => {
    const paper = move.state.papers.find((one) => one.id === stand.paper);
    if (!paper || paper.state === 'withdrawn') return move;
    const steps = [received, overdue, reported, objected];
    return steps.reduce((before, step) => chained(before, step(before.state, stand, at)), move);
  }, still);
}

const chained = (before: CaseMove, after: CaseMove): CaseMove => ({
  state: after.state,
  events: [...before.events, ...after.events],
  orders: [...before.orders, ...after.orders],
});

const paperOf = (state: CaseState, { paper }: TaskStand): Paper =>
  state.papers.find((one) => one.id === paper) as Paper;

const told = (what: string, paper: Paper, more: Omit<CaseEvent, 'source' | 'what'>): CaseEvent => ({
  source: 'workflow',
  what,
  ...more,
  detail: { document: paper.id, kind: paper.kind, ...more.detail },
});

function received(state: CaseState, stand: TaskStand, at: string): CaseMove {
  const paper = paperOf(state, stand);
  if (paper.state !== 'served' || stand.receivedOn === undefined) return { state, events: [], orders: [] };
  const { receivedOn, receivedBy } = stand;
  const line = lineOnReceipt(paper);
  return moved(
    state,
    {
      papers: withPaper(state, paper.id, {
        state: 'received',
        receivedOn,
        ...(receivedBy === undefined ? {} : { receivedBy }),
      }),
      ...(line && awaitsReceipt(wayOf(state), paper) ? { line: along(state, line) } : {}),
    },
    {
      events: [
        told('document-received', paper, {
          at,
          ...(receivedBy === undefined ? {} : { who: receivedBy }),
          detail: { receivedOn },
        }),
      ],
    },
  );
}

/** A term that passes puts its fact on record; where a statement never comes the investigation goes on. */
function overdue(state: CaseState, stand: TaskStand, at: string): CaseMove {
  const paper = paperOf(state, stand);
  if (!stand.overdue || paper.overdue || paper.state !== 'received') return { state, events: [], orders: [] };
  const fact = UNHEEDED[paper.kind];
  const way = wayOf(state);
  const waits = way.state === 'statementDue' && way.paper === paper.id;
  return moved(
    state,
    {
      papers: withPaper(state, paper.id, { overdue: true }),
      facts: fact === undefined ? state.facts : [...new Set([...state.facts, fact])],
      ...(waits ? { line: along(state, { state: 'investigating' }) } : {}),
    },
    { events: [told('term-passed', paper, { at })] },
  );
}

const REPORTED: Readonly<
  Partial<Record<Line['state'], 'statementReceived' | 'verifying' | 'executionReported'>>
> = {
  statementDue: 'statementReceived',
  rectifying: 'verifying',
  executing: 'executionReported',
};

function reported(state: CaseState, stand: TaskStand, at: string): CaseMove {
  const paper = paperOf(state, stand);
  if (
    !stand.inReview ||
    paper.report === 'inHand' ||
    paper.report === 'accepted' ||
    paper.state !== 'received'
  )
    return { state, events: [], orders: [] };
  const way = wayOf(state);
  const next = 'paper' in way && way.paper === paper.id ? REPORTED[way.state] : undefined;
  return moved(
    state,
    {
      papers: withPaper(state, paper.id, { report: 'inHand' }),
      ...(next && isOpenCase(state) ? { line: along(state, { state: next, paper: paper.id }) } : {}),
    },
    { events: [told('report-received', paper, { at })] },
  );
}

/** An objection does not stay the execution; its own clock begins. */
function objected(state: CaseState, stand: TaskStand, at: string): CaseMove {
  const paper = paperOf(state, stand);
  const fresh = stand.objections.filter((one) => !state.objections.some(({ id }) => id === one.id));
  if (fresh.length === 0) return { state, events: [], orders: [] };
  const late = state.clocks.some(
    (clock) => clock.name === 'objectionWindow' && clock.about === paper.id && clock.passed,
  );
  return moved(
    state,
    {
      objections: [...state.objections, ...fresh.map(({ id, on }) => ({ id, on, paper: paper.id }))],
    },
    {
      events: fresh.map(({ id, by }) =>
        told('objection-received', paper, { at, who: by, detail: { objection: id, late } }),
      ),
    },
  );
}
