import { readCalendar } from '../../models/calendar.ts';
import { READERS } from '../access.ts';
import { OFFICERS, calendarRoutes, waitingMoves } from '../routes/calendars.ts';
import { type ConsoleRoute, type Page, type Visit, callRoute, list, text } from './console-frame.ts';

export const calendarConsoleRoutes: readonly ConsoleRoute[] = [
  { method: 'get', path: '/calendar', rule: READERS, work: show },
  { method: 'post', path: '/calendar/:year/moves', rule: OFFICERS, work: confirm, again: show },
];

/** The years that are known, and the dates that wait for an officer because a year was imported after they were given. */
async function show(visit: Visit): Promise<Page> {
  const { deps, actor, body, t } = visit;
  const [years, moves] = await Promise.all([readCalendar(deps.store.calendars), waitingMoves(deps)]);
  const picked = list(body['tasks']);
  const yearOf = (after: string, before: string) =>
    Math.max(Number(after.slice(0, 4)), Number(before.slice(0, 4)));
  const groups = years.map(({ year }) => ({
    year,
    moves: moves
      .filter((one) => yearOf(one.after, one.before) === year)
      .map((one) => ({
        ...one,
        barred: one.barred ?? '',
        document: one.document ?? '',
        picked: picked.includes(one.task),
      })),
  }));
  return {
    page: 'calendar',
    title: t('console.nav.calendar'),
    path: '/console/calendar',
    view: {
      years: years.toReversed().map(({ year, source, version, off, work }) => ({
        year,
        source,
        version,
        off: off.length,
        work: work.length,
      })),
      groups: groups
        .filter((one) => one.moves.length > 0)
        .map((one) => ({ ...one, open: one.moves.filter((move) => move.barred === '').length })),
      mayConfirm: OFFICERS.includes(actor.role),
    },
  };
}

async function confirm(visit: Visit) {
  const { body, t } = visit;
  const tasks = text(body['which']) === 'all' ? 'all' : list(body['tasks']);
  const { confirmed } = (await callRoute(visit, calendarRoutes, {
    at: 'post /calendars/:year/moves',
    body: { tasks },
  })) as { confirmed: readonly unknown[] };
  return { to: '/console/calendar', said: t('console.said.datesConfirmed', { n: confirmed.length }) };
}
