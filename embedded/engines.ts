import { existsSync } from 'node:fs';
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { Connection } from '@temporalio/client';
import { msToTs } from '@temporalio/common/lib/time.js';
import mongoose from 'mongoose';
import { findBinary, pinnedBinary, probe } from './binaries.ts';
import { type Engine, type Holder, startEngine, stopLeftOver } from './engine-process.ts';

export type { Engine } from './engine-process.ts';

type Say = (line: string) => void;

const retentionDays = 90;

export interface MongodOptions {
  readonly dataDir: string;
  readonly port: number;
  readonly logFile: string;
  /** Gigabytes; the least that MongoDB takes, unless told. */
  readonly cacheGb?: number;
  readonly say?: Say;
}

/**
 * Starts mongod on 127.0.0.1 as a replica set of one (`rs0`) and resolves when it takes writes.
 * Data, port and set survive stop, SIGKILL and a start on another port. Throws MissingPart.
 */
export async function startMongod(options: MongodOptions): Promise<Engine & { readonly uri: string }> {
  const { dataDir, port, logFile, cacheGb = 0.25, say = () => {} } = options;
  await mkdir(dataDir, { recursive: true });
  const { binary, version } = await mongodFor(dataDir, say);
  const engine = await startEngine({
    ...mongodHolder(dataDir),
    binary,
    args: [
      `--dbpath=${dataDir}`,
      '--bind_ip=127.0.0.1',
      `--port=${port}`,
      '--replSet=rs0',
      '--storageEngine=wiredTiger',
      `--wiredTigerCacheSizeGB=${cacheGb}`,
      // Half of the cache is kept once the work is over, in place of four fifths; a large transaction still has all of it.
      '--wiredTigerEngineConfigString=eviction_target=50',
      '--oplogSize=512',
      `--logpath=${logFile}`,
      '--logappend',
      '--quiet',
      '--slowms=2000',
      '--setParameter=diagnosticDataCollectionEnabled=false',
      ...(process.platform === 'win32' ? [] : ['--nounixsocket']),
    ],
    env: SPARING_MALLOC,
    port,
    logFile,
    ready: (giveUp) => primary(port, giveUp),
  });
  if (!existsSync(versionFile(dataDir))) await writeFile(versionFile(dataDir), `${version}\n`);
  return Object.assign(engine, { uri: `mongodb://127.0.0.1:${port}/?replicaSet=rs0` });
}

/** What mongod has freed goes back to the machine, which it shares with three other processes here; a mongod with another allocator ignores it. */
const SPARING_MALLOC = {
  TCMALLOC_AGGRESSIVE_DECOMMIT: '1',
  TCMALLOC_MAX_TOTAL_THREAD_CACHE_BYTES: '16777216',
} as const;

function mongodHolder(dataDir: string): Holder {
  return { title: 'MongoDB', pidFile: path.join(dataDir, 'engine.pid'), marks: ['mongod', dataDir] };
}

function temporalHolder(dataFile: string): Holder {
  return { title: 'Temporal', pidFile: `${dataFile}.pid`, marks: ['start-dev', dataFile] };
}

/**
 * Ends what a killed owner left running on this data, so that the usual ports are free again: call it before
 * choosing ports. Throws when the owner lives.
 */
export async function endLeftOvers(data: { dataDir: string; dataFile: string }): Promise<void> {
  await stopLeftOver(mongodHolder(data.dataDir));
  await stopLeftOver(temporalHolder(data.dataFile));
}

function versionFile(dataDir: string): string {
  return path.join(dataDir, 'mongod.version');
}

/** MongoDB opens the data of its own release and of the one before, nothing else. */
async function mongodFor(dataDir: string, say: Say): Promise<{ binary: string; version: string }> {
  const found = await versioned(await findBinary('mongod', say));
  const written = await readFile(versionFile(dataDir), 'utf8').catch(() => undefined);
  if (written === undefined || opens(found.version, written)) return found;
  const pinned = await versioned(await pinnedBinary('mongod', say));
  if (opens(pinned.version, written)) return pinned;
  throw new Error(
    `数据是 mongod ${written.trim()} 写的，${found.version} 打不开。\n  请执行：export JIANDU_MONGOD_BIN=/opt/mongod-${written.trim()}/bin/mongod`,
  );
}

async function versioned(binary: string): Promise<{ binary: string; version: string }> {
  return { binary, version: await probe('mongod', binary) };
}

function opens(binary: string, written: string): boolean {
  const step = Number.parseInt(binary, 10) - Number.parseInt(written, 10);
  return step === 0 || step === 1;
}

