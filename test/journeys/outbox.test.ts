import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as wait } from 'node:timers/promises';
import mongoose from 'mongoose';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, inject, test } from 'vitest';
import { httpArchive } from '../../mail/archive.ts';
import {
  draftsFor,
  openOutbox,
  type OutboxHouse,
  postUntilSettled,
  TIMING,
} from '../support/outbox-house.ts';
import { type ScriptedSink, startSink, type Step } from '../support/scripted-sink.ts';

const mongo = process.env['JIANDU_TEST_MONGO'] ?? (inject as (key: string) => string)('mongo');
const database = `outbox_${process.pid}`;
const each = (behaviours: readonly string[]): string[] => behaviours.map((one) => `${one}@agency.example`);

let sink: ScriptedSink;
let onStep: (step: Step) => Promise<void> | void = () => {};
const open: { close(): Promise<void> }[] = [];
const children: ChildProcess[] = [];

const house = async (over: Partial<Parameters<typeof openOutbox>[0]> = {}): Promise<OutboxHouse> => {
  const opened = await openOutbox({
    mongo,
    database,
    smtp: sink.url,
    archive: httpArchive(sink.archiveUrl),
    ...over,
  });
  open.push(opened);
  return opened;
};

beforeAll(async () => {
  const probe = await mongoose.createConnection(mongo).asPromise();
  const hello = await probe.db?.admin().command({ hello: 1 });
  await probe.close();
  if (hello?.['setName'] !== 'rs0') throw new Error('Not a server of the tests');
});
beforeEach(async () => {
  onStep = () => {};
  sink = await startSink((step) => onStep(step));
});
afterEach(async () => {
  for (const child of children.splice(0)) child.kill('SIGKILL');
  for (const one of open.splice(0)) await one.close();
  await sink.close();
  await emptyDatabase();
});
afterAll(emptyDatabase);

async function emptyDatabase(): Promise<void> {
  const connection = await mongoose.createConnection(mongo, { dbName: database }).asPromise();
  await connection.dropDatabase();
  await connection.close();
}

function startSender(recipients: readonly string[]): ChildProcess {
  const child = fork(new URL('../support/outbox-sender.ts', import.meta.url), {
    execArgv: ['--import', 'tsx'],
  });
  children.push(child);
  child.send({ mongo, database, smtp: sink.url, recipients });
  return child;
}

