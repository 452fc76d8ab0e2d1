import {
  type MailOrder,
  type Step,
  type TaskEvent,
  type TaskState,
  base,
  handOver,
  isOpen,
  joined,
  order,
} from './task.ts';

/** What became of a mail, as the outbox says. */
export interface MailOutcome {
  readonly order: MailOrder;
  readonly outcome: 'sent' | 'rejected' | 'deferred' | 'inDoubt' | 'bounced' | 'cancelled' | 'noAddress';
  readonly messageId?: string;
  readonly response?: string;
  /** Epoch ms on the engine's clock, when deferred. */
  readonly retryAt?: number;
}

/** What the ledger says of a mail. */
export const mailEvent = ({ order: { task, kind }, ...result }: MailOutcome, at: string): TaskEvent => ({
  task,
  at,
  source: 'mail',
  what: `mail-${result.outcome}`,
  detail: {
    kind,
    ...(result.messageId ? { message: result.messageId } : {}),
    ...(result.response ? { response: result.response } : {}),
  },
});

/** Whether a task waits for nothing but its first mail, which makes it known and changes nothing else. */
export const awaitsFirstMail = (state: Pick<TaskState, 'status' | 'acknowledged'>): boolean =>
  state.status === 'pending' && !state.acknowledged;

/** The same task once its first mail has gone: the very version, since whoever sent the mail shows it. */
export const madeKnown = (state: TaskState): TaskState => ({
  ...base(state),
  version: state.version,
  status: 'unacknowledged',
});

/** A mail was taken by the relay, refused, put off, or cannot be known. */
export function mailed(state: TaskState, result: MailOutcome, at: string): Step {
  const { order: sent, outcome } = result;
  const event = mailEvent(result, at);
  const lost = outcome === 'rejected' || outcome === 'bounced' || outcome === 'noAddress';
  // A receipt goes to whoever wrote, who need not be the contact.
  if (lost && sent.kind !== 'receipt')
    return joined(
      { state, events: [event], mails: [] },
      nextRung(state, { because: 'bounced', failed: sent, at }),
    );
  if (sent.kind === 'task' && state.status === 'pending' && (outcome === 'sent' || outcome === 'inDoubt'))
    return {
      state: { ...base(state), status: state.acknowledged ? 'inProgress' : 'unacknowledged' },
      events: [event],
      mails: [],
    };
  return { state, events: [event], mails: [] };
}

/** What follows from a mail that the relay took and that is in the ledger already. Whoever was asked while the task was withdrawn hears of that, too. */
export function heardOf(state: TaskState, result: MailOutcome, at: string): Step {
  const step = { ...mailed(state, result, at), events: [] };
  const { kind, rung, to } = result.order;
  if (kind !== 'task' || state.status !== 'withdrawn') return step;
  const told = { ...order(state, 'withdrawn', 1), rung, reason: state.reason, ...(to ? { to } : {}) };
  return { ...step, mails: [told] };
}

/** The next contact is written to: deputy, then leader, then a person of the office has to act. */
export function nextRung(
  state: TaskState,
  { because, failed, at }: { because: 'bounced' | 'unacknowledged'; failed: MailOrder; at: string },
): Step {
  if (!isOpen(state) || failed.rung < state.rung) return { state, events: [], mails: [] };
  if (failed.to) return handOver(state, 'delegate-unreachable', at);
  if (state.rung >= 2) return handOver(state, because, at);
  const next: TaskState = { ...state, version: state.version + 1, rung: state.rung + 1 };
  return { state: next, events: [], mails: [{ ...order(next, 'task', next.rung), because }] };
}
