import { type Calendar, type IsoDate, localDate } from './calendar.ts';
import type { ClockName } from './case.ts';
import { stamp } from './clock.ts';
import { type Deadline, type Term, provisionalDeadline } from './deadline.ts';

/** How long a step may take, and by which text; hours where the law counts them. */
export interface StepTerm {
  readonly term: Term;
  readonly hours?: number;
  /** How much longer it may be made, once. */
  readonly extension?: Term;
  readonly basis: string;
}

/** Which row of the terms a clock of a case goes by. */
export const STEP_OF_CLOCK: Readonly<Record<ClockName, string>> = {
  filing: 'caseFiling',
  notice: 'caseNotice',
  investigation: 'investigation',
  verification: 'verification',
  objectionWindow: 'objection',
  objectionAnswer: 'objectionAnswer',
  government: 'governmentApproval',
  reply: 'complaintReply',
  hotline: 'hotlineReply',
  closure: 'caseClosure',
  archive: 'caseArchive',
  recusal: 'recusalDecision',
  suspension: 'suspensionCheck',
  transferApproval: 'transferApproval',
  transferHandOver: 'transferHandOver',
  policeDecision: 'policeDecision',
};

const HOUR_MS = 3_600_000;
const DAY_HOURS = 24;

/** A date of the office's own. A suspension and an extension add days to it; it never waits for a calendar, since nobody outside is bound by it. */
export function caseDeadline(
  own: StepTerm,
  given: {
    readonly calendar: Calendar;
    /** Epoch ms on the product's clock. */
    readonly now: number;
    readonly from?: IsoDate;
    readonly more?: number;
    readonly extended?: true;
  },
): Deadline {
  const { calendar, now, more = 0 } = given;
  const from = given.from ?? localDate(now);
  const { basis, hours } = own;
  if (hours !== undefined) return hoursLater({ hours, basis }, { now, from });
  const whole = given.extended ? longer(own.term, own.extension) : own.term;
  const term = more > 0 && 'days' in whole ? { days: whole.days + more } : whole;
  return provisionalDeadline({ term, from, basis, calendar });
}

/** A term and its extension, which is counted in the same unit. */
function longer(term: Term, extension: Term | undefined): Term {
  if (extension === undefined) return term;
  if ('workdays' in term)
    return 'workdays' in extension ? { workdays: term.workdays + extension.workdays } : term;
  return 'days' in extension ? { days: term.days + extension.days } : term;
}

/** Hours run through nights and rest days alike. */
function hoursLater(
  { hours, basis }: { readonly hours: number; readonly basis: string },
  { now, from }: { readonly now: number; readonly from: IsoDate },
): Deadline {
  return {
    at: stamp(now + hours * HOUR_MS),
    rule: 'hours',
    basis,
    from,
    term: { days: Math.ceil(hours / DAY_HOURS) },
    skipped: [],
    madeUp: [],
    calendar: '',
    provisional: false,
    warnAt: stamp(now + (hours * HOUR_MS) / 2),
  };
}