describe('the outbox', () => {
  test('A mail posted twice, or by two workers at once, is sent once, and the second is told so', async () => {
    const drafts = draftsFor(each(Array.from({ length: 40 }, (_, n) => `ok-${n}`)));
    const [one, two] = [await house(), await house()];
    await Promise.all([one.outbox.post(drafts), two.outbox.post(drafts)]);
    const again = await postUntilSettled(two, [...drafts, ...drafts.slice(0, 3)]);
    expect(again.every((posted) => posted.outcome === 'sent' && posted.again)).toBe(true);
    expect(again).toHaveLength(43);
    expect([...sink.stored].sort()).toEqual(drafts.map((draft) => draft.recipient).sort());
  });

  test('The bytes are frozen: a second attempt sends what the first composed', async () => {
    const { outbox, messages, forward } = await house();
    const drafts = draftsFor(each(['dropbefore']));
    const [first] = await outbox.post(drafts);
    const frozen = await messages.findById(first?.messageId).lean();
    expect(first).toMatchObject({ outcome: 'deferred', again: false });
    forward(first?.retryAt ?? 0);
    await outbox.post(drafts);
    const now = await messages.findById(first?.messageId).lean();
    expect(now).toMatchObject({ attempt: 2, sha256: frozen?.sha256, size: frozen?.size, state: 'deferred' });
  });

  test('Each recipient has an outcome of its own, and one bad recipient holds nobody else', async () => {
    const { outbox, messages } = await house();
    const drafts = draftsFor(each(['ok', 'n451', 'n550', 'dropbefore', 'dropstored', 'd451']));
    const broken = {
      ...drafts[0]!,
      kind: 'reminder',
      compose: () => Promise.reject(new Error('no template')),
    };
    const posted = await outbox.post([...drafts, broken]);
    expect(posted.map((one) => one.outcome)).toEqual([
      'sent',
      'deferred',
      'rejected',
      'deferred',
      'deferred',
      'deferred',
      'deferred',
    ]);
    expect(posted[1]?.response).toContain('451');
    expect(posted[6]?.response).toContain('no template');
    const inFlight = await messages.findById(posted[4]?.messageId).lean();
    expect(inFlight?.state).toBe('sending');
    expect(posted[4]?.retryAt).toBe((inFlight?.lease?.getTime() ?? 0) + TIMING.graceMs);
  });

  test('With an archive a broken connection is settled by evidence: none lost, none doubled', async () => {
    const opened = await house();
    const names = [
      'once.dropstored',
      'once.dropunstored',
      'once.silent',
      'once.dropbefore',
      'once.n451',
      'once.d451',
      'ok',
    ];
    const drafts = draftsFor(each(names));
    const posted = await postUntilSettled(opened, drafts);
    expect(posted.map((one) => one.outcome)).toEqual(names.map(() => 'sent'));
    expect([...sink.stored].sort()).toEqual(drafts.map((draft) => draft.recipient).sort());
  });

  test('Without an archive what nothing proves is in doubt, never sent again blindly, until a person decides', async () => {
    const opened = await house({ archive: { lookup: () => Promise.resolve('unknown') } });
    const drafts = draftsFor(each(['dropstored', 'silent']));
    const posted = await postUntilSettled(opened, drafts);
    expect(posted.map((one) => one.outcome)).toEqual(['inDoubt', 'inDoubt']);
    await opened.outbox.post(drafts);
    expect(sink.stored).toHaveLength(2);
    const [one, two] = posted.map((each) => each.messageId);
    const decided = { reason: '已电话核实', by: '组织员', at: '2026-03-02T09:00:00+08:00', attempt: 1 };
    const decide = (id: string | undefined, outcome: 'sent' | 'resend', attempt = 1) =>
      opened.outbox.resolveInDoubt(id ?? '', { ...decided, outcome, attempt });
    expect(await decide(one, 'sent', 2)).toBe(false);
    expect(await decide(one, 'sent')).toBe(true);
    expect(await decide(two, 'resend')).toBe(true);
    expect(await decide(two, 'sent')).toBe(false);
    const after = await opened.outbox.post(drafts);
    expect(after.map((each) => each.outcome)).toEqual(['sent', 'deferred']);
    expect(sink.stored).toHaveLength(3);
  });

  test('What is taken back is not sent, a bounce outlives the reply, and a sent mail cannot be taken back', async () => {
    const { outbox, forward } = await house();
    const drafts = draftsFor(each(['n451', 'ok']));
    const [waits, sent] = await outbox.post(drafts);
    expect(await outbox.cancelPending(drafts[0]?.subject ?? '')).toBe(1);
    expect(await outbox.cancelPending(drafts[1]?.subject ?? '')).toBe(0);
    const bounce = { code: '5.1.1', text: 'no such user' };
    expect(await outbox.markBounced(sent?.messageId ?? '', bounce)).toBe(true);
    expect(await outbox.markBounced(sent?.messageId ?? '', bounce)).toBe(false);
    forward(waits?.retryAt ?? 0);
    expect((await outbox.post(drafts)).map((one) => one.outcome)).toEqual(['cancelled', 'bounced']);
  });

  test('A mail known under an older key keeps its Message-ID and is not sent again', async () => {
    const drafts = draftsFor(each(['ok-1', 'ok-2']));
    const [older] = await (await house()).outbox.post(drafts.slice(0, 1));
    const posted = await (await house({ key: 'another key, thirty-two or longer' })).outbox.post(drafts);
    expect(posted[0]).toMatchObject({ messageId: older?.messageId, outcome: 'sent', again: true });
    expect(posted[1]?.outcome).toBe('sent');
    expect(sink.stored).toHaveLength(2);
  });

  test('A worker frozen between its mark and the connection does not connect once its lease is over', async () => {
    const opened = await house();
    const native = opened.messages.collection;
    const write = native.insertMany.bind(native);
    native.insertMany = async (...given) => {
      const result = await write(...given);
      opened.forward(opened.wall() + TIMING.leaseMs);
      return result;
    };
    const drafts = draftsFor(each(['ok']));
    const [posted] = await opened.outbox.post(drafts);
    expect(posted).toMatchObject({ outcome: 'deferred', response: 'lease over' });
    expect(sink.stored).toEqual([]);
    native.insertMany = write;
    await postUntilSettled(opened, drafts);
    expect(sink.stored).toHaveLength(1);
  });

  test('After its hour a call takes no new mail, and what it left is posted later', async () => {
    const opened = await house();
    const drafts = draftsFor(each(Array.from({ length: 5 }, (_, n) => `ok-${n}`)));
    const left = await opened.outbox.post(drafts, { until: opened.wall() - 1 });
    expect(left.every((one) => one.outcome === 'deferred')).toBe(true);
    expect(sink.stored).toEqual([]);
    await postUntilSettled(opened, drafts);
    expect(sink.stored).toHaveLength(5);
  });

  test('All workers together keep to the rate', async () => {
    const [one, two] = [await house(), await house()];
    await one.rate.set(40);
    const began = performance.now();
    const of = (name: string) => draftsFor(each(Array.from({ length: 20 }, (_, n) => `ok-${name}${n}`)));
    await Promise.all([one.outbox.post(of('a')), two.outbox.post(of('b'))]);
    const seconds = (performance.now() - began) / 1000;
    expect(sink.stored).toHaveLength(40);
    expect(seconds).toBeGreaterThan(0.7);
  });
});

