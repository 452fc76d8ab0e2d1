import type { Face, Paper, Run } from './paper.ts';

/** GB/T 9704-2012, 5.2.3: 22 lines of 28 characters on a page. */
export const LINES = 22;
export const COLUMNS = 28;

/** One line of a page, broken here and nowhere else, so that every browser and printer breaks alike. */
export type Line =
  | { readonly kind: 'blank' }
  | { readonly kind: 'title'; readonly text: string }
  | { readonly kind: 'addressee'; readonly text: string; readonly full: boolean }
  | {
      readonly kind: 'body';
      readonly runs: readonly Run[];
      /** Characters of indent. */
      readonly indent: 0 | 2;
      /** Goes on in the next line: its characters fill the measure. */
      readonly full: boolean;
    }
  | { readonly kind: 'sign'; readonly lines: 5 };

export interface Page {
  /** 1 for the first. */
  readonly no: number;
  /** Lines of the page's head: mark, number and red rule. */
  readonly head: number;
  readonly lines: readonly Line[];
  /** Carries the 版记. */
  readonly imprint: boolean;
}

/** Lines from the top of the type area to the red rule: 35 mm, the mark, two blank lines, the number, 4 mm. */
const HEAD_LINES = { redHead: 8, letter: 2, plain: 0 } as const;

/** Sets a paper line by line and page by page. */
export function layOut(paper: Paper): readonly Page[] {
  const head = HEAD_LINES[paper.form];
  const pages: { head: number; lines: Line[] }[] = [{ head, lines: [] }];
  const room = (): number => {
    const page = pages.at(-1) as { head: number; lines: Line[] };
    return LINES - page.head - heightOf(page.lines);
  };
  const put = (line: Line): void => {
    if (room() < 1) pages.push({ head: 0, lines: [] });
    pages.at(-1)?.lines.push(line);
  };
  for (const line of linesOf(paper)) put(line);
  if (paper.date !== '') sign(pages, room);
  const needed = imprintLines(paper);
  if (needed > 0 && room() < needed) pages.push({ head: 0, lines: [] });
  return pages.map((page, i) => ({
    ...page,
    no: i + 1,
    imprint: needed > 0 && i === pages.length - 1,
  }));
}

const SIGN = { kind: 'sign', lines: 5 } as const satisfies Line;
/** Lines of text that go over with a signature that finds no room: it never stands alone on a page. */
const CARRIED = 2;

function sign(pages: { head: number; lines: Line[] }[], room: () => number): void {
  const last = pages.at(-1);
  if (!last) return;
  if (room() >= SIGN.lines) {
    last.lines.push(SIGN);
    return;
  }
  const keep = Math.max(1, last.lines.length - CARRIED);
  pages.push({ head: 0, lines: [...last.lines.splice(keep), SIGN] });
}

const heightOf = (lines: readonly Line[]): number =>
  lines.reduce((sum, line) => sum + (line.kind === 'sign' ? line.lines : 1), 0);

function linesOf({ form, title, addressee, body }: Paper): readonly Line[] {
  const before: Line[] = form === 'plain' ? [] : [{ kind: 'blank' }, { kind: 'blank' }];
  const titles: Line[] = titleLines(title).map((text) => ({ kind: 'title', text }));
  const to: Line[] =
    addressee === ''
      ? []
      : breakRuns([{ text: `${addressee}：`, face: 'body' }], 0).map((line) => ({
          kind: 'addressee',
          text: line.runs.map((run) => run.text).join(''),
          full: line.full,
        }));
  return [
    ...before,
    ...titles,
    { kind: 'blank' },
    ...to,
    ...body.flatMap((runs) => breakRuns(runs, 2).map((line): Line => ({ kind: 'body', ...line }))),
  ];
}

/** 2号 leaves twenty characters in a line. */
const TITLE_COLUMNS = 20;

