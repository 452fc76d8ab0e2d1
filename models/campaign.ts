import { type Connection, Schema } from 'mongoose';
import type { CampaignDraft, CampaignStatus, Launch, Phase } from '../domain/campaign.ts';

export interface PhaseRecord {
  readonly openedAt: string;
  /** Due date of the phase's tasks, or of the phase where it has none. */
  readonly dueAt: string;
  readonly closedAt?: string;
  readonly groups: number;
  readonly provisional?: boolean;
}

export interface DrawRecord {
  readonly purpose: string;
  readonly seed: string;
  readonly commitment: string;
  readonly rosterHash: string;
  readonly size: number;
  readonly candidates: readonly { readonly id: string; readonly excluded?: string }[];
  readonly drawn: readonly string[];
}

/** A campaign: its plan, and the projection of its workflow. */
export interface CampaignRecord {
  readonly _id: string;
  readonly draft: CampaignDraft;
  readonly createdBy: string;
  readonly createdAt: string;
  /** Of the plan while it is a draft; of the workflow's projection afterwards. */
  readonly version: number;
  readonly state: CampaignStatus;
  readonly phase: Phase;
  /** Since when sending is paused, where it is. */
  readonly pausedAt?: string;
  readonly launch?: Launch;
  readonly accepted?: readonly string[];
  readonly skipped?: readonly { readonly agency: string; readonly code: string }[];
  readonly phases: Readonly<Partial<Record<Phase, PhaseRecord>>>;
  readonly seed: string;
  /** SHA-256 of the seed, published with the plan before anything is drawn. */
  readonly commitment: string;
  readonly draws: readonly DrawRecord[];
  readonly teams: readonly { readonly agency: string; readonly inspectors: readonly string[] }[];
  readonly reason?: string;
  readonly digest?: string;
  readonly fromCase?: string;
  readonly tasks: number;
  readonly scores?: unknown;
}

export const campaignModel = (connection: Connection) => {
  const schema = new Schema<CampaignRecord>(
    {
      _id: { type: String, required: true },
      draft: { type: Schema.Types.Mixed, required: true },
      createdBy: String,
      createdAt: String,
      version: { type: Number, required: true },
      state: { type: String, required: true },
      phase: { type: String, required: true },
      pausedAt: String,
      launch: Schema.Types.Mixed,
      accepted: [String],
      skipped: [Schema.Types.Mixed],
      phases: { type: Schema.Types.Mixed, default: {} },
      seed: String,
      commitment: String,
      draws: [Schema.Types.Mixed],
      teams: [Schema.Types.Mixed],
      reason: String,
      fromCase: { type: String, index: true },
      tasks: { type: Number, default: 0 },
      scores: Schema.Types.Mixed,
    },
    { collection: 'campaigns', versionKey: false, minimize: false },
  );
  schema.index({ state: 1, _id: -1 });
  return connection.model<CampaignRecord>('Campaign', schema);
};
