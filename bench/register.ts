import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createWriteStream, openAsBlob, readFileSync } from 'node:fs';
import { mkdtemp, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import exceljs from 'exceljs';
import { issueToken, seedAccount } from '../data/seed.ts';
import { processBundled } from '../embedded/bundle.ts';
import { startMongod } from '../embedded/engines.ts';
import { freePort } from '../embedded/ports.ts';
import { openStore } from '../models/store.ts';
import { OFFICER_HEADINGS, officerRow } from '../test/support/register.ts';

/**
 * `npm run register:measure [-- --scale county|province] [-- --officers n --agencies n --bad percent --heap MB]`: writes the tables of a register with some bad rows,
 * sends them over HTTP to a server of its own, ends that server with SIGKILL in the middle of one import and sends the file again,
 * and prints seconds, the most memory that the server held, and what became of every row.
 */
const args = new Map(
  process.argv
    .slice(2)
    .flatMap((arg, i, all) => (arg.startsWith('--') ? [[arg.slice(2), all[i + 1] ?? '']] : [])),
);
const SCALES = {
  county: { agencies: 49, officers: 1_210 },
  province: { agencies: 8_500, officers: 200_000 },
};
const scale = args.get('scale') === 'county' ? 'county' : 'province';
const AGENCIES = Number(args.get('agencies') ?? SCALES[scale].agencies);
const OFFICERS = Number(args.get('officers') ?? SCALES[scale].officers);
const BAD = Number(args.get('bad') ?? 1);
/** Megabytes that the server may keep: what grew with the table would not fit. */
const HEAP = Number(args.get('heap') ?? 256);
const MB = 1_048_576;
/** So many are over before anybody could break in. */
const WHOLE = 10_000;
const say = (line: string): void => console.log(line);

/** Whether a row is one of the bad ones. */
const isBad = (n: number): boolean => BAD > 0 && n % Math.round(100 / BAD) === 7;

function* agencyRows(): Generator<readonly string[]> {
  yield ['编号', '名称', '类别', '领域', '联系人', '邮箱', '角色', '监督机构', '第一责任人'];
  for (let n = 0; n < AGENCIES; n += 1) {
    const id = `jiguan-${n + 1}`;
    const own = [id, `第${n + 1}执法机关`, n % 5 === 0 ? '镇街' : '部门', '安全生产'];
    const mail = isBad(n) ? '没有邮箱' : `jia@${id}.example`;
    yield [...own, '经办人甲', mail, '主办', '法制科', '主要负责人'];
    yield [id, '', '', '', '副手乙', `yi@${id}.example`, 'B角', '', ''];
    yield [id, '', '', '', '分管丙', `bing@${id}.example`, '负责人', '', ''];
  }
}

/** Officers of the agencies that are good; every bad row has one fault of four kinds. */
function* officerRows(): Generator<readonly string[]> {
  yield OFFICER_HEADINGS;
  for (let n = 0; n < OFFICERS; n += 1) {
    const cells = officerRow(n, AGENCIES);
    const at = n % AGENCIES;
    if (isBad(at)) cells[1] = `jiguan-${(at === 0 ? AGENCIES : at) % AGENCIES}`;
    if (isBad(n)) cells[[2, 5, 6, 4][Math.floor(n / 100) % 4] ?? 5] = '不对'.repeat(120);
    yield cells;
  }
}

async function writeTable(file: string, rows: Iterable<readonly string[]>): Promise<void> {
  if (file.endsWith('.xlsx')) {
    const workbook = new exceljs.stream.xlsx.WorkbookWriter({ filename: file, useSharedStrings: true });
    const sheet = workbook.addWorksheet('名录');
    for (const row of rows) sheet.addRow(row).commit();
    sheet.commit();
    return workbook.commit();
  }
  const out = createWriteStream(file);
  for (const row of rows) if (!out.write(`${row.join(',')}\r\n`)) await once(out, 'drain');
  out.end();
  await once(out, 'finish');
}

interface Served {
  readonly child: ChildProcess;
  readonly api: string;
}

/** A server of the product as it runs in production, over this database. */
async function serve(mongo: string, port: number): Promise<Served> {
  const env = {
    PATH: process.env['PATH'] ?? '',
    HOME: process.env['HOME'] ?? '',
    MONGODB_URI: mongo,
    MONGODB_DATABASE: 'register',
    TEMPORAL_ADDRESS: '127.0.0.1:1',
    SMTP_URL: 'smtp://127.0.0.1:1',
    SMTP_IN_PORT: '0',
    MAIL_DOMAIN: 'jiandu.example',
    MAIL_FROM: 'jiandu@jiandu.example',
    PUBLIC_URL: `http://127.0.0.1:${port}`,
    SECRET_KEY: 'the key of a measurement, and of nothing else',
    JIANDU_MODE: 'embedded',
    PORT: String(port),
    LOG_LEVEL: 'error',
  };
  const child = spawn(process.execPath, [`--max-old-space-size=${HEAP}`, await processBundled('server')], {
    env,
    stdio: ['ignore', 'inherit', 'inherit'],
  });
  const origin = `http://127.0.0.1:${port}`;
  for (let left = 300; ; left -= 1) {
    const alive = await fetch(`${origin}/healthz`).then(
      (answer) => answer.ok,
      () => false,
    );
    if (alive) return { child, api: `${origin}/api/v1` };
    if (left === 0 || child.exitCode !== null) throw new Error('the server did not start');
    await wait(100);
  }
}

/** What a process has held at the most, in MB, as the kernel counts it. */
const peakMb = ({ child }: Served): number =>
  Math.round(
    Number(/VmHWM:\s+(\d+)/.exec(readFileSync(`/proc/${child.pid ?? 0}/status`, 'utf8'))?.[1]) / 1_024,
  );

interface Answer {
  readonly status: number;
  readonly body: Record<string, unknown>;
}

const dir = await mkdtemp(path.join(tmpdir(), 'jiandu-register-'));
const mongod = await startMongod({
  dataDir: path.join(dir, 'mongo'),
  port: await freePort(0),
  logFile: path.join(dir, 'mongod.log'),
});
const store = await openStore(mongod.uri, 'register');
const password = 'only a measurement';
await seedAccount(store, { id: 'administrator', name: '测量', role: 'administrator', password });
const token = await issueToken(store, 'administrator');
const port = await freePort(0);
const headers = { Authorization: `Bearer ${token}` };
let server = await serve(mongod.uri, port);

async function send(register: string, file: string, query = ''): Promise<Answer> {
  const form = new FormData();
  form.set('file', await openAsBlob(file), path.basename(file));
  for (;;) {
    const answer = await fetch(`${server.api}/${register}/import${query}`, {
      method: 'POST',
      headers,
      body: form,
      signal: AbortSignal.timeout(1_800_000),
    });
    const body = (await answer.json()) as Record<string, unknown>;
    if (answer.status !== 409) return { status: answer.status, body };
    await wait(1_000);
  }
}

const newest = async (): Promise<{
  rows: number;
  of?: number;
  state: string;
  resumed: number;
  bad: number;
}> => {
  const answer = await fetch(`${server.api}/imports?limit=1`, { headers });
  return ((await answer.json()) as { items: never[] }).items[0] as never;
};

async function timed(what: string, work: () => Promise<Answer>): Promise<void> {
  const began = performance.now();
  const { status, body } = await work();
  const seconds = ((performance.now() - began) / 1_000).toFixed(1);
  const { rejected, errors, ...counts } = body as { rejected?: unknown[]; errors?: unknown[] };
  const { rows, bad } = await newest();
  const { created, updated, unchanged } = counts as Record<string, unknown>;
  say(
    `${what}：HTTP ${status}，${seconds} s，服务进程内存峰值 ${peakMb(server)} MB，${JSON.stringify({ rows, bad, created, updated, unchanged, told: (rejected ?? errors ?? []).length })}`,
  );
}

/** Ends the server without a word in the middle of an import, starts another and sends the file again. */
async function killedOnce(file: string): Promise<Answer> {
  const first = send('officers', file, '?skipBad=true').catch(() => undefined);
  for (;;) {
    const { rows, state } = await newest();
    if (state === 'running' && rows > OFFICERS * 0.4) break;
    await wait(20);
  }
  server.child.kill('SIGKILL');
  await first;
  const kept = await store.officers.estimatedDocumentCount();
  server = await serve(mongod.uri, port);
  say(`  导入到 ${kept} 人时强行终止服务进程，重新启动，再次上传同一份文件`);
  const done = await send('officers', file, '?skipBad=true');
  say(`  接续 ${(await newest()).resumed} 次；在册 ${await store.officers.countDocuments()} 人`);
  return done;
}

try {
  const organs = path.join(dir, '机关名录.csv');
  await writeTable(organs, agencyRows());
  say(
    `机关 ${AGENCIES} 家（每家 3 行），人员 ${OFFICERS} 人，${BAD} % 有误，服务进程的堆不超过 ${HEAP} MB\n`,
  );
  await timed('机关 试导入', () => send('agencies', organs, '?dryRun=true'));
  await timed('机关 导入（跳过有误的行）', () => send('agencies', organs, '?skipBad=true'));
  await timed('机关 再次导入', () => send('agencies', organs, '?skipBad=true'));
  for (const name of ['人员.csv', '人员.xlsx']) {
    const file = path.join(dir, name);
    await writeTable(file, officerRows());
    say(`\n${name}：${((await stat(file)).size / MB).toFixed(1)} MB`);
    await store.officers.deleteMany({});
    await timed('人员 试导入', () => send('officers', file, '?dryRun=true'));
    if (OFFICERS <= WHOLE) await timed('人员 整体导入（有误即全不导入）', () => send('officers', file));
    if (OFFICERS <= WHOLE)
      await timed('人员 导入（跳过有误的行）', () => send('officers', file, '?skipBad=true'));
    else await timed('人员 导入，中途终止一次', () => killedOnce(file));
    await timed('人员 再次导入', () => send('officers', file, '?skipBad=true'));
  }
} finally {
  server.child.kill('SIGTERM');
  await store.close();
  await mongod.stop();
  await rm(dir, { recursive: true, force: true });
}
