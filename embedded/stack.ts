import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';

import path from 'node:path';
import { Client, Connection } from '@temporalio/client';
import express, { type Router } from 'express';
import { type SendMailOptions, createTransport } from 'nodemailer';
import { hashSecret } from '../api/access.ts';
import { productAt, stamp } from '../domain/clock.ts';
import { seedAccount, seedReference } from '../data/seed.ts';
import { openStore, type Store } from '../models/store.ts';
import { processBundled, workflowsBundled } from './bundle.ts';
import { type ClockChoice, keepClock, setClock, tellClock } from './demo-clock.ts';
import { type Engine, endLeftOvers, startMongod, startTemporal } from './engines.ts';
import { createDesk } from './desk.ts';
import { createMailbox, type Mailbox } from './mailbox.ts';
import { freePort } from './ports.ts';
import { type Kept, keepRunning } from './processes.ts';
import { noteReply } from './tutorial.ts';
import { keptSecrets, ROLES, type Secrets } from './secrets.ts';

export interface StackOptions {
  readonly dir: string;
  readonly clock: ClockChoice;
  readonly say: (line: string) => void;
  /** Usual ports, or any free one. */
  readonly ports?: 'usual' | 'any';
  readonly env?: Readonly<Record<string, string>>;
  /** Sources of the worker, where they are not these. */
  readonly workerRoot?: string;
}

/** Everything behind `npm start`, on loopback. */
export interface Stack {
  readonly url: string;
  readonly mailboxUrl: string;
  readonly ui: string;
  readonly smtpIn: number;
  readonly secrets: Secrets;
  readonly store: Store;
  readonly client: Client;
  readonly mailbox: Mailbox;
  readonly mongod: Engine & { readonly uri: string };
  readonly temporal: Engine;
  readonly worker: Kept;
  readonly server: Kept;
  stop(): Promise<void>;
}

export const DATABASE = 'jiandu';
const MAIL_DOMAIN = 'jiandu.example';
const WANTED = {
  http: 3000,
  mailbox: 8025,
  smtpOut: 1025,
  smtpIn: 2525,
  mongod: 27_017,
  temporal: 7233,
  ui: 8233,
};
type Ports = Record<keyof typeof WANTED, number>;

/** Starts engines, mailbox, worker and server on the data in `dir`, and resolves when /readyz answers 200. What is there already is kept. */
export async function startStack(options: StackOptions): Promise<Stack> {
  const { dir, say } = options;
  await mkdir(dir, { recursive: true, mode: 0o700 });
  const data = { dataDir: path.join(dir, 'mongo'), dataFile: path.join(dir, 'temporal', 'temporal.db') };
  await endLeftOvers(data);
  const secrets = await keptSecrets(dir);
  const ports = await choosePorts(options);
  const [mongod, temporal] = await Promise.all([
    startMongod({
      dataDir: data.dataDir,
      port: ports.mongod,
      logFile: path.join(dir, 'logs', 'mongod.log'),
      say,
    }),
    startTemporal({
      dataFile: data.dataFile,
      port: ports.temporal,
      uiPort: ports.ui,
      logFile: path.join(dir, 'logs', 'temporal.log'),
      say,
    }),
  ]);
  const store = await openStore(mongod.uri, DATABASE);
  await seedReference(store);
  await seedAccounts(store, secrets);
  const mapping = await setClock(store, options.clock);
  const stopClock = options.clock === 'system' ? async () => undefined : keepClock(store);
  const mailbox = await openMailbox({ dir: path.join(dir, 'mailbox'), ports, store });
  const url = `http://127.0.0.1:${ports.http}`;
  const env = {
    ...environment({ ports, secrets, mongod, temporal, url }),
    DEMO_DESK_URL: `http://127.0.0.1:${ports.mailbox}/desk`,
    WORKFLOW_BUNDLE: await workflowsBundled(options.workerRoot),
    ...options.env,
  };
  const worker = keepRunning({ file: await processBundled('worker', options.workerRoot), env, say });
  const server = keepRunning({ file: await processBundled('server'), env, say });
  const connection = await Connection.connect({ address: temporal.address });
  const client = new Client({ connection });
  const since = { wall: Date.now(), product: stamp(productAt(mapping, Date.now())) };
  const desk = createDesk({ store, client, console: `${url}/console`, since });
  const web = await serveMailbox(ports.mailbox, [desk, mailbox.router]);
  await answers(`${url}/readyz`);
  if (options.clock !== 'system') await tellClock(store, client, mapping);
  return {
    url,
    mailboxUrl: `http://127.0.0.1:${ports.mailbox}`,
    ui: temporal.ui,
    smtpIn: ports.smtpIn,
    secrets,
    store,
    client,
    mailbox,
    mongod,
    temporal,
    worker,
    server,
    async stop() {
      await server.stop();
      await worker.stop();
      await stopClock();
      await web();
      await mailbox.close();
      await connection.close();
      await store.close();
      await Promise.all([temporal.stop(), mongod.stop()]);
    },
  };
}

