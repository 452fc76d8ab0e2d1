import { Refusal } from './refusals.ts';
import type { Term } from './deadline.ts';

export type TaskKind = 'selfInspection' | 'rectification' | 'lookBack';
export type Channel = 'link' | 'email' | 'operator';

/** A moment at which the clock acts by itself; `at` is epoch ms on the product's clock. */
export interface Milestone {
  readonly what: 'remind' | 'dueToday' | 'deputy' | 'leader' | 'overdue' | 'urge' | 'handOver';
  /** Which one of its kind in this round, from 1. */
  readonly n: number;
  readonly at: number;
}

export interface Person {
  readonly name: string;
  readonly post?: string;
  readonly phone?: string;
}

/** What an agency sent, as the group is told of it; the words and files stay in the submission's own record. */
export type Submission = {
  readonly id: string;
  readonly task: string;
  /** RFC 3339: lateness is judged by this, not by when the workflow looked. */
  readonly receivedAt: string;
  readonly channel: Channel;
  readonly by: string;
} & (
  | { readonly kind: 'answer' }
  | { readonly kind: 'acknowledgement'; readonly post?: string }
  | { readonly kind: 'extension'; readonly term: Term; readonly reason: string }
  | { readonly kind: 'delegation'; readonly name: string; readonly email: string }
  | { readonly kind: 'objection'; readonly reason: string }
);

export interface ReturnedItem {
  readonly id: string;
  readonly reason: string;
}

/** Deadline and milestones, computed in an activity from the stored calendar and the injected clock. */
export interface Measure {
  /** RFC 3339 */
  readonly dueAt: string;
  /** Key of the deadline certificate in the store. */
  readonly deadline: string;
  /** Those still to come, earliest first. */
  readonly milestones: readonly Milestone[];
}

export interface ExtensionRequest {
  readonly id: string;
  readonly term: Term;
  readonly reason: string;
  readonly by: string;
}

interface Core extends Measure {
  readonly no: string;
  readonly round: number;
  /** Grows with every change: a projection is only ever overwritten by a higher one. */
  readonly version: number;
  /** Submissions already taken in, so that a second telling changes nothing. */
  readonly seen: readonly string[];
  /** Who gets the mails: 0 the primary contact, 1 the deputy, 2 the leader. */
  readonly rung: number;
  /** True from the due moment until an answer arrives. */
  readonly overdue: boolean;
  /** A person of the office has to act; the machine has done what it may. */
  readonly handedOver: boolean;
  readonly extension?: ExtensionRequest | undefined;
  readonly acknowledged?: { readonly by: string; readonly post?: string; readonly at: string } | undefined;
}

/** What has been said, and by whom it is waited for; each variant holds what is true in it only. */
export type TaskState = Core &
  (
    | { readonly status: 'pending' }
    | { readonly status: 'unacknowledged' }
    | { readonly status: 'inProgress' }
    | { readonly status: 'inReview'; readonly answers: readonly string[] }
    | { readonly status: 'returned'; readonly items: readonly ReturnedItem[] }
    | { readonly status: 'closed'; readonly at: string }
    | { readonly status: 'withdrawn'; readonly at: string; readonly reason: string }
  );

export type TaskStatus = TaskState['status'];

export const OPEN_STATUSES: readonly TaskStatus[] = [
  'pending',
  'unacknowledged',
  'inProgress',
  'inReview',
  'returned',
];

export function isOpen(state: TaskState): boolean {
  return state.status !== 'closed' && state.status !== 'withdrawn';
}

/** A line of the ledger about one task. */
export interface TaskEvent {
  readonly task: string;
  readonly at: string;
  readonly source: 'workflow' | 'mail' | 'answer' | 'decision' | 'person';
  readonly what: string;
  readonly who?: string;
  readonly detail?: Readonly<Record<string, string | number | boolean>>;
}

export type TaskMailKind =
  | 'task'
  | 'reminder'
  | 'dueToday'
  | 'urge'
  | 'returned'
  | 'receipt'
  | 'accepted'
  | 'extension'
  | 'rescheduled'
  | 'delegated'
  | 'withdrawn'
  | 'nudge';

/** A mail that a step asks for. (task, kind, key) names it for ever: the same order twice is one mail. */
export interface MailOrder {
  readonly task: string;
  readonly kind: TaskMailKind;
  readonly key: number;
  readonly rung: number;
  readonly round: number;
  readonly because?: 'assigned' | 'bounced' | 'unacknowledged' | 'delegated' | 'added';
  /** A submission or person the mail speaks of. */
  readonly about?: string;
  readonly to?: { readonly name: string; readonly email: string };
  readonly reason?: string;
  readonly granted?: boolean;
}

/** What a transition leads to: the new state, what the ledger says of it, what is to be mailed. */
export interface Step {
  readonly state: TaskState;
  readonly events: readonly TaskEvent[];
  readonly mails: readonly MailOrder[];
}

const base = (state: TaskState): Core => {
  const {
    no,
    round,
    version,
    seen,
    rung,
    overdue,
    handedOver,
    dueAt,
    deadline,
    milestones,
    extension,
    acknowledged,
  } = state;
  return {
    no,
    round,
    version: version + 1,
    seen,
    rung,
    overdue,
    handedOver,
    dueAt,
    deadline,
    milestones,
    extension,
    acknowledged,
  };
};

