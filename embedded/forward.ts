import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { Client, Connection } from '@temporalio/client';
import { stamp, productAt } from '../domain/clock.ts';
import { openStore } from '../models/store.ts';
import { moveClock } from './demo-clock.ts';
import { DATABASE } from './stack.ts';

/** `npm run demo:ff -- 3`: puts the running demo's clock three days forward. */
const days = Number(process.argv[2] ?? '1');
if (!Number.isFinite(days) || days <= 0 || days > 400) throw new Error('用法：npm run demo:ff -- 天数');
const dir = path.resolve(process.env['JIANDU_DATA'] ?? '.jiandu');
const ports = JSON.parse(await readFile(path.join(dir, 'ports.json'), 'utf8')) as {
  mongod: number;
  temporal: number;
};
const store = await openStore(`mongodb://127.0.0.1:${ports.mongod}/?replicaSet=rs0`, DATABASE);
const connection = await Connection.connect({ address: `127.0.0.1:${ports.temporal}` });
const mapping = await moveClock(
  { store, client: new Client({ connection }) },
  { forwardMs: days * 86_400_000 },
);
console.log(`演示时钟 ${stamp(productAt(mapping, Date.now()))}`);
await connection.close();
await store.close();
