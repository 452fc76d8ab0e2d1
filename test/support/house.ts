import { createServer, type Server } from 'node:http';
import { mkdtemp, rm } from 'node:fs/promises';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { DataConverter } from '@temporalio/common';
import { TestWorkflowEnvironment } from '@temporalio/testing';
import type { TestWorkflowEnvironment as Environment } from '@temporalio/testing';
import { createTransport } from 'nodemailer';
import pino from 'pino';
import type { Deps } from '../../activities/deps.ts';
import { createMailRate } from '../../activities/mail-rate.ts';
import { createOutbox } from '../../activities/outbox.ts';
import { createApp } from '../../api/app.ts';
import { interruptOperations } from '../../api/operations.ts';
import { receiverOf } from '../../connect.ts';
import { issueToken, seedReference } from '../../data/seed.ts';
import { type Clock, type ClockMapping, SAME_CLOCK, engineAt, productAt, stamp } from '../../domain/clock.ts';
import { closePress } from '../../documents/pdf.ts';
import { createMailbox, type Mailbox, type MailboxMessage } from '../../embedded/mailbox.ts';
import { noArchive } from '../../mail/archive.ts';
import { startListener, type Listener } from '../../mail/listener.ts';
import type { Office } from '../../mail/office.ts';
import { createTransport as smtp } from '../../mail/transport.ts';
import type { Role } from '../../models/account.ts';
import { rateModel } from '../../models/rate.ts';
import { openStore, type Store } from '../../models/store.ts';
import { startWorker, type RunningWorker } from '../../worker.ts';
import { databaseName, localServer, mongoUri, timeSkippingServer, workflowBundle } from './engines.ts';
import { leapTo, settled } from './virtual-time.ts';

const ROLES: readonly Role[] = ['administrator', 'organizer', 'approver', 'auditor'];
const DAY = 86_400_000;

export interface Answered {
  readonly status: number;
  readonly body: any; // oxlint-disable-line typescript/no-explicit-any -- a test reads whatever shape it asserts
  readonly headers: Headers;
}

/** The whole product over a time-skipping Temporal, a real MongoDB and real SMTP on loopback. */
export interface House {
  readonly url: string;
  readonly store: Store;
  readonly mailbox: Mailbox;
  /** Port on which the office takes mail. */
  readonly smtpIn: number;
  readonly env: Environment;
  readonly deps: Deps;
  now(): Promise<number>;
  /** Lets virtual time pass; the engine holds its clock while anything is at work. */
  pass(days: number): Promise<void>;
  /** Resolves when everything that people sent is taken in and no workflow has anything under way. */
  settled(): Promise<void>;
  /** Lets virtual time pass until this instant of the product's clock (RFC 3339). */
  until(instant: string): Promise<void>;
  call(
    role: Role,
    method: string,
    path: string,
    more?: { body?: unknown; headers?: Record<string, string> },
  ): Promise<Answered>;
  mails(to: string, subject?: string): Promise<readonly MailboxMessage[]>;
  /** Answers a mail as its recipient's mail program would. */
  reply(
    to: MailboxMessage,
    reply: { text: string; from?: string; files?: readonly { filename: string; content: string | Buffer }[] },
  ): Promise<void>;
  stopWorker(): Promise<void>;
  startWorker(): Promise<void>;
  close(): Promise<void>;
}

export { eventually, seconds } from './eventually.ts';

export const OFFICE: Omit<Office, 'publicUrl'> = {
  name: '桓台县司法局',
  person: '行政执法监督科',
  phone: '0533-0000000',
  mailDomain: 'jiandu.example',
  fromAddress: 'jiandu@jiandu.example',
  linkKey: 'the key of a test',
  vaultKeys: ['the key of the vault'],
  complaintAddress: 'tousu@jiandu.example',
  receipts: true,
  government: '桓台县人民政府',
};

export interface HouseOptions {
  /** What the product's clock shows at the opening (RFC 3339); the engine's own time where it is not given. */
  readonly startsAt?: string;
  /** Temporal's development server instead: real time only, but a worker may stop and start again (the time-skipping one hands tasks to the polls of a worker that has gone). */
  readonly realTime?: boolean;
  /** Takes what the server and the worker write down, instead of nobody. */
  readonly log?: pino.Logger;
  /** How payloads cross to the engine, for client and worker. */
  readonly dataConverter?: DataConverter;
  /** Path of another workflow bundle than the product's. */
  readonly bundle?: string;
  /** smtp:// of another relay than the mailbox, of whose mails nobody has a copy. */
  readonly relay?: string;
}

