import { closeSync, existsSync, openSync, readFileSync, readSync, readdirSync, statSync } from 'node:fs';

/** Clock ticks in /proc/<pid>/stat: Linux gives every program 100 a second. */
const MS_A_TICK = 10;

/** The one-minute load of the machine, the subject's own threads included. */
export const load = (): number => Number(readFileSync('/proc/loadavg', 'utf8').split(' ')[0]);

/** A process and every living descendant. */
export function family(pid: number): number[] {
  const parents = new Map<number, number[]>();
  for (const name of readdirSync('/proc')) {
    if (!/^\d+$/.test(name)) continue;
    const parent = Number(fields(Number(name))?.[1]);
    parents.set(parent, [...(parents.get(parent) ?? []), Number(name)]);
  }
  const found = [pid];
  for (const one of found) found.push(...(parents.get(one) ?? []));
  return found;
}

/** CPU time of a process, its living descendants and those it has waited for, in ms. */
export function cpuMs(pid: number): number {
  return family(pid).reduce((sum, one) => {
    const [, , , , , , , , , , , utime, stime, cutime, cstime] = fields(one) ?? [];
    return (
      sum + MS_A_TICK * [utime, stime, cutime, cstime].reduce((all, ticks) => all + Number(ticks ?? 0), 0)
    );
  }, 0);
}

/** Proportional set size of a process and its descendants, in MB. */
export function pssMb(pid: number): number {
  return family(pid).reduce((sum, one) => {
    const text = readOr(`/proc/${one}/smaps_rollup`);
    return sum + Number(/^Pss:\s+(\d+) kB/m.exec(text)?.[1] ?? 0) / 1_024;
  }, 0);
}

/** The fields of /proc/<pid>/stat from the third on, which follows the name in brackets. */
function fields(pid: number): string[] | undefined {
  const text = readOr(`/proc/${pid}/stat`);
  return text === '' ? undefined : text.slice(text.lastIndexOf(')') + 2).split(' ');
}

function readOr(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return '';
  }
}

const WAL_HEADER = 32;
const FRAME_HEADER = 24;

/** Size of an SQLite database in bytes as its last commit sees it, whether that is in the file or in its write-ahead log yet. */
export function sqliteBytes(file: string): number {
  const head = bytesOf(file, 0, 100);
  const pageSize = head.readUInt16BE(16) === 1 ? 65_536 : head.readUInt16BE(16);
  return (pagesInLog(`${file}-wal`, pageSize) ?? head.readUInt32BE(28)) * pageSize;
}

/** Frames of an older round of the log carry other salts, and end it. */
function pagesInLog(file: string, pageSize: number): number | undefined {
  if (!existsSync(file) || statSync(file).size <= WAL_HEADER) return undefined;
  const size = statSync(file).size;
  const salts = bytesOf(file, 16, 8);
  let pages: number | undefined;
  for (let at = WAL_HEADER; at + FRAME_HEADER + pageSize <= size; at += FRAME_HEADER + pageSize) {
    const frame = bytesOf(file, at, FRAME_HEADER);
    if (!frame.subarray(8, 16).equals(salts)) break;
    if (frame.readUInt32BE(4) > 0) pages = frame.readUInt32BE(4);
  }
  return pages;
}

function bytesOf(file: string, at: number, length: number): Buffer {
  const handle = openSync(file, 'r');
  try {
    const bytes = Buffer.alloc(length);
    readSync(handle, bytes, 0, length, at);
    return bytes;
  } finally {
    closeSync(handle);
  }
}
