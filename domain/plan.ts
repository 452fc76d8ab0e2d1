import { type IsoDate, isDate } from './calendar.ts';
import type { Check } from './checklist.ts';
import type { Term } from './deadline.ts';
import type { RefusalCode } from './refusals.ts';

/** What is checked at whom in which months of a year, and the problems of the year before that caused it. */
export interface PlanItem {
  /** Code of the check: `M06` of the annual list, `CL-three-systems-c3` of another. */
  readonly check: string;
  readonly agencies: readonly string[];
  /** 1–12, each once, in order. */
  readonly months: readonly number[];
  /** Numbers of findings; empty for the standing list only. */
  readonly because: readonly string[];
}

export type PlanStatus = 'draft' | 'running' | 'closed';

/** Jobs of people that a year of supervision has besides its cycles; `month` 13 is the January after. */
export const MILESTONES = [
  { what: 'inspectionPlans', month: 3, until: 3 },
  { what: 'midYear', month: 6, until: 6 },
  { what: 'fileReview', month: 9, until: 10 },
  { what: 'appraisal', month: 11, until: 11 },
  { what: 'report', month: 12, until: 12 },
  { what: 'statistics', month: 13, until: 13 },
] as const;
export type MilestoneName = (typeof MILESTONES)[number]['what'];

/** Working days before its day from which organizers are reminded of a job. */
const NEAR = 5;
export const isPressing = (workdaysLeft: number): boolean => workdaysLeft <= NEAR;

export const planNo = (year: number): string => `RC-${year}`;
const two = (n: number): string => String(n).padStart(2, '0');
export const cyclePhase = (month: number): string => `cycle-${two(month)}`;
export const rectificationPhase = (month: number): string => `rectification-${two(month)}`;

/** The cycle that a task belongs to; undefined for a task of no cycle. */
export function monthOf(phase: string): number | undefined {
  const found = /^(?:cycle|rectification)-(\d\d)$/u.exec(phase)?.[1];
  return found === undefined ? undefined : Number(found);
}

/** The first day of a plan's month; month 13 is the next January. */
export const firstOfMonth = (year: number, month: number): IsoDate =>
  month > 12 ? `${year + 1}-${two(month - 12)}-01` : `${year}-${two(month)}-01`;

/** The last day of a plan's month. */
export function lastOfMonth(year: number, month: number): IsoDate {
  const first = firstOfMonth(year, month);
  return [31, 30, 29, 28].map((day) => `${first.slice(0, 8)}${day}`).find((date) => isDate(date)) ?? first;
}

/** A problem as the drafting of a plan looks at it. */
export interface Cause {
  readonly id: string;
  readonly check: string;
  readonly agency: string;
  readonly severity: 'minor' | 'ordinary' | 'major';
  /** Whether the same kind was found at the same agency before. */
  readonly repeated: boolean;
}

/** What the appraisal (评议考核) of the year before said of an agency. */
export interface LastResult {
  readonly agency: string;
  readonly total: number;
}

/** Working default: who had fewer points than the lowest grade of a case file is looked at every quarter. */
const WEAK_BELOW = 60;
export const isWeak = ({ total }: LastResult): boolean => total < WEAK_BELOW;

interface Drafting {
  readonly causes: readonly Cause[];
  /** Agencies whose last appraisal was weak. */
  readonly weak?: ReadonlySet<string>;
  readonly checks: readonly Check[];
  readonly agencies: readonly { readonly id: string; readonly kind: 'town' | 'department' }[];
  /** The first month that is not over. */
  readonly from: number;
}

/** Who had the problem again, a grave one, or a weak appraisal is looked at every quarter; the others twice. */
const EVERY_QUARTER = [3, 6, 9, 12];
const TWICE = [4, 10];

/** A draft from last year's problems by kind, organ and recurrence, from last year's appraisal, and the standing list beneath it. */
export function draftItems({
  causes,
  checks,
  agencies,
  from,
  weak = new Set(),
}: Drafting): readonly PlanItem[] {
  const caused = [...new Set(causes.map((one) => one.check))].flatMap((check) => {
    const mine = causes.filter((one) => one.check === check);
    const often = new Set(
      mine
        .filter((one) => one.severity === 'major' || again(one, mine) || weak.has(one.agency))
        .map((one) => one.agency),
    );
    return [
      item(check, { because: mine.filter((one) => often.has(one.agency)), months: EVERY_QUARTER, from }),
      item(check, { because: mine.filter((one) => !often.has(one.agency)), months: TWICE, from }),
    ].filter((one) => one.because.length > 0);
  });
  const standing = checks
    .filter((check) => (check.standing ?? []).length > 0)
    .map((check): PlanItem => ({
      check: check.id,
      agencies: agencies
        .filter((agency) => check.level === 'G' || agency.kind === 'department')
        .map((agency) => agency.id),
      months: left(check.standing ?? [], from),
      because: [],
    }))
    .filter((one) => one.agencies.length > 0);
  return [
    ...caused.toSorted((a, b) => b.because.length - a.because.length || (a.check < b.check ? -1 : 1)),
    ...standing,
  ];
}

const again = (one: Cause, all: readonly Cause[]): boolean =>
  one.repeated || all.filter((other) => other.agency === one.agency).length > 1;

