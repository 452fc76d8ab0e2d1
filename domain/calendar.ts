import { Refusal } from './refusals.ts';

/** `YYYY-MM-DD`, a day in Shanghai. */
export type IsoDate = string;

/** One published year: `off` are the days off of the State Council's notice, `work` its make-up working days (调休上班), `version` the notice's number. */
export interface CalendarYear {
  readonly year: number;
  readonly off: readonly IsoDate[];
  readonly work: readonly IsoDate[];
  readonly source: string;
  readonly version: string;
}

/** The loaded years, in any order; a year given twice counts as its last entry. */
export type Calendar = readonly CalendarYear[];

export type DayKind = 'work' | 'weekend' | 'holiday' | 'makeUp' | 'unpublished';

const DAY_MS = 86_400_000;
const SHANGHAI_MS = 8 * 3_600_000;
const DATE = /^\d{4}-\d{2}-\d{2}$/u;
const TIME = /^(?:[01]\d|2[0-3]):[0-5]\d$/u;

interface Index {
  readonly years: ReadonlyMap<number, CalendarYear>;
  readonly special: ReadonlyMap<number, 'holiday' | 'makeUp'>;
}

/** Reason: a roster of ten thousand asks the same calendar, so its lists are turned into maps once. */
const indexes = new WeakMap<Calendar, Index>();

function indexOf(calendar: Calendar): Index {
  const known = indexes.get(calendar);
  if (known !== undefined) return known;
  const years = new Map(calendar.map((one) => [one.year, one]));
  const special = new Map<number, 'holiday' | 'makeUp'>();
  for (const one of years.values()) {
    for (const date of one.off) special.set(dayNumber(date), 'holiday');
    for (const date of one.work) special.set(dayNumber(date), 'makeUp');
  }
  const index = { years, special };
  indexes.set(calendar, index);
  return index;
}

/** Days since 1970-01-01. Throws Refusal('date-invalid') for what is not a day, 2026-02-30 included. */
function dayNumber(date: IsoDate): number {
  const ms = DATE.test(date) ? Date.parse(`${date}T00:00:00Z`) : Number.NaN;
  if (Number.isNaN(ms) || isoOf(ms / DAY_MS) !== date) {
    throw new Refusal('date-invalid', `“${date}”不是有效日期（YYYY-MM-DD）`);
  }
  return ms / DAY_MS;
}

function isoOf(day: number): IsoDate {
  return new Date(day * DAY_MS).toISOString().slice(0, 10);
}

function weekdayOf(day: number): number {
  return (((day + 4) % 7) + 7) % 7;
}

function kindOf(index: Index, day: number): DayKind {
  if (!index.years.has(new Date(day * DAY_MS).getUTCFullYear())) return 'unpublished';
  return index.special.get(day) ?? (weekdayOf(day) % 6 === 0 ? 'weekend' : 'work');
}

/** Invariant: beyond the loaded years only the weekend rule is known, and whoever uses this says `provisional`. */
function assumedKind(index: Index, day: number): Exclude<DayKind, 'unpublished'> {
  const kind = kindOf(index, day);
  if (kind !== 'unpublished') return kind;
  return weekdayOf(day) % 6 === 0 ? 'weekend' : 'work';
}

/** Whether a string is a real day of the calendar, as `YYYY-MM-DD`. */
export function isDate(text: string): boolean {
  const ms = DATE.test(text) ? Date.parse(`${text}T00:00:00Z`) : Number.NaN;
  return !Number.isNaN(ms) && isoOf(ms / DAY_MS) === text;
}

/** What a day is; 'unpublished' when its year is not loaded. Throws Refusal('date-invalid'). */
export function dayKind(calendar: Calendar, date: IsoDate): DayKind {
  return kindOf(indexOf(calendar), dayNumber(date));
}

