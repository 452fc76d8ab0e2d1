import {
  type Calendar,
  type IsoDate,
  addAssumedWorkdays,
  addDays,
  addWorkdays,
  at,
  localDate,
  publishedYear,
  specialDays,
  workdayFrom,
} from './calendar.ts';
import { Refusal } from './refusals.ts';

export type Term = { readonly workdays: number } | { readonly days: number };

/** A due instant with everything that explains it; prints in the mail, on the page and in the file. */
export interface Deadline {
  /** 17:00 in Shanghai of the last day, RFC 3339. */
  readonly at: string;
  /** 'workdays' or 'calendar-days'. */
  readonly rule: string;
  /** The legal text the term comes from, as printed. */
  readonly basis: string;
  /** The day of the start event, itself excluded. */
  readonly from: IsoDate;
  readonly term: Term;
  /** Working days: every rest day passed over. Calendar days: only those that moved the end, since rest days inside the period count. */
  readonly skipped: readonly { readonly date: IsoDate; readonly why: 'weekend' | 'holiday' }[];
  /** Make-up working days that counted, or on which the last day stands. */
  readonly madeUp: readonly IsoDate[];
  /** The notices used, as `2026@国办发明电〔2025〕7号`, several joined by a space; `2027@unpublished` where provisional. */
  readonly calendar: string;
  /** True where an unloaded year was judged by the weekend rule alone: to be recalculated when it is imported. */
  readonly provisional: boolean;
  /** From here on the light is yellow: max(2 working days, 20 % of the term) remain. */
  readonly warnAt: string;
  /** The outage because of which it runs on from an earlier date, as the system's records show it. */
  readonly outage?: { readonly no: string; readonly from: string; readonly until: string } | undefined;
}

export interface DeadlineInput {
  readonly term: Term;
  readonly from: IsoDate;
  readonly basis: string;
  readonly calendar: Calendar;
}

const LONGEST = 1000;

/**
 * The end of a term: start day excluded, a last day on a rest day moves to the first working day after, one on a make-up working day stands
 * (山东省行政程序规定第九十二条、民法典第二百零一至二百零三条), due at 17:00, the close of business.
 * Throws Refusal('term-invalid') for anything but 1 to 1,000 whole days, Refusal('calendar-unpublished') where working days need an unloaded year.
 */
export function deadline(input: DeadlineInput): Deadline {
  checkTerm(input.term);
  if (!('workdays' in input.term)) return provisionalDeadline(input);
  return explain(input, addWorkdays(input.calendar, input.from, input.term.workdays));
}

/** As deadline, but working days too go on by the weekend rule into unloaded years, marked provisional: for previews of later phases, never for a served document. */
export function provisionalDeadline(input: DeadlineInput): Deadline {
  const { term, from, calendar } = input;
  const n = checkTerm(term);
  if ('workdays' in term) return explain(input, addAssumedWorkdays(calendar, from, n));
  return explain(input, workdayFrom(calendar, addDays(from, n)));
}

/** The same term from the same day by another calendar; keeps a provisional one provisional while its year is still missing. */
export function recalculated(before: Deadline, calendar: Calendar): Deadline {
  const { term, from, basis, outage } = before;
  const again = before.provisional ? provisionalDeadline : deadline;
  return { ...again({ term, from, basis, calendar }), ...(outage ? { outage } : {}) };
}

/** What an officer confirms after an import: the instants before and after, and by how many calendar days the end moves (negative: earlier). */
export interface DeadlineMove {
  readonly before: string;
  readonly after: string;
  readonly days: number;
}

/** Null when the due instant stays, even if it is no longer provisional. */
export function moved(before: Deadline, after: Deadline): DeadlineMove | null {
  if (before.at === after.at) return null;
  return {
    before: before.at,
    after: after.at,
    days: (Date.parse(after.at) - Date.parse(before.at)) / 86_400_000,
  };
}

function checkTerm(term: Term): number {
  const [n, ...more] = Object.values(term) as unknown[];
  const named = 'workdays' in term || 'days' in term;
  if (!named || more.length > 0 || typeof n !== 'number' || !Number.isInteger(n) || n < 1 || n > LONGEST) {
    throw new Refusal('term-invalid', `期限应为1至${LONGEST}的整数天或工作日`);
  }
  return n;
}

function explain(input: DeadlineInput, last: IsoDate): Deadline {
  const { term, from, basis, calendar } = input;
  const inWorkdays = 'workdays' in term;
  const first = addDays(from, inWorkdays ? 1 : term.days);
  const { days, unpublished } = specialDays(calendar, first, last);
  return {
    at: at(last, '17:00'),
    rule: inWorkdays ? 'workdays' : 'calendar-days',
    basis,
    from,
    term,
    skipped: days.flatMap(({ date, kind }) => (kind === 'makeUp' ? [] : [{ date, why: kind }])),
    madeUp: days.filter((day) => day.kind === 'makeUp').map((day) => day.date),
    calendar: versions(calendar, first, last),
    provisional: unpublished,
    warnAt: at(warnDate(input, last), '00:00'),
  };
}

function versions(calendar: Calendar, first: IsoDate, last: IsoDate): string {
  const used: string[] = [];
  for (let year = Number(first.slice(0, 4)); year <= Number(last.slice(0, 4)); year += 1) {
    used.push(`${year}@${publishedYear(calendar, year)?.version ?? 'unpublished'}`);
  }
  return used.join(' ');
}

/** Invariant: never before the start day, so a short term is yellow from its beginning. */
function warnDate({ term, from, calendar }: DeadlineInput, last: IsoDate): IsoDate {
  const twoBefore = addAssumedWorkdays(calendar, last, -2);
  const fifthBefore =
    'workdays' in term
      ? addAssumedWorkdays(calendar, last, -Math.floor(term.workdays / 5))
      : addDays(last, -Math.floor(term.days / 5));
  const warn = twoBefore < fifthBefore ? twoBefore : fifthBefore;
  return warn < from ? from : warn;
}

/** The last day of a deadline, in Shanghai. */
export function lastDay(one: Deadline): IsoDate {
  return localDate(one.at);
}
