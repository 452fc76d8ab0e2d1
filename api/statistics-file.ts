import { createHash } from 'node:crypto';
import { buffer } from 'node:stream/consumers';
import exceljs from 'exceljs';
import yazl from 'yazl';
import { type StatisticsSheet, statisticsSheets } from '../domain/statistics-sheet.ts';
import type { Statistics } from '../domain/statistics.ts';
import { unturned } from '../mail/render.ts';
import type { PackedFile } from '../models/statistics-package.ts';

export const XLSX = 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet';

/** The tables as a workbook: every cell is a number or text, never a formula, whatever an agency is called. */
export async function statisticsWorkbook(
  statistics: Statistics,
  { names, at }: { readonly names: ReadonlyMap<string, string>; readonly at: string },
): Promise<Buffer> {
  const workbook = new exceljs.Workbook();
  workbook.created = new Date(at);
  workbook.modified = new Date(at);
  for (const sheet of statisticsSheets(statistics, (id) => names.get(id) ?? id)) addSheet(workbook, sheet);
  return Buffer.from(await workbook.xlsx.writeBuffer());
}

function addSheet(workbook: exceljs.Workbook, { name, title, headings, rows }: StatisticsSheet): void {
  const sheet = workbook.addWorksheet(name, {
    views: [{ state: 'frozen', ySplit: 2 }],
    pageSetup: { orientation: 'landscape', fitToPage: true, fitToWidth: 1, fitToHeight: 0 },
  });
  const plain = (cell: string | number) => (typeof cell === 'string' ? unturned(cell) : cell);
  sheet.addRow([plain(title)]);
  sheet.mergeCells(1, 1, 1, headings.length);
  sheet.getCell(1, 1).alignment = { horizontal: 'center' };
  sheet.getCell(1, 1).font = { bold: true, size: 14 };
  sheet.addRow(headings.map(plain)).font = { bold: true };
  for (const row of rows) sheet.addRow(row.map(plain));
  sheet.getColumn(1).width = 28;
  for (let n = 2; n <= headings.length; n += 1) sheet.getColumn(n).width = 14;
}

const sha256 = (bytes: Buffer | string): string => createHash('sha256').update(bytes).digest('hex');

/** What names the figures: the same figures have the same. */
export const figuresHash = (statistics: Statistics): string => sha256(JSON.stringify(statistics));

interface Contents {
  readonly id: string;
  readonly version: number;
  readonly office: string;
  readonly at: string;
  readonly statistics: Statistics;
  readonly names: ReadonlyMap<string, string>;
}

/**
 * A package that crosses an air gap: JSON and .xlsx, a manifest with their hashes, and the same hashes in the form that
 * `sha256sum -c SHA256SUMS` reads, so that whoever receives it needs nothing of ours.
 */
export async function packStatistics(contents: Contents): Promise<{
  readonly archive: Buffer;
  readonly sha256: string;
  readonly files: readonly PackedFile[];
}> {
  const { id, version, office, at, statistics, names } = contents;
  const json = JSON.stringify(
    { package: id, version, office, createdAt: at, agencies: Object.fromEntries(names), statistics },
    null,
    2,
  );
  const parts = new Map<string, Buffer>([
    ['statistics.json', Buffer.from(json)],
    ['statistics.xlsx', await statisticsWorkbook(statistics, { names, at })],
  ]);
  const files = [...parts].map(([name, bytes]) => ({ name, size: bytes.length, sha256: sha256(bytes) }));
  const manifest = JSON.stringify(
    { package: id, year: statistics.year, version, office, createdAt: at, files },
    null,
    2,
  );
  parts.set('manifest.json', Buffer.from(manifest));
  const sums = [...parts].map(([name, bytes]) => `${sha256(bytes)}  ${name}\n`).join('');
  parts.set('SHA256SUMS', Buffer.from(sums));
  const zip = new yazl.ZipFile();
  for (const [name, bytes] of parts) zip.addBuffer(bytes, name, { mtime: new Date(at), mode: 0o100_644 });
  zip.end();
  return { archive: await buffer(zip.outputStream), sha256: sha256(manifest), files };
}
