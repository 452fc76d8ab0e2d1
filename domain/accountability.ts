import { type IsoDate, addDays, addMonths, at as atTime } from './calendar.ts';
import { Refusal } from './refusals.ts';
import type { BarKind } from './supervisor.ts';

/** What may be recommended against a person or an agency; the competent body (有权机关) decides it (行政执法监督条例 第三十二条). */
export const MEASURES = {
  criticismEducation: '批评教育',
  circulatedCriticism: '通报批评',
  certificateSuspension: '暂扣执法证件',
  certificateConfiscation: '没收执法证件',
  reassignment: '调离执法岗位',
  offDutyTraining: '离岗教育',
  disqualification: '取消执法资格',
  discipline: '处分',
  supervisoryTransfer: '移送监察机关',
  criminalTransfer: '移送司法机关',
} as const satisfies Record<string, string>;
export type MeasureKind = keyof typeof MEASURES;

/** What a measure does to its subject's certificate; the others change none. */
const BAR_OF: Readonly<Partial<Record<MeasureKind, BarKind>>> = {
  certificateSuspension: 'suspended',
  certificateConfiscation: 'confiscated',
  disqualification: 'disqualified',
  reassignment: 'reassigned',
  offDutyTraining: 'inTraining',
};

/** Those that end again, and give the certificate back. */
const TEMPORARY: readonly MeasureKind[] = ['certificateSuspension', 'offDutyTraining'];

/** An agency holds no certificate and no post. */
const OF_AGENCIES: readonly MeasureKind[] = ['circulatedCriticism', 'discipline', 'supervisoryTransfer', 'criminalTransfer']; // prettier-ignore

/** Months for which a certificate may be kept at the most (参照辽宁省行政执法监督规定 第三十六条). */
export const SUSPENSION_MONTHS = 6;
/** Days within which the holder's unit is told of it. */
export const NOTIFY_DAYS = 3;

export interface Subject {
  readonly type: 'officer' | 'supervisor' | 'agency';
  readonly id: string;
  readonly name: string;
  /** The unit of a person; absent for those of the supervising office. */
  readonly agency?: string | undefined;
}

/** What the competent body decided. */
export interface Outcome {
  readonly measure: MeasureKind;
  /** The day of its decision. */
  readonly on: IsoDate;
  readonly from: IsoDate;
  /** The last day, for a measure that ends by itself. */
  readonly until?: IsoDate | undefined;
  /** Number of the body's own document. */
  readonly document?: string | undefined;
  readonly note: string;
}

export type EndedBecause = 'done' | 'term' | 'restored';

/** Where a recommendation stands; each variant holds what is true in it only. */
export type AccountabilityLine =
  | { readonly status: 'recommended' }
  | { readonly status: 'sent' }
  | { readonly status: 'declined'; readonly reason: string }
  | { readonly status: 'withdrawn'; readonly reason: string }
  | { readonly status: 'outcomeReceived'; readonly outcome: Outcome }
  | { readonly status: 'inEffect'; readonly outcome: Outcome; readonly notifyBy?: IsoDate }
  | {
      readonly status: 'ended';
      readonly outcome: Outcome;
      readonly endedOn: IsoDate;
      readonly because: EndedBecause;
    };

export interface AccountabilityCore {
  readonly no: string;
  /** Grows with every change: a projection is only ever overwritten by a higher one. */
  readonly version: number;
  readonly measure: MeasureKind;
  readonly subject: Subject;
}

export type AccountabilityState = AccountabilityCore & AccountabilityLine;
export type AccountabilityStatus = AccountabilityLine['status'];

export interface AccountabilityEvent {
  readonly at: string;
  readonly source: 'workflow' | 'decision' | 'mail';
  readonly what: string;
  readonly who?: string;
  readonly detail?: Readonly<Record<string, string | number | boolean>>;
}

/** What a step has done in the world, after it is written down. */
export type AccountabilityOrder =
  | { readonly kind: 'bar'; readonly state: BarKind; readonly from: IsoDate; readonly until?: IsoDate }
  | { readonly kind: 'lift'; readonly endedOn: IsoDate }
  | { readonly kind: 'tellUnit'; readonly what: 'barred' | 'restored' }
  | { readonly kind: 'endTask'; readonly by: string; readonly reason: string };

export interface AccountabilityStep {
  readonly state: AccountabilityState;
  readonly events: readonly AccountabilityEvent[];
  readonly orders: readonly AccountabilityOrder[];
}