const order = (state: TaskState, kind: TaskMailKind, key: number): MailOrder => ({
  task: state.no,
  kind,
  key,
  rung: state.rung,
  round: state.round,
});

/** A task as it stands before its first mail. */
export function openTask(no: string, measure: Measure): TaskState {
  return {
    no,
    round: 1,
    version: 1,
    seen: [],
    rung: 0,
    overdue: false,
    handedOver: false,
    ...measure,
    status: 'pending',
  };
}

/** The first mail of a task. */
export function firstMail(state: TaskState, because: 'assigned' | 'added'): MailOrder {
  return { ...order(state, 'task', 0), because };
}

/** What became of a mail, as the outbox says. */
export interface MailOutcome {
  readonly order: MailOrder;
  readonly outcome: 'sent' | 'rejected' | 'deferred' | 'inDoubt' | 'bounced' | 'cancelled' | 'noAddress';
  readonly messageId?: string;
  readonly response?: string;
  /** Epoch ms on the engine's clock, when deferred. */
  readonly retryAt?: number;
}

/** A mail was taken by the relay, refused, put off, or cannot be known. */
export function mailed(state: TaskState, result: MailOutcome, at: string): Step {
  const { order: sent, outcome } = result;
  const event: TaskEvent = {
    task: state.no,
    at,
    source: 'mail',
    what: `mail-${outcome}`,
    detail: {
      kind: sent.kind,
      ...(result.messageId ? { message: result.messageId } : {}),
      ...(result.response ? { response: result.response } : {}),
    },
  };
  const lost = outcome === 'rejected' || outcome === 'bounced' || outcome === 'noAddress';
  // A receipt goes to whoever wrote, who need not be the contact.
  if (lost && sent.kind !== 'receipt')
    return joined(
      { state, events: [event], mails: [] },
      nextRung(state, { because: 'bounced', failed: sent, at }),
    );
  if (sent.kind === 'task' && state.status === 'pending' && (outcome === 'sent' || outcome === 'inDoubt'))
    return { state: { ...base(state), status: 'unacknowledged' }, events: [event], mails: [] };
  return { state, events: [event], mails: [] };
}

const joined = (first: Step, second: Step): Step => ({
  state: second.state,
  events: [...first.events, ...second.events],
  mails: [...first.mails, ...second.mails],
});

/** The next contact is written to: deputy, then leader, then a person of the office has to act. */
function nextRung(
  state: TaskState,
  { because, failed, at }: { because: 'bounced' | 'unacknowledged'; failed: MailOrder; at: string },
): Step {
  if (!isOpen(state) || failed.rung < state.rung) return { state, events: [], mails: [] };
  if (failed.to) return handOver(state, 'delegate-unreachable', at);
  if (state.rung >= 2) return handOver(state, because, at);
  const next: TaskState = { ...state, version: state.version + 1, rung: state.rung + 1 };
  return { state: next, events: [], mails: [{ ...order(next, 'task', next.rung), because }] };
}

const handOver = (state: TaskState, why: string, at: string): Step => ({
  state: { ...state, version: state.version + 1, handedOver: true },
  events: state.handedOver
    ? []
    : [{ task: state.no, at, source: 'workflow', what: 'handed-over', detail: { why } }],
  mails: [],
});

/** What an agency sent. Never throws and ignores what it knows: nothing that a person sent is lost, nothing counts twice. */
export function receive(state: TaskState, told: Submission): Step {
  if (state.seen.includes(told.id)) return { state, events: [], mails: [] };
  const knows = { ...base(state), seen: [...state.seen, told.id] };
  const event = (what: string, detail: TaskEvent['detail'] = {}): TaskEvent => ({
    task: state.no,
    at: told.receivedAt,
    source: told.kind === 'answer' ? 'answer' : 'person',
    what,
    who: told.by,
    detail: { submission: told.id, channel: told.channel, ...detail },
  });
  const receipt: MailOrder = { ...order(state, 'receipt', state.seen.length + 1), about: told.id };
  if (!isOpen(state))
    return {
      state: { ...state, version: state.version + 1, seen: knows.seen },
      events: [event('received-after-end', { kind: told.kind })],
      mails: [receipt],
    };
  switch (told.kind) {
    case 'answer': {
      const late = Date.parse(told.receivedAt) > Date.parse(state.dueAt);
      const before = state.status === 'inReview' ? state.answers : [];
      return {
        state: {
          ...knows,
          overdue: false,
          handedOver: false,
          status: 'inReview',
          answers: [...before, told.id],
        },
        events: [event(late ? 'answered-late' : 'answered', { round: state.round, late })],
        mails: [receipt],
      };
    }
    case 'acknowledgement':
      return {
        state: {
          ...state,
          ...knows,
          acknowledged: state.acknowledged ?? {
            by: told.by,
            ...(told.post ? { post: told.post } : {}),
            at: told.receivedAt,
          },
          ...(state.status === 'unacknowledged' || state.status === 'pending'
            ? { status: 'inProgress' as const }
            : {}),
        } as TaskState,
        events: state.acknowledged
          ? [event('acknowledged-again')]
          : [event('acknowledged', told.post ? { post: told.post } : {})],
        mails: told.channel === 'email' ? [receipt] : [],
      };
    case 'extension':
      return {
        state: {
          ...state,
          version: knows.version,
          seen: knows.seen,
          extension: state.extension ?? { id: told.id, term: told.term, reason: told.reason, by: told.by },
        },
        events: [
          event(state.extension ? 'extension-asked-again' : 'extension-asked', {
            reason: told.reason,
            ...told.term,
          }),
        ],
        mails: [receipt],
      };
    case 'delegation':
      return {
        state: { ...state, version: knows.version, seen: knows.seen },
        events: [event('delegated', { to: told.name })],
        mails: [
          {
            ...order(state, 'task', 100 + state.seen.length),
            because: 'delegated',
            to: { name: told.name, email: told.email },
          },
          { ...order(state, 'delegated', state.seen.length + 1), about: told.name },
        ],
      };
    case 'objection':
      return {
        state: { ...state, version: knows.version, seen: knows.seen, handedOver: true },
        events: [event('objected', { reason: told.reason })],
        mails: [receipt],
      };
  }
}

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
}

