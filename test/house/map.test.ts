import { existsSync, readFileSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from 'vitest';

const root = path.join(import.meta.dirname, '..', '..');
const map = readFileSync(path.join(root, 'docs', 'map.md'), 'utf8');
const quoted = [...map.matchAll(/`([^`\s]+)`/g)].map(([, text = '']) => text);
const named = new Set(
  quoted.filter((text) => /^[a-z][\w.-]*(?:\/[\w.-]*)*$/.test(text) && /\/|\.(?:ts|mjs|json)$/.test(text)),
);

/** What the engines, the package manager and git keep there is no part of the house. */
const NOT_OURS = new Set(['node_modules']);
const foldersHere = readdirSync(root, { withFileTypes: true })
  .filter((one) => one.isDirectory() && !one.name.startsWith('.') && !NOT_OURS.has(one.name))
  .map((one) => one.name);

describe('docs/map.md', () => {
  test('names no path that is not there', () => {
    expect([...named].filter((one) => !existsSync(path.join(root, one)))).toEqual([]);
  });

  test('names every top-level folder', () => {
    expect(foldersHere.filter((one) => !named.has(`${one}/`))).toEqual([]);
  });

  test.each(['domain', 'workflows', 'activities', 'models'])('names every file of %s', (folder) => {
    const files = readdirSync(path.join(root, folder)).map((name) => `${folder}/${name}`);
    expect(files.filter((one) => !named.has(one))).toEqual([]);
  });

  test('tells the way of one emailed task with functions that are there', () => {
    const way = map.slice(map.indexOf('## The way of one emailed task'));
    const steps = [...way.matchAll(/`([\w/.-]+\.ts)` ((?:`\w+`(?:, )?)+)/g)];
    const missing = steps.flatMap(([, file = '', names = '']) => {
      const source = readFileSync(path.join(root, file), 'utf8');
      return [...names.matchAll(/`(\w+)`/g)]
        .filter(([, name = '']) => !new RegExp(`\\b${name}\\b`).test(source))
        .map(([, name]) => `${file} ${name}`);
    });
    expect(steps.length).toBeGreaterThan(9);
    expect(missing).toEqual([]);
  });
});