/** What a person orders. */
export type AccountabilityCommand = { readonly by: string } & (
  | { readonly kind: 'recordOutcome'; readonly outcome: Outcome }
  | { readonly kind: 'decline'; readonly reason: string }
  | { readonly kind: 'restore'; readonly reason: string }
  | { readonly kind: 'withdraw'; readonly reason: string }
);

/** Throws where a measure cannot be meant for this subject, or the body would judge itself. */
export function checkRecommendation(measure: MeasureKind, subject: Subject, body: string): void {
  applies(measure, subject, '/kind');
  if (subject.type === 'agency' && subject.id === body)
    throw new Refusal('body-not-competent', `${subject.name}不能处理对自己的建议`, '/body');
}

function applies(measure: MeasureKind, subject: Subject, pointer: string): void {
  if (subject.type === 'agency' && !OF_AGENCIES.includes(measure))
    throw new Refusal('measure-not-applicable', `${MEASURES[measure]}只能对个人提出`, pointer);
}

export function recommended(core: Omit<AccountabilityCore, 'version'>): AccountabilityState {
  return { ...core, version: 1, status: 'recommended' };
}

/** The recommendation is on its way to the competent body. */
export function sendRecommendation(state: AccountabilityState, task: string, at: string): AccountabilityStep {
  if (state.status !== 'recommended') return { state, events: [], orders: [] };
  return {
    state: to(state, { status: 'sent' }),
    events: [{ at, source: 'workflow', what: 'recommendation-sent', detail: { task } }],
    orders: [],
  };
}

const POSSIBLE: Readonly<Record<AccountabilityStatus, readonly AccountabilityCommand['kind'][]>> = {
  recommended: [],
  sent: ['recordOutcome', 'decline', 'withdraw'],
  declined: [],
  withdrawn: [],
  outcomeReceived: [],
  inEffect: ['restore'],
  ended: [],
};

/** The steps that are possible now, for a refusal that says so. */
export const possibleMeasures = ({ status }: Pick<AccountabilityState, 'status'>) => POSSIBLE[status];

/** A person's order as the transition; throws its refusal. `at` is RFC 3339 in Shanghai. */
export function obeyAccountability(
  state: AccountabilityState,
  command: AccountabilityCommand,
  at: string,
): AccountabilityStep {
  if (!POSSIBLE[state.status].includes(command.kind))
    throw new Refusal('accountability-out-of-step', `现在可以：${POSSIBLE[state.status].join('、') || '无'}`);
  const { by } = command;
  switch (command.kind) {
    case 'recordOutcome':
      return receiveOutcome(state, command, at);
    case 'decline':
      return refuseOrWithdraw(state, { status: 'declined', reason: command.reason }, { by, at });
    case 'withdraw':
      return refuseOrWithdraw(state, { status: 'withdrawn', reason: command.reason }, { by, at });
    case 'restore':
      return end(state, { on: at.slice(0, 10), because: 'restored' }, { by, at, reason: command.reason });
  }
}

function refuseOrWithdraw(
  state: AccountabilityState,
  line: Extract<AccountabilityLine, { readonly reason: string }>,
  { by, at }: { readonly by: string; readonly at: string },
): AccountabilityStep {
  const { reason } = line;
  const what = line.status === 'declined' ? 'recommendation-declined' : 'recommendation-withdrawn';
  return {
    state: to(state, line),
    events: [{ at, source: 'decision', what, who: by, detail: { reason } }],
    orders: [{ kind: 'endTask', by, reason }],
  };
}

function receiveOutcome(
  state: AccountabilityState,
  { outcome, by }: Extract<AccountabilityCommand, { readonly kind: 'recordOutcome' }>,
  at: string,
): AccountabilityStep {
  checkOutcome(state, outcome, at.slice(0, 10));
  const { measure, on, from, until, document } = outcome;
  const received: AccountabilityStep = {
    state: to(state, { status: 'outcomeReceived', outcome }),
    events: [
      {
        at,
        source: 'decision',
        what: 'outcome-received',
        who: by,
        detail: { measure, on, from, ...(until ? { until } : {}), ...(document ? { document } : {}) },
      },
    ],
    orders: [{ kind: 'endTask', by, reason: `处理结果已登记：${MEASURES[measure]}` }],
  };
  const effect = takeEffect(received.state, at);
  return {
    state: effect.state,
    events: [...received.events, ...effect.events],
    orders: [...received.orders, ...effect.orders],
  };
}

