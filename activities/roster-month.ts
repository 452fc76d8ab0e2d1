import { localDate } from '../domain/calendar.ts';
import { type ClockMapping, stamp } from '../domain/clock.ts';
import { type RosterDates, monthOfDay, nextMonth, quarterOf, rosterDates } from '../domain/contact-check.ts';
import { Refusal } from '../domain/refusals.ts';
import { summaryOf } from '../domain/stand-words.ts';
import type { AgencyRecord } from '../models/agency.ts';
import { readCalendar } from '../models/calendar.ts';
import type { ContactCheckRecord } from '../models/contact-check.ts';
import type { RosterInput } from '../workflows/roster.ts';
import { rosterId } from '../workflows/messages.ts';
import type { Deps } from './deps.ts';
import { startWorkflow } from './starting.ts';

/** A month's dates, or why there are none yet. */
export interface RosterMonthDates {
  readonly dates?: RosterDates;
  /** The month has passed: nobody is mailed about it any more. */
  readonly over: boolean;
  readonly clock: ClockMapping;
}

export const rosterMonthActivities = (deps: Deps) => ({
  /** When a month's mails go; a year without its published calendar has no dates. */
  async rosterMonthDates(month: string): Promise<RosterMonthDates> {
    const { store, clock } = deps;
    const [mapping, now] = [await clock.mapping(), await clock.now()];
    if (monthOfDay(localDate(now)) > month) return { over: true, clock: mapping };
    try {
      const dates = rosterDates(await readCalendar(store.calendars), month);
      await store.rosterMonths.updateOne({ _id: month }, { $set: { problem: null } });
      return { dates, over: false, clock: mapping };
    } catch (error) {
      if (!(error instanceof Refusal) || error.code !== 'calendar-unpublished') throw error;
      await store.rosterMonths.updateOne({ _id: month }, { $set: { problem: error.code } });
      return { over: false, clock: mapping };
    }
  },

  /** Whoever has said nothing is shown to a person; whoever has left the roster meanwhile need not answer. */
  async closeContactChecks(month: string): Promise<void> {
    const { store } = deps;
    const quarter = quarterOf(month);
    const open = await store.contactChecks
      .find({ quarter, state: { $in: ['waiting', 'asked'] } })
      .lean<ContactCheckRecord[]>();
    const ids = [...new Set(open.map((one) => one.agency))];
    const agencies = await store.agencies.find({ _id: { $in: ids } }, { contacts: 1 }).lean<AgencyRecord[]>();
    const there = new Set(
      agencies.flatMap(({ _id, contacts }) => contacts.map((one) => `${_id} ${one.email}`)),
    );
    const writes = open.map(({ _id, state, agency, email }) => ({
      updateOne: {
        filter: { _id, state },
        update: { $set: { state: there.has(`${agency} ${email}`) ? 'silent' : 'gone', due: null } },
      },
    }));
    if (writes.length > 0)
      await store.contactChecks.collection.bulkWrite(writes as never, { ordered: false });
  },

  /** The month is over; the next one waits for its own first working day. */
  async endRosterMonth(month: string): Promise<void> {
    const { store, clock } = deps;
    const now = await clock.now();
    await store.rosterMonths.updateOne({ _id: month }, { $set: { state: 'closed', mailedAt: stamp(now) } });
    await beginRosterMonth(deps, nextMonth(month));
  },
});

/** Begins a month's upkeep, once however often it is begun. */
async function beginRosterMonth(
  { store, client, clock }: Pick<Deps, 'store' | 'client' | 'clock'>,
  month: string,
): Promise<void> {
  const row = { state: 'running', begunAt: stamp(await clock.now()) } as const;
  await store.rosterMonths.updateOne({ _id: month }, { $setOnInsert: row }, { upsert: true });
  const input: RosterInput = { month };
  const summary = summaryOf('roster', month);
  await startWorkflow(client, 'rosterWorkflow', { id: rosterId(month), input, summary });
}

/** Sees to it that the roster is kept up: the first time from the month to come, or from this one where its morning is still to come. */
export async function keepRoster(deps: Pick<Deps, 'store' | 'client' | 'clock'>): Promise<void> {
  const { store, clock } = deps;
  const running = await store.rosterMonths.findOne({ state: 'running' }, { _id: 1 }).sort({ _id: 1 }).lean();
  if (running) return beginRosterMonth(deps, running._id);
  const now = await clock.now();
  const month = monthOfDay(localDate(now));
  const last = await store.rosterMonths.findOne({}, { _id: 1 }).sort({ _id: -1 }).lean();
  if (last) return beginRosterMonth(deps, nextMonth(last._id));
  await beginRosterMonth(deps, (await isToCome(deps, month, now)) ? month : nextMonth(month));
}

async function isToCome({ store }: Pick<Deps, 'store'>, month: string, now: number): Promise<boolean> {
  try {
    const { opensAt } = rosterDates(await readCalendar(store.calendars), month);
    return now <= Date.parse(opensAt);
  } catch (error) {
    if (error instanceof Refusal) return false;
    throw error;
  }
}
