import type { IsoDate } from './calendar.ts';
import {
  type CaseClock,
  type CaseMove,
  type CaseState,
  type ClockName,
  type Line,
  type Transfer,
  isOpenCase,
  moved,
  wayOf,
} from './case.ts';

/** A clock that a state asks for; its term and its article are data. */
export interface ClockRequest {
  readonly name: ClockName;
  readonly about: string;
  /** The day it runs from, itself excluded; the day it is asked for where none is given. */
  readonly from?: IsoDate;
  /** Days beyond its own term. */
  readonly more?: number;
  /** The head of the unit has given the time that its rule allows beyond it. */
  readonly extended?: true;
}

const OF_LINE: Readonly<Partial<Record<Line['state'], ClockName>>> = {
  accepted: 'filing',
  filed: 'notice',
  decisionProposed: 'government',
  terminated: 'closure',
  verified: 'closure',
};

const BEFORE_HANDLING: readonly Line['state'][] = [
  'filed',
  'noticeServed',
  'statementDue',
  'statementReceived',
  'investigating',
  'reviewing',
];

const TRANSFERRING: Readonly<Partial<Record<Transfer['status'], ClockName>>> = {
  asked: 'transferApproval',
  approved: 'transferHandOver',
};

/** Every clock that runs while the case stands so: what a person is to have done, and by when. */
export function clocksOf(state: CaseState): readonly ClockRequest[] {
  const way = wayOf(state);
  const { line } = state;
  return [
    ...onTheWay(state, way),
    ...(line.state === 'suspended' ? [{ name: 'suspension' as const, about: line.since }] : []),
    ...state.papers
      .filter((paper) => paper.report === 'inHand' && paper.state === 'received')
      .map((paper): ClockRequest => ({ name: 'verification', about: paper.id })),
    ...state.papers
      .filter(
        (paper) => paper.state === 'received' && MAY_BE_OBJECTED.includes(paper.kind) && isOpenCase(state),
      )
      .map((paper): ClockRequest => ({
        name: 'objectionWindow',
        about: paper.id,
        ...(paper.receivedOn === undefined ? {} : { from: paper.receivedOn }),
      })),
    ...state.objections
      .filter((one) => one.answer === undefined)
      .map((one): ClockRequest => ({ name: 'objectionAnswer', about: one.id, from: one.on })),
    ...state.recusals
      .filter((one) => one.decision === undefined)
      .map((one): ClockRequest => ({ name: 'recusal', about: one.id })),
    ...state.transfers.flatMap((one): ClockRequest[] => {
      const name =
        one.status === 'handedOver' && one.to === 'police' ? 'policeDecision' : TRANSFERRING[one.status];
      return name === undefined ? [] : [{ name, about: one.id }];
    }),
  ];
}

/** Which documents an agency may object to (行政执法监督条例 第三十条). */
export const MAY_BE_OBJECTED: readonly string[] = ['letter', 'opinion', 'decision'];

function onTheWay(state: CaseState, way: Line): readonly ClockRequest[] {
  const { filedOn, extended, suspendedDays, openedOn, hotlineOn, answerOwed } = state;
  const more = extended + suspendedDays;
  const own = OF_LINE[way.state];
  const undecided = way.state === 'governmentApproving' && !way.approved;
  const owed = answerOwed && !['replied', 'archived'].includes(way.state);
  const filing = way.state === 'closed' ? !answerOwed : way.state === 'replied';
  return [
    ...(own === undefined ? [] : [{ name: own, about: '' }]),
    ...(undecided ? [{ name: 'government' as const, about: '' }] : []),
    ...(BEFORE_HANDLING.includes(way.state) && filedOn !== undefined
      ? [{ name: 'investigation' as const, about: `+${more}`, from: filedOn, more }]
      : []),
    ...(owed ? [{ name: 'reply' as const, about: `+${more}`, from: openedOn, more }] : []),
    ...(owed && hotlineOn !== undefined ? [hotlineClock(hotlineOn, extended > 0)] : []),
    ...(filing ? [{ name: 'archive' as const, about: '' }] : []),
  ];
}

/** The hotline counts by itself: what stops or stretches the case does not move its date, but for the extension. */
const hotlineClock = (from: IsoDate, extended: boolean): ClockRequest =>
  extended ? { name: 'hotline', about: '+', from, extended } : { name: 'hotline', about: '', from };

const same = (one: { name: ClockName; about: string }, other: { name: ClockName; about: string }): boolean =>
  one.name === other.name && one.about === other.about;

/** The clocks that should run and do not yet. */
export const missingClocks = (state: CaseState): readonly ClockRequest[] =>
  clocksOf(state).filter((asked) => !state.clocks.some((clock) => same(clock, asked)));

/** A clock ends with what it was for. */
export function prunedClocks(state: CaseState): CaseState {
  const asked = clocksOf(state);
  const clocks = state.clocks.filter((clock) => asked.some((one) => same(one, clock)));
  return clocks.length === state.clocks.length ? state : { ...state, clocks };
}

/** Clocks that were worked out begin, where they are still asked for. */
export function startClocks(state: CaseState, clocks: readonly CaseClock[]): CaseMove {
  const wanted = missingClocks(state);
  const fresh = clocks.filter((clock) => wanted.some((one) => same(one, clock)));
  return moved(state, { clocks: [...state.clocks, ...fresh] });
}

/** A remedy under way holds the case's own clocks, but for the one that asks whether it has ended. */
const held = ({ line }: CaseState, { name }: CaseClock): boolean =>
  line.state === 'suspended' &&
  (name === 'investigation' || name === 'reply' || OF_LINE[line.from.state] === name);

/** The clocks whose moment has come: a person is told, nothing else happens. `now` is epoch ms. */
export function tickCase(state: CaseState, now: number, at: string): CaseMove {
  const due = state.clocks.filter(
    (clock) => !clock.passed && !held(state, clock) && Date.parse(clock.dueAt) <= now,
  );
  if (due.length === 0) return { state, events: [], orders: [] };
  return moved(
    state,
    { clocks: state.clocks.map((clock) => (due.includes(clock) ? { ...clock, passed: true } : clock)) },
    {
      events: due.map(({ name, about }) => ({
        at,
        source: 'workflow',
        what: name === 'objectionWindow' ? 'objection-window-over' : 'case-deadline-passed',
        detail: { deadline: name, about },
      })),
    },
  );
}

/** When the next clock's moment comes: epoch ms on the product's clock; undefined while none runs. */
export function nextCaseMoment(state: CaseState): number | undefined {
  const moments = state.clocks
    .filter((clock) => !clock.passed && !held(state, clock))
    .map((clock) => Date.parse(clock.dueAt));
  return moments.length > 0 ? Math.min(...moments) : undefined;
}
