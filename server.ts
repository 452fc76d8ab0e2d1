import { createServer } from 'node:http';
import { collectDefaultMetrics, register } from 'prom-client';
import { createPulse } from './activities/outage.ts';
import { takeWords } from './activities/mail-words.ts';
import { startRound } from './activities/round.ts';
import { createApp } from './api/app.ts';
import { openFirstRun } from './api/invitations.ts';
import { closeStreams } from './api/routes/stream.ts';
import { interruptOperations } from './api/operations.ts';
import { readConfig } from './config.ts';
import { connectTemporal, keyFor, logOf, officeOf, oidcOf, receiverOf, smtpInTls } from './connect.ts';
import { closePress, setUpPress } from './documents/pdf.ts';
import { startListener } from './mail/listener.ts';
import { startPoller } from './mail/poller.ts';
import { storedClock } from './models/clock.ts';
import { openStore } from './models/store.ts';
import { endInOrder, startedAs } from './owner.ts';

/** Longer than a proxy before us keeps a line (a minute, as a rule): who closes first must be the one that sends, or a request meets a closed line. */
const KEPT_MS = 75_000;

async function main(): Promise<void> {
  const config = readConfig();
  const log = logOf(config, 'server');
  const store = await openStore(config.MONGODB_URI, config.MONGODB_DATABASE);
  const temporal = await connectTemporal(config);
  const clock = storedClock(store);
  const office = officeOf(config);
  setUpPress({ chromium: config.CHROMIUM_PATH, fonts: config.PAPER_FONTS });
  const app = createApp({
    store,
    client: temporal.client,
    clock,
    office,
    log,
    sessionSecret: keyFor(config, 'sessions'),
    secureCookies: office.publicUrl.startsWith('https:'),
    trustedProxies: config.TRUSTED_PROXIES,
    ...oidcOf(config),
    ...(config.TEMPORAL_UI === undefined ? {} : { temporalUi: config.TEMPORAL_UI }),
    ...(config.DEMO_DESK_URL === undefined ? {} : { demoDesk: config.DEMO_DESK_URL }),
  });
  const receive = receiverOf({ store, clock, office });
  const onError = (error: unknown) => log.warn({ err: error }, 'incoming mail failed');
  const tls = smtpInTls(config);
  const watched = { store, client: temporal.client, clock };
  const pulse = startRound(createPulse(watched, 'server'), {
    everyMs: 15_000,
    onError: (error) => log.warn({ err: error }, 'no sign of life'),
  });
  const polled = createPulse(watched, 'mailIn');
  const listener =
    config.SMTP_IN_PORT > 0
      ? await startListener({
          port: config.SMTP_IN_PORT,
          host: config.SMTP_IN_HOST,
          ...(tls ? { tls } : {}),
          addresses: [config.MAIL_FROM, office.complaintAddress],
          domains: [office.mailDomain],
          receive,
          onError,
        })
      : undefined;
  const poller =
    config.IMAP_URL === undefined
      ? undefined
      : startPoller({ url: config.IMAP_URL, everyMs: 30_000, receive, onError, onPolled: polled });
  // A preview shows what would go, so this process speaks with the same words as the worker.
  const words = startRound(() => takeWords({ store }), {
    everyMs: 2_000,
    onError: (error) => log.warn({ err: error }, 'words of mails not read, trying again'),
  });
  const server = createServer(app);
  server.requestTimeout = 600_000;
  server.keepAliveTimeout = KEPT_MS;
  await new Promise<void>((resolve) => server.listen(config.PORT, config.HOST, resolve));
  const metrics = config.METRICS_PORT > 0 ? metricsServer(config.METRICS_PORT) : undefined;
  log.info({ port: config.PORT }, 'server is running');
  const code = await openFirstRun(store);
  // Whoever can read the server's output may make the first administrator: there is no default password.
  if (code !== undefined)
    process.stdout.write(
      `尚无账号。请在24小时内打开下面的网址，建立第一个系统管理员（用一次即失效）：\n  ${config.PUBLIC_URL}/console/first-run?code=${code}\n`,
    );
  const stop = async (): Promise<void> => {
    closeStreams();
    metrics?.close();
    await Promise.all([pulse.stop(), listener?.close(), poller?.close(), words.stop()]);
    server.closeIdleConnections();
    await Promise.race([
      new Promise((resolve) => server.close(resolve)),
      new Promise((resolve) => setTimeout(resolve, 5_000)),
    ]);
    await interruptOperations(store);
    await closePress();
    await temporal.close();
    await store.close();
  };
  endInOrder(stop);
}

function metricsServer(port: number) {
  collectDefaultMetrics();
  return createServer((req, res) => {
    if (req.url !== '/metrics') return void res.writeHead(404).end();
    void register
      .metrics()
      .then((text) => res.writeHead(200, { 'content-type': register.contentType }).end(text));
  }).listen(port, '127.0.0.1');
}

if (startedAs(import.meta.url)) await main();
