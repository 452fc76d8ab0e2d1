import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { type Connection, Schema } from 'mongoose';
import type { Store } from './store.ts';

/** What the province said of a package it received. */
export interface Acknowledgement {
  readonly sha256: string;
  readonly receivedAt: string;
  readonly receivedBy: string;
  readonly accepted: boolean;
  readonly note?: string | undefined;
  readonly importedBy: string;
  readonly importedAt: string;
}

export interface PackedFile {
  readonly name: string;
  readonly size: number;
  readonly sha256: string;
}

/** A year's statistics as they were handed to the province (数据包): a version is never changed. */
export interface StatisticsPackageRecord {
  readonly _id: string;
  readonly year: number;
  readonly version: number;
  /** SHA-256 of the manifest, which names every other file with its own. */
  readonly sha256: string;
  /** SHA-256 of the figures alone: the same figures again are the same package. */
  readonly figures: string;
  readonly files: readonly PackedFile[];
  readonly createdAt: string;
  readonly by: string;
  /** The archive's id among the stored files. */
  readonly archive: string;
  readonly acknowledgement?: Acknowledgement;
}

export const statisticsPackageModel = (connection: Connection) => {
  const schema = new Schema<StatisticsPackageRecord>(
    {
      _id: { type: String, required: true },
      year: { type: Number, required: true },
      version: { type: Number, required: true },
      sha256: String,
      figures: String,
      files: [Schema.Types.Mixed],
      createdAt: String,
      by: String,
      archive: String,
      acknowledgement: Schema.Types.Mixed,
    },
    { collection: 'statisticsPackages', versionKey: false },
  );
  schema.index({ year: 1, version: -1 }, { unique: true });
  return connection.model<StatisticsPackageRecord>('StatisticsPackage', schema);
};

type Packages = Pick<Store, 'statisticsPackages' | 'files'>;

export const latestPackage = ({ statisticsPackages }: Packages, year: number) =>
  statisticsPackages.findOne({ year }).sort({ version: -1 }).lean<StatisticsPackageRecord>();

/** Keeps a package and its archive; the archive comes first, so that no package is without one, and goes again where its version was taken meanwhile. */
export async function keepPackage(
  store: Packages,
  made: Omit<StatisticsPackageRecord, 'archive'>,
  archive: Buffer,
): Promise<StatisticsPackageRecord> {
  const upload = store.files().openUploadStream(`${made._id}.zip`);
  await pipeline(Readable.from([archive]), upload);
  const record = { ...made, archive: String(upload.id) };
  try {
    await store.statisticsPackages.create(record);
  } catch (error) {
    await store.files().delete(upload.id);
    throw error;
  }
  return record;
}

/** Keeps the first acknowledgement of a package; null where there is one already. */
export const acknowledgePackage = (
  { statisticsPackages }: Packages,
  id: string,
  acknowledgement: Acknowledgement,
) =>
  statisticsPackages
    .findOneAndUpdate(
      { _id: id, acknowledgement: { $exists: false } },
      { $set: { acknowledgement } },
      { returnDocument: 'after' },
    )
    .lean<StatisticsPackageRecord>();
