import { createHmac } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { Client, Connection, type ConnectionOptions } from '@temporalio/client';
import type { NativeConnectionOptions } from '@temporalio/worker';
import pino, { type Logger } from 'pino';
import { createMailRate } from './activities/mail-rate.ts';
import { createOutbox } from './activities/outbox.ts';
import type { Deps } from './activities/deps.ts';
import type { Config } from './config.ts';
import type { Clock } from './domain/clock.ts';
import { type Archive, httpArchive, imapArchive, noArchive } from './mail/archive.ts';
import type { Office } from './mail/office.ts';
import { isComplaint } from './mail/complaint.ts';
import type { Receive } from './mail/delivery.ts';
import { createTransport } from './mail/transport.ts';
import { vaultOf } from './models/complainant.ts';
import { storeIncoming } from './models/incoming-mail.ts';
import { rateModel } from './models/rate.ts';
import type { Store } from './models/store.ts';
import { dataConverterOf } from './payload-codec.ts';

/** One secret, a key for each purpose. */
export const keyFor = (config: Pick<Config, 'SECRET_KEY'>, purpose: string): string =>
  createHmac('sha256', config.SECRET_KEY).update(purpose).digest('hex');

export function temporalOptions(config: Config): ConnectionOptions & NativeConnectionOptions {
  const {
    TEMPORAL_ADDRESS: address,
    TEMPORAL_API_KEY: apiKey,
    TEMPORAL_TLS_CERT: cert,
    TEMPORAL_TLS_KEY: key,
  } = config;
  const pair =
    cert !== undefined && key !== undefined
      ? { clientCertPair: { crt: readFileSync(cert), key: readFileSync(key) } }
      : undefined;
  return {
    address,
    ...(apiKey === undefined ? {} : { apiKey }),
    ...(pair ? { tls: pair } : apiKey === undefined ? {} : { tls: true }),
  };
}

/** The certificate of incoming SMTP, read at the start, so that a file that is missing is told then; one without the other is a mistake. */
export function smtpInTls(
  config: Pick<Config, 'SMTP_IN_TLS_CERT' | 'SMTP_IN_TLS_KEY'>,
): { readonly cert: Buffer; readonly key: Buffer } | undefined {
  const { SMTP_IN_TLS_CERT: cert, SMTP_IN_TLS_KEY: key } = config;
  if (cert === undefined && key === undefined) return undefined;
  if (cert === undefined || key === undefined)
    throw new Error('SMTP_IN_TLS_CERT 与 SMTP_IN_TLS_KEY 须同时给出');
  return { cert: readFileSync(cert), key: readFileSync(key) };
}

export async function connectTemporal(config: Config): Promise<{ client: Client; close(): Promise<void> }> {
  const connection = Connection.lazy(temporalOptions(config));
  return {
    client: new Client({
      connection,
      namespace: config.TEMPORAL_NAMESPACE,
      ...dataConverterOf(config.PAYLOAD_KEYS),
    }),
    close: () => connection.close(),
  };
}

export function officeOf(config: Config): Office {
  return {
    name: config.OFFICE_NAME,
    person: config.OFFICE_PERSON,
    phone: config.OFFICE_PHONE,
    publicUrl: config.PUBLIC_URL,
    mailDomain: config.MAIL_DOMAIN.toLowerCase(),
    fromAddress: config.MAIL_FROM,
    linkKey: keyFor(config, 'links'),
    vaultKeys: [config.SECRET_KEY, ...config.FORMER_SECRET_KEYS].map((SECRET_KEY) =>
      keyFor({ SECRET_KEY }, 'complainants'),
    ),
    complaintAddress: (config.COMPLAINT_ADDRESS ?? `tousu@${config.MAIL_DOMAIN}`).toLowerCase(),
    receipts: config.RECEIPT_MAILS === 'on',
    government: config.GOVERNMENT_NAME,
  };
}

/** Takes mail in: stored before anything is done with it, and what is written to the complaint address sealed before it is stored. */
export const receiverOf =
  ({ store, clock, office }: { store: Store; clock: Clock; office: Office }): Receive =>
  async (raw, delivery) => {
    const receivedAt = new Date(await clock.now());
    if (!isComplaint(office, raw, delivery.envelope))
      return void (await storeIncoming(store.connection, raw, { ...delivery, receivedAt }));
    // Attack: a delivery's name is a hash of its sender, which a guess would confirm.
    const uid = createHmac('sha256', office.linkKey).update(delivery.uid).digest('hex').slice(0, 32);
    await storeIncoming(store.connection, raw, { ...delivery, uid, receivedAt, seal: vaultOf(office).seal });
  };

/** Nothing that names a person stands in a log, whatever is logged. */
const SILENT = ['name', 'contact', 'phone', 'email', 'complainant', 'said', 'text', 'body', 'to', 'from'];

export const logOf = ({ LOG_LEVEL: level }: Pick<Config, 'LOG_LEVEL'>, name: string): Logger =>
  pino({
    level,
    name,
    redact: {
      paths: ['complainant', ...SILENT.flatMap((one) => [`*.${one}`, `*.*.${one}`])],
      censor: '***',
    },
  });

function archiveOf(config: Config): Archive {
  if (config.ARCHIVE_HTTP_URL !== undefined) return httpArchive(config.ARCHIVE_HTTP_URL);
  return config.ARCHIVE_IMAP_URL === undefined ? noArchive : imapArchive({ url: config.ARCHIVE_IMAP_URL });
}

/** What the activities work with, out of the configuration. */
export async function createDeps(
  config: Config,
  parts: { store: Store; client: Client; clock: Clock },
): Promise<{ deps: Deps; close(): Promise<void> }> {
  const office = officeOf(config);
  const attemptMs = config.MAIL_ATTEMPT_SECONDS * 1_000;
  const transport = createTransport({
    url: config.SMTP_URL,
    connections: config.SMTP_CONNECTIONS,
    attemptMs,
  });
  const rate = createMailRate(rateModel(parts.store.connection));
  await rate.set(config.MAIL_RATE === 0 ? null : config.MAIL_RATE);
  const outbox = createOutbox({
    messages: parts.store.messages,
    transport,
    archive: archiveOf(config),
    rate,
    timing: { attemptMs, leaseMs: attemptMs * 1.1, graceMs: attemptMs * 1.36 },
    key: office.linkKey,
    domain: office.mailDomain,
    wall: Date.now,
  });
  return { deps: { ...parts, outbox, office }, close: () => transport.close() };
}
