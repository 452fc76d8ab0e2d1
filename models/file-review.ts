import mongoose, { type Connection, Schema } from 'mongoose';
import type { FileResult, ReviewedFile, ScoreSheet } from '../domain/file-review.ts';
import type { DrawRecord } from './campaign.ts';
import type { ObjectionAnswer } from './objection.ts';
import type { Store } from './store.ts';

/** Whose files are drawn: from the acts of the year, or from the numbers that the agency gave. */
export interface AgencyFiles {
  readonly id: string;
  readonly files?: readonly string[] | undefined;
}

/** A case-file review (案卷评查): what it is ordered with, and how far it has come. */
export interface FileReviewRecord {
  readonly _id: string;
  readonly year: number;
  readonly state: 'committed' | 'scoring' | 'preliminary' | 'final';
  readonly agencies: readonly AgencyFiles[];
  readonly perAgency: number;
  /** Ids of those among whom the reviewers are drawn. */
  readonly supervisors: readonly string[];
  /** Version of the score sheet. */
  readonly sheet: number;
  readonly seed: string;
  readonly commitment: string;
  readonly createdBy: string;
  readonly createdAt: string;
  readonly publishedAt?: string;
  readonly publishedBy?: string;
  /** Until when agencies may dispute. */
  readonly disputeUntil?: string;
  readonly answers: readonly ObjectionAnswer[];
  /** Disputes that have come since it was published: whoever makes it final must have seen as many. */
  readonly heard?: number;
  readonly finalAt?: string;
  readonly finalBy?: string;
  /** What the office wrote to agencies because of it. */
  readonly opinions?: readonly ReviewOpinion[];
}

/** An opinion (意见书) that a review's problems led to: its case and its document, where it has come so far. */
export interface ReviewOpinion {
  readonly agency: string;
  /** Whoever tries again goes on with the key of the first. */
  readonly key: string;
  readonly by: string;
  readonly at: string;
  readonly case?: string;
  readonly document?: string;
}

/** One file of a review; `<review>-F001`. */
export interface ReviewedFileRecord extends ReviewedFile {
  readonly _id: string;
  readonly review: string;
  /** Number of the file, as the agency or the network has it. */
  readonly file: string;
  readonly agency: string;
  readonly recusals: readonly { readonly supervisor: string; readonly reason: string; readonly by: string }[];
  /** Day on which the result became final. */
  readonly finalOn?: string;
  readonly result?: Pick<FileResult, 'points' | 'grade'>;
  readonly lookBack?: {
    readonly corrected: boolean;
    readonly note: string;
    readonly on: string;
    readonly by: string;
  };
}

/** The draw of one agency's files, with what anyone needs to repeat it. */
export interface FileDrawRecord extends DrawRecord {
  /** The draw's purpose. */
  readonly _id: string;
  readonly review: string;
  /** Who of the reviewers was passed over for this agency, and why. */
  readonly passedOver: readonly { readonly inspector: string; readonly reason: string }[];
}

/** One version of the score sheet; an older one stays, since reviews name the version they began with. */
export interface ScoreSheetRecord extends Omit<ScoreSheet, 'version'> {
  readonly _id: number;
  readonly by: string;
  readonly at: string;
}

export const fileReviewModel = (connection: Connection) =>
  connection.model<FileReviewRecord>(
    'FileReview',
    new Schema<FileReviewRecord>(
      {
        _id: { type: String, required: true },
        year: Number,
        state: { type: String, required: true },
        agencies: [Schema.Types.Mixed],
        perAgency: Number,
        supervisors: [String],
        sheet: Number,
        seed: String,
        commitment: String,
        createdBy: String,
        createdAt: String,
        publishedAt: String,
        publishedBy: String,
        disputeUntil: String,
        answers: { type: [Schema.Types.Mixed], default: [] },
        heard: Number,
        finalAt: String,
        finalBy: String,
        opinions: { type: [Schema.Types.Mixed], default: [] },
      },
      { collection: 'fileReviews', versionKey: false, minimize: false },
    ),
  );

export const reviewedFileModel = (connection: Connection) => {
  const schema = new Schema<ReviewedFileRecord>(
    {
      _id: { type: String, required: true },
      review: { type: String, required: true },
      file: { type: String, required: true },
      agency: { type: String, required: true },
      reviewers: [String],
      scores: { type: [Schema.Types.Mixed], default: [] },
      struck: { type: [String], default: [] },
      recusals: { type: [Schema.Types.Mixed], default: [] },
      finalOn: String,
      result: Schema.Types.Mixed,
      lookBack: Schema.Types.Mixed,
    },
    { collection: 'reviewedFiles', versionKey: false },
  );
  schema.index({ review: 1, file: 1 }, { unique: true });
  schema.index({ agency: 1, file: 1 });
  schema.index({ finalOn: 1 }, { sparse: true });
  return connection.model<ReviewedFileRecord>('ReviewedFile', schema);
};

export const fileDrawModel = (connection: Connection) =>
  connection.model<FileDrawRecord>(
    'FileDraw',
    new Schema<FileDrawRecord>(
      {
        _id: { type: String, required: true },
        review: { type: String, required: true, index: true },
        purpose: String,
        seed: String,
        commitment: String,
        rosterHash: String,
        size: Number,
        candidates: [Schema.Types.Mixed],
        drawn: [String],
        passedOver: [Schema.Types.Mixed],
      },
      { collection: 'fileDraws', versionKey: false },
    ),
  );

export const scoreSheetModel = (connection: Connection) =>
  connection.model<ScoreSheetRecord>(
    'ScoreSheet',
    new Schema<ScoreSheetRecord>(
      {
        _id: { type: Number, required: true },
        vetoes: [Schema.Types.Mixed],
        groups: [Schema.Types.Mixed],
        by: String,
        at: String,
      },
      { collection: 'scoreSheets', versionKey: false },
    ),
  );

/** The sheet that holds now, or an earlier version of it. */
export async function readScoreSheet(
  { scoreSheets }: Pick<Store, 'scoreSheets'>,
  version?: number,
): Promise<ScoreSheet | null> {
  const [row] = await scoreSheets
    .find(version === undefined ? {} : { _id: version })
    .sort({ _id: -1 })
    .limit(1)
    .lean<ScoreSheetRecord[]>();
  return row ? { version: row._id, vetoes: row.vetoes, groups: row.groups } : null;
}

/** Keeps a sheet as the next version; false where somebody else's came first. */
export async function keepScoreSheet(
  { scoreSheets }: Pick<Store, 'scoreSheets'>,
  record: ScoreSheetRecord,
): Promise<boolean> {
  try {
    await scoreSheets.collection.insertOne(record as never);
    return true;
  } catch (error) {
    if (!(error instanceof mongoose.mongo.MongoServerError) || error.code !== 11_000) throw error;
    return false;
  }
}

/** The sheet that a review is scored by. */
export async function sheetOf(
  store: Pick<Store, 'scoreSheets'>,
  { _id, sheet }: Pick<FileReviewRecord, '_id' | 'sheet'>,
): Promise<ScoreSheet> {
  const found = await readScoreSheet(store, sheet);
  if (!found) throw new Error(`the score sheet ${sheet} of ${_id} is not there`);
  return found;
}
