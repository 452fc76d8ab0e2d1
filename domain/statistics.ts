import { type ActType, OUTCOMES, type PenaltyKind, heaviest } from './act.ts';

/** Acts of one agency that ended alike, added up. */
export interface ActSum {
  readonly agency: string;
  readonly type: ActType;
  readonly outcomes: readonly string[];
  readonly count: number;
  readonly fen: number;
  /** Of penalties: how many had an amount. */
  readonly fined: number;
}

/** Different targets of an agency's acts of one type. */
export interface TargetSum {
  readonly agency: string;
  readonly type: ActType;
  readonly targets: number;
}

/** Officers of an agency on the year's last day. */
export interface CertificateSum {
  readonly agency: string;
  readonly officers: number;
  readonly valid: number;
}

export type PenaltyRow = Readonly<Record<PenaltyKind, number>> & {
  readonly agency: string;
  readonly total: number;
  /** 罚没金额 in ten thousand yuan, as decided. */
  readonly amount: number;
};
export interface LicenceRow {
  readonly agency: string;
  readonly applied: number;
  readonly accepted: number;
  readonly granted: number;
  readonly refused: number;
  readonly revoked: number;
}
type CoercionKind = (typeof OUTCOMES.coercion)[number];
export type CoercionRow = Readonly<Record<CoercionKind, number>> & {
  readonly agency: string;
  readonly total: number;
};
export interface OtherRow {
  readonly agency: string;
  readonly type: 'levy' | 'fee' | 'inspection';
  readonly count: number;
  readonly amount: number;
  readonly targets: number;
  readonly problemsFound: number;
  /** In per cent, one decimal; only inspections find problems. */
  readonly problemRate: number | null;
}
export interface CertificateRow extends CertificateSum {
  readonly rate: number | null;
}

/** The instruments of supervision that the report counts. */
export const INSTRUMENTS = ['notice', 'letter', 'opinion', 'proposal', 'decision', 'circular'] as const;

/** What supervision itself did in the year. */
export interface SupervisionSum {
  readonly cluesReceived: number;
  readonly cluesAccepted: number;
  readonly casesOpened: number;
  readonly casesClosed: number;
  /** Signed in the year, those withdrawn apart. */
  readonly documents: Readonly<Record<(typeof INSTRUMENTS)[number], number>>;
}

interface Table<R> {
  readonly rows: readonly R[];
  readonly total: R;
}

/** The annual report's tables (统计年报). */
export interface Statistics {
  readonly year: number;
  readonly from: string;
  readonly to: string;
  readonly penalties: Table<PenaltyRow>;
  readonly licences: Table<LicenceRow>;
  readonly coercion: Table<CoercionRow>;
  readonly others: { readonly rows: readonly OtherRow[]; readonly totals: readonly OtherRow[] };
  readonly certificates: Table<CertificateRow>;
  readonly supervision: SupervisionSum;
}

const TOTAL = '合计';
/** Invariant: sums are made of whole fen and divided once, so that a total is the sum of what it stands under. */
const inTenThousands = (fen: number): number => fen / 1_000_000;
const share = (n: number, of: number): number | null => (of === 0 ? null : Math.round((n / of) * 1_000) / 10);

const zeros = <K extends string>(keys: readonly K[]): Record<K, number> =>
  Object.fromEntries(keys.map((key) => [key, 0])) as Record<K, number>;

function penaltyRow(agency: string, sums: readonly ActSum[]): PenaltyRow {
  const kinds = zeros(OUTCOMES.penalty);
  for (const { outcomes, count, fined } of sums) {
    if (outcomes.length > 0) kinds[heaviest(outcomes, 0)] += count;
    else {
      kinds.fine += fined;
      kinds.other += count - fined;
    }
  }
  const total = sums.reduce((all, { count }) => all + count, 0);
  return { agency, ...kinds, total, amount: inTenThousands(sums.reduce((all, { fen }) => all + fen, 0)) };
}

