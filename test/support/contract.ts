import { createServer } from 'node:http';
import { type AddressInfo, type Socket, connect } from 'node:net';
import pino from 'pino';
import { expect } from 'vitest';
import { createApp } from '../../api/app.ts';
import type { ApiDeps } from '../../api/deps.ts';
import { issueToken } from '../../data/seed.ts';
import type { Role } from '../../models/account.ts';
import type { Answered, House } from './house.ts';

export const ROLES: readonly Role[] = ['administrator', 'organizer', 'approver', 'auditor'];

/** What is sent besides method and path: a plain object goes as JSON, anything else as it is. */
export interface Sent {
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

/** A script of somebody who knows the contract only: nothing is added to what it sends but the token. */
export type Script = (role: Role | undefined, method: string, path: string, sent?: Sent) => Promise<Answered>;

export const key = (): Record<string, string> => ({ 'Idempotency-Key': crypto.randomUUID() });

export async function scriptFor(house: Pick<House, 'store' | 'url'>): Promise<Script> {
  const tokens = new Map<Role, string>();
  for (const role of ROLES) tokens.set(role, await issueToken(house.store, role));
  return async (role, method, path, { body, headers } = {}) => {
    const token = role && tokens.get(role);
    return send(`${house.url}/api/v1${path}`, method, {
      body,
      headers: { ...(token === undefined ? {} : { Authorization: `Bearer ${token}` }), ...headers },
    });
  };
}

/** One request over HTTP, its answer read. */
export async function send(url: string, method: string, { body, headers }: Sent = {}): Promise<Answered> {
  const plain = typeof body === 'object' && body !== null && [Object.prototype, Array.prototype].includes(Object.getPrototypeOf(body) as object); // prettier-ignore
  const response = await fetch(url, {
    method,
    redirect: 'manual',
    headers: { ...(plain ? { 'Content-Type': 'application/json' } : {}), ...headers },
    ...(body === undefined ? {} : { body: plain ? JSON.stringify(body) : (body as never) }),
  });
  const text = await response.text();
  const isJson = /json/.test(response.headers.get('content-type') ?? '');
  return { status: response.status, headers: response.headers, body: isJson ? JSON.parse(text) : text };
}

export const JSON_WANTED = { Accept: 'application/json' };

/** A refusal in the contract's form: status, code, and where a pointer is given, one of its errors there. */
// oxlint-disable-next-line max-params -- read as one sentence: this answer is that status, for this code, at that place
export function expectProblem(answer: Answered, status: number, code?: string, pointer?: string): void {
  const said = `${answer.status} ${JSON.stringify(answer.body).slice(0, 600)}`;
  expect(answer.status, said).toBe(status);
  expect(answer.headers.get('content-type')).toContain('application/problem+json');
  expect(Object.keys(answer.body)).toEqual(
    expect.arrayContaining(['type', 'title', 'status', 'detail', 'errors', 'traceId']),
  );
  expect(answer.body.status).toBe(status);
  for (const name of ['type', 'title', 'detail', 'traceId']) expect(answer.body[name], name).toMatch(/./);
  for (const error of answer.body.errors) {
    expect(typeof error.pointer).toBe('string');
    expect(error.code).toMatch(/^[a-z0-9]+(-[a-z0-9]+)*$/);
    expect(error.detail).toMatch(/./);
  }
  if (code !== undefined) {
    const codes = [
      answer.body.type.split('#')[1],
      ...answer.body.errors.map((one: { code: string }) => one.code),
    ];
    expect(codes, said).toContain(code);
  }
  if (pointer !== undefined)
    expect(
      answer.body.errors.map((one: { pointer: string }) => one.pointer),
      said,
    ).toContain(pointer);
}

/** Another door of the same product, over other dependencies: a server that has lost its engine, or its database. */
export async function openDoor(
  house: House,
  over: Partial<ApiDeps>,
): Promise<{ url: string; close(): Promise<void> }> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const { store, client, clock, office } = house.deps;
  const app = createApp({
    ...{ store, client, clock, office },
    log: pino({ level: 'silent' }),
    sessionSecret: 'y'.repeat(64),
    secureCookies: false,
    ...over,
  });
  server.on('request', app);
  return {
    url,
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** Bytes written to a socket as they are; resolves with the status line that comes back, and how many milliseconds it took. */
export function wire(
  url: string,
  write: (socket: Socket) => void | Promise<void>,
): Promise<{ status: number; head: string; ms: number }> {
  const { hostname, port } = new URL(url);
  const began = Date.now();
  return new Promise((resolve, reject) => {
    const socket = connect(Number(port), hostname, () => void write(socket));
    let head = '';
    socket.setTimeout(60_000, () => reject(new Error(`no answer, got “${head}”`)));
    socket.on('error', (error) => (head === '' ? reject(error) : undefined));
    socket.on('data', (bytes: Buffer) => {
      head += bytes.toString('latin1');
      if (!head.includes('\r\n\r\n')) return;
      resolve({ status: Number(head.split(' ')[1]), head, ms: Date.now() - began });
      socket.destroy();
    });
  });
}
