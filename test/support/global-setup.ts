import { rmSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { TestProject } from 'vitest/node';
import { findBinary } from '../../embedded/binaries.ts';
import { workflowsBundled } from '../../embedded/bundle.ts';
import { type Engine, startMongod } from '../../embedded/engines.ts';
import { freePort } from '../../embedded/ports.ts';

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
    return { path: await workflowsBundled() };
  } catch (error) {
    return { reason: error instanceof Error ? error.message : String(error) };
  }
}
