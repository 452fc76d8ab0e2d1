import mongoose from 'mongoose';
import { createMailRate } from '../../activities/mail-rate.ts';
import {
  createOutbox,
  type Draft,
  type Outbox,
  type OutboxTiming,
  type Posted,
} from '../../activities/outbox.ts';
import { type Archive, noArchive } from '../../mail/archive.ts';
import { composeMail } from '../../mail/compose.ts';
import { createTransport } from '../../mail/transport.ts';
import { messageModel } from '../../models/message.ts';
import { rateModel } from '../../models/rate.ts';

/** ms; short enough to sit through, long enough for a busy machine. */
export const TIMING: OutboxTiming = {
  attemptMs: 1000,
  leaseMs: 2000,
  graceMs: 1500,
  soonMs: 20,
  backoffMs: [50, 100],
};

export interface OutboxHouseOptions {
  readonly mongo: string;
  readonly database: string;
  readonly smtp: string;
  readonly archive?: Archive;
  readonly connections?: number;
  readonly key?: string;
  /** Another build's outbox. */
  readonly build?: typeof createOutbox;
}

export type OutboxHouse = Awaited<ReturnType<typeof openOutbox>>;

/** An outbox on a real database and a real SMTP server, whose clock a test may put forward. */
export async function openOutbox(options: OutboxHouseOptions) {
  const connection = await mongoose.createConnection(options.mongo, { dbName: options.database }).asPromise();
  const messages = messageModel(connection);
  await messages.createIndexes();
  const rate = createMailRate(rateModel(connection));
  const transport = createTransport({
    url: options.smtp,
    connections: options.connections ?? 8,
    attemptMs: TIMING.attemptMs,
    idleMs: 200,
  });
  let ahead = 0;
  const wall = (): number => Date.now() + ahead;
  const { archive = noArchive, build = createOutbox, key = 'the key of the tests, thirty-two' } = options;
  const outbox = build({
    messages,
    transport,
    archive,
    rate,
    timing: TIMING,
    key,
    domain: 'mail.example',
    wall,
  });
  const forward = (until: number): void => {
    ahead = Math.max(ahead, until + 1 - Date.now());
  };
  const close = async (): Promise<void> => {
    await transport.close();
    await connection.close();
  };
  return { outbox, messages, rate, wall, forward, close };
}

/** Drafts for `recipients`, each with a body that says when it was composed. */
export function draftsFor(recipients: readonly string[], subject = 'T'): Draft[] {
  return recipients.map((recipient) => ({
    subject: `${subject}/${recipient}`,
    kind: 'task',
    sequence: 1,
    recipient,
    owner: 'ZX-2026-001',
    compose: async (identity) => ({
      raw: await composeMail({
        ...identity,
        date: '2026-11-23T08:30:00+08:00',
        from: { name: '司法局', address: 'office@mail.example' },
        to: recipient,
        subject: '【请办理】自查',
        text: `${performance.now()} ${Math.random()}`,
      }),
      subjectLine: '【请办理】自查',
    }),
  }));
}

/** Posts again whenever the outbox asks for it, the clock put forward to then, until nothing is deferred. */
export async function postUntilSettled(
  house: { outbox: Outbox; forward(until: number): void },
  drafts: readonly Draft[],
): Promise<Posted[]> {
  let posted: Posted[] = [];
  for (let round = 0; round < 20; round++) {
    posted = await house.outbox.post(drafts);
    const waits = posted.filter((one) => one.outcome === 'deferred');
    if (!waits.length) return posted;
    house.forward(Math.max(...waits.map((one) => one.retryAt ?? 0)));
  }
  return posted;
}
