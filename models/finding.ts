import { type Connection, Schema } from 'mongoose';

export type Severity = 'minor' | 'ordinary' | 'major';

/** One problem (问题) found, in whatever mode; a row of the ledger. */
export interface FindingRecord {
  readonly _id: string;
  readonly owner: string;
  readonly mode: 'special' | 'daily' | 'case';
  readonly agency: string;
  readonly item: string;
  readonly severity: Severity;
  readonly description: string;
  readonly source: 'self' | 'inspection' | 'lookBack' | 'investigation' | 'warning';
  /** The document of a case that states it. */
  readonly document?: string;
  readonly inspection?: string;
  readonly foundOn: string;
  readonly task?: string | undefined;
  readonly state: 'found' | 'rectifying' | 'writtenOff' | 'reopened';
  readonly writtenOffAt?: string;
  readonly late?: boolean;
  readonly lookedBack?: boolean;
  /** Kind of problem, the same in every checklist. */
  readonly category?: string | undefined;
  /** Earlier findings of the same kind at the same agency. */
  readonly repeats?: readonly string[] | undefined;
  /** Task whose accepted answer disclosed it. */
  readonly disclosedIn?: string | undefined;
}

/** A joint inspection on the spot (县镇联动), as its team recorded it. */
export interface InspectionRecord {
  readonly _id: string;
  readonly owner: string;
  readonly agency: string;
  readonly inspectors: readonly string[];
  readonly on: string;
  readonly findings: readonly {
    readonly item: string;
    readonly severity: Severity;
    readonly description: string;
  }[];
  readonly by: string;
  readonly at: string;
  readonly offDraw: boolean;
}

export const findingModel = (connection: Connection) => {
  const schema = new Schema<FindingRecord>(
    {
      _id: { type: String, required: true },
      owner: String,
      mode: String,
      agency: String,
      item: String,
      severity: String,
      description: String,
      source: String,
      inspection: String,
      document: String,
      foundOn: String,
      task: String,
      state: String,
      writtenOffAt: String,
      late: Boolean,
      lookedBack: Boolean,
      category: String,
      repeats: { type: [String], default: undefined },
      disclosedIn: String,
    },
    { collection: 'findings', versionKey: false },
  );
  schema.index({ owner: 1, agency: 1 });
  schema.index({ agency: 1, item: 1 });
  schema.index({ task: 1 });
  schema.index({ foundOn: 1 });
  return connection.model<FindingRecord>('Finding', schema);
};

export const inspectionModel = (connection: Connection) => {
  const schema = new Schema<InspectionRecord>(
    {
      _id: { type: String, required: true },
      owner: { type: String, index: true },
      agency: String,
      inspectors: [String],
      on: String,
      findings: [Schema.Types.Mixed],
      by: String,
      at: String,
      offDraw: Boolean,
    },
    { collection: 'inspections', versionKey: false },
  );
  return connection.model<InspectionRecord>('Inspection', schema);
};
