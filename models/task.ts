import { type Connection, Schema } from 'mongoose';
import type { Deadline, Term } from '../domain/deadline.ts';
import type { TaskKind, TaskState, TaskStatus } from '../domain/task.ts';

/** The projection of one task: what people look at and lists are made of. */
export interface TaskRecord {
  readonly _id: string;
  readonly owner: string;
  /** Workflow id of the group that carries it. */
  readonly group: string;
  readonly phase: string;
  readonly kind: TaskKind;
  readonly agency: string;
  readonly agencyName: string;
  readonly title: string;
  readonly legalBasis: string;
  readonly items: readonly {
    readonly id: string;
    readonly text: string;
    readonly evidence?: string;
    readonly mandatoryEvidence?: boolean;
    readonly points?: number;
  }[];
  readonly findings: readonly string[];
  /** What it was opened for: the phase itself, a late agency or an inspection. */
  readonly origin: string;
  readonly state: TaskStatus;
  readonly version: number;
  readonly round: number;
  /** Null while a term that runs from receipt has not begun. */
  readonly due: Deadline | null;
  readonly dueAt: Date | null;
  readonly warnAt: Date | null;
  /** The term that begins with receipt, and the text it comes from. */
  readonly own?: { readonly term: Term; readonly basis: string };
  /** Set by the milestone or by a late answer, for the lists. */
  readonly overdue: boolean;
  readonly late: boolean;
  readonly handedOver: boolean;
  readonly answered: boolean;
  readonly openedAt: string;
  readonly mailedAt?: string;
  readonly closedAt?: string;
  readonly remind: readonly number[];
  /** Whole, so that a group can be taken up again from the store. */
  readonly machine: TaskState;
}

export const BOARD_INDEX_NAME = 'board';
const BOARD_INDEX = {
  owner: 1,
  state: 1,
  dueAt: 1,
  warnAt: 1,
  late: 1,
  phase: 1,
  kind: 1,
  agencyName: 1,
  _id: 1,
} as const;

export const taskModel = (connection: Connection) => {
  const schema = new Schema<TaskRecord>(
    {
      _id: { type: String, required: true },
      owner: { type: String, required: true },
      group: { type: String, required: true, index: true },
      phase: { type: String, required: true },
      kind: String,
      agency: { type: String, required: true },
      agencyName: String,
      title: String,
      legalBasis: String,
      items: { type: [Schema.Types.Mixed], default: [] },
      findings: [String],
      origin: String,
      state: { type: String, required: true },
      version: { type: Number, required: true },
      round: Number,
      due: Schema.Types.Mixed,
      dueAt: Date,
      warnAt: Date,
      own: Schema.Types.Mixed,
      overdue: Boolean,
      late: Boolean,
      handedOver: Boolean,
      answered: Boolean,
      openedAt: String,
      mailedAt: String,
      closedAt: String,
      remind: [Number],
      machine: Schema.Types.Mixed,
    },
    { collection: 'tasks', versionKey: false, minimize: false },
  );
  schema.index({ owner: 1, phase: 1, state: 1 });
  schema.index({ owner: 1, phase: 1, origin: 1, agency: 1 }, { unique: true });
  schema.index({ agency: 1, state: 1 });
  schema.index({ state: 1, dueAt: 1 });
  // A board of 10,000 is ordered, counted and searched in this index alone, without its documents.
  schema.index(BOARD_INDEX, { name: BOARD_INDEX_NAME });
  return connection.model<TaskRecord>('Task', schema);
};
