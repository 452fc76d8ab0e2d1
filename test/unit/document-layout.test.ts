import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { setPaper } from '../../documents/html.ts';
import {
  COLUMNS,
  LINES,
  breakRuns,
  copyLines,
  imprintLines,
  layOut,
  titleLines,
  widthOf,
} from '../../documents/layout.ts';
import { type Paper, paperOf } from '../../documents/paper.ts';
import { aDraft } from '../support/papers.ts';

const body = (text: string) => [{ text, face: 'body' as const }];
const paper = (over: Partial<Paper> = {}, paragraphs: readonly string[] = ['正文。']): Paper => ({
  ...paperOf(aDraft({ kind: 'opinion', title: '关于某某问题的行政执法监督意见书', body: paragraphs })),
  issuer: 'office',
  head: '桓台县司法局',
  printer: '桓台县司法局',
  number: '桓司执监意〔2026〕1号',
  date: '2026年12月4日',
  ...over,
});
const linesOf = (text: string): string[] =>
  breakRuns(body(text), 2).map((line) => line.runs.map((run) => run.text).join(''));

describe('A paper on the grid of GB/T 9704-2012', () => {
  test('has 28 characters in a line, 26 in the first of a paragraph', () => {
    expect(linesOf('字'.repeat(82)).map((line) => line.length)).toEqual([26, 28, 28]);
  });

  test('begins no line with a closing mark and ends none with an opening one', () => {
    const lines = linesOf(`${'字'.repeat(26)}，${'字'.repeat(26)}《条例》${'字'.repeat(20)}`);
    expect(lines.filter((line) => /^[，。》）]/.test(line) || /[《（]$/.test(line))).toEqual([]);
    expect(lines.join('')).toBe(`${'字'.repeat(26)}，${'字'.repeat(26)}《条例》${'字'.repeat(20)}`);
  });

  test('keeps a number whole, unless its line would stay empty for it', () => {
    expect(linesOf(`${'字'.repeat(25)}2026年`)[1]).toBe('2026年');
    const [first = ''] = linesOf(`${'字'.repeat(18)}（案号：GA-2026-00000031）`);
    expect(COLUMNS - 2 - widthOf(first)).toBeLessThan(4);
  });

  test('loses and adds no character, whatever the text', () => {
    const piece = fc.constantFrom(
      '字',
      '，',
      '《',
      '》',
      '2026',
      'GA-1',
      '（',
      '）',
      '。',
      'word ',
      '——',
      '“',
      '”',
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 200 }), (pieces) => {
        const text = pieces.join('');
        const lines = linesOf(text);
        expect(lines.join('')).toBe(text);
        expect(lines.filter((line, i) => widthOf(line) > COLUMNS + 0.01 - (i === 0 ? 2 : 0))).toEqual([]);
      }),
      { numRuns: 2_000 },
    );
  });

  test('has 22 lines on every page, heads and signatures counted', () => {
    for (const count of [1, 5, 12, 13, 18, 30, 60]) {
      const pages = layOut(
        paper(
          {},
          Array.from({ length: count }, () => '字'.repeat(26)),
        ),
      );
      for (const page of pages) {
        const height = page.lines.reduce(
          (sum, line) => sum + (line.kind === 'sign' ? line.lines : 1),
          page.head,
        );
        const full = height + (page.imprint ? imprintLines(paper()) : 0);
        expect(full, `${count}/${page.no}`).toBeLessThanOrEqual(LINES);
      }
      expect(pages.filter((page) => page.imprint).map((page) => page.no)).toEqual([pages.length]);
      const signed = pages.find((page) => page.lines.some((line) => line.kind === 'sign'));
      expect(
        signed?.lines.some((line) => line.kind === 'body'),
        `${count}: a signature alone`,
      ).toBe(true);
    }
  });

  test('breaks a title between words into lines of like length, none before 的', () => {
    const lines = titleLines('关于县水利局未依法履行重大行政执法决定法制审核程序问题的行政执法监督意见书');
    expect(lines).toHaveLength(2);
    expect(lines.some((line) => /^[的，。]/.test(line) || line.length > 20)).toBe(false);
    expect(titleLines('送达回证')).toEqual(['送达回证']);
    expect(titleLines('字'.repeat(70)).every((line) => line.length <= 20)).toBe(true);
  });

  test('writes 抄送 in lines that fit, and a letter prints no printer', () => {
    const lines = copyLines(Array.from({ length: 9 }, (_none, i) => `县人民政府办公室${i}`));
    expect(lines.every((line) => line.length <= 26)).toBe(true);
    expect(lines.join('')).toMatch(/^县人民政府办公室0，.*8。$/);
    expect(setPaper(paper({ form: 'letter' }))).not.toContain('印发');
    expect(setPaper(paper())).toContain('2026年12月4日印发');
  });

  test('sets headings in 黑体 and 楷体, and a numbered paragraph in 仿宋', () => {
    const runs = paperOf(
      aDraft({
        body: ['一、查明的事实', '（一）法制审核。经查属实。', `二、${'长'.repeat(30)}。`, '1.其他'],
      }),
    ).body;
    expect(runs.map((line) => line.map((run) => run.face))).toEqual([
      ['hei'],
      ['kai', 'body'],
      ['body'],
      ['body'],
    ]);
  });

  test('numbers its pages, odd ones at the right and even ones at the left', () => {
    const html = setPaper(
      paper(
        {},
        Array.from({ length: 40 }, () => '字'.repeat(26)),
      ),
    );
    const folios = [...html.matchAll(/<footer class="(odd|even)">— (\d+) —<\/footer>/g)].map(
      ([, side, no]) => `${side}${no}`,
    );
    expect(folios.slice(0, 3)).toEqual(['odd1', 'even2', 'odd3']);
  });
});
