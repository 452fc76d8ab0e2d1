import {
  ApplicationFailure,
  allHandlersFinished,
  condition,
  continueAsNew,
  patched,
  proxyActivities,
  proxyLocalActivities,
  setHandler,
  workflowInfo,
} from '@temporalio/workflow';
import type { Activities } from '../activities/index.ts';
import { Refusal } from '../domain/refusals.ts';
import { type Measure, isOpen } from '../domain/task.ts';
import { dropMissed } from '../domain/task-clock.ts';
import { nudgeTask, rescheduleTask, startTerm, withdrawTask } from '../domain/task-decision.ts';
import { mailed } from '../domain/task-delivery.ts';
import { productAt } from '../domain/clock.ts';
import { tellStandOfGroup } from './current-details.ts';
import { decide, termOf } from './decide.ts';
import { Group, type GroupCarry } from './group.ts';
import {
  type GroupOrder,
  MAIL_QUEUE,
  type TaskCommand,
  type TaskCommandResult,
  commandTask,
  orderSignal,
  submittedSignal,
} from './messages.ts';
import { checked, refuseForgotten, refused } from './refused.ts';

const { openGroup, recordTasks, measureTasks, recalculateTasks } = proxyActivities<Activities>({
  startToCloseTimeout: '2 minutes',
  retry: { initialInterval: '1s', maximumInterval: '1 minute' },
});
/** Reads only, so that a second reading is as good as the first: done within the group's first step. */
const nearby = proxyLocalActivities<Activities>({
  startToCloseTimeout: '1 minute',
  retry: { initialInterval: '1s', maximumInterval: '1 minute' },
});
const { sendTaskMails } = proxyActivities<Activities>({
  taskQueue: MAIL_QUEUE,
  startToCloseTimeout: '10 minutes',
  heartbeatTimeout: '10s',
  retry: { initialInterval: '1s', maximumInterval: '10s' },
});

export interface TaskGroup {
  readonly id: string;
  readonly owner: string;
  readonly phase: string;
  /** Whether its first mails say that the agency was added late. */
  readonly added: boolean;
  readonly carry?: GroupCarry;
}

/** How long a term that could not be measured waits until it is asked for again. */
const UNMEASURED_PAUSE = '1 minute';
/** Updates of one run, short of the engine's end of 2,000. */
const UPDATES_A_RUN = 1_800;

/** Carries up to a hundred tasks of one owner: delivers, waits for people, reminds, urges, hands over, until none is open. */
export async function taskGroupWorkflow(input: TaskGroup): Promise<void> {
  const group = new Group(input);
  setHandler(submittedSignal, (submissions) => group.receive(submissions));
  setHandler(orderSignal, (order) => carryOut(group, order));
  setHandler(commandTask, (command) => obey(group, command), {
    validator: (command) => {
      if (!group.results.has(command.id)) refuseForgotten(command);
      if (group.ready) check(group, command);
    },
  });
  const books = patched('first-mails-booked');
  if (!group.ready)
    group.open(await (books || patched('opened-nearby') ? nearby.openGroup(input.id) : openGroup(input.id)));
  tellStandOfGroup(group.tasks.values(), group.paused);
  do {
    await Promise.all([keepRecorded(group), keepMailed(group, books), keepStarted(group), keepTime(group)]);
    await condition(() => allHandlersFinished() || !group.over());
  } while (!group.over());
  if (group.renewing) await continueAsNew<typeof taskGroupWorkflow>({ ...input, carry: group.carry() });
}

const check = (group: Group, command: TaskCommand): void =>
  checked(() => {
    const state = group.tasks.get(command.task);
    if (!state) throw new Refusal('task-closed');
    if (!group.results.has(command.id)) decide(state, command, { at: group.now() });
  });

/** A staff member's command: checked again after its date has been computed, since an answer may have come meanwhile. */
async function obey(group: Group, command: TaskCommand): Promise<TaskCommandResult> {
  group.commands += 1;
  await condition(() => group.ready);
  const known = group.results.get(command.id);
  if (known) return known;
  check(group, command);
  const before = group.tasks.get(command.task);
  const term = before && termOf(before, command);
  const measured = term ? await refused(measureTasks([{ task: command.task, ...term }])) : {};
  const measure = measured[command.task];
  check(group, command);
  const state = group.tasks.get(command.task);
  if (!state) throw ApplicationFailure.nonRetryable(command.task, 'task-closed');
  const step = decide(state, command, { at: group.now(), measure });
  group.apply(step);
  const result = { status: step.state.status, round: step.state.round, version: step.state.version };
  group.results.set(command.id, result);
  await group.shown(step.state);
  return result;
}

