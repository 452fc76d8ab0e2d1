import { createHash } from 'node:crypto';
import mongoose from 'mongoose';
import type { Store } from '../models/store.ts';
import { Problem } from './problem.ts';
import type { Answer } from './route.ts';

/** After this a request that never answered is taken up again: its process died. */
const IN_FLIGHT_MS = 60_000;
/** How long the same request, sent again, waits for the first to be answered. */
const WAITED_MS = 10_000;

/** Runs `work` once for a key: the same key and body returns the first answer, the same key with another body is refused. What failed may be tried again. */
export async function once(
  store: Pick<Store, 'keys'>,
  request: { readonly id: string; readonly body: unknown },
  work: () => Promise<Answer>,
): Promise<Answer> {
  const requestHash = createHash('sha256')
    .update(JSON.stringify(request.body ?? null))
    .digest('hex');
  const first = await claimed(store, request.id, requestHash);
  if (first) return first;
  try {
    const answer = await work();
    await store.keys.updateOne(
      { _id: request.id },
      { $set: { status: answer.status, body: { body: answer.body, headers: answer.headers } } },
    );
    return answer;
  } catch (error) {
    await store.keys.deleteOne({ _id: request.id, status: null }).catch(() => undefined);
    throw error;
  }
}

/** The first answer to a key, waited for where it is being worked out; undefined where the work is the caller's. */
async function claimed(
  store: Pick<Store, 'keys'>,
  id: string,
  requestHash: string,
): Promise<Answer | undefined> {
  const until = Date.now() + WAITED_MS;
  for (;;) {
    const first = await claim(store, id, requestHash);
    if (first !== 'in flight') return first;
    if (Date.now() > until) throw new Problem(409, 'key-in-flight', { headers: { 'Retry-After': '1' } });
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

async function claim(
  store: Pick<Store, 'keys'>,
  id: string,
  requestHash: string,
): Promise<Answer | 'in flight' | undefined> {
  const createdAt = new Date();
  try {
    await store.keys.collection.insertOne({ _id: id as never, requestHash, createdAt });
    return undefined;
  } catch (error) {
    if (!(error instanceof mongoose.mongo.MongoServerError) || error.code !== 11_000) throw error;
  }
  const known = await store.keys.findById(id).lean();
  if (!known) return 'in flight';
  if (known.requestHash !== requestHash) throw new Problem(422, 'key-reused');
  if (known.status !== undefined)
    return { status: known.status, ...(known.body as Pick<Answer, 'body' | 'headers'>) };
  if (Date.now() - known.createdAt.getTime() < IN_FLIGHT_MS) return 'in flight';
  const taken = await store.keys.updateOne({ _id: id, createdAt: known.createdAt }, { $set: { createdAt } });
  return taken.modifiedCount === 1 ? undefined : 'in flight';
}
