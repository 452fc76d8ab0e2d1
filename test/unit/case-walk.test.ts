import { describe, expect, it } from 'vitest';
import { STATUS_OF_REFUSAL } from '../../api/problem.ts';
import { addDays } from '../../domain/calendar.ts';
import {
  CASE_STATES,
  CLOSING_REASONS,
  type CaseMove,
  type CaseState,
  type CaseStatus,
  isOpenCase,
  openedCase,
} from '../../domain/case.ts';
import { missingClocks, prunedClocks, startClocks, tickCase } from '../../domain/case-clocks.ts';
import { obeyInCase } from '../../domain/case-command.ts';
import { type TaskStand, hear } from '../../domain/case-hearing.ts';
import { type CaseCommand, possibleSteps, stepOf } from '../../domain/case-steps.ts';
import { INSTRUMENT_KINDS } from '../../domain/instrument.ts';
import { Refusal } from '../../domain/refusals.ts';

/** The ways from state to state, as the working rules draw them (suspension and what it returns to aside): written here once more, by hand. */
const WAYS: Readonly<Record<Exclude<CaseStatus, 'suspended'>, readonly CaseStatus[]>> = {
  accepted: ['filed', 'terminated'],
  filed: ['noticeServed', 'statementDue'],
  noticeServed: ['statementDue'],
  statementDue: ['statementReceived', 'investigating'],
  statementReceived: ['investigating', 'statementDue', 'reviewing', 'terminated', 'verified', 'noticeServed'],
  investigating: ['reviewing', 'terminated', 'verified', 'noticeServed', 'statementDue'],
  reviewing: [
    'terminated',
    'verified',
    'letterIssued',
    'opinionIssued',
    'rectifying',
    'decisionProposed',
    'noticeServed',
    'statementDue',
  ],
  terminated: [],
  letterIssued: ['rectifying', 'decisionProposed'],
  opinionIssued: ['rectifying', 'decisionProposed'],
  rectifying: ['verifying', 'reviewing', 'terminated', 'verified', 'decisionProposed'],
  verifying: ['verified', 'rectifying', 'decisionProposed'],
  decisionProposed: ['governmentApproving', 'sentBack', 'reviewing', 'terminated', 'verified'],
  governmentApproving: ['sentBack', 'decisionIssued', 'executing', 'verified'],
  sentBack: ['decisionProposed', 'reviewing', 'terminated', 'verified'],
  decisionIssued: ['executing'],
  executing: ['executionReported'],
  executionReported: ['verified', 'executing'],
  verified: [],
  closed: ['replied', 'archived'],
  replied: ['archived'],
  archived: [],
};
/** What may happen to any open case: closed for a reason of its own, or back to its review after an objection. */
const ANYWHERE: readonly CaseStatus[] = ['closed', 'reviewing'];

const moves = (from: CaseStatus, to: CaseStatus): boolean =>
  from === to || (from !== 'suspended' && (WAYS[from].includes(to) || ANYWHERE.includes(to)));

/** One telling may bring several things at once: signed for, overdue, answered. */
const movesWithin = (from: CaseStatus, to: CaseStatus, n: number): boolean =>
  moves(from, to) ||
  (n > 1 && from !== 'suspended' && WAYS[from].some((between) => movesWithin(between, to, n - 1)));

/** A small generator of its own, so that a walk can be walked again by its number. */
function dice(seed: number) {
  let state = (seed * 2_654_435_761) >>> 0;
  const next = (): number => {
    state = (Math.imul(state ^ (state >>> 15), 2_246_822_519) + 0x9e_37_79_b9) >>> 0;
    return state / 2 ** 32;
  };
  return {
    below: (n: number) => Math.floor(next() * n),
    pick: <T>(list: readonly T[]): T => list[Math.floor(next() * list.length)] as T,
  };
}
type Dice = ReturnType<typeof dice>;

const PEOPLE = ['p1', 'p2', 'p3', 'p4', 'p5', 'p6'];
const by = '某人';

