import { type ChildProcess, fork, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { Client, Connection } from '@temporalio/client';
import { issueToken, seedReference } from '../data/seed.ts';
import { processBundled, workflowsBundled } from '../embedded/bundle.ts';
import { startMongod, startTemporal } from '../embedded/engines.ts';
import { freePort } from '../embedded/ports.ts';
import { thrift } from '../embedded/processes.ts';
import { type Store, openStore } from '../models/store.ts';
import { cpuMs, pssMb, sqliteBytes } from './machine.ts';
import type { SinkAnswer, SinkQuestion } from './sink.ts';

const DATABASE = 'bench';

export type Part = 'worker' | 'server' | 'mongod' | 'temporal';
export type Shares = Readonly<Record<Part, number>>;

export interface Sink {
  readonly port: number;
  /** Resolves when so many mails have come since `forget`. */
  until(count: number): Promise<SinkAnswer>;
  links(): Promise<Readonly<Record<string, string>>>;
  forget(): Promise<void>;
  stop(): void;
}

/** The product's own processes over engines of their own, as in production, and a sink for their mails. */
export interface Subject {
  readonly url: string;
  readonly token: string;
  readonly store: Store;
  readonly client: Client;
  readonly sink: Sink;
  /** CPU ms since each process began. */
  cpu(): Shares;
  /** MB, proportional. */
  memory(): Shares;
  /** Size of the engine's store, in bytes. */
  engineBytes(): number;
  stop(): Promise<void>;
}

/** In an own process, so that its work is nobody's. */
export async function startSink(): Promise<Sink> {
  const child = fork(path.join(import.meta.dirname, 'sink.ts'), { execArgv: ['--import', 'tsx'] });
  const open = new Map<number, (answer: SinkAnswer) => void>();
  const port = await new Promise<number>((resolve) => {
    child.once('message', (message: { port: number }) => resolve(message.port));
  });
  child.on('message', (answer: SinkAnswer) => {
    open.get(answer.id)?.(answer);
    open.delete(answer.id);
  });
  let next = 0;
  const ask = (question: { want: 'until'; count: number } | { want: 'links' | 'forget' }) =>
    new Promise<SinkAnswer>((resolve) => {
      next += 1;
      open.set(next, resolve);
      child.send({ id: next, ...question } satisfies SinkQuestion);
    });
  return {
    port,
    until: (count) => ask({ want: 'until', count }),
    links: async () => (await ask({ want: 'links' })).links ?? {},
    forget: async () => void (await ask({ want: 'forget' })),
    stop: () => void child.kill(),
  };
}

export interface SubjectOptions {
  readonly receipts: boolean;
  /** Where the product's processes leave their CPU profiles. */
  readonly profile?: string | undefined;
}

export async function startSubject({ receipts, profile }: SubjectOptions): Promise<Subject> {
  const dir = await mkdtemp(path.join(tmpdir(), 'jiandu-bench-'));
  const ended: (() => unknown)[] = [() => rm(dir, { recursive: true, force: true, maxRetries: 5 })];
  const stop = async (): Promise<void> => {
    for (const end of ended.splice(0).reverse()) await end();
  };
  try {
    const mongod = await startMongod({
      dataDir: path.join(dir, 'mongo'),
      port: await freePort(0),
      logFile: path.join(dir, 'mongod.log'),
    });
    ended.push(() => mongod.stop());
    const dataFile = path.join(dir, 'temporal', 'temporal.db');
    const [port, uiPort] = [await freePort(0), await freePort(0)];
    const temporal = await startTemporal({ dataFile, port, uiPort, logFile: path.join(dir, 'temporal.log') });
    ended.push(() => temporal.stop());
    const store = await openStore(mongod.uri, DATABASE);
    ended.push(() => store.close());
    const token = await seed(store);
    const sink = await startSink();
    ended.push(() => sink.stop());
    const http = await freePort(0);
    const url = `http://127.0.0.1:${http}`;
    const env = {
      JIANDU_MODE: 'embedded',
      MONGODB_URI: mongod.uri,
      MONGODB_DATABASE: DATABASE,
      TEMPORAL_ADDRESS: temporal.address,
      WORKFLOW_BUNDLE: await workflowsBundled(),
      SMTP_URL: `smtp://127.0.0.1:${sink.port}`,
      MAIL_DOMAIN: 'jiandu.example',
      MAIL_FROM: 'jiandu@jiandu.example',
      RECEIPT_MAILS: receipts ? 'on' : 'off',
      PORT: String(http),
      PUBLIC_URL: url,
      SECRET_KEY: randomBytes(32).toString('hex'),
      LOG_LEVEL: 'warn',
    };
    const worker = run(await processBundled('worker'), env, profile);
    ended.push(() => end(worker));
    const server = run(await processBundled('server'), env, profile);
    ended.push(() => end(server));
    const connection = await Connection.connect({ address: temporal.address });
    ended.push(() => connection.close());
    await ready(url);
    const pids = { worker: worker.pid, server: server.pid, mongod: mongod.pid, temporal: temporal.pid };
    const each = (measure: (pid: number) => number): Shares => ({
      worker: measure(pids.worker ?? 0),
      server: measure(pids.server ?? 0),
      mongod: measure(pids.mongod),
      temporal: measure(pids.temporal),
    });
    return {
      url,
      token,
      store,
      client: new Client({ connection }),
      sink,
      cpu: () => each(cpuMs),
      memory: () => each(pssMb),
      engineBytes: () => sqliteBytes(dataFile),
      stop,
    };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** Reference data, an organizer's token, and an invented calendar where a later year has none yet. */
async function seed(store: Store): Promise<string> {
  await seedReference(store);
  const year = new Date().getFullYear();
  for (const one of [year, year + 1])
    await store.calendars.updateOne(
      { _id: one },
      { $setOnInsert: { off: [`${one}-01-01`], work: [], source: 'bench', version: 'bench' } },
      { upsert: true },
    );
  await store.accounts.create({
    _id: 'organizer',
    name: '组织员',
    role: 'organizer',
    passwordHash: '-',
    disabled: false,
  });
  return issueToken(store, 'organizer');
}

function run(file: string, env: Readonly<Record<string, string>>, profile?: string): ChildProcess {
  const watched =
    profile === undefined ? [] : ['--cpu-prof', `--cpu-prof-dir=${profile}/${path.basename(file, '.mjs')}`];
  return spawn(process.execPath, [...watched, file], {
    env: {
      PATH: process.env['PATH'] ?? '',
      HOME: process.env['HOME'] ?? '',
      ...thrift(),
      ...env,
    },
    stdio: ['ignore', 'inherit', 'inherit'],
  });
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const gone = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  child.kill('SIGTERM');
  const insist = setTimeout(() => child.kill('SIGKILL'), 20_000);
  await gone;
  clearTimeout(insist);
}

async function ready(url: string): Promise<void> {
  for (let tries = 0; tries < 600; tries += 1) {
    const answered = await fetch(`${url}/readyz`).then(
      (response) => response.ok,
      () => false,
    );
    if (answered) return;
    await wait(200);
  }
  throw new Error('the server does not answer');
}
