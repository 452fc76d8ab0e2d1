import { randomBytes } from 'node:crypto';
import mongoose, { type Connection } from 'mongoose';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { incomingMailModel, rawOf, storeIncoming } from '../../models/incoming-mail.ts';

const mongo = process.env['JIANDU_TEST_MONGO'] ?? (inject as (key: string) => string)('mongo');
const receivedAt = new Date('2026-12-09T07:20:00Z');
const delivery = {
  source: 'smtp',
  uid: 'one',
  envelope: { from: 'a@b.cn', to: ['r-x@reply.example'] },
  receivedAt,
};

let connection: Connection;
beforeAll(async () => {
  connection = await mongoose
    .createConnection(mongo, { dbName: `incoming-${randomBytes(4).toString('hex')}` })
    .asPromise();
  await incomingMailModel(connection).createIndexes();
});
afterAll(async () => {
  await connection.dropDatabase();
  await connection.close();
});

describe('A mail is stored as it came, once', () => {
  it.each([
    ['in its document', 2000],
    ['in GridFS, when it is large', 3_000_000],
  ])('%s', async (_, size) => {
    const raw = randomBytes(size);
    const { id, again } = await storeIncoming(connection, raw, delivery);
    const record = await incomingMailModel(connection).findById(id).lean();
    expect(again).toBe(false);
    expect(record).toMatchObject({ disposition: 'pending', size, receivedAt, envelope: delivery.envelope });
    expect(record?.rawFile !== undefined).toBe(size > 1_048_576);
    expect(record && (await rawOf(connection, record)).equals(raw)).toBe(true);
  });

  it('The same delivery twice is one mail; the same bytes to somebody else are another', async () => {
    const raw = randomBytes(500);
    const all = await Promise.all(Array.from({ length: 5 }, () => storeIncoming(connection, raw, delivery)));
    expect(new Set(all.map(({ id }) => id)).size).toBe(1);
    expect(all.filter(({ again }) => !again)).toHaveLength(1);
    expect((await storeIncoming(connection, raw, { ...delivery, uid: 'two' })).again).toBe(false);
  });

  it('What waits to be judged and what is held are read by an index', async () => {
    const model = incomingMailModel(connection);
    const plan = async (disposition: string, order: 1 | -1): Promise<string> =>
      JSON.stringify(await model.collection.find({ disposition }).sort({ receivedAt: order }).explain());
    expect(await plan('pending', 1)).toContain('"indexName":"pending"');
    expect(await plan('held', -1)).toContain('"indexName":"held"');
  });
});
