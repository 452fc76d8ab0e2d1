import { type Connection, Schema } from 'mongoose';
import type {
  AccountabilityState,
  AccountabilityStatus,
  MeasureKind,
  Outcome,
  Subject,
} from '../domain/accountability.ts';
import type { Term } from '../domain/deadline.ts';

/** A recommendation to hold somebody to account (责任追究建议): what it was made with, and the projection of its workflow. */
export interface AccountabilityRecord {
  readonly _id: string;
  readonly case: string;
  readonly kind: MeasureKind;
  readonly subject: Subject;
  /** The competent body (有权机关): an agency of the roster. */
  readonly body: string;
  readonly bodyName: string;
  readonly reason: string;
  readonly basis: string;
  /** The body's term, and where it comes from. */
  readonly term: Term;
  readonly termBasis: string;
  readonly recommendedBy: string;
  readonly recommendedAt: string;
  readonly state: AccountabilityStatus;
  readonly version: number;
  readonly outcome?: Outcome;
  readonly endedOn?: string;
  /** Whole, so that the workflow can be taken up again from the store. */
  readonly machine: AccountabilityState;
}

export const accountabilityModel = (connection: Connection) => {
  const schema = new Schema<AccountabilityRecord>(
    {
      _id: { type: String, required: true },
      case: { type: String, required: true, index: true },
      kind: String,
      subject: Schema.Types.Mixed,
      body: String,
      bodyName: String,
      reason: String,
      basis: String,
      term: Schema.Types.Mixed,
      termBasis: String,
      recommendedBy: String,
      recommendedAt: String,
      state: { type: String, required: true },
      version: { type: Number, required: true },
      outcome: Schema.Types.Mixed,
      endedOn: String,
      machine: Schema.Types.Mixed,
    },
    { collection: 'accountabilities', versionKey: false, minimize: false },
  );
  schema.index({ 'subject.id': 1 });
  schema.index({ state: 1, _id: -1 });
  return connection.model<AccountabilityRecord>('Accountability', schema);
};
