import { condition } from '@temporalio/workflow';
import type { CaseRecordOrder } from '../activities/case.ts';
import {
  type CaseClock,
  type CaseEvent,
  type CaseMove,
  type CaseOrder,
  type CaseStand,
  type CaseState,
  standOfCase,
} from '../domain/case.ts';
import {
  type ClockRequest,
  MAY_BE_OBJECTED,
  missingClocks,
  nextCaseMoment,
  prunedClocks,
  startClocks,
  tickCase,
} from '../domain/case-clocks.ts';
import { type TaskStand, hear } from '../domain/case-hearing.ts';
import { type ClockMapping, SAME_CLOCK, engineAt, productAt, stamp } from '../domain/clock.ts';

/** What a case hands to its next run. */
export interface CaseCarry {
  readonly state: CaseState;
  readonly clock: ClockMapping;
  readonly block: number;
  readonly results: Readonly<Record<string, CaseStand>>;
}

/** Results of commands that the next run still knows, for a caller that asks again. */
const RESULTS_KEPT = 200;

/** A case in hand: its state, and what is to be written down and done because of it. */
export class CaseInHand {
  readonly no: string;
  clock: ClockMapping = SAME_CLOCK;
  readonly results = new Map<string, CaseStand>();
  /** Commands taken in this run. */
  commands = 0;
  /** Hints that something changed in its tasks. */
  wakes = 0;
  /** Set when this run has grown long: it ends as soon as nothing is under way. */
  renewing = false;
  private current: CaseState | undefined;
  private events: CaseEvent[] = [];
  private orders: CaseOrder[] = [];
  /** Orders ever given and ever done. */
  private given = 0;
  private done = 0;
  private written = 0;
  private block = 0;

  constructor(no: string, carry: CaseCarry | undefined) {
    this.no = no;
    if (!carry) return;
    this.block = carry.block;
    for (const [id, stand] of Object.entries(carry.results)) this.results.set(id, stand);
    this.open(carry);
  }

  open({ state, clock }: { readonly state: CaseState; readonly clock: ClockMapping }): void {
    this.current = state;
    this.written = state.version;
    this.clock = clock;
  }

  get ready(): boolean {
    return this.current !== undefined;
  }

  get state(): CaseState {
    if (!this.current) throw new Error(`case ${this.no} is not open`);
    return this.current;
  }

  /** RFC 3339 on the product's clock. */
  now(): string {
    return stamp(productAt(this.clock, Date.now()));
  }

  apply(move: CaseMove): void {
    this.current = prunedClocks(move.state);
    this.events.push(...move.events);
    this.orders.push(...move.orders);
    this.given += move.orders.length;
  }

  hear(stands: readonly TaskStand[]): void {
    this.apply(hear(this.state, stands, this.now()));
  }

  tick(): void {
    this.apply(tickCase(this.state, productAt(this.clock, Date.now()), this.now()));
  }

  start(clocks: readonly CaseClock[]): void {
    this.apply(startClocks(this.state, clocks));
  }

  missing(): readonly ClockRequest[] {
    return missingClocks(this.state);
  }

  unwritten(): boolean {
    return this.state.version > this.written || this.events.length > 0;
  }

  busy(): boolean {
    return this.unwritten() || this.done < this.given || this.missing().length > 0;
  }

  takeRecord(): CaseRecordOrder {
    this.block += 1;
    return { state: this.state, block: this.block, events: this.events.splice(0) };
  }

  recorded({ state }: CaseRecordOrder): void {
    this.written = Math.max(this.written, state.version);
  }

  takeOrder(): CaseOrder | undefined {
    return this.orders[0];
  }

  carriedOut(): void {
    this.orders.shift();
    this.done += 1;
  }

  /** Resolves when all that has been decided until now is written down and done. */
  async shown(): Promise<void> {
    const { version } = this.state;
    const orders = this.given;
    await condition(() => this.written >= version && this.done >= orders);
  }

  /** Something is still with the agency. */
  waitsForAgency(): boolean {
    return this.state.papers.some(
      (paper) => (paper.state === 'served' || paper.state === 'received') && paper.report !== 'accepted',
    );
  }

  /** A document that an objection can be made to is in the agency's hands. */
  mayBeObjectedTo(): boolean {
    return this.state.papers.some(
      (paper) => paper.state === 'received' && MAY_BE_OBJECTED.includes(paper.kind),
    );
  }

  /** Epoch ms on the engine's clock. */
  nextWake(): number | undefined {
    const next = nextCaseMoment(this.state);
    return next === undefined ? undefined : engineAt(this.clock, next);
  }

  /** Archived, or the next run takes over; and nothing is under way. */
  over(): boolean {
    return (this.state.line.state === 'archived' || this.renewing) && !this.busy();
  }

  carry(): CaseCarry {
    return {
      state: this.state,
      clock: this.clock,
      block: this.block,
      results: Object.fromEntries([...this.results].slice(-RESULTS_KEPT)),
    };
  }
}

export const standOf = (file: CaseInHand): CaseStand => standOfCase(file.state);
