import type { ActType } from '../domain/act.ts';
import {
  INSTRUMENTS,
  type SupervisionSum,
  type ActSum,
  type CertificateSum,
  type Statistics,
  type TargetSum,
  statisticsOf,
} from '../domain/statistics.ts';
import type { Store } from './store.ts';

/** The annual report of a year, added up in the database; certificates as they are on the year's last day, or today while it runs. */
export async function readStatistics(
  store: Pick<Store, 'acts' | 'officers' | 'clues' | 'cases' | 'documents'>,
  { year, today }: { readonly year: number; readonly today: string },
): Promise<Statistics> {
  const last = `${year}-12-31`;
  const [sums, targets, certificates, supervision] = await Promise.all([
    sumsOf(store, year),
    targetsOf(store, year),
    certificatesOf(store, last < today ? last : today),
    supervisionOf(store, year),
  ]);
  return statisticsOf(year, { sums, targets, certificates, supervision });
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

/** Numbers carry their year, so that an index counts them. */
async function supervisionOf(
  { clues, cases, documents }: Pick<Store, 'clues' | 'cases' | 'documents'>,
  year: number,
): Promise<SupervisionSum> {
  const numbered = (series: string) => ({ _id: { $gte: `${series}-${year}-`, $lt: `${series}-${year}.` } });
  const closed = { 'closing.at': { $gte: `${year}-01-01`, $lt: `${year + 1}-01-01` } };
  const [cluesReceived, cluesAccepted, casesOpened, casesClosed, signed] = await Promise.all([
    clues.countDocuments(numbered('XS')),
    clues.countDocuments({ ...numbered('XS'), state: 'accepted' }),
    cases.countDocuments(numbered('GA')),
    cases.countDocuments(closed),
    documents.aggregate<{ _id: string; count: number }>([
      { $match: { year, kind: { $in: [...INSTRUMENTS] }, state: { $nin: ['draft', 'withdrawn'] } } },
      { $group: { _id: '$kind', count: { $sum: 1 } } },
    ]),
  ]);
  const count = (kind: string): number => signed.find((one) => one._id === kind)?.count ?? 0;
  const of = Object.fromEntries(INSTRUMENTS.map((kind) => [kind, count(kind)]));
  return {
    cluesReceived,
    cluesAccepted,
    casesOpened,
    casesClosed,
    documents: of as SupervisionSum['documents'],
  };
}
