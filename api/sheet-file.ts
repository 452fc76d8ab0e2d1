import type { Readable } from 'node:stream';
import { promisify } from 'node:util';
import exceljs from 'exceljs';
import yauzl from 'yauzl';
import { Refusal } from '../domain/refusals.ts';
import type { Line } from './table-file.ts';

const MOST_COLUMNS = 100;
const MOST_ENTRIES = 1_000;
const MOST_BYTES = 1_073_741_824;
const MOST_SHARED_BYTES = 200 * 1_048_576;
const SHEET = /^xl\/worksheets\/sheet(\d+)\.xml$/;

/** The parts of exceljs's streaming reader that read one entry each. Reason: its own walk through the archive keeps sheets in temporary files that a refusal would leave behind. */
interface EntryReader {
  _parseWorkbook(entry: Readable): Promise<void>;
  _parseStyles(entry: Readable): Promise<void>;
  _parseSharedStrings(entry: Readable): AsyncIterable<unknown>;
  _parseWorksheet(
    entry: AsyncIterable<unknown>,
    no: string,
  ): Iterable<{ readonly value: AsyncIterable<exceljs.Row> }>;
}

/** The rows of a workbook's first sheet, one after another: a row is gone when the next is read. Throws Refusal('file-refused'). */
export async function* sheetRows(path: string): AsyncGenerator<Line> {
  const zip = await opened(path);
  try {
    const entries = await entriesOf(zip);
    const sheet = firstSheet(entries);
    if (!sheet) throw refused('文件没有工作表');
    yield* rowsOf(zip, entries, sheet);
  } catch (error) {
    if (error instanceof Refusal) throw error;
    throw refused('无法读取该 Excel 文件');
  } finally {
    zip.close();
  }
}

/** About how many rows the first sheet has; 0 where the file cannot be read, which whoever reads its rows is told. */
export async function sheetLength(path: string): Promise<number> {
  const zip = await opened(path).catch(() => undefined);
  if (!zip) return 0;
  try {
    const sheet = firstSheet(await entriesOf(zip));
    let rows = 0;
    let left = '';
    if (sheet)
      for await (const chunk of (await streamOf(zip, sheet)) as AsyncIterable<string>) {
        const text = left + chunk;
        rows += text.split(ROW).length - 1;
        left = text.slice(-(ROW.length - 1));
      }
    return rows;
  } catch {
    return 0;
  } finally {
    zip.close();
  }
}
const ROW = '<row ';

const firstSheet = (entries: ReadonlyMap<string, yauzl.Entry>): yauzl.Entry | undefined =>
  [...entries.values()]
    .filter(({ fileName }) => SHEET.test(fileName))
    .toSorted((a, b) => sheetNo(a) - sheetNo(b))[0];

const sheetNo = ({ fileName }: yauzl.Entry): number => Number(SHEET.exec(fileName)?.[1] ?? 0);

async function* rowsOf(
  zip: yauzl.ZipFile,
  entries: ReadonlyMap<string, yauzl.Entry>,
  sheet: yauzl.Entry,
): AsyncGenerator<Line> {
  const options = { styles: 'cache', sharedStrings: 'cache', worksheets: 'emit' } as const;
  const reader = new exceljs.stream.xlsx.WorkbookReader('', options) as unknown as EntryReader;
  const book = entries.get('xl/workbook.xml');
  if (!book) throw refused('无法读取该 Excel 文件');
  await reader._parseWorkbook(await streamOf(zip, book));
  const styles = entries.get('xl/styles.xml');
  const shared = entries.get('xl/sharedStrings.xml');
  if (styles) await reader._parseStyles(await streamOf(zip, styles));
  if (shared) for await (const _ of reader._parseSharedStrings(await streamOf(zip, shared)));
  const stream = await streamOf(zip, sheet);
  try {
    for (const { value } of reader._parseWorksheet(stream, String(sheetNo(sheet))))
      for await (const row of value) yield { row: row.number, cells: cellsOf(row) };
  } finally {
    stream.destroy();
  }
}

function cellsOf(row: exceljs.Row): readonly string[] {
  const width = Math.min(row.cellCount, MOST_COLUMNS);
  return Array.from({ length: width }, (_, n) => textOf(row.getCell(n + 1).value));
}

/** Reason: an address that Excel made a link of has rich text for its text, and a broken formula has none. */
function textOf(value: unknown): string {
  if (value === null || value === undefined) return '';
  if (value instanceof Date) return Number.isNaN(value.getTime()) ? '' : value.toISOString().slice(0, 10);
  if (typeof value !== 'object') return typeof value === 'string' ? value : JSON.stringify(value);
  if ('richText' in value)
    return (value.richText as readonly { readonly text: string }[]).map((part) => part.text).join('');
  if ('text' in value) return textOf(value.text);
  return 'result' in value ? textOf(value.result) : '';
}

async function opened(path: string): Promise<yauzl.ZipFile> {
  const open = promisify<string, yauzl.Options, yauzl.ZipFile>(yauzl.open);
  try {
    return await open(path, { lazyEntries: true, validateEntrySizes: true, autoClose: false });
  } catch {
    throw refused('无法读取该 Excel 文件');
  }
}

/** Attack: a small archive that unpacks to gigabytes; an entry that is larger than its directory says ends its own stream. */
async function entriesOf(zip: yauzl.ZipFile): Promise<ReadonlyMap<string, yauzl.Entry>> {
  const entries = new Map<string, yauzl.Entry>();
  let bytes = 0;
  if (zip.entryCount > MOST_ENTRIES) throw refused('文件内容过大');
  await new Promise<void>((resolve, reject) => {
    zip.on('entry', (entry: yauzl.Entry) => {
      entries.set(entry.fileName, entry);
      bytes += entry.uncompressedSize;
      zip.readEntry();
    });
    zip.once('end', resolve);
    zip.once('error', reject);
    zip.readEntry();
  });
  const shared = entries.get('xl/sharedStrings.xml')?.uncompressedSize ?? 0;
  if (bytes > MOST_BYTES || shared > MOST_SHARED_BYTES) throw refused('文件内容过大');
  return entries;
}

/** Reason: the reader turns each chunk into text by itself and would tear a character that two chunks share. */
async function streamOf(zip: yauzl.ZipFile, entry: yauzl.Entry): Promise<Readable> {
  return new Promise((resolve, reject) => {
    zip.openReadStream(entry, (error, stream) =>
      error ? reject(error) : resolve(stream.setEncoding('utf8')),
    );
  });
}

const refused = (detail: string): Refusal => new Refusal('file-refused', detail, '/file');
