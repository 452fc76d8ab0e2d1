/** Answers of a phase day by day against the day they are due. */
export interface BurnUpFacts {
  /** Days as YYYY-MM-DD. */
  readonly from: string;
  readonly due: string;
  readonly today: string;
  /** Tasks of which answers are expected. */
  readonly of: number;
  /** Tasks first answered on each day. */
  readonly answered: readonly { readonly day: string; readonly n: number }[];
}

const WIDTH = 640;
const HEIGHT = 200;
const LEFT = 44;
const TOP = 12;
const BOTTOM = 28;
const DAY_MS = 86_400_000;
/** A longer time is drawn, and not written day by day. */
const MOST_DAYS = 400;

const dayNumber = (day: string): number => Math.floor(Date.parse(`${day}T00:00:00Z`) / DAY_MS);
const dayAt = (n: number): string => new Date(n * DAY_MS).toISOString().slice(0, 10);
const round = (n: number): number => Math.round(n * 10) / 10;

/** The line of what has been answered, the due day, today, and the same as a table; a day before the first is counted into the first. */
export function burnUp({ from, due, today, of, answered }: BurnUpFacts) {
  const first = dayNumber(from);
  const now = Math.max(first, dayNumber(today));
  const last = Math.min(Math.max(dayNumber(due), now, first + 1), first + MOST_DAYS);
  const x = (day: number): number => round(LEFT + ((WIDTH - LEFT - 8) * (day - first)) / (last - first));
  const y = (n: number): number => round(TOP + (HEIGHT - TOP - BOTTOM) * (1 - (of === 0 ? 0 : n / of)));
  const byDay = new Map<number, number>();
  for (const { day, n } of answered) {
    const at = Math.max(first, dayNumber(day));
    byDay.set(at, (byDay.get(at) ?? 0) + n);
  }
  const rows: { readonly day: string; readonly n: number; readonly more: number; readonly of: number }[] = [];
  const points: string[] = [`${x(first)},${y(0)}`];
  let n = 0;
  for (let day = first; day <= Math.min(now, last); day += 1) {
    const more = byDay.get(day) ?? 0;
    n += more;
    points.push(`${x(day)},${y(n)}`);
    if (more > 0 || day === first || day === now) rows.push({ day: dayAt(day), n, more, of });
  }
  return {
    width: WIDTH,
    height: HEIGHT,
    left: LEFT,
    right: WIDTH - 8,
    base: y(0),
    top: y(of),
    foot: HEIGHT - 8,
    points: points.join(' '),
    due: { day: due, x: x(Math.min(dayNumber(due), last)) },
    today: { day: today, x: x(Math.min(now, last)), y: y(n) },
    from,
    of,
    n,
    rows,
  };
}
