import { Context } from '@temporalio/activity';
import { type IsoDate, localDate } from '../domain/calendar.ts';
import { type ClockMapping, stamp } from '../domain/clock.ts';
import {
  type Deadline,
  type Term,
  deadline,
  moved,
  provisionalDeadline,
  recalculated,
} from '../domain/deadline.ts';
import { type BareState, type PackedStates, packStates } from '../domain/packed.ts';
import { schedule } from '../domain/schedule.ts';
import { type Measure, type Milestone, OPEN_STATUSES, type TaskEvent } from '../domain/task.ts';
import { readCalendar } from '../models/calendar.ts';
import { appendEvents } from '../models/event.ts';
import type { TaskRecord } from '../models/task.ts';
import { inPhases, ownerId } from '../workflows/messages.ts';
import { keepFindings } from './finding.ts';
import { refusing } from './refusing.ts';
import type { Deps } from './deps.ts';

/** A state as it is to be written; its milestones are there only when they changed. */
export type RecordedState = BareState & { readonly milestones?: readonly Milestone[] };

export interface GroupRecord {
  readonly group: string;
  readonly owner: string;
  readonly phase: string;
  /** Names this write among those of its group. */
  readonly block: number;
  /** Without their milestones where the store has them already. */
  readonly states: readonly RecordedState[];
  readonly events: readonly TaskEvent[];
  readonly consumed: readonly string[];
}

export interface MeasureRequest {
  readonly task: string;
  /** The task's own where none is given. */
  readonly term?: Term | undefined;
  /** The day it runs from; today where none is given. */
  readonly from?: IsoDate | undefined;
  /** From the old due date on, where that is still to come; from today otherwise. */
  readonly extends: boolean;
  /** Number of the outage that is the reason. */
  readonly outage?: string | undefined;
}

/** Minutes after nine for a group's mails: the same group always has the same. */
export function spreadOf(group: string): number {
  let sum = 0;
  for (const letter of group) sum = (sum * 31 + (letter.codePointAt(0) ?? 0)) % 9_973;
  return sum % 90;
}

/** What the clock will do for a round that is due at `dueAt`. */
export async function milestonesOf(
  deps: Deps,
  round: {
    readonly group: string;
    readonly dueAt: string;
    readonly remind: readonly number[];
    readonly unsigned: boolean;
  },
): Promise<Milestone[]> {
  const calendar = await readCalendar(deps.store.calendars);
  const now = stamp(await deps.clock.now());
  return schedule({ calendar, now, spread: spreadOf(round.group), ...round });
}

/** Keeps a deadline's certificate under a key of its content. */
export async function keepDeadline(deps: Deps, task: string, value: Deadline): Promise<string> {
  const id = `${task}@${value.from}~${value.at}`;
  await deps.store.deadlines.updateOne(
    { _id: id },
    { $setOnInsert: { task, deadline: value } },
    { upsert: true },
  );
  return id;
}