async function primary(port: number, giveUp: AbortSignal): Promise<void> {
  while (!giveUp.aborted) {
    if (await becomePrimary(`127.0.0.1:${port}`).catch(() => false)) return;
    await wait(50);
  }
}

/** Each attempt has a client of its own: one whose first connection was refused may never try again. */
async function becomePrimary(host: string): Promise<boolean> {
  const client = new mongoose.mongo.MongoClient(`mongodb://${host}/?directConnection=true`, {
    serverSelectionTimeoutMS: 400,
    socketTimeoutMS: 10_000,
  });
  try {
    const admin = client.db('admin');
    const hello = await admin.command({ hello: 1 });
    if (hello['isWritablePrimary'] === true) return hello['me'] === host;
    if (hello['isreplicaset'] === true) await configure(admin, host);
    return false;
  } finally {
    await client.close();
  }
}

/** The set names its member by address: a first start writes it, a start on another port corrects it. */
async function configure(admin: mongoose.mongo.Db, host: string): Promise<void> {
  const config = await currentConfig(admin);
  const members = [{ _id: 0, host }];
  if (config === undefined) await admin.command({ replSetInitiate: { _id: 'rs0', members } });
  else if (config.members[0]?.host !== host) {
    const corrected = { ...config, version: config.version + 1, members };
    await admin.command({ replSetReconfig: corrected, force: true });
  }
}

interface SetConfig {
  readonly version: number;
  readonly members: readonly { readonly host: string }[];
}

async function currentConfig(admin: mongoose.mongo.Db): Promise<SetConfig | undefined> {
  try {
    return (await admin.command({ replSetGetConfig: 1 }))['config'] as SetConfig;
  } catch (error) {
    if (error instanceof mongoose.mongo.MongoServerError && error.codeName === 'NotYetInitialized')
      return undefined;
    throw error;
  }
}

export interface TemporalOptions {
  readonly dataFile: string;
  readonly port: number;
  readonly uiPort: number;
  readonly logFile: string;
  readonly say?: Say;
}

/**
 * Starts Temporal's development server on 127.0.0.1 with its state in one SQLite file, and resolves when the
 * namespace `default` answers and keeps closed workflows for 90 days. Throws MissingPart.
 */
export async function startTemporal(options: TemporalOptions): Promise<Engine & { readonly ui: string }> {
  const { dataFile, port, uiPort, logFile, say = () => {} } = options;
  await mkdir(path.dirname(dataFile), { recursive: true });
  const binary = await findBinary('temporal', say);
  await setAsideUnfinished(dataFile);
  const engine = await startEngine({
    ...temporalHolder(dataFile),
    binary,
    args: [
      'server',
      'start-dev',
      '--ip=127.0.0.1',
      `--port=${port}`,
      `--ui-port=${uiPort}`,
      `--db-filename=${dataFile}`,
      '--sqlite-pragma=journal_mode=WAL',
      '--log-level=warn',
      '--ui-disable-news-fetch',
    ],
    // Collects twice as often: 70 MB less, and no difference in processor time that could be measured.
    env: { GOGC: '50' },
    port,
    logFile,
    ready: (giveUp) => namespaceReady(`127.0.0.1:${port}`, giveUp),
  });
  await writeFile(finishedFile(dataFile), '');
  return Object.assign(engine, { ui: `http://127.0.0.1:${uiPort}` });
}

function finishedFile(dataFile: string): string {
  return `${dataFile}.ready`;
}

/** A first start that was killed leaves half a schema, which Temporal would never complete. */
async function setAsideUnfinished(dataFile: string): Promise<void> {
  if (!existsSync(dataFile) || existsSync(finishedFile(dataFile))) return;
  for (const end of ['', '-wal', '-shm']) {
    if (existsSync(dataFile + end)) await rename(dataFile + end, `${dataFile}.unfinished${end}`);
  }
}

async function namespaceReady(address: string, giveUp: AbortSignal): Promise<void> {
  while (!giveUp.aborted) {
    const done = await keepClosedWorkflows(address).then(
      () => true,
      () => false,
    );
    if (done) return;
    await wait(100);
  }
}

async function keepClosedWorkflows(address: string): Promise<void> {
  const connection = await Connection.connect({ address, connectTimeout: 2_000 });
  try {
    const namespace = 'default';
    const found = await connection.workflowService.describeNamespace({ namespace });
    const kept = Number(found.config?.workflowExecutionRetentionTtl?.seconds ?? 0);
    if (kept >= retentionDays * 86_400) return;
    await connection.workflowService.updateNamespace({
      namespace,
      config: { workflowExecutionRetentionTtl: msToTs(`${retentionDays} days`) },
    });
  } finally {
    await connection.close();
  }
}
