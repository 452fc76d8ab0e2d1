import { DEFAULT_SERIES, type NumberSeries, seriesInForce } from '../domain/document.ts';
import { readInstruments } from './instrument.ts';
import type { sequenceModel, settingModel } from './setting.ts';
import type { Store } from './store.ts';

const ID = 'numberSeries';

/** The series of document numbers in force: of the instruments what their rules say, of other papers the office's own rows or those it began with. */
export async function readSeries(
  store: Pick<Store, 'settings' | 'instruments'>,
): Promise<readonly NumberSeries[]> {
  const [row, { items }] = await Promise.all([store.settings.findById(ID).lean(), readInstruments(store)]);
  return seriesInForce((row?.value as readonly NumberSeries[] | undefined) ?? DEFAULT_SERIES, items);
}

export async function writeSeries(
  settings: ReturnType<typeof settingModel>,
  all: readonly NumberSeries[],
): Promise<void> {
  await settings.updateOne({ _id: ID }, { $set: { value: all } }, { upsert: true });
}

/** Seeds the series of a new installation; an office's own stay. */
export async function seedSeries(settings: ReturnType<typeof settingModel>): Promise<void> {
  await settings.updateOne({ _id: ID }, { $setOnInsert: { value: DEFAULT_SERIES } }, { upsert: true });
}

/** The last number that was given before papers carried their serial themselves. */
export async function countedBefore(
  sequences: ReturnType<typeof sequenceModel>,
  { code, year }: { readonly code: string; readonly year: number },
): Promise<number> {
  const row = await sequences.findById(`${code}〔${year}〕`).lean();
  return row?.last ?? 0;
}