/** A decision is in the past, its effect not before it, and a certificate is kept for six months at the most. */
function checkOutcome({ subject }: AccountabilityState, outcome: Outcome, today: IsoDate): void {
  const { measure, on, from, until } = outcome;
  applies(measure, subject, '/measure');
  if (on > today) throw new Refusal('date-invalid', '处理决定的日期不能晚于今天', '/on');
  if (from < on) throw new Refusal('date-invalid', '生效日期不能早于处理决定的日期', '/from');
  const needed = measure === 'certificateSuspension';
  if (until === undefined) {
    if (needed) throw new Refusal('term-not-allowed', '暂扣证件须写明截止日期', '/until');
    return;
  }
  if (!TEMPORARY.includes(measure))
    throw new Refusal('term-not-allowed', `${MEASURES[measure]}没有期限`, '/until');
  if (until < from) throw new Refusal('date-invalid', '截止日期不能早于生效日期', '/until');
  const latest = addMonths(from, SUSPENSION_MONTHS);
  if (needed && until > latest)
    throw new Refusal(
      'term-not-allowed',
      `暂扣证件不得超过${SUSPENSION_MONTHS}个月，最迟到${latest}`,
      '/until',
    );
}

/** What the clock does by itself: a measure takes effect on its first day and ends after its last. */
export function passTime(state: AccountabilityState, at: string): AccountabilityStep {
  const effect = takeEffect(state, at);
  const { state: now } = effect;
  const until = now.status === 'inEffect' ? now.outcome.until : undefined;
  if (until === undefined || at.slice(0, 10) <= until) return effect;
  const over = end(now, { on: addDays(until, 1), because: 'term' }, { at });
  return {
    state: over.state,
    events: [...effect.events, ...over.events],
    orders: [...effect.orders, ...over.orders],
  };
}

function takeEffect(state: AccountabilityState, at: string): AccountabilityStep {
  if (state.status !== 'outcomeReceived' || at.slice(0, 10) < state.outcome.from)
    return { state, events: [], orders: [] };
  const { outcome } = state;
  const { measure, from, until } = outcome;
  const bar = BAR_OF[measure];
  const event = (what: string, detail: AccountabilityEvent['detail']): AccountabilityEvent => ({
    at,
    source: 'workflow',
    what,
    detail: { measure, ...detail },
  });
  if (bar === undefined)
    return {
      state: to(state, { status: 'ended', outcome, endedOn: from, because: 'done' }),
      events: [event('measure-done', { on: from })],
      orders: [],
    };
  const notifyBy = addDays(at.slice(0, 10), NOTIFY_DAYS);
  const lasting: AccountabilityLine = TEMPORARY.includes(measure)
    ? { status: 'inEffect', outcome, notifyBy }
    : { status: 'ended', outcome, endedOn: from, because: 'done' };
  return {
    state: to(state, lasting),
    events: [event('measure-in-effect', { from, ...(until ? { until } : {}), notifyBy })],
    orders: [
      { kind: 'bar', state: bar, from, ...(until ? { until } : {}) },
      { kind: 'tellUnit', what: 'barred' },
    ],
  };
}

function end(
  state: AccountabilityState,
  how: { readonly on: IsoDate; readonly because: EndedBecause },
  { at, by, reason }: { readonly at: string; readonly by?: string; readonly reason?: string },
): AccountabilityStep {
  if (state.status !== 'inEffect') return { state, events: [], orders: [] };
  const { outcome } = state;
  const { on: endedOn, because } = how;
  return {
    state: to(state, { status: 'ended', outcome, endedOn, because }),
    events: [
      {
        at,
        source: by === undefined ? 'workflow' : 'decision',
        what: 'measure-ended',
        ...(by === undefined ? {} : { who: by }),
        detail: { measure: outcome.measure, endedOn, because, ...(reason ? { reason } : {}) },
      },
    ],
    orders: [
      { kind: 'lift', endedOn },
      { kind: 'tellUnit', what: 'restored' },
    ],
  };
}

/** The next moment at which the clock does something (epoch ms on the product's clock); none where a person has to. */
export function nextMeasureMoment(state: AccountabilityState): number | undefined {
  if (state.status === 'outcomeReceived') return midnight(state.outcome.from);
  if (state.status !== 'inEffect' || state.outcome.until === undefined) return undefined;
  return midnight(addDays(state.outcome.until, 1));
}

const midnight = (day: IsoDate): number => Date.parse(atTime(day, '00:00'));

export const isOverMeasure = ({ status }: Pick<AccountabilityState, 'status'>): boolean =>
  status === 'declined' || status === 'withdrawn' || status === 'ended';

function to(
  { no, version, measure, subject }: AccountabilityState,
  line: AccountabilityLine,
): AccountabilityState {
  return { no, version: version + 1, measure, subject, ...line };
}
