import { existsSync, readFileSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { VARIABLES } from '../../config.ts';

const root = path.join(import.meta.dirname, '..', '..');
const read = (file: string) => readFileSync(path.join(root, file), 'utf8');
const known = new Set(VARIABLES);
const chart = readdirSync(path.join(root, 'deploy/helm/templates')).map((name) =>
  read(`deploy/helm/templates/${name}`),
);
/** Keys in capitals that are set somewhere in a YAML text. */
const keysIn = (text: string) =>
  [...text.matchAll(/^\s+([A-Z][A-Z_]+[A-Z]):/gm)].map(([, name = '']) => name);

/** What the image takes from the project. */
const copied = [...read('deploy/Dockerfile').matchAll(/^COPY (?!--from)(.+) (?:\.\/|\w+)$/gm)].flatMap(
  ([, names = '']) => names.split(' '),
);

describe('deploy/', () => {
  test('The chart sets every variable of config.ts, and none that it does not know', () => {
    const values = keysIn(read('deploy/helm/values.yaml'));
    const inTemplates = chart.flatMap((text) => [...keysIn(text), ...namesIn(text)]);
    const set = new Set([...values, ...inTemplates]);
    expect([...set].filter((name) => !known.has(name))).toEqual([]);
    expect(VARIABLES.filter((name) => !set.has(name))).toEqual([]);
  });

  test('The compose file overrides only variables of config.ts', () => {
    const text = read('deploy/compose.yaml');
    const product = text.slice(text.indexOf('x-environment'), text.indexOf('  mongo:\n'));
    expect(keysIn(product).filter((name) => !known.has(name))).toEqual([]);
  });

  test('The compose file and the chart hold no secret, no tab and no floating image', () => {
    for (const text of [read('deploy/compose.yaml'), read('deploy/helm/values.yaml'), ...chart]) {
      expect(text).not.toMatch(/\t|:latest\b/);
      expect(text).not.toMatch(/(?:PASSWORD|SECRET_KEY|API_KEY): +['"]?[A-Za-z0-9]{4,}/);
    }
  });

  test('Every password the compose file asks for is in its example', () => {
    const asked = [...read('deploy/compose.yaml').matchAll(/(?<!\$)\$\{([A-Z_]+)/g)].map(
      ([, name = '']) => name,
    );
    const offered = new Set(
      [...read('deploy/compose.env.example').matchAll(/^([A-Z_]+)=/gm)].map(([, name = '']) => name),
    );
    expect(asked.filter((name) => !offered.has(name))).toEqual([]);
  });

  test('What the image copies is not kept from it', () => {
    const [first, ...rest] = read('deploy/Dockerfile.dockerignore').trim().split('\n');
    expect(first).toBe('*');
    const allowed = rest.filter((line) => line.startsWith('!')).map((line) => line.slice(1));
    const through = (name: string) =>
      allowed.includes(name) || (name.endsWith('.ts') && allowed.includes('*.ts'));
    expect(copied.filter((name) => !through(name))).toEqual([]);
  });

  test('The image carries everything that worker.ts, server.ts and scripts/setup.ts import', () => {
    expect(copied.filter((name) => !existsSync(path.join(root, name)))).toEqual([]);
    const needed = reached(['worker.ts', 'server.ts', 'scripts/setup.ts', 'workflows/index.ts']);
    const missing = [...needed].filter(
      (file) => !copied.some((name) => file === name || file.startsWith(`${name}/`)),
    );
    expect(missing).toEqual([]);
  });
});

const namesIn = (text: string) => [...text.matchAll(/- name: ([A-Z_]+)$/gm)].map(([, name = '']) => name);

/** Every file that these import, directly or through others, types apart. */
function reached(from: readonly string[]): Set<string> {
  const seen = new Set<string>();
  const visit = (file: string): void => {
    if (seen.has(file)) return;
    seen.add(file);
    const source = read(file);
    for (const [, target = ''] of source.matchAll(
      /^(?:import (?!type)|export |\} )[^;]*?from '(\.[^']+)';/gm,
    ))
      visit(path.posix.join(path.posix.dirname(file), target));
  };
  for (const file of from) visit(file);
  return seen;
}
