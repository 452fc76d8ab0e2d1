import { ApplicationFailure } from '@temporalio/activity';
import { WorkflowNotFoundError, WorkflowUpdateFailedError } from '@temporalio/client';
import { localDate } from '../domain/calendar.ts';
import { type CaseOrder, PHASE_OF } from '../domain/case.ts';
import type { TaskStand } from '../domain/case-hearing.ts';
import { stamp } from '../domain/clock.ts';
import { provisionalDeadline } from '../domain/deadline.ts';
import { unsignedSchedule } from '../domain/schedule.ts';
import { OPEN_STATUSES, type TaskPhase, openTask, openUnstarted } from '../domain/task.ts';
import { answerObjection } from '../domain/task-decision.ts';
import { readCalendar } from '../models/calendar.ts';
import type { CaseRecord } from '../models/case.ts';
import type { DocumentRecord } from '../models/document.ts';
import { appendEvents } from '../models/event.ts';
import { stepTerm } from '../models/step-terms.ts';
import type { TaskRecord } from '../models/task.ts';
import type { GroupCarry } from '../workflows/group.ts';
import {
  type GroupOrder,
  type OrderCase,
  type TaskCommand,
  commandTask,
  groupId,
} from '../workflows/messages.ts';
import type { TaskGroup } from '../workflows/task.ts';
import type { Deps } from './deps.ts';
import { groupSummary, startWorkflow } from './starting.ts';
import { keepDeadline, milestonesOf, spreadOf } from './task.ts';

type Of<K extends CaseOrder['kind']> = Extract<CaseOrder, { readonly kind: K }>;

/** Working days before its due date on which a document's task is remembered. */
const REMIND = [3, 1] as const;

export const caseTaskActivities = (deps: Deps) => ({
  /** The task of a served document, in a group of its own; undefined where it is there already, and then its receipt is recorded. May run twice. */
  async openCaseTask(
    no: string,
    order: Of<'openTask'>,
  ): Promise<{ readonly id: string; readonly phase: TaskPhase } | undefined> {
    const { store } = deps;
    const [record, paper] = await Promise.all([
      store.cases.findById(no).lean<CaseRecord>(),
      store.documents.findById(order.paper).lean<DocumentRecord>(),
    ]);
    const phase = paper && PHASE_OF[paper.kind as keyof typeof PHASE_OF];
    if (!record || !paper || !phase) throw new Error(`case ${no} has no document ${order.paper}`);
    const there = await store.tasks
      .findOne({ owner: no, origin: paper._id }, { group: 1, openedAt: 1 })
      .lean();
    if (there && order.receivedOn !== undefined) await recordReceipt(deps, there, order);
    if (there) return { id: there.group, phase };
    const row = await taskOf(deps, { record, paper, phase, order });
    await store.tasks.collection.insertOne(row as never);
    await store.findings.updateMany(
      { _id: { $in: [...row.findings] } },
      { $set: { task: row._id, state: 'rectifying' } },
    );
    return { id: row.group, phase };
  },

  /** How the case's tasks stand. */
  async readCaseTasks(no: string): Promise<TaskStand[]> {
    const [rows, objections] = await Promise.all([
      deps.store.tasks.find({ owner: no }).sort({ _id: 1 }).lean<TaskRecord[]>(),
      deps.store.submissions
        .find({ owner: no, kind: 'objection' }, { task: 1, receivedAt: 1, by: 1 })
        .sort({ receivedAt: 1 })
        .lean(),
    ]);
    return rows.map((row): TaskStand => {
      const { acknowledged } = row.machine;
      return {
        paper: row.origin,
        ...(acknowledged ? { receivedOn: localDate(acknowledged.at), receivedBy: acknowledged.by } : {}),
        inReview: row.state === 'inReview',
        overdue: row.overdue || row.late,
        objections: objections
          .filter((one) => one.task === row._id)
          .map((one) => ({ id: one._id, on: localDate(one.receivedAt), by: one.by.name })),
      };
    });
  },

  /** A report is judged with its task: what the group refuses, a newer answer for one, is refused to the person who judges. */
  async judgeCaseTask(
    no: string,
    paper: string,
    order: Extract<OrderCase, { kind: 'verify' }>,
  ): Promise<void> {
    const task = await deps.store.tasks.findOne({ owner: no, origin: paper }).lean<TaskRecord>();
    if (!task) throw ApplicationFailure.nonRetryable('nothing-to-review', 'nothing-to-review');
    const { id, by, answers, accepted, note, items } = order;
    const judged = { id, task: task._id, by, answers };
    if (accepted) return tellGroup(deps, task.group, { ...judged, kind: 'accept' });
    const term = order.term ?? (await stepTerm(deps.store, 'reportReturned')).term;
    const reasons = items ?? [{ id: task.items[0]?.id ?? REPORT, reason: note }];
    return tellGroup(deps, task.group, { ...judged, kind: 'return', items: reasons, term });
  },

  /** The agency needs not answer any more. */
  async endCaseTasks(no: string, { reason, except, only }: Of<'endTasks'>): Promise<void> {
    const rows = await deps.store.tasks
      .find({ owner: no, state: { $in: OPEN_STATUSES } }, { group: 1, origin: 1 })
      .lean();
    const ended = rows.filter(({ origin }) => origin !== except && (only === undefined || origin === only));
    for (const { group } of ended)
      await deps.client.workflow
        .getHandle(group)
        .signal<[GroupOrder]>('order', {
          id: `end/${except ?? only ?? 'all'}`,
          kind: 'withdrawOpen',
          by: 'system',
          reason,
          keepAnswered: false,
        })
        .catch((error: unknown) => {
          if (!(error instanceof WorkflowNotFoundError)) throw error;
        });
  },

  /** The agency is told what became of its objection. */
  async tellObjectionAnswer(no: string, order: Of<'tellAnswer'>): Promise<void> {
    const task = await deps.store.tasks.findOne({ owner: no, origin: order.paper }).lean<TaskRecord>();
    if (!task) return;
    const { objection, upheld, text, by } = order;
    await tellGroup(deps, task.group, {
      id: `objection/${objection}`,
      task: task._id,
      by,
      kind: 'answerObjection',
      objection,
      upheld,
      text,
    }).catch(async (error: unknown) => {
      if (!(error instanceof ApplicationFailure && error.type === 'task-closed')) throw error;
      await tellAfterEnd(deps, task, order);
    });
  },
});

