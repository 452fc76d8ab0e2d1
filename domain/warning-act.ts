import { type Act, countedOn } from './act.ts';
import {
  type Calendar,
  type IsoDate,
  addAssumedWorkdays,
  addDays,
  publishedYear,
  workdayFrom,
  workdaysBetween,
} from './calendar.ts';
import type { Term } from './deadline.ts';
import { type CertifiedPerson, type Standing, standingOn } from './supervisor.ts';
import {
  type ClockPoint,
  type RuleParams,
  type Warning,
  type WarningRule,
  ofAct,
  rulesOf,
} from './warning.ts';

/** An officer as an act's rules know them. */
export type Certified = Pick<CertifiedPerson, 'certificate' | 'bars' | 'leftOn'>;

/** What single acts are judged by. `officers` knows them by id and by certificate number. */
export interface ActJudge {
  readonly rules: readonly WarningRule[];
  readonly calendar: Calendar;
  readonly today: IsoDate;
  readonly officers: ReadonlyMap<string, Certified>;
}

/** What the rules say of one act, and the day on which a clock that is still open runs out. */
export interface ActVerdict {
  readonly warnings: readonly Warning[];
  readonly wakeOn?: IsoDate;
}

/** Judges one act by every rule that needs nothing but it. */
export function judgeAct(act: Act, judge: ActJudge): ActVerdict {
  const { rules } = judge;
  const clocks = rulesOf(rules, 'clock').map((rule) => judgeClock(act, rule, judge));
  const warnings = [
    ...rulesOf(rules, 'channel').flatMap((rule) => judgeChannel(act, rule)),
    ...rulesOf(rules, 'review').flatMap((rule) => judgeReview(act, rule)),
    ...rulesOf(rules, 'recording').flatMap((rule) => judgeRecording(act, rule)),
    ...rulesOf(rules, 'certificate').flatMap((rule) => judgeOfficers(act, rule, judge.officers)),
    ...rulesOf(rules, 'team').flatMap((rule) => judgeTeam(act, rule)),
    ...rulesOf(rules, 'plan').flatMap((rule) => judgePlan(act, rule)),
    ...clocks.flatMap(({ warning }) => warning ?? []),
  ];
  const wakes = clocks.flatMap(({ wakeOn }) => wakeOn ?? []).toSorted();
  return { warnings, ...(wakes[0] === undefined ? {} : { wakeOn: wakes[0] }) };
}

type Rule<K extends keyof RuleParams> = ReturnType<typeof rulesOf<K>>[number];

function judgeChannel(act: Act, rule: Rule<'channel'>): Warning[] {
  if (act.channel !== 'offNetwork' || !rule.params.types.includes(act.type)) return [];
  return [ofAct(rule, act, { detail: '该行为未在行政执法网上办理', evidence: { channel: act.channel } })];
}

/** Whether an act is a major decision that a legal review must come before. */
export function needsReview({ type, outcomes: had, fen = 0 }: Act, { params }: Rule<'review'>): boolean {
  const { types, outcomes, amountFrom } = params;
  return types.includes(type) && (fen >= amountFrom * 100 || had.some((one) => outcomes.includes(one)));
}

function judgeReview(act: Act, rule: Rule<'review'>): Warning[] {
  if (!needsReview(act, rule)) return [];
  const { outcomes, amountFrom } = rule.params;
  const decided = countedOn(act);
  const reviewed = act.legalReview?.on;
  if (reviewed !== undefined && reviewed <= decided) return [];
  const amount = (act.fen ?? 0) / 100;
  const why = amount >= amountFrom ? `金额${amount}元，达到${amountFrom}元` : '属于重大执法决定';
  const detail =
    reviewed === undefined ? `${why}，未见法制审核` : `${why}，法制审核（${reviewed}）晚于决定（${decided}）`;
  const major = act.outcomes.filter((outcome) => outcomes.includes(outcome));
  const evidence = { decidedOn: decided, reviewedOn: reviewed ?? '', amount, outcomes: major };
  return [ofAct(rule, act, { detail, evidence })];
}

/** Whether an act must be recorded in the form a rule asks for. */
export function needsRecording({ type, outcomes: had }: Act, { params }: Rule<'recording'>): boolean {
  const { types, outcomes } = params;
  return types.includes(type) && (outcomes.length === 0 || had.some((one) => outcomes.includes(one)));
}

function judgeRecording(act: Act, rule: Rule<'recording'>): Warning[] {
  const { form } = rule.params;
  const has = act.recording ?? 'none';
  if (!needsRecording(act, rule) || has === 'audioVideo' || has === form) return [];
  const detail = form === 'audioVideo' ? '应当音像记录而没有' : '没有执法全过程记录';
  return [ofAct(rule, act, { detail, evidence: { required: form, recording: has } })];
}

const UNFIT: Readonly<Record<Exclude<Standing['state'], 'valid'> | 'uncertified', string>> = {
  uncertified: '未取得执法证件',
  expired: '证件已过期',
  notYetValid: '证件尚未生效',
  suspended: '证件暂扣期间',
  confiscated: '证件已被收缴',
  disqualified: '已被取消执法资格',
  reassigned: '已调离执法岗位',
  inTraining: '离岗教育期间',
  left: '已离岗',
};

