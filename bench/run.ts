import { fork } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { cpus } from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { measureEngineAlone } from './engine-alone.ts';
import { load } from './machine.ts';
import type { MailLimit } from './mail-limit.ts';
import { type Row, bars, median, table } from './report.ts';
import { startSink, startSubject } from './subject.ts';
import { measure, registerAgencies } from './work.ts';
import { type Yardstick, measureYardstick } from './yardstick.ts';

/** Before each measurement, so that no process is judged by its first seconds. */
const WARM_UP = 500;

const { values } = parseArgs({
  options: {
    sizes: { type: 'string', default: '200,1000,5000,10000' },
    runs: { type: 'string', default: '1' },
    /** Size of the run with receipt mails; 0 for none. */
    receipts: { type: 'string' },
    json: { type: 'string' },
    /** Folder for the CPU profiles of worker and server. */
    profile: { type: 'string' },
  },
});

async function mailLimit(mails: number): Promise<MailLimit> {
  const sink = await startSink();
  try {
    return await new Promise<MailLimit>((resolve, reject) => {
      const args = [String(sink.port), String(mails)];
      const child = fork(path.join(import.meta.dirname, 'mail-limit.ts'), args, {
        execArgv: ['--import', 'tsx'],
      });
      child.once('message', (limit: MailLimit) => resolve(limit));
      child.once('exit', (code) => reject(new Error(`the mail limit ended with ${code}`)));
    });
  } finally {
    sink.stop();
  }
}

async function yardstick(): Promise<Yardstick> {
  const file = path.join(import.meta.dirname, 'yardstick.ts');
  const child = fork(file, ['--serve'], { execArgv: ['--import', 'tsx'] });
  const told = <T>(): Promise<T> =>
    new Promise((resolve) => child.once('message', (said: T) => resolve(said)));
  try {
    const { port } = await told<{ port: number }>();
    return await measureYardstick(port, async () => {
      const said = told<{ cpu: number }>();
      child.send('cpu');
      return (await said).cpu;
    });
  } finally {
    child.kill();
  }
}

let stopNow: (() => Promise<void>) | undefined;

/** One size on engines and processes of its own, so that no run inherits another's memory. */
async function one(size: number, receipts: boolean): Promise<Row> {
  const machine = await yardstick();
  const sample = Math.min(Math.max(size, 1_000), 3_000);
  const limit = await mailLimit(sample);
  const alone = await measureEngineAlone(sample, WARM_UP);
  const subject = await startSubject({ receipts, profile: values.profile });
  stopNow = () => subject.stop();
  try {
    await registerAgencies(subject, 'department', WARM_UP);
    await measure(subject, { kind: 'department', n: WARM_UP, receipts });
    await registerAgencies(subject, 'town', size);
    return { ...(await measure(subject, { kind: 'town', n: size, receipts })), limit, alone, machine };
  } finally {
    stopNow = undefined;
    await subject.stop();
  }
}

async function repeated(size: number, receipts: boolean): Promise<Row> {
  const rows: Row[] = [];
  for (let run = 0; run < Math.max(1, Number(values.runs)); run += 1) {
    const row = await one(size, receipts);
    rows.push(row);
    console.log(table([row], receipts ? `with receipt mails, run ${run + 1}` : `run ${run + 1}`));
  }
  return median(rows);
}

for (const signal of ['SIGINT', 'SIGTERM'] as const)
  process.once(signal, () => void Promise.resolve(stopNow?.()).finally(() => process.exit(130)));

const sizes = values.sizes.split(',').map(Number);
console.log(`${cpus().length} CPUs, load ${load()}, node ${process.version}, ${new Date().toISOString()}`);
const rows: Row[] = [];
for (const size of sizes) rows.push(await repeated(size, false));
const withReceipts = Number(values.receipts ?? (sizes.includes(1_000) ? 1_000 : sizes[0]));
const receipts = withReceipts > 0 ? await repeated(withReceipts, true) : undefined;
console.log(`\n${table(rows, 'medians')}`);
if (receipts) console.log(table([receipts], 'with a receipt mail for each answer, not judged by the bars'));
console.log(bars(rows));
console.log(`load ${load()}`);
if (values.json) await writeFile(values.json, JSON.stringify({ rows, receipts }, null, 2));