/** A licence stands where it came last: what was granted was applied for and accepted before. */
function licenceRow(agency: string, sums: readonly ActSum[]): LicenceRow {
  const at = (outcome: string): number =>
    sums.filter(({ outcomes }) => outcomes.includes(outcome)).reduce((all, { count }) => all + count, 0);
  const bare = sums
    .filter(({ outcomes }) => outcomes.length === 0)
    .reduce((all, { count }) => all + count, 0);
  const [granted, refused, revoked] = [at('granted'), at('refused'), at('revoked')];
  const accepted = at('accepted') + granted + refused;
  return { agency, applied: bare + at('applied') + accepted, accepted, granted, refused, revoked };
}

/** Each measure counts; the total counts acts. */
function coercionRow(agency: string, sums: readonly ActSum[]): CoercionRow {
  const kinds = zeros(OUTCOMES.coercion);
  for (const { outcomes, count } of sums)
    for (const kind of OUTCOMES.coercion)
      if (outcomes.includes(kind) || (kind === 'otherMeasure' && outcomes.length === 0)) kinds[kind] += count;
  return { agency, ...kinds, total: sums.reduce((all, { count }) => all + count, 0) };
}

const OTHERS = ['levy', 'fee', 'inspection'] as const;

function otherRow(
  { agency, type }: { agency: string; type: OtherRow['type'] },
  sums: readonly ActSum[],
  targets: number,
): OtherRow {
  const count = sums.reduce((all, one) => all + one.count, 0);
  const problemsFound = sums
    .filter(({ outcomes }) => outcomes.includes('problemFound'))
    .reduce((all, one) => all + one.count, 0);
  const amount = inTenThousands(sums.reduce((all, { fen }) => all + fen, 0));
  const problemRate = type === 'inspection' ? share(problemsFound, count) : null;
  return { agency, type, count, amount, targets, problemsFound, problemRate };
}

function tableOf<R>(sums: readonly ActSum[], row: (agency: string, sums: readonly ActSum[]) => R): Table<R> {
  const agencies = [...new Set(sums.map(({ agency }) => agency))].toSorted();
  return {
    rows: agencies.map((agency) =>
      row(
        agency,
        sums.filter((one) => one.agency === agency),
      ),
    ),
    total: row(TOTAL, sums),
  };
}

/** The tables of a year from what the database has added up. */
export function statisticsOf(
  year: number,
  {
    sums,
    targets,
    certificates,
    supervision,
  }: {
    readonly sums: readonly ActSum[];
    readonly targets: readonly TargetSum[];
    readonly certificates: readonly CertificateSum[];
    readonly supervision: SupervisionSum;
  },
): Statistics {
  const of = (type: ActType): readonly ActSum[] => sums.filter((one) => one.type === type);
  const targetsOf = (type: ActType, agency?: string): number =>
    targets
      .filter((one) => one.type === type && (agency === undefined || one.agency === agency))
      .reduce((all, one) => all + one.targets, 0);
  const others = OTHERS.map((type) => ({
    ...tableOf(of(type), (agency, mine) =>
      otherRow({ agency, type }, mine, targetsOf(type, agency === TOTAL ? undefined : agency)),
    ),
  }));
  const officers = certificates.reduce((all, one) => all + one.officers, 0);
  const valid = certificates.reduce((all, one) => all + one.valid, 0);
  return {
    year,
    from: `${year}-01-01`,
    to: `${year}-12-31`,
    penalties: tableOf(of('penalty'), penaltyRow),
    licences: tableOf(of('licence'), licenceRow),
    coercion: tableOf(of('coercion'), coercionRow),
    others: { rows: others.flatMap(({ rows }) => rows), totals: others.map(({ total }) => total) },
    certificates: {
      rows: certificates.map((one) => ({ ...one, rate: share(one.valid, one.officers) })),
      total: { agency: TOTAL, officers, valid, rate: share(valid, officers) },
    },
    supervision,
  };
}
