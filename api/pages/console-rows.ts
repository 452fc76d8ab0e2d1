import type { Calendar } from '../../domain/calendar.ts';
import { lightOf } from '../../domain/light.ts';
import { readCalendar } from '../../models/calendar.ts';
import type { MessageRecord } from '../../models/message.ts';
import type { TaskRecord } from '../../models/task.ts';
import type { ApiDeps } from '../deps.ts';
import { lightFilter } from '../light-filter.ts';
import { showDelivery } from '../task-view.ts';
import { dueOf } from './console-frame.ts';

type Filter = Record<string, unknown>;

export const ROWS = 100;

/** A page of tasks, the most urgent first: red, yellow, to be reviewed, the rest, what has ended. */
export async function taskRows(
  deps: ApiDeps,
  filter: Filter,
  { page, limit = ROWS }: { readonly page: number; readonly limit?: number },
) {
  const { store, clock } = deps;
  const now = await clock.now();
  const [order, total, calendar] = await Promise.all([
    store.tasks.aggregate<{ _id: string }>([
      { $match: filter },
      { $project: { dueAt: 1, rank: rankAt(now) } },
      { $sort: { rank: 1, dueAt: 1, _id: 1 } },
      { $skip: (page - 1) * limit },
      { $limit: limit },
    ]),
    store.tasks.countDocuments(filter),
    readCalendar(store.calendars),
  ]);
  const tasks = await store.tasks
    .find({ _id: { $in: order.map((one) => one._id) } }, { items: 0 })
    .lean<TaskRecord[]>();
  const byNo = new Map(tasks.map((task) => [task._id, task]));
  const found = order.flatMap((one) => byNo.get(one._id) ?? []);
  const last = await lastMails(deps, found);
  return {
    rows: found.map((task) => rowOf(task, { now, calendar, last: last.get(task._id) })),
    total,
    pages: Math.max(1, Math.ceil(total / limit)),
    page,
  };
}

function rankAt(now: number): Filter {
  const at = new Date(now);
  const asking = { $in: ['$state', ['unacknowledged', 'inProgress', 'returned']] };
  // A term that has not begun is no date, and null is less than any.
  const dated = { $gt: ['$dueAt', null] };
  const ranks: readonly (readonly [Filter, number])[] = [
    [{ $and: [asking, dated, { $lt: ['$dueAt', at] }] }, 0],
    [{ $and: [asking, dated, { $lte: ['$warnAt', at] }] }, 1],
    [{ $eq: ['$state', 'inReview'] }, 2],
    [asking, 3],
    [{ $eq: ['$state', 'pending'] }, 4],
  ];
  return ranks.reduceRight<unknown>((rest, [test, rank]) => ({ $cond: [test, rank, rest] }), 5) as Filter;
}

/** The latest mail of each task, without its bytes. */
async function lastMails(
  { store }: ApiDeps,
  tasks: readonly TaskRecord[],
): Promise<Map<string, MessageRecord>> {
  const mails = await store.messages
    .find({ subject: { $in: tasks.map((task) => task._id) } }, { raw: 0 })
    .lean<MessageRecord[]>();
  const last = new Map<string, MessageRecord>();
  for (const mail of mails) {
    const known = last.get(mail.subject);
    if (mail.kind !== 'receipt' && (!known || known.createdAt < mail.createdAt)) last.set(mail.subject, mail);
  }
  return last;
}

interface RowNeeds {
  readonly now: number;
  readonly calendar: Calendar;
  readonly last: MessageRecord | undefined;
}

function rowOf(task: TaskRecord, { now, calendar, last }: RowNeeds) {
  const { template, rung } = last
    ? showDelivery(last, task.machine.acknowledged !== undefined)
    : { template: '', rung: '' };
  return {
    no: task._id,
    href: `/console/tasks/${encodeURIComponent(task._id)}`,
    agencyName: task.agencyName,
    agency: task.agency,
    owner: task.owner,
    phase: task.phase,
    kind: task.kind,
    state: task.state,
    light: lightOf(task, now),
    late: task.late,
    due: dueOf(task, calendar, now),
    mail: template,
    rung,
    handedOver: task.handedOver,
    extension: task.machine.extension !== undefined && task.machine.extension !== null,
  };
}

/** Tasks of these lights that still wait for somebody. */
export const inLights = (lights: readonly string[], now: number): Filter => ({
  $or: lights.map((light) => lightFilter(light, now)),
});

/** What the pager of a list shows; pages beyond the last are the last. */
export const pageOf = (value: string | undefined): number =>
  Math.min(10_000, Math.max(1, Math.trunc(Number(value)) || 1));
