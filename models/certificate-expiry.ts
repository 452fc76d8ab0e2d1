import type { IsoDate } from '../domain/calendar.ts';
import { type ExpiryBucket, certificateBucket, expiryHorizon } from '../domain/certificate-expiry.ts';
import type { CertifiedRecord } from './agency.ts';
import type { Store } from './store.ts';

type Registers = Pick<Store, 'officers' | 'supervisors'>;
/** A person whose certificate ends, and the register they stand in. */
export type ExpiringPerson = CertifiedRecord & { readonly register: 'supervisors' | 'officers' };

/** Reason: whoever left years ago with a certificate that ended then is nobody's news. */
const KEPT_DAYS = 365;

const ending = (today: IsoDate, horizon: IsoDate) => {
  const since = new Date(Date.parse(`${today}T00:00:00Z`) - KEPT_DAYS * 86_400_000)
    .toISOString()
    .slice(0, 10);
  return { 'certificate.expires': { $gte: since, $lte: horizon } };
};

/** Whose certificates end up to that day or have ended in the year before, supervisors first, the nearest end first. */
export async function expiringOf(
  store: Registers,
  {
    today,
    horizon,
    agency,
  }: { readonly today: IsoDate; readonly horizon: IsoDate; readonly agency?: string },
): Promise<readonly ExpiringPerson[]> {
  const filter = { ...ending(today, horizon), ...(agency === undefined ? {} : { agency }) };
  const order = { 'certificate.expires': 1, _id: 1 } as const;
  const [supervisors, officers] = await Promise.all([
    store.supervisors.find(filter).sort(order).lean<CertifiedRecord[]>(),
    store.officers.find(filter).sort(order).lean<CertifiedRecord[]>(),
  ]);
  return [
    ...supervisors.map((one) => ({ ...one, register: 'supervisors' as const })),
    ...officers.map((one) => ({ ...one, register: 'officers' as const })),
  ];
}

/** How many certificates end, by nearness, in both registers. */
export async function countExpiring(
  store: Registers,
  today: IsoDate,
): Promise<Readonly<Record<ExpiryBucket, number>>> {
  const filter = ending(today, expiryHorizon(today));
  const counts: Record<ExpiryBucket, number> = { expired: 0, days30: 0, days60: 0 };
  for (const register of [store.supervisors, store.officers]) {
    const rows = await register.aggregate<{ _id: string; n: number }>([
      { $match: filter },
      { $group: { _id: '$certificate.expires', n: { $sum: 1 } } },
    ]);
    for (const { _id, n } of rows) counts[certificateBucket(_id, today)] += n;
  }
  return counts;
}
