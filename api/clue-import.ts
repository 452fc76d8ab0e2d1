import { localDate } from '../domain/calendar.ts';
import {
  CLUE_HEADINGS,
  REQUIRED_CLUE_COLUMNS,
  type HotlineClue,
  importHotline,
} from '../domain/clue-import.ts';
import { stamp } from '../domain/clock.ts';
import { hashToken } from '../mail/addresses.ts';
import { queryCode } from '../mail/complaint.ts';
import { type NewClue, storeClues } from '../models/clue-intake.ts';
import { NOTHING } from '../models/import.ts';
import { orderNotices } from '../models/complainant-notice.ts';
import type { ApiDeps } from './deps.ts';
import { answerOf } from './operations.ts';
import { Problem, invalid } from './problem.ts';
import { type Importing, beginImport } from './register-import.ts';
import { type Answer, type Call, created, ok } from './route.ts';
import { wholeTable } from './table-file.ts';

const SHAPE = { headings: CLUE_HEADINGS, required: REQUIRED_CLUE_COLUMNS } as const;
/** Work orders of one file: they are stored together. */
const MOST_ROWS = 10_000;
const TOLD_EVERY = 200;
const originOf = (externalNo: string): string => `hotline12345:${externalNo}`;

/** Imports the hotline's work orders, all of a file or none; an order that is known already stays as it is. */
export async function importClues({
  deps,
  query,
  table,
  actor,
  lang,
  req,
  res,
}: Call<unknown, { dryRun: 'true' | 'false' }, unknown>) {
  if (!table) throw invalid('/file', 'missing', '请上传 file');
  const mode = query.dryRun === 'true' ? ('dryRun' as const) : ('whole' as const);
  let answer: Answer = ok({});
  const job = { deps, register: 'clues', table, mode, lang, actor } as const;
  const begun = beginImport(job, async (importing) => {
    answer = await carryClues(deps, importing);
  });
  return answerOf({ req, res }, begun, ({ bad, rejected }) => {
    if (mode === 'whole' && bad > 0)
      throw new Problem(422, 'validation', {
        detail: `${rejected.length}处有误，未导入任何一行`,
        errors: rejected.map((one) => ({ pointer: `/rows/${one.row}/${one.column}`, ...one })),
        extension: { created: 0, existing: 0, rejected },
      });
    return answer;
  });
}

/** Reason: whoever complained is told of every order that was stored, so telling is a part of the import. */
async function carryClues(deps: ApiDeps, importing: Importing): Promise<Answer> {
  const { table, mode, actor, tell } = importing;
  const { store } = deps;
  const rows = await wholeTable(table, SHAPE, MOST_ROWS);
  const agencies = await store.agencies.find({}, { name: 1 }).lean();
  const now = stamp(await deps.clock.now());
  const { clues, rejected } = importHotline(rows, {
    agencies: new Map(agencies.flatMap(({ _id, name }) => [[name, _id] as const, [_id, _id] as const])),
    today: localDate(now),
  });
  const known = await store.clues.countDocuments({
    origin: { $in: clues.map((one) => originOf(one.externalNo)) },
  });
  const result = { created: clues.length - known, existing: known, rejected };
  const last = rows.at(-1)?.row ?? 0;
  const bad = new Set(rejected.map((one) => one.row)).size;
  if (mode === 'dryRun' || bad > 0) {
    const counts = { ...NOTHING, rows: rows.length, bad };
    const found = mode === 'dryRun' ? { created: result.created, updated: known, unchanged: known } : {};
    await importing.note({ done: last, counts: { ...counts, ...found }, faults: rejected });
    return ok(result);
  }
  await tell({ stage: 'storing', rows: 0, of: rows.length });
  const stored = await storeClues(
    deps,
    clues.map((one) => newClue(deps, one, { now, by: actor.name })),
  );
  for (const [n, { record, again }] of stored.entries()) {
    if (!again && record.deadlines.screen)
      await orderNotices(store, record._id, {
        step: 'registered',
        facts: { by: record.deadlines.screen.at },
        at: now,
      });
    // What is stored is told of, too: from here on nothing cancels it.
    if (n % TOLD_EVERY === 0) await tell({ rows: n }).catch(() => undefined);
  }
  const fresh = stored.filter((one) => !one.again);
  const done = {
    created: fresh.length,
    existing: stored.length - fresh.length,
    rejected,
    items: stored.map(({ record }) => ({ no: record._id, externalNo: record.externalNo })),
  };
  await tell({ rows: 0 }).catch(() => undefined);
  const counts = { created: fresh.length, updated: done.existing, unchanged: done.existing };
  await importing
    .note({ done: last, counts: { ...NOTHING, rows: rows.length, ...counts }, faults: [] })
    .catch(() => undefined);
  return fresh.length > 0 ? created(done) : ok(done);
}

/** The term of a work order runs from the day of the call, not from that of the import. */
function newClue(
  { office }: ApiDeps,
  { name, contact, confidential, receivedOn, externalNo, ...rest }: HotlineClue,
  { now, by }: { readonly now: string; readonly by: string },
): NewClue {
  const origin = originOf(externalNo);
  const named = name !== undefined || contact !== undefined;
  return {
    ...rest,
    externalNo,
    channel: 'hotline12345',
    door: 'import',
    origin,
    ...(named ? { complainant: { name, contact, confidential } } : {}),
    receivedAt:
      receivedOn === undefined || receivedOn === localDate(now) ? now : `${receivedOn}T09:00:00+08:00`,
    code: hashToken(queryCode(office, origin)),
    by,
  };
}
