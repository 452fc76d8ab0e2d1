import { readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from 'vitest';

const root = path.join(import.meta.dirname, '..', '..');
const read = (file: string): string => readFileSync(path.join(root, file), 'utf8');
const rows = [...read('docs/acceptance.md').matchAll(/^\| (\d+) \| .* \| `([\w/.-]+)` \| (.+) \|$/gm)].map(
  ([, row = '', file = '', title = '']) => ({ row: Number(row), file, title }),
);

describe('docs/acceptance.md', () => {
  test('has every row that was promised', () => {
    const all = Array.from({ length: 19 }, (_, n) => n + 1);
    expect([...new Set(rows.map((one) => one.row))].toSorted((a, b) => a - b)).toEqual(all);
  });

  test.each(rows)('row $row is shown in $file: $title', ({ file, title }) => {
    expect(read(file)).toContain(title);
    expect(read(file)).not.toMatch(/\b(?:it|test|describe)\.(?:skip|todo|skipIf|runIf)\b/);
  });
});
