import { rm } from 'node:fs/promises';
import type { Request, Response, Router } from 'express';
import { z } from 'zod';
import { type Actor, type Rule, authorise } from './access.ts';
import { checkReadable, readBody } from './body.ts';
import type { ApiDeps } from './deps.ts';
import { once } from './idempotency.ts';
import { langOf } from './lang.ts';
import { type LineRule, admitBody, admitCall, admitFound, withinLine } from './line.ts';
import { withoutNames } from './nameless.ts';
import { Problem, invalid, notFound, parse } from './problem.ts';
import { type SentTable, readTable } from './uploads.ts';

export interface Answer {
  readonly status: number;
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

export interface Call<B, Q, F> {
  readonly deps: ApiDeps;
  readonly actor: Actor;
  readonly params: Readonly<Record<string, string>>;
  readonly body: B;
  readonly query: Q;
  /** What the path names. */
  readonly found: F;
  /** The caller's line as a condition of every list; empty for those who see the whole county. */
  readonly within: Readonly<Record<string, unknown>>;
  readonly ifMatch: string;
  /** The caller's Idempotency-Key made unique to them, or one of the request's own. */
  readonly key: string;
  readonly lang: 'zh' | 'en';
  /** The `file` of a multipart body, a table on disk; removed when the call is answered. */
  readonly table?: SentTable;
  readonly req: Request;
  readonly res: Response;
}

/** One call of the API: its rule, its shapes and its work. */
export interface RouteSpec<B extends z.ZodType = z.ZodType, Q extends z.ZodType = z.ZodType, F = unknown> {
  readonly method: 'get' | 'post' | 'put' | 'patch' | 'delete';
  readonly path: string;
  readonly rule: Rule;
  readonly summary: string;
  /** How the call is held to the line of an account that has one; without it the call is not there for such accounts. */
  readonly line?: LineRule;
  readonly body?: B;
  readonly query?: Q;
  /** Whether an Idempotency-Key must come: with whatever sends mail or starts a workflow, and does not only try it out. */
  readonly key?: 'required' | 'unlessDryRun';
  readonly ifMatch?: 'required';
  /** Reads what the path names; null is 404. */
  readonly find?: (deps: ApiDeps, params: Readonly<Record<string, string>>) => Promise<F | null>;
  readonly work: (call: Call<z.infer<B>, z.infer<Q>, F>) => Promise<Answer | undefined>;
  /** The clue or case whose complainant no text of the body may name. */
  readonly nameless?: (found: unknown) => string;
  /** Takes a multipart body with one table as its `file`. */
  readonly multipart?: true;
  /** Its answer holds a secret that is shown once: it is kept for no second call, whatever key comes with it. */
  readonly shownOnce?: true;
}

export const ok = (body: unknown, headers?: Record<string, string>): Answer => ({
  status: 200,
  body,
  ...(headers ? { headers } : {}),
});
export const created = (body: unknown, headers?: Record<string, string>): Answer => ({
  status: 201,
  body,
  ...(headers ? { headers } : {}),
});
export const accepted = (body: unknown): Answer => ({ status: 202, body });

/** Type inference for one route. */
export const route = <B extends z.ZodType, Q extends z.ZodType, F>(spec: RouteSpec<B, Q, F>): RouteSpec =>
  spec as unknown as RouteSpec;

/** Hangs the routes into a router; the order of checks is 401, 403, 428, 404, 422, then the work's own 409 or 412. Nobody without a right makes the server read a body. */
export function mount(router: Router, deps: ApiDeps, specs: readonly RouteSpec[]): void {
  for (const spec of specs)
    router[spec.method](spec.path, async (req: Request, res: Response) =>
      send(res, await answer(deps, spec, { req, res })),
    );
}

function send(res: Response, answer: Answer | undefined): void {
  if (!answer) return;
  if (answer.headers) res.set(answer.headers);
  if (answer.body === undefined) res.status(answer.status).end();
  else res.status(answer.status).json(answer.body);
}

async function answer(
  deps: ApiDeps,
  spec: RouteSpec,
  { req, res }: { req: Request; res: Response },
): Promise<Answer | undefined> {
  const actor = await authorise(deps.store, req, spec.rule);
  admitCall(actor, spec.line);
  await readBody(req, res);
  const lang = langOf(req);
  const key = req.get('idempotency-key')?.trim() ?? '';
  const ifMatch = req.get('if-match')?.trim() ?? '';
  if (key === '' && keyed(spec, req)) throw missing('Idempotency-Key');
  if (spec.ifMatch === 'required' && ifMatch === '') throw missing('If-Match');
  const params = req.params as Readonly<Record<string, string>>;
  const found = spec.find ? await spec.find(deps, params) : undefined;
  if (found === null) throw notFound();
  admitFound(actor, spec.line, found);
  checkReadable(res);
  const query = queryOf(spec, req, lang);
  const body = spec.body && !spec.multipart ? parse(spec.body, req.body ?? {}, lang) : undefined;
  admitBody(actor, spec.line, body);
  if (spec.nameless) await withoutNames(deps, spec.nameless(found), body);
  const table = spec.multipart ? await readTable(req, res) : undefined;
  const mine = key === '' ? (res.locals['traceId'] as string) : key;
  const id = `${actor.id}|${req.method}|${req.baseUrl}${req.path}|${mine}`;
  const within = withinLine(actor, spec.line);
  const call = { deps, actor, params, body, query, found, within, ifMatch, key: id, lang, req, res };
  const work = () => spec.work({ ...call, ...(table ? { table } : {}) });
  if (key === '' || req.method === 'GET' || spec.shownOnce) return swept(table, work);
  const sent = { body: body ?? null, query: query ?? null, file: table?.sha256 ?? null };
  return swept(table, () =>
    once(deps.store, { id, body: sent }, async () => (await work()) ?? { status: 204 }),
  );
}

/** Does the work, and leaves no uploaded table behind, however it ends. */
async function swept<T>(table: SentTable | undefined, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } finally {
    if (table) await rm(table.path, { force: true });
  }
}

const missing = (header: string): Problem =>
  new Problem(428, 'precondition-required', { detail: header, extension: { header } });

function keyed(spec: RouteSpec, req: Request): boolean {
  if (spec.key !== 'unlessDryRun') return spec.key === 'required';
  return (req.body as { dryRun?: unknown } | undefined)?.dryRun !== true;
}

/** The query as its schema has it: an empty value is none, and an operator in a name is refused rather than passed over, since a filter that does not work shows everything. */
function queryOf(spec: RouteSpec, req: Request, lang: 'zh' | 'en'): unknown {
  const known = spec.query instanceof z.ZodObject ? Object.keys(spec.query.shape) : [];
  const given = Object.entries(req.query).filter(([, value]) => value !== '');
  for (const [name] of given)
    if (/[[\]$]/.test(name) && !known.includes(name))
      throw invalid(`/${name}`, 'operator-refused', '查询参数不接受运算符');
  return spec.query ? parse(spec.query, Object.fromEntries(given), lang) : undefined;
}
