import { rm } from 'node:fs/promises';
import { type Request, type Response, Router } from 'express';
import { READERS } from '../access.ts';
import type { ApiDeps } from '../deps.ts';
import { once } from '../idempotency.ts';
import { Problem, inTongue, notFound, problemOf } from '../problem.ts';
import { openStream } from '../streams.ts';
import { actorOf, csrfValid, kept, lacksSecondStep, record } from '../session.ts';
import { readTable, readWords } from '../uploads.ts';
import { findCampaign } from '../routes/campaigns.ts';
import { actConsoleRoutes } from './console-acts.ts';
import { accountabilityConsoleRoutes } from './console-accountability.ts';
import { accountConsoleRoutes } from './console-accounts.ts';
import { agencyConsoleRoutes } from './console-agency.ts';
import { appraisalConsoleRoutes } from './console-appraisals.ts';
import { boardRoutes } from './console-board.ts';
import { calendarConsoleRoutes } from './console-calendar.ts';
import { campaignFormRoutes } from './console-campaigns.ts';
import { caseConsoleRoutes } from './console-cases.ts';
import { circularRoutes } from './console-circular.ts';
import { clueConsoleRoutes } from './console-clues.ts';
import { outageConsoleRoutes } from './console-outages.ts';
import { contactConsoleRoutes } from './console-contacts.ts';
import { documentPages } from './console-documents.ts';
import {
  type ConsoleRoute,
  type Done,
  type Page,
  type Visit,
  framed,
  keyOf,
  list,
  sentenceFor,
  text,
  translate,
  withQuery,
} from './console-frame.ts';
import { doubtRoutes } from './console-doubts.ts';
import { fileReviewConsoleRoutes } from './console-file-reviews.ts';
import { importConsoleRoutes } from './console-import.ts';
import { ledgerConsoleRoutes } from './console-ledger.ts';
import { inboxRoutes } from './console-inbox.ts';
import { inspectionRoutes } from './console-inspection.ts';
import { listRoutes } from './console-lists.ts';
import { ownMeasureConsoleRoutes } from './console-own-measures.ts';
import { ownConsoleRoutes } from './console-own.ts';
import { nudgeConsoleRoutes } from './console-nudges.ts';
import { operationConsoleRoutes } from './console-operations.ts';
import { opsConsoleRoutes } from './console-ops.ts';
import { screenConsoleRoutes } from './console-screen.ts';
import { planConsoleRoutes } from './console-plans.ts';
import { previewRoutes } from './console-preview.ts';
import { registerConsoleRoutes } from './console-register.ts';
import { entryConsoleRoutes } from './console-register-entries.ts';
import { registerFormRoutes } from './console-register-form.ts';
import { askToSignIn, signInPages } from './console-sign-in.ts';
import { draftOf, inside } from './console-draft.ts';
import { onceShown } from './shown-once.ts';
import { statisticsConsoleRoutes } from './console-statistics.ts';
import { taskConsoleRoutes } from './console-task.ts';
import { templateConsoleRoutes } from './console-templates.ts';
import { typedWords } from './typed-words.ts';
import { timelineConsoleRoutes } from './console-timeline.ts';
import { todayRoutes } from './console-today.ts';
import { warningConsoleRoutes } from './console-warnings.ts';

const streamRoute: ConsoleRoute = {
  method: 'get',
  path: '/campaigns/:no/stream',
  rule: READERS,
  async work({ deps, req, res, params }) {
    const campaign = await findCampaign(deps, params);
    if (!campaign) throw notFound();
    await openStream(deps, campaign._id, { req, res });
    return undefined;
  },
};

