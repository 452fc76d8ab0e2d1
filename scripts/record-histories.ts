import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, renameSync, rmSync } from 'node:fs';
import path from 'node:path';

/** Journeys that call keepHistory: together they bring every workflow into every phase. */
const JOURNEYS = [
  'six-weeks',
  'silence',
  'task',
  'campaign-commands',
  'renewal',
  'plan-year',
  'plan-calendar',
  'case-corrected',
  'case-silent',
  'case-beside',
  'appraisal',
  'accountability',
  'file-review',
  'contact-check',
  'mail-written',
  'doubt',
  'calendar',
];

const root = path.join(import.meta.dirname, '..');
const { version } = JSON.parse(readFileSync(path.join(root, 'package.json'), 'utf8')) as { version: string };
const kept = path.join(root, 'test', 'histories', version);
const fresh = mkdtempSync(`${kept}-`);

const { status } = spawnSync(
  process.execPath,
  [
    path.join(root, 'node_modules', 'vitest', 'vitest.mjs'),
    'run',
    ...JOURNEYS.map((name) => `test/journeys/${name}.test.ts`),
  ],
  { cwd: root, stdio: 'inherit', env: { ...process.env, RECORD_HISTORIES: fresh } },
);
// Histories of a released version are never recorded again: raise the version first.
if (status === 0) {
  rmSync(kept, { recursive: true, force: true });
  renameSync(fresh, kept);
} else rmSync(fresh, { recursive: true, force: true });
process.exit(status ?? 1);
