import {
  ApplicationFailure,
  allHandlersFinished,
  condition,
  continueAsNew,
  proxyActivities,
  setHandler,
  workflowInfo,
} from '@temporalio/workflow';
import type { Activities } from '../activities/index.ts';
import type { PlanInput } from '../activities/plan.ts';
import { at } from '../domain/calendar.ts';
import { type ClockMapping, SAME_CLOCK, engineAt } from '../domain/clock.ts';
import { type PlanStand, firstOfMonth, planRefusal } from '../domain/plan.ts';
import { tellStandOfPlan } from './current-details.ts';
import { type CommandPlan, clockSignal, commandPlan, wakeSignal } from './messages.ts';
import { refuseForgotten, refused } from './refused.ts';

const activities = proxyActivities<Activities>({
  startToCloseTimeout: '10 minutes',
  heartbeatTimeout: '1 minute',
  retry: { initialInterval: '1s', maximumInterval: '1 minute' },
});

const DAY_MS = 86_400_000;
const DECEMBER = 12;
/** Events of one run, looked at between two months. */
const EVENTS_A_RUN = 1_500;
/** Results of commands that the next run still knows, for a caller that asks again. */
const RESULTS_KEPT = 200;

/** What a year hands to its next run. */
export interface PlanCarry {
  readonly clock: ClockMapping;
  readonly stand: PlanStand;
  readonly done: readonly string[];
  readonly objectUntil?: number;
}

/** One year's story as it stands; commands change it, the story below waits for it. */
class Plan {
  readonly no: string;
  readonly year: number;
  clock: ClockMapping = SAME_CLOCK;
  stand: PlanStand = { status: 'draft', month: 0, from: 1 };
  wakes = 0;
  ready = false;
  /** Whether a task is out that may bring a problem to light. */
  waits = false;
  /** Until when agencies may object to their appraisal: epoch ms on the product's clock. */
  objectUntil: number | undefined;
  readonly done = new Set<string>();
  private last: Promise<unknown> = Promise.resolve();

  constructor({ no, year, carry }: PlanInput & { readonly carry?: PlanCarry }) {
    this.no = no;
    this.year = year;
    if (!carry) return;
    this.clock = carry.clock;
    this.stand = carry.stand;
    this.ready = true;
    this.objectUntil = carry.objectUntil;
    for (const id of carry.done) this.done.add(id);
  }

  /** What is written for it is written one after another. */
  async inTurn<T>(work: () => Promise<T>): Promise<T> {
    const mine = this.last.then(work);
    this.last = mine.catch(() => undefined);
    return mine;
  }

  carry(): PlanCarry {
    const { clock, stand, objectUntil } = this;
    return {
      clock,
      stand,
      done: [...this.done].slice(-RESULTS_KEPT),
      ...(objectUntil === undefined ? {} : { objectUntil }),
    };
  }
}

/** A year of daily supervision (日常监督): a cycle each month, what it finds put right, its jobs, and in January the next year's draft. */
export async function planWorkflow(input: PlanInput & { readonly carry?: PlanCarry }): Promise<void> {
  const plan = new Plan(input);
  setHandler(wakeSignal, () => {
    plan.wakes += 1;
  });
  setHandler(clockSignal, (clock) => {
    plan.clock = clock;
    plan.wakes += 1;
  });
  setHandler(commandPlan, (command) => obey(plan, command), {
    validator: (command) => {
      if (plan.done.has(command.id)) return;
      refuseForgotten(command);
      if (plan.ready) check(plan, command);
    },
  });
  if (!plan.ready) {
    const { carry: _none, ...approval } = input;
    const { accepted, clock, from, objectUntil } = await activities.openPlan(approval);
    if (!accepted) return;
    plan.clock = clock;
    plan.objectUntil = objectUntil;
    plan.stand = { status: 'running', month: from - 1, from };
    plan.ready = true;
  }
  tellStandOfPlan(plan.year, plan.stand.month);
  while (plan.stand.month < DECEMBER) {
    await carryMonth(plan, plan.stand.month + 1);
    const { continueAsNewSuggested, historyLength } = workflowInfo();
    if (continueAsNewSuggested || historyLength > EVENTS_A_RUN) return renew(plan, input);
  }
  await turn(plan);
  await condition(allHandlersFinished);
}

async function renew(plan: Plan, input: PlanInput): Promise<void> {
  await condition(allHandlersFinished);
  await continueAsNew<typeof planWorkflow>({ ...input, carry: plan.carry() });
}