/** Every address of the console with the roles that may use it; what changes something names no auditor. */
export const CONSOLE_ROUTES: readonly ConsoleRoute[] = [
  ...todayRoutes,
  ...campaignFormRoutes,
  ...previewRoutes,
  ...inspectionRoutes,
  ...circularRoutes,
  ...documentPages,
  streamRoute,
  ...boardRoutes,
  ...nudgeConsoleRoutes,
  ...taskConsoleRoutes,
  ...clueConsoleRoutes,
  ...caseConsoleRoutes,
  ...accountabilityConsoleRoutes,
  ...inboxRoutes,
  ...doubtRoutes,
  ...calendarConsoleRoutes,
  ...ownConsoleRoutes,
  ...accountConsoleRoutes,
  ...templateConsoleRoutes,
  ...planConsoleRoutes,
  ...fileReviewConsoleRoutes,
  ...ledgerConsoleRoutes,
  ...warningConsoleRoutes,
  ...actConsoleRoutes,
  ...appraisalConsoleRoutes,
  ...statisticsConsoleRoutes,
  ...agencyConsoleRoutes,
  ...registerConsoleRoutes,
  ...registerFormRoutes,
  ...entryConsoleRoutes,
  ...ownMeasureConsoleRoutes,
  ...importConsoleRoutes,
  ...operationConsoleRoutes,
  ...timelineConsoleRoutes,
  ...opsConsoleRoutes,
  ...screenConsoleRoutes,
  ...contactConsoleRoutes,
  ...outageConsoleRoutes,
  ...listRoutes,
];

/** The office's own pages: signed in, server-rendered, whole without scripts. */
export function consolePages(deps: ApiDeps): Router {
  const router = Router();
  router.use((_req, res, next) => {
    res.set({ 'Cache-Control': 'private, no-store', 'X-Robots-Tag': 'noindex' });
    next();
  });
  router.use(signInPages(deps));
  for (const route of CONSOLE_ROUTES)
    router[route.method](route.path, (req: Request, res: Response) => serve(deps, route, { req, res }));
  const nowhere: ConsoleRoute = {
    method: 'get',
    path: '*',
    rule: READERS,
    work: () => Promise.reject(notFound()),
  };
  router.use((req, res) => serve(deps, nowhere, { req, res }));
  return router;
}

/** The console speaks Chinese unless a person has asked it for English, which it remembers. */
export function consoleLang(req: Request): 'zh' | 'en' {
  const asked = req.query['lang'];
  const lang = asked === 'en' || asked === 'zh' ? asked : (req.session.lang ?? 'zh');
  if (req.session.account !== undefined && req.session.lang !== lang) req.session.lang = lang;
  return lang;
}

/** A name that comes several times is one list with commas, as every filter takes it. */
function queryOf(req: Request): Record<string, string> {
  const pairs = Object.entries(req.query).map(([name, value]) => [name, list(value).join(',').slice(0, 500)]);
  return Object.fromEntries(pairs) as Record<string, string>;
}

async function serve(
  deps: ApiDeps,
  route: ConsoleRoute,
  { req, res }: { readonly req: Request; readonly res: Response },
): Promise<void> {
  const actor = await actorOf(deps, req);
  if (!actor) {
    if (route.takesTable) await readWords(req, res);
    const draft = req.method === 'POST' ? draftOf(req) : undefined;
    if (draft) return askToSignIn(req, res, draft);
    const next = req.method === 'GET' ? { next: req.originalUrl } : {};
    res.redirect(
      303,
      withQuery('/console/sign-in', {}, { ...next, ...(req.query['lang'] === 'en' ? { lang: 'en' } : {}) }),
    );
    return;
  }
  if (!route.own && (await lacksSecondStep(deps, req, actor)))
    return res.redirect(303, '/console/me/second-step');
  const lang = consoleLang(req);
  const query = queryOf(req);
  const body = route.method === 'post' ? ((req.body ?? {}) as Record<string, unknown>) : {};
  const key = route.method === 'post' ? keyOf(actor, req) : '';
  const visit: Visit = {
    deps,
    req,
    res,
    actor,
    lang,
    t: translate(lang),
    params: req.params as Record<string, string>,
    query,
    body,
    key,
  };
  try {
    if (!route.rule.includes(actor.role)) throw new Problem(403, 'forbidden');
    if (res.locals['unread'] !== undefined) throw res.locals['unread'];
    if (actor.line && !route.line) return away(visit);
    if (route.takesTable) return await withTable(visit, route);
    if (route.method === 'post') return await posted(visit, route);
    const page = await route.work(visit);
    if (page) await show(visit, page as Page, 200);
  } catch (error) {
    await refused(visit, route, error);
  }
}

/** Accounts of a line begin at its list of agencies; every other page of the county's is not there for them. */
function away({ req, res }: Visit): void {
  if (req.method !== 'GET' || req.path !== '/') throw notFound();
  res.redirect(303, '/console/units');
}

