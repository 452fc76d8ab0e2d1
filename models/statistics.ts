import type { ActType } from '../domain/act.ts';
import {
  type ActSum,
  type CertificateSum,
  type Statistics,
  type TargetSum,
  statisticsOf,
} from '../domain/statistics.ts';
import type { Store } from './store.ts';

/** The annual report of a year, added up in the database; certificates as they are on the year's last day, or today while it runs. */
export async function readStatistics(
  store: Pick<Store, 'acts' | 'officers'>,
  { year, today }: { readonly year: number; readonly today: string },
): Promise<Statistics> {
  const last = `${year}-12-31`;
  const [sums, targets, certificates] = await Promise.all([
    sumsOf(store, year),
    targetsOf(store, year),
    certificatesOf(store, last < today ? last : today),
  ]);
  return statisticsOf(year, { sums, targets, certificates });
}

async function sumsOf({ acts }: Pick<Store, 'acts'>, year: number): Promise<readonly ActSum[]> {
  const rows = await acts.aggregate<{
    _id: Pick<ActSum, 'agency' | 'type' | 'outcomes'>;
    count: number;
    fen: number;
    fined: number;
  }>([
    { $match: { year } },
    {
      $group: {
        _id: { agency: '$agency', type: '$type', outcomes: '$outcomes' },
        count: { $sum: 1 },
        fen: { $sum: '$fen' },
        fined: { $sum: { $cond: [{ $gt: ['$fen', 0] }, 1, 0] } },
      },
    },
  ]);
  return rows.map(({ _id, ...sum }) => ({ ..._id, ...sum }));
}

async function targetsOf({ acts }: Pick<Store, 'acts'>, year: number): Promise<readonly TargetSum[]> {
  const rows = await acts.aggregate<{ _id: { agency: string; type: ActType }; targets: number }>(
    [
      { $match: { year, type: { $in: ['levy', 'fee', 'inspection'] } } },
      { $group: { _id: { agency: '$agency', type: '$type', who: '$who' } } },
      { $group: { _id: { agency: '$_id.agency', type: '$_id.type' }, targets: { $sum: 1 } } },
    ],
    { allowDiskUse: true },
  );
  return rows.map(({ _id, targets }) => ({ ..._id, targets }));
}

async function certificatesOf(
  { officers }: Pick<Store, 'officers'>,
  day: string,
): Promise<readonly CertificateSum[]> {
  const valid = {
    $and: [{ $lte: ['$certificate.issued', day] }, { $gte: ['$certificate.expires', day] }],
  };
  const rows = await officers.aggregate<{ _id: string | null; officers: number; valid: number }>([
    {
      $group: {
        _id: '$agency',
        officers: { $sum: 1 },
        valid: { $sum: { $cond: [valid, 1, 0] } },
      },
    },
    { $sort: { _id: 1 } },
  ]);
  return rows.map(({ _id, ...sum }) => ({ agency: _id ?? '', ...sum }));
}
