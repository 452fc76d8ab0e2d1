import { z } from 'zod';
import { calendarFaults } from '../../domain/calendar.ts';
import { importRoster } from '../../domain/roster-import.ts';
import { moved, recalculated } from '../../domain/deadline.ts';
import { OPEN_STATUSES } from '../../domain/task.ts';
import { stamp } from '../../domain/clock.ts';
import { appendEvents } from '../../models/event.ts';
import { readCalendar } from '../../models/calendar.ts';
import { ADMINISTRATORS, READERS } from '../access.ts';
import type { ApiDeps } from '../deps.ts';
import { Problem, invalid } from '../problem.ts';
import { readRosterFile } from '../roster-file.ts';
import { created, ok, route } from '../route.ts';
import { date, page, word } from '../shapes.ts';
import { listPage } from '../lists.ts';

const yearBody = z.object({
  year: z.int().min(2000).max(2100),
  off: z.array(date).max(120),
  work: z.array(date).max(60),
  source: word,
  version: word,
});

/** The open tasks whose dates another calendar moves, before and after. */
async function movedBy({ store }: ApiDeps, calendar: Awaited<ReturnType<typeof readCalendar>>) {
  const rows = await store.tasks
    .find({ state: { $in: OPEN_STATUSES } }, { due: 1, agency: 1 })
    .sort({ _id: 1 })
    .lean();
  return rows.flatMap((row) => {
    const move = row.due && moved(row.due, recalculated(row.due, calendar));
    return move
      ? [{ task: row._id, agency: row.agency, before: move.before, after: move.after, days: move.days }]
      : [];
  });
}

export const referenceRoutes = [
  route({
    method: 'post',
    path: '/agencies/import',
    rule: ADMINISTRATORS,
    multipart: true,
    summary: '导入机关名录（.xlsx、.csv）',
    query: z.object({ dryRun: z.enum(['true', 'false']).default('false') }),
    async work(call) {
      const { deps, query, file } = call;
      if (!file) throw invalid('/file', 'missing', '请上传 file');
      const rows = await readRosterFile(file.buffer, file.name);
      const known = await deps.store.agencies.find({}, { _id: 1 }).lean();
      const { create, update, rejected } = importRoster(rows, new Set(known.map((one) => one._id)));
      const result = { created: create.length, updated: update.length, rejected };
      if (query.dryRun === 'true') return ok(result);
      if (rejected.length > 0)
        throw new Problem(422, 'validation', {
          detail: `${rejected.length}处有误，未导入任何一行`,
          errors: rejected.map((one) => ({ pointer: `/rows/${one.row}/${one.column}`, ...one })),
          extension: { created: 0, updated: 0, rejected },
        });
      const writes = [...create, ...update].map(({ id, ...agency }) => ({
        updateOne: { filter: { _id: id }, update: { $set: agency, $inc: { version: 1 } }, upsert: true },
      }));
      if (writes.length > 0)
        await deps.store.connection.transaction(async (session) => {
          await deps.store.agencies.collection.bulkWrite(writes as never, { session });
        });
      return create.length > 0 ? created(result) : ok(result);
    },
  }),
  route({
    method: 'get',
    path: '/checklists',
    rule: READERS,
    summary: '检查清单',
    query: page,
    work: async (call) =>
      listPage(call.deps.store.checklists, call, {
        filter: {},
        show: ({ _id, ...rest }) => ({ id: _id, ...rest }),
      }),
  }),
  route({
    method: 'get',
    path: '/calendars',
    rule: READERS,
    summary: '已导入的节假日安排',
    work: async ({ deps }) => ok({ items: await readCalendar(deps.store.calendars) }),
  }),
  route({
    method: 'post',
    path: '/calendars',
    rule: ADMINISTRATORS,
    summary: '导入一年的节假日安排，列出因此变动的期限',
    query: z.object({ dryRun: z.enum(['true', 'false']).default('false') }),
    body: yearBody,
    async work({ deps, body, query, actor }) {
      const faults = calendarFaults(body);
      if (faults.length > 0)
        throw new Problem(422, 'calendar-invalid', {
          errors: faults.map((one) => ({ ...one, pointer: `/${one.pointer ?? ''}`.replace('//', '/') })),
        });
      const others = (await readCalendar(deps.store.calendars)).filter((one) => one.year !== body.year);
      const moves = await movedBy(
        deps,
        [...others, body].sort((a, b) => a.year - b.year),
      );
      if (query.dryRun === 'true') return ok({ year: body.year, moves });
      const { year, ...rest } = body;
      await deps.store.calendars.updateOne({ _id: year }, { $set: rest }, { upsert: true });
      const at = stamp(await deps.clock.now());
      await appendEvents(deps.store.events, {
        owner: 'calendars',
        key: `${year}@${body.version}@${at}`,
        entries: [
          {
            at,
            source: 'person',
            what: 'calendar-imported',
            who: actor.name,
            detail: { year, source: body.source, moves: moves.length },
          },
        ],
      });
      return created({ year, moves });
    },
  }),
];
