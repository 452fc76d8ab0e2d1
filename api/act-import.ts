import { createHash } from 'node:crypto';
import type { z } from 'zod';
import type { Act } from '../domain/act.ts';
import { ACT_HEADINGS, type ActColumn, REQUIRED_ACT_COLUMNS, rowOf } from '../domain/act-table.ts';
import { stamp } from '../domain/clock.ts';
import { type Stored, sortActs, storeActs } from '../models/act.ts';
import { type ImportStep, NOTHING } from '../models/import.ts';
import { type ActContext, actFrom, actShape } from './act-shape.ts';
import type { Begun } from './operations.ts';
import { Problem, faultsOf } from './problem.ts';
import { wordsOf } from './problem-titles.ts';
import { type TableRow, tableChunks } from './table-file.ts';
import { type ImportOutcome, type Importing, type ImportJob, beginImport } from './register-import.ts';

/** Rows that are judged and stored together. */
const TOGETHER = 1_000;

export interface RejectedAct {
  readonly row: number;
  readonly column: ActColumn;
  readonly code: string;
  readonly detail: string;
}

export interface ActImport extends Stored {
  readonly import: string;
  readonly rows: number;
  /** Rows with a fault; the first thousand faults stand in `rejected`. */
  readonly bad: number;
  readonly rejected: readonly RejectedAct[];
}

export type ActJob = ImportJob & { readonly register: 'acts'; readonly context: ActContext };

interface Row {
  readonly row: number;
  readonly act: Act;
}
type Sink = (rows: readonly Row[]) => Promise<Stored>;
type Step = (chunk: ImportStep) => Promise<void>;

/** Imports a table of acts, however long: tried, refused for its first fault, or by its good rows. */
export function importActs(job: ActJob): Begun<ActImport> {
  const { id, result } = beginImport(job, async (importing) => {
    if (importing.mode !== 'dryRun' && importing.record.done === 0 && !(await faultless(job, importing)))
      return;
    if (importing.mode === 'dryRun') return tried(job, importing, importing.note);
    await importing.tell({ stage: 'storing', rows: importing.record.rows });
    await stored(job, importing);
  });
  return { id, result: result.then(actImport) };
}

const actImport = ({ updated, unchanged, rejected, ...rest }: ImportOutcome): ActImport => ({
  ...rest,
  completed: updated - unchanged,
  unchanged,
  rejected: rejected as readonly RejectedAct[],
});

/** Whether every row can be stored, where all or none are to be; what is wrong is noted with the import. */
async function faultless(job: ActJob, importing: Importing): Promise<boolean> {
  if (importing.mode !== 'whole') return true;
  const steps: ImportStep[] = [];
  let rows = 0;
  await tried(job, importing, async (step) => {
    rows += step.counts.rows;
    if (step.counts.bad > 0) steps.push(step);
    await importing.tell({ rows });
  });
  if (steps.length === 0) return true;
  await importing.tell({ rows: 0, of: rows });
  const bad = steps.reduce((sum, { counts }) => sum + counts.bad, 0);
  const faults = steps.flatMap((step) => step.faults);
  await importing.note({ done: 0, counts: { ...NOTHING, rows, bad }, faults });
  return false;
}

/** Says what storing a table would do; keeps nothing of it but a few bytes a row, by which it finds a number that stands twice. */
async function tried(job: ActJob, { table }: Importing, step: Step): Promise<void> {
  const seen = new Map<string, string>();
  await inChunks(
    { ...job, table },
    async (rows) => {
      const { fresh, later, unchanged } = await sortActs(
        job.deps.store,
        rows.map(({ act }) => act),
      );
      const twice = [...fresh.keys()].filter((no) => seen.has(no)).length;
      for (const [no, act] of fresh) seen.set(no, digest(act));
      return { created: fresh.size - twice, completed: later.size, unchanged: unchanged + twice };
    },
    { seen, from: 0, step },
  );
}

