import type { Request, Response } from 'express';
import { hashToken, isToken, normaliseToken } from '../../mail/addresses.ts';
import type { LinkRecord } from '../../models/link.ts';
import type { TaskRecord } from '../../models/task.ts';
import type { ApiDeps } from '../deps.ts';
import { limitGuess, limitToken } from '../limits.ts';
import { Problem, notFound, problemOf, sendProblem } from '../problem.ts';
import { TITLES } from '../problem-titles.ts';
import { renderPage } from './render.ts';

/** One request to an agency's page, its link known. */
export interface Visit {
  readonly deps: ApiDeps;
  readonly req: Request;
  readonly res: Response;
  readonly link: LinkRecord;
  readonly task: TaskRecord;
  readonly token: string;
  readonly lang: 'zh' | 'en';
}

/** The task behind a token; any other token is 404 and tells nothing. */
export async function opened(
  { store }: ApiDeps,
  req: Request,
): Promise<{ token: string; link: LinkRecord; task: TaskRecord }> {
  const token = normaliseToken(req.params['token'] as string);
  const link = isToken(token) ? await store.links.findById(hashToken(token)).lean<LinkRecord>() : null;
  const task = link && (await store.tasks.findById(link.task).lean<TaskRecord>());
  if (!link || !task) {
    await limitGuess(req.ip ?? '');
    throw notFound();
  }
  if (req.method === 'POST') await limitToken(link._id);
  return { token, link, task };
}

export const wantsJson = (req: Request): boolean => req.accepts('html', 'json') === 'json';

/** An error as this caller reads it: a page for a person, a problem for a program. */
export function refuse(
  { deps, req, res, lang }: Pick<Visit, 'deps' | 'req' | 'res' | 'lang'>,
  error: unknown,
): void {
  const problem = problemOf(error) ?? new Problem(500, 'internal');
  if (problem.status === 500)
    deps.log.error({ err: error, traceId: res.locals['traceId'] as string }, 'page failed');
  if (wantsJson(req)) return sendProblem(res, problem, lang);
  res.status(problem.status).set(problem.headers).type('html');
  if (problem.status === 404) {
    res.send(renderPage('not-found', { lang }));
    return;
  }
  const title = TITLES[problem.code][lang];
  const own = problem.message === problem.code || lang === 'en' ? '' : problem.message;
  const traceId = res.locals['traceId'] as string;
  res.send(renderPage('office-error', { lang, title, sentence: own || title, traceId }));
}
