import { invalid } from '../problem.ts';

type Filter = Record<string, unknown>;

/** What a list of tasks can be ordered by; a minus sign turns it round. */
export const SORTS = ['urgency', 'due', 'agency', 'state'] as const;
type Sort = (typeof SORTS)[number];

/** How one page of a list is asked for. */
export interface Order {
  readonly by: Sort;
  readonly down: boolean;
  /** Keys of the last row before this page. */
  readonly after?: readonly Key[];
}
type Key = string | number;

/** A term that has not begun is no date: it comes after every date. */
const NEVER = new Date('9999-12-31T00:00:00Z');

const KEYS: Readonly<Record<Sort, readonly string[]>> = {
  urgency: ['rank', 'at', '_id'],
  due: ['at', '_id'],
  agency: ['agencyName', '_id'],
  state: ['stage', 'at', '_id'],
};

/** The order that an address asks for; an unknown one is the usual, a cursor of another list is refused. */
export function orderOf(query: Readonly<Record<string, string>>): Order {
  const asked = query['sort'] ?? '';
  const by = SORTS.find((one) => one === asked.replace(/^-/, '')) ?? 'urgency';
  const order = { by, down: asked === `-${by}` };
  const cursor = query['cursor'] ?? '';
  return cursor === '' ? order : { ...order, after: keysIn(cursor, by) };
}

export const sortOf = ({ by, down }: Order): string => `${down ? '-' : ''}${by}`;

function keysIn(cursor: string, by: Sort): readonly Key[] {
  let keys: unknown;
  try {
    keys = JSON.parse(Buffer.from(cursor, 'base64url').toString('utf8'));
  } catch {
    keys = null;
  }
  const whole =
    Array.isArray(keys) &&
    keys.length === KEYS[by].length &&
    keys.every((key, i) => (isNumber(KEYS[by][i]) ? Number.isFinite(key) : typeof key === 'string'));
  if (!whole) throw invalid('/cursor', 'cursor-invalid', '不是本列表给出的游标');
  return keys as readonly Key[];
}

const isNumber = (name: string | undefined): boolean => name !== 'agencyName' && name !== '_id';

/** Names the place of a row, so that the next page begins after it. */
export const cursorAt = (order: Order, row: Readonly<Record<string, unknown>>): string =>
  Buffer.from(
    JSON.stringify(
      KEYS[order.by].map((name) => {
        const value = row[name];
        return value instanceof Date ? value.getTime() : value;
      }),
    ),
  ).toString('base64url');

/** The numbers of one page of tasks in that order; `now` is epoch ms. */
export function pipelineOf(
  filter: Filter,
  order: Order,
  { now, limit }: { readonly now: number; readonly limit: number },
) {
  const names = KEYS[order.by];
  return [
    { $match: filter },
    {
      $project: {
        at: { $ifNull: ['$dueAt', NEVER] },
        agencyName: 1,
        ...(order.by === 'urgency' ? { rank: rankAt(now) } : {}),
        ...(order.by === 'state' ? { stage: { $indexOfArray: [STAGES, '$state'] } } : {}),
      },
    },
    { $sort: Object.fromEntries(names.map((name) => [name, order.down ? (-1 as const) : (1 as const)])) },
    ...(order.after === undefined ? [] : [{ $match: beyond(names, order.after, order.down) }]),
    { $limit: limit },
  ];
}

/** In the order in which a task lives. */
const STAGES = ['pending', 'unacknowledged', 'inProgress', 'inReview', 'returned', 'closed', 'withdrawn'];

/** Whatever comes after these keys: equal in the first ones, beyond in the next. */
function beyond(names: readonly string[], after: readonly Key[], down: boolean): Filter {
  const value = (i: number) => (names[i] === 'at' ? new Date(Number(after[i])) : after[i]);
  return {
    $or: names.map((name, i) => ({
      ...Object.fromEntries(names.slice(0, i).map((earlier, n) => [earlier, value(n)])),
      [name]: { [down ? '$lt' : '$gt']: value(i) },
    })),
  };
}

/** Red, yellow, to be reviewed, the rest, not yet sent, ended. */
function rankAt(now: number): Filter {
  const at = new Date(now);
  const asking = { $in: ['$state', ['unacknowledged', 'inProgress', 'returned']] };
  // A term that has not begun is no date, and null is less than any.
  const dated = { $gt: ['$dueAt', null] };
  const ranks: readonly (readonly [Filter, number])[] = [
    [{ $and: [asking, dated, { $lt: ['$dueAt', at] }] }, 0],
    [{ $and: [asking, dated, { $lte: ['$warnAt', at] }] }, 1],
    [{ $eq: ['$state', 'inReview'] }, 2],
    [asking, 3],
    [{ $eq: ['$state', 'pending'] }, 4],
  ];
  return ranks.reduceRight<unknown>((rest, [test, rank]) => ({ $cond: [test, rank, rest] }), 5) as Filter;
}