async function show(visit: Visit, page: Page, status: number): Promise<void> {
  const html = await framed(visit, page);
  visit.res.status(status).type('html').send(html);
}

/** Sent twice is done once: the second sending is shown where the first one led. */
async function posted(visit: Visit, route: ConsoleRoute): Promise<void> {
  const { deps, req, res, key, t } = visit;
  if (!csrfValid(res)) throw new Problem(403, 'forbidden', { detail: t('console.expired') });
  if (route.shownOnce) {
    const work = async (): Promise<Page | undefined> => (await route.work(visit)) as Page | undefined;
    const page = route.takesTable ? await work() : await onceShown(key, work);
    if (page) await show(visit, page, 201);
    return;
  }
  const answer = await once(deps.store, { id: key, body: null }, async () => ({
    status: 303,
    body: await route.work(visit),
  }));
  const { to, said } = answer.body as Done;
  req.session.said = said;
  await kept(req);
  res.redirect(303, to);
}

/** Reason: only whoever may send a table makes the server read one, and a form with a file is read here, not before. */
async function withTable(visit: Visit, route: ConsoleRoute): Promise<void> {
  const { req, res, actor } = visit;
  const table = await readTable(req, res).catch(async (error: unknown) => {
    await refused({ ...visit, body: (req.body ?? {}) as Record<string, unknown> }, route, error);
  });
  if (!table) return;
  const whole = {
    ...visit,
    table,
    body: (req.body ?? {}) as Record<string, unknown>,
    key: keyOf(actor, req),
  };
  try {
    await posted(whole, route);
  } catch (error) {
    await refused(whole, route, error);
  } finally {
    await rm(table.path, { force: true });
  }
}

/** The page on which a form stood, for one that knows no page of its own to come back on. */
async function whereItWas(visit: Visit): Promise<Page | undefined> {
  const at = new URL(inside(text(visit.body['_at'])), 'http://console');
  for (const { method, path, rule, work } of CONSOLE_ROUTES) {
    const params =
      method === 'get' && rule.includes(visit.actor.role) ? paramsOf(path, at.pathname) : undefined;
    if (!params) continue;
    const page = await work({ ...visit, params, query: Object.fromEntries(at.searchParams) });
    return page && 'page' in page ? { path: at.pathname, ...page } : undefined;
  }
  return undefined;
}

/** What the names of a route's path stand for in an address; undefined where it is another's. */
function paramsOf(route: string, at: string): Record<string, string> | undefined {
  const names = [...route.matchAll(/:(\w+)/g)].map(([, name = '']) => name);
  const reads = new RegExp(
    `^/console${route === '/' ? '' : route.replaceAll('.', String.raw`\.`).replaceAll(/:\w+/g, '([^/]+)')}/?$`,
  );
  const found = reads.exec(at);
  return found
    ? Object.fromEntries(names.map((name, n) => [name, decodeURIComponent(found[n + 1] ?? '')]))
    : undefined;
}

async function refused(visit: Visit, route: ConsoleRoute, error: unknown): Promise<void> {
  const { deps, req, res, actor, lang } = visit;
  const known = problemOf(error);
  const traceId = (res.locals['traceId'] as string | undefined) ?? '';
  const ours = (): Problem =>
    new Problem(500, 'internal', { detail: visit.t('page.error.trace', { id: traceId }) });
  const problem = known ? inTongue(known, lang) : ours();
  if (!known) deps.log.error({ err: error, traceId }, 'console failed');
  if (problem.status === 403)
    await record(deps, req, {
      what: 'refused',
      who: actor.name,
      detail: { path: req.originalUrl.split('?')[0] ?? '' },
    });
  if (res.headersSent) return void res.destroy();
  const back = route.again ?? (route.method === 'post' ? whereItWas : undefined);
  if (back && problem.status !== 404 && route.rule.includes(actor.role)) {
    try {
      const page = await back({ ...visit, problem });
      if (page) return await show({ ...visit, problem }, page, problem.status);
    } catch (again) {
      deps.log.error({ err: again }, 'console: form not shown again');
    }
  }
  const { title, detail } = sentenceFor(problem, lang);
  await show(
    visit,
    {
      page: 'error',
      title,
      view: {
        detail: problem.status === 500 ? '' : detail,
        status: problem.status,
        traceId,
        keptWords: typedWords(visit.body),
      },
    },
    problem.status,
  );
}
