import { readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { VARIABLES, readConfig } from '../../config.ts';

const root = path.join(import.meta.dirname, '..', '..');
const read = (file: string) => readFileSync(path.join(root, file), 'utf8');
const sorted = (names: Iterable<string>) => [...names].sort((a, b) => a.localeCompare(b));
const example = [...read('.env.example').matchAll(/^([A-Z_]+)=(.*)$/gm)].map(([, name = '', value = '']) => ({
  name,
  value,
}));

describe('The environment', () => {
  test('.env.example lists every variable that config.ts reads, once, and no other', () => {
    expect(sorted(example.map((one) => one.name))).toEqual(sorted(VARIABLES));
  });

  test('.env.example starts nothing until a secret is made up', () => {
    const given = Object.fromEntries(example.map(({ name, value }) => [name, value]));
    expect(() => readConfig(given)).toThrow(/SECRET_KEY/);
    expect(readConfig({ ...given, SECRET_KEY: '0123456789abcdef'.repeat(4) })).toMatchObject({
      JIANDU_MODE: 'production',
    });
  });

  test('The defaults that .env.example shows are those of config.ts', () => {
    const needed = ['SECRET_KEY', 'MONGODB_URI', 'TEMPORAL_ADDRESS', 'SMTP_URL', 'MAIL_DOMAIN'];
    const required = new Set([...needed, 'MAIL_FROM', 'PUBLIC_URL']);
    const given = example.filter((one) => one.value !== '' && required.has(one.name));
    const config: Record<string, unknown> = readConfig({
      ...Object.fromEntries(given.map(({ name, value }) => [name, value])),
      SECRET_KEY: '0123456789abcdef'.repeat(4),
    });
    const shown = example.filter((one) => one.value !== '' && !required.has(one.name));
    for (const { name, value } of shown) expect(`${name}=${String(config[name])}`).toBe(`${name}=${value}`);
  });

  test('docs/running.md explains every variable', () => {
    const page = read('docs/running.md');
    expect(VARIABLES.filter((name) => !page.includes(name))).toEqual([]);
  });

  test('Every fault of the environment is told at once', () => {
    expect(() => readConfig({ PORT: 'x' })).toThrow(/MONGODB_URI[\s\S]*PORT/);
  });

  test('Production refuses demo secrets', () => {
    const given = Object.fromEntries(example.map(({ name, value }) => [name, value]));
    expect(() => readConfig({ ...given, SECRET_KEY: `change-me-${'x'.repeat(40)}` })).toThrow(/演示用的密钥/);
  });
});