/** Letters after a task's end are numbered from here, beyond the steps that it took. */
const AFTER_END = 10_000;

/** A task that has ended takes no step any more: its group begins once more, for the one letter. */
async function tellAfterEnd(
  { store, client, clock, office }: Deps,
  task: TaskRecord,
  { objection, upheld, text, by }: Of<'tellAnswer'>,
): Promise<void> {
  const { _id: no, owner, group, phase, machine } = task;
  const objections = await store.submissions
    .find({ task: no, kind: 'objection' }, { _id: 1 })
    .sort({ receivedAt: 1 })
    .lean();
  const n = AFTER_END + objections.findIndex((one) => one._id === objection);
  const at = stamp(await clock.now());
  const { events, mails } = answerObjection(machine, { by, at, objection, upheld, text });
  await appendEvents(store.events, { owner, key: `objection-answered/${objection}`, entries: events });
  const carry: GroupCarry = {
    clock: await clock.mapping(),
    paused: false,
    receipts: office.receipts,
    states: [machine],
    orders: mails.map((mail) => ({ ...mail, key: n })),
    waiting: [],
    block: n * AFTER_END,
    done: [],
    results: {},
  };
  const input: TaskGroup = { id: group, owner, phase, added: false, carry };
  const start = { id: group, input, summary: groupSummary(owner, group) };
  // Another letter is on its way: this one is tried again when that is gone.
  if (!(await startWorkflow(client, 'taskGroupWorkflow', start))) throw new Error(`${group} is busy`);
}

/** What a returned report is called where its task lists no items. */
const REPORT = '反馈材料';