/** Stores the good rows, a thousand at a time; the same file again goes on where it broke off. */
async function stored(job: ActJob, { table, record, note }: Importing): Promise<void> {
  const { store, clock } = job.deps;
  const who = { by: job.actor.id, at: stamp(await clock.now()) };
  await inChunks(
    { ...job, table },
    async (rows) => {
      const acts = rows.map(({ act }) => act);
      const kept = await storeActs(store, { acts, source: 'file', file: table.name, ...who });
      if ('differs' in kept)
        throw new Problem(409, 'key-in-flight', { detail: '另一次报送正在写入相同编号，请重试' });
      return kept;
    },
    { seen: new Map(), from: record.done, step: note },
  );
}

async function inChunks(
  job: ActJob,
  sink: Sink,
  {
    seen,
    from,
    step,
  }: { readonly seen: ReadonlyMap<string, string>; readonly from: number; readonly step: Step },
): Promise<void> {
  const shape = actShape(job.context);
  const { store } = job.deps;
  const take = async (chunk: readonly TableRow<ActColumn>[], done: number): Promise<void> => {
    const judged = chunk.map((one) => judge(shape, one, job.lang));
    const good = judged.flatMap((one) => ('act' in one ? [one] : []));
    const { differs } = await sortActs(
      store,
      good.map(({ act }) => act),
    );
    const against = new Map(differs.map(({ index, fields }) => [good[index]?.row ?? 0, fields[0] ?? 'no']));
    for (const { row, act } of good)
      if (!against.has(row) && (seen.get(act.no) ?? digest(act)) !== digest(act)) against.set(row, 'no');
    const faults = [
      ...judged.flatMap((one) => ('faults' in one ? one.faults : [])),
      ...[...against].map(([row, field]) => contradiction(row, field, job.lang)),
    ].toSorted((a, b) => a.row - b.row);
    const { created, completed, unchanged } = await sink(good.filter(({ row }) => !against.has(row)));
    const bad = new Set(faults.map(({ row }) => row)).size;
    const counts = { rows: chunk.length, bad, created, updated: completed + unchanged, unchanged };
    await step({ done, counts, faults });
  };
  const columns = { headings: ACT_HEADINGS, required: REQUIRED_ACT_COLUMNS };
  for await (const chunk of tableChunks(job.table, columns, TOGETHER)) {
    const row = chunk.at(-1)?.row ?? 0;
    if (row > from) await take(chunk, row);
  }
}

const digest = (act: Act): string =>
  createHash('sha256').update(JSON.stringify(act)).digest('base64').slice(0, 12);

type Judged = Row | { readonly faults: readonly RejectedAct[] };

function judge(
  shape: ReturnType<typeof actShape>,
  { row, cells }: TableRow<ActColumn>,
  lang: 'zh' | 'en',
): Judged {
  const found = shape.safeParse(rowOf(cells));
  if (found.success) return { row, act: actFrom(found.data) };
  return { faults: perColumn(row, found.error, lang) };
}

/** One fault a cell: the first says enough. */
function perColumn(row: number, error: z.ZodError, lang: 'zh' | 'en'): readonly RejectedAct[] {
  const columns = new Map<ActColumn, RejectedAct>();
  for (const { pointer, code, detail } of faultsOf(error, lang)) {
    const column = columnOf(pointer.split('/')[1] ?? 'no');
    if (!columns.has(column)) columns.set(column, { row, column, code, detail });
  }
  return [...columns.values()];
}

const columnOf = (field: string): ActColumn =>
  field === 'legalReview' ? 'reviewedOn' : field === 'fen' ? 'amount' : (field as ActColumn);

const contradiction = (row: number, field: string, lang: 'zh' | 'en'): RejectedAct => ({
  row,
  column: columnOf(field),
  code: 'act-differs',
  detail: wordsOf('act-differs')?.[lang] ?? '',
});
