import type { Calendar } from '../domain/calendar.ts';
import { type DeadlineMove, moved, recalculated } from '../domain/deadline.ts';
import { OPEN_STATUSES } from '../domain/task.ts';
import type { Store } from './store.ts';

/** An open task's date before and after, by another calendar than the one it was computed by. */
export interface TaskMove extends DeadlineMove {
  readonly task: string;
  readonly agency: string;
  readonly agencyName: string;
  readonly owner: string;
  readonly group: string;
  /** Why it cannot be confirmed: its date stands on a served document, or the new one has passed already. */
  readonly barred?: 'date-printed' | 'date-past';
  /** Number of the document it is printed on. */
  readonly document?: string;
}

/** The open tasks whose dates this calendar moves; with a year, those whose terms reach into it. `now` is epoch ms on the product's clock. */
export async function movesOf(
  store: Store,
  calendar: Calendar,
  { now, year }: { readonly now: number; readonly year?: number },
): Promise<TaskMove[]> {
  const rows = await store.tasks
    .find({ state: { $in: OPEN_STATUSES } }, { due: 1, agency: 1, agencyName: 1, owner: 1, group: 1 })
    .sort({ _id: 1 })
    .lean();
  const moves = rows.flatMap(({ _id: task, due, agency, agencyName, owner, group }) => {
    if (!due) return [];
    const after = recalculated(due, calendar);
    const move = moved(due, after);
    const reaches = year === undefined || `${due.calendar} ${after.calendar}`.includes(`${year}@`);
    return move && reaches ? [{ task, agency, agencyName, owner, group, ...move }] : [];
  });
  const printed = await printedDates(store, [...new Set(moves.map((one) => one.owner))]);
  return moves.map((move): TaskMove => {
    const document = printed.get(move.owner);
    if (document !== undefined) return { ...move, barred: 'date-printed', document };
    return Date.parse(move.after) <= now ? { ...move, barred: 'date-past' } : move;
  });
}

/** Whether an open task was dated by another version of a year than the one that is imported now. */
export async function isOutdated(store: Store, calendar: Calendar): Promise<boolean> {
  const used: string[] = await store.tasks.distinct('due.calendar', { state: { $in: OPEN_STATUSES } });
  const versions = new Map(calendar.map((one) => [String(one.year), one.version]));
  return used
    .flatMap((one) => one.split(' '))
    .some((one) => {
      const [year = '', version] = one.split('@');
      return versions.has(year) && versions.get(year) !== version;
    });
}

/** Owners with a served document that sets a date, each with the document's number: a circular sets none. */
export async function printedDates(store: Store, owners: readonly string[]): Promise<Map<string, string>> {
  if (owners.length === 0) return new Map();
  const served = { state: { $in: ['served', 'received'] }, kind: { $ne: 'circular' } };
  const rows = await store.documents
    .find({ owner: { $in: [...owners] }, ...served } as never, { owner: 1, number: 1 })
    .lean();
  return new Map(rows.map((row) => [row.owner, row.number ?? row._id]));
}
