import { randomUUID } from 'node:crypto';
import mongoose from 'mongoose';
import type { Store } from '../models/store.ts';

const TURN = 'warnings-turn';
/** After this a worker that is silent has died. */
const TURN_MS = 120_000;

/** Workers take turns: of two that looked at once, the slower could keep what the other has seen to be over. Answers 0 where another worker is at it. */
export async function inTurn({ settings }: Store, work: () => Promise<number>): Promise<number> {
  const holder = randomUUID();
  if (!(await taken(settings, holder))) return 0;
  const renew = (until: number) =>
    settings.updateOne({ _id: TURN, 'value.holder': holder }, { $set: { 'value.until': until } });
  const renewal = setInterval(() => void renew(Date.now() + TURN_MS).catch(() => undefined), TURN_MS / 4);
  try {
    return await work();
  } finally {
    clearInterval(renewal);
    await renew(0);
  }
}

/** A turn that somebody holds makes the insert of another fail. */
async function taken(settings: Store['settings'], holder: string): Promise<boolean> {
  const now = Date.now();
  try {
    await settings.updateOne(
      { _id: TURN, 'value.until': { $lt: now } },
      { $set: { value: { holder, until: now + TURN_MS } } },
      { upsert: true },
    );
    return true;
  } catch (error) {
    if (error instanceof mongoose.mongo.MongoServerError && error.code === 11_000) return false;
    throw error;
  }
}
