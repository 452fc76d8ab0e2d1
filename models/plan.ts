import { type Connection, Schema } from 'mongoose';
import type { Figures } from '../domain/analysis.ts';
import { ANNUAL_LIST, type Check, checkId } from '../domain/checklist.ts';
import type { Term } from '../domain/deadline.ts';
import type { Countermeasure, LastResult, MilestoneName, PlanItem, PlanStatus } from '../domain/plan.ts';
import type { Store } from './store.ts';

/** A job of a person with its day, raised by the plan and ended by whoever did it. */
export interface MilestoneRecord {
  readonly what: MilestoneName;
  readonly raisedAt: string;
  /** RFC 3339, on a working day. */
  readonly dueAt: string;
  readonly doneAt?: string;
  readonly doneBy?: string;
  readonly note?: string;
}

/** A year's plan: its items, and the projection of its workflow. */
export interface PlanRecord {
  readonly _id: string;
  readonly year: number;
  readonly state: PlanStatus;
  readonly version: number;
  readonly items: readonly PlanItem[];
  /** What is to replace the items once it is approved. */
  readonly amendment?: { readonly items: readonly PlanItem[]; readonly by: string; readonly at: string };
  readonly terms: { readonly review: Term; readonly rectification: Term };
  readonly createdBy: string;
  readonly createdAt: string;
  readonly approvedBy?: string;
  readonly approvedAt?: string;
  readonly milestones: readonly MilestoneRecord[];
  /** Agencies whose appraisal of the year before was weak, as the draft took them up. */
  readonly weak?: readonly LastResult[];
  /** What its year's end waits for. */
  readonly problem?: 'calendar-unpublished' | null;
}

/** The figures of a month as they stood, and what people mean to do. */
export interface AnalysisRecord {
  readonly id: string;
  readonly at: string;
  readonly by: string;
  readonly figures: Figures;
  readonly countermeasures: readonly Countermeasure[];
}

/** One month of a plan. */
export interface CycleRecord {
  readonly _id: string;
  readonly plan: string;
  readonly month: number;
  readonly openedAt?: string;
  readonly dueAt?: string;
  /** Over before it could open. */
  readonly missed?: boolean;
  readonly problem?: 'calendar-unpublished' | null;
  /** What went out. */
  readonly items: readonly PlanItem[];
  readonly analyses: readonly AnalysisRecord[];
}

export const planModel = (connection: Connection) =>
  connection.model<PlanRecord>(
    'Plan',
    new Schema<PlanRecord>(
      {
        _id: { type: String, required: true },
        year: { type: Number, required: true },
        state: { type: String, required: true },
        version: { type: Number, required: true },
        items: { type: [Schema.Types.Mixed], default: [] },
        amendment: Schema.Types.Mixed,
        terms: { type: Schema.Types.Mixed, required: true },
        createdBy: String,
        createdAt: String,
        approvedBy: String,
        approvedAt: String,
        milestones: { type: [Schema.Types.Mixed], default: [] },
        weak: { type: [Schema.Types.Mixed], default: [] },
        problem: String,
      },
      { collection: 'plans', versionKey: false, minimize: false },
    ),
  );

export const cycleModel = (connection: Connection) => {
  const schema = new Schema<CycleRecord>(
    {
      _id: { type: String, required: true },
      plan: { type: String, required: true },
      month: { type: Number, required: true },
      openedAt: String,
      dueAt: String,
      missed: Boolean,
      problem: String,
      items: { type: [Schema.Types.Mixed], default: [] },
      analyses: { type: [Schema.Types.Mixed], default: [] },
    },
    { collection: 'cycles', versionKey: false, minimize: false },
  );
  schema.index({ plan: 1, month: 1 }, { unique: true });
  return connection.model<CycleRecord>('Cycle', schema);
};

export const cycleId = (plan: string, month: number): string => `${plan}/${String(month).padStart(2, '0')}`;

/** Every item of every checklist under the name that plans give it, the annual list first. */
export async function readChecks(store: Pick<Store, 'checklists'>): Promise<ReadonlyMap<string, Check>> {
  const lists = await store.checklists.find().sort({ _id: 1 }).lean();
  const sorted = lists.toSorted((a, b) => Number(b._id === ANNUAL_LIST) - Number(a._id === ANNUAL_LIST));
  return new Map(
    sorted.flatMap((list) =>
      list.items.map((one): [string, Check] => {
        const id = checkId(list._id, one.id);
        const { standing, ...bare } = one;
        return [id, { ...bare, id, ...(list._id === ANNUAL_LIST && standing ? { standing } : {}) }];
      }),
    ),
  );
}