/** Any command at all, sensible or not. */
function anyCommand(state: CaseState, { below, pick }: Dice): CaseCommand {
  const paper = state.papers.length > 0 && below(8) > 0 ? pick(state.papers).id : 'none';
  const id = `x${state.version}`;
  const transfer = state.transfers.length > 0 ? pick(state.transfers).id : 'none';
  const yes = below(2) === 0;
  const all: readonly CaseCommand[] = [
    yes
      ? { kind: 'file', by, approved: true, supervisors: PEOPLE.slice(0, 1 + below(3)) }
      : ({
          kind: 'file',
          by,
          approved: below(4) > 0,
          supervisors: ['p1', 'p2'],
          reason: '不予立案',
        } as CaseCommand),
    { kind: 'assign', by, supervisors: [pick(PEOPLE), pick(PEOPLE), pick(PEOPLE)] },
    { kind: 'recordInvestigation', by, record: id, what: 'fileRetrieval' },
    { kind: 'askRecusal', by, recusal: id, person: pick(PEOPLE), side: 'agency' },
    { kind: 'decideRecusal', by, recusal: pick(state.recusals)?.id ?? 'none', granted: yes },
    { kind: 'suspend', by, remedy: 'reconsideration' },
    { kind: 'resume', by, note: '复议终结' },
    {
      kind: 'review',
      by,
      review: id,
      what: 'legalReview',
      ...(below(4) === 0
        ? { conclusion: pick(['noViolation', 'correctedOnSpot', 'violation'] as const) }
        : {}),
    },
    { kind: 'draft', by, paper: id, instrument: pick(INSTRUMENT_KINDS), facts: ['illegalAct'] },
    { kind: 'approve', by, paper },
    { kind: 'serve', by, paper, ...(yes ? { receivedOn: '2026-03-09' } : {}) },
    { kind: 'verify', by, accepted: yes, note: '', answers: [] },
    { kind: 'answerObjection', by, objection: pick(state.objections)?.id ?? 'none', upheld: yes, text: '' },
    { kind: 'submitToGovernment', by },
    { kind: 'decideByGovernment', by, approved: yes, note: '' },
    { kind: 'askTransfer', by, transfer: id, to: pick(['police', 'supervisionCommission'] as const) },
    { kind: 'decideTransfer', by, transfer, approved: yes, note: '' },
    {
      kind: 'reportTransfer',
      by,
      transfer,
      outcome: pick(['handedOver', 'taken', 'sentBack'] as const),
      note: '',
    },
    { kind: 'withdrawComplaint', by, reason: '' },
    { kind: 'extend', by, reason: '案情复杂' },
    { kind: 'note', by, what: 'jointMeeting', about: id },
    { kind: 'close', by, reason: pick(CLOSING_REASONS), note: '' },
    { kind: 'reply', by, reply: id },
    { kind: 'archive', by },
  ];
  // The way is long: who walks only by chance never sees its end.
  const possible = possibleSteps(state);
  const leading = all.filter(
    (command) => possible.includes(stepOf(command)) && !ENDING.includes(command.kind),
  );
  return below(3) > 0 && leading.length > 0 ? pick(leading) : pick(all);
}
const ENDING: readonly CaseCommand['kind'][] = ['close', 'suspend', 'withdrawComplaint', 'askTransfer'];

function anyStand(state: CaseState, { below, pick }: Dice): TaskStand {
  const way = state.line;
  const paper = 'paper' in way && below(4) > 0 ? way.paper : (pick(state.papers)?.id ?? 'none');
  return {
    paper,
    ...(below(2) === 0 ? { receivedOn: '2026-03-09', receivedBy: '经办人' } : {}),
    inReview: below(2) === 0,
    overdue: below(4) === 0,
    objections: below(12) === 0 ? [{ id: `o${state.version}`, on: '2026-03-10', by: '经办人' }] : [],
  };
}

const at = (day: number): string => `${addDays('2026-03-02', day)}T09:00:00+08:00`;

type Stepped =
  | { readonly move: CaseMove; readonly told: boolean; readonly refused?: never }
  | { readonly refused: string };

