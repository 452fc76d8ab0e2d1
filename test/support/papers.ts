import { randomBytes } from 'node:crypto';
import { type Server, createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { issueToken } from '../../data/seed.ts';
import type { Role } from '../../models/account.ts';
import type { DocumentRecord } from '../../models/document.ts';
import type { Store } from '../../models/store.ts';
import { type Desk, openDesk } from './desk.ts';

export interface Reply {
  readonly status: number;
  readonly body: any; // oxlint-disable-line typescript/no-explicit-any -- a test reads whatever shape it asserts
  readonly bytes: Buffer;
  readonly headers: Headers;
}

export type Caller = (
  method: string,
  path: string,
  more?: { readonly body?: unknown; readonly headers?: Readonly<Record<string, string>> },
) => Promise<Reply>;

/** A desk that listens, with a caller for each role. */
export interface PaperDesk {
  readonly store: Store;
  readonly as: Readonly<Record<Role, Caller>>;
  close(): Promise<void>;
}

export async function openPaperDesk(): Promise<PaperDesk> {
  const desk: Desk = await openDesk();
  await desk.fresh();
  const server = createServer(desk.app);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/api/v1`;
  const as = {} as Record<Role, Caller>;
  for (const role of ['administrator', 'organizer', 'approver', 'auditor'] as const)
    as[role] = caller(url, await issueToken(desk.store, role));
  return {
    store: desk.store,
    as,
    async close() {
      await ended(server);
      await desk.close();
    },
  };
}

const ended = (server: Server): Promise<void> => {
  server.closeAllConnections();
  return new Promise((resolve) => server.close(() => resolve()));
};

const caller =
  (url: string, token: string): Caller =>
  async (method, path, { body, headers } = {}) => {
    const response = await fetch(`${url}${path}`, {
      method,
      headers: {
        Authorization: `Bearer ${token}`,
        ...(method === 'POST' ? { 'Idempotency-Key': crypto.randomUUID() } : {}),
        ...(body === undefined ? {} : { 'Content-Type': 'application/json' }),
        ...headers,
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const bytes = Buffer.from(await response.arrayBuffer());
    const json = /json/.test(response.headers.get('content-type') ?? '');
    return {
      status: response.status,
      headers: response.headers,
      bytes,
      body: json ? (JSON.parse(bytes.toString('utf8')) as unknown) : bytes.toString('utf8'),
    };
  };

/** A draft as a case leaves it. */
export const aDraft = (over: Partial<DocumentRecord> = {}): DocumentRecord => ({
  _id: `wd-${randomBytes(8).toString('hex')}`,
  owner: 'XS-2026-0001',
  kind: 'letter',
  state: 'draft',
  title: '关于未依法公示行政执法信息问题的行政执法监督督办函',
  addressee: '县水利局',
  body: ['你单位未按规定公示行政执法信息。', '请依法履行职责。'],
  createdBy: '经办人甲',
  createdAt: '2026-12-01T09:00:00+08:00',
  ...over,
});

export async function aStoredDraft(
  store: Store,
  over: Partial<DocumentRecord> = {},
): Promise<DocumentRecord> {
  const draft = aDraft(over);
  await store.documents.create(draft);
  return draft;
}
