import { createHash } from 'node:crypto';
import { localDate } from '../domain/calendar.ts';
import { stamp } from '../domain/clock.ts';
import type { ActRecord } from '../models/act.ts';
import { readCalendar } from '../models/calendar.ts';
import type { Store } from '../models/store.ts';
import { readWarningRules } from '../models/warning.ts';
import type { Deps } from './deps.ts';
import {
  type Scan,
  finesFilter,
  scanActs,
  scanAgencies,
  scanFines,
  scanTargets,
  touch,
  untouched,
} from './warning-scan.ts';
import { inTurn } from './warning-turn.ts';

/** Reports that one run takes up. */
const BATCHES = 200;
/** Agencies, targets or kinds of facts that are looked at together. */
const KEYS = 200;

type Stage = 'acts' | 'targets' | 'fines' | 'agencies';
const STAGES: readonly Stage[] = ['acts', 'targets', 'fines', 'agencies'];

/** How far the rules have looked: what they looked by, on which day, and where a run over everything stands. */
interface Progress {
  readonly stand: string;
  readonly day: string;
  readonly whole?: { readonly stage: Stage; readonly after: string } | undefined;
}
const PROGRESS = 'warnings';

/** Lets the rules look at what is new: at everything where a rule or the calendar changed, otherwise at the acts that came, the clocks that ran out, and what these have to do with. May be cut off and run again. Answers how many warnings changed. */
export async function findWarnings({ store, clock }: Pick<Deps, 'store' | 'clock'>): Promise<number> {
  const now = await clock.now();
  const [rules, calendar] = [await readWarningRules(store.warningRules), await readCalendar(store.calendars)];
  const [today, at] = [localDate(now), stamp(now)];
  const scan: Scan = { store, rules, calendar, today, at, officers: new Map() };
  const stand = digest([rules, calendar.map(({ year, version }) => [year, version])]);
  if (isLookedAt(await progressOf(store), { stand, today }) && !(await store.actBatches.exists(NEW)))
    return 0;
  return inTurn(store, async () => {
    const before = await progressOf(store);
    if (before?.stand !== stand || before.whole) return scanWhole(scan, stand, before);
    return scanNews(scan, before);
  });
}

const NEW = { judged: false };

const progressOf = async ({ settings }: Store): Promise<Progress | undefined> =>
  (await settings.findById(PROGRESS).lean())?.value as Progress | undefined;

const isLookedAt = (
  before: Progress | undefined,
  { stand, today }: { readonly stand: string; readonly today: string },
): boolean => before?.stand === stand && before.day === today && before.whole === undefined;

const digest = (content: unknown): string =>
  createHash('sha256').update(JSON.stringify(content)).digest('hex').slice(0, 16);

async function note({ settings }: Store, value: Progress): Promise<void> {
  await settings.updateOne({ _id: PROGRESS }, { $set: { value } }, { upsert: true });
}

/** Goes through everything, noting how far it has come. What comes meanwhile is news afterwards. */
async function scanWhole(scan: Scan, stand: string, before: Progress | undefined): Promise<number> {
  const { store, today } = scan;
  const resumed = before?.stand === stand ? before.whole : undefined;
  const from = resumed ?? { stage: 'acts', after: '' };
  if (!resumed) {
    await note(store, { stand, day: today, whole: from });
    await store.actBatches.updateMany(NEW, { $set: { judged: true } });
  }
  let changed = 0;
  for (const stage of STAGES.slice(STAGES.indexOf(from.stage))) {
    const after = stage === from.stage ? from.after : '';
    const mark = seldom((last) => note(store, { stand, day: today, whole: { stage, after: last } }));
    changed += await scanStage(scan, { stage, after, mark });
  }
  await note(store, { stand, day: today });
  return changed;
}

/** Reason: a note is a journalled write; what a run that was cut off does again costs less than noting every step. */
function seldom(work: (last: string) => Promise<void>): (last: string) => Promise<void> {
  let noted = performance.now();
  return async (last) => {
    if (performance.now() - noted < NOTED_MS) return;
    await work(last);
    noted = performance.now();
  };
}
const NOTED_MS = 2_000;

interface Part {
  readonly stage: Stage;
  readonly after: string;
  readonly mark: (after: string) => Promise<void>;
}

async function scanStage(scan: Scan, { stage, after, mark }: Part): Promise<number> {
  const { acts } = scan.store;
  switch (stage) {
    case 'acts': {
      const rest = acts
        .find({ _id: { $gt: after } })
        .sort({ _id: 1 })
        .lean<ActRecord[]>()
        .cursor({ batchSize: 2_000 });
      return scanActs(scan, rest, (page) => mark(page.at(-1)?._id ?? after));
    }
    case 'targets':
      return scanTargets(scan, { who: { $gt: after } }, mark);
    case 'fines':
      return eachAgency(scan, { after, mark }, (agencies) => scanFines(scan, { agency: { $in: agencies } }));
    case 'agencies':
      return eachAgency(scan, { after, mark }, (agencies) => scanAgencies(scan, agencies));
  }
}

/** Pages of agencies, so that each can be noted when it is done. */
async function eachAgency(
  { store }: Scan,
  { after, mark }: Pick<Part, 'after' | 'mark'>,
  work: (agencies: readonly string[]) => Promise<number>,
): Promise<number> {
  let changed = 0;
  const rest = await store.agencies
    .find({ _id: { $gt: after } }, { _id: 1 })
    .sort({ _id: 1 })
    .lean();
  for (const page of chunksOf(rest.map(({ _id }) => _id))) {
    changed += await work(page);
    await mark(page.at(-1) ?? after);
  }
  return changed;
}

/** Looks at what came since, and at the clocks that ran out with the day; then at what these have to do with. */
async function scanNews(scan: Scan, before: Progress): Promise<number> {
  const { store, today } = scan;
  const batches = await store.actBatches.find(NEW, { _id: 1 }).sort({ _id: 1 }).limit(BATCHES).lean();
  const newDay = before.day !== today;
  if (batches.length === 0 && !newDay) return 0;
  const touched = untouched();
  const ids = batches.map(({ _id }) => _id);
  let changed = 0;
  for (const filter of [{ batch: { $in: ids } }, { wakeOn: { $lte: today } }]) {
    const acts = store.acts.find(filter).lean<ActRecord[]>().cursor({ batchSize: 2_000 });
    changed += await scanActs(scan, acts, (page) => touch(touched, page));
  }
  for (const who of chunksOf([...touched.targets])) changed += await scanTargets(scan, { who: { $in: who } });
  for (const keys of chunksOf([...touched.fines]))
    changed += await scanFines(scan, { $or: keys.map((key) => finesFilter(key)) });
  const everyone = newDay ? await store.acts.distinct('agency') : [...touched.agencies];
  for (const page of chunksOf(everyone)) changed += await scanAgencies(scan, page);
  await store.actBatches.updateMany({ _id: { $in: ids } }, { $set: { judged: true } });
  await note(store, { ...before, day: today });
  return changed;
}

function chunksOf<T>(all: readonly T[]): readonly (readonly T[])[] {
  return Array.from({ length: Math.ceil(all.length / KEYS) }, (_, n) => all.slice(n * KEYS, (n + 1) * KEYS));
}
