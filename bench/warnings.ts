import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { findWarnings } from '../activities/warning.ts';
import { seedReference } from '../data/seed.ts';
import { startMongod } from '../embedded/engines.ts';
import { freePort } from '../embedded/ports.ts';
import { openStore } from '../models/store.ts';
import { type ActSetOptions, agencyId, writer } from './act-set.ts';
import { type Score, fill, put, scoresOf, stoppedAt } from './act-trial.ts';

/**
 * `npm run warnings:measure [-- --acts 100000 --faults 300 --large 1000000 --seed 7]`: plants faults of every kind among acts that break no rule, lets the
 * rules look, and says for each what it found and what it imagined; then the same over a million acts, and after some more.
 * Exits 1 when a planted fault is missed or more than one warning in a hundred is a false alarm.
 */
const args = new Map(
  process.argv
    .slice(2)
    .flatMap((arg, i, all) => (arg.startsWith('--') ? [[arg.slice(2), all[i + 1] ?? '']] : [])),
);
const asked = (name: string, otherwise: number): number => Number(args.get(name) ?? otherwise);
const TODAY = '2026-11-24';
const SEED = asked('seed', 7);
const say = (line: string): void => console.log(line);

const mb = (bytes: number): string => `${Math.round(bytes / 1_048_576)} MB`;

/** Seconds that some work took, and the most memory that this process held meanwhile. */
async function timed<T>(work: () => Promise<T>): Promise<{ result: T; seconds: number; peak: number }> {
  let peak = process.memoryUsage.rss();
  const watch = setInterval(() => (peak = Math.max(peak, process.memoryUsage.rss())), 100);
  const began = performance.now();
  try {
    const result = await work();
    return { result, seconds: (performance.now() - began) / 1_000, peak };
  } finally {
    clearInterval(watch);
  }
}

function report(scores: readonly Score[]): boolean {
  say('| 规则 | 埋设 | 发现 | 漏报 | 误报 | 精确率 | 召回率 |');
  say('| --- | ---: | ---: | ---: | ---: | ---: | ---: |');
  for (const one of scores)
    say(
      `| ${one.rule} | ${one.planted} | ${one.found} | ${one.missed} | ${one.falseAlarms} | ${(one.precision * 100).toFixed(2)} % | ${(one.recall * 100).toFixed(2)} % |`,
    );
  const sum = (of: (one: Score) => number): number => scores.reduce((all, one) => all + of(one), 0);
  const share =
    sum((one) => one.falseAlarms) /
    Math.max(
      1,
      sum((one) => one.found),
    );
  say(`漏报 ${sum((one) => one.missed)}，误报率 ${(share * 100).toFixed(3)} %`);
  return sum((one) => one.missed) === 0 && share < 0.01;
}

async function trial(uri: string, database: string, options: ActSetOptions): Promise<boolean> {
  const store = await openStore(uri, database);
  const clock = stoppedAt(TODAY);
  try {
    await seedReference(store);
    const filled = await timed(() => fill(store, options));
    say(
      `\n${database}：${filled.result.acts} 件行为，${options.agencies} 个机关，写入 ${filled.seconds.toFixed(1)} s`,
    );
    const first = await timed(() => findWarnings({ store, clock }));
    say(`全量：${first.seconds.toFixed(1)} s，变动 ${first.result} 条预警，本进程内存峰值 ${mb(first.peak)}`);
    const again = await timed(() => findWarnings({ store, clock }));
    say(`再次运行：${again.seconds.toFixed(2)} s，变动 ${again.result} 条`);
    const write = writer(agencyId(options.agencies - 1));
    const more = Array.from({ length: 1_000 }, (_, n) => {
      const act = write((['penalty', 'inspection'] as const)[n % 2] ?? 'penalty', '2026-11-02', {
        channel: n % 10 === 0 ? 'offNetwork' : 'network',
        outcomes: [],
        fen: undefined,
      });
      return {
        ...act,
        no: `N-${act.no}`,
        target: `企业${agencyId(n % options.agencies)}-${n % 10}`,
        occasion: 'complaint' as const,
      };
    });
    const { scores } = await scoresOf(store, filled.result.planted);
    await put(store, more);
    const news = await timed(() => findWarnings({ store, clock }));
    say(`新增 ${more.length} 件后增量：${news.seconds.toFixed(2)} s，变动 ${news.result} 条`);
    const nextDay = await timed(() => findWarnings({ store, clock: stoppedAt('2026-11-25') }));
    say(`次日到期时钟：${nextDay.seconds.toFixed(2)} s，变动 ${nextDay.result} 条`);
    return report(scores);
  } finally {
    await store.connection.dropDatabase();
    await store.close();
  }
}

async function main(): Promise<void> {
  const dir = await mkdtemp(path.join(tmpdir(), 'jiandu-warnings-'));
  const port = await freePort(0);
  const mongod = await startMongod({
    dataDir: path.join(dir, 'mongo'),
    port,
    logFile: path.join(dir, 'mongod.log'),
  });
  const [acts, large, faults] = [asked('acts', 100_000), asked('large', 1_000_000), asked('faults', 300)];
  const agencies = faults * 3 + 100;
  const of = (count: number): ActSetOptions => ({
    seed: SEED,
    today: TODAY,
    agencies,
    faults,
    perAgency: Math.max(60, Math.floor(count / agencies)),
  });
  try {
    const sound = await trial(mongod.uri, 'warnings', of(acts));
    const still = large > 0 ? await trial(mongod.uri, 'warnings-large', of(large)) : true;
    process.exitCode = sound && still ? 0 : 1;
  } finally {
    await mongod.stop();
    await rm(dir, { recursive: true, force: true });
  }
}

await main();
