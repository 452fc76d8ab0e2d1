import { unturned } from '../mail/render.ts';
import { pipeline } from 'node:stream/promises';
import { PassThrough, Readable, type Writable } from 'node:stream';
import { stringify } from 'csv-stringify';
import exceljs from 'exceljs';
import type { Request, Response } from 'express';
import { LEDGER_COLUMNS, LEDGER_HEADINGS, type LedgerRow, ledgerCell } from '../domain/ledger.ts';

const XLSX = 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet';
type Lang = 'zh' | 'en';
export type Pages = AsyncGenerator<readonly LedgerRow[]>;

/** The kind of table that a caller would rather have than JSON. */
export function tableWanted(req: Request): 'xlsx' | 'csv' | undefined {
  const wanted = req.accepts(['application/json', XLSX, 'text/csv']);
  if (wanted === XLSX) return 'xlsx';
  return wanted === 'text/csv' ? 'csv' : undefined;
}

async function* cellsOf(pages: Pages, lang: Lang): AsyncGenerator<(string | number)[]> {
  let serial = 0;
  yield LEDGER_COLUMNS.map((column) => LEDGER_HEADINGS[column][lang]);
  for await (const page of pages)
    for (const row of page) {
      serial += 1;
      yield LEDGER_COLUMNS.map((column) => ledgerCell(row, column, { serial, lang })).map((cell) =>
        typeof cell === 'string' ? unturned(cell) : cell,
      );
    }
}

export const LEDGER_FILES = {
  xlsx: { name: '问题台账.xlsx', type: XLSX },
  csv: { name: '问题台账.csv', type: 'text/csv; charset=utf-8' },
} as const;
export type LedgerFile = keyof typeof LEDGER_FILES;

/** Answers with the table itself. */
export async function sendTable(
  res: Response,
  format: LedgerFile,
  { pages, lang }: { readonly pages: Pages; readonly lang: Lang },
): Promise<void> {
  const { name, type } = LEDGER_FILES[format];
  res.status(200).set({
    'Content-Type': type,
    'Content-Disposition': `attachment; filename="ledger.${format}"; filename*=UTF-8''${encodeURIComponent(name)}`,
  });
  await WRITERS[format](res, pages, lang);
}

/** The table as a stream; what goes wrong on its way is an error of whoever reads it. */
export function tableStream(format: LedgerFile, pages: Pages, lang: Lang): Readable {
  const out = new PassThrough();
  WRITERS[format](out, pages, lang).catch((error: unknown) => out.destroy(error as Error));
  return out;
}

/** Comma-separated with a mark of its encoding, since WPS and Excel in Chinese take it for GBK otherwise; a cell that begins like a formula gets an apostrophe. */
async function writeCsv(out: Writable, pages: Pages, lang: Lang): Promise<void> {
  const table = stringify({ bom: true, escape_formulas: true, record_delimiter: 'windows' });
  await pipeline(Readable.from(cellsOf(pages, lang)), table, out);
}

const WIDTHS: Readonly<Partial<Record<(typeof LEDGER_COLUMNS)[number], number>>> = {
  serial: 6,
  description: 48,
  basis: 36,
  measure: 48,
};

/** A workbook written row by row: every cell is text or a number and never a formula, whatever it begins with. */
async function writeXlsx(out: Writable, pages: Pages, lang: Lang): Promise<void> {
  const workbook = new exceljs.stream.xlsx.WorkbookWriter({ stream: out, useSharedStrings: false });
  const sheet = workbook.addWorksheet(lang === 'zh' ? '问题台账' : 'Ledger', {
    views: [{ state: 'frozen', ySplit: 1 }],
  });
  sheet.columns = LEDGER_COLUMNS.map((column) => ({ key: column, width: WIDTHS[column] ?? 16 }));
  for await (const cells of cellsOf(pages, lang)) {
    sheet.addRow(cells.map((cell) => (typeof cell === 'string' ? printable(cell) : cell))).commit();
    if (out.writableNeedDrain) await drained(out);
    // Whoever asked has gone.
    if (out.destroyed) return;
  }
  sheet.commit();
  await workbook.commit();
}

/** Attack: a control character makes the whole workbook unreadable, a cell beyond Excel's length too. */
const printable = (text: string): string =>
  // oxlint-disable-next-line no-control-regex -- these are what XML cannot carry
  text.replaceAll(/[\u0000-\u0008\u000B\u000C\u000E-\u001F\uFFFE\uFFFF]/g, ' ').slice(0, 32_000);

const WRITERS = { csv: writeCsv, xlsx: writeXlsx } as const;

const drained = (out: Writable): Promise<void> =>
  new Promise((resolve) => {
    out.once('drain', resolve);
    out.once('close', resolve);
  });
