import mongoose from 'mongoose';
import { describe, expect, it } from 'vitest';
import { mongoAway } from '../../api/mongo-away.ts';
import { openLine } from '../support/cut-line.ts';
import { mongoUri } from '../support/engines.ts';

const { MongoServerError } = mongoose.mongo;

describe('Whether MongoDB is away', () => {
  it('A command cut off while it is written, and all that follow until a server is found, say so', async () => {
    const line = await openLine(mongoUri());
    const { host } = new URL(line.url);
    const connection = mongoose.createConnection(`mongodb://${host}/?directConnection=true`, {
      serverSelectionTimeoutMS: 500,
    });
    await connection.asPromise();
    const rows = connection.db?.collection('rows');
    await rows?.findOne({});
    line.stall();
    const said = Promise.allSettled([rows?.insertOne({ text: 'x'.repeat(15_000_000) })]);
    await line.filled();
    line.cut();
    const [written] = await said;
    const error: unknown = written.status === 'rejected' ? written.reason : undefined;
    expect(error).toMatchObject({ syscall: expect.any(String), code: expect.stringMatching(/^E/) });
    const later: unknown = await rows?.findOne({}).catch((failure: unknown) => failure);
    expect([error, later].map((each) => mongoAway(each))).toEqual([true, true]);
    await connection.close();
    await line.close();
  });

  it('A node that starts or steps down says so by its code; a fault of ours does not', () => {
    const coded = (code: number) => new MongoServerError({ message: 'no', errmsg: 'no', code });
    for (const code of [91, 134, 189, 10_107, 11_600])
      expect(mongoAway(coded(code)), String(code)).toBe(true);
    for (const error of [coded(11_000), coded(2), new TypeError('x'), new mongoose.Error('x'), undefined])
      expect(mongoAway(error)).toBe(false);
    expect(mongoAway(Object.assign(new Error('aborted'), { code: 'ECONNRESET' }))).toBe(false);
  });
});
