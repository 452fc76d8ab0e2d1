import type { Request, Response } from 'express';
import { hashToken, isToken, normaliseToken } from '../../mail/addresses.ts';
import type { LinkRecord } from '../../models/link.ts';
import type { Store } from '../../models/store.ts';
import { together } from '../../models/together.ts';
import type { TaskRecord } from '../../models/task.ts';
import type { ApiDeps } from '../deps.ts';
import { limitGuess, limitToken } from '../limits.ts';
import { Problem, notFound, problemOf, sendProblem } from '../problem.ts';
import { TITLES } from '../problem-titles.ts';
import { renderPage } from './render.ts';
import { typedWords } from './typed-words.ts';

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
  const found = isToken(token) ? await behind(store, hashToken(token)) : undefined;
  if (!found) {
    await limitGuess(req.ip ?? '');
    throw notFound();
  }
  const { link, task } = found;
  if (req.method === 'POST') await limitToken(link._id);
  return { token, link, task };
}

interface Behind {
  readonly link: LinkRecord;
  readonly task: TaskRecord;
}
type Links = Store['links'];
const lookUps = new WeakMap<Links, (hash: string) => Promise<Behind | undefined>>();

/** Link and task in one round trip, and those of all who ask at the same moment, since every answer begins with them. */
function behind({ links }: Pick<Store, 'links'>, hash: string): Promise<Behind | undefined> {
  const known = lookUps.get(links) ?? together((hashes) => allBehind(links, hashes));
  lookUps.set(links, known);
  return known(hash);
}

async function allBehind(links: Links, hashes: readonly string[]): Promise<(Behind | undefined)[]> {
  const tasks = { from: 'tasks', localField: 'task', foreignField: '_id', as: 'tasks' };
  const rows = await links.collection
    .aggregate<LinkRecord & { tasks: TaskRecord[] }>([
      { $match: { _id: { $in: [...hashes] } } },
      { $lookup: tasks },
    ])
    .toArray();
  const found = new Map(
    rows.flatMap(({ tasks: [task], ...link }) => (task ? [[link._id, { link, task }] as const] : [])),
  );
  return hashes.map((hash) => found.get(hash));
}

/** What is wrong with a form, or with its files, is said on the form itself. */
export const SAID_ON_THE_FORM: readonly number[] = [413, 422];

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
  res.send(
    renderPage('office-error', {
      lang,
      title,
      sentence: own || title,
      traceId,
      keptWords: typedWords(req.body),
    }),
  );
}
