import path from 'node:path';
import mongoose from 'mongoose';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createOutbox } from '../../activities/outbox.ts';
import { httpArchive } from '../../mail/archive.ts';
import { databaseName, mongoUri } from '../support/engines.ts';
import { type OutboxHouse, draftsFor, openOutbox, postUntilSettled } from '../support/outbox-house.ts';
import { type ScriptedSink, startSink } from '../support/scripted-sink.ts';

const released = path.join(import.meta.dirname, '..', 'builds', '0.1.0', 'outbox.mjs');
const { createOutbox: older } = (await import(released)) as { createOutbox: typeof createOutbox };
const each = (names: readonly string[]): string[] => names.map((one) => `${one}@agency.example`);

/** While workers are exchanged one by one, two builds work on the same mails. */
describe.each([
  { from: 'the released build', to: 'this build', first: older, second: createOutbox },
  { from: 'this build', to: 'the released build', first: createOutbox, second: older },
])('From $from to $to', ({ first, second }) => {
  let sink: ScriptedSink;
  let database: string;
  let before: OutboxHouse;
  let after: OutboxHouse;
  beforeEach(async () => {
    sink = await startSink(() => undefined);
    database = databaseName();
    const shared = { mongo: mongoUri(), database, smtp: sink.url, archive: httpArchive(sink.archiveUrl) };
    [before, after] = [
      await openOutbox({ ...shared, build: first }),
      await openOutbox({ ...shared, build: second }),
    ];
  });
  afterEach(async () => {
    await Promise.all([before.close(), after.close()]);
    await sink.close();
    const connection = await mongoose.createConnection(mongoUri(), { dbName: database }).asPromise();
    await connection.dropDatabase();
    await connection.close();
  });

  it('What the one left in any state the other takes up: each mail goes once, with the bytes of the first', async () => {
    const names = [
      'ok',
      'once.n451',
      'once.d451',
      'once.dropbefore',
      'once.dropstored',
      'once.dropunstored',
      'once.silent',
      'n550',
    ];
    const drafts = draftsFor(each(names));
    const left = await before.outbox.post(drafts);
    expect(new Set(left.map((one) => one.outcome))).toEqual(new Set(['sent', 'deferred', 'rejected']));
    const rows = await before.messages.find({}, { sha256: 1 }).lean();
    expect(rows).toHaveLength(drafts.length);
    const taken = await postUntilSettled(after, drafts);
    expect(taken.map((one) => one.outcome)).toEqual(
      names.map((name) => (name === 'n550' ? 'rejected' : 'sent')),
    );
    expect(taken.map((one) => one.messageId)).toEqual(left.map((one) => one.messageId));
    expect(taken.every((one) => one.again)).toBe(true);
    expect(await after.messages.find({}, { sha256: 1 }).lean()).toEqual(rows);
    expect([...sink.stored].sort()).toEqual(each(names.filter((name) => name !== 'n550')).sort());
  });

  it('What the one had only booked when it was told to stop, the other sends', async () => {
    const drafts = draftsFor(each(Array.from({ length: 12 }, (_, n) => `ok-${n}`)));
    await before.rate.set(2);
    await before.outbox.post(drafts, { until: before.wall() + 300 });
    await before.rate.set(null);
    expect(sink.stored.length).toBeLessThan(12);
    await new Promise((resolve) => setTimeout(resolve, 2_100));
    expect((await postUntilSettled(after, drafts)).every((one) => one.outcome === 'sent')).toBe(true);
    expect([...sink.stored].sort()).toEqual(drafts.map((one) => one.recipient).sort());
  });

  it('Both at once send each mail once', async () => {
    const names = Array.from({ length: 60 }, (_, n) => (n % 6 === 5 ? `once.dropstored-${n}` : `ok-${n}`));
    const drafts = draftsFor(each(names));
    await Promise.all([before.outbox.post(drafts), after.outbox.post(drafts)]);
    const [one, two] = [await postUntilSettled(before, drafts), await postUntilSettled(after, drafts)];
    expect(one.every(({ outcome }) => outcome === 'sent')).toBe(true);
    expect(two.map(({ outcome, messageId }) => [outcome, messageId])).toEqual(
      one.map(({ outcome, messageId }) => [outcome, messageId]),
    );
    expect([...sink.stored].sort()).toEqual(drafts.map((draft) => draft.recipient).sort());
  });

  it('What a person decided of a mail in doubt counts for the other too', async () => {
    const draft = draftsFor(each(['once.dropstored']));
    const blind = { archive: { lookup: () => Promise.resolve('unknown' as const) } };
    const shared = { mongo: mongoUri(), database, smtp: sink.url };
    const [here, there] = [
      await openOutbox({ ...shared, ...blind, build: first }),
      await openOutbox({ ...shared, ...blind, build: second }),
    ];
    const [doubtful] = await postUntilSettled(here, draft);
    expect(doubtful?.outcome).toBe('inDoubt');
    const settlement = {
      outcome: 'sent',
      reason: '已电话核实',
      by: '组织员',
      at: '2026-03-02T09:00:00+08:00',
      attempt: 1,
    } as const;
    expect(await there.outbox.resolveInDoubt(doubtful?.messageId ?? '', settlement)).toBe(true);
    for (const one of [here, there]) expect((await one.outbox.post(draft))[0]?.outcome).toBe('sent');
    expect(sink.stored).toHaveLength(1);
    await Promise.all([here.close(), there.close()]);
  });
});