export const taskActivities = (deps: Deps) => ({
  /** The tasks a group carries, as the store has them: also how a group is taken up again. */
  async openGroup(group: string): Promise<{
    readonly tasks: PackedStates;
    readonly clock: ClockMapping;
    /** A group that begins during a pause mails nothing before it is over. */
    readonly paused: boolean;
    readonly receipts: boolean;
  }> {
    const { store, clock } = deps;
    const rows = await store.tasks.find({ group }, { machine: 1, owner: 1 }).sort({ _id: 1 }).lean();
    const held = await isHeld(store, rows[0]?.owner ?? '');
    return {
      tasks: packStates(rows.map((row) => row.machine)),
      clock: await clock.mapping(),
      paused: held,
      receipts: deps.office.receipts,
    };
  },

  /** Writes what changed: projection by version, ledger by key, submissions consumed. May run twice. */
  async recordTasks(record: GroupRecord): Promise<void> {
    await writeStates(deps, record);
    await appendEvents(deps.store.events, {
      owner: record.owner,
      key: `${record.group}#${record.block}`,
      entries: record.events,
    });
    if (record.consumed.length > 0)
      await deps.store.submissions.updateMany(
        { _id: { $in: [...record.consumed] } },
        { $set: { consumed: true } },
      );
    await keepFindings(deps, record.states);
    await hintOwner(deps, record);
  },

  /** New due dates and milestones, from the stored calendar and the clock. Throws the calendar's refusal, which no repeat would heal. */
  async measureTasks(requests: readonly MeasureRequest[]): Promise<Record<string, Measure>> {
    const calendar = await readCalendar(deps.store.calendars);
    const today = localDate(stamp(await deps.clock.now()));
    const rows = await deps.store.tasks
      .find(
        { _id: { $in: requests.map((one) => one.task) } },
        { group: 1, due: 1, machine: 1, remind: 1, own: 1 },
      )
      .lean();
    const found = new Map(rows.map((row) => [row._id, row]));
    const measured: Record<string, Measure> = {};
    const outage = await outageOf(deps, requests);
    for (const { task, extends: later, ...asked } of requests) {
      const row = found.get(task);
      const term = asked.term ?? row?.own?.term;
      const basis = row?.due?.basis ?? row?.own?.basis;
      if (!row || term === undefined || basis === undefined) continue;
      const old = row.due ? localDate(row.due.at) : today;
      const from = asked.from ?? (later && old > today ? old : today);
      // What a document binds begins with its receipt, published calendar or not.
      const counted = asked.from === undefined ? deadline : provisionalDeadline;
      const due = await refusing(async () => counted({ term, from, basis, calendar }));
      const certified = outage ? { ...due, outage } : due;
      measured[task] = await measureOf(deps, row, { due: certified, signed: asked.from !== undefined });
    }
    return measured;
  },

  /** The same terms by the calendar as it is stored now, for tasks whose certificate is still the one that is named; those whose date stays are left out. */
  async recalculateTasks(
    requests: readonly { readonly task: string; readonly deadline: string }[],
  ): Promise<Record<string, Measure>> {
    const { store } = deps;
    const calendar = await readCalendar(store.calendars);
    const [rows, certificates] = await Promise.all([
      store.tasks
        .find({ _id: { $in: requests.map((one) => one.task) } }, { group: 1, due: 1, machine: 1, remind: 1 })
        .lean(),
      store.deadlines.find({ _id: { $in: requests.map((one) => one.deadline) } }).lean(),
    ]);
    const found = new Map(rows.map((row) => [row._id, row]));
    const kept = new Map(certificates.map((one) => [one._id, one.deadline]));
    const measured: Record<string, Measure> = {};
    for (const { task, deadline: certificate } of requests) {
      const row = found.get(task);
      const before = kept.get(certificate) ?? (row?.machine.deadline === certificate ? row.due : undefined);
      const after = before && recalculated(before, calendar);
      if (row && after && moved(before, after)) measured[task] = await measureOf(deps, row, { due: after });
    }
    return measured;
  },
});

/** The outage that these requests name: the certificate of a date says why it runs on. */
async function outageOf({ store }: Deps, requests: readonly MeasureRequest[]): Promise<Deadline['outage']> {
  const no = requests.find((one) => one.outage !== undefined)?.outage;
  const found = no === undefined ? null : await store.outages.findById(no, { from: 1, until: 1 }).lean();
  return found ? { no: found._id, from: found.from, until: found.until } : undefined;
}

/** A date with its certificate kept, and what the clock does until then. */
async function measureOf(
  deps: Deps,
  row: Pick<TaskRecord, '_id' | 'group' | 'machine' | 'remind'>,
  { due, signed = false }: { readonly due: Deadline; readonly signed?: boolean },
): Promise<Measure> {
  const { _id: task, group, machine, remind } = row;
  const unsigned =
    !signed && !machine.acknowledged && (machine.status === 'unacknowledged' || machine.status === 'pending');
  const milestones = await milestonesOf(deps, { group, dueAt: due.at, remind, unsigned });
  return { dueAt: due.at, deadline: await keepDeadline(deps, task, due), milestones };
}

