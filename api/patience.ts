import { createHmac } from 'node:crypto';
import { RateLimiterMongo, RateLimiterRes } from 'rate-limiter-flexible';
import type { ApiDeps } from './deps.ts';
import { Problem } from './problem.ts';

/** Forms in ten minutes from one address: so many at once, then slower each time, then none. */
const FREE = 4;
const MOST = 12;
const SECONDS = 600;
const FIRST_MS = 250;
const LONGEST_MS = 4_000;

/** How long a source that goes on and on is made to wait; refuses it, and nobody else, once it went too far. */
export interface Patience {
  ask(address: string, weight?: number): Promise<void>;
}

/** Milliseconds that the n-th form of a source waits. */
export const waitOf = (n: number): number =>
  n <= FREE ? 0 : Math.min(FIRST_MS * 2 ** (n - FREE - 1), LONGEST_MS);

/** Counts in MongoDB, so that all servers count together; an address is kept only as a keyed hash, since it may be a complainant's. */
export function createPatience({ store, office }: Pick<ApiDeps, 'store' | 'office'>): Patience {
  let limiter: RateLimiterMongo | undefined;
  const counting = (): RateLimiterMongo =>
    (limiter ??= new RateLimiterMongo({
      storeClient: store.connection.getClient(),
      dbName: store.connection.name,
      tableName: 'formLimits',
      keyPrefix: 'form',
      points: MOST,
      duration: SECONDS,
    }));
  return {
    async ask(address, weight = 1) {
      const source = createHmac('sha256', office.linkKey)
        .update(`address ${address}`)
        .digest('hex')
        .slice(0, 32);
      const counted = await counting()
        .consume(source, weight)
        .catch((error: unknown) => {
          if (!(error instanceof RateLimiterRes)) throw error;
          throw new Problem(429, 'rate-limited', {
            headers: { 'Retry-After': String(Math.ceil(error.msBeforeNext / 1_000)) },
          });
        });
      const wait = waitOf(counted.consumedPoints);
      if (wait > 0) await new Promise((resolve) => setTimeout(resolve, wait));
    },
  };
}
