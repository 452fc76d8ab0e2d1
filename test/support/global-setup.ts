import { createHash } from 'node:crypto';
import { existsSync, rmSync } from 'node:fs';
import { mkdir, mkdtemp, readFile, readdir, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { DefaultLogger, bundleWorkflowCode } from '@temporalio/worker';
import type { TestProject } from 'vitest/node';
import { findBinary } from '../../embedded/binaries.ts';
import { type Engine, startMongod } from '../../embedded/engines.ts';
import { freePort } from '../../embedded/ports.ts';

const root = path.join(import.meta.dirname, '..', '..');

let mongod: (Engine & { readonly uri: string }) | undefined;
let dir: string | undefined;

/** Once per run: one MongoDB for all processes, the workflows bundled, Temporal's binaries at hand. */
export async function setup({ provide }: TestProject): Promise<void> {
  process.once('exit', endAtOnce);
  dir = await mkdtemp(path.join(tmpdir(), 'jiandu-test-'));
  const say = (line: string) => console.log(line);
  const bundling = bundled();
  mongod = await startMongod({
    dataDir: path.join(dir, 'mongo'),
    port: await freePort(0),
    logFile: path.join(dir, 'mongod.log'),
    cacheGb: 0.25,
    say,
  });
  provide('mongo', mongod.uri);
  provide('bundle', await bundling);
  provide('testServer', await findBinary('temporal-test-server', say));
  provide('temporal', await findBinary('temporal', say));
}

/** Leaves neither process nor file behind. */
export async function teardown(): Promise<void> {
  await mongod?.kill();
  mongod = undefined;
  if (dir !== undefined) await rm(dir, { recursive: true, force: true });
  process.removeListener('exit', endAtOnce);
}

/** A run that is cut short must not leave its database running. */
function endAtOnce(): void {
  if (mongod !== undefined) process.kill(mongod.pid, 'SIGKILL');
  if (dir !== undefined) rmSync(dir, { recursive: true, force: true, maxRetries: 3 });
}

/** The path of the bundle, or the reason why there is none: only the tests that need workflows fail by it. */
async function bundled(): Promise<{ path: string } | { reason: string }> {
  try {
    return { path: await bundleOnce() };
  } catch (error) {
    return { reason: error instanceof Error ? error.message : String(error) };
  }
}

/** A bundle of the same sources is used again. */
async function bundleOnce(): Promise<string> {
  const workflowsPath = path.join(root, 'workflows', 'index.ts');
  const home = path.join(root, '.cache', 'bundles');
  const file = path.join(home, `${await sourceHash()}.js`);
  if (existsSync(file)) return file;
  const logger = new DefaultLogger('WARN');
  const { code } = await bundleWorkflowCode({ workflowsPath, logger });
  await mkdir(home, { recursive: true });
  await writeFile(`${file}.${process.pid}`, code);
  await rename(`${file}.${process.pid}`, file);
  return file;
}

async function sourceHash(): Promise<string> {
  const hash = createHash('sha256').update(await readFile(path.join(root, 'package-lock.json')));
  for (const folder of ['domain', 'workflows']) {
    const names = await readdir(path.join(root, folder), { recursive: true });
    for (const name of names.filter((one) => one.endsWith('.ts')).sort()) {
      hash.update(`${folder}/${name}\n`).update(await readFile(path.join(root, folder, name)));
    }
  }
  return hash.digest('hex').slice(0, 32);
}
