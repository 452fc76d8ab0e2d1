import { existsSync, readFileSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from 'vitest';

const root = path.join(import.meta.dirname, '..', '..');
const read = (file: string) => readFileSync(path.join(root, file), 'utf8');
const decisions = readdirSync(path.join(root, 'docs/decisions')).map((name) => `docs/decisions/${name}`);
const pages = ['README.md', 'CHANGELOG.md', 'docs/map.md', 'docs/words.md', 'docs/running.md', ...decisions];
const { scripts } = JSON.parse(read('package.json')) as { scripts: Record<string, string> };

describe('The pages people read', () => {
  test.each(pages)('%s names only npm scripts that are there', (page) => {
    const named = [...read(page).matchAll(/npm run ([\w:-]+)/g)].map(([, name = '']) => name);
    expect(named.filter((name) => scripts[name] === undefined)).toEqual([]);
  });

  test.each(pages)('%s links only to what is there', (page) => {
    const links = [...read(page).matchAll(/\]\((?!https?:|#)([^)#]+)/g)].map(([, target = '']) => target);
    const here = path.dirname(path.join(root, page));
    expect(links.filter((target) => !existsSync(path.join(here, target)))).toEqual([]);
  });

  test.each(decisions)('%s says what was decided, why, and in about ten lines', (page) => {
    const text = read(page);
    expect(text).toMatch(/^# .+\n\n\*\*Decided:\*\*[\s\S]+\*\*Why:\*\*/);
    expect(text.trim().split('\n').length).toBeLessThanOrEqual(12);
  });

  test('The README shows the two commands first, and the call that launches as the API takes it', () => {
    const text = read('README.md');
    expect(text.indexOf('npm start')).toBeLessThan(text.indexOf('curl'));
    const body = /-d '(\{[\s\S]+?\})' \| field no/.exec(text)?.[1] ?? '';
    expect(Object.keys(JSON.parse(body) as object)).toEqual(
      expect.arrayContaining(['title', 'domain', 'legalBasis', 'checklist', 'agencies', 'phases']),
    );
  });

  test('The changelog is dated and tells the operator what to do', () => {
    const text = read('CHANGELOG.md');
    expect(text).toMatch(/^## \d{4}-\d{2}-\d{2}/m);
    expect(text).toMatch(/operator must/);
  });
});
