import { type Connection, Schema } from 'mongoose';
import { type Channel, type ClueStand, type ClueState, type Remedy, openRemedy } from '../domain/clue.ts';
import { type ClueDeadlines, dueOf } from '../domain/clue-deadline.ts';
import type { Reach } from '../domain/identity.ts';
import type { Store } from './store.ts';
import type { StoredFile } from './submission.ts';

/** Something a complainant sent after the first. */
export interface Material {
  readonly at: string;
  readonly text: string;
  readonly files: readonly StoredFile[];
  readonly mail?: string;
}

/** A clue (线索): what somebody says of an agency's act, with nothing in it of who they are. */
export interface ClueRecord {
  readonly _id: string;
  readonly channel: Channel;
  readonly door: 'staff' | 'form' | 'mail' | 'import';
  /** Names the one thing it came from, so that the same thing again is the same clue. */
  readonly origin: string;
  readonly summary: string;
  readonly agency?: string;
  readonly actType?: string;
  /** Number of the hotline's work order or of a proposal. */
  readonly externalNo?: string;
  /** A campaign's finding or a warning that it came from. */
  readonly source?: string;
  readonly replyOn?: string;
  /** `ref` is random and says nothing; the rest is how they can be told, never who they are. */
  readonly complainant?: {
    readonly ref: string;
    readonly named: boolean;
    readonly reach: Reach;
    readonly confidential: boolean;
  };
  readonly lang: 'zh' | 'en';
  readonly files: readonly StoredFile[];
  readonly materials: readonly Material[];
  readonly receivedAt: string;
  readonly createdBy: string;
  readonly stand: ClueStand;
  /** `stand.state`, for lists. */
  readonly state: ClueState;
  readonly deadlines: ClueDeadlines;
  /** Of what it waits for now. */
  readonly dueAt?: Date;
  readonly warnAt?: Date;
  readonly late: boolean;
  readonly repliedAt?: string;
  /** SHA-256 of the code it is followed by. */
  readonly code?: string;
  readonly duplicates: readonly string[];
  /** Where a merged clue is carried on, at the end of the chain. */
  readonly root?: string;
  readonly case?: string;
  /** The acceptance under way: whoever tries again goes on with the same key, so that one clue opens one case. */
  readonly accepting?: string;
  readonly remedies: readonly Remedy[];
}

export const clueModel = (connection: Connection) => {
  const schema = new Schema<ClueRecord>(
    {
      _id: { type: String, required: true },
      channel: String,
      door: String,
      origin: { type: String, required: true },
      summary: String,
      agency: String,
      actType: String,
      externalNo: String,
      source: String,
      replyOn: String,
      complainant: Schema.Types.Mixed,
      lang: { type: String, default: 'zh' },
      files: { type: [Schema.Types.Mixed], default: [] },
      materials: { type: [Schema.Types.Mixed], default: [] },
      receivedAt: String,
      createdBy: String,
      stand: Schema.Types.Mixed,
      state: String,
      deadlines: Schema.Types.Mixed,
      dueAt: Date,
      warnAt: Date,
      late: Boolean,
      repliedAt: String,
      code: String,
      duplicates: { type: [String], default: [] },
      root: String,
      case: String,
      accepting: String,
      remedies: { type: [Schema.Types.Mixed], default: [] },
    },
    { collection: 'clues', versionKey: false, minimize: false },
  );
  schema.index({ origin: 1 }, { unique: true });
  schema.index({ code: 1 }, { unique: true, partialFilterExpression: { code: { $type: 'string' } } });
  schema.index({ state: 1, dueAt: 1 });
  schema.index({ agency: 1 });
  schema.index({ root: 1 }, { sparse: true });
  schema.index({ case: 1 }, { sparse: true });
  return connection.model<ClueRecord>('Clue', schema);
};

/** The reconsideration, suit or inquiry that stands in the way of a document now, of a clue or of its case; asked before each. */
export async function remedyBegun(
  { clues }: Pick<Store, 'clues'>,
  no: string,
): Promise<(Remedy & { readonly clue: string }) | undefined> {
  const rows = await clues.find({ $or: [{ _id: no }, { case: no }] }, { remedies: 1 }).lean();
  for (const { _id: clue, remedies } of rows) {
    const open = openRemedy(remedies);
    if (open) return { ...open, clue };
  }
  return undefined;
}

/** A clue and all that it was merged into in turn; empty where there is no such clue. */
export async function chainOf({ clues }: Pick<Store, 'clues'>, no: string): Promise<string[]> {
  const chain: string[] = [];
  for (let next: string | undefined = no; next !== undefined && !chain.includes(next);) {
    const row: Pick<ClueRecord, 'stand'> | null = await clues.findById(next, { stand: 1 }).lean();
    if (!row) break;
    chain.push(next);
    next = row.stand.state === 'merged' ? row.stand.into : undefined;
  }
  return chain;
}

interface Move {
  readonly stand: ClueStand;
  readonly at: string;
  /** What the next state adds to the record. */
  readonly more?: Partial<ClueRecord>;
  /** What must still be true beside the state. */
  readonly guard?: Record<string, unknown>;
}

/** Takes a clue from the state it was read in to its next; null where another step came first. What was due and is done late stays late. */
export function moveClue(
  { clues }: Pick<Store, 'clues'>,
  clue: ClueRecord,
  { stand, at, more, guard }: Move,
): Promise<ClueRecord | null> {
  const deadlines = { ...clue.deadlines, ...more?.deadlines };
  const next = dueOf(stand.state, clue.repliedAt);
  const due = next && deadlines[next];
  const late = clue.late || (clue.dueAt !== undefined && Date.parse(at) > clue.dueAt.getTime());
  return clues
    .findOneAndUpdate(
      { _id: clue._id, state: clue.state, ...guard } as never,
      {
        $set: {
          ...more,
          stand,
          state: stand.state,
          deadlines,
          late,
          ...(due ? { dueAt: new Date(due.at), warnAt: new Date(due.warnAt) } : {}),
        },
        ...(due ? {} : { $unset: { dueAt: 1, warnAt: 1 } }),
      },
      { returnDocument: 'after' },
    )
    .lean<ClueRecord>();
}

/** The complainant is answered: nothing is due any more. May run twice. */
export async function markReplied({ clues }: Pick<Store, 'clues'>, no: string, at: string): Promise<void> {
  const rows = await clues
    .find({ $or: [{ _id: no }, { root: no }], repliedAt: { $exists: false } }, { dueAt: 1 })
    .lean();
  for (const { _id, dueAt } of rows)
    await clues.updateOne(
      { _id, repliedAt: { $exists: false } },
      {
        $set: { repliedAt: at, ...(dueAt && Date.parse(at) > dueAt.getTime() ? { late: true } : {}) },
        $unset: { dueAt: 1, warnAt: 1 },
      },
    );
}
