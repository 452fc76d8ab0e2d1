import { type Clock, type ClockMapping, SAME_CLOCK, productAt } from '../domain/clock.ts';
import type { Store } from './store.ts';

/** The product's clock as all processes share it: the system's, unless a demo has stored how its own runs. Read at most once a second. */
export function storedClock(store: Pick<Store, 'settings'>): Clock {
  let read: { at: number; value: ClockMapping } | undefined;
  const mapping = async (): Promise<ClockMapping> => {
    if (read && Date.now() - read.at < 1_000) return read.value;
    const row = await store.settings.findById('clock').lean();
    read = { at: Date.now(), value: (row?.value as ClockMapping | undefined) ?? SAME_CLOCK };
    return read.value;
  };
  return { mapping, now: async () => productAt(await mapping(), Date.now()) };
}
