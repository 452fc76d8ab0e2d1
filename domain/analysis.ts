import type { IsoDate } from './calendar.ts';

/** A task of the plan as the analysis looks at it. */
export interface AnalysedTask {
  readonly no: string;
  readonly agency: string;
  readonly month: number;
  readonly open: boolean;
  readonly withdrawn: boolean;
  /** RFC 3339 */
  readonly dueAt: string;
  readonly answered: boolean;
  readonly late: boolean;
}

/** A problem of the year, in whatever mode it was found. */
export interface AnalysedFinding {
  readonly id: string;
  readonly agency: string;
  readonly category: string;
  readonly severity: 'minor' | 'ordinary' | 'major';
  readonly foundOn: IsoDate;
  readonly writtenOffOn?: IsoDate | undefined;
  /** RFC 3339, where a rectification is asked for. */
  readonly dueAt?: string | undefined;
  readonly repeats: readonly string[];
}

export interface Count {
  readonly name: string;
  readonly n: number;
}

/** What a month's progress analysis (调度分析) counts; nobody types a figure. */
export interface Figures {
  readonly at: string;
  readonly tasks: {
    readonly sent: number;
    readonly closed: number;
    readonly open: number;
    readonly withdrawn: number;
    readonly overdue: number;
    readonly onTime: number;
    readonly late: number;
    readonly silent: number;
  };
  readonly findings: {
    readonly found: number;
    readonly writtenOff: number;
    /** Of the year, not written off yet. */
    readonly open: number;
    readonly overdue: number;
    readonly repeated: number;
  };
  readonly byCategory: readonly Count[];
  readonly byAgency: readonly Count[];
  readonly bySeverity: readonly Count[];
  /** Every third month looks deeper. */
  readonly quarter?: Quarter;
}

export interface Quarter {
  readonly trend: readonly { readonly month: number; readonly found: number; readonly writtenOff: number }[];
  readonly topFive: readonly {
    readonly category: string;
    readonly n: number;
    readonly agencies: readonly string[];
    readonly findings: readonly string[];
  }[];
  readonly overdue: readonly { readonly finding: string; readonly agency: string; readonly dueAt: string }[];
  readonly repeats: readonly {
    readonly finding: string;
    readonly agency: string;
    readonly category: string;
    readonly of: readonly string[];
  }[];
}

interface Analysed {
  readonly year: number;
  readonly month: number;
  /** RFC 3339 on the product's clock. */
  readonly at: string;
  readonly tasks: readonly AnalysedTask[];
  /** Those found in the year. */
  readonly findings: readonly AnalysedFinding[];
}

const TOP = 5;

/** The figures of one month, and of its quarter in March, June, September and December. */
export function figuresOf({ year, month, at, tasks, findings }: Analysed): Figures {
  const mine = tasks.filter((one) => one.month === month);
  const count = (test: (one: AnalysedTask) => boolean): number => mine.filter(test).length;
  const now = Date.parse(at);
  const past = (one: AnalysedTask): boolean => Date.parse(one.dueAt) < now;
  const inMonth = isIn(year, month);
  const found = findings.filter((one) => inMonth(one.foundOn));
  const open = findings.filter((one) => one.writtenOffOn === undefined);
  return {
    at,
    tasks: {
      sent: mine.length,
      closed: count((one) => !one.open && !one.withdrawn),
      open: count((one) => one.open),
      withdrawn: count((one) => one.withdrawn),
      overdue: count((one) => one.open && !one.answered && past(one)),
      onTime: count((one) => one.answered && !one.late),
      late: count((one) => one.answered && one.late),
      silent: count((one) => !one.answered && past(one)),
    },
    findings: {
      found: found.length,
      writtenOff: findings.filter((one) => inMonth(one.writtenOffOn)).length,
      open: open.length,
      overdue: open.filter((one) => isOverdue(one, now)).length,
      repeated: found.filter((one) => one.repeats.length > 0).length,
    },
    byCategory: counted(found.map((one) => one.category)),
    byAgency: counted(found.map((one) => one.agency)),
    bySeverity: counted(found.map((one) => one.severity)),
    ...(month % 3 === 0 ? { quarter: quarterOf({ year, month, at, findings }) } : {}),
  };
}

const isIn =
  (year: number, month: number) =>
  (date: IsoDate | undefined): boolean =>
    date?.slice(0, 7) === `${year}-${String(month).padStart(2, '0')}`;

const isOverdue = (one: AnalysedFinding, now: number): boolean =>
  one.writtenOffOn === undefined && one.dueAt !== undefined && Date.parse(one.dueAt) < now;

/** Most first; equal ones by name. */
function counted(names: readonly string[]): readonly Count[] {
  return [...new Set(names)]
    .map((name) => ({ name, n: names.filter((one) => one === name).length }))
    .sort((a, b) => b.n - a.n || (a.name < b.name ? -1 : 1));
}

function quarterOf({ year, month, at, findings }: Omit<Analysed, 'tasks'>): Quarter {
  const months = Array.from({ length: month }, (_, i) => i + 1);
  const inQuarter = findings.filter((one) =>
    [month - 2, month - 1, month].some((n) => isIn(year, n)(one.foundOn)),
  );
  return {
    trend: months.map((n) => ({
      month: n,
      found: findings.filter((one) => isIn(year, n)(one.foundOn)).length,
      writtenOff: findings.filter((one) => isIn(year, n)(one.writtenOffOn)).length,
    })),
    topFive: counted(inQuarter.map((one) => one.category))
      .slice(0, TOP)
      .map(({ name, n }) => {
        const these = inQuarter.filter((one) => one.category === name);
        return {
          category: name,
          n,
          agencies: [...new Set(these.map((one) => one.agency))].sort(),
          findings: these.map((one) => one.id),
        };
      }),
    overdue: findings
      .filter((one) => isOverdue(one, Date.parse(at)))
      .map((one) => ({ finding: one.id, agency: one.agency, dueAt: one.dueAt ?? '' })),
    repeats: inQuarter
      .filter((one) => one.repeats.length > 0)
      .map((one) => ({ finding: one.id, agency: one.agency, category: one.category, of: one.repeats })),
  };
}