/** A day that is not a plain working day; `kind` by the weekend rule where its year is not loaded. */
export interface SpecialDay {
  readonly date: IsoDate;
  readonly kind: 'weekend' | 'holiday' | 'makeUp';
}

/** Every rest day and make-up day from `first` to `last`, both included, and whether any day of the range lies in an unloaded year. */
export function specialDays(
  calendar: Calendar,
  first: IsoDate,
  last: IsoDate,
): { readonly days: readonly SpecialDay[]; readonly unpublished: boolean } {
  const index = indexOf(calendar);
  const days: SpecialDay[] = [];
  const end = dayNumber(last);
  let unpublished = false;
  for (let day = dayNumber(first); day <= end; day += 1) {
    const kind = assumedKind(index, day);
    if (kind !== 'work') days.push({ date: isoOf(day), kind });
    unpublished ||= kindOf(index, day) === 'unpublished';
  }
  return { days, unpublished };
}

/** Whether offices work that day, make-up days included. Throws Refusal('calendar-unpublished') for an unloaded year. */
export function isWorkday(calendar: Calendar, date: IsoDate): boolean {
  const kind = dayKind(calendar, date);
  if (kind === 'unpublished') throw unpublished(date);
  return kind === 'work' || kind === 'makeUp';
}

function unpublished(date: IsoDate): Refusal {
  return new Refusal(
    'calendar-unpublished',
    `${date.slice(0, 4)}年放假安排尚未导入，无法计算工作日；请先导入国务院办公厅通知`,
  );
}

/** The day `n` calendar days later, or earlier for a negative n. */
export function addDays(date: IsoDate, n: number): IsoDate {
  return isoOf(dayNumber(date) + n);
}

/** Calendar days from one day to a later one. */
export function daysBetween(from: IsoDate, to: IsoDate): number {
  return dayNumber(to) - dayNumber(from);
}

/** The matching day some months on, or the last day of a month that has none (民法典 第二百零二条). */
export function addMonths(date: IsoDate, n: number): IsoDate {
  const [year = 0, month = 1, day = 1] = isoOf(dayNumber(date)).split('-').map(Number);
  const first = new Date(Date.UTC(year, month - 1 + n, 1));
  const last = new Date(Date.UTC(first.getUTCFullYear(), first.getUTCMonth() + 1, 0)).getUTCDate();
  first.setUTCDate(Math.min(day, last));
  return first.toISOString().slice(0, 10);
}

/** 0 is Sunday, 6 Saturday. */
export function weekday(date: IsoDate): number {
  return weekdayOf(dayNumber(date));
}

/** The day in Shanghai of an RFC 3339 instant or of epoch milliseconds. */
export function localDate(instant: string | number): IsoDate {
  const ms = typeof instant === 'number' ? instant : Date.parse(instant);
  if (!Number.isFinite(ms)) throw new Refusal('date-invalid', `“${instant}”不是有效时刻`);
  return isoOf(Math.floor((ms + SHANGHAI_MS) / DAY_MS));
}

/** The instant of a Shanghai day and time `HH:MM`, as RFC 3339 with +08:00. */
export function at(date: IsoDate, time: string): string {
  dayNumber(date);
  if (!TIME.test(time)) throw new Refusal('date-invalid', `“${time}”不是有效时间（HH:MM）`);
  return `${date}T${time}:00+08:00`;
}

/** The n-th working day after `date`, which is itself excluded; before it for a negative n, the day itself for 0. Throws Refusal('calendar-unpublished') on reaching an unloaded year. */
export function addWorkdays(calendar: Calendar, date: IsoDate, n: number): IsoDate {
  const index = indexOf(calendar);
  return stepWorkdays(date, n, (day) => {
    const kind = kindOf(index, day);
    if (kind === 'unpublished') throw unpublished(isoOf(day));
    return worked(kind);
  });
}

/** As addWorkdays, but unloaded years are judged by the weekend rule: only for dates that are marked provisional. */
export function addAssumedWorkdays(calendar: Calendar, date: IsoDate, n: number): IsoDate {
  const index = indexOf(calendar);
  return stepWorkdays(date, n, (day) => worked(assumedKind(index, day)));
}

