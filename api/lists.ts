import type { Model } from 'mongoose';
import { Problem } from './problem.ts';
import { type Call, ok } from './route.ts';

type Filter = Record<string, unknown>;

interface ListOptions<R> {
  readonly filter: Filter;
  readonly show: (row: R) => unknown;
  /** 1 for the oldest or first id first. */
  readonly order?: 1 | -1;
}

const encode = (id: string): string => Buffer.from(id, 'utf8').toString('base64url');
const decode = (cursor: string): string => Buffer.from(cursor, 'base64url').toString('utf8');

/** One page of a list by id: `{"items","next","total"}` and a Link header. */
export async function listPage<R extends { readonly _id: string }>(
  model: Model<R>,
  call: Pick<Call<unknown, { limit: number; cursor?: string | undefined }, unknown>, 'query' | 'req'>,
  { filter, show, order = 1 }: ListOptions<R>,
) {
  const { limit, cursor } = call.query;
  const after = cursor === undefined ? {} : { _id: { [order === 1 ? '$gt' : '$lt']: decode(cursor) } };
  if (cursor !== undefined && encode(decode(cursor)) !== cursor)
    throw new Problem(422, 'validation', {
      errors: [{ pointer: '/cursor', code: 'cursor-invalid', detail: cursor }],
    });
  const [rows, total] = await Promise.all([
    model
      .find({ $and: [filter, after] } as never)
      .sort({ _id: order })
      .limit(limit + 1)
      .lean<R[]>(),
    model.countDocuments(filter as never),
  ]);
  const items = rows.slice(0, limit);
  const last = items.at(-1);
  const next = rows.length > limit && last ? encode(last._id) : null;
  return ok(
    { items: items.map(show), next, total },
    next === null ? {} : { Link: `<${nextUrl(call.req.originalUrl, next)}>; rel="next"` },
  );
}

function nextUrl(url: string, cursor: string): string {
  const parsed = new URL(url, 'http://localhost');
  parsed.searchParams.set('cursor', cursor);
  return `${parsed.pathname}${parsed.search}`;
}
