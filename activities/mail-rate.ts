import type { RateModel } from '../models/rate.ts';

/** Mails per second over all workers together. */
export interface MailRate {
  /** How many of `most` mails may be reserved at once without bunching: a quarter of a second's worth, at least one. */
  chunk(most: number): Promise<number>;
  /** Takes the next `n` places; ms to wait before the first. 0 while unlimited. */
  reserve(n: number): Promise<number>;
  /** Mails per second, or null for unlimited; other workers see it within two seconds. */
  set(perSecond: number | null): Promise<void>;
}

const ID = 'mail';
const SETTING_LIVES_MS = 2000;

/** The setting is read at most once in two seconds; a reservation is one write, on the database's clock, only while limited. */
export function createMailRate(rates: RateModel): MailRate {
  let known: { readonly perSecond: number | null; readonly until: number } | undefined;

  const perSecond = async (): Promise<number | null> => {
    if (known && performance.now() < known.until) return known.perSecond;
    const record = await rates.findById(ID).lean();
    known = { perSecond: record?.perSecond ?? null, until: performance.now() + SETTING_LIVES_MS };
    return known.perSecond;
  };
  const chunk = async (most: number): Promise<number> => {
    const limit = await perSecond();
    return limit === null ? most : Math.min(most, Math.max(1, Math.floor(limit / 4)));
  };
  const reserve = async (n: number): Promise<number> => {
    const limit = await perSecond();
    if (limit === null) return 0;
    const taken = (n * 1000) / limit;
    const record = await rates
      .findOneAndUpdate(
        { _id: ID },
        [{ $set: { at: '$$NOW', nextAt: { $add: [{ $max: ['$nextAt', '$$NOW'] }, taken] } } }],
        { returnDocument: 'after', updatePipeline: true },
      )
      .lean();
    if (!record?.at) return 0;
    return Math.max(0, record.nextAt.getTime() - taken - record.at.getTime());
  };
  const set = async (value: number | null): Promise<void> => {
    if (value !== null && !(value > 0)) throw new Error('A rate is more than 0 mails per second, or null');
    await rates.updateOne(
      { _id: ID },
      { $set: { perSecond: value }, $setOnInsert: { nextAt: new Date(0) } },
      { upsert: true },
    );
    known = undefined;
  };
  return { chunk, reserve, set };
}
