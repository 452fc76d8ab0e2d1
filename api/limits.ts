import { RateLimiterMemory, RateLimiterRes } from 'rate-limiter-flexible';
import { Problem } from './problem.ts';

/** Requests in a minute for one token, which a whole office may share; guesses in ten minutes for one address. */
const byToken = new RateLimiterMemory({ points: 120, duration: 60 });
const guesses = new RateLimiterMemory({ points: 100, duration: 600 });
const signIns = new RateLimiterMemory({ points: 30, duration: 600 });

async function take(limiter: RateLimiterMemory, key: string): Promise<void> {
  try {
    await limiter.consume(key);
  } catch (error) {
    if (!(error instanceof RateLimiterRes)) throw error;
    throw new Problem(429, 'rate-limited', {
      headers: { 'Retry-After': String(Math.ceil(error.msBeforeNext / 1_000)) },
    });
  }
}

export const limitToken = (token: string): Promise<void> => take(byToken, token);
/** Counts only tokens that do not exist: the many people of one office behind one address are not guessing. */
export const limitGuess = (address: string): Promise<void> => take(guesses, address);
export const limitSignIn = (address: string): Promise<void> => take(signIns, address);
/** A right sign-in was no guess. */
export const rightSignIn = async (address: string): Promise<void> => void (await signIns.reward(address, 1));
