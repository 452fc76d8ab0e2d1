import { daysBetween } from './calendar.ts';
import {
  type CaseMove,
  type CaseOrder,
  type CaseState,
  type Transfer,
  along,
  isOpenCase,
  moved,
  withPaper,
} from './case.ts';
import { type CaseCommand, mayReport } from './case-steps.ts';
import { Refusal } from './refusals.ts';

type Of<K extends CaseCommand['kind']> = Extract<CaseCommand, { readonly kind: K }>;

/** Somebody asks that a person stay out of the case: that person, the agency, the complainant, or the office itself. */
export function askRecusal(state: CaseState, command: Of<'askRecusal'>, at: string): CaseMove {
  const { recusal: id, person, side, by } = command;
  if (state.recusals.some((one) => one.id === id)) return { state, events: [], orders: [] };
  const detail = { recusal: id, person, side };
  return moved(
    state,
    { recusals: [...state.recusals, { id, person, side }] },
    { events: [{ at, source: 'person', what: 'recusal-asked', who: by, detail }] },
  );
}

/** Decided by the head of the unit, once; who is recused leaves the case. */
export function decideRecusal(state: CaseState, command: Of<'decideRecusal'>, at: string): CaseMove {
  const { recusal, granted, by } = command;
  const asked = state.recusals.find((one) => one.id === recusal);
  if (!asked) throw new Refusal('recusal-unknown');
  if (asked.decision !== undefined) throw new Refusal('already-decided');
  const decision = granted ? 'granted' : 'refused';
  return moved(
    state,
    {
      recusals: state.recusals.map((one) => (one.id === recusal ? { ...one, decision } : one)),
      ...(granted
        ? {
            recused: [...new Set([...state.recused, asked.person])],
            supervisors: state.supervisors.filter((one) => one !== asked.person),
          }
        : {}),
    },
    {
      events: [
        {
          at,
          source: 'decision',
          what: `recusal-${decision}`,
          who: by,
          detail: { recusal, person: asked.person },
        },
      ],
    },
  );
}

/** A remedy has begun elsewhere: nothing more is asked of the agency until it ends (行政执法监督条例 第三十三条). */
export function suspendCase(state: CaseState, { remedy, by }: Of<'suspend'>, at: string): CaseMove {
  if (state.line.state === 'suspended') throw new Refusal('case-suspended');
  return moved(
    state,
    { line: { state: 'suspended', remedy, since: at.slice(0, 10), from: state.line } },
    {
      events: [{ at, source: 'decision', what: 'case-suspended', who: by, detail: { remedy } }],
      orders: [{ kind: 'holdTasks' }, { kind: 'tellComplainant', step: 'suspended' }],
    },
  );
}

/** The remedy has ended: what was going on goes on, and its days do not count. */
export function resumeCase(state: CaseState, { note, by }: Of<'resume'>, at: string): CaseMove {
  const { line } = state;
  if (line.state !== 'suspended') throw new Refusal('case-out-of-step');
  const days = daysBetween(line.since, at.slice(0, 10));
  return moved(
    state,
    { line: line.from, suspendedDays: state.suspendedDays + days },
    {
      events: [{ at, source: 'decision', what: 'case-resumed', who: by, detail: { days, note } }],
      orders: [{ kind: 'resumeTasks' }, { kind: 'tellComplainant', step: 'resumed' }],
    },
  );
}

/** The issuer's answer to an objection; upheld, the document is withdrawn and the case goes back to its review. */
export function answerObjection(state: CaseState, command: Of<'answerObjection'>, at: string): CaseMove {
  const { objection: id, upheld, text, by } = command;
  const objection = state.objections.find((one) => one.id === id);
  if (!objection) throw new Refusal('objection-unknown');
  if (objection.answer !== undefined) throw new Refusal('already-decided');
  const { paper } = objection;
  const answer = upheld ? 'upheld' : 'rejected';
  const back = upheld && isOpenCase(state);
  const told: CaseOrder = { kind: 'tellAnswer', paper, objection: id, upheld, text, by };
  const reason = `异议成立：${text}`;
  return moved(
    state,
    {
      objections: state.objections.map((one) => (one.id === id ? { ...one, answer } : one)),
      ...(upheld ? { papers: withPaper(state, paper, { state: 'withdrawn' }) } : {}),
      ...(back ? { line: along(state, { state: 'reviewing' }) } : {}),
    },
    {
      events: [
        {
          at,
          source: 'decision',
          what: `objection-${answer}`,
          who: by,
          detail: { objection: id, paper, text },
        },
      ],
      orders: upheld
        ? [told, { kind: 'withdrawPaper', paper, reason, by }, { kind: 'endTasks', reason, only: paper }]
        : [told],
    },
  );
}

/** A lead is to be handed over; to the police within the clocks of the rules on criminal cases. */
export function askTransfer(
  state: CaseState,
  { transfer: id, to, by }: Of<'askTransfer'>,
  at: string,
): CaseMove {
  const detail = { transfer: id, to };
  return moved(
    state,
    { transfers: [...state.transfers, { id, to, status: 'asked' }] },
    { events: [{ at, source: 'decision', what: 'transfer-asked', who: by, detail }] },
  );
}

export function decideTransfer(state: CaseState, command: Of<'decideTransfer'>, at: string): CaseMove {
  const { transfer: id, approved, note, by } = command;
  const asked = transferOf(state, id);
  if (asked.status !== 'asked') throw new Refusal('already-decided');
  const status = approved ? 'approved' : 'refused';
  const detail = { transfer: id, note };
  return moved(
    state,
    { transfers: withTransfer(state, id, status) },
    { events: [{ at, source: 'decision', what: `transfer-${status}`, who: by, detail }] },
  );
}

/** What became of a transfer: handed over, taken up, or sent back without being taken up (不予立案). */
export function reportTransfer(state: CaseState, command: Of<'reportTransfer'>, at: string): CaseMove {
  const { transfer: id, outcome, note, by } = command;
  const one = transferOf(state, id);
  if (!mayReport(one) || (outcome === 'handedOver') !== (one.status === 'approved'))
    throw new Refusal('case-out-of-step', `该移送现在的状态是：${one.status}`);
  const detail = { transfer: id, note };
  return moved(
    state,
    { transfers: withTransfer(state, id, outcome) },
    { events: [{ at, source: 'decision', what: `transfer-${outcome}`, who: by, detail }] },
  );
}

function transferOf({ transfers }: CaseState, id: string): Transfer {
  const one = transfers.find((transfer) => transfer.id === id);
  if (!one) throw new Refusal('transfer-unknown');
  return one;
}

const withTransfer = (
  { transfers }: CaseState,
  id: string,
  status: Transfer['status'],
): readonly Transfer[] => transfers.map((one) => (one.id === id ? { ...one, status } : one));

/** The complaint is taken back; whether the case goes on is for the office to say. */
export function withdrawComplaint(
  state: CaseState,
  { reason, by }: Of<'withdrawComplaint'>,
  at: string,
): CaseMove {
  return moved(
    state,
    { complaintWithdrawn: true },
    { events: [{ at, source: 'person', what: 'complaint-withdrawn', who: by, detail: { reason } }] },
  );
}

/** What belongs to the case and stands elsewhere: a joint meeting, an accountability, a campaign that it led to. */
export function noteBeside(state: CaseState, { what, about, by }: Of<'note'>, at: string): CaseMove {
  return moved(
    state,
    {},
    { events: [{ at, source: 'person', what: `noted-${what}`, who: by, detail: { about } }] },
  );
}
