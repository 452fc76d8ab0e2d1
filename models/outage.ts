import { type Connection, Schema } from 'mongoose';
import { type IsoDate, localDate } from '../domain/calendar.ts';
import { addDays, at } from '../domain/calendar.ts';
import type { Calendar } from '../domain/calendar.ts';
import { deadline } from '../domain/deadline.ts';
import { type Downtime, type OutageOrgan, type OutageTouch, daysDown, touchOf } from '../domain/outage.ts';
import type { TaskStatus } from '../domain/task.ts';
import { printedDates } from './calendar-moves.ts';
import type { Store } from './store.ts';
import type { TaskRecord } from './task.ts';

/** The last sign of life of an organ; of mail out, since when it has failed. */
export interface PulseRecord {
  readonly _id: OutageOrgan;
  /** Product's clock: RFC 3339. */
  readonly at: string;
  /** Epoch ms of the machine: a demo's clock may stand while nothing runs. */
  readonly wall: number;
  readonly failing?: boolean;
}

/** One task that is to be, or was, extended because of an outage. */
export interface OutageExtension {
  readonly task: string;
  readonly agency: string;
  readonly agencyName: string;
  readonly owner: string;
  readonly group: string;
  readonly touch: OutageTouch;
  /** The working days that were lost. */
  readonly days: readonly IsoDate[];
  readonly before: string;
  readonly after: string;
  /** Why it cannot be extended here: its date stands on a served document. */
  readonly barred?: 'date-printed';
  readonly document?: string;
  /** Answers that were late only because of it: their mark goes, no date moves. */
  readonly excused?: readonly string[];
}

/** A time in which mail or platform was down, as the system's own records show it, and what an officer decided. */
export interface OutageRecord extends Downtime {
  /** TY-2026-001 */
  readonly _id: string;
  readonly organs: readonly OutageOrgan[];
  /** `untouched`: it took nobody's day, and proposes nothing. */
  readonly state: 'untouched' | 'proposed' | 'approved' | 'refused';
  readonly notedAt: string;
  readonly decidedBy?: string;
  readonly decidedAt?: string;
  readonly reason?: string;
  readonly extended: readonly OutageExtension[];
}

export const pulseModel = (connection: Connection) =>
  connection.model<PulseRecord>(
    'Pulse',
    new Schema<PulseRecord>(
      { _id: { type: String, required: true }, at: String, wall: Number, failing: Boolean },
      { collection: 'pulses', versionKey: false },
    ),
  );

export const outageModel = (connection: Connection) => {
  const schema = new Schema<OutageRecord>(
    {
      _id: { type: String, required: true },
      organs: [String],
      from: { type: String, required: true },
      until: { type: String, required: true },
      state: { type: String, required: true, index: true },
      notedAt: String,
      decidedBy: String,
      decidedAt: String,
      reason: String,
      extended: { type: [Schema.Types.Mixed], default: [] },
    },
    { collection: 'outages', versionKey: false },
  );
  return connection.model<OutageRecord>('Outage', schema);
};

/** States in which an agency is asked for something, or about to be. */
const ASKED: readonly TaskStatus[] = ['pending', 'unacknowledged', 'inProgress', 'returned'];
/** States in which it has answered. */
const ANSWERED: readonly TaskStatus[] = ['inReview', 'closed'];

interface When {
  readonly calendar: Calendar;
  readonly now: string;
}

/** Exactly the tasks whose day of service or last day an outage took: the open ones each with as many working days as it lost, those that were answered late within these days with the mark that goes. Days that another outage has given back are not given twice. */
export async function touchedBy(
  store: Store,
  outage: OutageRecord,
  when: When,
): Promise<readonly OutageExtension[]> {
  const look = { days: daysDown(when.calendar, outage), given: await givenDays(store, outage), ...when };
  return [...(await extendedBy(store, look)), ...(await excusedBy(store, look))];
}

/** An outage's working days, and those of them that others have given back, by task. */
interface Look extends When {
  readonly days: readonly IsoDate[];
  readonly given: ReadonlyMap<string, ReadonlySet<IsoDate>>;
}
type Touched = Omit<OutageExtension, 'after' | 'barred' | 'document' | 'excused'>;

/** What a row lost, with the date that it had; undefined where it lost nothing. */
function lossOf(
  row: Row,
  { days, given, now }: Look,
): { readonly touched: Touched; readonly due: Due } | undefined {
  const { _id: task, due, agency, agencyName, owner, group } = row;
  if (!due) return undefined;
  const lost = days.filter((day) => !given.get(task)?.has(day));
  const touch = touchOf(lost, { ...row, dueAt: due.at }, now);
  if (touch === undefined) return undefined;
  return { due, touched: { task, agency, agencyName, owner, group, touch, days: lost, before: due.at } };
}

