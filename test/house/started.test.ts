import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';

const root = path.join(import.meta.dirname, '..', '..');
const folder = mkdtempSync(path.join(tmpdir(), 'jiandu-started-'));
const release = path.join(folder, 'current');
symlinkSync(root, release);
afterAll(() => rmSync(folder, { recursive: true }));

describe('A process that is started by a link to its release', () => {
  test.each(['worker.ts', 'server.ts'])('%s starts, and says what it lacks', (file) => {
    const { PATH } = process.env;
    const args = ['--import', 'tsx', path.join(release, file)];
    const { status, stderr } = spawnSync(process.execPath, args, {
      cwd: root,
      env: { PATH },
      encoding: 'utf8',
    });
    expect(stderr).toContain('环境变量有误');
    expect(status).toBe(1);
  });
});
