/** What agencies said of each item of a checklist. */
export interface HeatFacts {
  readonly items: readonly { readonly id: string; readonly text: string }[];
  readonly agencies: readonly {
    readonly name: string;
    readonly href: string;
    /** Result by item; an item without one has no data. */
    readonly results: Readonly<Record<string, string>>;
  }[];
}

const CELL = 30;
const GAP = 3;
const LEFT = 190;
const TOP = 26;
const NAME_CHARACTERS = 13;

/** How much of a problem a result is, from 0 to 4, and the mark that says it without colour. */
const STEPS: Readonly<Record<string, { readonly step: number; readonly mark: string }>> = {
  met: { step: 0, mark: '✓' },
  notApplicable: { step: 1, mark: '—' },
  partly: { step: 2, mark: '△' },
  notMet: { step: 4, mark: '✗' },
};

/** An item about which nothing was said is hatched as 无数据: it is never shown as a zero. */
export function heatMap({ items, agencies }: HeatFacts) {
  const at = (n: number): number => n * (CELL + GAP);
  return {
    width: LEFT + at(items.length),
    height: TOP + at(agencies.length),
    cell: CELL,
    heads: items.map((item, i) => ({ n: i + 1, x: LEFT + at(i) + CELL / 2, text: item.text })),
    rows: agencies.map(({ name, href, results }, r) => {
      const letters = Array.from(name);
      return {
        name,
        href,
        short: letters.length > NAME_CHARACTERS ? `${letters.slice(0, NAME_CHARACTERS - 1).join('')}…` : name,
        y: TOP + at(r),
        middle: TOP + at(r) + CELL / 2 + 5,
        cells: items.map(({ id }, i) => {
          const result = results[id] ?? '';
          const known = STEPS[result];
          return {
            x: LEFT + at(i),
            center: LEFT + at(i) + CELL / 2,
            result: known ? result : '',
            step: known?.step ?? 'none',
            mark: known?.mark ?? '',
          };
        }),
      };
    }),
    // Of each item: how many said anything, and of how many of these it is not met.
    totals: items.map(({ id, text }, i) => {
      const said = agencies.filter((one) => STEPS[one.results[id] ?? '']);
      return {
        n: i + 1,
        text,
        bad: said.filter((one) => one.results[id] === 'notMet' || one.results[id] === 'partly').length,
        said: said.length,
        of: agencies.length,
      };
    }),
  };
}
