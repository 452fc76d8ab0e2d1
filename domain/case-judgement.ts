import { type CaseMove, type CaseState, type Line, PHASE_OF, type Paper, moved, withPaper } from './case.ts';
import { type CaseCommand, judged, needsTwo } from './case-steps.ts';
import { Refusal } from './refusals.ts';

type Of<K extends CaseCommand['kind']> = Extract<CaseCommand, { readonly kind: K }>;

/** Evidence is gathered; where the agency's own word is in, the investigation has begun. */
export function recordInvestigation(
  state: CaseState,
  { record, what, by }: Of<'recordInvestigation'>,
  at: string,
): CaseMove {
  needsTwo(state);
  const begun = state.line.state === 'statementReceived' ? { line: { state: 'investigating' } as const } : {};
  const detail = { record, kind: what };
  return moved(state, begun, { events: [{ at, source: 'person', what: 'investigated', who: by, detail }] });
}

/** Legal review and collective discussion (法制审核、集体讨论): they may find no violation, or one that was put right on the spot (行政执法监督条例 第二十六条). */
export function reviewCase(state: CaseState, command: Of<'review'>, at: string): CaseMove {
  const { review, what, conclusion, by } = command;
  const detail = { review, kind: what, ...(conclusion === undefined ? {} : { conclusion }) };
  const events = [{ at, source: 'decision' as const, what: 'reviewed', who: by, detail }];
  const proposed = state.line.state === 'decisionProposed' ? state.line.paper : undefined;
  const papers = proposed === undefined ? state.papers : withPaper(state, proposed, { state: 'withdrawn' });
  const undone =
    proposed === undefined
      ? []
      : [{ kind: 'withdrawPaper' as const, paper: proposed, reason: '撤回拟制，重新审查', by }];
  if (conclusion === 'noViolation')
    return moved(
      state,
      { line: { state: 'terminated', because: 'noViolation' }, papers },
      { events, orders: [...undone, { kind: 'endTasks', reason: '经审查未发现违法或者明显不当' }] },
    );
  if (conclusion === 'correctedOnSpot')
    return moved(
      state,
      { line: { state: 'verified', outcome: 'rectified' }, papers },
      { events, orders: [...undone, { kind: 'endTasks', reason: '问题已当场纠正' }] },
    );
  return moved(state, { line: { state: 'reviewing' }, papers }, { events, orders: undone });
}

const GO_BACK = { statement: 'statementDue', rectification: 'rectifying', execution: 'executing' } as const;
const WAITED = {
  statement: 'statementReceived',
  rectification: 'verifying',
  execution: 'executionReported',
} as const;

/** A report is accepted or returned; the task itself has been judged before. */
export function verifyReport(state: CaseState, { accepted, note, by }: Of<'verify'>, at: string): CaseMove {
  const paper = judged(state);
  const phase = paper && PHASE_OF[paper.kind];
  if (!paper || !phase) throw new Refusal('nothing-to-review');
  const event = {
    at,
    source: 'decision' as const,
    what: accepted ? `${phase}-accepted` : `${phase}-returned`,
    who: by,
    detail: { document: paper.id, note },
  };
  const waited = state.line.state === WAITED[phase] && 'paper' in state.line && state.line.paper === paper.id;
  if (!accepted)
    return moved(
      state,
      {
        papers: withPaper(state, paper.id, { report: 'returned' }),
        ...(waited ? { line: { state: GO_BACK[phase], paper: paper.id } } : {}),
      },
      { events: [event] },
    );
  return acceptReport(state, paper, { waited, event });
}

function acceptReport(
  state: CaseState,
  paper: Paper,
  { waited, event }: { readonly waited: boolean; readonly event: CaseMove['events'][number] },
): CaseMove {
  const papers = withPaper(state, paper.id, { report: 'accepted' });
  const line = lineOnAcceptance(state, paper, waited);
  const proposed = state.line.state === 'decisionProposed' || state.line.state === 'governmentApproving';
  if (line?.state !== 'verified' || !proposed || !('paper' in state.line))
    return moved(state, { papers, ...(line ? { line } : {}) }, { events: [event] });
  // What was proposed because the agency had not corrected falls away when it has.
  const decision = state.line.paper;
  const reason = '整改已经验收，不再报请作出决定';
  return moved(
    state,
    {
      line,
      papers: withPaper({ ...state, papers }, decision, { state: 'withdrawn' }),
    },
    {
      events: [event],
      orders: [{ kind: 'withdrawPaper', paper: decision, reason, by: event.who ?? '' }],
    },
  );
}

function lineOnAcceptance({ line }: CaseState, { kind }: Paper, waited: boolean): Line | undefined {
  switch (PHASE_OF[kind]) {
    case 'statement':
      return waited ? { state: 'investigating' } : undefined;
    case 'execution':
      return { state: 'verified', outcome: 'decisionExecuted' };
    case 'rectification':
      if (line.state === 'governmentApproving' && line.approved) return undefined;
      return { state: 'verified', outcome: 'rectified' };
    case undefined:
      return undefined;
  }
}
