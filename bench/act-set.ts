import type { Act, ActType } from '../domain/act.ts';
import { addDays } from '../domain/calendar.ts';

/** A made-up world of acts, the same for the same seed: agencies, their officers, acts that break no rule, and acts that do. */
export interface ActSetOptions {
  readonly seed: number;
  readonly today: string;
  readonly agencies: number;
  /** Acts without fault of each agency, about. */
  readonly perAgency: number;
  /** Faults planted for each rule. */
  readonly faults: number;
}

export interface Officer {
  readonly _id: string;
  readonly name: string;
  readonly agency: string;
  readonly certificate: { readonly no: string; readonly issued: string; readonly expires: string };
  readonly bars?: readonly {
    readonly state: string;
    readonly from: string;
    readonly until: string;
    readonly by: string;
  }[];
}

/** Chance that can be repeated. */
export function chance(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d_2b_79_f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), state | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296;
  };
}

export const agencyId = (n: number): string => `jiguan-${String(n).padStart(4, '0')}`;

/** Three officers in each agency, and three whose certificate is of no use: expired, suspended, not yet issued. */
export function officersOf(agency: string): readonly Officer[] {
  const one = (n: number, over: Partial<Officer> = {}): Officer => ({
    _id: `${agency}-${n}`,
    name: `执法人员${n}`,
    agency,
    certificate: { no: `ZJ-${agency}-${n}`, issued: '2024-01-01', expires: '2027-12-31' },
    ...over,
  });
  return [
    one(1),
    one(2),
    one(3),
    one(4, { certificate: { no: `ZJ-${agency}-4`, issued: '2020-01-01', expires: '2024-12-31' } }),
    one(5, { bars: [{ state: 'suspended', from: '2025-01-01', until: '2026-12-31', by: 'ZZ-2025-001' }] }),
    one(6, { certificate: { no: `ZJ-${agency}-6`, issued: '2026-12-01', expires: '2029-12-01' } }),
  ];
}

/** Numbers acts of one agency, one after another, with all that the rules ask for. */
export function writer(agency: string) {
  let n = 0;
  return (type: ActType, on: string, over: Partial<Act> = {}): Act => {
    n += 1;
    const no = `${agency}-${String(n).padStart(6, '0')}`;
    return { ...wellDone(agency, type, on), no, target: `相对人${no}`, ...over };
  };
}
export type Writer = ReturnType<typeof writer>;

function wellDone(agency: string, type: ActType, on: string): Omit<Act, 'no' | 'target'> {
  const plain = {
    agency,
    type,
    on,
    officers: [`${agency}-1`, `ZJ-${agency}-2`],
    channel: 'network',
    enteredOn: on,
    publishedOn: addDays(on, 3),
  } as const;
  switch (type) {
    case 'penalty':
      return {
        ...plain,
        filedOn: addDays(on, -30),
        decidedOn: on,
        servedOn: addDays(on, 2),
        recording: 'text',
        legalReview: { on: addDays(on, -1) },
        outcomes: ['fine'],
        cause: '未按规定建立台账',
        circumstance: '一般',
      };
    case 'inspection':
      return {
        ...plain,
        recording: 'text',
        plan: 'JH-2026',
        occasion: 'plan',
        outcomes: ['clean'],
        cause: '日常检查',
      };
    case 'coercion':
      return {
        ...plain,
        recording: 'audioVideo',
        legalReview: { on: addDays(on, -1) },
        outcomes: ['sealing'],
      };
    case 'licence':
      return { ...plain, outcomes: ['granted'] };
    case 'levy':
    case 'fee':
      return { ...plain, fen: 10_000, outcomes: ['collected'] };
  }
}

const day = (year: number, month: number, dayOfMonth: number): string =>
  `${year}-${String(month).padStart(2, '0')}-${String(dayOfMonth).padStart(2, '0')}`;

