import type { Model } from 'mongoose';
import { invalid } from './problem.ts';
import { type Answer, type Call, ok } from './route.ts';

type Filter = Record<string, unknown>;

interface ListOptions<R> {
  readonly filter: Filter;
  readonly show: (row: R) => unknown;
  /** 1 for the oldest or first id first. */
  readonly order?: 1 | -1;
  /** Fields that are large and not shown. */
  readonly without?: readonly string[];
}

const encode = (id: string): string => Buffer.from(id, 'utf8').toString('base64url');

/** What a cursor stands for; a fault where no list gave it. */
function decode(cursor: string): string {
  const id = Buffer.from(cursor, 'base64url').toString('utf8');
  if (encode(id) !== cursor) throw invalid('/cursor', 'cursor-invalid', '不是本列表给出的游标');
  return id;
}

type ListCall = Pick<
  Call<unknown, { limit: number; cursor?: string | undefined }, unknown>,
  'query' | 'req' | 'within'
>;

/** One page of a list by id, within the caller's line: `{"items","next","total"}` and a Link header. */
export async function listPage<R extends { readonly _id: string }>(
  model: Model<R>,
  call: ListCall,
  { filter: asked, show, order = 1, without = [] }: ListOptions<R>,
): Promise<Answer> {
  const { limit, cursor } = call.query;
  const filter = Object.keys(call.within).length === 0 ? asked : { $and: [asked, call.within] };
  const after = cursor === undefined ? {} : { _id: { [order === 1 ? '$gt' : '$lt']: decode(cursor) } };
  const [rows, total] = await Promise.all([
    model
      .find({ $and: [filter, after] } as never, Object.fromEntries(without.map((name) => [name, 0])))
      .sort({ _id: order })
      .limit(limit + 1)
      .lean<R[]>(),
    model.countDocuments(filter as never),
  ]);
  const items = rows.slice(0, limit);
  const last = items.at(-1);
  return pageOf(call, {
    items: items.map(show),
    next: rows.length > limit && last ? last._id : undefined,
    total,
  });
}

/** One page of a list that is in memory. */
export function sliced(call: ListCall, all: readonly unknown[]): Answer {
  const { limit, cursor } = call.query;
  const from = cursor === undefined ? 0 : Number(decode(cursor));
  if (!Number.isInteger(from) || from < 0) throw invalid('/cursor', 'cursor-invalid', '不是本列表给出的游标');
  const next = from + limit < all.length ? String(from + limit) : undefined;
  return pageOf(call, { items: all.slice(from, from + limit), next, total: all.length });
}

function pageOf(
  { req }: ListCall,
  { items, next, total }: { items: readonly unknown[]; next: string | undefined; total: number },
): Answer {
  const cursor = next === undefined ? null : encode(next);
  const link: Record<string, string> =
    cursor === null ? {} : { Link: `<${nextUrl(req.originalUrl, cursor)}>; rel="next"` };
  return ok({ items, next: cursor, total }, link);
}

function nextUrl(url: string, cursor: string): string {
  const parsed = new URL(url, 'http://localhost');
  parsed.searchParams.set('cursor', cursor);
  return `${parsed.pathname}${parsed.search}`;
}
