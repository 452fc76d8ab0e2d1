import { unturned } from '../mail/render.ts';
import { pipeline } from 'node:stream/promises';
import { Readable } from 'node:stream';
import { stringify } from 'csv-stringify';
import exceljs from 'exceljs';
import type { Request, Response } from 'express';
import { LEDGER_COLUMNS, LEDGER_HEADINGS, type LedgerRow, ledgerCell } from '../domain/ledger.ts';

const XLSX = 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet';
type Lang = 'zh' | 'en';
type Pages = AsyncGenerator<readonly LedgerRow[]>;

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

function head(res: Response, type: string, name: string): void {
  res.status(200).set({
    'Content-Type': type,
    'Content-Disposition': `attachment; filename="ledger.${name}"; filename*=UTF-8''${encodeURIComponent(`问题台账.${name}`)}`,
  });
}

/** Comma-separated with a mark of its encoding, since WPS and Excel in Chinese take it for GBK otherwise; a cell that begins like a formula gets an apostrophe. */
export async function sendCsv(res: Response, pages: Pages, lang: Lang): Promise<void> {
  head(res, 'text/csv; charset=utf-8', 'csv');
  const table = stringify({ bom: true, escape_formulas: true, record_delimiter: 'windows' });
  await pipeline(Readable.from(cellsOf(pages, lang)), table, res);
}

const WIDTHS: Readonly<Partial<Record<(typeof LEDGER_COLUMNS)[number], number>>> = {
  serial: 6,
  description: 48,
  basis: 36,
  measure: 48,
};

/** A workbook written row by row: every cell is text or a number and never a formula, whatever it begins with. */
export async function sendXlsx(res: Response, pages: Pages, lang: Lang): Promise<void> {
  head(res, XLSX, 'xlsx');
  const workbook = new exceljs.stream.xlsx.WorkbookWriter({ stream: res, useSharedStrings: false });
  const sheet = workbook.addWorksheet(lang === 'zh' ? '问题台账' : 'Ledger', {
    views: [{ state: 'frozen', ySplit: 1 }],
  });
  sheet.columns = LEDGER_COLUMNS.map((column) => ({ key: column, width: WIDTHS[column] ?? 16 }));
  for await (const cells of cellsOf(pages, lang)) {
    sheet.addRow(cells.map((cell) => (typeof cell === 'string' ? printable(cell) : cell))).commit();
    if (res.writableNeedDrain) await drained(res);
    // Whoever asked has gone.
    if (res.destroyed) return;
  }
  sheet.commit();
  await workbook.commit();
}

/** Attack: a control character makes the whole workbook unreadable, a cell beyond Excel's length too. */
const printable = (text: string): string =>
  // oxlint-disable-next-line no-control-regex -- these are what XML cannot carry
  text.replaceAll(/[\u0000-\u0008\u000B\u000C\u000E-\u001F\uFFFE\uFFFF]/g, ' ').slice(0, 32_000);

const drained = (res: Response): Promise<void> =>
  new Promise((resolve) => {
    res.once('drain', resolve);
    res.once('close', resolve);
  });
