import { readFileSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from 'vitest';

const root = path.join(import.meta.dirname, '..', '..');
const FOLDERS = [
  'activities',
  'api',
  'bench',
  'data',
  'documents',
  'domain',
  'embedded',
  'mail',
  'models',
  'workflows',
];
const files = FOLDERS.flatMap((folder) =>
  readdirSync(path.join(root, folder), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts'))
    .map((name) => `${folder}/${name}`),
);
const read = (file: string) => readFileSync(path.join(root, file), 'utf8');

describe('The sources', () => {
  test('are named after a noun, in kebab-case', () => {
    const vague = /(?:^|[-/])(?:utils?|helpers?|types?|services?|managers?|common|misc)(?:[-.]|$)/;
    expect(files.filter((file) => vague.test(file))).toEqual([]);
    expect(files.filter((file) => !/^[a-z0-9/.-]+$/.test(file))).toEqual([]);
  });

  test('in domain and workflows read no clock, no chance and nothing of the machine', () => {
    const pure = files.filter((file) => file.startsWith('domain/'));
    const asks = /\bDate\.now\(|\bnew Date\(\)|\bMath\.random\(|\bprocess\.|from '(?!\.\/)/;
    expect(pure.filter((file) => asks.test(read(file)))).toEqual([]);
    const stories = files.filter((file) => file.startsWith('workflows/'));
    expect(stories.filter((file) => /\bprocess\.|from 'node:/.test(read(file)))).toEqual([]);
  });

  test('switch no rule of the compiler off', () => {
    expect(files.filter((file) => /@ts-(?:ignore|nocheck|expect-error)/.test(read(file)))).toEqual([]);
  });

  test('Only mail/ speaks SMTP, only models/ knows mongoose, only config.ts reads the environment', () => {
    const product = files.filter((file) => !/^(?:embedded|bench)\//.test(file));
    const outside = (folder: string, pattern: RegExp) =>
      product.filter((file) => !file.startsWith(folder) && pattern.test(read(file)));
    expect(outside('mail/', /from 'nodemailer/)).toEqual([]);
    expect(outside('models/', /mongoose\.(?:connect|createConnection)|new Schema\(/)).toEqual([]);
    expect(product.filter((file) => /process\.env/.test(read(file)))).toEqual([]);
  });

  test('Every router of the API is behind a rule: no file but the list of middleware mounts one', () => {
    const mounting = files.filter((file) => /\bapp\.use\(/.test(read(file)) && file.startsWith('api/'));
    expect(mounting).toEqual(['api/app.ts']);
  });
});
