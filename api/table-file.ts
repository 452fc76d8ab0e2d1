import { createReadStream } from 'node:fs';
import { Readable } from 'node:stream';
import { parse } from 'csv-parse';
import { headingIn } from '../domain/heading.ts';
import { Refusal } from '../domain/refusals.ts';
import { sheetLength, sheetRows } from './sheet-file.ts';

const MOST_ROWS = 500_000;
const MOST_COLUMNS = 100;

export interface TableShape<C extends string> {
  readonly headings: Readonly<Record<C, readonly string[]>>;
  readonly required: readonly C[];
}

/** A line of a table; `row` is its number in the file, the headings being row 1. */
export interface TableRow<C extends string> {
  readonly row: number;
  readonly cells: Readonly<Partial<Record<C, string>>>;
}

export interface Line {
  readonly row: number;
  readonly cells: readonly string[];
}

/**
 * The rows of an .xlsx (first sheet) or .csv file (UTF-8, UTF-16 with a mark, GB 18030), one after another, however long it is.
 * Another file's shape is refused by its headings, before the second row is read. Throws Refusal('file-refused').
 */
export async function* tableRows<C extends string>(
  file: { readonly path: string; readonly name: string },
  shape: TableShape<C>,
): AsyncGenerator<TableRow<C>> {
  const extension = file.name.toLowerCase().split('.').at(-1);
  if (extension !== 'xlsx' && extension !== 'csv') throw refused('请上传 .xlsx 或 .csv 文件');
  const lines = extension === 'xlsx' ? sheetRows(file.path) : textRows(file.path);
  let columns: readonly (C | undefined)[] | undefined;
  let count = 0;
  for await (const { row, cells } of lines) {
    if (cells.every((text) => text.trim() === '')) continue;
    if (columns === undefined) {
      columns = columnsOf(cells, shape);
      continue;
    }
    count += 1;
    if (count > MOST_ROWS) throw refused(`超过${MOST_ROWS}行，请分成几个文件`);
    yield { row, cells: named(columns, cells) };
  }
  if (columns === undefined) throw refused('文件是空的');
  if (count === 0) throw refused('文件只有标题行');
}

/** All of them, where there are no more than so many. */
export async function wholeTable<C extends string>(
  file: { readonly path: string; readonly name: string },
  shape: TableShape<C>,
  most: number,
): Promise<readonly TableRow<C>[]> {
  const rows: TableRow<C>[] = [];
  for await (const row of tableRows(file, shape)) {
    rows.push(row);
    if (rows.length > most) throw refused(`超过${most}行`);
  }
  return rows;
}

/** The same, so many together. */
export async function* tableChunks<C extends string>(
  file: { readonly path: string; readonly name: string },
  shape: TableShape<C>,
  together: number,
): AsyncGenerator<readonly TableRow<C>[]> {
  let chunk: TableRow<C>[] = [];
  for await (const row of tableRows(file, shape)) {
    chunk.push(row);
    if (chunk.length < together) continue;
    yield chunk;
    chunk = [];
  }
  if (chunk.length > 0) yield chunk;
}

function columnsOf<C extends string>(
  cells: readonly string[],
  { headings, required }: TableShape<C>,
): readonly (C | undefined)[] {
  const columns = cells.slice(0, MOST_COLUMNS).map((heading) => headingIn(headings, heading));
  const absent = required.filter((column) => !columns.includes(column));
  if (absent.length > 0)
    throw refused(
      `不是这种表格，缺少列：${absent.map((column) => headings[column][0] ?? column).join('、')}`,
    );
  return columns;
}

/** Where a heading stands twice, the first filled cell counts. */
function named<C extends string>(
  columns: readonly (C | undefined)[],
  cells: readonly string[],
): Partial<Record<C, string>> {
  const found: Partial<Record<C, string>> = {};
  for (const [n, column] of columns.entries()) {
    const text = (cells[n] ?? '').trim();
    if (column !== undefined && text !== '' && found[column] === undefined) found[column] = text;
  }
  return found;
}

/** About how many rows a table has below its headings, by a glance that takes none of them apart; 0 where the file tells nothing. */
export async function rowsIn({
  path,
  name,
}: {
  readonly path: string;
  readonly name: string;
}): Promise<number> {
  if (name.toLowerCase().endsWith('.xlsx')) return Math.max(0, (await sheetLength(path)) - 1);
  let lines = 0;
  let last = LINE_END;
  for await (const chunk of createReadStream(path) as AsyncIterable<Buffer>) {
    for (let at = chunk.indexOf(LINE_END); at !== -1; at = chunk.indexOf(LINE_END, at + 1)) lines += 1;
    last = chunk.at(-1) ?? last;
  }
  return Math.max(0, lines + (last === LINE_END ? 0 : 1) - 1);
}
const LINE_END = 0x0a;

async function* textRows(path: string): AsyncGenerator<Line> {
  const encoding = await encodingOf(path);
  const heading = (await firstOf(decoded(path, encoding))).split(/\r?\n/u, 1)[0] ?? '';
  const delimiter = [',', '\t', ';'].find((one) => heading.includes(one)) ?? ',';
  const source = Readable.from(decoded(path, encoding));
  const parser = parse({ delimiter, relax_column_count: true, skip_empty_lines: false, bom: true });
  source.on('error', (error) => parser.destroy(error));
  let row = 0;
  try {
    for await (const cells of source.pipe(parser) as AsyncIterable<string[]>) {
      row += 1;
      yield { row, cells: cells.slice(0, MOST_COLUMNS) };
    }
  } catch (error) {
    if (error instanceof Refusal) throw error;
    throw refused('无法读取该 CSV 文件，请检查引号是否成对');
  } finally {
    source.destroy();
  }
}

async function firstOf(source: AsyncIterable<string>): Promise<string> {
  for await (const text of source) return text;
  return '';
}

async function* decoded(path: string, encoding: string): AsyncGenerator<string> {
  const decoder = new TextDecoder(encoding);
  for await (const chunk of createReadStream(path) as AsyncIterable<Buffer>)
    yield decoder.decode(chunk, { stream: true });
  yield decoder.decode();
}

/** Reason: Excel and WPS in Chinese save CSV in GBK, and nothing in the file says so. */
async function encodingOf(path: string): Promise<string> {
  const utf8 = new TextDecoder('utf-8', { fatal: true });
  let first = true;
  for await (const chunk of createReadStream(path) as AsyncIterable<Buffer>) {
    if (first && chunk[0] === 0xff && chunk[1] === 0xfe) return 'utf-16le';
    if (chunk.includes(0)) throw refused('这不是文本文件');
    first = false;
    try {
      utf8.decode(chunk, { stream: true });
    } catch {
      return 'gb18030';
    }
  }
  return 'utf-8';
}

export function refused(detail: string): Refusal {
  return new Refusal('file-refused', detail, '/file');
}
