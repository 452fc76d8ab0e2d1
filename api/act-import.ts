import { createHash } from 'node:crypto';
import type { z } from 'zod';
import type { Act } from '../domain/act.ts';
import { ACT_HEADINGS, type ActColumn, REQUIRED_ACT_COLUMNS, rowOf } from '../domain/act-table.ts';
import { type Stored, sortActs, storeActs } from '../models/act.ts';
import type { Store } from '../models/store.ts';
import { type ActContext, actFrom, actShape } from './act-shape.ts';
import { Problem, faultsOf } from './problem.ts';
import { wordsOf } from './problem-titles.ts';
import { type TableRow, tableChunks } from './table-file.ts';
import type { SentTable } from './uploads.ts';

/** Rows that are judged and stored together. */
const TOGETHER = 1_000;
/** Faults that are told one by one; the rest is counted. */
const MOST_TOLD = 1_000;

export interface RejectedAct {
  readonly row: number;
  readonly column: ActColumn;
  readonly code: string;
  readonly detail: string;
}

export interface ActImport extends Stored {
  readonly rows: number;
  /** Rows with a fault; the first thousand faults stand in `rejected`. */
  readonly bad: number;
  readonly rejected: readonly RejectedAct[];
}

export interface ImportJob {
  readonly store: Store;
  readonly table: SentTable;
  readonly context: ActContext;
  readonly lang: 'zh' | 'en';
}

interface Row {
  readonly row: number;
  readonly act: Act;
}
type Sink = (rows: readonly Row[]) => Promise<Stored>;

/** Reads a whole table and says what storing it would do; keeps nothing of it but a few bytes a row, by which it finds a number that stands twice. */
export async function tryActs(job: ImportJob): Promise<ActImport> {
  const seen = new Map<string, string>();
  return carried(
    job,
    async (rows) => {
      const { fresh, later, unchanged } = await sortActs(
        job.store,
        rows.map(({ act }) => act),
      );
      const twice = [...fresh.keys()].filter((no) => seen.has(no)).length;
      for (const [no, act] of fresh) seen.set(no, digest(act));
      return { created: fresh.size - twice, completed: later.size, unchanged: unchanged + twice };
    },
    seen,
  );
}

/** Stores the good rows of a table, a thousand at a time; the same file again goes on where it broke off. */
export async function importActs(job: ImportJob, who: { by: string; at: string }): Promise<ActImport> {
  const { store, table } = job;
  return carried(
    job,
    async (rows) => {
      const acts = rows.map(({ act }) => act);
      const stored = await storeActs(store, { acts, source: 'file', file: table.name, ...who });
      if ('differs' in stored)
        throw new Problem(409, 'key-in-flight', { detail: '另一次报送正在写入相同编号，请重试' });
      return stored;
    },
    new Map(),
  );
}

async function carried(job: ImportJob, sink: Sink, seen: ReadonlyMap<string, string>): Promise<ActImport> {
  const shape = actShape(job.context);
  const total = { rows: 0, bad: 0, created: 0, completed: 0, unchanged: 0 };
  const rejected: RejectedAct[] = [];
  const take = async (chunk: readonly TableRow<ActColumn>[]): Promise<void> => {
    const judged = chunk.map((one) => judge(shape, one, job.lang));
    const good = judged.flatMap((one) => ('act' in one ? [one] : []));
    const { differs } = await sortActs(
      job.store,
      good.map(({ act }) => act),
    );
    const against = new Map(differs.map(({ index, fields }) => [good[index]?.row ?? 0, fields[0] ?? 'no']));
    for (const { row, act } of good)
      if (!against.has(row) && (seen.get(act.no) ?? digest(act)) !== digest(act)) against.set(row, 'no');
    const faults = [
      ...judged.flatMap((one) => ('faults' in one ? one.faults : [])),
      ...[...against].map(([row, field]) => contradiction(row, field, job.lang)),
    ].toSorted((a, b) => a.row - b.row);
    const stored = await sink(good.filter(({ row }) => !against.has(row)));
    total.rows += chunk.length;
    total.bad += new Set(faults.map(({ row }) => row)).size;
    total.created += stored.created;
    total.completed += stored.completed;
    total.unchanged += stored.unchanged;
    rejected.push(...faults.slice(0, Math.max(0, MOST_TOLD - rejected.length)));
  };
  const columns = { headings: ACT_HEADINGS, required: REQUIRED_ACT_COLUMNS };
  for await (const chunk of tableChunks(job.table, columns, TOGETHER)) await take(chunk);
  return { ...total, rejected };
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
