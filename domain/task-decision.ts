import type { IsoDate } from './calendar.ts';
import { Refusal } from './refusals.ts';
import { type Measure, type ReturnedItem, type Step, type TaskState, base, isOpen, order } from './task.ts';

export type Review =
  | {
      readonly verdict: 'accept';
      readonly by: string;
      readonly answers: readonly string[];
      readonly at: string;
    }
  | {
      readonly verdict: 'return';
      readonly by: string;
      readonly answers: readonly string[];
      readonly at: string;
      readonly items: readonly ReturnedItem[];
      readonly measure?: Measure;
    };

/** Nothing is reviewed twice: only the answers in hand can be accepted or returned, and a newer one makes the judgement stale. */
export function reviewTask(state: TaskState, review: Review): Step {
  if (!isOpen(state)) throw new Refusal('task-closed');
  if (state.status !== 'inReview') throw new Refusal('nothing-to-review');
  if (state.answers.some((id) => !review.answers.includes(id))) throw new Refusal('stale-version');
  const who = review.by;
  if (review.verdict === 'accept')
    return {
      state: {
        ...base(state),
        overdue: false,
        handedOver: false,
        milestones: [],
        status: 'closed',
        at: review.at,
      },
      events: [
        {
          task: state.no,
          at: review.at,
          source: 'decision',
          what: 'accepted',
          who,
          detail: { round: state.round },
        },
      ],
      mails: [order(state, 'accepted', state.round)],
    };
  const next: TaskState = {
    ...base(state),
    ...review.measure,
    round: state.round + 1,
    overdue: false,
    handedOver: false,
    status: 'returned',
    items: review.items,
  };
  return {
    state: next,
    events: [
      {
        task: state.no,
        at: review.at,
        source: 'decision',
        what: 'returned',
        who,
        detail: { round: state.round, items: review.items.map((item) => item.id).join('、') },
      },
    ],
    mails: [order(next, 'returned', next.round)],
  };
}

export interface ExtensionDecision {
  readonly id: string;
  readonly granted: boolean;
  readonly by: string;
  readonly at: string;
  readonly reason?: string;
  readonly measure?: Measure;
  readonly limit?: ExtensionLimit;
}

/** How often and by how much a term that a document gives may be extended. */
export interface ExtensionLimit {
  readonly days: number;
  readonly workdays: number;
}

function within({ extended, extension }: TaskState, limit: ExtensionLimit): void {
  if (extended) throw new Refusal('term-not-allowed', '文书规定的期限只能延长一次。');
  const term = extension?.term;
  if (!term) return;
  const [n, most] = 'days' in term ? [term.days, limit.days] : [term.workdays, limit.workdays];
  if (n > most)
    throw new Refusal('term-not-allowed', `延长不得超过${limit.days}日（${limit.workdays}个工作日）。`);
}

/** An extension is decided once; granting it moves the date and nothing else. */
export function decideExtension(state: TaskState, decision: ExtensionDecision): Step {
  if (!isOpen(state)) throw new Refusal('task-closed');
  if (!state.extension)
    throw new Refusal(state.seen.includes(decision.id) ? 'already-decided' : 'extension-unknown');
  if (state.extension.id !== decision.id) throw new Refusal('extension-unknown');
  if (decision.granted && state.unstarted)
    throw new Refusal('term-not-allowed', '未签收，期限未起算，无需延期。');
  if (decision.granted && decision.limit) within(state, decision.limit);
  const once = decision.limit ? { extended: true as const } : {};
  const moved = decision.granted ? { ...decision.measure, ...once, overdue: false } : {};
  const next = { ...state, version: state.version + 1, ...moved, extension: undefined } as TaskState;
  const what = decision.granted ? 'extension-granted' : 'extension-refused';
  return {
    state: next,
    events: [{ task: state.no, at: decision.at, source: 'decision', what, who: decision.by }],
    mails: [
      {
        ...order(next, 'extension', next.version),
        granted: decision.granted,
        reason: decision.reason ?? state.extension.reason,
      },
    ],
  };
}

export interface Withdrawal {
  readonly by: string;
  readonly at: string;
  readonly reason: string;
}

