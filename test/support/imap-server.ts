import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, rename, rm } from 'node:fs/promises';
import { type Socket, connect, createServer } from 'node:net';
import path from 'node:path';
import { ImapFlow } from 'imapflow';
import { MissingPart } from '../../embedded/binaries.ts';
import { pip } from '../../embedded/binary-sources.ts';
import { freePort } from '../../embedded/ports.ts';
import { eventually } from './eventually.ts';

const ACCOUNT = { user: 'jiandu', pass: 'a password' };
const root = path.join(import.meta.dirname, '..', '..');
const pinned = path.join(import.meta.dirname, 'imap-server.txt');

/** A mailbox behind a real IMAP server, and the line to it, which can be cut. */
export interface ImapServer {
  /** Over the line that can be cut. */
  readonly url: string;
  /** Puts a mail into the mailbox, as the office's provider does. */
  deliver(raw: Buffer): Promise<void>;
  /** Takes the mark of having been read from every mail. */
  forgetRead(): Promise<void>;
  unread(): Promise<number>;
  /** Cuts the line once: when the client says this, or after so many bytes of the answer to it. */
  cut(when: RegExp, answered?: number): void;
  close(): Promise<void>;
}

export async function startImapServer(): Promise<ImapServer> {
  const port = await freePort(0);
  const server = await serve(port);
  const line = await openLine(port);
  const atMailbox = async <T>(act: (client: ImapFlow) => Promise<T>): Promise<T> => {
    const client = new ImapFlow({ host: '127.0.0.1', port, secure: false, auth: ACCOUNT, logger: false });
    await client.connect();
    const lock = await client.getMailboxLock('INBOX');
    try {
      return await act(client);
    } finally {
      lock.release();
      await client.logout();
    }
  };
  await eventually(() => atMailbox(async () => undefined));
  return {
    url: `imap://${ACCOUNT.user}:${encodeURIComponent(ACCOUNT.pass)}@127.0.0.1:${line.port}/INBOX`,
    deliver: (raw) => atMailbox(async (client) => void (await client.append('INBOX', raw))),
    forgetRead: () =>
      atMailbox(async (client) => void (await client.messageFlagsRemove('1:*', [String.raw`\Seen`]))),
    unread: () =>
      atMailbox(async (client) => {
        const found = await client.search({ seen: false });
        return found ? found.length : 0;
      }),
    cut: line.cut,
    async close() {
      await line.close();
      const gone = new Promise((resolve) => server.once('exit', resolve));
      server.kill('SIGKILL');
      await gone;
    },
  };
}

/** The packages stand in the cache complete or not at all. Throws MissingPart: a test of mail that finds no mailbox has failed. */
async function installed(): Promise<string> {
  const home = path.join(process.env['JIANDU_CACHE'] ?? path.join(root, '.cache'), 'python');
  const target = path.join(home, 'pymap-0.36.7');
  if (existsSync(target)) return target;
  await mkdir(home, { recursive: true });
  const work = await mkdtemp(path.join(home, '.fetch-'));
  try {
    const only = ['--no-deps', '--only-binary', ':all:', '--require-hashes'];
    await pip(['install', '-q', ...only, '--target', path.join(work, 'ready'), '-r', pinned]);
    await rename(path.join(work, 'ready'), target).catch((error: unknown) => {
      if (!existsSync(target)) throw error;
    });
    return target;
  } catch (error) {
    throw new MissingPart(
      `缺少测试用的 IMAP 服务器 pymap 0.36.7（需要 Python 3.11 或更新版本和 pip）：${String(error)}\n  请执行：python3 -m pip download --no-deps --require-hashes -r test/support/imap-server.txt`,
      { cause: error },
    );
  } finally {
    await rm(work, { recursive: true, force: true });
  }
}

async function serve(port: number): Promise<ChildProcess> {
  const packages = await installed();
  const login = ['--demo-user', ACCOUNT.user, '--demo-password', ACCOUNT.pass];
  const args = ['--host', '127.0.0.1', '--port', String(port), '--no-tls', 'dict', ...login];
  return spawn('python3', [path.join(packages, 'bin', 'pymap'), ...args], {
    env: { ...process.env, PYTHONPATH: packages },
    stdio: 'ignore',
  });
}

interface Line {
  readonly port: number;
  readonly cut: ImapServer['cut'];
  readonly close: () => Promise<void>;
}

async function openLine(to: number): Promise<Line> {
  const sockets = new Set<Socket>();
  let armed: { readonly when: RegExp; readonly answered: number } | undefined;
  const server = createServer((near) => {
    const far = connect(to, '127.0.0.1');
    let left = Infinity;
    const end = (): void => {
      near.destroy();
      far.destroy();
    };
    for (const socket of [near, far]) {
      sockets.add(socket);
      socket
        .on('error', end)
        .on('close', end)
        .on('close', () => sockets.delete(socket));
    }
    near.on('data', (said) => {
      if (armed?.when.test(said.toString('latin1'))) {
        left = armed.answered;
        armed = undefined;
      }
      if (left === 0) return end();
      far.write(said);
    });
    far.on('data', (answer) => {
      near.write(answer.subarray(0, left));
      left -= answer.length;
      if (left <= 0) setImmediate(end);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  return {
    port: typeof address === 'object' && address !== null ? address.port : 0,
    cut: (when, answered = 0) => {
      armed = { when, answered };
    },
    close: async () => {
      sockets.forEach((socket) => socket.destroy());
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
