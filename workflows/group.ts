import { condition } from '@temporalio/workflow';
import type { GroupRecord } from '../activities/task.ts';
import type { MailResult } from '../activities/task-mail.ts';
import { type ClockMapping, SAME_CLOCK, engineAt, productAt, stamp } from '../domain/clock.ts';
import { type PackedStates, unpackStates } from '../domain/packed.ts';
import {
  type MailOrder,
  type Milestone,
  type Step,
  type Submission,
  type TaskEvent,
  type TaskState,
  firstMail,
  isOpen,
  receive,
} from '../domain/task.ts';
import { nextMoment, tick } from '../domain/task-clock.ts';
import { type MailOutcome, awaitsFirstMail, heardOf, madeKnown, mailed } from '../domain/task-delivery.ts';
import { GROUP_SIZE, type TaskCommandResult } from './messages.ts';
import type { TaskGroup } from './task.ts';

/** What a group hands to its next run. */
export interface GroupCarry {
  readonly clock: ClockMapping;
  readonly paused: boolean;
  readonly receipts: boolean;
  readonly states: readonly TaskState[];
  readonly orders: readonly MailOrder[];
  readonly waiting: readonly Waiting[];
  readonly block: number;
  readonly done: readonly string[];
  readonly results: Readonly<Record<string, TaskCommandResult>>;
}

/** A mail put off by the relay, until `at` (epoch ms on the engine's clock). */
interface Waiting {
  readonly order: MailOrder;
  readonly at: number;
}

/** Results of commands that the next run still knows, for a caller that asks again. */
const RESULTS_KEPT = 200;

/** The tasks of a group and what is to be done for them: the domain knows one task, this maps over a hundred. */
export class Group {
  readonly input: TaskGroup;
  ready = false;
  paused = false;
  /** Whether a receipt mail follows what comes in: where the office sends none, none is ordered. */
  private receipts = true;
  /** Set when this run has grown long: it ends as soon as nothing is under way. */
  renewing = false;
  /** Set while mails are with the mail queue. */
  sending = false;
  /** Set while a record is being written: mails follow it. */
  private writing = false;
  clock: ClockMapping = SAME_CLOCK;
  readonly tasks = new Map<string, TaskState>();
  readonly done = new Set<string>();
  readonly results = new Map<string, TaskCommandResult>();
  /** Commands taken in this run. */
  commands = 0;
  private readonly written = new Map<string, number>();
  /** Milestones that the store has, by task: the very list, so that a changed one is another. */
  private readonly kept = new Map<string, readonly Milestone[]>();
  private readonly changed = new Set<string>();
  private events: TaskEvent[] = [];
  private consumed: string[] = [];
  /** Ordered by steps that are not in the projection yet: a mail says what is written down, so it follows the writing. */
  private fresh: MailOrder[] = [];
  private booked: MailOrder[] = [];
  private orders: MailOrder[] = [];
  private waiting: Waiting[] = [];
  /** The mails that are being sent. */
  private taken: readonly MailOrder[] = [];
  /** Tasks that waited for their first mail when these were taken, as the store has them: at which version. */
  private awaiting: ReadonlyMap<string, number> = new Map();
  private early: Submission[] = [];
  private block = 0;

  constructor(input: TaskGroup) {
    this.input = input;
    const { carry } = input;
    if (!carry) return;
    this.paused = carry.paused;
    this.receipts = carry.receipts;
    this.orders = [...carry.orders];
    this.waiting = [...carry.waiting];
    this.block = carry.block;
    for (const id of carry.done) this.done.add(id);
    for (const [id, result] of Object.entries(carry.results)) this.results.set(id, result);
    this.start(carry.states, carry.clock);
  }

  /** Takes up its tasks; a first mail that was ordered before is known to the outbox and goes once. */
  open(opened: {
    readonly tasks: PackedStates;
    readonly clock: ClockMapping;
    readonly paused: boolean;
    readonly receipts: boolean;
  }): void {
    this.paused = opened.paused;
    this.receipts = opened.receipts;
    const because = this.input.added ? 'added' : 'assigned';
    const states = unpackStates(opened.tasks);
    this.orders.push(
      ...states.filter((state) => state.status === 'pending').map((state) => firstMail(state, because)),
    );
    this.start(states, opened.clock);
  }

  private start(states: readonly TaskState[], clock: ClockMapping): void {
    this.clock = clock;
    for (const state of states) {
      this.tasks.set(state.no, state);
      this.written.set(state.no, state.version);
      this.kept.set(state.no, state.milestones);
    }
    this.ready = true;
    this.receive(this.early.splice(0));
  }

  /** Never throws, and ignores what it knows. */
  receive(submissions: readonly Submission[]): void {
    if (!this.ready) {
      this.early.push(...submissions);
      return;
    }
    for (const one of submissions) {
      this.consumed.push(one.id);
      const state = this.tasks.get(one.task);
      if (state) this.apply(receive(state, one));
    }
  }

  apply(step: Step): void {
    const { state } = step;
    if (this.tasks.get(state.no)?.version !== state.version) this.changed.add(state.no);
    this.tasks.set(state.no, state);
    this.events.push(...step.events);
    this.fresh.push(...step.mails.filter((mail) => this.receipts || mail.kind !== 'receipt'));
  }