/** An extension is decided once; granting it moves the date and nothing else. */
export function decideExtension(state: TaskState, decision: ExtensionDecision): Step {
  if (!isOpen(state)) throw new Refusal('task-closed');
  if (!state.extension)
    throw new Refusal(state.seen.includes(decision.id) ? 'already-decided' : 'extension-unknown');
  if (state.extension.id !== decision.id) throw new Refusal('extension-unknown');
  const moved = decision.granted ? { ...decision.measure, overdue: false } : {};
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

const MAILING: readonly Milestone['what'][] = ['remind', 'dueToday', 'urge'];
const DAY_MS = 86_400_000;

/** The clock's own steps: those whose moment has come. After an outage only the last of the mails that were missed goes out, and the leader is turned to a day after the deputy. An answer in review silences all of them. */
export function tick(state: TaskState, now: number, at: string): Step {
  const nothing: Step = { state, events: [], mails: [] };
  const due = state.milestones.filter((milestone) => milestone.at <= now);
  if (due.length === 0 || !isOpen(state)) return nothing;
  const lastMail = due.findLast((milestone) => MAILING.includes(milestone.what));
  const both = due.some((one) => one.what === 'deputy');
  const put = due.filter((one) => both && one.what === 'leader').map((one) => ({ ...one, at: now + DAY_MS }));
  const fired = due.filter((one) =>
    MAILING.includes(one.what) ? one === lastMail : !(both && one.what === 'leader'),
  );
  const milestones = [...state.milestones.filter((milestone) => milestone.at > now), ...put].sort(
    (a, b) => a.at - b.at,
  );
  const left: TaskState = { ...state, version: state.version + 1, milestones };
  return fired.reduce((step, milestone) => joined(step, fire(step.state, milestone, at)), {
    ...nothing,
    state: left,
  });
}

/** What a pause kept back stays back: no reminder of yesterday goes out today. */
export function dropMissed(state: TaskState, now: number): TaskState {
  const milestones = state.milestones.filter((one) => one.at > now || !MAILING.includes(one.what));
  return milestones.length === state.milestones.length
    ? state
    : { ...state, version: state.version + 1, milestones };
}

function fire(state: TaskState, milestone: Milestone, at: string): Step {
  const nothing: Step = { state, events: [], mails: [] };
  if (state.status === 'inReview') return nothing;
  const event = (what: string): TaskEvent => ({
    task: state.no,
    at,
    source: 'workflow',
    what,
    detail: { n: milestone.n },
  });
  // The day makes it a new mail when the date was moved within the round.
  const key = Math.floor(milestone.at / DAY_MS) * 100 + milestone.n;
  switch (milestone.what) {
    case 'remind':
      return { state, events: [event('reminded')], mails: [order(state, 'reminder', key)] };
    case 'dueToday':
      return { state, events: [event('due-today')], mails: [order(state, 'dueToday', key)] };
    case 'overdue':
      return { state: { ...state, overdue: true }, events: [event('overdue')], mails: [] };
    case 'urge':
      return { state, events: [event('urged')], mails: [order(state, 'urge', key)] };
    case 'handOver':
      return handOver(state, 'no-answer', at);
    case 'deputy':
    case 'leader': {
      if (state.status !== 'unacknowledged' || state.acknowledged) return nothing;
      if (state.rung >= (milestone.what === 'deputy' ? 1 : 2)) return nothing;
      return joined(
        { state, events: [event(`turned-to-${milestone.what}`)], mails: [] },
        nextRung(state, { because: 'unacknowledged', failed: order(state, 'task', 0), at }),
      );
    }
  }
}

/** When the clock acts next for this task, in epoch ms on the product's clock; undefined when never. */
export function nextMoment(state: TaskState): number | undefined {
  return isOpen(state) ? state.milestones[0]?.at : undefined;
}
