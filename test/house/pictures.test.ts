import { existsSync, readFileSync, readdirSync, statSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { CONSOLE_ROUTES } from '../../api/pages/console.ts';
import { PICTURES, WIDTHS, fileOf } from '../../scripts/picture-list.ts';

const root = path.join(import.meta.dirname, '..', '..');
const folder = path.join(root, 'docs/pictures');
const guides = readdirSync(path.join(root, 'docs/guides')).filter((name) => name.endsWith('.md'));
const MOST_BYTES = 4 * 1_024 * 1_024;

const shownIn = (guide: string): string[] =>
  [
    ...readFileSync(path.join(root, 'docs/guides', guide), 'utf8').matchAll(
      /(?:\]\(|src=")(\.\.\/pictures\/[^)"]+)/g,
    ),
  ].map(([, target = '']) => target);

describe('The pictures of the pages', () => {
  test('are there at every width for every page of the list, and together are small', () => {
    const wanted = PICTURES.flatMap(({ name }) => WIDTHS.map((width) => fileOf(name, width)));
    expect(wanted.filter((file) => !existsSync(path.join(folder, file)))).toEqual([]);
    const bytes = readdirSync(folder).map((file) => statSync(path.join(folder, file)).size);
    expect(bytes.reduce((sum, one) => sum + one, 0)).toBeLessThan(MOST_BYTES);
  });

  test('are of pages that are there', () => {
    const reads = CONSOLE_ROUTES.filter((one) => one.method === 'get').map(
      (one) => new RegExp(`^/console${one.path.replaceAll(/:\w+/g, '[^/]+').replace(/^\/$/, '')}$`),
    );
    const lost = PICTURES.filter(
      ({ at }) => at.startsWith('/console') && !reads.some((one) => one.test(at.replaceAll(/[{}]/g, ''))),
    );
    expect(lost).toEqual([]);
  });

  test.each(guides)('that %s shows are there', (guide) => {
    const shown = shownIn(guide);
    expect(shown.length).toBeGreaterThan(0);
    expect(shown.filter((target) => !existsSync(path.join(root, 'docs/guides', target)))).toEqual([]);
  });
});
