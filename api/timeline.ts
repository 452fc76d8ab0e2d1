import type { LedgerEntry } from '../models/event.ts';

export const SOURCES = ['mail', 'answer', 'decision', 'person', 'workflow'] as const;
type Source = LedgerEntry['source'];

/** One line of a timeline as people read it. */
export interface Line {
  readonly at: string;
  readonly source: Source;
  readonly what: string;
  readonly who: string;
  readonly task: string;
  /** How many entries that say the same it stands for. */
  readonly n: number;
  /** Whole days without anything between the line above and this one; 0 where it is not worth a word. */
  readonly gap: number;
}

const DAY_MS = 86_400_000;
const HOUR_MS = 3_600_000;
/** Fewer days without anything are no gap. */
const GAP_DAYS = 3;

/** Newest first; what says the same of several tasks within an hour is one line, and days on which nothing happened are folded. */
export function timelineOf(
  entries: readonly LedgerEntry[],
  sentence: (entry: LedgerEntry) => string,
  sources: readonly string[] = [],
): Line[] {
  const chosen = sources.length === 0 ? entries : entries.filter((one) => sources.includes(one.source));
  const newest = chosen.toSorted((a, b) => Date.parse(b.at) - Date.parse(a.at));
  const lines: Line[] = [];
  for (const entry of newest) {
    const what = sentence(entry);
    const last = lines.at(-1);
    if (last && isSame(last, { ...entry, what })) {
      lines[lines.length - 1] = { ...last, n: last.n + 1 };
      continue;
    }
    const gap = last ? Math.floor((Date.parse(last.at) - Date.parse(entry.at)) / DAY_MS) : 0;
    lines.push({
      at: entry.at,
      source: entry.source,
      what,
      who: entry.who ?? '',
      task: entry.task ?? '',
      n: 1,
      gap: gap >= GAP_DAYS ? gap : 0,
    });
  }
  return lines;
}

function isSame(line: Line, entry: LedgerEntry): boolean {
  return (
    line.what === entry.what &&
    line.source === entry.source &&
    line.who === (entry.who ?? '') &&
    (line.source === 'mail' || line.source === 'workflow') &&
    Date.parse(line.at) - Date.parse(entry.at) < HOUR_MS
  );
}