describe('a worker that dies or freezes', () => {
  test.each([
    ['just after the server stored the mail', 'stored'],
    ['while its mail is on the way', 'data'],
    ['before DATA', 'rcpt'],
  ] as const)('Killed %s, it loses none and doubles none', async (_when, phase) => {
    const recipients = each(Array.from({ length: 24 }, (_, n) => `ok-${n}`));
    let seen = 0;
    const killed = new Promise<void>((resolve) => {
      onStep = async (step) => {
        if (step.phase !== phase || ++seen !== 10) return;
        sender.kill('SIGKILL');
        await once(sender, 'exit');
        resolve();
      };
    });
    const sender = startSender(recipients);
    await killed;
    onStep = () => {};
    const posted = await postUntilSettled(await house(), draftsFor(recipients));
    expect(posted.map((one) => one.outcome)).toEqual(recipients.map(() => 'sent'));
    expect([...sink.stored].sort()).toEqual([...recipients].sort());
  });

  test('Killed without an archive, it doubles none, and what is in doubt is seen', async () => {
    const recipients = each(Array.from({ length: 24 }, (_, n) => `ok-${n}`));
    let seen = 0;
    const killed = new Promise<void>((resolve) => {
      onStep = async (step) => {
        if (step.phase !== 'stored' || ++seen !== 10) return;
        sender.kill('SIGKILL');
        await once(sender, 'exit');
        resolve();
      };
    });
    const sender = startSender(recipients);
    await killed;
    onStep = () => {};
    const opened = await house({ archive: { lookup: () => Promise.resolve('unknown') } });
    const posted = await postUntilSettled(opened, draftsFor(recipients));
    const doubt = posted.filter((one) => one.outcome === 'inDoubt');
    expect(doubt.length).toBeGreaterThan(0);
    expect(await opened.messages.countDocuments({ state: 'inDoubt' })).toBe(doubt.length);
    expect(new Set(sink.stored).size).toBe(sink.stored.length);
    expect(posted.every((one) => one.outcome === 'sent' || one.outcome === 'inDoubt')).toBe(true);
  });

  test('Thawed after another has sent its mail, it sends nothing', async () => {
    const recipients = each(['ok-frozen']);
    let hold: () => void = () => {};
    const frozen = new Promise<void>((resolve) => {
      onStep = (step) => {
        if (step.phase !== 'rcpt') return;
        onStep = () => {};
        sender.kill('SIGSTOP');
        resolve();
        return new Promise<void>((release) => void (hold = release));
      };
    });
    const sender = startSender(recipients);
    await frozen;
    const opened = await house();
    const posted = await postUntilSettled(opened, draftsFor(recipients));
    expect(posted[0]?.outcome).toBe('sent');
    hold();
    await wait(TIMING.attemptMs + 200);
    const thawed = once(sender, 'message');
    sender.kill('SIGCONT');
    await thawed;
    expect(sink.stored).toEqual(recipients);
    expect((await opened.messages.findById(posted[0]?.messageId).lean())?.state).toBe('sent');
  });
});
