import {
  type Milestone,
  type Step,
  type TaskEvent,
  type TaskState,
  handOver,
  isOpen,
  joined,
  order,
} from './task.ts';
import { nextRung } from './task-delivery.ts';

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
      return handOver(state, state.unstarted ? 'unsigned' : 'no-answer', at);
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
