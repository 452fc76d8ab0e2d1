import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { cpus, tmpdir } from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { hash } from '@node-rs/argon2';
import { Client, Connection } from '@temporalio/client';
import express from 'express';
import pino from 'pino';
import { createApp } from '../api/app.ts';
import { seedReference } from '../data/seed.ts';
import { SAME_CLOCK } from '../domain/clock.ts';
import { startMongod } from '../embedded/engines.ts';
import { freePort } from '../embedded/ports.ts';
import { openStore } from '../models/store.ts';
import { plantBoard } from './board-set.ts';
import { load } from './machine.ts';

/**
 * `npm run bench:board [-- --tasks 10000 --runs 15]`: how long the board of so many agencies takes to its first byte,
 * beside a plain Express page of the same length on the same machine, and how much it weighs.
 */
const { values } = parseArgs({
  options: { tasks: { type: 'string', default: '10000' }, runs: { type: 'string', default: '15' } },
});
const TASKS = Number(values.tasks);
const RUNS = Math.max(3, Number(values.runs));
const PASSWORD = 'only for this measurement';

interface Timed {
  /** ms to the first byte: the middle one, and the ninth of ten. */
  readonly p50: number;
  readonly p90: number;
  /** bytes of the page */
  readonly bytes: number;
}

async function listening(server: Server): Promise<string> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

async function timed(url: string, cookie = ''): Promise<Timed> {
  const first: number[] = [];
  let bytes = 0;
  for (let run = 0; run < RUNS + 3; run += 1) {
    const began = performance.now();
    const answer = await fetch(url, { headers: { cookie }, redirect: 'manual' });
    const ms = performance.now() - began;
    bytes = (await answer.arrayBuffer()).byteLength;
    if (answer.status !== 200) throw new Error(`${url}: ${answer.status}`);
    if (run >= 3) first.push(ms);
  }
  first.sort((a, b) => a - b);
  const at = (share: number): number =>
    first[Math.min(first.length - 1, Math.floor(share * first.length))] ?? 0;
  return { p50: at(0.5), p90: at(0.9), bytes };
}

async function signedIn(url: string): Promise<string> {
  const answer = await fetch(`${url}/console/sign-in`, {
    method: 'POST',
    redirect: 'manual',
    headers: { 'Content-Type': 'application/x-www-form-urlencoded' },
    body: new URLSearchParams({ account: 'organizer', password: PASSWORD, next: '/console' }),
  });
  if (answer.status !== 303) throw new Error(`sign-in: ${answer.status}`);
  return answer.headers
    .getSetCookie()
    .map((one) => one.split(';')[0])
    .join('; ');
}

const dir = await mkdtemp(path.join(tmpdir(), 'jiandu-board-'));
const mongod = await startMongod({
  dataDir: path.join(dir, 'mongo'),
  port: await freePort(0),
  logFile: path.join(dir, 'mongod.log'),
});
const store = await openStore(mongod.uri, 'board');
const clock = { now: async () => Date.now(), mapping: async () => SAME_CLOCK };
const plain = express();
let length = 0;
plain.get('/', (_req, res) => void res.type('html').send('x'.repeat(length)));
const yardstick = createServer(plain);
// Nothing on these pages asks the engine.
const client = new Client({ connection: Connection.lazy({ address: '127.0.0.1:1' }) });
const subject = createServer(
  createApp({
    store,
    client,
    clock,
    office: { publicUrl: 'http://127.0.0.1', mailDomain: 'jiandu.example' } as never,
    log: pino({ level: 'silent' }),
    sessionSecret: 'x'.repeat(64),
    secureCookies: false,
  }),
);
try {
  await seedReference(store);
  await store.accounts.create({
    _id: 'organizer',
    name: '组织员',
    role: 'organizer',
    passwordHash: await hash(PASSWORD),
    disabled: false,
  });
  const { no } = await plantBoard(store, { n: TASKS, now: Date.now() });
  const [url, plainUrl] = await Promise.all([listening(subject), listening(yardstick)]);
  const cookie = await signedIn(url);
  console.log(`${cpus().length} CPUs, load ${load()}, node ${process.version}, ${TASKS} tasks, ${RUNS} runs`);
  const pages: readonly (readonly [string, string])[] = [
    ['board', ''],
    ['filtered by light', '?light=red'],
    ['searched', `?q=${encodeURIComponent('第77')}`],
    ['ordered by agency', '?sort=agency'],
    ['rows alone', '/rows'],
  ];
  for (const [name, query] of pages) {
    const board = await timed(`${url}/console/campaigns/${no}${query}`, cookie);
    length = board.bytes;
    const bare = await timed(plainUrl);
    const ms = (n: number): string => `${n.toFixed(1)} ms`;
    console.log(
      `${name.padEnd(18)} first byte p50 ${ms(board.p50)} p90 ${ms(board.p90)} · ${(board.bytes / 1_000).toFixed(0)} KB` +
        ` · plain Express page of the same length ${ms(bare.p50)} · ratio ${(board.p50 / bare.p50).toFixed(1)}`,
    );
  }
  console.log(`load ${load()}`);
} finally {
  for (const server of [subject, yardstick]) {
    server.closeAllConnections();
    server.close();
  }
  await store.close();
  await mongod.stop();
  await rm(dir, { recursive: true, force: true });
}
process.exit(0);