/** A title is set in lines of like length, the upper ones longer, never beginning with a mark or ending with an opening one. */
export function titleLines(title: string): readonly string[] {
  const all = Array.from(title);
  const width = widthOf(title);
  const count = Math.max(1, Math.ceil(width / TITLE_COLUMNS));
  const lines: string[] = [];
  let rest = all;
  for (let left = count; left > 1; left -= 1) {
    const goal = Math.min(TITLE_COLUMNS, widthOf(rest.join('')) / left + 0.5);
    let end = 0;
    let sum = 0;
    while (end < rest.length && sum + charWidth(rest[end] ?? '') <= goal) sum += charWidth(rest[end++] ?? '');
    end = legalBreak(rest, Math.max(1, end));
    lines.push(rest.slice(0, end).join(''));
    rest = rest.slice(end);
  }
  return [...lines, rest.join('')].filter((line) => line !== '');
}

const NOT_FIRST = new Set('，。、；：？！）》」』〉】〕”’…—·％%‰℃,.;:?!)]}');
const NOT_LAST = new Set('（《「『〈【〔“‘([{');
const WORD = /[A-Za-z0-9.,:/@#&_%+-]/;

/** The last place at or before `end` where a line may break: not before a closing mark, not after an opening one, not within a word or a number. */
function legalBreak(all: readonly string[], end: number): number {
  for (let at = end; at > Math.max(0, end - 12); at -= 1) {
    const before = all[at - 1] ?? '';
    const after = all[at] ?? '';
    const within = WORD.test(before) && WORD.test(after);
    if (!NOT_FIRST.has(after) && !NOT_LAST.has(before) && !within) return at;
  }
  return end;
}

interface BodyLine {
  readonly runs: readonly Run[];
  readonly indent: 0 | 2;
  readonly full: boolean;
}

/** Breaks a paragraph into lines of 28 characters. */
export function breakRuns(runs: readonly Run[], indent: 0 | 2): readonly BodyLine[] {
  const chars = runs.flatMap(({ text, face }) => Array.from(text, (char) => ({ char, face })));
  const lines: BodyLine[] = [];
  let from = 0;
  while (from < chars.length) {
    const begins = from === 0 ? indent : 0;
    let end = from;
    let width = begins as number;
    while (end < chars.length && width + charWidth(chars[end]?.char ?? '') <= COLUMNS + 0.01)
      width += charWidth(chars[end++]?.char ?? '');
    if (end < chars.length) {
      const text = chars.slice(from).map(({ char }) => char);
      end = from + legalBreak(text, Math.max(1, end - from));
    }
    lines.push({ runs: joined(chars.slice(from, end)), indent: begins, full: end < chars.length });
    from = end;
  }
  return lines;
}

function joined(chars: readonly { readonly char: string; readonly face: Face }[]): readonly Run[] {
  const runs: { text: string; face: Face }[] = [];
  for (const { char, face } of chars) {
    const last = runs.at(-1);
    if (last?.face === face) last.text += char;
    else runs.push({ text: char, face });
  }
  return runs;
}

/** Of a full-width character; narrow ones as the widest of the faces draw them, the rest is filled when the line is justified. */
function charWidth(char: string): number {
  if (/[A-Z@%&]/.test(char)) return 0.75;
  if (/[a-z0-9]/.test(char)) return 0.56;
  return /[\u0020-\u007E]/.test(char) ? 0.4 : 1;
}

export const widthOf = (text: string): number =>
  Array.from(text).reduce((sum, char) => sum + charWidth(char), 0);

/** Millimetres of a mark that is as wide as its letters allow, and never higher than 15. */
export const markSize = (head: string): number => Math.min(15, 140 / Math.max(1, widthOf(head)));

/** 4号 leaves 26 characters after 抄送： and the empty one on either side. */
const COPY_COLUMNS = 26;

/** The lines of 抄送 in the 版记. */
export function copyLines(copies: readonly string[]): readonly string[] {
  if (copies.length === 0) return [];
  const chars = Array.from(`${copies.join('，')}。`);
  const lines: string[] = [];
  while (chars.length > 0)
    lines.push(chars.splice(0, chars.length <= COPY_COLUMNS ? chars.length : legalBreak(chars, COPY_COLUMNS)).join('')); // prettier-ignore
  return lines;
}

/** How many lines of the type area the 版记 takes; a letter's has neither rules nor printer, a working paper has none. */
export function imprintLines({ form, copies, date }: Paper): number {
  if (form === 'plain' || date === '') return 0;
  return copyLines(copies).length + (form === 'letter' ? 0 : 1);
}
