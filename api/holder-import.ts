import type { z } from 'zod';
import { localDate } from '../domain/calendar.ts';
import type { HolderRegister } from '../domain/holder.ts';
import {
  HOLDER_HEADINGS,
  type HolderColumn,
  type HolderContext,
  REQUIRED_HOLDER_COLUMNS,
  columnAt,
  holderRow,
} from '../domain/holder-table.ts';
import { type ToldHolder, sealIdentity, sortHolders, writeHolders } from '../models/holder.ts';
import type { ImportStep } from '../models/import.ts';
import { holderShape } from './holder-shape.ts';
import type { Begun } from './operations.ts';
import { faultsOf } from './problem.ts';
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
import { type TableRow, tableChunks } from './table-file.ts';

/** Rows that are judged and stored together. */
const TOGETHER = 1_000;
const SHAPE = { headings: HOLDER_HEADINGS, required: REQUIRED_HOLDER_COLUMNS };

type HolderJob = RegisterJob & { readonly register: HolderRegister };
type Row = TableRow<HolderColumn>;

/** Imports a table of supervisors or officers: tried, whole or by its good rows. */
export const importHolders = (job: HolderJob): Begun<ImportOutcome> =>
  beginImport(job, async (importing) => {
    const judge = await judgeFor(job);
    await (job.mode === 'whole' ? whole(importing, judge) : paged(importing, judge));
  });

interface Judged {
  readonly told: readonly { readonly row: number; readonly holder: ToldHolder }[];
  readonly faults: readonly RejectedCell[];
}
type Judge = (chunk: readonly Row[]) => Judged;

/** Judges rows by themselves and against the rows before them; of those it keeps a number each, so that memory stays flat. */
async function judgeFor({ deps, register, lang }: HolderJob): Promise<Judge> {
  const today = localDate(await deps.clock.now());
  const names = await deps.store.agencies.find({}, { name: 1 }).lean();
  const context: HolderContext = { year: Number(today.slice(0, 4)), agencies: agenciesOf(names) };
  const shape = holderShape(register, new Set(names.map((one) => one._id)));
  const certificates = new Map<number, number>();
  const identities = new Map<number, number>();
  const twice = (seen: Map<number, number>, key: number, at: Omit<RejectedCell, 'detail'>) => {
    const first = seen.get(key);
    if (first !== undefined) return [{ ...at, detail: said(at.code, lang, `与第${first}行重复`) }];
    seen.set(key, at.row);
    return [];
  };
  return (chunk) => {
    const told: { row: number; holder: ToldHolder }[] = [];
    const faults: RejectedCell[] = [];
    for (const { row, cells } of chunk) {
      const found = shape.safeParse(holderRow(cells, context));
      if (!found.success) {
        faults.push(...perColumn(row, found.error, lang));
        continue;
      }
      const holder = found.data as ToldHolder;
      const again = [
        ...twice(certificates, digest(deps.office, holder.certificate.no), {
          row,
          column: 'certificateNo',
          code: 'duplicate-number',
        }),
        ...(holder.identity === undefined
          ? []
          : twice(identities, digest(deps.office, holder.identity), {
              row,
              column: 'identity',
              code: 'identity-taken',
            })),
      ];
      if (again.length > 0) faults.push(...again);
      else told.push({ row, holder });
    }
    return { told, faults };
  };
}

/** Fifty-two bits of a keyed hash. Reason: a long table's numbers themselves would fill the memory, and identity numbers are not to lie about in it. */
const digest = (office: { readonly vaultKeys: readonly string[] }, text: string): number =>
  Number.parseInt(sealIdentity({ vaultKeys: office.vaultKeys.slice(0, 1) }, text).hash.slice(0, 13), 16);

function agenciesOf(
  rows: readonly { readonly _id: string; readonly name: string }[],
): ReadonlyMap<string, string> {
  const known = new Map<string, string>();
  const shared = new Set<string>();
  for (const { _id, name } of rows) {
    if (known.has(name)) shared.add(name);
    known.set(name, _id);
  }
  for (const name of shared) known.delete(name);
  for (const { _id } of rows) known.set(_id, _id);
  return known;
}

