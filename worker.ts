import { fileURLToPath } from 'node:url';
import {
  DefaultLogger,
  NativeConnection,
  makeTelemetryFilterString,
  Runtime,
  Worker,
  type WorkerOptions,
} from '@temporalio/worker';
import type { Logger } from 'pino';
import { archiveFinished, archiveRenewed } from './activities/archive.ts';
import { createDaily } from './activities/daily.ts';
import type { Deps } from './activities/deps.ts';
import { tellWaiting } from './activities/complainant.ts';
import { stepInterceptor } from './activities/engine-step.ts';
import { handOver } from './activities/handover.ts';
import { createActivities } from './activities/index.ts';
import { createPulse, watchMail } from './activities/outage.ts';
import { createJudge, judgeStored } from './activities/mail-door.ts';
import { takeWords } from './activities/mail-words.ts';
import { reconcile } from './activities/reconcile.ts';
import { tellGroups } from './activities/relay.ts';
import { keepRoster } from './activities/roster-month.ts';
import { startRound } from './activities/round.ts';
import { findWarnings } from './activities/warning.ts';
import { readConfig } from './config.ts';
import { home } from './home.ts';
import { connectTemporal, createDeps, logOf, temporalOptions } from './connect.ts';
import { closePress, setUpPress } from './documents/pdf.ts';
import { storedClock } from './models/clock.ts';
import { openStore } from './models/store.ts';
import { endInOrder, startedAs } from './owner.ts';
import { dataConverterOf } from './payload-codec.ts';
import { MAIL_QUEUE, WORK_QUEUE } from './workflows/messages.ts';

/** Workflows that stay in memory: the groups of 10,000 agencies and the open work of the hour; a thousand open cases wait in the engine alone. */
const CACHED_WORKFLOWS = 150;

export interface RunningWorker {
  stop(): Promise<void>;
  /** Resolves when the workers have ended by themselves; rejects when one failed. */
  readonly ended: Promise<void>;
}

/** Runs workflows, activities and the rounds beside them over one set of dependencies. */
export async function startWorker(
  deps: Deps,
  options: Pick<WorkerOptions, 'connection' | 'namespace' | 'dataConverter'> & {
    readonly log: Logger;
    readonly bundle?: string;
  },
): Promise<RunningWorker> {
  const { log, bundle, connection, namespace, dataConverter } = options;
  const activities = createActivities(deps);
  const shared = {
    ...(connection ? { connection } : {}),
    ...(namespace === undefined ? {} : { namespace }),
    ...(dataConverter === undefined ? {} : { dataConverter }),
    activities,
    interceptors: { activity: [stepInterceptor] },
    shutdownGraceTime: '10s' as const,
  };
  const workflows =
    bundle === undefined
      ? { workflowsPath: fileURLToPath(new URL('workflows/index.ts', home)) }
      : { workflowBundle: { codePath: bundle } };
  const work = await Worker.create({
    ...shared,
    ...workflows,
    taskQueue: WORK_QUEUE,
    maxCachedWorkflows: CACHED_WORKFLOWS,
    maxConcurrentActivityTaskExecutions: 20,
  });
  const mail = await Worker.create({
    ...shared,
    taskQueue: MAIL_QUEUE,
    maxConcurrentActivityTaskExecutions: 12,
  });
  const onError = (what: string) => (error: unknown) =>
    log.warn({ err: error }, `${what} failed, trying again`);
  const judge = createJudge(deps);
  const daily = createDaily(deps);
  await takeWords(deps).catch(onError('words of mails'));
  const rounds = [
    startRound(() => tellGroups(deps), { everyMs: 100, restMs: 400, onError: onError('relay') }),
    startRound(() => judgeStored(deps, judge), {
      everyMs: 250,
      restMs: 1_000,
      onError: onError('mail door'),
    }),
    startRound(() => tellWaiting(deps), {
      everyMs: 500,
      restMs: 2_000,
      onError: onError('telling complainants'),
    }),
    startRound(async () => (await reconcile(deps)).length, {
      everyMs: 300_000,
      onError: onError('reconciler'),
    }),
    startRound(() => keepRoster(deps).then(() => 0), { everyMs: 300_000, onError: onError('roster') }),
    startRound(() => handOver(deps), { everyMs: 500, restMs: 2_000, onError: onError('handing tasks on') }),
    startRound(createPulse(deps, 'worker'), { everyMs: 15_000, onError: onError('pulse') }),
    startRound(() => watchMail(deps), { everyMs: 2_000, onError: onError('watching the mail') }),
    startRound(daily, { everyMs: 1_000, onError: onError('daily mail') }),
    startRound(() => archiveFinished(deps), { everyMs: 60_000, onError: onError('archive') }),
    startRound(() => archiveRenewed(deps), { everyMs: 3_600_000, onError: onError('archive of runs') }),
    startRound(() => takeWords(deps), { everyMs: 2_000, onError: onError('words of mails') }),
    startRound(() => findWarnings(deps), { everyMs: 1_000, onError: onError('warnings') }),
  ];
  const running = [work.run(), mail.run()];
  return {
    ended: Promise.all(running).then(() => undefined),
    async stop() {
      await Promise.all(rounds.map((round) => round.stop()));
      for (const one of [work, mail]) if (one.getState() === 'RUNNING') one.shutdown();
      await Promise.allSettled(running);
    },
  };
}

async function main(): Promise<void> {
  const config = readConfig();
  const log = logOf(config, 'worker');
  Runtime.install({
    logger: new DefaultLogger(
      config.LOG_LEVEL === 'debug' || config.LOG_LEVEL === 'trace'
        ? 'DEBUG'
        : config.LOG_LEVEL === 'info'
          ? 'INFO'
          : 'ERROR',
    ),
    shutdownSignals: [],
    telemetryOptions: {
      logging: {
        filter: makeTelemetryFilterString({ core: config.LOG_LEVEL === 'debug' ? 'INFO' : 'ERROR' }),
      },
      ...(config.METRICS_PORT > 0
        ? { metrics: { prometheus: { bindAddress: `127.0.0.1:${config.METRICS_PORT}` } } }
        : {}),
    },
  });
  const store = await openStore(config.MONGODB_URI, config.MONGODB_DATABASE);
  setUpPress({ chromium: config.CHROMIUM_PATH, fonts: config.PAPER_FONTS });
  const temporal = await connectTemporal(config);
  const made = await createDeps(config, {
    store,
    client: temporal.client,
    clock: storedClock(store),
  });
  const connection = await NativeConnection.connect(temporalOptions(config));
  const worker = await startWorker(made.deps, {
    connection,
    namespace: config.TEMPORAL_NAMESPACE,
    ...dataConverterOf(config.PAYLOAD_KEYS),
    log,
    ...(config.WORKFLOW_BUNDLE === undefined ? {} : { bundle: config.WORKFLOW_BUNDLE }),
  });
  log.info('worker is running');
  const stop = async (): Promise<void> => {
    await worker.stop();
    await closePress();
    await made.close();
    await connection.close();
    await temporal.close();
    await store.close();
  };
  endInOrder(stop);
  await worker.ended;
}

if (startedAs(import.meta.url)) await main();
