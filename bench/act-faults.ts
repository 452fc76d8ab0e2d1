import type { Act, ActType } from '../domain/act.ts';
import { addDays } from '../domain/calendar.ts';
import { agencyId, type ActSetOptions, writer } from './act-set.ts';

/** An act, or several, of which one rule is to say one thing. */
export interface Planted {
  readonly rule: string;
  readonly subject: string;
  readonly acts: readonly Act[];
}

type Make = (at: Place) => { readonly acts: readonly Act[]; readonly subject?: string };
interface Place {
  /** Number of the fault among its like. */
  readonly n: number;
  readonly on: string;
  readonly write: (type: ActType, on: string, over?: Partial<Act>) => Act;
  /** The same by another agency. */
  readonly other: (k: number) => Place['write'];
  readonly name: string;
}

const NO_FINE = { outcomes: ['warning'] } as const;
const penalty = ({ write, on }: Place, over: Partial<Act>) => ({
  acts: [write('penalty', on, { ...NO_FINE, ...over })],
});
/** Once approved, it is with the police on the same day. */
const approved = (on: string | undefined): Partial<Act> =>
  on === undefined ? {} : { crimeSuspectedOn: on, crimeReferredOn: on };
/** Half of what comes too late has not come at all. */
const late = (n: number, day: string): string | undefined => (n % 2 === 0 ? day : undefined);

/** One way to break each rule; growth and silence are the whole agency's. */
export const FAULTS: Readonly<Record<string, Make>> = {
  offNetwork: (at) => ({
    acts: [
      at.write((['penalty', 'fee', 'licence'] as const)[at.n % 3] ?? 'fee', at.on, {
        channel: 'offNetwork',
        outcomes: [],
      }),
    ],
  }),
  legalReviewMissing: (at) =>
    penalty(at, {
      outcomes: ['suspension'],
      legalReview: at.n % 2 === 0 ? undefined : { on: addDays(at.on, 1) },
    }),
  recordingMissing: (at) => penalty(at, { recording: at.n % 2 === 0 ? 'none' : undefined }),
  audioVideoMissing: (at) => ({
    acts: [at.write('coercion', at.on, { recording: 'text', outcomes: ['seizure'] })],
  }),
  officerUncertified: (at) => {
    const [first = ''] = at.write('fee', at.on).officers;
    const agency = first.slice(0, -2);
    const bad = [`${agency}-4`, `ZJ-${agency}-5`, `${agency}-6`, '冒用证号'][at.n % 4] ?? '';
    return penalty(at, { officers: [first, bad] });
  },
  officersTooFew: (at) => {
    const [first = ''] = at.write('fee', at.on).officers;
    return penalty(at, { officers: at.n % 2 === 0 ? [first] : [first, first] });
  },
  penaltyLate: (at) => penalty(at, { filedOn: addDays(at.on, -120) }),
  preservationLate: (at) =>
    penalty(at, { preservedOn: addDays(at.on, -40), preservationEndedOn: late(at.n, at.on) }),
  serviceLate: (at) => penalty(at, { servedOn: late(at.n, addDays(at.on, 30)) }),
  hearingWindowShort: (at) => penalty(at, { hearingOfferedOn: addDays(at.on, -5) }),
  hearingNoticeShort: (at) =>
    penalty(at, { hearingNoticedOn: addDays(at.on, -8), heardOn: addDays(at.on, -6) }),
  publicationLate: (at) => ({
    acts: [at.write('licence', at.on, { publishedOn: late(at.n, addDays(at.on, 30)) })],
  }),
  resultPublicationLate: (at) => ({
    acts: [at.write('levy', at.on, { publishedOn: late(at.n, addDays(at.on, 60)) })],
  }),
  withdrawalLate: (at) =>
    penalty(at, { annulledOn: addDays(at.on, 5), unpublishedOn: late(at.n, addDays(at.on, 30)) }),
  crimeApprovalLate: (at) =>
    penalty(at, { crimeReportedOn: addDays(at.on, 1), ...approved(late(at.n, addDays(at.on, 20))) }),
  crimeTransferLate: (at) =>
    penalty(at, { crimeSuspectedOn: addDays(at.on, 1), crimeReferredOn: late(at.n, addDays(at.on, 20)) }),
  inspectionUnplanned: (at) => ({
    acts: [at.write('inspection', at.on, { plan: undefined, occasion: at.n % 2 === 0 ? 'plan' : undefined })],
  }),
  inspectionTooFrequent: ({ write, name }) => {
    const acts = ['2026-01-12', '2026-04-13', '2026-07-13'].map((on) =>
      write('inspection', on, { target: name }),
    );
    return { acts, subject: `${name}|${acts[0]?.agency}|2026` };
  },
  inspectionsTooMany: ({ other, name }) => {
    const acts = Array.from({ length: 7 }, (_, k) =>
      other(k % 4)('inspection', addDays('2026-01-12', k * 35), { target: name }),
    );
    return { acts, subject: `${name}|2026` };
  },
  inspectionDuplicate: ({ write, name, on }) => {
    const acts = [0, 10].map((days) => write('inspection', addDays(on, days), { target: name }));
    return { acts, subject: acts[1]?.no ?? '' };
  },
  penaltyDuplicate: ({ write, name, on }) => {
    const acts = [0, 12].map((days) => write('penalty', addDays(on, days), { ...NO_FINE, target: name }));
    return { acts, subject: acts[1]?.no ?? '' };
  },
  inspectionsCrossing: ({ other, name, on }) => {
    const acts = [0, 5].map((days, k) => other(k)('inspection', addDays(on, days), { target: name }));
    return { acts, subject: acts[0]?.no ?? '' };
  },
  penaltyUnlike: ({ write, n }) => ({
    acts: [
      write('penalty', '2025-05-12', {
        fen: n % 2 === 0 ? 10_000 : 4_000_000,
        outcomes: ['fine'],
        legalReview: { on: '2025-05-11' },
      }),
    ],
  }),
};

/** The faults of every rule, each in an agency that neither grows nor falls silent. */
export function* plantedActs({ agencies, faults, today }: ActSetOptions): Generator<Planted> {
  const free = agencies - faults * 2;
  for (const [k, [rule, make]] of Object.entries(FAULTS).entries()) {
    const writers = new Map<number, ReturnType<typeof writer>>();
    const writeOf = (at: number): Place['write'] => {
      const place = faults * 2 + (at % free);
      const write = writers.get(place) ?? writer(agencyId(place));
      writers.set(place, write);
      // Reason: numbers of faults must not meet those of good acts, nor those of another rule.
      return (type, on, over) => {
        const act = write(type, on, over);
        const no = `F${k}-${act.no}`;
        return { ...act, no, target: act.target.startsWith('相对人') ? `相对人${no}` : act.target };
      };
    };
    for (let n = 0; n < faults; n += 1) {
      const place: Place = {
        n,
        on: addDays(today, -120 - (n % 60)),
        write: writeOf(n),
        other: (by) => writeOf(n + by),
        name: `对象${rule}${n}`,
      };
      const { acts, subject } = make(place);
      yield { rule, subject: subject ?? acts[0]?.no ?? '', acts };
    }
  }
}

/** The day after which the agencies that are to fall silent report no licence. */
export const silentSince = (today: string): string => addDays(today, -181);
