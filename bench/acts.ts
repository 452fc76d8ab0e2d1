import { createWriteStream } from 'node:fs';
import { copyFile, mkdtemp, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { once } from 'node:events';
import exceljs from 'exceljs';
import { type ActJob, importActs } from '../api/act-import.ts';
import { startMongod } from '../embedded/engines.ts';
import { freePort } from '../embedded/ports.ts';
import { openStore } from '../models/store.ts';
import { stoppedAt } from './act-trial.ts';

/**
 * `npm run acts:measure [-- --rows 100000 --bad 1]`: writes a table of acts with some bad rows as .csv and as .xlsx, tries it, stores what is good in it,
 * stores it again, and prints seconds, processor seconds and the most memory that was held.
 */
const args = new Map(
  process.argv
    .slice(2)
    .flatMap((arg, i, all) => (arg.startsWith('--') ? [[arg.slice(2), all[i + 1] ?? '']] : [])),
);
const ROWS = Number(args.get('rows') ?? 100_000);
const BAD = Number(args.get('bad') ?? 1);
const say = (line: string): void => console.log(line);
const HEADINGS = [
  '行为编号',
  '机关编号',
  '行为类型',
  '日期',
  '相对人',
  '执法人员',
  '金额(元)',
  '案由',
  '结果',
  '送达日期',
  '公示日期',
];

/** Every hundredth row or so has one fault of four kinds. */
function* rows(series: string): Generator<string[]> {
  yield HEADINGS;
  for (let n = 0; n < ROWS; n += 1) {
    const day = `2026-${String((n % 9) + 1).padStart(2, '0')}-${String((n % 28) + 1).padStart(2, '0')}`;
    const cells = [
      `${series}-${n}`,
      `jiguan-${n % 50}`,
      '行政处罚',
      day,
      `第${n}公司`,
      'ZJ-1、ZJ-2',
      '1200.50',
      '占道经营',
      '罚款',
      day,
      day,
    ];
    const kind = Math.floor(n / 100) % 4;
    if (BAD > 0 && n % Math.floor(100 / BAD) === 0) cells[[1, 3, 6, 2][kind] ?? 1] = '不对';
    yield cells;
  }
}

async function writeCsv(file: string): Promise<void> {
  const out = createWriteStream(file);
  for (const row of rows('C')) if (!out.write(`${row.join(',')}\r\n`)) await once(out, 'drain');
  out.end();
  await once(out, 'finish');
}

async function writeXlsx(file: string): Promise<void> {
  const workbook = new exceljs.stream.xlsx.WorkbookWriter({ filename: file, useSharedStrings: true });
  const sheet = workbook.addWorksheet('行为');
  for (const row of rows('X')) sheet.addRow(row).commit();
  sheet.commit();
  await workbook.commit();
}

async function timed(what: string, work: () => Promise<object>): Promise<void> {
  let peak = process.memoryUsage.rss();
  const watch = setInterval(() => (peak = Math.max(peak, process.memoryUsage.rss())), 100);
  const [began, cpu] = [performance.now(), process.cpuUsage()];
  const { rejected: _rejected, ...result } = (await work()) as { rejected?: unknown };
  clearInterval(watch);
  const { user, system } = process.cpuUsage(cpu);
  const seconds = ((performance.now() - began) / 1_000).toFixed(1);
  say(
    `${what}：${seconds} s（处理器 ${((user + system) / 1e6).toFixed(1)} s），内存峰值 ${Math.round(peak / 1_048_576)} MB，${JSON.stringify(result)}`,
  );
}

const dir = await mkdtemp(path.join(tmpdir(), 'jiandu-acts-'));
const mongod = await startMongod({
  dataDir: path.join(dir, 'mongo'),
  port: await freePort(0),
  logFile: path.join(dir, 'mongod.log'),
});
const store = await openStore(mongod.uri, 'acts');
try {
  const agencies = new Set(Array.from({ length: 50 }, (_, n) => `jiguan-${n}`));
  const context = { today: '2026-11-24', agencies };
  const actor = { id: 'bench', name: 'bench' };
  const deps = { store, clock: stoppedAt(context.today) };
  for (const [name, write] of [
    ['acts.csv', writeCsv],
    ['acts.xlsx', writeXlsx],
  ] as const) {
    const file = path.join(dir, name);
    await write(file);
    say(`\n${name}：${ROWS} 行，${((await stat(file)).size / 1_048_576).toFixed(1)} MB，${BAD} % 有误`);
    const carry = async (mode: ActJob['mode'], n: number): Promise<object> => {
      const mine = `${file}.${n}`;
      await copyFile(file, mine);
      const table = { path: mine, name, sha256: `${name}${n}` };
      return importActs({ deps, register: 'acts', table, mode, context, lang: 'zh', actor }).result;
    };
    await timed('试导入', () => carry('dryRun', 1));
    await timed('导入', () => carry('skipBad', 2));
    await timed('重复导入', () => carry('skipBad', 3));
  }
} finally {
  await store.close();
  await mongod.stop();
  await rm(dir, { recursive: true, force: true });
}
