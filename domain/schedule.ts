import { type Calendar, type IsoDate, addAssumedWorkdays, at, localDate } from './calendar.ts';
import type { Milestone } from './task.ts';

export interface ScheduleRequest {
  readonly calendar: Calendar;
  /** RFC 3339 instants on the product's clock */
  readonly now: string;
  readonly dueAt: string;
  /** Working days before the due date. */
  readonly remind: readonly number[];
  /** Minutes after nine, so that a county's mails are spread over the morning. */
  readonly spread: number;
  /** Whether the first mail is still to be signed for: then deputy and leader follow it. */
  readonly unsigned: boolean;
}

/** Working days after the due date on which 催办1, 催办2 go out and a person takes over. */
const URGES = [1, 3] as const;
const HAND_OVER = 5;

const morning = (date: IsoDate, spread: number): string => {
  const minutes = 9 * 60 + spread;
  const two = (n: number): string => String(n).padStart(2, '0');
  return at(date, `${two(Math.floor(minutes / 60))}:${two(minutes % 60)}`);
};

/** A term that runs from receipt has no dates before it: the deputy, the leader, then a person who can serve on paper. */
export function unsignedSchedule({
  calendar,
  now,
  spread,
}: Pick<ScheduleRequest, 'calendar' | 'now' | 'spread'>): Milestone[] {
  const today = localDate(now);
  const clock = now.slice(10);
  const day = (n: number): IsoDate => addAssumedWorkdays(calendar, today, n);
  const moments: Moment[] = [
    { what: 'deputy', n: 1, at: `${day(1)}${clock}` },
    { what: 'leader', n: 1, at: `${day(2)}${clock}` },
    { what: 'handOver', n: 1, at: morning(day(HAND_OVER), spread) },
  ];
  return moments.map(({ what, n, at }) => ({ what, n, at: Date.parse(at) }));
}

interface Moment {
  readonly what: Milestone['what'];
  readonly n: number;
  readonly at: string;
}

/** The milestones of a round that are still to come, earliest first. A later year without its notice counts plain weekdays: only what people are told by law waits for the notice. */
export function schedule({ calendar, now, dueAt, remind, spread, unsigned }: ScheduleRequest): Milestone[] {
  const due = localDate(dueAt);
  const today = localDate(now);
  const day = (from: IsoDate, n: number): IsoDate => addAssumedWorkdays(calendar, from, n);
  const moments: Moment[] = [
    ...[...new Set(remind)]
      .filter((n) => n > 0)
      .sort((a, b) => b - a)
      .map((n, i): Moment => ({ what: 'remind', n: i + 1, at: morning(day(due, -n), spread) })),
    { what: 'dueToday', n: 1, at: morning(due, spread) },
    { what: 'overdue', n: 1, at: dueAt },
    ...URGES.map((n, i): Moment => ({ what: 'urge', n: i + 1, at: morning(day(due, n), spread) })),
    { what: 'handOver', n: 1, at: morning(day(due, HAND_OVER), spread) },
  ];
  const clock = now.slice(10);
  if (unsigned)
    moments.push(
      { what: 'deputy', n: 1, at: `${day(today, 1)}${clock}` },
      { what: 'leader', n: 1, at: `${day(today, 2)}${clock}` },
    );
  const from = Date.parse(now);
  const daily: readonly Milestone['what'][] = ['remind', 'dueToday'];
  return moments
    .filter((one) => !daily.includes(one.what) || localDate(one.at) > today)
    .map(({ what, n, at }) => ({ what, n, at: Date.parse(at) }))
    .filter((one) => one.at > from)
    .sort((a, b) => a.at - b.at);
}
