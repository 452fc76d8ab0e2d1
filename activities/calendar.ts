import { Context } from '@temporalio/activity';
import { WorkflowNotFoundError } from '@temporalio/client';
import { stamp } from '../domain/clock.ts';
import { readCalendar } from '../models/calendar.ts';
import { type TaskMove, movesOf } from '../models/calendar-moves.ts';
import { appendEvents } from '../models/event.ts';
import { type OutageExtension, type OutageRecord, excuse, touchedBy } from '../models/outage.ts';
import type { GroupOrder, MovesInput } from '../workflows/messages.ts';
import type { Deps } from './deps.ts';
import { onErrand } from './errand.ts';

/** Groups signalled at the same time. */
const AT_ONCE = 16;

export const calendarActivities = (deps: Deps) => ({
  /** Tells each group which of its dates an officer let move, because of a new calendar or of an outage. May run twice: a group knows the order by its id. */
  async confirmMoves(input: MovesInput): Promise<void> {
    const errand =
      input.outage === undefined
        ? ({ _id: input.id, kind: 'calendar', owner: 'calendars' } as const)
        : ({ _id: input.id, kind: 'outage', owner: input.outage } as const);
    await onErrand(deps, errand, async () => {
      await (input.outage === undefined ? confirmCalendar(deps, input) : confirmOutage(deps, input));
      return {};
    });
  },
});

async function confirmCalendar(
  deps: Deps,
  { id, year, by, at, reason, tasks }: Exclude<MovesInput, { outage: string }>,
): Promise<void> {
  const { store, clock } = deps;
  const calendar = await readCalendar(store.calendars);
  const moves = await movesOf(store, calendar, { now: await clock.now(), year });
  const chosen = moves.filter(
    (move) => move.barred === undefined && (tasks === 'all' || tasks.includes(move.task)),
  );
  await orderEach(
    deps,
    [...byGroup(chosen)].map(([group, numbers]) => ({
      group,
      order: { id, by, kind: 'recalculate', tasks: numbers, reason },
    })),
  );
  const detail = { year, tasks: tasks === 'all' ? 'all' : tasks.join('、') };
  await appendEvents(store.events, {
    owner: 'calendars',
    key: id,
    entries: [{ at, source: 'decision', what: 'moves-confirmed', who: by, detail }],
  });
}

/** What is extended is written down first: asked again later, the outage would touch less, since its tasks have new dates. */
async function confirmOutage(
  deps: Deps,
  { id, outage: no, by, at, reason }: Extract<MovesInput, { outage: string }>,
): Promise<void> {
  const { store, clock } = deps;
  const found = await store.outages.findById(no).lean<OutageRecord>();
  if (!found || found.state === 'refused') return;
  const when = { calendar: await readCalendar(store.calendars), now: stamp(await clock.now()) };
  const extended = (await touchedBy(store, found, when)).filter((one) => one.barred === undefined);
  await store.outages.updateOne(
    { _id: no, state: 'proposed' },
    { $set: { state: 'approved', decidedBy: by, decidedAt: at, reason, extended } },
  );
  const decided = await store.outages.findById(no).lean<OutageRecord>();
  const moves = (decided?.extended ?? []).filter((one) => one.excused === undefined);
  const excused = (decided?.extended ?? []).filter((one) => one.excused !== undefined);
  await excuseEach(deps, excused, { outage: no, by, at, reason });
  const lengths = [...new Set(moves.map((one) => one.days.length))];
  await orderEach(
    deps,
    lengths.flatMap((workdays) =>
      [...byGroup(moves.filter((one) => one.days.length === workdays))].map(([group, tasks]) => ({
        group,
        order: {
          id: `${id}/${workdays}`,
          by,
          kind: 'extendAll',
          tasks,
          outage: no,
          term: { workdays },
          reason,
        },
      })),
    ),
  );
  await appendEvents(store.events, {
    owner: no,
    key: id,
    entries: [
      {
        at,
        source: 'decision',
        what: 'outage-approved',
        who: by,
        detail: { tasks: moves.length, excused: excused.length, reason },
      },
    ],
  });
}

interface Excuse {
  readonly outage: string;
  readonly by: string;
  readonly at: string;
  readonly reason: string;
}

/** An answer that was late only because we were away carries no late mark; its ledger says why. */
async function excuseEach(
  { store }: Deps,
  tasks: readonly OutageExtension[],
  { outage, by, at, reason }: Excuse,
): Promise<void> {
  for (const one of tasks) {
    await excuse(store, one, outage);
    await appendEvents(store.events, {
      owner: one.owner,
      key: `late-excused/${outage}/${one.task}`,
      entries: [
        {
          at,
          source: 'decision',
          what: 'late-excused',
          task: one.task,
          who: by,
          detail: { outage, before: one.before, after: one.after, reason },
        },
      ],
    });
    Context.current().heartbeat(one.task);
  }
}

/** One order to each group; one that has ended needs none. */
async function orderEach(
  { client }: Deps,
  orders: readonly { readonly group: string; readonly order: GroupOrder }[],
): Promise<void> {
  for (let i = 0; i < orders.length; i += AT_ONCE) {
    await Promise.all(
      orders.slice(i, i + AT_ONCE).map(async ({ group, order }) => {
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
}

function byGroup(moves: readonly Pick<TaskMove, 'group' | 'task'>[]): Map<string, string[]> {
  const groups = new Map<string, string[]>();
  for (const { group, task } of moves) groups.set(group, [...(groups.get(group) ?? []), task]);
  return groups;
}