type Row = Pick<TaskRecord, '_id' | 'agency' | 'agencyName' | 'owner' | 'group' | 'due' | 'round' | 'openedAt' | 'mailedAt'>; // prettier-ignore

/** Tasks of these states of whose days a downtime took one. */
async function rowsOf(
  { tasks }: Pick<Store, 'tasks'>,
  days: readonly IsoDate[],
  filter: Readonly<Record<string, unknown>>,
): Promise<readonly Row[]> {
  const [first, last] = [days[0], days.at(-1)];
  if (first === undefined || last === undefined) return [];
  const begins = new Date(at(first, '00:00'));
  const ends = new Date(at(addDays(last, 1), '00:00'));
  return tasks
    .find(
      {
        ...filter,
        due: { $ne: null },
        $or: [
          { dueAt: { $gte: begins, $lt: ends } },
          {
            openedAt: { $lt: at(addDays(last, 1), '00:00') },
            $or: [{ mailedAt: { $gte: at(first, '00:00') } }, { mailedAt: { $exists: false } }],
          },
        ],
      },
      { agency: 1, agencyName: 1, owner: 1, group: 1, due: 1, round: 1, openedAt: 1, mailedAt: 1 },
    )
    .sort({ _id: 1 })
    .lean<TaskRecord[]>();
}

async function extendedBy(store: Store, look: Look): Promise<readonly OutageExtension[]> {
  const { days, calendar, now } = look;
  const rows = await rowsOf(store, days, { state: { $in: ASKED } });
  const printed = await printedDates(store, [...new Set(rows.map((row) => row.owner))]);
  return rows.flatMap((row): OutageExtension[] => {
    const loss = lossOf(row, look);
    if (!loss) return [];
    const { due, touched } = loss;
    const after = extendedDue(due, { calendar, days: touched.days.length, today: localDate(now) });
    const document = printed.get(row.owner);
    const barred = document === undefined ? {} : { barred: 'date-printed' as const, document };
    return [{ ...touched, after, ...barred }];
  });
}

/** Tasks that were answered late, but within the days that the outage had taken. */
async function excusedBy(store: Store, look: Look): Promise<readonly OutageExtension[]> {
  const { days, calendar } = look;
  const rows = await rowsOf(store, days, { state: { $in: ANSWERED }, late: true });
  if (rows.length === 0) return [];
  const answers = await store.submissions
    .find(
      { task: { $in: rows.map((row) => row._id) }, kind: 'answer', late: true },
      { task: 1, round: 1, receivedAt: 1 },
    )
    .sort({ receivedAt: 1 })
    .lean();
  return rows.flatMap((row): OutageExtension[] => {
    const loss = lossOf(row, look);
    if (!loss) return [];
    const { due, touched } = loss;
    const term = { workdays: touched.days.length };
    const after = deadline({ term, from: localDate(due.at), basis: due.basis, calendar }).at;
    const excused = answers
      .filter((one) => one.task === row._id && one.round === row.round)
      .filter((one) => Date.parse(one.receivedAt) <= Date.parse(after))
      .map((one) => one._id);
    return excused.length === 0 ? [] : [{ ...touched, after, excused }];
  });
}

/** Takes the late marks off, wherever they stand: the answers, the task, the problems that it put right. May run twice. */
export async function excuse(
  { tasks, submissions, findings }: Pick<Store, 'tasks' | 'submissions' | 'findings'>,
  { task, excused = [] }: OutageExtension,
  outage: string,
): Promise<void> {
  await submissions.updateMany({ _id: { $in: excused } }, { $set: { late: false, excused: outage } });
  await tasks.updateOne({ _id: task }, { $set: { late: false } });
  await findings.updateMany({ task, late: true }, { $set: { late: false } });
}

type Due = NonNullable<TaskRecord['due']>;

/** The new date: so many working days after the old one, or after today where that has passed. */
function extendedDue(
  due: Due,
  { calendar, days, today }: { readonly calendar: Calendar; readonly days: number; readonly today: IsoDate },
): string {
  const old = localDate(due.at);
  const from = old > today ? old : today;
  return deadline({ term: { workdays: days }, from, basis: due.basis, calendar }).at;
}

/** The days that other approved outages have given back, by task. */
async function givenDays(
  { outages }: Pick<Store, 'outages'>,
  outage: OutageRecord,
): Promise<ReadonlyMap<string, ReadonlySet<IsoDate>>> {
  const others = await outages
    .find({ _id: { $ne: outage._id }, state: 'approved', until: { $gte: outage.from } }, { extended: 1 })
    .lean<OutageRecord[]>();
  const given = new Map<string, Set<IsoDate>>();
  for (const { task, days } of others.flatMap((one) => one.extended))
    given.set(task, new Set([...(given.get(task) ?? []), ...days]));
  return given;
}
