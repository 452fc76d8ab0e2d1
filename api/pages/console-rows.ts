import type { Calendar } from '../../domain/calendar.ts';
import { lightOf } from '../../domain/light.ts';
import { readCalendar } from '../../models/calendar.ts';
import type { MessageRecord } from '../../models/message.ts';
import type { TaskRecord } from '../../models/task.ts';
import type { ApiDeps } from '../deps.ts';
import { lightFilter } from '../light-filter.ts';
import { showDelivery } from '../task-view.ts';
import { dueOf, withQuery } from './console-frame.ts';
import { type Order, SORTS, cursorAt, pipelineOf } from './console-order.ts';

type Filter = Record<string, unknown>;

export const ROWS = 100;

/** What a row is made of: neither its questions nor its milestones. */
const SHOWN = {
  agency: 1,
  agencyName: 1,
  owner: 1,
  phase: 1,
  kind: 1,
  state: 1,
  late: 1,
  due: 1,
  dueAt: 1,
  warnAt: 1,
  own: 1,
  handedOver: 1,
  'machine.acknowledged': 1,
  'machine.extension': 1,
} as const;

const USUAL: Order = { by: 'urgency', down: false };

/** A page of tasks, the most urgent first unless another order is asked for. */
export async function taskRows(
  deps: ApiDeps,
  filter: Filter,
  { order = USUAL, limit = ROWS }: { readonly order?: Order; readonly limit?: number } = {},
) {
  const { store, clock } = deps;
  const now = await clock.now();
  const [page, total, calendar] = await Promise.all([
    store.tasks.aggregate<{ _id: string }>(pipelineOf(filter, order, { now, limit: limit + 1 })),
    store.tasks.countDocuments(filter),
    readCalendar(store.calendars),
  ]);
  const numbers = page.slice(0, limit).map((one) => one._id);
  const [tasks, sent] = await Promise.all([
    store.tasks.find({ _id: { $in: numbers } }, SHOWN).lean<TaskRecord[]>(),
    mailsOf(deps, numbers),
  ]);
  const byNo = new Map(tasks.map((task) => [task._id, task]));
  const found = numbers.flatMap((no) => byNo.get(no) ?? []);
  const end = page[limit - 1];
  return {
    rows: found.map((task) => rowOf(task, { now, calendar, sent: sent.get(task._id) })),
    total,
    next: page.length > limit && end ? cursorAt(order, end) : '',
  };
}

/** The headings of a list that can be ordered by them, and its pager; every order and page is an address. */
export function headsOf(
  path: string,
  query: Readonly<Record<string, string>>,
  { order, next }: { readonly order: Order; readonly next: string },
) {
  const href = (sort: string) => withQuery(path, query, { sort, cursor: '' });
  return {
    heads: Object.fromEntries(
      SORTS.map((by) => {
        const here = order.by === by;
        const usual = by === 'urgency';
        return [
          by,
          {
            href: href(here && !order.down ? `-${by}` : usual ? '' : by),
            aria: here ? (order.down ? 'descending' : 'ascending') : 'none',
            mark: here ? (order.down ? '↓' : '↑') : '',
          },
        ];
      }),
    ),
    more: {
      first: order.after === undefined ? '' : withQuery(path, query, { cursor: '' }),
      next: next === '' ? '' : withQuery(path, query, { cursor: next }),
    },
  };
}

/** From 督办函 on, people decide. */
const LADDER: readonly (readonly [string, readonly string[]])[] = [
  ['circular', ['circular']],
  ['decision', ['decision']],
  ['letter', ['letter']],
  ['urge', ['urge', 'nudge']],
  ['reminder', ['reminder', 'dueToday']],
];

interface Sent {
  readonly last: MessageRecord | undefined;
  /** How far up the ladder it has gone, and how often it was urged. */
  readonly ladder: string;
  readonly urges: number;
}

/** What was mailed for each task, without its bytes. */
async function mailsOf({ store }: ApiDeps, tasks: readonly string[]): Promise<Map<string, Sent>> {
  const mails = await store.messages
    .find(
      { subject: { $in: tasks } },
      { subject: 1, kind: 1, sequence: 1, state: 1, createdAt: 1, acceptedAt: 1, submittedAt: 1 },
    )
    .lean<MessageRecord[]>();
  const sent = new Map<string, MessageRecord[]>();
  for (const mail of mails) sent.set(mail.subject, [...(sent.get(mail.subject) ?? []), mail]);
  return new Map([...sent].map(([task, all]) => [task, ladderOf(all)]));
}

function ladderOf(mails: readonly MessageRecord[]): Sent {
  const told = mails.filter((mail) => mail.kind !== 'receipt');
  const kinds = new Set(told.map((mail) => mail.kind));
  return {
    last: told.toSorted((a, b) => a.createdAt.getTime() - b.createdAt.getTime()).at(-1),
    ladder: LADDER.find(([, of]) => of.some((kind) => kinds.has(kind)))?.[0] ?? '',
    urges: new Set(
      told.flatMap((mail) =>
        mail.kind === 'urge' || mail.kind === 'nudge' ? [`${mail.kind} ${mail.sequence}`] : [],
      ),
    ).size,
  };
}

interface RowNeeds {
  readonly now: number;
  readonly calendar: Calendar;
  readonly sent: Sent | undefined;
}

function rowOf(task: TaskRecord, { now, calendar, sent }: RowNeeds) {
  const { template, rung } = sent?.last
    ? showDelivery(sent.last, task.machine.acknowledged !== undefined)
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
    ladder: sent?.ladder ?? '',
    urges: sent?.urges ?? 0,
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
