import { type Connection, Schema } from 'mongoose';
import type { CaseStage, CaseState, CaseStatus, ClosingReason, Remedy } from '../domain/case.ts';
import type { Deadline } from '../domain/deadline.ts';

/** A date of the case with what explains it; the office's own, for an agency's dates stand with its tasks. */
export interface CaseDeadline {
  readonly name: string;
  /** Which of its kind: an objection, a request, a document. */
  readonly about: string;
  /** Key of its certificate. */
  readonly certificate: string;
  readonly deadline: Deadline;
  readonly state: 'running' | 'passed' | 'ended';
}

/** A case (个案): what it was opened with, and the projection of its workflow. */
export interface CaseRecord {
  readonly _id: string;
  readonly clue: string;
  readonly agency: string;
  readonly agencyName: string;
  readonly summary: string;
  readonly actType?: string;
  /** How the clue came in. */
  readonly channel: string;
  /** Field of work of the act, where it is known. */
  readonly domain?: string;
  /** Whether agencies are asked for a mailed code before they see anything of it. */
  readonly confidential: boolean;
  readonly openedAt: string;
  readonly openedBy: string;
  readonly state: CaseStatus;
  readonly stage: CaseStage;
  readonly version: number;
  readonly supervisors: readonly { readonly id: string; readonly name: string }[];
  readonly recused: readonly string[];
  readonly deadlines: readonly CaseDeadline[];
  /** Ids of its formal documents, oldest first. */
  readonly documents: readonly string[];
  readonly facts: readonly string[];
  readonly suspension?: { readonly remedy: Remedy; readonly since: string };
  readonly closing?: { readonly reason: ClosingReason; readonly at: string };
  /** Whole, so that the workflow can be taken up again from the store. */
  readonly machine: CaseState;
}

export const caseModel = (connection: Connection) => {
  const schema = new Schema<CaseRecord>(
    {
      _id: { type: String, required: true },
      clue: { type: String, required: true, index: true },
      agency: { type: String, required: true },
      agencyName: String,
      summary: String,
      actType: String,
      channel: String,
      domain: String,
      confidential: { type: Boolean, default: false },
      openedAt: String,
      openedBy: String,
      state: { type: String, required: true },
      stage: String,
      version: { type: Number, required: true },
      supervisors: [Schema.Types.Mixed],
      recused: [String],
      deadlines: [Schema.Types.Mixed],
      documents: [String],
      facts: [String],
      suspension: Schema.Types.Mixed,
      closing: Schema.Types.Mixed,
      machine: Schema.Types.Mixed,
    },
    { collection: 'cases', versionKey: false, minimize: false },
  );
  schema.index({ state: 1, _id: -1 });
  schema.index({ agency: 1, _id: -1 });
  return connection.model<CaseRecord>('Case', schema);
};
