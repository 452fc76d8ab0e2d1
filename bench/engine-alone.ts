import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { DefaultLogger, bundleWorkflowCode } from '@temporalio/worker';
import { startMongod, startTemporal } from '../embedded/engines.ts';
import { freePort } from '../embedded/ports.ts';
import { thrift } from '../embedded/processes.ts';
import type { AppAnswer, AppQuestion, AppSettings } from './engine-alone-app.ts';
import { cpuMs } from './machine.ts';
import { startSink } from './subject.ts';

/** What the work costs without the product: the same engine, database, mails and answers, and nothing kept but that a task was answered. */
export interface EngineAlone {
  readonly perSecond: number;
  /** CPU ms of its application, MongoDB and Temporal per task. */
  readonly dispatchCpu: number;
  readonly answersPerSecond: number;
  readonly answerCpu: number;
}

/** Runs it for `n` tasks on engines of its own, after as many of warm-up as the product has. */
export async function measureEngineAlone(n: number, warmUp: number): Promise<EngineAlone> {
  const dir = await mkdtemp(path.join(tmpdir(), 'jiandu-engine-alone-'));
  const ended: (() => unknown)[] = [() => rm(dir, { recursive: true, force: true, maxRetries: 5 })];
  try {
    const file = (name: string): string => path.join(dir, name);
    const [mongoPort, port, uiPort] = [await freePort(0), await freePort(0), await freePort(0)];
    const mongod = await startMongod({
      dataDir: file('mongo'),
      port: mongoPort,
      logFile: file('mongod.log'),
    });
    ended.push(() => mongod.stop());
    const dataFile = file('temporal/temporal.db');
    const temporal = await startTemporal({ dataFile, port, uiPort, logFile: file('temporal.log') });
    ended.push(() => temporal.stop());
    const sink = await startSink();
    ended.push(() => sink.stop());
    const bundle = file('workflow.js');
    await writeFile(bundle, await bundled());
    const settings = { mongodb: mongod.uri, temporal: temporal.address, smtpPort: sink.port, bundle };
    const app = await startApp(settings);
    ended.push(() => endApp(app));
    const pids = [app.pid ?? 0, mongod.pid, temporal.pid];
    const cpu = (): number => pids.reduce((sum, pid) => sum + cpuMs(pid), 0);
    const run = async (name: string, count: number): Promise<EngineAlone> => {
      await sink.forget();
      const before = cpu();
      const began = Date.now();
      const mailed = sink.until(count);
      await ask(app, { want: 'dispatch', name, n: count });
      const seconds = ((await mailed).at - began) / 1_000;
      const between = cpu();
      const answered = await ask(app, { want: 'answer', name, n: count });
      return {
        perSecond: count / seconds,
        dispatchCpu: (between - before) / count,
        answersPerSecond: count / answered,
        answerCpu: (cpu() - between) / count,
      };
    };
    await run('warm', warmUp);
    return await run('town', n);
  } finally {
    for (const end of ended.reverse()) await end();
  }
}

async function bundled(): Promise<string> {
  const workflowsPath = path.join(import.meta.dirname, 'engine-alone-workflow.ts');
  return (await bundleWorkflowCode({ workflowsPath, logger: new DefaultLogger('ERROR') })).code;
}

/** Started as the product's own processes are. */
async function startApp(settings: AppSettings): Promise<ChildProcess> {
  const app = fork(path.join(import.meta.dirname, 'engine-alone-app.ts'), [JSON.stringify(settings)], {
    execArgv: ['--import', 'tsx'],
    env: { PATH: process.env['PATH'] ?? '', HOME: process.env['HOME'] ?? '', ...thrift() },
  });
  await new Promise<void>((resolve, reject) => {
    app.once('message', () => resolve());
    app.once('exit', (code) => reject(new Error(`the engine's application ended with ${code}`)));
  });
  return app;
}

/** Resolves with the seconds that it took. */
async function ask(app: ChildProcess, question: AppQuestion): Promise<number> {
  const ended = new AbortController();
  const until = { signal: ended.signal };
  const gone = once(app, 'exit', until).then(() => Promise.reject(new Error('its application ended')));
  const told = once(app, 'message', until) as Promise<[AppAnswer]>;
  app.send(question);
  try {
    const [answer] = await Promise.race([told, gone]);
    if ('failed' in answer) throw new Error(answer.failed);
    return answer.seconds;
  } finally {
    gone.catch(() => undefined);
    told.catch(() => undefined);
    ended.abort();
  }
}

async function endApp(app: ChildProcess): Promise<void> {
  if (app.exitCode !== null || app.signalCode !== null) return;
  const gone = new Promise((resolve) => app.once('exit', resolve));
  app.disconnect();
  const insist = setTimeout(() => app.kill('SIGKILL'), 10_000);
  await gone;
  clearTimeout(insist);
}
