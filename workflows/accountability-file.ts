import { condition } from '@temporalio/workflow';
import type { AccountabilityRecordOrder } from '../activities/accountability.ts';
import {
  type AccountabilityEvent,
  type AccountabilityOrder,
  type AccountabilityState,
  type AccountabilityStep,
  isOverMeasure,
  nextMeasureMoment,
  passTime,
  sendRecommendation,
} from '../domain/accountability.ts';
import { type ClockMapping, engineAt, productAt, stamp } from '../domain/clock.ts';

/** An accountability in hand: its state, and what is to be written down and done because of it. */
export class AccountabilityFile {
  state: AccountabilityState;
  clock: ClockMapping;
  readonly results = new Map<string, AccountabilityState>();
  private events: AccountabilityEvent[] = [];
  private readonly orders: AccountabilityOrder[] = [];
  private written: number;
  private block = 0;
  private working = false;

  constructor({ state, clock }: { readonly state: AccountabilityState; readonly clock: ClockMapping }) {
    this.state = state;
    this.written = state.version;
    this.clock = clock;
  }

  /** RFC 3339 on the product's clock. */
  now(): string {
    return stamp(productAt(this.clock, Date.now()));
  }

  apply(step: AccountabilityStep): void {
    this.state = step.state;
    this.events.push(...step.events);
    this.orders.push(...step.orders);
  }

  sent(task: string): void {
    this.apply(sendRecommendation(this.state, task, this.now()));
  }

  tick(): void {
    this.apply(passTime(this.state, this.now()));
  }

  busy(): boolean {
    return this.working || this.orders.length > 0 || this.unwritten();
  }

  unwritten(): boolean {
    return this.state.version > this.written || this.events.length > 0;
  }

  /** Nothing is ordered before it is written why. */
  async work(doing: {
    record(order: AccountabilityRecordOrder): Promise<void>;
    carryOut(order: AccountabilityOrder): Promise<void>;
  }): Promise<void> {
    this.working = true;
    while (this.unwritten() || this.orders.length > 0) {
      if (this.unwritten()) {
        this.block += 1;
        const { state, block } = this;
        await doing.record({ state, block, events: this.events.splice(0) });
        this.written = state.version;
      } else {
        const order = this.orders[0];
        if (order) await doing.carryOut(order);
        this.orders.shift();
      }
    }
    this.working = false;
  }

  async shown(): Promise<void> {
    await condition(() => !this.busy());
  }

  over(): boolean {
    return isOverMeasure(this.state) && !this.busy();
  }

  /** Epoch ms on the engine's clock. */
  nextWake(): number | undefined {
    const next = nextMeasureMoment(this.state);
    return next === undefined ? undefined : engineAt(this.clock, next);
  }
}
