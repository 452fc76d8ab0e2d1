import type { Act } from '../domain/act.ts';
import { type Clock, SAME_CLOCK } from '../domain/clock.ts';
import { recordOf } from '../models/act.ts';
import { nextNumber } from '../models/setting.ts';
import type { Store } from '../models/store.ts';
import { plantedActs, silentSince } from './act-faults.ts';
import { type ActSetOptions, agencyId, goodActs, officersOf } from './act-set.ts';

/** What one rule was to find and found. */
export interface Score {
  readonly rule: string;
  readonly planted: number;
  readonly found: number;
  readonly missed: number;
  readonly falseAlarms: number;
  readonly precision: number;
  readonly recall: number;
}

/** A clock that stands still at noon of a day. */
export const stoppedAt = (today: string): Clock => ({
  now: async () => Date.parse(`${today}T12:00:00+08:00`),
  mapping: async () => SAME_CLOCK,
});

/** Fills a store with agencies, officers and acts; answers the faults that are among them, by rule, and how many acts there are. */
export async function fill(
  store: Store,
  options: ActSetOptions,
): Promise<{ readonly planted: ReadonlyMap<string, ReadonlySet<string>>; readonly acts: number }> {
  const ids = Array.from({ length: options.agencies }, (_, n) => agencyId(n));
  const agencies = ids.map((_id) => ({
    _id,
    name: _id,
    kind: 'department',
    domains: [],
    contacts: [],
    version: 1,
  }));
  await store.agencies.collection.insertMany(agencies as never);
  await store.officers.collection.insertMany(ids.flatMap((id) => officersOf(id)) as never);
  const planted = new Map<string, Set<string>>();
  const plant = (rule: string, subject: string): void => {
    planted.set(rule, (planted.get(rule) ?? new Set()).add(subject));
  };
  const acts = await put(store, worldOf(options, plant));
  return { planted, acts };
}

function* worldOf(options: ActSetOptions, plant: (rule: string, subject: string) => void): Generator<Act> {
  const { agencies, faults, today } = options;
  for (let n = 0; n < agencies; n += 1) {
    const agency = agencyId(n);
    const grows = n < faults;
    const silent = n >= faults && n < faults * 2 ? silentSince(today) : undefined;
    if (grows) plant('fineGrowth', `${agency}|${today.slice(0, 4)}`);
    if (silent !== undefined) plant('silence', `${agency}|licence|${silent}`);
    yield* goodActs(agency, options, { grown: grows ? 1.5 : 1.12, silentSince: silent });
  }
  for (const fault of plantedActs(options)) {
    plant(fault.rule, fault.subject);
    yield* fault.acts;
  }
}

const TOGETHER = 10_000;

/** Reason: what is measured is the rules, not the door that acts come in by; its own figures are the import's. */
export async function put(store: Store, acts: Iterable<Act>): Promise<number> {
  let page: Act[] = [];
  let count = 0;
  const write = async (): Promise<void> => {
    if (page.length === 0) return;
    const batch = await nextNumber(store.sequences, 'act-batch');
    const head = { _id: batch, source: 'file', by: 'bench', at: '', count: page.length, judged: false };
    await store.acts.collection.insertMany(page.map((act) => recordOf(act, batch)) as never, {
      ordered: false,
    });
    await store.actBatches.collection.insertOne(head as never);
    count += page.length;
    page = [];
  };
  for (const act of acts) {
    page.push(act);
    if (page.length === TOGETHER) await write();
  }
  await write();
  return count;
}

/** Sets what the rules found against what was planted. */
export async function scoresOf(
  store: Store,
  planted: ReadonlyMap<string, ReadonlySet<string>>,
): Promise<{ readonly scores: readonly Score[]; readonly strange: readonly string[] }> {
  const found = new Map<string, Set<string>>();
  for await (const { rule, subject } of store.warnings
    .find({ state: 'open' }, { rule: 1, subject: 1 })
    .lean()
    .cursor())
    found.set(rule, (found.get(rule) ?? new Set()).add(subject));
  const rules = [...new Set([...planted.keys(), ...found.keys()])].toSorted();
  const strange: string[] = [];
  const scores = rules.map((rule) => {
    const [meant, seen] = [planted.get(rule) ?? new Set<string>(), found.get(rule) ?? new Set<string>()];
    const hits = [...meant].filter((subject) => seen.has(subject)).length;
    strange.push(
      ...[...seen].filter((subject) => !meant.has(subject)).map((subject) => `+ ${rule} ${subject}`),
    );
    strange.push(
      ...[...meant].filter((subject) => !seen.has(subject)).map((subject) => `- ${rule} ${subject}`),
    );
    return {
      rule,
      planted: meant.size,
      found: seen.size,
      missed: meant.size - hits,
      falseAlarms: seen.size - hits,
      precision: seen.size === 0 ? 1 : hits / seen.size,
      recall: meant.size === 0 ? 1 : hits / meant.size,
    };
  });
  return { scores, strange };
}
