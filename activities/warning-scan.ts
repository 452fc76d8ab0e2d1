import type { ActType } from '../domain/act.ts';
import { type Calendar, addDays } from '../domain/calendar.ts';
import { type Certified, judgeAct } from '../domain/warning-act.ts';
import {
  type Fine,
  type MonthSum,
  type Seen,
  judgeFines,
  judgeGrowth,
  judgeSilence,
  judgeTarget,
} from '../domain/warning-history.ts';
import { type Warning, type WarningRule, rulesOf } from '../domain/warning.ts';
import { type ActRecord, actOf } from '../models/act.ts';
import type { CertifiedRecord } from '../models/agency.ts';
import type { Store } from '../models/store.ts';
import { saveWarnings } from '../models/warning.ts';

/** Acts that are judged and written together. */
const TOGETHER = 2_000;
/** Targets or kinds of facts whose acts are read together. */
const KEYS = 500;

/** One run of the rules: what it judges by, and what it keeps. */
export interface Scan {
  readonly store: Store;
  readonly rules: readonly WarningRule[];
  readonly calendar: Calendar;
  readonly today: string;
  readonly at: string;
  /** Officers met so far. */
  readonly officers: Map<string, Certified | undefined>;
}

/** What acts have to do with one another by: those that a run has met. */
export interface Touched {
  readonly targets: Set<string>;
  readonly fines: Set<string>;
  readonly agencies: Set<string>;
}
export const untouched = (): Touched => ({ targets: new Set(), fines: new Set(), agencies: new Set() });

const MEETING = ['inspection', 'penalty'] as const;

/** Judges single acts, as they come; tells of each page that is done. */
export async function scanActs(
  scan: Scan,
  acts: AsyncIterable<ActRecord>,
  after: (page: readonly ActRecord[]) => Promise<void> | void,
): Promise<number> {
  let changed = 0;
  for await (const page of pagesOf(acts, TOGETHER)) {
    const officers = await officersOf(scan, page);
    const judge = { ...scan, officers };
    const verdicts = page.map((record) => ({ record, ...judgeAct(actOf(record), judge) }));
    changed += await saveWarnings(scan.store, {
      units: page.map(({ _id }) => `act/${_id}`),
      found: verdicts.flatMap(({ record, warnings }) =>
        warnings.map((warning) => ({ unit: `act/${record._id}`, warning })),
      ),
      at: scan.at,
    });
    const wakes = verdicts.filter(({ record, wakeOn }) => record.wakeOn !== wakeOn);
    if (wakes.length > 0)
      await scan.store.acts.collection.bulkWrite(
        wakes.map(({ record, wakeOn }) => ({
          updateOne: {
            filter: { _id: record._id as never },
            update: wakeOn === undefined ? { $unset: { wakeOn: 1 } } : { $set: { wakeOn } },
          },
        })) as never,
        { ordered: false },
      );
    await after(page);
  }
  return changed;
}

export function touch(touched: Touched, page: readonly ActRecord[]): void {
  for (const { type, who, agency, cause, circumstance, year } of page) {
    touched.agencies.add(agency);
    if (type === 'inspection' || type === 'penalty') touched.targets.add(who);
    if (type === 'penalty')
      touched.fines.add(JSON.stringify([agency, cause ?? null, circumstance ?? null, year]));
  }
}

async function* pagesOf<T>(all: AsyncIterable<T>, size: number): AsyncGenerator<readonly T[]> {
  let page: T[] = [];
  for await (const one of all) {
    page.push(one);
    if (page.length < size) continue;
    yield page;
    page = [];
  }
  if (page.length > 0) yield page;
}

/** The officers that acts name, by id or certificate number; each is read once a run. */
async function officersOf(
  { store, officers }: Scan,
  page: readonly ActRecord[],
): Promise<ReadonlyMap<string, Certified>> {
  const named = [...new Set(page.flatMap((act) => act.officers))].filter((one) => !officers.has(one));
  for (const one of named) officers.set(one, undefined);
  if (named.length > 0) {
    const found = await store.officers
      .find({ $or: [{ _id: { $in: named } }, { 'certificate.no': { $in: named } }] })
      .lean<CertifiedRecord[]>();
    for (const record of found)
      for (const key of [record._id, record.certificate.no]) officers.set(key, record);
  }
  return officers as ReadonlyMap<string, Certified>;
}

type Filter = Record<string, unknown>;
const SEEN = { agency: 1, type: 1, on: 1, target: 1, targetCode: 1, occasion: 1, joint: 1, cause: 1, who: 1 };

/** Judges what met the same target, target by target. */
export async function scanTargets(
  scan: Scan,
  filter: Filter,
  after: (who: string) => Promise<void> | void = () => undefined,
): Promise<number> {
  const cursor = scan.store.acts
    .find({ type: { $in: MEETING }, ...filter } as never, SEEN)
    .sort({ who: 1, on: 1 })
    .lean<ActRecord[]>()
    .cursor({ batchSize: TOGETHER });
  let changed = 0;
  for await (const groups of pagesOf(
    groupsOf(cursor, ({ who }) => who),
    KEYS,
  )) {
    const units = groups.map((group) => ({
      who: group[0]?.who ?? '',
      warnings: judgeTarget(group.map(seenOf), scan.rules),
    }));
    changed += await keep(
      scan,
      units.map(({ who, warnings }) => ({ unit: `target/${who}`, warnings })),
    );
    await after(units.at(-1)?.who ?? '');
  }
  return changed;
}

const seenOf = ({ _id, ...act }: ActRecord): Seen => ({ no: _id, ...act });