async function recordReceipt(
  deps: Deps,
  task: Pick<TaskRecord, '_id' | 'group'>,
  { receivedOn = '', by = '', paper }: Of<'openTask'>,
): Promise<void> {
  await tellGroup(deps, task.group, {
    id: `receipt/${paper}`,
    task: task._id,
    by,
    kind: 'recordReceipt',
    on: receivedOn,
    signer: by,
  }).catch((error: unknown) => {
    // Signed for meanwhile: the first receipt stands.
    if (!(error instanceof ApplicationFailure && error.type === 'already-decided')) throw error;
  });
}

/** Gives a command to a group; the same id is carried out once. */
export async function tellGroup({ client }: Deps, group: string, command: TaskCommand): Promise<void> {
  try {
    await client.workflow
      .getHandle(group)
      .executeUpdate(commandTask, { args: [command], updateId: command.id });
  } catch (error) {
    if (error instanceof WorkflowNotFoundError)
      throw ApplicationFailure.nonRetryable('task-closed', 'task-closed');
    if (error instanceof WorkflowUpdateFailedError && error.cause instanceof ApplicationFailure)
      throw ApplicationFailure.nonRetryable(error.cause.message, error.cause.type ?? 'internal');
    throw error;
  }
}

interface Opening {
  readonly record: CaseRecord;
  readonly paper: DocumentRecord;
  readonly phase: TaskPhase;
  readonly order: Of<'openTask'>;
}

async function taskOf(deps: Deps, { record, paper, phase, order }: Opening): Promise<TaskRecord> {
  const { store } = deps;
  const owner = record._id;
  const [before, inPhase, findings] = await Promise.all([
    store.tasks.countDocuments({ owner }),
    store.tasks.countDocuments({ owner, phase }),
    store.findings
      .find({ _id: { $in: [...(paper.findings ?? [])] } })
      .sort({ _id: 1 })
      .lean(),
  ]);
  const group = groupId(owner, phase, inPhase + 1);
  const no = `${owner}-${String(before + 1).padStart(3, '0')}`;
  const own = { term: paper.term ?? { days: 15 }, basis: paper.basis ?? '' };
  const clock = await clockOf(deps, { no, group, own, order });
  return {
    _id: no,
    owner,
    group,
    phase,
    origin: paper._id,
    kind: phase,
    agency: record.agency,
    agencyName: record.agencyName,
    title: paper.number === undefined ? paper.title : `${paper.title}（${paper.number}）`,
    legalBasis: own.basis,
    items: findings.map((finding) => ({ id: finding._id, text: finding.description })),
    findings: findings.map((finding) => finding._id),
    state: 'pending',
    version: clock.machine.version,
    round: 1,
    own,
    overdue: false,
    late: false,
    handedOver: false,
    answered: false,
    openedAt: stamp(await deps.clock.now()),
    remind: REMIND,
    ...clock,
  };
}

/** The term runs from the day on the 送达回证 where there is one; else it waits to be signed for. */
async function clockOf(
  deps: Deps,
  {
    no,
    group,
    own,
    order,
  }: {
    readonly no: string;
    readonly group: string;
    readonly own: NonNullable<TaskRecord['own']>;
    readonly order: Of<'openTask'>;
  },
): Promise<Pick<TaskRecord, 'machine' | 'due' | 'dueAt' | 'warnAt'>> {
  const calendar = await readCalendar(deps.store.calendars);
  const { receivedOn, by = '' } = order;
  if (receivedOn === undefined) {
    const now = stamp(await deps.clock.now());
    const milestones = unsignedSchedule({ calendar, now, spread: spreadOf(group) });
    return { machine: openUnstarted(no, milestones), due: null, dueAt: null, warnAt: null };
  }
  const due = provisionalDeadline({ ...own, from: receivedOn, calendar });
  const milestones = await milestonesOf(deps, { group, dueAt: due.at, remind: REMIND, unsigned: false });
  const deadline = await keepDeadline(deps, no, due);
  const acknowledged = { by, at: `${receivedOn}T00:00:00+08:00` };
  return {
    machine: { ...openTask(no, { dueAt: due.at, deadline, milestones }), acknowledged },
    due,
    dueAt: new Date(due.at),
    warnAt: new Date(due.warnAt),
  };
}
