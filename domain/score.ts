export interface ScoredFinding {
  /** Number in the ledger, so that a point can be traced to what caused it. */
  readonly id?: string | undefined;
  readonly source: 'self' | 'inspection';
  readonly severity: 'minor' | 'ordinary' | 'major';
  /** The same kind at the same organ again counts twice. */
  readonly repeat?: boolean | undefined;
  /** Null while no rectification is due. */
  readonly rectified: 'onTime' | 'late' | 'open' | null;
}

export interface ScoreInput {
  readonly agency: string;
  /** Organs with fewer than five files, shown and ranked apart. */
  readonly small: boolean;
  readonly findings: readonly ScoredFinding[];
  readonly selfInspection: 'onTime' | 'late' | 'none';
  /** All that was to be answered, where there was more than one self-inspection. */
  readonly answers?: { readonly onTime: number; readonly late: number; readonly none: number } | undefined;
  readonly filesChecked: number;
  readonly fileFaults: number;
  /** How often the organ was looked at, where problems are counted against that instead of files. */
  readonly looks?: number | undefined;
}

export type ScoreRule = 'problemDensity' | 'rectification' | 'selfDisclosure' | 'fileQuality' | 'timeliness';

export interface ScorePart {
  readonly rule: ScoreRule;
  /** Null where there are no facts: the other parts are rescaled to 100. */
  readonly value: number | null;
  readonly max: number;
  /** The figures the value is computed from. */
  readonly facts: Readonly<Record<string, number | string>>;
  /** Ids of the findings behind it. */
  readonly findings: readonly string[];
}

export interface Score {
  readonly agency: string;
  readonly small: boolean;
  /** Shared by ties; counted apart for small organs. Null without any fact. */
  readonly rank: number | null;
  /** 0–100, one decimal; null where no part has facts. */
  readonly total: number | null;
  readonly parts: readonly ScorePart[];
}

/** Working defaults, no law: an organ with an ordinary problem in every file has no points left for density. */
const WEIGHT = { minor: 1, ordinary: 2, major: 4 } as const;
const WORST_DENSITY = 2;
const AGAIN = 2;
const LATE = 0.5;
const MAX: Readonly<Record<ScoreRule, number>> = {
  problemDensity: 30,
  rectification: 30,
  selfDisclosure: 15,
  fileQuality: 15,
  timeliness: 10,
};

/**
 * The campaign's score of each agency, ordinary organs first, then small ones, each in the order of their ranks.
 * Invariant: sums of fines and confiscations are no input and never may be (行政处罚法第七十四条).
 */
export function score(inputs: readonly ScoreInput[]): readonly Score[] {
  const scored = inputs.map((input) => {
    const parts = partsOf(input);
    return { agency: input.agency, small: input.small, total: totalOf(parts), parts };
  });
  return [false, true].flatMap((small) => ranked(scored.filter((one) => one.small === small)));
}

function ranked(group: readonly Omit<Score, 'rank'>[]): readonly Score[] {
  const sorted = group.toSorted(
    (a, b) => (b.total ?? -1) - (a.total ?? -1) || (a.agency < b.agency ? -1 : Number(a.agency > b.agency)),
  );
  return sorted.map(({ agency, small, total, parts }) => {
    const rank = total === null ? null : 1 + sorted.findIndex((other) => other.total === total);
    return { agency, small, rank, total, parts };
  });
}

function partsOf(input: ScoreInput): readonly ScorePart[] {
  return [density(input), rectification(input), disclosure(input), fileQuality(input), timeliness(input)];
}

function totalOf(parts: readonly ScorePart[]): number | null {
  const told = parts.filter((part) => part.value !== null);
  const max = told.reduce((sum, part) => sum + part.max, 0);
  const value = told.reduce((sum, part) => sum + (part.value ?? 0), 0);
  return max === 0 ? null : round((100 * value) / max);
}

/** Only what others found counts: whoever reports a problem of their own is not punished for it twice. */
function density({ findings, filesChecked, looks }: ScoreInput): ScorePart {
  const found = findings.filter((one) => one.source === 'inspection');
  const weight = found.reduce((sum, one) => sum + WEIGHT[one.severity] * (one.repeat ? AGAIN : 1), 0);
  const seen = looks ?? filesChecked;
  const perFile = weight / Math.max(seen, 1);
  const share = seen === 0 && found.length === 0 ? null : 1 - perFile / WORST_DENSITY;
  const against =
    looks === undefined
      ? { filesChecked, perFile: round(perFile, 100) }
      : { looks, perLook: round(perFile, 100) };
  return part('problemDensity', share, {
    facts: { problems: found.length, weight, ...against },
    findings: found,
  });
}

function rectification({ findings }: ScoreInput): ScorePart {
  const due = findings.filter((one) => one.rectified !== null);
  const count = (state: string) => due.filter((one) => one.rectified === state).length;
  const [onTime, late, open] = [count('onTime'), count('late'), count('open')];
  const share = due.length === 0 ? null : (onTime + LATE * late) / due.length;
  return part('rectification', share, { facts: { due: due.length, onTime, late, open }, findings: due });
}

function disclosure({ findings }: ScoreInput): ScorePart {
  const self = findings.filter((one) => one.source === 'self');
  const share = findings.length === 0 ? null : self.length / findings.length;
  return part('selfDisclosure', share, {
    facts: { bySelf: self.length, byInspection: findings.length - self.length },
    findings: self,
  });
}

function fileQuality({ filesChecked, fileFaults }: ScoreInput): ScorePart {
  const share = filesChecked === 0 ? null : 1 - fileFaults / filesChecked;
  return part('fileQuality', share, { facts: { filesChecked, fileFaults }, findings: [] });
}

function timeliness({ selfInspection, answers }: ScoreInput): ScorePart {
  if (answers) {
    const asked = answers.onTime + answers.late + answers.none;
    const share = asked === 0 ? null : (answers.onTime + LATE * answers.late) / asked;
    return part('timeliness', share, { facts: { asked, ...answers }, findings: [] });
  }
  const share = { onTime: 1, late: LATE, none: 0 }[selfInspection];
  return part('timeliness', share, { facts: { selfInspection }, findings: [] });
}

function part(
  rule: ScoreRule,
  share: number | null,
  from: { readonly facts: ScorePart['facts']; readonly findings: readonly ScoredFinding[] },
): ScorePart {
  const max = MAX[rule];
  return {
    rule,
    value: share === null ? null : round(max * Math.min(1, Math.max(0, share))),
    max,
    facts: from.facts,
    findings: from.findings.flatMap((one) => (one.id === undefined ? [] : [one.id])),
  };
}

function round(value: number, to = 10): number {
  return Math.round(value * to) / to;
}
