import type { RouteSpec } from '../route.ts';
import { type Visit, callRoute, withQuery } from './console-frame.ts';

const A_PAGE = '50';

/** A page of one of the API's lists as a page of the console shows it. */
export interface Listing<R> {
  readonly items: readonly R[];
  readonly total: number;
  /** What the list says beside its page; nothing where the query was refused. */
  readonly beside: Readonly<Record<string, unknown>>;
  /** What was asked, filter by filter; empty where it was not. */
  readonly asked: Readonly<Record<string, string>>;
  readonly filtered: boolean;
  readonly action: string;
  /** Addresses of the first page and of the next; empty where there is none. */
  readonly first: string;
  readonly next: string;
}

/** Asks a list of the API with this page's own query; a query that was refused lists nothing and keeps what was typed. */
export async function listing<R>(
  visit: Visit,
  specs: readonly RouteSpec[],
  { at, path, filters }: { readonly at: string; readonly path: string; readonly filters: readonly string[] },
): Promise<Listing<R>> {
  const asked = Object.fromEntries(filters.map((name) => [name, visit.query[name] ?? '']));
  const cursor = visit.query['cursor'] ?? '';
  const { items, total, next, ...beside } =
    visit.problem && visit.req.method === 'GET'
      ? { items: [], total: 0, next: null }
      : ((await callRoute(visit, specs, { at, query: { ...asked, cursor, limit: A_PAGE } })) as {
          readonly items: readonly R[];
          readonly total: number;
          readonly next: string | null;
        });
  return {
    items,
    total,
    beside,
    asked,
    filtered: Object.values(asked).some((value) => value !== ''),
    action: path,
    first: cursor === '' ? '' : withQuery(path, asked, {}),
    next: next === null ? '' : withQuery(path, asked, { cursor: next }),
  };
}
