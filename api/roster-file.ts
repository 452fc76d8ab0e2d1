import { promisify } from 'node:util';
import { parse } from 'csv-parse/sync';
import exceljs from 'exceljs';
import yauzl from 'yauzl';
import { Refusal } from '../domain/refusals.ts';
import type { RosterColumn } from '../domain/roster.ts';
import { type RosterRow, columnOf } from '../domain/roster-import.ts';

const MOST_ROWS = 10_000;
const MOST_COLUMNS = 100;
const REQUIRED: Readonly<Partial<Record<RosterColumn, string>>> = { id: '编号', name: '名称', kind: '类别' };

type Line = { readonly row: number; readonly cells: readonly string[] };

/** What a table is read by: the column a heading names, and the headings that must be there. */
interface TableShape<C extends string> {
  readonly columnOf: (heading: string) => C | undefined;
  readonly required: Readonly<Partial<Record<C, string>>>;
}
interface TableRow<C extends string> {
  readonly row: number;
  readonly cells: Readonly<Partial<Record<C, string>>>;
}

/** The rows of a roster, one a contact; as `readTable`. */
export const readRosterFile = (buffer: Buffer, filename: string): Promise<readonly RosterRow[]> =>
  readTable(buffer, filename, { columnOf, required: REQUIRED });

/**
 * The rows of a table from .xlsx (first sheet) or .csv (UTF-8, UTF-16 with a mark, GB 18030), headings in the first row.
 * Throws Refusal('file-refused') for another format, an unreadable file, missing headings, no row or more than 10,000.
 */
export async function readTable<C extends string>(
  buffer: Buffer,
  filename: string,
  shape: TableShape<C>,
): Promise<readonly TableRow<C>[]> {
  const extension = filename.toLowerCase().split('.').at(-1);
  if (extension !== 'xlsx' && extension !== 'csv') throw refused('请上传 .xlsx 或 .csv 文件');
  const lines = extension === 'xlsx' ? await readSheet(buffer) : readText(buffer);
  const [headings, ...rows] = lines;
  if (headings === undefined) throw refused('文件是空的');
  const columns = headings.cells.map((heading) => shape.columnOf(heading));
  const absent = Object.entries(shape.required).filter(([column]) => !columns.includes(column as C));
  if (absent.length > 0) throw refused(`缺少列：${absent.map(([, heading]) => heading).join('、')}`);
  if (rows.length === 0) throw refused('文件只有标题行');
  if (rows.length > MOST_ROWS) throw refused(`超过${MOST_ROWS}行`);
  return rows.map(({ row, cells }) => ({ row, cells: named(columns, cells) }));
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

async function readSheet(buffer: Buffer): Promise<readonly Line[]> {
  const workbook = new exceljs.Workbook();
  if (!(await isModest(buffer))) throw refused('无法读取该 Excel 文件，或其内容过大');
  try {
    await workbook.xlsx.load(buffer as unknown as ArrayBuffer);
  } catch {
    throw refused('无法读取该 Excel 文件');
  }
  const sheet = workbook.worksheets[0];
  if (sheet === undefined) throw refused('文件没有工作表');
  const lines: Line[] = [];
  sheet.eachRow({ includeEmpty: false }, (row, number) => {
    if (lines.length > MOST_ROWS + 1) return;
    const width = Math.min(row.cellCount, MOST_COLUMNS);
    const cells = Array.from({ length: width }, (_, n) => textOf(row.getCell(n + 1)));
    if (cells.some((text) => text.trim() !== '')) lines.push({ row: number, cells });
  });
  return lines;
}

const MOST_ENTRIES = 1_000;
const MOST_UNPACKED_BYTES = 200 * 1_048_576;

/** Attack: a small archive that unpacks to gigabytes; judged by its directory and by what really comes out of it, before all of it is held in memory. */
async function isModest(buffer: Buffer): Promise<boolean> {
  const open = promisify<Buffer, yauzl.Options, yauzl.ZipFile>(yauzl.fromBuffer);
  const zip = await open(buffer, { lazyEntries: true, validateEntrySizes: true }).catch(() => undefined);
  if (!zip || zip.entryCount > MOST_ENTRIES) return false;
  let bytes = 0;
  return new Promise((resolve) => {
    zip.on('entry', (entry: yauzl.Entry) => {
      bytes += entry.uncompressedSize;
      if (bytes > MOST_UNPACKED_BYTES) return resolve(false);
      zip.openReadStream(entry, (error, stream) => {
        if (error) return resolve(false);
        stream.on('error', () => resolve(false));
        stream.on('end', () => zip.readEntry());
        stream.resume();
      });
    });
    zip.on('end', () => resolve(true));
    zip.on('error', () => resolve(false));
    zip.readEntry();
  });
}

/** Reason: an address that Excel made a link of has rich text for its text, and a broken formula has none. */
function textOf(cell: exceljs.Cell): string {
  const { value } = cell;
  if (value === null || value === undefined) return '';
  const text: unknown = typeof value === 'object' && 'hyperlink' in value ? value.text : cell.text;
  if (typeof text === 'object' && text !== null && 'richText' in text) {
    return (text as exceljs.CellRichTextValue).richText.map((part) => part.text).join('');
  }
  return typeof text === 'string' ? text : '';
}

function readText(buffer: Buffer): readonly Line[] {
  const text = decoded(buffer);
  const heading = text.split(/\r?\n/u, 1)[0] ?? '';
  const delimiter = [',', '\t', ';'].find((one) => heading.includes(one)) ?? ',';
  let records: string[][];
  try {
    records = parse(text, {
      delimiter,
      relax_column_count: true,
      skip_empty_lines: false,
      to: MOST_ROWS + 100,
    });
  } catch {
    throw refused('无法读取该 CSV 文件，请检查引号是否成对');
  }
  return records
    .map((cells, n) => ({ row: n + 1, cells: cells.slice(0, MOST_COLUMNS) }))
    .filter(({ cells }) => cells.some((one) => one.trim() !== ''));
}

/** Reason: Excel and WPS in Chinese save CSV in GBK, and nothing in the file says so. */
function decoded(buffer: Buffer): string {
  if (buffer[0] === 0xff && buffer[1] === 0xfe) return new TextDecoder('utf-16le').decode(buffer);
  if (buffer.includes(0)) throw refused('这不是文本文件');
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(buffer);
  } catch {
    return new TextDecoder('gb18030').decode(buffer);
  }
}

function refused(detail: string): Refusal {
  return new Refusal('file-refused', detail, '/file');
}
