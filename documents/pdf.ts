import type { DocumentRecord, Letterhead } from '../models/document.ts';
import { paperHtml } from './html.ts';
import { type Press, type PressOptions, openPress } from './press.ts';

let options: PressOptions = {};
let press: Press | undefined;

/** Tells which browser and fonts this process prints with; before its first paper. */
export function setUpPress(told: PressOptions): void {
  options = told;
}

/** The folder of the office's own fonts, where it has one. */
export const ownFonts = (): string | undefined => options.fonts;

/** A paper as PDF, printed of the very pages that were frozen. */
export const paperPdf = (record: DocumentRecord, head?: Letterhead): Promise<Buffer> =>
  printed(paperHtml(record, head));

/** Pages of this office as PDF. */
export function printed(html: string): Promise<Buffer> {
  press ??= openPress(options);
  return press.print(html);
}

export async function closePress(): Promise<void> {
  const gone = press;
  press = undefined;
  await gone?.close();
}