function item(
  check: string,
  { because, months, from }: { because: readonly Cause[]; months: readonly number[]; from: number },
): PlanItem {
  return {
    check,
    agencies: [...new Set(because.map((one) => one.agency))].sort(),
    months: left(months, from),
    because: because.map((one) => one.id).sort(),
  };
}

/** The months that are not over; in a year almost gone the one that is left. */
function left(months: readonly number[], from: number): readonly number[] {
  const still = months.filter((month) => month >= from);
  return still.length > 0 ? still : [Math.min(12, from)];
}

export interface PlanFault {
  /** JSON pointer into the body. */
  readonly pointer: string;
  readonly code:
    | 'check-unknown'
    | 'month-over'
    | 'because-missing'
    | 'finding-unknown'
    | Extract<RefusalCode, 'agency-unknown'>;
  readonly detail: string;
}

export interface PlanContext {
  readonly checks: ReadonlyMap<string, Check>;
  readonly agencies: ReadonlySet<string>;
  readonly findings: ReadonlySet<string>;
  /** The first month that may still be changed: earlier ones are over or have gone out. */
  readonly from: number;
  /** What the plan says now: its past stays as it is. */
  readonly before: readonly PlanItem[];
}

/** An item as somebody sent it, before it is known to say why. */
export type GivenItem = Omit<PlanItem, 'because'> & { readonly because?: readonly string[] | undefined };

/** What is wrong with a plan's items, each at its place. */
export function planFaults(items: readonly GivenItem[], context: PlanContext): readonly PlanFault[] {
  return items.flatMap((one, i) => itemFaults(one, `/items/${i}`, context));
}

function itemFaults(one: GivenItem, at: string, context: PlanContext): PlanFault[] {
  const check = context.checks.get(one.check);
  const faults: PlanFault[] = [];
  const add = (pointer: string, code: PlanFault['code'], detail: string) =>
    faults.push({ pointer: `${at}${pointer}`, code, detail });
  if (!check) add('/check', 'check-unknown', `没有检查项 ${one.check}`);
  for (const [n, agency] of one.agencies.entries())
    if (!context.agencies.has(agency)) add(`/agencies/${n}`, 'agency-unknown', `没有编号为 ${agency} 的机关`);
  for (const [n, month] of one.months.entries())
    if (
      month < context.from &&
      !one.agencies.every((agency) => asked(context.before, { check: one.check, agency, month }))
    )
      add(`/months/${n}`, 'month-over', `${month}月已过或者已经发出`);
  if ((one.because ?? []).length === 0 && !(one.because && (check?.standing ?? []).length > 0))
    add('/because', 'because-missing', '请写明起因的问题编号；只有常设检查项可以没有');
  for (const [n, id] of (one.because ?? []).entries())
    if (!context.findings.has(id)) add(`/because/${n}`, 'finding-unknown', `没有问题 ${id}`);
  return faults;
}

const asked = (
  items: readonly PlanItem[],
  { check, agency, month }: { check: string; agency: string; month: number },
): boolean =>
  items.some((one) => one.check === check && one.months.includes(month) && one.agencies.includes(agency));

/** Which checks each agency is asked for in a month, in the order of the plan. */
export function askedIn(items: readonly PlanItem[], month: number): ReadonlyMap<string, readonly string[]> {
  const found = new Map<string, string[]>();
  for (const one of items.filter((item) => item.months.includes(month)))
    for (const agency of one.agencies) {
      const mine = found.get(agency) ?? [];
      if (!mine.includes(one.check)) found.set(agency, [...mine, one.check]);
    }
  return found;
}

/** Commands that a person gives to a running plan. */
export type PlanCommand =
  | { readonly kind: 'amend'; readonly by: string }
  | {
      readonly kind: 'analyse';
      readonly by: string;
      readonly month: number;
      readonly countermeasures: readonly Countermeasure[];
    }
  | {
      readonly kind: 'followUp';
      readonly by: string;
      readonly month: number;
      /** The analysis that the countermeasure is of: a newer one has its own. */
      readonly analysis: string;
      /** Its place among them, from 0. */
      readonly n: number;
      readonly state: Countermeasure['state'];
      readonly note: string;
    }
  | { readonly kind: 'appraise'; readonly by: string; readonly term: Term }
  | { readonly kind: 'complete'; readonly by: string; readonly what: MilestoneName; readonly note: string };

/** What people decide to do about what the figures show. */
export interface Countermeasure {
  readonly text: string;
  readonly state: 'proposed' | 'adopted' | 'done';
  readonly by?: string | undefined;
  readonly due?: IsoDate | undefined;
  /** What has become of it, as it was followed up last. */
  readonly note?: string | undefined;
}

/** What a plan stands at, as far as a command's being allowed depends on it. */
export interface PlanStand {
  readonly status: PlanStatus;
  /** The month whose cycle was opened last; 0 before the first. */
  readonly month: number;
  /** The month it began with. */
  readonly from: number;
}

/** Why a command is not possible now; undefined where it is. */
export function planRefusal(stand: PlanStand, command: PlanCommand): RefusalCode | undefined {
  if (stand.status !== 'running') return 'plan-not-running';
  if (command.kind !== 'analyse' && command.kind !== 'followUp') return undefined;
  return command.month >= stand.from && command.month <= stand.month ? undefined : 'cycle-not-open';
}
