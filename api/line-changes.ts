/** One line of a comparison. */
export interface LineChange {
  readonly change: 'same' | 'gone' | 'new';
  readonly text: string;
}

/** Beyond this many lines on both sides together everything counts as replaced. */
const MOST = 2_000;

/** What became of the lines of one text in another: the longest run of common lines stays. */
export function lineChanges(before: string, after: string): readonly LineChange[] {
  const [a, b] = [before.split('\n'), after.split('\n')];
  if (a.length + b.length > MOST)
    return [
      ...a.map((text) => ({ change: 'gone', text }) as const),
      ...b.map((text) => ({ change: 'new', text }) as const),
    ];
  const common = Array.from({ length: a.length + 1 }, () => new Uint16Array(b.length + 1));
  const at = (i: number, j: number): number => common[i]?.[j] ?? 0;
  for (let i = a.length - 1; i >= 0; i -= 1)
    for (let j = b.length - 1; j >= 0; j -= 1)
      (common[i] as Uint16Array)[j] =
        a[i] === b[j] ? at(i + 1, j + 1) + 1 : Math.max(at(i + 1, j), at(i, j + 1));
  const lines: LineChange[] = [];
  let [i, j] = [0, 0];
  while (i < a.length || j < b.length) {
    if (i < a.length && j < b.length && a[i] === b[j]) {
      lines.push({ change: 'same', text: a[i] ?? '' });
      i += 1;
      j += 1;
    } else if (j >= b.length || (i < a.length && at(i + 1, j) >= at(i, j + 1))) {
      lines.push({ change: 'gone', text: a[i] ?? '' });
      i += 1;
    } else {
      lines.push({ change: 'new', text: b[j] ?? '' });
      j += 1;
    }
  }
  return lines;
}
