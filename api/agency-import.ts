import type { ClientSession } from 'mongoose';
import type { Agency, RosterColumn } from '../domain/roster.ts';
import {
  REQUIRED_ROSTER_COLUMNS,
  ROSTER_HEADINGS,
  type RosterImport,
  importRoster,
} from '../domain/roster-import.ts';
import { stamp } from '../domain/clock.ts';
import { type AgencyRecord, handoverOf } from '../models/agency.ts';
import { type ImportCounts, NOTHING } from '../models/import.ts';
import type { Begun } from './operations.ts';
import { wordsOf } from './problem-titles.ts';
import {
  type ImportOutcome,
  type Importing,
  MOST_WHOLE,
  type RegisterJob,
  type RejectedCell,
  beginImport,
  tooLong,
} from './register-import.ts';
import { type TableRow, tableRows } from './table-file.ts';

/** Agencies that are stored together. */
const TOGETHER = 500;
/** Rows of one file, a contact each: the rows of an agency need not stand together, so all are read first. */
const MOST_ROWS = 100_000;
/** Rows that are read between two words of it. */
const TOLD_EVERY = 2_000;
const SHAPE = { headings: ROSTER_HEADINGS, required: REQUIRED_ROSTER_COLUMNS };

type AgencyJob = RegisterJob & { readonly register: 'agencies' };

/** Imports the roster of agencies with their contacts: tried, whole or by its good agencies. */
export const importAgencies = (job: AgencyJob): Begun<ImportOutcome> =>
  beginImport(job, async (importing) => {
    const rows = await rowsOf(importing);
    const judged = importRoster(rows, new Set());
    if (importing.mode === 'skipBad') return inSteps(importing, rows, judged);
    const last = rows.at(-1)?.row ?? 0;
    const faults = faultsOf(job, judged);
    const some = { rows: rows.length, bad: badRows(faults) };
    if (importing.mode === 'dryRun') {
      const { counts } = await sorted(job, judged.create);
      return importing.note({ done: last, counts: { ...counts, ...some }, faults });
    }
    if (faults.length > 0) return importing.note({ done: last, counts: { ...NOTHING, ...some }, faults });
    return importing.keep(async (session) => {
      const { counts, writes, known } = await sorted(job, judged.create);
      await write(job, { writes, known }, session);
      return { done: last, counts: { ...counts, ...some }, faults };
    });
  });

async function rowsOf({ table, mode, tell }: Importing): Promise<readonly TableRow<RosterColumn>[]> {
  const rows: TableRow<RosterColumn>[] = [];
  for await (const row of tableRows(table, SHAPE)) {
    rows.push(row);
    if (rows.length % TOLD_EVERY === 0) await tell({ rows: rows.length });
    if (rows.length > (mode === 'whole' ? MOST_WHOLE : MOST_ROWS)) throw tooLong();
  }
  await tell({ stage: mode === 'dryRun' ? 'checking' : 'storing', rows: 0, of: rows.length });
  return rows;
}

const faultsOf = ({ lang }: AgencyJob, { rejected }: RosterImport): readonly RejectedCell[] =>
  rejected.map(({ row, column, code, detail }) => ({
    row,
    column,
    code,
    detail: lang === 'zh' ? detail : (wordsOf(code)?.en ?? detail),
  }));
const badRows = (faults: readonly RejectedCell[]): number => new Set(faults.map((one) => one.row)).size;

/** Good agencies some hundred at a time; a file that broke off begins again, since what is stored already says nothing new. */
async function inSteps(
  importing: Importing,
  rows: readonly TableRow<RosterColumn>[],
  judged: RosterImport,
): Promise<void> {
  const job = importing as Importing & AgencyJob;
  const { record } = importing;
  const last = rows.at(-1)?.row ?? 0;
  const faults = faultsOf(job, judged);
  const mine = new Map<string, number>();
  for (const { cells } of rows) mine.set(cells.id ?? '', (mine.get(cells.id ?? '') ?? 0) + 1);
  const rowsOfAll = (some: readonly Agency[]): number =>
    some.reduce((sum, one) => sum + (mine.get(one.id) ?? 0), 0);
  await importing.tell({ rows: rowsOfAll(judged.create.slice(0, record.done)) });
  for (let n = record.done; n < judged.create.length; n += TOGETHER) {
    const some = judged.create.slice(n, n + TOGETHER);
    await importing.keep(async (session) => {
      const { counts, writes, known } = await sorted(job, some);
      await write(job, { writes, known }, session);
      return { done: n + some.length, counts: { ...counts, rows: rowsOfAll(some) }, faults: [] };
    });
  }
  await importing.note({
    done: last,
    counts: { ...NOTHING, rows: rows.length - rowsOfAll(judged.create), bad: badRows(faults) },
    faults,
  });
}

interface Sorted {
  readonly counts: ImportCounts;
  readonly writes: readonly Agency[];
  /** Those that stand there already. */
  readonly known: ReadonlyMap<string, AgencyRecord>;
}

/** What of these agencies is new to the register, and what is told otherwise than it stands there. */
async function sorted({ deps }: AgencyJob, agencies: readonly Agency[]): Promise<Sorted> {
  const there = await deps.store.agencies
    .find({ _id: { $in: agencies.map((one) => one.id) } })
    .lean<AgencyRecord[]>();
  const known = new Map(there.map((one) => [one._id, one]));
  const writes = agencies.filter((one) => {
    const before = known.get(one.id);
    return !before || differs(before, one);
  });
  const updated = agencies.filter((one) => known.has(one.id)).length;
  const created = agencies.length - updated;
  const unchanged = updated - (writes.length - created);
  return { counts: { ...NOTHING, created, updated, unchanged }, writes, known };
}

/** Whether a file says anything that does not stand there already; what it does not say stays. */
const differs = (before: AgencyRecord, { id: _id, ...told }: Agency): boolean =>
  Object.entries(told).some(([name, value]) => plain(before[name as keyof AgencyRecord]) !== plain(value));

/** As JSON whose keys stand in one order. */
const plain = (value: unknown): string =>
  JSON.stringify(value, (_key, one: unknown) =>
    typeof one === 'object' && one !== null && !Array.isArray(one)
      ? Object.fromEntries(Object.entries(one).toSorted(([a], [b]) => (a < b ? -1 : 1)))
      : one,
  );

/** Contacts who went hand their open tasks on, as when a person changes them. */
async function write(
  { deps, actor }: AgencyJob,
  { writes, known }: Pick<Sorted, 'writes' | 'known'>,
  session: ClientSession,
): Promise<void> {
  const by = { by: actor.name, at: stamp(await deps.clock.now()) };
  const changes = writes.map(({ id, ...agency }) => {
    const old = known.get(id);
    const handed = old ? handoverOf(old, { contacts: agency.contacts, ...by }) : {};
    const update = { $set: { ...agency, ...handed }, $inc: { version: 1 } };
    return { updateOne: { filter: { _id: id }, update, upsert: true } };
  });
  if (changes.length > 0) await deps.store.agencies.collection.bulkWrite(changes as never, { session });
}