/** What is done to the whole group; a repeat of the same order changes nothing. */
async function carryOut(group: Group, order: GroupOrder): Promise<void> {
  if (group.done.has(order.id)) return;
  group.done.add(order.id);
  await condition(() => group.ready);
  const { by } = order;
  const at = group.now();
  switch (order.kind) {
    case 'pause':
      group.paused = true;
      break;
    case 'resume':
      group.paused = false;
      for (const state of group.openTasks())
        group.apply({ state: dropMissed(state, productAt(group.clock, Date.now())), events: [], mails: [] });
      break;
    case 'withdrawOpen':
      // What ends a pause too: an agency must hear that it needs not answer.
      if (!order.keepAnswered) group.paused = false;
      for (const state of group.openTasks())
        if (
          (!order.keepAnswered || state.status !== 'inReview') &&
          !(order.keepHandedOver && state.handedOver)
        )
          group.apply(withdrawTask(state, { by, at, reason: order.reason }));
      break;
    case 'nudge':
      for (const state of group.openTasks())
        if (order.tasks.includes(state.no)) group.apply(nudgeTask(state, { by, at }));
      break;
    case 'extendAll': {
      const { term, reason, outage, tasks: only } = order;
      const because = outage === undefined ? {} : { outage };
      const meant = group.openTasks().filter((state) => only?.includes(state.no) ?? true);
      const tasks = meant.map((state) => ({ task: state.no, term, extends: true, ...because }));
      // The owner has asked the calendar before; a signal must not fail the group.
      const measured = await refused(measureTasks(tasks)).catch((): Record<string, Measure> => ({}));
      for (const state of group.openTasks()) {
        const measure = measured[state.no];
        if (measure && state.status !== 'inReview')
          group.apply(rescheduleTask(state, { by, at, reason, measure }));
      }
      break;
    }
    case 'recalculate':
      await recalculate(group, order);
      break;
    case 'bounced': {
      const state = group.tasks.get(order.mail.task);
      if (state)
        group.apply(
          mailed(
            state,
            { order: order.mail, outcome: 'bounced', messageId: order.messageId, response: order.text },
            at,
          ),
        );
      break;
    }
    case 'clockMoved':
      group.clock = order.clock;
      break;
  }
}

/** The same terms by the calendar as it is now; a date that a person has moved meanwhile stays, and nobody is mailed of an answer that is in hand. */
async function recalculate(group: Group, order: GroupOrder & { kind: 'recalculate' }): Promise<void> {
  const { by, reason } = order;
  const asked = group
    .openTasks()
    .filter((state) => order.tasks.includes(state.no))
    .map((state) => ({ task: state.no, deadline: state.deadline }));
  const measured = await recalculateTasks(asked);
  for (const { task, deadline } of asked) {
    const state = group.tasks.get(task);
    const measure = measured[task];
    if (!state || !isOpen(state) || !measure || state.deadline !== deadline) continue;
    const step = rescheduleTask(state, { by, at: group.now(), reason, measure });
    group.apply(state.status === 'inReview' ? { ...step, mails: [] } : step);
  }
}

async function keepRecorded(group: Group): Promise<void> {
  while (!group.over()) {
    await condition(() => group.unrecorded() || group.over());
    if (group.unrecorded()) {
      const record = group.takeRecord();
      await recordTasks(record);
      group.recorded(record);
      tellStandOfGroup(group.tasks.values(), group.paused);
    }
    const info = workflowInfo();
    if (info.continueAsNewSuggested || group.commands >= UPDATES_A_RUN) group.renewing = true;
  }
}

async function keepMailed(group: Group, books: boolean): Promise<void> {
  while (!group.over()) {
    await condition(() => group.unmailed() || group.over());
    if (!group.unmailed()) continue;
    group.sending = true;
    const also = books ? (['first mails too'] as const) : [];
    const outcomes = await sendTaskMails(group.input.id, group.takeOrders(), ...also);
    group.sending = false;
    group.mailed(outcomes);
    tellStandOfGroup(group.tasks.values(), group.paused);
  }
}

/** A term that runs from receipt begins the day after its task was signed for; the calendar says when it ends. */
async function keepStarted(group: Group): Promise<void> {
  while (!group.ended()) {
    await condition(() => group.toStart().length > 0 || group.ended());
    const signed = group.toStart();
    if (signed.length === 0) continue;
    const measured = await measureTasks(
      signed.map(({ no, acknowledged }) => ({
        task: no,
        from: acknowledged?.at.slice(0, 10),
        extends: false,
      })),
    );
    for (const { no } of signed) {
      const state = group.tasks.get(no);
      const measure = measured[no];
      if (state && measure) group.apply(startTerm(state, measure, group.now()));
    }
    // Nothing is asked for twice without a pause, whatever the store answers.
    if (signed.some(({ no }) => measured[no] === undefined))
      await condition(() => group.ended(), UNMEASURED_PAUSE);
  }
}

/** One timer for all tasks of the group: always the earliest moment at which any of them acts by itself. */
async function keepTime(group: Group): Promise<void> {
  while (!group.ended()) {
    const wake = group.nextWake();
    const moved = () => group.ended() || group.nextWake() !== wake;
    if (wake === undefined) await condition(moved);
    else if (!(await condition(moved, Math.max(1, wake - Date.now())))) group.tick();
  }
}
