import { type ChildProcess, spawn } from 'node:child_process';
import path from 'node:path';

const STOPS_WITHIN_MS = 15_000;
/** A process that dies again within this time is started again later and later. */
const SETTLED_MS = 30_000;
const LONGEST_PAUSE_MS = 30_000;

/** One of the product's own processes (worker, server), kept running. */
export interface Kept {
  readonly pid: number | undefined;
  kill(signal?: NodeJS.Signals): void;
  stop(): Promise<void>;
  /** Again, after a stop. */
  start(): void;
}

export interface KeptOptions {
  /** Its bundle (bundle.ts). */
  readonly file: string;
  readonly env: Readonly<Record<string, string>>;
  readonly say: (line: string) => void;
}

/** Starts the process in a group of its own, so that Ctrl-C reaches its owner first, and starts it again when it dies. It ends with its owner, however that ends (owner.ts). */
export function keepRunning({ file, env, say }: KeptOptions): Kept {
  let child: ChildProcess;
  let stopping = false;
  let pause = 1_000;
  const start = (): void => {
    child = spawn(process.execPath, [file], {
      env: { ...inherited(), ...thrift(), ...env, JIANDU_OWNED: '1' },
      stdio: ['ignore', 'inherit', 'inherit'],
      detached: true,
    });
    const began = Date.now();
    child.once('exit', (code, signal) => {
      if (stopping) return;
      pause =
        Date.now() - began > SETTLED_MS || signal === 'SIGKILL'
          ? 1_000
          : Math.min(pause * 2, LONGEST_PAUSE_MS);
      say(`${path.basename(file, '.mjs')} 意外结束（${signal ?? code}），${pause / 1_000}秒后重新启动`);
      setTimeout(() => stopping || start(), pause);
    });
  };
  start();
  return {
    get pid() {
      return child.pid;
    },
    kill: (signal = 'SIGKILL') => void child.kill(signal),
    start() {
      stopping = false;
      start();
    },
    async stop() {
      stopping = true;
      if (child.exitCode !== null || child.signalCode !== null) return;
      const gone = new Promise<void>((resolve) => child.once('exit', () => resolve()));
      child.kill('SIGTERM');
      const insist = setTimeout(() => child.kill('SIGKILL'), STOPS_WITHIN_MS);
      await gone;
      clearTimeout(insist);
    },
  };
}

/**
 * What worker and server are started with, here as in deploy/Dockerfile: a heap with a limit is swept before it has grown fourfold,
 * and two arenas serve the engine's many threads. `NODE_OPTIONS` of the caller come last, so that they win.
 */
export const thrift = (): { readonly NODE_OPTIONS: string; readonly MALLOC_ARENA_MAX: string } => ({
  NODE_OPTIONS:
    `--max-old-space-size=768 --max-semi-space-size=8 ${process.env['NODE_OPTIONS'] ?? ''}`.trim(),
  MALLOC_ARENA_MAX: process.env['MALLOC_ARENA_MAX'] ?? '2',
});

/** The embedded processes are configured by their owner alone. */
function inherited(): Record<string, string> {
  const kept = ['PATH', 'HOME', 'LANG', 'TZ', 'TMPDIR', 'NODE_EXTRA_CA_CERTS', 'LOG_LEVEL', 'SystemRoot'];
  return Object.fromEntries(
    kept.flatMap((name) => (process.env[name] === undefined ? [] : [[name, process.env[name]]])),
  );
}
