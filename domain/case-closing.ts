import { type CaseMove, type CaseState, moved } from './case.ts';
import { type CaseCommand, closingReasons } from './case-steps.ts';
import { Refusal } from './refusals.ts';

type Of<K extends CaseCommand['kind']> = Extract<CaseCommand, { readonly kind: K }>;

/** Closed for a reason that the case bears out; what is still open with the agency ends. */
export function closeCase(state: CaseState, { reason, note, by }: Of<'close'>, at: string): CaseMove {
  const reasons = closingReasons(state);
  if (!reasons.includes(reason))
    throw new Refusal('closing-reason-wrong', `本案现在可以的结案理由：${reasons.join('、')}`, '/reason');
  return moved(
    state,
    { line: { state: 'closed', reason } },
    {
      events: [{ at, source: 'decision', what: 'case-closed', who: by, detail: { reason, note } }],
      orders: [
        { kind: 'endTasks', reason: '案件已经结案' },
        { kind: 'tellComplainant', step: 'concluded', closing: reason },
      ],
    },
  );
}

/** The complainant is answered (答复). */
export function replyToComplainant(state: CaseState, { reply, by }: Of<'reply'>, at: string): CaseMove {
  const { line } = state;
  if (line.state !== 'closed') throw new Refusal('case-out-of-step');
  return moved(
    state,
    { line: { state: 'replied', reason: line.reason } },
    {
      events: [{ at, source: 'decision', what: 'complainant-answered', who: by, detail: { reply } }],
      orders: [{ kind: 'tellComplainant', step: 'replied', reply }],
    },
  );
}

/** The end: nothing follows. */
export function archiveCase(state: CaseState, { by }: Of<'archive'>, at: string): CaseMove {
  const { line } = state;
  if (line.state !== 'replied' && line.state !== 'closed') throw new Refusal('case-out-of-step');
  return moved(
    state,
    { line: { state: 'archived', reason: line.reason } },
    { events: [{ at, source: 'decision', what: 'case-archived', who: by }] },
  );
}