async function choosePorts({ dir, ports, say }: StackOptions): Promise<Ports> {
  const file = path.join(dir, 'ports.json');
  const last = await readFile(file, 'utf8').then(
    (text) => JSON.parse(text) as Partial<Ports>,
    (): Partial<Ports> => ({}),
  );
  const taken = new Set<number>();
  const chosen = {} as Ports;
  for (const name of Object.keys(WANTED) as (keyof Ports)[]) {
    const wanted = last[name] ?? (ports === 'any' ? 0 : WANTED[name]);
    chosen[name] = await freePort(wanted, taken);
    taken.add(chosen[name]);
    if (wanted > 0 && chosen[name] !== wanted) say(`端口 ${wanted} 被占用，改用 ${chosen[name]}（${name}）`);
  }
  await writeFile(file, JSON.stringify(chosen));
  return chosen;
}

async function seedAccounts(store: Store, secrets: Secrets): Promise<void> {
  const names = {
    administrator: '系统管理员',
    organizer: '演示组织员',
    approver: '分管负责人',
    auditor: '审计员',
  };
  for (const role of ROLES) {
    if (!(await store.accounts.exists({ _id: role })))
      await seedAccount(store, { id: role, name: names[role], role, password: secrets.passwords[role] });
    await store.tokens.updateOne(
      { _id: hashSecret(secrets.tokens[role]) },
      { $setOnInsert: { account: role, createdAt: new Date() } },
      { upsert: true },
    );
  }
}

async function openMailbox(parts: { dir: string; ports: Ports; store: Store }): Promise<Mailbox> {
  const { dir, ports, store } = parts;
  const handIn = async (mail: SendMailOptions): Promise<void> => {
    const client = createTransport({ host: '127.0.0.1', port: ports.smtpIn, ignoreTLS: true });
    await client.sendMail(mail);
    client.close();
  };
  return createMailbox({
    dir,
    smtpPort: ports.smtpOut,
    sendReply: async ({ files, ...mail }) => {
      await handIn({ ...mail, attachments: files.map((file) => ({ ...file })) });
      await noteReply(store, mail.inReplyTo, files.length);
    },
    sendByItself: ({ from, to, raw }) => handIn({ envelope: { from, to: [to] }, raw }),
  });
}

async function serveMailbox(port: number, routers: readonly Router[]): Promise<() => Promise<void>> {
  const app = express();
  app.disable('x-powered-by');
  app.use(...routers);
  const server = createServer(app);
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
  return async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  };
}

function environment(parts: {
  ports: Ports;
  secrets: Secrets;
  mongod: { uri: string };
  temporal: { address: string; ui: string };
  url: string;
}): Record<string, string> {
  const { ports, secrets, mongod, temporal, url } = parts;
  return {
    JIANDU_MODE: 'embedded',
    MONGODB_URI: mongod.uri,
    MONGODB_DATABASE: DATABASE,
    TEMPORAL_ADDRESS: temporal.address,
    TEMPORAL_UI: temporal.ui,
    SMTP_URL: `smtp://127.0.0.1:${ports.smtpOut}`,
    ARCHIVE_HTTP_URL: `http://127.0.0.1:${ports.mailbox}/archive`,
    MAIL_ATTEMPT_SECONDS: '4',
    MAIL_DOMAIN,
    MAIL_FROM: `jiandu@${MAIL_DOMAIN}`,
    SMTP_IN_PORT: String(ports.smtpIn),
    PORT: String(ports.http),
    PUBLIC_URL: url,
    SECRET_KEY: secrets.key,
    LOG_LEVEL: process.env['LOG_LEVEL'] ?? 'warn',
  };
}

/** Waits for 200; the first start compiles and bundles. */
async function answers(url: string): Promise<void> {
  const until = Date.now() + 120_000;
  for (;;) {
    const ready = await fetch(url).then(
      (response) => response.ok,
      () => false,
    );
    if (ready) return;
    if (Date.now() > until) throw new Error(`没有应答：${url}`);
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
}