  /** Signed for, with a term that has not begun yet. */
  toStart(): readonly TaskState[] {
    return this.openTasks().filter((state) => state.unstarted && state.acknowledged);
  }

  /** RFC 3339 on the product's clock. */
  now(): string {
    return stamp(productAt(this.clock, Date.now()));
  }

  openTasks(): TaskState[] {
    return [...this.tasks.values()].filter(isOpen);
  }

  /** Nothing is open, or the next run takes over. */
  ended(): boolean {
    return this.renewing || (this.openTasks().length === 0 && this.waiting.length === 0);
  }

  /** Ended, and everything it led to is mailed and written down. */
  over(): boolean {
    const busy = this.sending || this.writing || this.unrecorded();
    return this.ended() && !busy && (this.renewing || this.orders.length === 0);
  }

  unrecorded(): boolean {
    return (
      this.changed.size > 0 || this.events.length > 0 || this.consumed.length > 0 || this.fresh.length > 0
    );
  }

  takeRecord(): GroupRecord {
    const { id: group, owner, phase } = this.input;
    this.block += 1;
    this.writing = true;
    const states = [...this.changed].flatMap((no) => {
      const state = this.tasks.get(no);
      if (!state) return [];
      const { milestones, ...bare } = state;
      if (this.kept.get(no) === milestones) return bare;
      this.kept.set(no, milestones);
      return state;
    });
    this.changed.clear();
    this.booked = this.fresh.splice(0);
    return {
      group,
      owner,
      phase,
      block: this.block,
      states,
      events: this.events.splice(0),
      consumed: this.consumed.splice(0),
    };
  }

  recorded(record: GroupRecord): void {
    for (const state of record.states) this.written.set(state.no, state.version);
    this.orders.push(...this.booked.splice(0));
    this.writing = false;
  }

  /** Resolves when the projection shows this version of the task. */
  async shown(state: TaskState): Promise<void> {
    await condition(() => (this.written.get(state.no) ?? 0) >= state.version);
  }

  unmailed(): boolean {
    return this.orders.length > 0 && !this.paused && !this.renewing;
  }

  /** The next mails; what asks for an answer is not sent for a task that needs none any more. */
  takeOrders(): readonly MailOrder[] {
    const asks: readonly MailOrder['kind'][] = ['task', 'reminder', 'dueToday', 'urge', 'returned', 'nudge'];
    this.taken = this.orders.splice(0, GROUP_SIZE).filter((order) => {
      const state = this.tasks.get(order.task);
      return state !== undefined && (isOpen(state) || !asks.includes(order.kind));
    });
    this.awaiting = new Map(
      this.taken.flatMap(({ task }) => {
        const state = this.tasks.get(task);
        const kept = state && this.written.get(task) === state.version;
        return kept && awaitsFirstMail(state) ? [[task, state.version]] : [];
      }),
    );
    return this.taken;
  }

  /** What became of the mails taken last, in their order. */
  mailed(results: readonly MailResult[]): void {
    const at = this.now();
    for (const [i, order] of this.taken.entries()) {
      const state = this.tasks.get(order.task);
      const result = results[i];
      if (!state || !result) continue;
      // What it became after it was written down, a bounce of it, is told apart.
      if (result.booked) this.sent(state, { ...result, outcome: 'sent', order }, at);
      else if (result.outcome === 'deferred') {
        this.waiting.push({ order, at: result.retryAt ?? Date.now() + 60_000 });
      } else this.apply(mailed(state, { ...result, order }, at));
    }
  }

  /** A mail that is in the ledger already. A first mail's task is shown as known, too, unless it has moved while the mail was on its way. */
  private sent(state: TaskState, result: MailOutcome, at: string): void {
    const unmoved = result.order.kind === 'task' && this.awaiting.get(state.no) === state.version;
    if (unmoved) this.tasks.set(state.no, madeKnown(state));
    else this.apply(heardOf(state, result, at));
  }

  /** Epoch ms on the engine's clock; undefined while nothing is to come or all is paused. */
  nextWake(): number | undefined {
    if (this.paused) return undefined;
    const moments = [...this.tasks.values()].flatMap((state) => nextMoment(state) ?? []);
    const wakes = [
      ...this.waiting.map((one) => one.at),
      ...(moments.length > 0 ? [engineAt(this.clock, Math.min(...moments))] : []),
    ];
    return wakes.length > 0 ? Math.min(...wakes) : undefined;
  }

  /** What the clock does by itself now. */
  tick(): void {
    if (this.paused) return;
    const now = Date.now();
    const product = productAt(this.clock, now);
    for (const state of this.openTasks()) {
      const step = tick(state, product, stamp(product));
      if (step.state !== state) this.apply(step);
    }
    this.orders.push(...this.waiting.filter((one) => one.at <= now).map((one) => one.order));
    this.waiting = this.waiting.filter((one) => one.at > now);
  }

  carry(): GroupCarry {
    return {
      clock: this.clock,
      paused: this.paused,
      receipts: this.receipts,
      states: [...this.tasks.values()],
      orders: this.orders,
      waiting: this.waiting,
      block: this.block,
      done: [...this.done],
      results: Object.fromEntries([...this.results].slice(-RESULTS_KEPT)),
    };
  }
}
