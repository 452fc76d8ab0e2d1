import { Context } from '@temporalio/activity';
import { WorkflowNotFoundError } from '@temporalio/client';
import { readCalendar } from '../models/calendar.ts';
import { type TaskMove, movesOf } from '../models/calendar-moves.ts';
import { appendEvents } from '../models/event.ts';
import type { GroupOrder, MovesInput } from '../workflows/messages.ts';
import type { Deps } from './deps.ts';

/** Groups signalled at the same time. */
const AT_ONCE = 16;

export const calendarActivities = (deps: Deps) => ({
  /** Tells each group which of its dates an officer let a new calendar move. May run twice: a group knows the order by its id. */
  async confirmMoves({ id, year, by, at, reason, tasks }: MovesInput): Promise<void> {
    const { store, client, clock } = deps;
    const calendar = await readCalendar(store.calendars);
    const moves = await movesOf(store, calendar, { now: await clock.now(), year });
    const chosen = moves.filter(
      (move) => move.barred === undefined && (tasks === 'all' || tasks.includes(move.task)),
    );
    const groups = [...byGroup(chosen)];
    for (let i = 0; i < groups.length; i += AT_ONCE) {
      await Promise.all(
        groups.slice(i, i + AT_ONCE).map(async ([group, numbers]) => {
          const order: GroupOrder = { id, by, kind: 'recalculate', tasks: numbers, reason };
          await client.workflow
            .getHandle(group)
            .signal<[GroupOrder]>('order', order)
            .catch((error: unknown) => {
              if (!(error instanceof WorkflowNotFoundError)) throw error;
            });
        }),
      );
      Context.current().heartbeat(i);
    }
    await appendEvents(store.events, {
      owner: 'calendars',
      key: id,
      entries: [
        {
          at,
          source: 'decision',
          what: 'moves-confirmed',
          who: by,
          detail: { year, tasks: tasks === 'all' ? 'all' : tasks.join('、') },
        },
      ],
    });
  },
});

function byGroup(moves: readonly TaskMove[]): Map<string, string[]> {
  const groups = new Map<string, string[]>();
  for (const { group, task } of moves) groups.set(group, [...(groups.get(group) ?? []), task]);
  return groups;
}