/** A step of a walk: a command, something heard, or time going by; undefined where it was refused. */
function step(state: CaseState, die: Dice, day: number): Stepped {
  const kind = die.below('paper' in state.line ? 6 : 12);
  if (kind < 2) return { move: hear(state, [anyStand(state, die)], at(day)), told: true };
  if (kind < 3) return { move: tickCase(state, Date.parse(at(day)), at(day)), told: false };
  try {
    return { move: obeyInCase(state, anyCommand(state, die), at(day)), told: false };
  } catch (error) {
    if (error instanceof Refusal) return { refused: error.code };
    throw error;
  }
}

/** What the workflow does around every step: clocks that ended go, clocks asked for begin. */
function settled(state: CaseState, day: number): CaseState {
  const pruned = prunedClocks(state);
  const fresh = missingClocks(pruned).map(({ name, about }) => ({
    name,
    about,
    dueAt: at(day + 5),
    deadline: `${name}/${about}`,
    passed: false,
  }));
  return fresh.length === 0 ? pruned : startClocks(pruned, fresh).state;
}

/** From wherever a case is, a person can bring it to its end. */
function brought(start: CaseState): CaseStatus {
  let state = start;
  const order = (command: CaseCommand): void => {
    state = obeyInCase(state, command, at(99)).state;
  };
  if (state.line.state === 'accepted') order({ kind: 'file', by, approved: true, supervisors: ['q1', 'q2'] }); // prettier-ignore
  if (isOpenCase(state)) {
    order({ kind: 'askTransfer', by, transfer: 'last', to: 'supervisionCommission' });
    order({ kind: 'decideTransfer', by, transfer: 'last', approved: true, note: '' });
    order({ kind: 'reportTransfer', by, transfer: 'last', outcome: 'handedOver', note: '' });
    order({ kind: 'close', by, reason: 'transferred', note: '' });
  }
  if (state.line.state === 'closed' && state.answerOwed) order({ kind: 'reply', by, reply: 'r' });
  if (state.line.state !== 'archived') order({ kind: 'archive', by });
  return state.line.state;
}

const lineOf = ({ line }: CaseState): CaseStatus =>
  line.state === 'suspended' ? line.from.state : line.state;

/** What is wrong with a step; nothing, if the rules drew it. (Plain comparisons: there are some hundred thousand.) */
function faultsOf(
  state: CaseState,
  next: CaseState,
  { move, told }: { move: CaseMove; told: boolean },
): string[] {
  const [from, to] = [lineOf(state), lineOf(next)];
  return [
    ...(next !== state && next.version <= state.version ? ['the version stands still'] : []),
    ...(CASE_STATES.includes(next.line.state) ? [] : [`${next.line.state} is no state`]),
    ...(movesWithin(from, to, told ? 3 : 1) ? [] : [`${from} → ${to} is not drawn`]),
    ...(next.line.state === 'archived' || possibleSteps(next).length > 0 ? [] : [`${to} is stuck`]),
    ...move.events.flatMap(({ what }) =>
      /^[a-zA-Z-]+$/.test(what) ? [] : [`an event without a name: ${what}`],
    ),
  ];
}

describe('The state machine of a case', () => {
  it('Ten thousand walks: every step moves as the rules draw it or is refused with a listed code, and none is stuck', () => {
    const seen = new Set<CaseStatus>();
    const codes = new Set<string>();
    for (let seed = 1; seed <= 10_000; seed += 1) {
      const die = dice(seed);
      let state = openedCase({ no: 'GA-2026-001', openedOn: '2026-03-02', answerOwed: die.below(2) === 0 });
      for (let n = 0; n < 70 && state.line.state !== 'archived'; n += 1) {
        const result = step(state, die, n);
        if (result.refused !== undefined) {
          codes.add(result.refused);
          continue;
        }
        const next = settled(result.move.state, n);
        const faults = faultsOf(state, next, result);
        if (faults.length > 0) throw new Error(`walk ${seed}, step ${n}: ${faults.join('; ')}`);
        state = next;
        seen.add(state.line.state);
      }
      const end = brought(state);
      if (end !== 'archived') throw new Error(`walk ${seed}: stuck in ${end}`);
    }
    expect([...seen].sort()).toEqual([...CASE_STATES].sort());
    for (const code of codes) expect(Object.keys(STATUS_OF_REFUSAL)).toContain(code);
  }, 120_000);
});
