import { randomUUID } from 'node:crypto';
import { type ClientSession, type Connection, Schema } from 'mongoose';
import type { ImportRecord } from './import.ts';
import type { Store } from './store.ts';
import type { StoredFile } from './submission.ts';
import { nextNumber } from './setting.ts';

export const STAGES = ['checking', 'storing', 'making'] as const;
export type OperationState = 'running' | 'done' | 'refused' | 'interrupted' | 'cancelled';

/** Something that takes long: who began it, and how far it has come. */
export interface Operation {
  readonly _id: string;
  readonly kind: 'import' | 'export' | 'archive';
  readonly by: string;
  readonly account: string;
  readonly startedAt: string;
  readonly endedAt?: string;
  readonly state: OperationState;
  readonly stage: (typeof STAGES)[number];
  /** How many it has dealt with. */
  readonly rows: number;
  /** Of how many, as far as that can be told. */
  readonly of?: number;
  /** When its stage began, on the wall's clock, and with how many. */
  readonly stageAt: Date;
  readonly stageFrom: number;
  /** Why it was refused. */
  readonly why?: string;
  /** The process that is at it, and when it last said so. */
  readonly holder: string;
  readonly beatAt: Date;
}

/** A file that is written out: the ledger's table, a case's whole file. */
export interface MakingRecord extends Operation {
  readonly kind: 'export' | 'archive';
  /** What the file is of, in the office's words. */
  readonly about: string;
  readonly made?: Pick<StoredFile, 'name' | 'type' | 'size' | 'sha256' | 'file'>;
}

export type OperationRecord = ImportRecord | MakingRecord;

export const operationModel = (connection: Connection) => {
  const schema = new Schema<OperationRecord>(
    {
      _id: { type: String, required: true },
      kind: { type: String, required: true },
      by: String,
      account: String,
      startedAt: String,
      endedAt: String,
      state: { type: String, required: true },
      stage: { type: String, required: true },
      rows: Number,
      of: Number,
      stageAt: Date,
      stageFrom: Number,
      why: String,
      holder: String,
      beatAt: Date,
      register: String,
      mode: String,
      file: String,
      sha256: String,
      done: Number,
      bad: Number,
      created: Number,
      updated: Number,
      unchanged: Number,
      resumed: Number,
      open: Boolean,
      about: String,
      made: Schema.Types.Mixed,
    },
    { collection: 'operations', versionKey: false },
  );
  schema.index({ sha256: 1, register: 1, mode: 1 });
  schema.index(
    { register: 1, sha256: 1, open: 1 },
    { unique: true, partialFilterExpression: { open: true } },
  );
  return connection.model<OperationRecord>('Operation', schema);
};

/** This process among all that may have been at an operation. */
export const HOLDER = randomUUID();
/** Milliseconds without a word after which a process counts as gone. */
export const SILENT_MS = 15_000;

type Operations = Pick<Store, 'operations'>;

/** What every operation begins with; ids of a year are numbered one after another. */
export async function newOperation<K extends Operation['kind']>(
  { sequences }: Pick<Store, 'sequences'>,
  {
    kind,
    by,
    account,
    startedAt,
  }: { readonly kind: K; readonly by: string; readonly account: string; readonly startedAt: string },
) {
  const series = `${SERIES[kind]}-${startedAt.slice(0, 4)}`;
  const no = await nextNumber(sequences, series);
  const now = new Date();
  return {
    _id: `${series}-${String(no).padStart(5, '0')}`,
    kind,
    by,
    account,
    startedAt,
    state: 'running',
    stage: kind === 'import' ? 'checking' : 'making',
    rows: 0,
    stageAt: now,
    stageFrom: 0,
    holder: HOLDER,
    beatAt: now,
  } as const;
}

const SERIES: Readonly<Record<Operation['kind'], string>> = { import: 'DR', export: 'DC', archive: 'ZD' };

/** How far an operation has come in its stage. */
export interface Beat {
  readonly rows?: number;
  readonly of?: number;
  readonly stage?: Operation['stage'];
}