const keep = (
  { store, at }: Scan,
  units: readonly { readonly unit: string; readonly warnings: readonly Warning[] }[],
): Promise<number> =>
  saveWarnings(store, {
    units: units.map(({ unit }) => unit),
    found: units.flatMap(({ unit, warnings }) => warnings.map((warning) => ({ unit, warning }))),
    at,
  });

/** Neighbours with the same key, as the sorted cursor brings them: one group is in memory, never the whole. */
async function* groupsOf<T>(all: AsyncIterable<T>, keyOf: (one: T) => string): AsyncGenerator<readonly T[]> {
  let group: T[] = [];
  for await (const one of all) {
    const first = group[0];
    if (first !== undefined && keyOf(first) !== keyOf(one)) {
      yield group;
      group = [];
    }
    group.push(one);
  }
  if (group.length > 0) yield group;
}

const FINE = { agency: 1, on: 1, fen: 1, cause: 1, circumstance: 1, year: 1 };
const factsOf = ({ agency, cause, circumstance, year }: ActRecord): string =>
  JSON.stringify([agency, cause ?? null, circumstance ?? null, year]);

/** Judges fines among their like, kind of facts by kind of facts. */
export async function scanFines(scan: Scan, filter: Filter): Promise<number> {
  const cursor = scan.store.acts
    .find({ type: 'penalty', ...filter } as never, FINE)
    .sort({ agency: 1, cause: 1, circumstance: 1, year: 1 })
    .lean<ActRecord[]>()
    .cursor({ batchSize: TOGETHER });
  let changed = 0;
  for await (const groups of pagesOf(groupsOf(cursor, factsOf), KEYS))
    changed += await keep(
      scan,
      groups.map((group) => ({
        unit: `fines/${factsOf(group[0] as ActRecord)}`,
        warnings: judgeFines(finesOf(group), scan.rules),
      })),
    );
  return changed;
}

/** Without a cause nobody can say what a fine is like. */
const finesOf = (group: readonly ActRecord[]): readonly Fine[] =>
  group.flatMap(({ _id, agency, on, fen, cause, circumstance }) =>
    cause === undefined || fen === undefined || fen === 0
      ? []
      : [{ no: _id, agency, on, fen, cause, circumstance: circumstance ?? '' }],
  );

/** The filter that finds the fines of one kind of facts. */
export function finesFilter(key: string): Filter {
  const [agency, cause, circumstance, year] = JSON.parse(key) as [
    string,
    string | null,
    string | null,
    number,
  ];
  return { agency, cause, circumstance, year };
}

/** Judges what agencies do altogether: how their fines grow, and where they have fallen silent. */
export async function scanAgencies(scan: Scan, agencies: readonly string[]): Promise<number> {
  const [months, last] = [await monthsOf(scan.store, agencies), await lastOf(scan, agencies)];
  const silent = new Map<string, Warning[]>();
  for (const one of last) {
    const { agency, type, lastOn } = one;
    if (lastOn > addDays(scan.today, -SOONEST_SILENCE)) continue;
    const since = { agency, type, on: { $gt: addDays(lastOn, -365) } };
    const count = await scan.store.acts.countDocuments(since);
    const act = await scan.store.acts.findOne({ agency, type, on: lastOn }, { _id: 1 }).lean<ActRecord>();
    const quiet = judgeSilence({ agency, type, lastOn, lastNo: act?._id ?? '', count }, scan);
    silent.set(agency, [...(silent.get(agency) ?? []), ...quiet]);
  }
  const units = agencies.flatMap((agency) => [
    { unit: `growth/${agency}`, warnings: judgeGrowth(months.get(agency) ?? [], scan) },
    { unit: `silence/${agency}`, warnings: silent.get(agency) ?? [] },
  ]);
  return keep(scan, units);
}

/** Days before which no rule can call an agency silent. */
const SOONEST_SILENCE = 30;

/** Summed in the database: an index holds all that is needed. */
async function monthsOf(
  { acts }: Store,
  agencies: readonly string[],
): Promise<ReadonlyMap<string, readonly MonthSum[]>> {
  const rows = await acts.aggregate<{
    _id: { agency: string; month: string };
    fen: number;
    count: number;
  }>([
    { $match: { agency: { $in: agencies }, type: 'penalty', on: { $gt: '' } } },
    { $project: { _id: 0, agency: 1, on: 1, fen: 1 } },
    {
      $group: {
        _id: { agency: '$agency', month: { $substrBytes: ['$on', 0, 7] } },
        fen: { $sum: '$fen' },
        count: { $sum: 1 },
      },
    },
  ]);
  const months = new Map<string, MonthSum[]>();
  for (const { _id, fen, count } of rows) {
    const sum = { ..._id, fen, count };
    months.set(_id.agency, [...(months.get(_id.agency) ?? []), sum]);
  }
  return months;
}

/** When each agency last did something of each type whose silence is looked for. */
async function lastOf(
  { store, rules }: Scan,
  agencies: readonly string[],
): Promise<readonly { agency: string; type: ActType; lastOn: string }[]> {
  const types = [...new Set(rulesOf(rules, 'silence').flatMap((rule) => rule.params.types))];
  const rows = await store.acts.aggregate<{ _id: { agency: string; type: ActType }; lastOn: string }>([
    { $match: { agency: { $in: agencies }, type: { $in: types }, on: { $gt: '' } } },
    { $group: { _id: { agency: '$agency', type: '$type' }, lastOn: { $max: '$on' } } },
  ]);
  return rows.map(({ _id, lastOn }) => ({ ..._id, lastOn }));
}
