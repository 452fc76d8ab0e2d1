import mongoose, { type Connection, Schema } from 'mongoose';
import type { Store } from './store.ts';

/** The steps of a clue and its case that concern the one who complained. */
export const NOTICE_STEPS = [
  'received',
  'registered',
  'accepted',
  'declined',
  'notCompetent',
  'transferred',
  'merged',
  'corrected',
  'filed',
  'extended',
  'suspended',
  'resumed',
  'concluded',
  'replied',
] as const;
export type NoticeStep = (typeof NOTICE_STEPS)[number];

/** All that a complainant may be told beside the step itself; nothing else reaches a letter. */
export interface NoticeFacts {
  /** Date by which the next step is due. */
  readonly by?: string;
  /** The body that a clue was handed to. */
  readonly to?: string;
  readonly guidance?: 'reconsideration' | 'litigation' | 'supervisoryInvestigation';
  readonly closing?:
    | 'rectified'
    | 'noViolation'
    | 'decisionExecuted'
    | 'transferred'
    | 'remedyStarted'
    | 'withdrawn';
  readonly documentNumber?: string;
  /** The reply's own words, approved as a document. */
  readonly text?: string;
}

/** One thing that a complainant is to be told: by mail, by a person where there is only a telephone, or on the page alone. */
export interface ComplainantNoticeRecord {
  readonly _id: string;
  readonly clue: string;
  readonly step: NoticeStep;
  readonly facts: NoticeFacts;
  readonly at: string;
  readonly state: 'pending' | 'sent' | 'byPerson' | 'told' | 'onPage';
  /** While pending: not before this instant of the real clock. */
  readonly nextAt: Date;
  readonly why?: 'phone' | 'rejected' | 'bounced' | 'inDoubt';
  readonly toldBy?: string;
  readonly toldAt?: string;
  readonly note?: string;
}

export const complainantNoticeModel = (connection: Connection) => {
  const schema = new Schema<ComplainantNoticeRecord>(
    {
      _id: { type: String, required: true },
      clue: { type: String, required: true, index: true },
      step: String,
      facts: { type: Schema.Types.Mixed, default: {} },
      at: String,
      state: String,
      nextAt: Date,
      why: String,
      toldBy: String,
      toldAt: String,
      note: String,
    },
    { collection: 'complainantNotices', versionKey: false, minimize: false },
  );
  schema.index({ nextAt: 1 }, { partialFilterExpression: { state: 'pending' } });
  schema.index({ _id: 1, state: 1 }, { name: 'byPerson', partialFilterExpression: { state: 'byPerson' } });
  return connection.model<ComplainantNoticeRecord>('ComplainantNotice', schema);
};

const FACTS: readonly (keyof NoticeFacts)[] = ['by', 'to', 'guidance', 'closing', 'documentNumber', 'text'];

/** Orders that the complainant of a clue, and those of the clues merged into it, be told of a step; the same step again orders nothing. */
export async function orderNotices(
  { clues, complainantNotices }: Pick<Store, 'clues' | 'complainantNotices'>,
  clue: string,
  notice: {
    readonly step: NoticeStep;
    readonly facts?: NoticeFacts;
    readonly at: string;
    /** Tells one time from another, where a step may come more than once. */
    readonly about?: string;
  },
): Promise<string[]> {
  const { step, at, about } = notice;
  const concerned = await clues
    .find(alone(step) ? { _id: clue } : { $or: [{ _id: clue }, { root: clue }] }, { complainant: 1, code: 1 })
    .lean();
  const facts = Object.fromEntries(
    FACTS.flatMap((name) => (notice.facts?.[name] === undefined ? [] : [[name, notice.facts[name]]])),
  ) as NoticeFacts;
  const rows = concerned
    .filter((one) => one.complainant !== undefined || one.code !== undefined)
    .map((one): ComplainantNoticeRecord => ({
      _id: `${one._id}/${about === undefined ? step : `${step}-${about}`}`,
      clue: one._id,
      step,
      facts,
      at,
      state: 'pending',
      nextAt: new Date(),
    }));
  try {
    if (rows.length > 0) await complainantNotices.insertMany(rows, { ordered: false });
  } catch (error) {
    if (!(error instanceof mongoose.mongo.MongoServerError) || error.code !== 11_000) throw error;
  }
  return rows.map((one) => one._id);
}

/** What concerns one clue alone, and not those that were merged into it. */
const alone = (step: NoticeStep): boolean =>
  step === 'received' || step === 'registered' || step === 'merged';