/** Acts of one agency in the year before and this year that break no rule, many of them only just. `grown` is this year's fines against the year before's, month for month. */
export function* goodActs(
  agency: string,
  { perAgency, today, seed }: ActSetOptions,
  { grown, silentSince }: { readonly grown: number; readonly silentSince?: string | undefined },
): Generator<Act> {
  const random = chance(seed + Number(agency.slice(-4)) * 7_919);
  const write = writer(agency);
  const base = 100_000 + Math.floor(random() * 300_000);
  const [year, before] = [Number(today.slice(0, 4)), Number(today.slice(0, 4)) - 1];
  const date = (of: number): string => day(of, 1 + Math.floor(random() * 10), 1 + Math.floor(random() * 28));
  const lately = addDays(today, -40);
  yield write('penalty', lately, { fen: Math.round(base * grown) });
  yield write('penalty', `${before}${lately.slice(4)}`, { fen: base });
  yield write('inspection', lately);
  if (silentSince === undefined) yield write('licence', lately);
  for (let n = 0; n < 14; n += 1) yield write('licence', addDays(silentSince ?? lately, -n * 20));
  const pairs = Math.floor(perAgency * 0.15);
  for (let n = 0; n < pairs; n += 1) {
    const [on, fen] = [date(before), Math.round(base * (0.8 + random() * 0.4))];
    yield write('penalty', on, { fen });
    yield write('penalty', `${year}${on.slice(4)}`, {
      fen: Math.round(fen * grown * (0.97 + random() * 0.06)),
    });
  }
  for (let n = 0; n < pairs; n += 1) {
    const target = `企业${agency}-${n}`;
    const [first, second] = [day(year, 1 + (n % 4), 1 + (n % 28)), day(year, 6 + (n % 4), 1 + (n % 28))];
    yield write('inspection', first, { target });
    yield write('inspection', second, { target });
    // Reason: what follows a complaint, or comes after the first visit to see it corrected, is neither too often nor again.
    if (n % 7 === 0) yield write('inspection', addDays(second, 2), { target, occasion: 'complaint' });
    if (n % 9 === 0) yield write('inspection', addDays(second, 9), { target, occasion: 'followUp' });
  }
  const rest = perAgency - pairs * 4 - 20;
  for (let n = 0; n < rest; n += 1) {
    const type = (['licence', 'coercion', 'levy', 'fee', 'licence'] as const)[n % 5] ?? 'licence';
    if (type !== 'licence' || silentSince === undefined) yield write(type, date(year));
    else yield write('levy', date(year));
  }
  yield* onlyJust(write, { today, year });
}

/** On the last day that is allowed, with the last yuan that needs no review, at the last count that is not too many. */
function* onlyJust(write: Writer, { today, year }: { today: string; year: number }): Generator<Act> {
  const on = addDays(today, -60);
  const target = `邻近${write('fee', on).no}`;
  yield write('penalty', on, { filedOn: addDays(on, -90), outcomes: ['warning'] });
  yield write('penalty', on, { legalReview: { on }, outcomes: ['revocation'] });
  yield write('penalty', day(year, 9, 18), { servedOn: day(year, 9, 29), outcomes: ['warning'] });
  yield write('penalty', day(year, 9, 18), { publishedOn: day(year, 9, 29), outcomes: ['warning'] });
  yield write('penalty', on, {
    hearingNoticedOn: day(year, 6, 8),
    heardOn: day(year, 6, 17),
    outcomes: ['warning'],
  });
  // Reason: told on Monday, 8 June: five working days to ask for a hearing, and decided on the sixth.
  yield write('penalty', day(year, 6, 16), { hearingOfferedOn: day(year, 6, 8), outcomes: ['warning'] });
  yield write('penalty', on, {
    crimeReportedOn: day(year, 6, 15),
    ...{ crimeSuspectedOn: day(year, 6, 18), crimeReferredOn: day(year, 6, 19) },
    outcomes: ['warning'],
  });
  yield write('inspection', day(year, 3, 1), { target });
  yield write('inspection', day(year, 4, 1), { target });
  yield write('penalty', day(year, 3, 1), { target, outcomes: ['warning'] });
  yield write('penalty', day(year, 4, 1), { target, outcomes: ['warning'] });
  yield write('coercion', on, { outcomes: ['addedFine'], recording: 'text' });
}
