import { ACT_TYPES } from '../domain/act.ts';
import {
  COMPLETE_FIELDS,
  ENTRY_DAYS,
  MEASURES,
  type Measure,
  type NetworkUse,
} from '../domain/network-use.ts';
import type { Store } from './store.ts';

const stated = (field: string) => ({ $gt: [`$${field}`, null] });
const dayOf = (field: string) => ({ $dateFromString: { dateString: field, format: '%Y-%m-%d' } });

/** Each measure as the database judges one act: whether it counts at all, and whether it is met. */
const JUDGED: Readonly<Record<Measure, { readonly counts: unknown; readonly met: unknown }>> = {
  onNetwork: { counts: true, met: { $eq: ['$channel', 'network'] } },
  enteredInTime: {
    counts: { $and: [{ $eq: ['$channel', 'network'] }, stated('enteredOn')] },
    met: {
      $lte: [
        { $dateDiff: { startDate: dayOf('$on'), endDate: dayOf('$enteredOn'), unit: 'day' } },
        ENTRY_DAYS,
      ],
    },
  },
  complete: {
    counts: { $eq: ['$channel', 'network'] },
    met: {
      $and: [
        { $gte: [{ $size: '$officers' }, 1] },
        {
          $or: ACT_TYPES.map((type) => ({
            $and: [{ $eq: ['$type', type] }, ...COMPLETE_FIELDS[type].map(stated)],
          })),
        },
      ],
    },
  },
};

type Sums = Readonly<Record<`${Measure}Of` | Measure, number>> & {
  readonly _id: string;
  readonly acts: number;
};

/** How each agency uses the network in a year, counted in the database. */
export async function networkUse(
  { acts }: Pick<Store, 'acts'>,
  year: number,
): Promise<readonly NetworkUse[]> {
  const sums = MEASURES.flatMap((measure) => {
    const { counts, met } = JUDGED[measure];
    return [
      [`${measure}Of`, { $sum: { $cond: [counts, 1, 0] } }],
      [measure, { $sum: { $cond: [{ $cond: [counts, met, false] }, 1, 0] } }],
    ];
  });
  const rows = await acts.aggregate<Sums>([
    { $match: { year } },
    { $group: { _id: '$agency', acts: { $sum: 1 }, ...Object.fromEntries(sums) } },
    { $sort: { _id: 1 } },
  ]);
  return rows.map((row) => ({
    agency: row._id,
    acts: row.acts,
    onNetwork: { n: row.onNetwork, of: row.onNetworkOf },
    enteredInTime: { n: row.enteredInTime, of: row.enteredInTimeOf },
    complete: { n: row.complete, of: row.completeOf },
  }));
}

/** The filter that finds the acts behind a share: those that count and do not meet it. */
export const missesOf = (measure: Measure, { year, agency }: { year: number; agency: string }) => ({
  year,
  agency,
  $expr: { $cond: [JUDGED[measure].counts, { $not: [JUDGED[measure].met] }, false] },
});
