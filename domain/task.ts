import type { Term } from './deadline.ts';

export const TASK_KINDS = [
  'selfInspection',
  'rectification',
  'lookBack',
  'statement',
  'execution',
  'accountability',
  'review',
  'appraisal',
] as const;
export type TaskKind = (typeof TASK_KINDS)[number];
/** The tasks of a case: its statement, what it corrects, what it carries out. */
export type TaskPhase = Extract<TaskKind, 'statement' | 'rectification' | 'execution'>;
export type Channel = 'link' | 'email' | 'operator';

/** A moment at which the clock acts by itself; `at` is epoch ms on the product's clock. */
export interface Milestone {
  readonly what: 'remind' | 'dueToday' | 'deputy' | 'leader' | 'overdue' | 'urge' | 'handOver';
  /** Which one of its kind in this round, from 1. */
  readonly n: number;
  readonly at: number;
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
  /** Set while a term that runs from receipt has not begun (未签收，期限未起算): there is no due date yet. */
  readonly unstarted?: true | undefined;
  /** A document's term has been extended: that is done once. */
  readonly extended?: true | undefined;
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
  | 'nudge'
  | 'objectionAnswer';

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

export const base = (state: TaskState): Core => {
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
    unstarted,
    extended,
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
    ...(unstarted ? { unstarted } : {}),
    ...(extended ? { extended } : {}),
  };
};

export const order = (state: TaskState, kind: TaskMailKind, key: number): MailOrder => ({
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

/** A task whose term runs from receipt: until it is signed for, the clock only turns to deputy, leader and a person. */
export function openUnstarted(no: string, milestones: readonly Milestone[]): TaskState {
  return { ...openTask(no, { dueAt: '', deadline: '', milestones }), unstarted: true };
}

/** The first mail of a task. */
export function firstMail(state: TaskState, because: 'assigned' | 'added'): MailOrder {
  return { ...order(state, 'task', 0), because };
}

export const joined = (first: Step, second: Step): Step => ({
  state: second.state,
  events: [...first.events, ...second.events],
  mails: [...first.mails, ...second.mails],
});

export const handOver = (state: TaskState, why: string, at: string): Step => ({
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
  // Who answers or objects has received what they speak of.
  const signed =
    state.unstarted && !state.acknowledged && (told.kind === 'answer' || told.kind === 'objection')
      ? { acknowledged: { by: told.by, at: told.receivedAt } }
      : {};
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
          ...signed,
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
        },
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
        state: { ...state, ...signed, version: knows.version, seen: knows.seen, handedOver: true },
        events: [event('objected', { reason: told.reason })],
        mails: [receipt],
      };
  }
}
