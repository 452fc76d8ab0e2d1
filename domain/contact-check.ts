import { type Calendar, type IsoDate, addDays, addWorkdays, at } from './calendar.ts';

/** A month of the roster's upkeep (名录维护): `YYYY-MM`. */
export type RosterMonth = string;

/** What is sent when: certificates each month, contacts in the first month of a quarter. Instants, RFC 3339. */
export interface RosterDates {
  readonly opensAt: string;
  readonly asks?: { readonly remindsAt: string; readonly closesAt: string };
}

const ASKING_MONTHS: readonly string[] = ['01', '04', '07', '10'];
const MORNING = '09:00';
/** Working days after the question: one reminder, then silence is shown to a person. */
const REMIND_AFTER = 5;
const CLOSE_AFTER = 10;

export const monthOfDay = (day: IsoDate): RosterMonth => day.slice(0, 7);

export function nextMonth(month: RosterMonth): RosterMonth {
  return monthOfDay(addDays(`${month}-01`, 31));
}

/** `2026-Q2`, the quarter of a month or a day. */
export function quarterOf(date: string): string {
  return `${date.slice(0, 4)}-Q${Math.ceil(Number(date.slice(5, 7)) / 3)}`;
}

/** The first day of a quarter. */
export function quarterBegins(quarter: string): IsoDate {
  const month = ASKING_MONTHS[Number(quarter.slice(6)) - 1] ?? '01';
  return `${quarter.slice(0, 4)}-${month}-01`;
}

/** A month's dates, all on working days. Throws Refusal('calendar-unpublished'). */
export function rosterDates(calendar: Calendar, month: RosterMonth): RosterDates {
  const first = addWorkdays(calendar, addDays(`${month}-01`, -1), 1);
  const opensAt = at(first, MORNING);
  if (!ASKING_MONTHS.includes(month.slice(5))) return { opensAt };
  const morning = (n: number): string => at(addWorkdays(calendar, first, n), MORNING);
  return { opensAt, asks: { remindsAt: morning(REMIND_AFTER), closesAt: morning(CLOSE_AFTER) } };
}

/** Where the question to one contact stands; silence is a state of its own, never a no. */
export type CheckState =
  | 'waiting'
  | 'asked'
  | 'confirmed'
  | 'replaced'
  | 'unclear'
  | 'silent'
  /** The contact went by another way before they answered. */
  | 'gone';

/** What a contact said, by whichever door. */
export type ContactWord =
  | { readonly kind: 'confirmed' }
  | { readonly kind: 'replaced'; readonly successor: Successor }
  | { readonly kind: 'unclear' };

export interface Successor {
  readonly name: string;
  readonly email: string;
  readonly phone?: string | undefined;
}

/** The state after a word: whoever has gone stays gone, and what is unclear takes back no answer. */
export function afterWord(state: CheckState, { kind }: ContactWord): CheckState {
  if (state === 'replaced' || state === 'gone') return state;
  return kind === 'unclear' && state === 'confirmed' ? state : kind;
}

/** What a person of the office has to look at. */
export const CHECKS_FOR_PEOPLE: readonly CheckState[] = ['silent', 'unclear'];
