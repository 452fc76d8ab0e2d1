import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { htmlToText } from '../../mail/html-text.ts';
import { readCommand } from '../../mail/reply-command.ts';
import { stripQuotation } from '../../mail/reply-text.ts';
import { judged, letter } from '../support/incoming.ts';

describe('Hostile mail', () => {
  it.each([
    ['too-many-parts', `${'--b\r\n\r\nx\r\n'.repeat(300)}--b--`, 'multipart/mixed; boundary=b'],
    [
      'too-deep',
      Array.from(
        { length: 60 },
        (_, n) => `--b${n}\r\nContent-Type: multipart/mixed; boundary=b${n + 1}\r\n\r\n`,
      ).join(''),
      'multipart/mixed; boundary=b0',
    ],
  ])('is unparseable and says why: %s', async (reason, body, type) => {
    expect(await judged(letter({ 'Content-Type': type }, body))).toEqual({
      disposition: 'unparseable',
      reason,
    });
  });

  it('with a huge header is refused by its limit', async () => {
    expect(await judged(letter({ 'X-Big': 'x'.repeat(600 * 1024) }))).toEqual({
      disposition: 'unparseable',
      reason: 'headers-too-large',
    });
  });

  it('2,000 mutants: none throws, none takes a second', { timeout: 120_000 }, async () => {
    const folder = join(import.meta.dirname, '../corpus/replies');
    const seeds = readdirSync(folder).map((name) => readFileSync(join(folder, name)));
    let slowest = 0;
    const mutation = fc.record({
      seed: fc.nat(seeds.length - 1),
      cuts: fc.array(
        fc.record({
          at: fc.nat(9999),
          kind: fc.constantFrom('byte', 'drop', 'repeat', 'insert'),
          byte: fc.nat(255),
        }),
        { minLength: 1, maxLength: 8 },
      ),
    });
    await fc.assert(
      fc.asyncProperty(mutation, async ({ seed, cuts }) => {
        const raw = cuts.reduce<Buffer>(
          (bytes, change) => mutate(bytes, change),
          seeds[seed] ?? Buffer.alloc(0),
        );
        const started = performance.now();
        const { disposition } = await judged(raw);
        slowest = Math.max(slowest, performance.now() - started);
        expect(['submission', 'held', 'empty', 'unparseable', 'autoReply', 'loop', 'bounce']).toContain(
          disposition,
        );
      }),
      { numRuns: 2000 },
    );
    expect(slowest).toBeLessThan(1000);
  });

  it.each([
    ['dashes', '-'.repeat(500_000)],
    ['signs of quotation', '> '.repeat(250_000)],
    ['open tags', '<div '.repeat(100_000)],
    ['comments never closed', '<!--'.repeat(100_000)],
    ['styles never closed', '<style>'.repeat(70_000)],
    ['labels', '发件人：x\n'.repeat(50_000)],
    ['attributions never ended', '在 2026-12-09 10:00\n'.repeat(30_000)],
    ['blanks', ' \n'.repeat(200_000)],
    ['blockquotes', '<blockquote type="cite">'.repeat(20_000)],
    ['entities', '&#'.repeat(200_000)],
  ])('of nothing but %s is read in linear time', (_, text) => {
    // A search that runs back over the text would take hours here: the bound is no benchmark.
    const started = performance.now();
    stripQuotation({ text });
    stripQuotation({ text: htmlToText(text), html: text, textFromHtml: true });
    readCommand(text);
    expect(performance.now() - started).toBeLessThan(15_000);
  });
});

function mutate(bytes: Buffer, change: { at: number; kind: string; byte: number }): Buffer {
  const at = Math.floor((change.at / 10_000) * bytes.length);
  const before = bytes.subarray(0, at);
  if (change.kind === 'drop') return Buffer.concat([before, bytes.subarray(at + change.byte)]);
  if (change.kind === 'repeat')
    return Buffer.concat([bytes.subarray(0, at + change.byte), bytes.subarray(at)]);
  if (change.kind === 'insert')
    return Buffer.concat([before, Buffer.alloc(change.byte, change.byte), bytes.subarray(at)]);
  return Buffer.concat([before, Buffer.from([change.byte]), bytes.subarray(at + 1)]);
}
