import { readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from 'vitest';

const root = path.join(import.meta.dirname, '..', '..');
const rows = readFileSync(path.join(root, 'docs', 'words.md'), 'utf8')
  .split('\n')
  .flatMap((line) => {
    const [, chinese, word, file] = /^\| (\S+) \| `(\w+)` \| `(\S+)` \|$/.exec(line) ?? [];
    return chinese && word && file ? [{ chinese, word, file }] : [];
  });

describe('docs/words.md', () => {
  test('can be read to its last row', () => {
    const table = readFileSync(path.join(root, 'docs', 'words.md'), 'utf8').match(/^\| .*`.*\|$/gm) ?? [];
    expect(rows).toHaveLength(table.length);
  });

  test('gives one noun one word', () => {
    const twice = (of: readonly string[]) => of.filter((one, i) => of.indexOf(one) !== i);
    expect(twice(rows.map((row) => row.word))).toEqual([]);
    expect(twice(rows.map((row) => row.chinese))).toEqual([]);
  });

  test.each(rows)('$chinese is $word in $file', ({ word, file }) => {
    expect(readFileSync(path.join(root, file), 'utf8').toLowerCase()).toContain(word.toLowerCase());
  });
});
