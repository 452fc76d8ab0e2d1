import { type ChildProcess, spawn } from 'node:child_process';
import { mkdirSync, openSync, closeSync, readFileSync } from 'node:fs';
import { readFile, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';

/** A database or engine of the embedded default, in a process group of its own so that Ctrl-C does not reach it. */
export interface Engine {
  readonly pid: number;
  /** `127.0.0.1:port`; the same after restart(). */
  readonly address: string;
  /** Resolves when the process now running ends although nobody here asked it to; read it again after restart(). */
  readonly exited: Promise<void>;
  /** Asks it to end, insists after ten seconds. */
  stop(): Promise<void>;
  /** SIGKILL, and waits until it is gone. */
  kill(): Promise<void>;
  /** Runs it again on the same port with the same data, and waits until it answers. */
  restart(): Promise<void>;
}

/** How the process that holds some data is recognised. */
export interface Holder {
  readonly title: string;
  readonly pidFile: string;
  /** Words that its command line must contain, so that no foreign process is ever stopped. */
  readonly marks: readonly string[];
}

export interface EngineSpec extends Holder {
  readonly binary: string;
  readonly args: readonly string[];
  /** Beside what this process has. */
  readonly env?: Readonly<Record<string, string>>;
  readonly port: number;
  readonly logFile: string;
  /** Resolves when the engine answers; stops trying once the signal is aborted. */
  readonly ready: (giveUp: AbortSignal) => Promise<void>;
}

const readyWithin = 120_000;
const stopWithin = 10_000;

/**
 * Starts an engine and resolves when it answers. An engine that a killed owner left running on the same data
 * is stopped first; one whose owner lives is refused with an error, as is an engine that ends before it answers.
 */
export async function startEngine(spec: EngineSpec): Promise<Engine> {
  await stopLeftOver(spec);
  let running = await launch(spec);
  return {
    get pid() {
      return running.pid;
    },
    address: `127.0.0.1:${spec.port}`,
    get exited() {
      return running.unexpected;
    },
    stop: () => running.end('SIGTERM'),
    kill: () => running.end('SIGKILL'),
    restart: async () => {
      await running.end('SIGTERM');
      running = await launch(spec);
    },
  };
}

interface Running {
  readonly pid: number;
  readonly unexpected: Promise<void>;
  readonly end: (signal: 'SIGTERM' | 'SIGKILL') => Promise<void>;
}

async function launch(spec: EngineSpec): Promise<Running> {
  mkdirSync(path.dirname(spec.logFile), { recursive: true });
  const log = openSync(spec.logFile, 'a');
  const child = spawn(spec.binary, spec.args, {
    detached: true,
    env: { ...spec.env, ...process.env },
    stdio: ['ignore', log, log],
  });
  closeSync(log);
  let asked = false;
  const gone = new Promise<void>((resolve) => {
    child.once('exit', () => resolve());
    child.once('error', () => resolve());
  });
  const end = async (signal: 'SIGTERM' | 'SIGKILL'): Promise<void> => {
    asked = true;
    await finish(child, gone, signal);
    await rm(spec.pidFile, { force: true });
  };
  const unexpected = new Promise<void>((resolve) => {
    void gone.then(() => (asked ? undefined : resolve()));
  });
  try {
    if (child.pid !== undefined) {
      await writeFile(spec.pidFile, JSON.stringify({ pid: child.pid, owner: process.pid }));
    }
    await answered(spec, gone);
  } catch (error) {
    await end('SIGKILL');
    throw new Error(`${spec.title} 没有启动。日志 ${spec.logFile} 的最后几行：\n${lastLines(spec.logFile)}`, {
      cause: error,
    });
  }
  return { pid: child.pid ?? 0, unexpected, end };
}

async function answered(spec: EngineSpec, gone: Promise<void>): Promise<void> {
  const giveUp = new AbortController();
  const limit = new AbortController();
  const silent = wait(readyWithin, undefined, { signal: limit.signal });
  try {
    await Promise.race([
      spec.ready(giveUp.signal),
      gone.then(() => Promise.reject(new Error('进程已退出'))),
      silent.then(() => Promise.reject(new Error('一直没有应答'))),
    ]);
  } finally {
    giveUp.abort();
    limit.abort();
    await silent.catch(() => {});
  }
}

async function finish(
  child: ChildProcess,
  gone: Promise<void>,
  signal: 'SIGTERM' | 'SIGKILL',
): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null || child.pid === undefined) return;
  child.kill(signal);
  const insist = new AbortController();
  await Promise.race([gone, wait(stopWithin, undefined, { signal: insist.signal }).catch(() => {})]);
  insist.abort();
  child.kill('SIGKILL');
  await gone;
}

/** Ends the engine that a killed owner left on this data. Throws when its owner lives. */
export async function stopLeftOver(spec: Holder): Promise<void> {
  const noted = await readFile(spec.pidFile, 'utf8').catch(() => undefined);
  if (noted === undefined) return;
  const { pid, owner } = parsePidFile(noted);
  if (pid > 0 && isOurs(pid, spec)) {
    if (owner !== process.pid && (commandLine(owner) ?? '').includes('node')) {
      throw new Error(
        `${spec.title} 的数据正由进程 ${owner} 使用，不能同时启动两份。\n  请执行：kill ${owner}`,
      );
    }
    await endForeign(pid, spec);
  }
  await rm(spec.pidFile, { force: true });
}

async function endForeign(pid: number, spec: Holder): Promise<void> {
  process.kill(pid, 'SIGTERM');
  for (let waited = 0; isOurs(pid, spec); waited += 50) {
    if (waited === stopWithin) process.kill(pid, 'SIGKILL');
    await wait(50);
  }
}

function parsePidFile(text: string): { pid: number; owner: number } {
  try {
    const { pid, owner } = JSON.parse(text) as { pid?: unknown; owner?: unknown };
    return { pid: Number(pid) || 0, owner: Number(owner) || 0 };
  } catch {
    return { pid: 0, owner: 0 };
  }
}

function isOurs(pid: number, spec: Holder): boolean {
  const words = commandLine(pid) ?? '';
  return spec.marks.every((mark) => words.includes(mark));
}

/** The command line of a living process; a dead or unreadable one has none, and is then left alone. */
function commandLine(pid: number): string | undefined {
  if (pid <= 0) return undefined;
  try {
    const words = readFileSync(`/proc/${pid}/cmdline`, 'utf8');
    return words === '' ? undefined : words.replaceAll('\0', ' ');
  } catch {
    return undefined;
  }
}

function lastLines(file: string): string {
  try {
    return readFileSync(file, 'utf8').trimEnd().split('\n').slice(-5).join('\n').slice(-2_000);
  } catch {
    return '（空）';
  }
}
