import { localDate } from '../domain/calendar.ts';
import { CLUE_HEADINGS, type HotlineClue, importHotline } from '../domain/clue-import.ts';
import { stamp } from '../domain/clock.ts';
import { hashToken } from '../mail/addresses.ts';
import { queryCode } from '../mail/complaint.ts';
import { type NewClue, storeClues } from '../models/clue-intake.ts';
import { orderNotices } from '../models/complainant-notice.ts';
import type { ApiDeps } from './deps.ts';
import { Problem, invalid } from './problem.ts';
import { type Call, created, ok } from './route.ts';
import { wholeTable } from './table-file.ts';

const SHAPE = { headings: CLUE_HEADINGS, required: ['externalNo', 'summary'] } as const;
/** Work orders of one file: they are stored together. */
const MOST_ROWS = 10_000;
const originOf = (externalNo: string): string => `hotline12345:${externalNo}`;

/** Imports the hotline's work orders, all of a file or none; an order that is known already stays as it is. */
export async function importClues({
  deps,
  query,
  table,
  actor,
}: Call<unknown, { dryRun: 'true' | 'false' }, unknown>) {
  if (!table) throw invalid('/file', 'missing', '请上传 file');
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
  if (query.dryRun === 'true') return ok(result);
  if (rejected.length > 0)
    throw new Problem(422, 'validation', {
      detail: `${rejected.length}处有误，未导入任何一行`,
      errors: rejected.map((one) => ({ pointer: `/rows/${one.row}/${one.column}`, ...one })),
      extension: { created: 0, existing: 0, rejected },
    });
  const stored = await storeClues(
    deps,
    clues.map((one) => newClue(deps, one, { now, by: actor.name })),
  );
  for (const { record, again } of stored)
    if (!again && record.deadlines.screen)
      await orderNotices(store, record._id, {
        step: 'registered',
        facts: { by: record.deadlines.screen.at },
        at: now,
      });
  const fresh = stored.filter((one) => !one.again);
  const done = {
    created: fresh.length,
    existing: stored.length - fresh.length,
    rejected,
    items: stored.map(({ record }) => ({ no: record._id, externalNo: record.externalNo })),
  };
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
