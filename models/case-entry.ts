import { type Connection, Schema } from 'mongoose';
import type { RecusalSide, TransferTarget } from '../domain/case.ts';
import type { Conclusion, RecordKind } from '../domain/case-steps.ts';

/** The eight kinds of evidence (行政处罚法 第四十六条). */
export const EVIDENCE_KINDS = [
  'documentary',
  'physical',
  'audioVisual',
  'electronic',
  'testimony',
  'partyStatement',
  'expertOpinion',
  'inspectionRecord',
] as const;
export type EvidenceKind = (typeof EVIDENCE_KINDS)[number];

export interface Evidence {
  readonly kind: EvidenceKind;
  readonly title: string;
  /** The file it stands in, by the SHA-256 it was stored under. */
  readonly sha256?: string | undefined;
  readonly source?: string | undefined;
}

/** What people bring to a case and its workflow knows only by its id; never changed. */
export type CaseEntry =
  | {
      readonly what: 'investigation';
      readonly kind: RecordKind;
      readonly on: string;
      readonly place?: string | undefined;
      readonly people: readonly string[];
      readonly subject?: string | undefined;
      readonly text: string;
      readonly evidence: readonly Evidence[];
    }
  | {
      readonly what: 'review';
      readonly kind: 'legalReview' | 'collectiveDiscussion';
      readonly on: string;
      readonly people: readonly string[];
      readonly opinion: string;
      readonly conclusion?: Conclusion | undefined;
    }
  | {
      readonly what: 'jointMeeting';
      readonly on: string;
      readonly bodies: readonly string[];
      readonly subject: string;
      readonly minutes: string;
      readonly resolution?: string | undefined;
    }
  | {
      readonly what: 'recusal';
      readonly person: string;
      readonly side: RecusalSide;
      readonly reason: string;
    }
  | { readonly what: 'transfer'; readonly to: TransferTarget; readonly reason: string }
  | { readonly what: 'reply'; readonly text: string }
  | {
      readonly what: 'file';
      readonly name: string;
      /** bytes */
      readonly size: number;
      readonly sha256: string;
      readonly type: string;
      /** id in GridFS */
      readonly file: string;
    };

export type CaseEntryRecord = CaseEntry & {
  readonly _id: string;
  readonly owner: string;
  readonly by: string;
  readonly at: string;
};

export const caseEntryModel = (connection: Connection) => {
  const schema = new Schema<CaseEntryRecord>(
    {
      _id: { type: String, required: true },
      owner: { type: String, required: true },
      what: { type: String, required: true },
      by: String,
      at: String,
    },
    { collection: 'caseEntries', versionKey: false, strict: false },
  );
  schema.index({ owner: 1, what: 1, _id: 1 });
  return connection.model<CaseEntryRecord>('CaseEntry', schema);
};
