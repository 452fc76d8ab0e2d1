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

const WORDS = new Intl.Segmenter('zh', { granularity: 'word' });

/** A title is set in lines of like length that break between words, never before a mark or 的. */
export function titleLines(title: string): readonly string[] {
  const count = Math.ceil(widthOf(title) / TITLE_COLUMNS);
  const words = Array.from(WORDS.segment(title), ({ segment }) => segment);
  const lines: string[] = [];
  for (let left = count; left > 1 && words.length > 1; left -= 1) {
    const goal = widthOf(words.join('')) / left;
    lines.push(words.splice(0, bestBreak(words, goal)).join(''));
  }
  return [...lines, words.join('')].flatMap(cut).filter((line) => line !== '');
}

/** How many of the words make the line that is nearest to the goal and still fits. */
function bestBreak(words: readonly string[], goal: number): number {
  let best = { at: 1, off: Infinity };
  let width = 0;
  for (let at = 1; at < words.length; at += 1) {
    const [before = '', after = ''] = [words[at - 1], words[at]];
    width += widthOf(before);
    if (width > TITLE_COLUMNS) break;
    const off =
      Math.abs(width - goal) + (after === '的' || NOT_FIRST.has(after) || NOT_LAST.has(before) ? 20 : 0);
    if (off <= best.off) best = { at, off };
  }
  return best.at;
}

/** A line that is still too long is broken as text is. */
function cut(text: string): readonly string[] {
  const lines: string[] = [];
  const rest = Array.from(text);
  while (widthOf(rest.join('')) > TITLE_COLUMNS) {
    let end = 0;
    for (let width = 0; end < rest.length && width + charWidth(rest[end] ?? '') <= TITLE_COLUMNS; end += 1)
      width += charWidth(rest[end] ?? '');
    lines.push(rest.splice(0, legalBreak(rest, Math.max(1, end))).join(''));
  }
  return [...lines, rest.join('')];
}

const NOT_FIRST = new Set('，。、；：？！）》」』〉】〕”’…—·％%‰℃,.;:?!)]}');
const NOT_LAST = new Set('（《「『〈【〔“‘([{');
const WORD = /[A-Za-z0-9.,:/@#&_%+-]/;

/** Characters that a line may fall short of its measure before a word is broken for it. */
const SLACK = 3;

/** The last place at or before `end` where a line may break: not before a closing mark, not after an opening one, and not within a word or a number unless too much would stay empty. */
function legalBreak(all: readonly string[], end: number): number {
  const whole = (at: number): boolean => !(WORD.test(all[at - 1] ?? '') && WORD.test(all[at] ?? ''));
  const afterHyphen = (at: number): boolean => /[-/]/.test(all[at - 1] ?? '');
  for (const fits of [whole, afterHyphen, () => true]) {
    let empty = 0;
    for (let at = end; at > 0 && empty <= SLACK; at -= 1) {
      if (!NOT_FIRST.has(all[at] ?? '') && !NOT_LAST.has(all[at - 1] ?? '') && fits(at)) return at;
      empty += charWidth(all[at - 1] ?? '');
    }
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