/** Says that this process is at it, and how far. False where somebody has cancelled it or another process has taken it over. */
export async function beat(
  { operations }: Operations,
  id: string,
  { rows, of, stage }: Beat = {},
): Promise<boolean> {
  const now = new Date();
  const noted = await operations.collection.updateOne(running(id), {
    $set: {
      beatAt: now,
      ...(rows === undefined ? {} : { rows }),
      ...(of === undefined ? {} : { of }),
      ...(stage === undefined ? {} : { stage, stageAt: now, stageFrom: rows ?? 0 }),
    },
  });
  return noted.matchedCount > 0;
}

/** Adds a step to what is done: inside the transaction that stored it or not at all; without one, what was stored is counted though it was cancelled meanwhile. False as for a beat. */
export async function addStep(
  { operations }: Operations,
  id: string,
  {
    done,
    counts,
    session,
  }: {
    readonly done: number;
    readonly counts: Readonly<Record<string, number>>;
    readonly session?: ClientSession | undefined;
  },
): Promise<boolean> {
  const noted = await operations.collection.findOneAndUpdate(
    session ? running(id) : { ...running(id), state: { $in: ['running', 'cancelled'] } },
    { $set: { done, beatAt: new Date() }, $inc: { ...counts } },
    { ...(session ? { session } : {}), projection: { state: 1 } },
  );
  return noted?.['state'] === 'running';
}

const running = (id: string) => ({ _id: id as never, holder: HOLDER, state: 'running' });

/** The end of an operation; what broke off stays open for the same file. What was cancelled meanwhile stays cancelled, unless everything was done by then. */
export async function endOperation(
  { operations }: Operations,
  id: string,
  end: {
    readonly state: 'done' | 'refused' | 'interrupted';
    readonly at: string;
    readonly why?: string;
    readonly made?: MakingRecord['made'];
  },
): Promise<void> {
  const { state, at, why, made } = end;
  const mine = {
    _id: id,
    holder: HOLDER,
    state: state === 'done' ? { $in: ['running', 'cancelled'] } : 'running',
  };
  const set = {
    state,
    beatAt: new Date(),
    ...(why === undefined ? {} : { why }),
    ...(made === undefined ? {} : { made }),
  };
  const change =
    state === 'interrupted' ? { $set: set } : { $set: { ...set, endedAt: at }, $unset: { open: 1 as const } };
  await operations.updateOne(mine as never, change);
}

/** Says of everything that this process is at that it breaks off. */
export const interruptMine = async ({ operations }: Operations): Promise<void> =>
  void (await operations.updateMany({ holder: HOLDER, state: 'running' } as never, {
    $set: { state: 'interrupted' },
  }));

/** The hotline's work orders are stored all at once and then told of: once that has begun nothing of it can be cancelled. */
const AT_ONCE = { register: 'clues', stage: 'storing' } as const;

export const mayBeCancelled = (shown: { readonly register?: string; readonly stage: string }): boolean =>
  shown.register !== AT_ONCE.register || shown.stage !== AT_ONCE.stage;

/** Ends an operation by a person's word: its next step finds that it may not go on. False where nothing runs that can be cancelled. */
export async function cancelOperation({ operations }: Operations, id: string, at: string): Promise<boolean> {
  const ended = await operations.updateOne({ _id: id, state: 'running', $nor: [AT_ONCE] } as never, {
    $set: { state: 'cancelled', endedAt: at },
  });
  return ended.matchedCount > 0;
}

/** How it stands: what no process speaks for any more has broken off. */
export const operationState = (
  { state, beatAt }: Pick<Operation, 'state' | 'beatAt'>,
  now: number,
): OperationState => (state === 'running' && now - beatAt.getTime() > SILENT_MS ? 'interrupted' : state);

/** Rows a second of the stage under way and the seconds that are left; undefined while nothing can be said. */
export function paceOf(
  { rows, stageAt, stageFrom, beatAt }: Pick<Operation, 'rows' | 'stageAt' | 'stageFrom' | 'beatAt'>,
  of: number | undefined,
): { readonly perSecond: number; readonly left?: number } | undefined {
  const seconds = (beatAt.getTime() - stageAt.getTime()) / 1_000;
  const done = rows - stageFrom;
  if (seconds < 0.5 || done <= 0) return undefined;
  const perSecond = done / seconds;
  return { perSecond, ...(of === undefined ? {} : { left: Math.ceil(Math.max(0, of - rows) / perSecond) }) };
}
