import type { ClientSession } from 'mongoose';
import { stamp } from '../domain/clock.ts';
import { Refusal } from '../domain/refusals.ts';
import {
  type ImportCounts,
  type ImportMode,
  type ImportRecord,
  type ImportStep,
  type ImportedRegister,
  endImport,
  firstFaults,
  noteStep,
  openImport,
} from '../models/import.ts';
import { isTaken } from '../models/holder.ts';
import type { Actor } from './access.ts';
import type { ApiDeps } from './deps.ts';
import { Problem } from './problem.ts';
import type { SentTable } from './uploads.ts';

/** Faults that an answer tells one by one; all of them are kept with the import. */
const MOST_TOLD = 1_000;
/** Rows that can be stored all or none. */
export const MOST_WHOLE = 10_000;
/** How often rows are sorted anew because somebody changed one of them meanwhile. */
const TRIES = 5;

export interface RegisterJob {
  readonly deps: ApiDeps;
  readonly register: ImportedRegister;
  readonly table: SentTable;
  readonly mode: ImportMode;
  readonly lang: 'zh' | 'en';
  readonly actor: Actor;
}

/** A fault of a row: where it stands, what it is called, and what is wrong. */
export interface RejectedCell {
  readonly row: number;
  readonly column: string;
  readonly code: string;
  readonly detail: string;
}

export interface ImportOutcome extends ImportCounts {
  readonly import: string;
  /** The first thousand faults in the order of the file; all of them stand under `/imports/{id}/faults`. */
  readonly rejected: readonly RejectedCell[];
}

/** An import that is under way. */
export interface Importing extends RegisterJob {
  readonly record: ImportRecord;
  /** Stores a step together with the note of it, or neither; `write` answers false where its rows are to be sorted anew. */
  readonly keep: (write: (session: ClientSession) => Promise<ImportStep | undefined>) => Promise<void>;
  /** Notes a step that stores nothing. */
  readonly note: (step: ImportStep) => Promise<void>;
}

class Meanwhile extends Error {}

/** Carries a table into a register: noted from its first row on, so that anybody can see how far it is, and the same file goes on where it broke off. */
export async function runImport(
  job: RegisterJob,
  work: (importing: Importing) => Promise<void>,
): Promise<ImportOutcome> {
  const { deps, register, mode, table, actor } = job;
  const { store } = deps;
  const at = stamp(await deps.clock.now());
  const order = { register, mode, file: table.name, sha256: table.sha256, by: actor.name, startedAt: at };
  const record = await openImport(store, order);
  if (!record) throw underWay('同一份文件正在导入，可以在导入记录中查看进度');
  const ended = async (state: 'done' | 'refused' | 'interrupted'): Promise<void> =>
    endImport(store, record._id, { state, at: stamp(await deps.clock.now()) });
  try {
    await work(importing(job, record));
    const bad = mode === 'whole' && (await outcomeOf(job, record._id)).bad > 0;
    await ended(bad ? 'refused' : 'done');
  } catch (error) {
    const refused = error instanceof Refusal || error instanceof Problem;
    await ended(refused ? 'refused' : 'interrupted').catch(() => undefined);
    throw error;
  }
  return outcomeOf(job, record._id);
}

const underWay = (detail: string): Problem =>
  new Problem(409, 'key-in-flight', { detail, headers: { 'Retry-After': '15' } });

function importing(job: RegisterJob, record: ImportRecord): Importing {
  const { store } = job.deps;
  const lost = (): Problem => underWay('这次导入已由另一个服务进程接续');
  return {
    ...job,
    record,
    async note(step) {
      if (!(await noteStep(store, record._id, { step }))) throw lost();
    },
    async keep(write) {
      for (let left = TRIES; ; left -= 1) {
        try {
          return await store.connection.transaction(async (session) => {
            const step = await write(session);
            if (!step) throw new Meanwhile();
            if (!(await noteStep(store, record._id, { step, session }))) throw lost();
          });
        } catch (error) {
          if (!(error instanceof Meanwhile || isTaken(error)) || left === 1) throw error;
        }
      }
    },
  };
}

async function outcomeOf({ deps }: RegisterJob, id: string): Promise<ImportOutcome> {
  const { store } = deps;
  const [record, faults] = await Promise.all([
    store.imports.findById(id).lean<ImportRecord>(),
    firstFaults(store, id, MOST_TOLD),
  ]);
  if (!record) throw new Error('an import was not kept');
  const { rows, bad, created, updated, unchanged } = record;
  const rejected = faults.map(({ row, column, code, detail }) => ({ row, column, code, detail }));
  return { import: id, rows, bad, created, updated, unchanged, rejected };
}

/** Refuses what was to be stored whole and has a fault: nothing of it is stored. */
export function refuseBad({ rejected, bad, ...rest }: ImportOutcome): void {
  if (bad === 0) return;
  throw new Problem(422, 'validation', {
    detail: `${bad}行有误，未导入任何一行`,
    errors: rejected.map((one) => ({ pointer: `/rows/${one.row}/${one.column}`, ...one })),
    extension: { ...rest, bad, created: 0, updated: 0, unchanged: 0, rejected },
  });
}

/** Reason: what is stored whole is held in memory and in one transaction. */
export const tooLong = (): Refusal =>
  new Refusal(
    'file-refused',
    `超过${MOST_WHOLE}行的文件不能整体导入：请选择跳过有误的行（skipBad=true），可以中断后接续`,
    '/file',
  );
