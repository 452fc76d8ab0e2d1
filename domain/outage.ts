import { type Calendar, type IsoDate, addAssumedWorkdays, addDays, at, localDate } from './calendar.ts';

/** What was down: the worker, the server with its doors, mail out, a mailbox that is read. */
export type OutageOrgan = 'worker' | 'server' | 'mailOut' | 'mailIn';

/** A time in which something was down; instants, RFC 3339. */
export interface Downtime {
  readonly from: string;
  readonly until: string;
}

/** What of a task an outage touched: the days on which it was served, or its last day. */
export type OutageTouch = 'serviceDay' | 'lastDay';

/** Business hours: an outage at night or on a rest day takes nobody's day. */
const OPENS = '08:30';
const CLOSES = '17:00';
/** Shorter is a hiccup, in ms. */
export const SHORTEST_OUTAGE_MS = 10 * 60_000;

export const isOutage = ({ from, until }: Downtime): boolean =>
  Date.parse(until) - Date.parse(from) >= SHORTEST_OUTAGE_MS;

/** Whether two times meet. */
export const meets = (one: Downtime, other: Downtime): boolean =>
  Date.parse(one.from) <= Date.parse(other.until) && Date.parse(other.from) <= Date.parse(one.until);

/** The working days of which a downtime took business hours. */
export function daysDown(calendar: Calendar, { from, until }: Downtime): readonly IsoDate[] {
  const days: IsoDate[] = [];
  for (let day = localDate(from); day <= localDate(until); day = addDays(day, 1)) {
    const works = addAssumedWorkdays(calendar, addDays(day, -1), 1) === day;
    const hours = { from: at(day, OPENS), until: at(day, CLOSES) };
    if (works && meets(hours, { from, until })) days.push(day);
  }
  return days;
}

/** A task as an outage sees it. */
export interface ServedTask {
  readonly openedAt: string;
  /** When its first mail went; absent while it has not. */
  readonly mailedAt?: string | undefined;
  readonly dueAt: string;
}

/** How a downtime touched a task, if at all: whichever day was lost, service or last. */
export function touchOf(
  days: readonly IsoDate[],
  { openedAt, mailedAt, dueAt }: ServedTask,
  now: string,
): OutageTouch | undefined {
  if (days.includes(localDate(dueAt))) return 'lastDay';
  const [first, last] = [localDate(openedAt), localDate(mailedAt ?? now)];
  return days.some((day) => first <= day && day <= last) ? 'serviceDay' : undefined;
}