/** The task needs no answer any more; what came stays on record. A task whose first mail never went ends silently. */
export function withdrawTask(state: TaskState, order_: Withdrawal): Step {
  if (!isOpen(state)) throw new Refusal('task-closed');
  const next: TaskState = {
    ...base(state),
    overdue: false,
    milestones: [],
    status: 'withdrawn',
    at: order_.at,
    reason: order_.reason,
  };
  return {
    state: next,
    events: [
      {
        task: state.no,
        at: order_.at,
        source: 'decision',
        what: 'withdrawn',
        who: order_.by,
        detail: { reason: order_.reason },
      },
    ],
    mails: state.status === 'pending' ? [] : [{ ...order(next, 'withdrawn', 1), reason: order_.reason }],
  };
}

/** The organizer moves the date of an open task. */
export function rescheduleTask(state: TaskState, moved: Withdrawal & { readonly measure: Measure }): Step {
  if (!isOpen(state)) throw new Refusal('task-closed');
  const next = { ...state, version: state.version + 1, ...moved.measure, overdue: false } as TaskState;
  return {
    state: next,
    events: [
      {
        task: state.no,
        at: moved.at,
        source: 'decision',
        what: 'rescheduled',
        who: moved.by,
        detail: { reason: moved.reason },
      },
    ],
    mails:
      state.status === 'pending'
        ? []
        : [{ ...order(next, 'rescheduled', next.version), reason: moved.reason }],
  };
}

export interface Receipt {
  /** The day on the 送达回证. */
  readonly on: IsoDate;
  readonly signer: string;
  readonly by: string;
  readonly at: string;
  readonly measure: Measure;
}

/** The receipt of a paper service is recorded: the term begins the day after it. */
export function recordReceipt(state: TaskState, { on, signer, by, at, measure }: Receipt): Step {
  if (!isOpen(state)) throw new Refusal('task-closed');
  if (!state.unstarted || state.acknowledged) throw new Refusal('already-decided', '已经签收，期限已起算。');
  const { unstarted: _begun, ...rest } = state;
  const next = {
    ...rest,
    ...measure,
    version: state.version + 1,
    handedOver: false,
    acknowledged: { by: signer, at: `${on}T00:00:00+08:00` },
    ...(state.status === 'unacknowledged' || state.status === 'pending' ? { status: 'inProgress' } : {}),
  } as TaskState;
  return {
    state: next,
    events: [
      {
        task: state.no,
        at,
        source: 'decision',
        what: 'receipt-recorded',
        who: by,
        detail: { on, signer, due: measure.dueAt },
      },
    ],
    mails: [],
  };
}

/** The issuer has answered an objection: the agency is told; upheld, the withdrawal of the task follows. */
export function answerObjection(
  state: TaskState,
  answer: {
    readonly by: string;
    readonly at: string;
    readonly objection: string;
    readonly upheld: boolean;
    readonly text: string;
  },
): Step {
  const { by, at, objection, upheld, text } = answer;
  const next = { ...state, version: state.version + 1, handedOver: false } as TaskState;
  const what = upheld ? 'objection-upheld' : 'objection-rejected';
  return {
    state: next,
    events: [{ task: state.no, at, source: 'decision', what, who: by, detail: { objection } }],
    mails: [
      { ...order(next, 'objectionAnswer', next.version), about: objection, granted: upheld, reason: text },
    ],
  };
}

/** What was signed for begins to run. */
export function startTerm(state: TaskState, measure: Measure, at: string): Step {
  if (!state.unstarted || !isOpen(state)) return { state, events: [], mails: [] };
  const { unstarted: _begun, ...rest } = state;
  return {
    state: { ...rest, ...measure, version: state.version + 1, handedOver: false },
    events: [{ task: state.no, at, source: 'workflow', what: 'term-began', detail: { due: measure.dueAt } }],
    mails: [],
  };
}

/** A person asks once more by mail. */
export function nudgeTask(state: TaskState, nudge: { readonly by: string; readonly at: string }): Step {
  if (!isOpen(state) || state.status === 'pending' || state.status === 'inReview')
    return { state, events: [], mails: [] };
  const next = { ...state, version: state.version + 1 } as TaskState;
  return {
    state: next,
    events: [{ task: state.no, at: nudge.at, source: 'decision', what: 'nudged', who: nudge.by }],
    mails: [order(next, 'nudge', next.version)],
  };
}
