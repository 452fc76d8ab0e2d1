import { summaryOf } from '../../domain/stand-words.ts';
import { WorkflowExecutionAlreadyStartedError } from '@temporalio/client';
import { z } from 'zod';
import { calendarFaults, publishedYear } from '../../domain/calendar.ts';
import { stamp } from '../../domain/clock.ts';
import { Refusal } from '../../domain/refusals.ts';
import { appendEvents } from '../../models/event.ts';
import { readCalendar } from '../../models/calendar.ts';
import { type TaskMove, movesOf } from '../../models/calendar-moves.ts';
import { type MovesInput, WORK_QUEUE, movesId } from '../../workflows/messages.ts';
import { ADMINISTRATORS, READERS, type Rule } from '../access.ts';
import { reached, updateIdOf } from '../commands.ts';
import type { ApiDeps } from '../deps.ts';
import { Problem, invalid } from '../problem.ts';
import { accepted, created, ok, route } from '../route.ts';
import { date, word } from '../shapes.ts';

const yearBody = z.object({
  year: z.int().min(2000).max(2100),
  off: z.array(date).max(120),
  work: z.array(date).max(60),
  source: word,
  version: word,
});

/** Who confirms a moved date: whoever keeps the calendar, and whoever runs the tasks. */
export const OFFICERS: Rule = ['administrator', 'organizer'];
/** Chosen one by one at the most; beyond that it is all of them. */
const MOST_CHOSEN = 1_000;
/** How long a person waits to see the dates moved; they are in any case. */
const SHOWN_MS = 8_000;

const showMove = ({ task, agency, before, after, days, barred, document }: TaskMove) => ({
  task,
  agency,
  before,
  after,
  days,
  ...(barred === undefined ? {} : { barred }),
  ...(document === undefined ? {} : { document }),
});

/** A year that has been imported; null otherwise. */
async function findYear({ store }: ApiDeps, params: Readonly<Record<string, string>>) {
  const year = /^\d{4}$/.test(params['year'] ?? '') ? Number(params['year']) : 0;
  return publishedYear(await readCalendar(store.calendars), year) ?? null;
}

/** The moves of a year that wait for an officer. */
export const waitingMoves = async ({ store, clock }: ApiDeps, year?: number): Promise<TaskMove[]> =>
  movesOf(store, await readCalendar(store.calendars), {
    now: await clock.now(),
    ...(year === undefined ? {} : { year }),
  });

/** The moves that were chosen by name; each must be one, and one that may be confirmed. */
function chosenOf(moves: readonly TaskMove[], tasks: readonly string[]): TaskMove[] {
  const known = new Map(moves.map((one) => [one.task, one]));
  return tasks.map((task, i) => {
    const move = known.get(task);
    if (!move) throw invalid(`/tasks/${i}`, 'not-moved', `${task} 的期限不因这一年的安排变动，或已确认`);
    if (move.barred === undefined) return move;
    const where = move.document === undefined ? '' : `（${move.document}）`;
    const why = {
      'date-printed': `${task} 的期限已载于送达的文书${where}`,
      'date-past': `${task} 重新计算的期限已过`,
    };
    throw new Refusal(move.barred, why[move.barred], `/tasks/${i}`);
  });
}

/** Resolves when the projections show the new dates, or when a caller has waited long enough. */
async function shown({ store }: ApiDeps, moves: readonly TaskMove[]): Promise<void> {
  const until = Date.now() + SHOWN_MS;
  const old = moves.slice(0, 200).map(({ task, before }) => ({ _id: task, 'due.at': before }));
  while (old.length > 0 && Date.now() < until && (await store.tasks.exists({ $or: old })))
    await new Promise((resolve) => setTimeout(resolve, 100));
}

export const calendarRoutes = [
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
      const calendar = [...others, body].toSorted((a, b) => a.year - b.year);
      const moves = (await movesOf(deps.store, calendar, { now: await deps.clock.now() })).map(showMove);
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
  route({
    method: 'get',
    path: '/calendars/:year/moves',
    rule: READERS,
    summary: '因这一年的安排应变动、待确认的期限',
    find: findYear,
    work: async ({ deps, found }) =>
      ok({
        year: found.year,
        version: found.version,
        items: (await waitingMoves(deps, found.year)).map(showMove),
      }),
  }),
  route({
    method: 'post',
    path: '/calendars/:year/moves',
    rule: OFFICERS,
    key: 'required',
    summary: '确认期限变动：全部或所选',
    body: z.object({ tasks: z.union([z.literal('all'), z.array(word).min(1).max(MOST_CHOSEN)]) }),
    find: findYear,
    async work({ deps, found, body, actor, key }) {
      const { year, version } = found;
      const moves = await waitingMoves(deps, year);
      const chosen =
        body.tasks === 'all' ? moves.filter((one) => one.barred === undefined) : chosenOf(moves, body.tasks);
      const skipped =
        body.tasks === 'all'
          ? moves.flatMap(({ task, barred }) => (barred === undefined ? [] : [{ task, why: barred }]))
          : [];
      const result = { year, confirmed: chosen.map(showMove), skipped };
      if (chosen.length === 0) return accepted(result);
      const input: MovesInput = {
        id: movesId(year, updateIdOf(key)),
        year,
        by: actor.name,
        at: stamp(await deps.clock.now()),
        reason: `${year}年节假日安排（${version}）公布，期限按此重新计算`,
        tasks: body.tasks,
      };
      await reached(deps, () =>
        deps.client.workflow.start('calendarMovesWorkflow', {
          workflowId: input.id,
          taskQueue: WORK_QUEUE,
          args: [input],
          staticSummary: summaryOf('calendar', String(year)),
          staticDetails: input.reason,
        }),
      ).catch((error: unknown) => {
        if (!(error instanceof WorkflowExecutionAlreadyStartedError)) throw error;
      });
      await shown(deps, chosen);
      return accepted(result);
    },
  }),
];
