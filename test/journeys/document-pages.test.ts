import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { draftBy, shippedTemplate } from '../../documents/draft.ts';
import { fontFile } from '../../documents/fonts.ts';
import { paperHtml } from '../../documents/html.ts';
import { type Press, openPress } from '../../documents/press.ts';
import { SAMPLE } from '../../documents/views.ts';
import { aDraft } from '../support/papers.ts';

let press: Press;
beforeAll(() => {
  press = openPress();
});
afterAll(async () => press.close());

const MM = 96 / 25.4;
const decision = paperHtml(
  aDraft({
    ...draftBy('decision', shippedTemplate('decision'), SAMPLE),
    kind: 'decision',
    body: Array.from({ length: 12 }, () => '本机关依法查明有关事实并作出如下决定'.repeat(5)),
    copies: ['县监察委员会'],
    letterhead: { issuer: 'government', name: '桓台县人民政府', printer: '桓台县人民政府办公室' },
    number: '桓政执监决〔2026〕3号',
    approvedAt: '2026-12-04T10:00:00+08:00',
  }),
);

interface Box {
  readonly page: number;
  readonly text: string;
  readonly top: number;
  readonly bottom: number;
  readonly left: number;
  readonly right: number;
}

/** Boxes of what a selector finds, in millimetres from the corner of their page. */
const measure = (selector: string): Promise<readonly Box[]> =>
  press.show(decision, async (page) => {
    await page.emulateMedia({ media: 'print' });
    return page.evaluate<readonly Box[]>(
      `[...document.querySelectorAll('.page')].flatMap((sheet, page) => {
        const at = sheet.getBoundingClientRect();
        return [...sheet.querySelectorAll(${JSON.stringify(selector)})].map((one) => {
          const range = document.createRange();
          range.selectNodeContents(one);
          const box = ${JSON.stringify(selector)} === '.line' ? range.getBoundingClientRect() : one.getBoundingClientRect();
          const mm = (px) => px / ${MM};
          return { page, text: one.textContent, top: mm(box.top - at.top), bottom: mm(box.bottom - at.top), left: mm(box.left - at.left), right: mm(box.right - at.left) };
        });
      })`,
    );
  });

describe('Pages as Chromium prints them', () => {
  it('A full page has 22 lines of 28 characters, in a type area of 156 × 225 mm', async () => {
    const lines = (await measure('.line')).filter((line) => line.page === 1);
    expect(lines).toHaveLength(22);
    const full = lines.filter((line) => line.text.length === 28);
    expect(full.length).toBeGreaterThan(10);
    for (const line of full) {
      expect(line.left).toBeCloseTo(28, 0);
      expect(Math.abs(line.right - 184)).toBeLessThan(0.8);
    }
    const [first, last] = [lines[0], lines.at(-1)];
    expect(first?.top).toBeGreaterThanOrEqual(37);
    expect(last?.bottom).toBeLessThanOrEqual(262.1);
    const pitch = ((lines[21]?.top ?? 0) - (lines[0]?.top ?? 0)) / 21;
    expect(pitch).toBeCloseTo(225 / 22, 1);
  });

  it('The mark stands 35 mm below the type area’s edge, the red rule is 156 mm wide, the date ends four characters from the right', async () => {
    const [mark] = await measure('.mark');
    expect(mark?.top).toBeCloseTo(37 + 35, 0);
    const [rule] = await measure('header');
    expect([rule?.left, rule?.right]).toEqual([expect.closeTo(28, 1), expect.closeTo(184, 1)]);
    const [date] = await measure('.on');
    expect(date?.right).toBeCloseTo(184 - (4 * 16 * 25.4) / 72, 0);
    const [imprint] = await measure('.imprint');
    expect(imprint?.bottom).toBeCloseTo(262, 0);
    const folios = await measure('footer');
    expect(folios[0]?.right).toBeCloseTo(184 - (14 * 25.4) / 72, 0);
    expect(folios[1]?.left).toBeCloseTo(28 + (14 * 25.4) / 72, 0);
    expect(folios[0]?.top).toBeCloseTo(262 + 7, 0);
  });

  it('A PDF has the pages, embedded Chinese glyphs, and reaches nothing but its fonts', async () => {
    const asked: string[] = [];
    const tracked = decision.replace('</main>', '<img src="http://127.0.0.1:9/x"></main>');
    await press.show(tracked, async (page) => {
      asked.push(...(await page.evaluate<string[]>('[...document.fonts].filter((one) => one.status === "loaded").map((one) => one.family)'))); // prettier-ignore
    });
    expect(new Set(asked.map((name) => name.replaceAll('"', '')))).toEqual(new Set(['Noto Serif SC']));
    const pdf = await press.print(decision);
    const text = pdf.toString('latin1');
    expect(text.match(/\/Type \/Page\b/g)?.length).toBe((decision.match(/class="page"/g) ?? []).length);
    expect(text).toContain('/FontFile');
    expect(text).toContain('/ToUnicode');
    expect(pdf.length).toBeLessThan(1_500_000);
  }, 120_000);

  it('A paper that takes too long is given up, and the next one prints', async () => {
    const hasty = openPress({ patience: 1 });
    await expect(hasty.print(decision)).rejects.toThrow(/too long|closed|Timeout/i);
    await hasty.close();
    const again = await Promise.all([press.print(decision), press.print(decision), press.print(decision)]);
    expect(again.every((pdf) => pdf.subarray(0, 5).toString() === '%PDF-')).toBe(true);
  }, 120_000);

  it('A font is a listed file and no path', () => {
    expect(fontFile('noto-serif-sc', '../package.json')).toBeUndefined();
    expect(fontFile('constructor', 'x.woff2')).toBeUndefined();
    expect(fontFile('own', 'x.ttf')).toBeUndefined();
    const folder = mkdtempSync(path.join(tmpdir(), 'fonts-'));
    writeFileSync(path.join(folder, '仿宋_GB2312.ttf'), '');
    expect(fontFile('own', '仿宋_GB2312.ttf', folder)?.type).toBe('font/ttf');
    expect(fontFile('own', 'other.ttf', folder)).toBeUndefined();
  });
});
