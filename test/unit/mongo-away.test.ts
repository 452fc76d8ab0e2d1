import net from 'node:net';
import mongoose from 'mongoose';
import { describe, expect, it } from 'vitest';
import { mongoAway } from '../../api/mongo-away.ts';
import { mongoUri } from '../support/engines.ts';

const { MongoServerError } = mongoose.mongo;

describe('Whether MongoDB is away', () => {
  it('A command cut off while it is written, and all that follow until a server is found, say so', async () => {
    const { port } = new URL(mongoUri());
    const line = await cutLine(Number(port));
    const connection = mongoose.createConnection(`mongodb://127.0.0.1:${line.port}/?directConnection=true`, {
      serverSelectionTimeoutMS: 500,
    });
    await connection.asPromise();
    const rows = connection.db?.collection('rows');
    await rows?.findOne({});
    line.stopReading();
    const said = Promise.allSettled([rows?.insertOne({ text: 'x'.repeat(15_000_000) })]);
    await line.filled();
    line.cut();
    const [written] = await said;
    const error: unknown = written.status === 'rejected' ? written.reason : undefined;
    expect(error).toMatchObject({ syscall: expect.any(String), code: expect.stringMatching(/^E/) });
    const later: unknown = await rows?.findOne({}).catch((failure: unknown) => failure);
    expect([error, later].map((each) => mongoAway(each))).toEqual([true, true]);
    await connection.close();
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

/** A line to MongoDB that can be filled up and cut. */
async function cutLine(target: number) {
  const near = new Set<net.Socket>();
  const server = net.createServer((socket) => {
    const far = net.connect(target, '127.0.0.1');
    near.add(socket);
    for (const end of [socket, far]) end.on('error', () => undefined);
    socket.pipe(far);
    far.pipe(socket);
    socket.on('close', () => far.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const received = () => Math.max(...[...near].map((socket) => socket.bytesRead));
  return {
    port: (server.address() as net.AddressInfo).port,
    stopReading: () => near.forEach((socket) => socket.unpipe().pause()),
    /** Until no more of what is written fits. */
    async filled() {
      for (let last = -1; last !== received(); await new Promise((resolve) => setTimeout(resolve, 200)))
        last = received();
    },
    cut() {
      server.close();
      for (const socket of near) socket.resetAndDestroy();
    },
  };
}
