import type { ClientSession } from 'mongoose';
import { z } from 'zod';
import { stamp } from '../domain/clock.ts';
import { Refusal } from '../domain/refusals.ts';
import {
  type ImportCounts,
  type ImportMode,
  type ImportRecord,
  type ImportStep,
  type ImportedRegister,
  firstFaults,
  noteStep,
  openImport,
} from '../models/import.ts';
import { isTaken } from '../models/holder.ts';
import type { Actor } from './access.ts';
import type { ApiDeps } from './deps.ts';
import { type Begun, type Tell, begin, carried, stopped, underWay, withOwnTable } from './operations.ts';
import { Problem } from './problem.ts';
import { rowsIn } from './table-file.ts';
import type { SentTable } from './uploads.ts';

/** Faults that an answer tells one by one; all of them are kept with the import. */
const MOST_TOLD = 1_000;
/** Rows that can be stored all or none. */
export const MOST_WHOLE = 10_000;
/** How often rows are sorted anew because somebody changed one of them meanwhile. */
const TRIES = 5;

export const importQuery = z.object({
  dryRun: z.enum(['true', 'false']).default('false'),
  skipBad: z.enum(['true', 'false']).default('false'),
});

export const importMode = ({ dryRun, skipBad }: z.infer<typeof importQuery>): ImportMode =>
  dryRun === 'true' ? 'dryRun' : skipBad === 'true' ? 'skipBad' : 'whole';

export interface ImportJob {
  readonly deps: Pick<ApiDeps, 'store' | 'clock'>;
  readonly register: ImportedRegister;
  readonly table: SentTable;
  readonly mode: ImportMode;
  readonly lang: 'zh' | 'en';
  readonly actor: Pick<Actor, 'id' | 'name'>;
}
export interface RegisterJob extends ImportJob {
  readonly deps: ApiDeps;
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
export interface Importing extends ImportJob {
  readonly record: ImportRecord;
  /** Stores a step together with the note of it, or neither; `write` answers false where its rows are to be sorted anew. */
  readonly keep: (write: (session: ClientSession) => Promise<ImportStep | undefined>) => Promise<void>;
  /** Says how far the look through the file is. */
  readonly tell: Tell;
  /** Notes a step that stores nothing. */
  readonly note: (step: ImportStep) => Promise<void>;
}

class Meanwhile extends Error {}

/** Carries a table in: noted from its first row on, so that anybody can see how far it is, and the same file goes on where it broke off. */
export const beginImport = (
  job: ImportJob,
  work: (importing: Importing) => Promise<void>,
): Begun<ImportOutcome> =>
  begin((opened) =>
    withOwnTable(job.table, async (table) => {
      const own = { ...job, table };
      const record = await opening(own);
      opened(record._id);
      return carried(job.deps, record._id, async (tell) => {
        await work(importing(own, record, tell));
        const result = await outcomeOf(own, record._id);
        return { result, refused: job.mode === 'whole' && result.bad > 0 };
      });
    }),
  );

async function opening({ deps, register, mode, table, actor }: ImportJob): Promise<ImportRecord> {
  const record = await openImport(deps.store, {
    register,
    mode,
    file: table.name,
    sha256: table.sha256,
    by: actor.name,
    account: actor.id,
    startedAt: stamp(await deps.clock.now()),
    of: await rowsIn(table),
  });
  if (!record) throw underWay('同一份文件正在导入，可以在导入记录中查看进度');
  return record;
}

function importing(job: ImportJob, record: ImportRecord, tell: Tell): Importing {
  const { store } = job.deps;
  const lost = (): Promise<Problem> => stopped(store, record._id);
  return {
    ...job,
    record,
    tell,
    async note(step) {
      if (!(await noteStep(store, record._id, { step }))) throw await lost();
    },
    async keep(write) {
      for (let left = TRIES; ; left -= 1) {
        try {
          return await store.connection.transaction(async (session) => {
            const step = await write(session);
            if (!step) throw new Meanwhile();
            if (!(await noteStep(store, record._id, { step, session }))) throw await lost();
          });
        } catch (error) {
          if (!(error instanceof Meanwhile || isTaken(error)) || left === 1) throw error;
        }
      }
    },
  };
}

async function outcomeOf({ deps }: ImportJob, id: string): Promise<ImportOutcome> {
  const { store } = deps;
  const [record, faults] = await Promise.all([
    store.operations.findById(id).lean<ImportRecord>(),
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