/** The day itself, or the first working day after it; unloaded years are judged by the weekend rule, so the caller marks such a result provisional. */
export function workdayFrom(calendar: Calendar, date: IsoDate): IsoDate {
  const index = indexOf(calendar);
  let day = dayNumber(date);
  while (!worked(assumedKind(index, day))) day += 1;
  return isoOf(day);
}

/** The last working day up to a date; unloaded years are judged by the weekend rule. */
export const workdayUpTo = (calendar: Calendar, date: IsoDate): IsoDate =>
  worked(assumedKind(indexOf(calendar), dayNumber(date))) ? date : addAssumedWorkdays(calendar, date, -1);

function stepWorkdays(date: IsoDate, n: number, works: (day: number) => boolean): IsoDate {
  if (!Number.isInteger(n)) throw new Refusal('term-invalid', '工作日数必须是整数');
  const step = n < 0 ? -1 : 1;
  let day = dayNumber(date);
  for (let left = Math.abs(n); left > 0;) {
    day += step;
    if (works(day)) left -= 1;
  }
  return isoOf(day);
}

function worked(kind: DayKind): boolean {
  return kind === 'work' || kind === 'makeUp';
}

/** Working days after `from` up to and including `to`, negative when `to` is earlier; in unloaded years every weekday counts. */
export function workdaysBetween(calendar: Calendar, from: IsoDate, to: IsoDate): number {
  const index = indexOf(calendar);
  const [a, b] = [dayNumber(from), dayNumber(to)];
  let count = 0;
  for (let day = Math.min(a, b) + 1; day <= Math.max(a, b); day += 1) {
    if (worked(assumedKind(index, day))) count += 1;
  }
  return b < a && count > 0 ? -count : count;
}

/** The loaded entry of a year, or undefined where it is unpublished. */
export function publishedYear(calendar: Calendar, year: number): CalendarYear | undefined {
  return indexOf(calendar).years.get(year);
}

export interface CalendarFault {
  readonly pointer: string;
  readonly code: 'date-invalid' | 'date-outside-year' | 'date-twice' | 'makeup-not-weekend' | 'field-missing';
  readonly detail: string;
}

/** What is wrong with a year to be imported; an empty list means that a person may confirm it. A notice may name the neighbouring days of the years before and after. */
export function calendarFaults(entry: CalendarYear): readonly CalendarFault[] {
  const faults: CalendarFault[] = [];
  const seen = new Set<IsoDate>();
  const add = (pointer: string, code: CalendarFault['code'], detail: string) =>
    faults.push({ pointer, code, detail });
  if (!Number.isInteger(entry.year) || entry.year < 2000 || entry.year > 2199)
    add('/year', 'field-missing', '年份无效');
  if (entry.source === '') add('/source', 'field-missing', '须注明来源');
  if (entry.version === '') add('/version', 'field-missing', '须注明文号');
  if (entry.off.length === 0) add('/off', 'field-missing', '放假日期不能为空');
  for (const list of ['off', 'work'] as const) {
    for (const [n, date] of entry[list].entries()) {
      const pointer = `/${list}/${n}`;
      if (!isDate(date)) add(pointer, 'date-invalid', `“${date}”不是有效日期`);
      else if (
        addDays(date, 31).slice(0, 4) < String(entry.year) ||
        addDays(date, -31).slice(0, 4) > String(entry.year)
      ) {
        add(pointer, 'date-outside-year', `${date}不属于${entry.year}年`);
      } else if (list === 'work' && weekday(date) % 6 !== 0)
        add(pointer, 'makeup-not-weekend', `${date}不是周六或周日`);
      if (seen.has(date)) add(pointer, 'date-twice', `${date}重复`);
      seen.add(date);
    }
  }
  return faults;
}