/** One month: waited for, opened on its first working morning, followed until the next one begins. */
async function carryMonth(plan: Plan, month: number): Promise<void> {
  await follow(plan, startOf(plan, month));
  for (;;) {
    const seen = plan.wakes;
    const opened = await plan.inTurn(() => activities.openCycle(plan.no, month));
    if (opened.opensAt === undefined && opened.problem === undefined) {
      plan.stand = { ...plan.stand, month };
      tellStandOfPlan(plan.year, month);
      if (opened.groups.length > 0)
        await activities.startGroups(
          plan.no,
          `cycle-${String(month).padStart(2, '0')}`,
          started(opened.groups),
        );
      return;
    }
    await followOnce(plan);
    await waitFor(plan, { seen, until: opened.opensAt });
  }
}

/** The instant a month begins: epoch ms on the product's clock. */
const startOf = (plan: Plan, month: number): number =>
  Date.parse(at(firstOfMonth(plan.year, month), '00:00'));

const started = (groups: readonly string[]) => groups.map((id) => ({ id, added: false }));

/** Until an instant of the product's clock: what the cycles brought to light is sent to be put right, at each hint and once a day. */
async function follow(plan: Plan, until: number): Promise<void> {
  for (;;) {
    const seen = plan.wakes;
    await followOnce(plan);
    if (engineAt(plan.clock, until) <= Date.now()) return;
    await waitFor(plan, { seen, until });
  }
}

async function followOnce(plan: Plan): Promise<void> {
  const { opened, waits } = await plan.inTurn(() => activities.followUp(plan.no));
  plan.waits = waits;
  await endObjections(plan);
  for (const { phase, groups } of opened) await activities.startGroups(plan.no, phase, started(groups));
}

/** When the term is over, silence is no objection: who has said nothing needs not answer. */
async function endObjections(plan: Plan): Promise<void> {
  if (plan.objectUntil === undefined || engineAt(plan.clock, plan.objectUntil) > Date.now()) return;
  plan.objectUntil = undefined;
  const order = { id: 'appraisal-over', kind: 'withdrawOpen', by: 'system', reason: '异议期已满' } as const;
  await activities.orderGroups(plan.no, { ...order, keepAnswered: true, keepHandedOver: true }, 'appraisal');
}

/** A hint, a day or the instant, whichever comes first; where nothing is waited for there is nothing to look at every day. */
async function waitFor(
  plan: Plan,
  { seen, until }: { readonly seen: number; readonly until: number | undefined },
): Promise<void> {
  const day = Math.ceil(DAY_MS / plan.clock.rate);
  const left = until === undefined ? day : engineAt(plan.clock, until) - Date.now();
  const objections =
    plan.objectUntil === undefined ? [] : [engineAt(plan.clock, plan.objectUntil) - Date.now()];
  const next = Math.min(left, ...(plan.waits ? [day] : []), ...objections);
  await condition(() => plan.wakes !== seen, Math.max(1, next));
}

/** The year ends by starting the next: its draft on the first working day of January, its own last job until the end of that month. */
async function turn(plan: Plan): Promise<void> {
  await follow(plan, startOf(plan, DECEMBER + 1));
  for (;;) {
    const seen = plan.wakes;
    const { waitsUntil, closesAt } = await plan.inTurn(() => activities.turnYear(plan.no));
    if (closesAt !== undefined) {
      await follow(plan, closesAt);
      break;
    }
    await followOnce(plan);
    await waitFor(plan, { seen, until: waitsUntil });
  }
  plan.stand = { ...plan.stand, status: 'closed' };
  await plan.inTurn(() => activities.closePlan(plan.no));
}

function check(plan: Plan, command: CommandPlan): void {
  const code = planRefusal(plan.stand, command);
  if (code !== undefined) throw ApplicationFailure.nonRetryable(code, code);
}

async function obey(plan: Plan, command: CommandPlan): Promise<PlanStand> {
  await condition(() => plan.ready);
  if (plan.done.has(command.id)) return plan.stand;
  check(plan, command);
  await carryOut(plan, command);
  plan.done.add(command.id);
  return plan.stand;
}

async function carryOut(plan: Plan, { until: _until, ...order }: CommandPlan): Promise<void> {
  if (order.kind !== 'appraise') {
    await plan.inTurn(() => activities.recordPlan({ ...order, no: plan.no }));
    return;
  }
  const { term, by } = order;
  const { groups, until } = await refused(plan.inTurn(() => activities.publishYear(plan.no, { term, by })));
  plan.objectUntil = until;
  await activities.startGroups(plan.no, 'appraisal', started(groups));
  plan.wakes += 1;
}
