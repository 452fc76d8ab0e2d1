import { type Act, targetKey } from './act.ts';
import { type IsoDate, addDays } from './calendar.ts';
import { MOST_ACTS, type RuleParams, type Warning, type WarningRule, ofAct, rulesOf } from './warning.ts';

type Rule<K extends keyof RuleParams> = ReturnType<typeof rulesOf<K>>[number];
export type Seen = Pick<
  Act,
  'no' | 'agency' | 'type' | 'on' | 'target' | 'targetCode' | 'occasion' | 'joint' | 'cause'
>;

const isExempt = (act: Seen, exempt: readonly string[]): boolean =>
  act.occasion !== undefined && exempt.includes(act.occasion);

function grouped<T>(all: readonly T[], keyOf: (one: T) => string): ReadonlyMap<string, readonly T[]> {
  const groups = new Map<string, T[]>();
  for (const one of all) {
    const group = groups.get(keyOf(one));
    if (group === undefined) groups.set(keyOf(one), [one]);
    else group.push(one);
  }
  return groups;
}

/** Judges all acts that met one target: too often, again, and one agency after another. */
export function judgeTarget(met: readonly Seen[], rules: readonly WarningRule[]): readonly Warning[] {
  const acts = met.toSorted((a, b) => (a.on === b.on ? (a.no < b.no ? -1 : 1) : a.on < b.on ? -1 : 1));
  return [
    ...rulesOf(rules, 'frequency').flatMap((rule) => judgeFrequency(acts, rule)),
    ...rulesOf(rules, 'duplicate').flatMap((rule) => judgeDuplicate(acts, rule)),
    ...rulesOf(rules, 'crossing').flatMap((rule) => judgeCrossing(acts, rule)),
  ];
}

const inspectionsOf = (acts: readonly Seen[], exempt: readonly string[]): readonly Seen[] =>
  acts.filter((act) => act.type === 'inspection' && !isExempt(act, exempt));

/** Invariant: agencies that came together came once. */
function judgeFrequency(acts: readonly Seen[], rule: Rule<'frequency'>): Warning[] {
  const { most, per, exempt } = rule.params;
  const groups = grouped(inspectionsOf(acts, exempt), (act) =>
    per === 'agency' ? `${act.agency}|${act.on.slice(0, 4)}` : act.on.slice(0, 4),
  );
  return [...groups].flatMap(([key, all]) => {
    const times = [...new Map(all.map((act) => [act.joint ?? act.no, act])).values()];
    const last = times.at(-1);
    if (times.length <= most || !last) return [];
    const agencies = [...new Set(all.map((act) => act.agency))];
    const who = per === 'agency' ? '同一机关' : '各机关合计';
    return [
      {
        rule: rule.id,
        ruleVersion: rule.version,
        subject: `${targetKey(last)}|${key}`,
        on: last.on,
        agency: last.agency,
        agencies,
        acts: all.map((act) => act.no).slice(0, MOST_ACTS),
        detail: `${key.slice(-4)}年${who}对“${last.target}”检查${times.length}次，上限${most}次`,
        evidence: { target: last.target, year: key.slice(-4), times: times.length, most, agencies },
      },
    ];
  });
}

/** Without a cause nobody can say that two penalties were for the same thing; two inspections of one agency are. */
function judgeDuplicate(acts: readonly Seen[], rule: Rule<'duplicate'>): Warning[] {
  const { types, days, sameAgency, exempt } = rule.params;
  const matters = acts.filter(
    (act) =>
      types.includes(act.type) &&
      !isExempt(act, exempt) &&
      (act.cause !== undefined || act.type === 'inspection'),
  );
  const groups = grouped(matters, (act) => `${act.type}|${sameAgency ? act.agency : ''}|${act.cause ?? ''}`);
  return [...groups.values()].flatMap((group) =>
    group.flatMap((act, n) => {
      const before = group[n - 1];
      if (!before || act.on > addDays(before.on, days)) return [];
      if (act.joint !== undefined && act.joint === before.joint) return [];
      const detail = `对“${act.target}”的同一事项${act.cause === undefined ? '' : `（${act.cause}）`}，${before.on}已经办理（${before.no}），${days}天内再次办理`;
      const evidence = { target: act.target, cause: act.cause ?? '', before: before.no, beforeOn: before.on };
      return [ofAct(rule, act, { detail, evidence, others: [before.no] })];
    }),
  );
}

/** One warning for each spell in which several agencies came one after another. */
function judgeCrossing(acts: readonly Seen[], rule: Rule<'crossing'>): Warning[] {
  const { days, exempt } = rule.params;
  const warnings: Warning[] = [];
  let spell: readonly Seen[] = [];
  for (const act of inspectionsOf(acts, exempt)) {
    const start = addDays(act.on, -days);
    if (spell.some((one) => one.on < start)) {
      const crossed = crossingOf(spell, rule);
      warnings.push(...crossed);
      spell = crossed.length > 0 ? [] : spell.filter((one) => one.on >= start);
    }
    spell = [...spell, act];
  }
  return [...warnings, ...crossingOf(spell, rule)];
}

function crossingOf(spell: readonly Seen[], rule: Rule<'crossing'>): Warning[] {
  const [first, last] = [spell[0], spell.at(-1)];
  const agencies = [...new Set(spell.map((act) => act.agency))];
  const visits = new Set(spell.map((act) => act.joint ?? act.agency));
  if (!first || !last || agencies.length < 2 || visits.size < 2) return [];
  return [
    {
      rule: rule.id,
      ruleVersion: rule.version,
      subject: first.no,
      on: last.on,
      agency: last.agency,
      agencies,
      acts: spell.map((act) => act.no).slice(0, MOST_ACTS),
      detail: `${first.on}至${last.on}，${agencies.length}个机关先后检查“${last.target}”，未联合进行`,
      evidence: { target: last.target, from: first.on, to: last.on, agencies },
    },
  ];
}