export async function openHouse({
  startsAt,
  realTime = false,
  bundle,
  log = pino({ level: process.env['TEST_LOG'] ?? 'silent' }),
  relay,
  dataConverter,
}: HouseOptions = {}): Promise<House> {
  const dir = await mkdtemp(path.join(tmpdir(), 'jiandu-house-'));
  const convert = dataConverter ? { dataConverter } : {};
  const converting = { client: convert };
  const env = realTime
    ? await TestWorkflowEnvironment.createLocal({ server: localServer(), ...converting })
    : await TestWorkflowEnvironment.createTimeSkipping({ server: timeSkippingServer(), ...converting });
  const store = await openStore(mongoUri(), databaseName());
  await seedReference(store);
  const mailbox = await createMailbox({ dir, smtpPort: 0 });
  const clock = await clockOf(env, startsAt);
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const office: Office = { ...OFFICE, publicUrl: url };
  const transport = smtp({
    url: relay ?? `smtp://127.0.0.1:${mailbox.smtp.port}`,
    connections: 8,
    attemptMs: 4_000,
  });
  const outbox = createOutbox({
    messages: store.messages,
    transport,
    archive: relay ? noArchive : { lookup: async (id) => (mailbox.has(id) ? 'present' : 'absent') },
    rate: createMailRate(rateModel(store.connection)),
    timing: { attemptMs: 4_000, leaseMs: 5_000, graceMs: 6_000, soonMs: 500 },
    key: office.linkKey,
    domain: office.mailDomain,
    wall: Date.now,
  });
  const deps: Deps = { store, outbox, clock, client: env.client, office };
  const app = createApp({
    store,
    client: env.client,
    clock,
    office,
    log,
    sessionSecret: 'x'.repeat(64),
    secureCookies: false,
  });
  server.on('request', app);
  const listener = await listen(store, clock);
  const tokens = await issueTokens(store);
  const worker = { running: undefined as RunningWorker | undefined };
  const house: House = {
    url,
    store,
    mailbox,
    smtpIn: listener.port,
    env,
    deps,
    now: () => clock.now(),
    settled: () => settled(house),
    async pass(days) {
      await house.until(stamp((await clock.now()) + days * DAY));
    },
    async until(instant) {
      await leapTo(house, engineAt(await clock.mapping(), Date.parse(instant)));
    },
    async call(role, method, where, { body, headers } = {}) {
      const keyed =
        method === 'POST' && headers?.['Idempotency-Key'] === undefined
          ? { 'Idempotency-Key': crypto.randomUUID() }
          : {};
      const response = await fetch(`${url}/api/v1${where}`, {
        method,
        headers: {
          Authorization: `Bearer ${tokens[role]}`,
          ...(body === undefined ? {} : { 'Content-Type': 'application/json' }),
          ...keyed,
          ...headers,
        },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      });
      const text = await response.text();
      return {
        status: response.status,
        headers: response.headers,
        body: text.startsWith('{') || text.startsWith('[') ? (JSON.parse(text) as unknown) : text,
      };
    },
    async mails(to, subject = '') {
      return (await mailbox.messages({ to })).filter((mail) => mail.subject.includes(subject));
    },
    async reply(mail, { text, from, files }) {
      const client = createTransport({
        host: '127.0.0.1',
        port: listener.port,
        secure: false,
        ignoreTLS: true,
      });
      await client.sendMail({
        from: from ?? mail.to[0] ?? '',
        to: replyTo(mail),
        subject: `回复：${mail.subject}`,
        text: `${text}\n\n------------------ 原始邮件 ------------------\n发件人: "桓台县司法局"\n${mail.text}`,
        inReplyTo: mail.headers['Message-ID'] ?? '',
        references: mail.headers['Message-ID'] ?? '',
        attachments: (files ?? []).map((file) => ({ ...file })),
      });
      client.close();
    },
    async startWorker() {
      worker.running ??= await startWorker(deps, {
        connection: env.nativeConnection,
        ...(env.namespace ? { namespace: env.namespace } : {}),
        ...convert,
        log,
        bundle: bundle ?? workflowBundle().codePath,
      });
    },
    async stopWorker() {
      await worker.running?.stop();
      worker.running = undefined;
    },
    async close() {
      await house.stopWorker();
      await interruptOperations(store);
      await closePress();
      await closeAll({ server, listener, mailbox, store, env, transport });
      await rm(dir, { recursive: true, force: true });
    },
  };
  await house.startWorker();
  return house;
}

/** The product's clock over the engine's: the same, or set back once at the opening. */
async function clockOf(env: Environment, startsAt: string | undefined): Promise<Clock> {
  const engine = async (): Promise<number> => (env.supportsTimeSkipping ? env.currentTimeMs() : Date.now());
  const mapping: ClockMapping =
    startsAt === undefined ? SAME_CLOCK : { engine: await engine(), product: Date.parse(startsAt), rate: 1 };
  return { now: async () => productAt(mapping, await engine()), mapping: async () => mapping };
}

const replyTo = (mail: MailboxMessage): string =>
  /<([^>]+)>/.exec(mail.headers['Reply-To'] ?? '')?.[1] ?? mail.from;

async function listen(store: Store, clock: Clock): Promise<Listener> {
  const office: Office = { ...OFFICE, publicUrl: '' };
  return startListener({
    port: 0,
    host: '127.0.0.1',
    addresses: [OFFICE.fromAddress, OFFICE.complaintAddress],
    receive: receiverOf({ store, clock, office }),
  });
}

async function issueTokens(store: Store): Promise<Record<Role, string>> {
  const tokens = {} as Record<Role, string>;
  for (const role of ROLES) {
    await store.accounts.create({
      _id: role,
      name: role,
      role,
      passwordHash: '-',
      disabled: false,
    });
    tokens[role] = await issueToken(store, role);
  }
  return tokens;
}

async function closeAll(parts: {
  server: Server;
  listener: Listener;
  mailbox: Mailbox;
  store: Store;
  env: Environment;
  transport: { close(): Promise<void> };
}): Promise<void> {
  parts.server.closeAllConnections();
  await new Promise((resolve) => parts.server.close(resolve));
  await parts.listener.close();
  await parts.mailbox.close();
  await parts.transport.close();
  await parts.store.connection.dropDatabase();
  await parts.store.close();
  await parts.env.teardown();
}
