import { type Calendar, addAssumedWorkdays, at, localDate } from '../domain/calendar.ts';
import type { Phase, TermedPhase } from '../domain/campaign.ts';
import { stamp } from '../domain/clock.ts';
import { type Term, deadline } from '../domain/deadline.ts';
import { OPEN_STATUSES } from '../domain/task.ts';
import { readCalendar } from '../models/calendar.ts';
import type { Deps } from './deps.ts';

export interface PhaseStand {
  readonly open: number;
  /** Epoch ms on the product's clock. */
  readonly endsAt: number;
}

/** Working days after the due date during which the ladder runs, before a phase goes on without those who are silent. */
const LADDER_WORKDAYS = 7;

/** The moment until which a phase waits for tasks that are due at `dueAt`: epoch ms on the product's clock. */
export const ladderEnd = (calendar: Calendar, dueAt: string): number =>
  Date.parse(at(addAssumedWorkdays(calendar, localDate(dueAt), LADDER_WORKDAYS), '17:00'));

/** A phase waits for the latest of its open tasks: an extension granted or a late agency is waited for too. */
export async function standOfPhase(
  { store }: Pick<Deps, 'store'>,
  owner: string,
  phase: TermedPhase,
): Promise<PhaseStand> {
  const campaign = await store.campaigns.findById(owner, { phases: 1 }).lean();
  const opened = campaign?.phases[phase]?.dueAt ?? '';
  if (phase === 'jointInspection') return { open: 1, endsAt: Date.parse(opened) };
  const filter = { owner, phase, state: { $in: OPEN_STATUSES } };
  const [open, last, calendar] = await Promise.all([
    store.tasks.countDocuments(filter),
    store.tasks.findOne(filter, { due: 1 }).sort({ dueAt: -1 }).lean(),
    readCalendar(store.calendars),
  ]);
  return { open, endsAt: ladderEnd(calendar, last?.due?.at ?? opened) };
}

/** Works out what an extension of all open tasks of a phase would give; throws the calendar's refusal. */
export async function rehearseExtension(
  deps: Pick<Deps, 'store' | 'clock'>,
  owner: string,
  ...[phase, term]: [Phase, Term]
): Promise<void> {
  const { store, clock } = deps;
  const last = await store.tasks
    .findOne({ owner, phase, state: { $in: OPEN_STATUSES } }, { due: 1 })
    .sort({ dueAt: -1 })
    .lean();
  const today = localDate(stamp(await clock.now()));
  const old = last?.due ? localDate(last.due.at) : today;
  deadline({
    term,
    from: old > today ? old : today,
    basis: '',
    calendar: await readCalendar(store.calendars),
  });
}
