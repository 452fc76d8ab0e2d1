import { type Server, createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Readable } from 'node:stream';
import { SMTPServer, type SMTPServerOptions, type SMTPServerSession } from 'smtp-server';

/** One phase of one mail. What the sink does is read off the recipient's local part, before any `-`; `once.` before it: the first time only. */
export interface Step {
  readonly phase: 'rcpt' | 'data' | 'stored';
  readonly behaviour: string;
  /** Ends this session's socket without a word. */
  drop(): void;
}

export interface ScriptedSink {
  readonly url: string;
  /** Recipients of every mail that was stored, in order: a second copy is a doubled mail. */
  readonly stored: string[];
  readonly raws: Map<string, Buffer>;
  /** `GET ?messageId=` of what was stored. */
  readonly archiveUrl: string;
  close(): Promise<void>;
}

type Reply = (error?: Error | null) => void;

/**
 * A relay that stores each mail before it acknowledges it. `on` is called at each phase of each mail;
 * behaviours it knows itself: n451, n550 and the like (at RCPT), d451 (at DATA's end), dropbefore, dropunstored, dropstored, silent.
 */
export async function startSink(
  on: (step: Step) => Promise<void> | void = () => {},
  over: SMTPServerOptions = {},
): Promise<ScriptedSink> {
  const stored: string[] = [];
  const raws = new Map<string, Buffer>();
  const tried = new Set<string>();
  const drop = (session: SMTPServerSession): void => {
    const all = smtp.connections as Set<{ id: string; _socket: { destroy(): void } }>;
    for (const one of all) if (one.id === session.id) one._socket.destroy();
  };
  const step = (session: SMTPServerSession, phase: Step['phase']): Step => ({
    phase,
    behaviour: (session as Scripted).behaviour ?? '',
    drop: () => drop(session),
  });
  const rcpt = async (session: SMTPServerSession, reply: Reply): Promise<void> => {
    const now = step(session, 'rcpt');
    await on(now);
    if (now.behaviour === 'dropbefore') return now.drop();
    reply(/^n\d{3}$/.test(now.behaviour) ? failure(now.behaviour) : null);
  };
  const data = async (stream: Readable, session: SMTPServerSession, reply: Reply): Promise<void> => {
    const raw = await readAll(stream);
    const now = step(session, 'data');
    await on(now);
    if (now.behaviour === 'dropunstored') return now.drop();
    if (/^d\d{3}$/.test(now.behaviour)) return reply(failure(now.behaviour));
    stored.push(recipientOf(session));
    raws.set(/^Message-ID: <([^>]+)>/im.exec(raw.toString())?.[1] ?? '', raw);
    await on(step(session, 'stored'));
    if (now.behaviour === 'dropstored') return now.drop();
    if (now.behaviour !== 'silent') reply();
  };
  const smtp = new SMTPServer({
    authOptional: true,
    disabledCommands: ['STARTTLS', 'AUTH'],
    closeTimeout: 100,
    onRcptTo: (address, session, reply) => {
      const [, once, behaviour = ''] = /^(once\.)?([^-@]+)/.exec(address.address) ?? [];
      const known = tried.has(address.address);
      tried.add(address.address);
      Object.assign(session, {
        rcpt: address.address,
        behaviour: once && known ? 'ok' : behaviour,
      } satisfies Scripted);
      void rcpt(session, reply);
    },
    onData: (stream, session, reply) => void data(stream, session, reply).catch(() => undefined),
    ...over,
  });
  smtp.on('error', () => undefined);
  const port = await listening(smtp.listen(0, '127.0.0.1') as unknown as Server);
  const http = createServer((request, response) => {
    const id = new URL(request.url ?? '', 'http://sink').searchParams.get('messageId') ?? '';
    response.end(JSON.stringify({ present: raws.has(id) }));
  });
  const archivePort = await listening(http.listen(0, '127.0.0.1'));
  const close = async (): Promise<void> => {
    http.closeAllConnections();
    http.close();
    await new Promise<void>((resolve) => smtp.close(() => resolve()));
  };
  return {
    url: `smtp://127.0.0.1:${port}`,
    stored,
    raws,
    archiveUrl: `http://127.0.0.1:${archivePort}/`,
    close,
  };
}

interface Scripted {
  rcpt?: string;
  behaviour?: string;
}

const recipientOf = (session: SMTPServerSession): string => (session as Scripted).rcpt ?? '';

function failure(behaviour: string): Error {
  return Object.assign(new Error(`scripted ${behaviour}`), { responseCode: Number(behaviour.slice(1)) });
}

async function readAll(stream: Readable): Promise<Buffer> {
  const pieces: Buffer[] = [];
  for await (const piece of stream) pieces.push(piece as Buffer);
  return Buffer.concat(pieces);
}

async function listening(server: Server): Promise<number> {
  if (!server.listening) await new Promise((resolve) => server.once('listening', resolve));
  return (server.address() as AddressInfo).port;
}
