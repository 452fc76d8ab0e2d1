import { OPEN_STATUSES } from '../domain/task.ts';
import { earlierAnswers } from './earlier-answer.ts';
import type { Store } from './store.ts';
import type { TaskRecord } from './task.ts';

/** Days that are looked back on. */
export const BURDEN_DAYS = 90;
const DAY_MS = 86_400_000;
const YEAR_DAYS = 365;

/** What an agency has on its desk from this office, and was asked lately (行政执法监督条例 第八条: supervision adds no burden). */
export interface Burden {
  readonly agency: string;
  readonly open: number;
  /** Tasks and items sent to it within the last ninety days. */
  readonly asked: { readonly tasks: number; readonly items: number };
}

const since = (now: number, days: number): string =>
  new Date(now - days * DAY_MS + 8 * 3_600_000).toISOString().slice(0, 10);

/** The load of each of these agencies; `now` is epoch ms on the product's clock. */
export async function burdensOf(
  store: Pick<Store, 'tasks'>,
  agencies: readonly string[],
  now: number,
): Promise<ReadonlyMap<string, Burden>> {
  const rows = await store.tasks.aggregate<{ _id: string; open: number; tasks: number; items: number }>([
    {
      $match: {
        agency: { $in: [...agencies] },
        $or: [{ state: { $in: [...OPEN_STATUSES] } }, { openedAt: { $gte: since(now, BURDEN_DAYS) } }],
      },
    },
    {
      $group: {
        _id: '$agency',
        open: { $sum: { $cond: [{ $in: ['$state', [...OPEN_STATUSES]] }, 1, 0] } },
        tasks: { $sum: { $cond: [{ $gte: ['$openedAt', since(now, BURDEN_DAYS)] }, 1, 0] } },
        items: {
          $sum: { $cond: [{ $gte: ['$openedAt', since(now, BURDEN_DAYS)] }, { $size: '$items' }, 0] },
        },
      },
    },
  ]);
  const found = new Map(rows.map((row) => [row._id, row]));
  return new Map(
    agencies.map((agency) => {
      const { open = 0, tasks = 0, items = 0 } = found.get(agency) ?? {};
      return [agency, { agency, open, asked: { tasks, items } }];
    }),
  );
}

/** What need not be asked again: items that this agency answered, and had accepted, within a year. */
export async function reusable(
  store: Store,
  asked: Pick<TaskRecord, 'agency' | 'items'>,
  now: number,
): Promise<readonly string[]> {
  return Object.keys(await earlierAnswers(store, { _id: '', ...asked }, since(now, YEAR_DAYS)));
}
