import { cpus, loadavg } from 'node:os';

/** How long is waited for what should come in a moment, in ms: a busy machine takes longer, and what never comes fails all the same. */
const PATIENCE = 60_000;

/** Tries again until it does not throw, in real time: what the workers do is seen when it is done. */
export async function eventually<T>(look: () => Promise<T>, ms = PATIENCE): Promise<T> {
  const until = Date.now() + ms;
  for (;;) {
    try {
      return await look();
    } catch (error) {
      if (Date.now() > until) throw error;
      await new Promise((resolve) => setTimeout(resolve, 40));
    }
  }
}

/** A promise of seconds on a machine that does nothing else, as long as it takes where others want its cores, too. */
export function seconds(promised: number): number {
  return promised * 1_000 * Math.max(1, (loadavg()[0] ?? 1) / cpus().length);
}
