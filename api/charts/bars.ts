/** One bar: what it counts, and of how many where it is a share. */
export interface Bar {
  readonly name: string;
  readonly n: number;
  readonly of?: number;
  readonly href?: string;
}

const LINE = 30;
const THICK = 16;
const WIDTH = 640;
const LEFT = 210;
const RIGHT = 110;
/** Where a bar's own number is followed by what it comes to with those above it. */
const RIGHT_OF_SHARES = 220;
const NAME_CHARACTERS = 14;

const round = (n: number): number => Math.round(n * 10) / 10;

/** Bars one under another, the longest as wide as there is room; a bar of nothing has no width. */
export function bars(rows: readonly Bar[], right = RIGHT) {
  const most = Math.max(1, ...rows.map((one) => one.n));
  return {
    width: WIDTH,
    height: Math.max(LINE, rows.length * LINE),
    left: LEFT,
    thick: THICK,
    rows: rows.map(({ name, n, of, href = '' }, i) => {
      const letters = Array.from(name);
      const width = round(((WIDTH - LEFT - right) * n) / most);
      return {
        name,
        short: letters.length > NAME_CHARACTERS ? `${letters.slice(0, NAME_CHARACTERS - 1).join('')}…` : name,
        n,
        href,
        ...(of === undefined ? {} : { of }),
        y: i * LINE + (LINE - THICK) / 2,
        middle: i * LINE + LINE / 2 + 5,
        width,
        end: LEFT + width + 6,
      };
    }),
  };
}

/** Kinds by how often they were found, with what they come to together: the few that make most of it stand first. */
export function pareto(rows: readonly Bar[]) {
  const of = rows.reduce((sum, one) => sum + one.n, 0);
  const sorted = rows.toSorted((a, b) => b.n - a.n || (a.name < b.name ? -1 : 1));
  let together = 0;
  const shares = sorted.map((one) => (together += one.n));
  const chart = bars(
    sorted.map((one) => ({ ...one, of })),
    RIGHT_OF_SHARES,
  );
  return {
    ...chart,
    of,
    rows: chart.rows.map((row, i) => ({
      ...row,
      together: shares[i] ?? 0,
      percent: of === 0 ? 0 : Math.round((100 * (shares[i] ?? 0)) / of),
    })),
  };
}

/** The middle one; of an even number the mean of the two in the middle. Nothing of nothing. */
export function median(values: readonly number[]): number | null {
  if (values.length === 0) return null;
  const sorted = values.toSorted((a, b) => a - b);
  const half = Math.floor(sorted.length / 2);
  const upper = sorted[half] ?? 0;
  return sorted.length % 2 === 1 ? upper : ((sorted[half - 1] ?? 0) + upper) / 2;
}