/** Why nobody may enforce under a certificate on a day; undefined where nothing is against it. */
function unfit(officer: Certified | undefined, day: IsoDate): keyof typeof UNFIT | undefined {
  if (!officer) return 'uncertified';
  const { state } = standingOn(officer, day);
  return state === 'valid' ? undefined : state;
}

function judgeOfficers(
  act: Act,
  rule: Rule<'certificate'>,
  officers: ReadonlyMap<string, Certified>,
): Warning[] {
  if (!rule.params.types.includes(act.type)) return [];
  const faults = act.officers.flatMap((one) => {
    const why = unfit(officers.get(one), act.on);
    return why === undefined ? [] : [{ one, why }];
  });
  if (faults.length === 0) return [];
  const detail = faults.map(({ one, why }) => `${one}：${UNFIT[why]}`).join('；');
  return [
    ofAct(rule, act, {
      detail,
      evidence: { officers: faults.map(({ one }) => one), reasons: faults.map(({ why }) => why) },
    }),
  ];
}

function judgeTeam(act: Act, rule: Rule<'team'>): Warning[] {
  const count = new Set(act.officers).size;
  if (!rule.params.types.includes(act.type) || count >= rule.params.least) return [];
  const detail = `执法人员${count}名，少于${rule.params.least}名`;
  return [ofAct(rule, act, { detail, evidence: { officers: count, least: rule.params.least } })];
}

function judgePlan(act: Act, rule: Rule<'plan'>): Warning[] {
  if (act.type !== 'inspection' || act.plan !== undefined) return [];
  if (act.occasion !== undefined && rule.params.exempt.includes(act.occasion)) return [];
  return [
    ofAct(rule, act, { detail: '行政检查未对应任何检查计划', evidence: { occasion: act.occasion ?? '' } }),
  ];
}

const pointOf = (act: Act, point: ClockPoint): IsoDate | undefined =>
  point === 'decision' || point === 'decidedOn' ? countedOn(act) : act[point];

interface ClockVerdict {
  readonly warning?: Warning;
  readonly wakeOn?: IsoDate;
}

/** What one clock says of an act: run out, still open until a day, or nothing to say. */
export function judgeClock(act: Act, rule: Rule<'clock'>, judge: ActJudge): ClockVerdict {
  const { types, from, to, term, sense, open } = rule.params;
  const start = pointOf(act, from);
  if (!types.includes(act.type) || start === undefined) return {};
  const end = pointOf(act, to);
  if (sense === 'notBefore') return end === undefined ? {} : judgeNotice(act, rule, { start, end, judge });
  if (end === undefined && !open) return {};
  const last = lastDay(judge.calendar, start, term);
  if (end !== undefined ? end <= last : judge.today <= last)
    return end === undefined ? { wakeOn: addDays(last, 1) } : {};
  const days = daysLate(last, end ?? judge.today);
  const detail =
    end === undefined ? `应于${last}前完成，至今没有记录` : `应于${last}前完成，实际${end}，超期${days}天`;
  const evidence = {
    from: start,
    due: last,
    to: end ?? '',
    ...(end === undefined ? {} : { daysLate: days }),
    provisional: isAssumed(judge.calendar, start, last),
  };
  return { warning: ofAct(rule, act, { detail, evidence }) };
}

/** Days that must lie between a notice and what it announces. */
function judgeNotice(
  act: Act,
  rule: Rule<'clock'>,
  { start, end, judge }: { start: IsoDate; end: IsoDate; judge: ActJudge },
): ClockVerdict {
  const { term } = rule.params;
  const needed = 'workdays' in term ? term.workdays : term.days;
  const given = 'workdays' in term ? workdaysBetween(judge.calendar, start, end) : daysLate(start, end);
  if (given >= needed) return {};
  const unit = 'workdays' in term ? '个工作日' : '天';
  const detail = `${start}告知或者通知，至${end}仅${given}${unit}，少于${needed}${unit}`;
  return { warning: ofAct(rule, act, { detail, evidence: { from: start, to: end, given, needed } }) };
}

/** The last days that were worked out: a hundred thousand acts start on a few hundred days. */
const known = new WeakMap<Calendar, Map<string, IsoDate>>();

function lastDay(calendar: Calendar, from: IsoDate, term: Term): IsoDate {
  const days = known.get(calendar) ?? new Map<string, IsoDate>();
  known.set(calendar, days);
  const key = 'workdays' in term ? `${from}w${term.workdays}` : `${from}d${term.days}`;
  const before = days.get(key);
  if (before !== undefined) return before;
  const last =
    'workdays' in term
      ? addAssumedWorkdays(calendar, from, term.workdays)
      : workdayFrom(calendar, addDays(from, term.days));
  days.set(key, last);
  return last;
}

const isAssumed = (calendar: Calendar, from: IsoDate, to: IsoDate): boolean =>
  [from, to].some((day) => publishedYear(calendar, Number(day.slice(0, 4))) === undefined);

const daysLate = (last: IsoDate, end: IsoDate): number =>
  Math.round((Date.parse(`${end}T00:00:00Z`) - Date.parse(`${last}T00:00:00Z`)) / 86_400_000);
