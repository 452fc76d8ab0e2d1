import type { Request, Response, Router } from 'express';
import type { z } from 'zod';
import { type Actor, type Rule, authorise } from './access.ts';
import type { ApiDeps } from './deps.ts';
import { once } from './idempotency.ts';
import { langOf } from './lang.ts';
import { Problem, notFound, parse } from './problem.ts';

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
  readonly ifMatch: string;
  /** The caller's Idempotency-Key made unique to them, or one of the request's own. */
  readonly key: string;
  readonly lang: 'zh' | 'en';
  readonly req: Request;
  readonly res: Response;
}

/** One call of the API: its rule, its shapes and its work. */
export interface RouteSpec<B extends z.ZodType = z.ZodType, Q extends z.ZodType = z.ZodType, F = unknown> {
  readonly method: 'get' | 'post' | 'put' | 'patch' | 'delete';
  readonly path: string;
  readonly rule: Rule;
  readonly summary: string;
  readonly body?: B;
  readonly query?: Q;
  /** Whether an Idempotency-Key must come: whatever sends mail or starts a workflow. */
  readonly key?: 'required';
  readonly ifMatch?: 'required';
  /** Reads what the path names; null is 404. */
  readonly find?: (deps: ApiDeps, params: Readonly<Record<string, string>>) => Promise<F | null>;
  readonly work: (call: Call<z.infer<B>, z.infer<Q>, F>) => Promise<Answer | undefined>;
  /** A multipart body that the route reads itself. */
  readonly multipart?: true;
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

/** Hangs the routes into a router; the order of checks is 401, 403, 428, 404, 422, then the work's own 409 or 412. */
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
  const lang = langOf(req);
  const key = req.get('idempotency-key')?.trim() ?? '';
  const ifMatch = req.get('if-match')?.trim() ?? '';
  if (spec.key === 'required' && key === '')
    throw new Problem(428, 'precondition-required', { detail: 'Idempotency-Key' });
  if (spec.ifMatch === 'required' && ifMatch === '')
    throw new Problem(428, 'precondition-required', { detail: 'If-Match' });
  const params = req.params as Readonly<Record<string, string>>;
  const found = spec.find ? await spec.find(deps, params) : undefined;
  if (found === null) throw notFound();
  if (res.locals['unreadable'])
    throw new Problem(422, 'malformed', { errors: [{ pointer: '', code: 'malformed', detail: 'JSON' }] });
  const query = spec.query ? parse(spec.query, req.query, lang) : undefined;
  const body = spec.body && !spec.multipart ? parse(spec.body, req.body ?? {}, lang) : undefined;
  const id =
    key === ''
      ? `${actor.id}|${req.method}|${req.baseUrl}${req.path}|${res.locals['traceId'] as string}`
      : `${actor.id}|${req.method}|${req.baseUrl}${req.path}|${key}`;
  const work = () => spec.work({ deps, actor, params, body, query, found, ifMatch, key: id, lang, req, res });
  if (key === '' || req.method === 'GET') return work();
  return once(deps.store, { id, body: body ?? null }, async () => (await work()) ?? { status: 204 });
}