const said = (code: string, lang: 'zh' | 'en', chinese: string): string =>
  lang === 'zh' ? chinese : (wordsOf(code)?.en ?? chinese);

/** One fault a cell: the first says enough. */
function perColumn(row: number, error: z.ZodError, lang: 'zh' | 'en'): readonly RejectedCell[] {
  const columns = new Map<HolderColumn, RejectedCell>();
  for (const { pointer, code, detail } of faultsOf(error, lang)) {
    const column = columnAt(pointer);
    if (!columns.has(column)) columns.set(column, { row, column, code, detail });
  }
  return [...columns.values()];
}

/** What these rows come to against the register, and the note of it. */
async function sorted(
  { deps, register, lang }: HolderJob,
  rows: number,
  { told, faults }: Judged,
): Promise<{ readonly step: Omit<ImportStep, 'done'>; readonly sorted: Sorted }> {
  const { store, office } = deps;
  const sorting = await sortHolders(
    store,
    { register, office },
    told.map((one) => one.holder),
  );
  const against = sorting.faults.map(({ index, column, code, detail }) => ({
    row: told[index]?.row ?? 0,
    column,
    code,
    detail: said(code, lang, detail),
  }));
  const all = [...faults, ...against].toSorted((a, b) => a.row - b.row);
  const counts = {
    rows,
    bad: new Set(all.map((one) => one.row)).size,
    created: sorting.fresh.length,
    updated: sorting.changed.length + sorting.unchanged,
    unchanged: sorting.unchanged,
  };
  return { step: { counts, faults: all }, sorted: sorting };
}
type Sorted = Awaited<ReturnType<typeof sortHolders>>;

/** A thousand rows at a time; what was dealt with before the file was sent again is only looked through for what stands twice. */
async function paged(importing: Importing, judge: Judge): Promise<void> {
  const job = importing as Importing & HolderJob;
  const { record, table, mode, deps, register } = job;
  if (mode !== 'dryRun') await importing.tell({ stage: 'storing', rows: record.rows });
  for await (const chunk of tableChunks(table, SHAPE, TOGETHER)) {
    const judged = judge(chunk);
    const row = chunk.at(-1)?.row ?? 0;
    if (row <= record.done) continue;
    if (mode === 'dryRun') {
      const { step } = await sorted(job, chunk.length, judged);
      await importing.note({ done: row, ...step });
      continue;
    }
    await importing.keep(async (session) => {
      const { step, sorted: sorting } = await sorted(job, chunk.length, judged);
      const written = await writeHolders(deps.store, register, { sorted: sorting, session });
      return written ? { done: row, ...step } : undefined;
    });
  }
}

async function whole(importing: Importing, judge: Judge): Promise<void> {
  const job = importing as Importing & HolderJob;
  const { table, deps, register } = job;
  const all: { told: Judged['told'][number][]; faults: RejectedCell[] } = { told: [], faults: [] };
  let rows = 0;
  let row = 0;
  for await (const chunk of tableChunks(table, SHAPE, TOGETHER)) {
    rows += chunk.length;
    if (rows > MOST_WHOLE) throw tooLong();
    const { told, faults } = judge(chunk);
    all.told.push(...told);
    all.faults.push(...faults);
    await importing.tell({ rows });
    row = chunk.at(-1)?.row ?? row;
  }
  await importing.tell({ stage: 'storing', rows: 0, of: rows });
  await importing.keep(async (session) => {
    const { step, sorted: sorting } = await sorted(job, rows, all);
    if (step.counts.bad > 0)
      return { done: row, ...step, counts: { ...step.counts, created: 0, updated: 0, unchanged: 0 } };
    const written = await writeHolders(deps.store, register, { sorted: sorting, session });
    return written ? { done: row, ...step } : undefined;
  });
}
