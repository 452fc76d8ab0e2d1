import { type IsoDate, addDays, daysBetween } from './calendar.ts';

/** How near the end of a certificate is: it has ended, ends within thirty days, or within sixty. */
export type ExpiryBucket = 'expired' | 'days30' | 'days60';

const FIRST_WARNING = 60;
const SECOND_WARNING = 30;

/** The last day up to which an ending certificate is warned of. */
export const expiryHorizon = (today: IsoDate): IsoDate => addDays(today, FIRST_WARNING);

/** A certificate is good on its last day. */
export function certificateBucket(expires: IsoDate, today: IsoDate): ExpiryBucket {
  if (expires < today) return 'expired';
  return daysBetween(today, expires) <= SECOND_WARNING ? 'days30' : 'days60';
}