async function writeStates({ store }: Deps, record: GroupRecord): Promise<void> {
  const moved = await movedDeadlines(store, record.states);
  // A hundred tasks that go the same step are one write.
  const steps = new Map<
    string,
    { readonly nos: string[]; readonly version: number; readonly update: object }
  >();
  for (const state of record.states) {
    const update = projection(state, record.events, moved.get(state.deadline));
    const key = JSON.stringify(update);
    const step = steps.get(key);
    if (step) step.nos.push(state.no);
    else steps.set(key, { nos: [state.no], version: state.version, update });
  }
  // Of many, even where it is one: what its version makes repeatable the database need not note for a retry.
  const writes = [...steps.values()].map(({ nos, version, update }) => ({
    updateMany: { filter: { _id: { $in: nos }, version: { $lt: version } }, update },
  }));
  if (writes.length > 0) await store.tasks.collection.bulkWrite(writes as never, { ordered: false });
}

/** Certificates of the dates that a step moved; a first date is in the projection already. */
async function movedDeadlines(
  store: Deps['store'],
  states: readonly RecordedState[],
): Promise<Map<string, Deadline>> {
  const asked = states
    .filter((state) => state.round > 1 || state.deadline.includes('@'))
    .map((state) => state.deadline);
  if (asked.length === 0) return new Map();
  const rows = await store.deadlines.find({ _id: { $in: asked } }).lean();
  return new Map(rows.map((row) => [row._id, row.deadline]));
}

/** What only some states have: it goes when a state has it no more. */
const OF_SOME = ['acknowledged', 'answers', 'at', 'extension', 'items', 'reason', 'unstarted'] as const;

function projection(state: RecordedState, events: readonly TaskEvent[], due: Deadline | undefined) {
  const mine = events.filter((event) => event.task === state.no);
  const mailed = mine.find((event) => event.what === 'mail-sent' && event.detail?.['kind'] === 'task');
  const gone = OF_SOME.filter((name) => !(name in state));
  const { no, deadline, ...changing } = state;
  // A first date's certificate goes by the number of its task, and stands there from the beginning.
  const machine = deadline === no ? changing : { ...changing, deadline };
  return {
    $set: {
      state: state.status,
      version: state.version,
      round: state.round,
      overdue: state.overdue,
      handedOver: state.handedOver,
      ...Object.fromEntries(Object.entries(machine).map(([name, value]) => [`machine.${name}`, value])),
      ...(due ? { due, dueAt: new Date(due.at), warnAt: new Date(due.warnAt) } : {}),
      ...(mine.some((event) => event.what === 'answered-late') ? { late: true } : {}),
      ...(mine.some((event) => event.source === 'answer') ? { answered: true } : {}),
      ...(mailed ? { mailedAt: mailed.at } : {}),
      ...(state.status === 'closed' || state.status === 'withdrawn' ? { closedAt: state.at } : {}),
    },
    $unset: Object.fromEntries(gone.map((name) => [`machine.${name}`, ''])),
  };
}

/** A paused campaign and a suspended case mail nothing. */
async function isHeld({ campaigns, cases }: Deps['store'], owner: string): Promise<boolean> {
  const [campaign, matter] = await Promise.all([
    campaigns.exists({ _id: owner, state: 'paused' }),
    cases.exists({ _id: owner, state: 'suspended' }),
  ]);
  return campaign !== null || matter !== null;
}

/** What an owner that is no campaign is told of. */
const TOLD: readonly string[] = [
  'acknowledged',
  'receipt-recorded',
  'answered',
  'answered-late',
  'objected',
  'overdue',
];

/** One hint to the owner: a campaign's where this write left nothing open in the phase, any other's for what it waits for. A lost one is caught by its daily timer. */
async function hintOwner({ store, client }: Deps, record: GroupRecord): Promise<void> {
  const { owner, phase, states, events } = record;
  const ended = states.some((state) => !OPEN_STATUSES.includes(state.status));
  const news = inPhases(owner) ? ended : ended || events.some((event) => TOLD.includes(event.what));
  if (!news) return;
  const open = { owner, phase, state: { $in: OPEN_STATUSES } };
  if (inPhases(owner) && (await store.tasks.exists(open))) return;
  await client.workflow
    .getHandle(ownerId(owner))
    .signal('wake')
    .catch((error: unknown) => Context.current().log.info('owner has ended', { error: String(error) }));
}