/** A fine among its like: same agency, cause and circumstance, same year. */
export interface Fine {
  readonly no: string;
  readonly agency: string;
  readonly on: IsoDate;
  readonly fen: number;
  readonly cause: string;
  readonly circumstance: string;
}

/** Judges fines for like facts against their middle. */
export function judgeFines(fines: readonly Fine[], rules: readonly WarningRule[]): readonly Warning[] {
  return rulesOf(rules, 'unlike').flatMap((rule) => {
    const { least, factor } = rule.params;
    const sorted = fines.map((one) => one.fen).toSorted((a, b) => a - b);
    const middle = sorted[Math.floor(sorted.length / 2)] ?? 0;
    if (fines.length < least || middle === 0) return [];
    return fines
      .filter(({ fen }) => fen >= middle * factor || fen * factor <= middle)
      .map((fine) => {
        const { cause, circumstance, fen } = fine;
        const detail = `同一案由、同一情节的${fines.length}件处罚中位数${middle / 100}元，本件${fen / 100}元`;
        const evidence = {
          cause,
          circumstance,
          amount: fen / 100,
          middle: middle / 100,
          like: fines.length,
          lowest: (sorted[0] ?? 0) / 100,
          highest: (sorted.at(-1) ?? 0) / 100,
        };
        const others = fines.filter(
          (one) => one !== fine && one.fen < middle * factor && one.fen * factor > middle,
        );
        return ofAct(rule, fine, { detail, evidence, others: others.slice(0, 9).map((one) => one.no) });
      });
  });
}

/** What an agency's penalties came to in one month. */
export interface MonthSum {
  readonly agency: string;
  /** `2026-03` */
  readonly month: string;
  readonly fen: number;
  readonly count: number;
}

/** Judges an agency's fines, year against year; of a year that is not over only whole months, against the same months. */
export function judgeGrowth(
  months: readonly MonthSum[],
  { rules, today }: { readonly rules: readonly WarningRule[]; readonly today: IsoDate },
): readonly Warning[] {
  const years = [...new Set(months.map(({ month }) => Number(month.slice(0, 4))))].toSorted((a, b) => a - b);
  return rulesOf(rules, 'growth').flatMap((rule) =>
    years.flatMap((year) => {
      const whole = year < Number(today.slice(0, 4)) ? 12 : Number(today.slice(5, 7)) - 1;
      const sum = (of: number): MonthSum[] =>
        months.filter(({ month }) => month.startsWith(`${of}-`) && Number(month.slice(5)) <= whole);
      return judgeYear(rule, { year, whole, now: sum(year), before: sum(year - 1) });
    }),
  );
}

interface Years {
  readonly year: number;
  readonly whole: number;
  readonly now: readonly MonthSum[];
  readonly before: readonly MonthSum[];
}

function judgeYear(rule: Rule<'growth'>, { year, whole, now, before }: Years): Warning[] {
  const { percent, leastYuan, leastMonths } = rule.params;
  const total = (sums: readonly MonthSum[]): number => sums.reduce((all, { fen }) => all + fen, 0);
  const count = (sums: readonly MonthSum[]): number => sums.reduce((all, one) => all + one.count, 0);
  const [this_, last] = [total(now), total(before)];
  const agency = now[0]?.agency;
  if (agency === undefined || whole < leastMonths || last < leastYuan * 100) return [];
  if (this_ * 100 <= last * (100 + percent)) return [];
  const grown = Math.round(((this_ - last) / last) * 1_000) / 10;
  const span = whole === 12 ? `${year}年` : `${year}年1至${whole}月`;
  return [
    {
      rule: rule.id,
      ruleVersion: rule.version,
      subject: `${agency}|${year}`,
      on: `${year}-${String(whole).padStart(2, '0')}-28`,
      agency,
      agencies: [agency],
      acts: [],
      detail: `${span}罚没${this_ / 100}元，上年同期${last / 100}元，增长${grown}%，超过${percent}%`,
      evidence: {
        year,
        months: whole,
        amount: this_ / 100,
        before: last / 100,
        count: count(now),
        countBefore: count(before),
        grownPercent: grown,
      },
    },
  ];
}

/** When an agency last did something of one type, and how often in the year before that. */
export interface Quiet {
  readonly agency: string;
  readonly type: Act['type'];
  readonly lastOn: IsoDate;
  readonly lastNo: string;
  readonly count: number;
}

/** Judges an agency that used to act and has not for long. */
export function judgeSilence(
  quiet: Quiet,
  { rules, today }: { readonly rules: readonly WarningRule[]; readonly today: IsoDate },
): readonly Warning[] {
  const { agency, type, lastOn, lastNo, count } = quiet;
  return rulesOf(rules, 'silence').flatMap((rule) => {
    const { types, days, least } = rule.params;
    if (!types.includes(type) || count < least || addDays(lastOn, days) >= today) return [];
    return [
      {
        rule: rule.id,
        ruleVersion: rule.version,
        subject: `${agency}|${type}|${lastOn}`,
        on: lastOn,
        agency,
        agencies: [agency],
        acts: [lastNo],
        detail: `此前一年${count}件，自${lastOn}之后超过${days}天没有任何记录`,
        evidence: { type, lastOn, countBefore: count, days },
      },
    ];
  });
}
