import { randomUUID } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import express, { type Express, type RequestHandler, Router } from 'express';
import helmet from 'helmet';
import { pinoHttp } from 'pino-http';
import swaggerPath from 'swagger-ui-dist/absolute-path.js';
import { home } from '../home.ts';
import { authorise, READERS } from './access.ts';
import { readBody } from './body.ts';
import type { ApiDeps } from './deps.ts';
import { langOf } from './lang.ts';
import { openapi } from './openapi.ts';
import { contactPages } from './pages/contact.ts';
import { complaintPages } from './pages/complaint.ts';
import { consolePages } from './pages/console.ts';
import { renderPage } from './pages/render.ts';
import { taskPages } from './pages/task.ts';
import { paperFonts } from './paper-fonts.ts';
import { TITLES } from './problem-titles.ts';
import { notFound, problems } from './problem.ts';
import { type RouteSpec, mount } from './route.ts';
import { actRoutes } from './routes/acts.ts';
import { accountabilityRoutes } from './routes/accountability.ts';
import { accountAccessRoutes } from './routes/account-access.ts';
import { accountRoutes } from './routes/accounts.ts';
import { agencyRoutes } from './routes/agencies.ts';
import { calendarRoutes } from './routes/calendars.ts';
import { campaignCommandRoutes } from './routes/campaign-commands.ts';
import { launchRoutes } from './routes/campaign-launch.ts';
import { campaignRoutes } from './routes/campaigns.ts';
import { caseRoutes } from './routes/cases.ts';
import { cluePeopleRoutes } from './routes/clue-people.ts';
import { clueRoutes } from './routes/clues.ts';
import { contactCheckRoutes } from './routes/contact-checks.ts';
import { documentRoutes } from './routes/documents.ts';
import { heldAnswerRoutes } from './routes/held-answers.ts';
import { historyRoutes } from './routes/history.ts';
import { importRoutes } from './routes/imports.ts';
import { operationRoutes } from './routes/operations.ts';
import { incomingRoutes } from './routes/incoming.ts';
import { messageRoutes } from './routes/messages.ts';
import { ledgerRoutes } from './routes/ledger.ts';
import { instrumentRoutes } from './routes/instruments.ts';
import { documentTemplateRoutes } from './routes/document-templates.ts';
import { mailTemplateRoutes } from './routes/mail-templates.ts';
import { numberSeriesRoutes } from './routes/number-series.ts';
import { networkUseRoutes } from './routes/network-use.ts';
import { peopleAll } from './routes/people.ts';
import { certificateRoutes } from './routes/certificates.ts';
import { checklistRoutes } from './routes/checklists.ts';
import { burdenRoutes } from './routes/burden.ts';
import { appraisalRoutes } from './routes/appraisals.ts';
import { fileResultRoutes } from './routes/file-results.ts';
import { dutyRoutes } from './routes/duties.ts';
import { fileReviewRoutes } from './routes/file-reviews.ts';
import { fileScoreRoutes } from './routes/file-scores.ts';
import { scoreSheetRoutes } from './routes/score-sheet.ts';
import { outageRoutes } from './routes/outages.ts';
import { planRoutes } from './routes/plans.ts';
import { spreadRoutes } from './routes/spread.ts';
import { statisticsRoutes } from './routes/statistics.ts';
import { streamRoutes } from './routes/stream.ts';
import { taskRoutes } from './routes/tasks.ts';
import { registerEntryRoutes } from './routes/register-entries.ts';
import { socialSupervisorRoutes } from './routes/social-supervisors.ts';
import { unitRoutes } from './routes/units.ts';
import { warningRoutes } from './routes/warnings.ts';
import { sessions } from './session.ts';

/** Every call of the API, in the order of the modes. */
export const ROUTES: readonly RouteSpec[] = [
  ...importRoutes,
  ...operationRoutes,
  ...checklistRoutes,
  ...calendarRoutes,
  ...agencyRoutes,
  ...peopleAll,
  ...unitRoutes,
  ...registerEntryRoutes,
  ...socialSupervisorRoutes,
  ...contactCheckRoutes,
  ...heldAnswerRoutes,
  ...certificateRoutes,
  ...accountRoutes,
  ...accountAccessRoutes,
  ...campaignRoutes,
  ...launchRoutes,
  ...campaignCommandRoutes,
  ...streamRoutes,
  ...taskRoutes,
  ...caseRoutes,
  ...clueRoutes,
  ...cluePeopleRoutes,
  ...documentRoutes,
  ...accountabilityRoutes,
  ...spreadRoutes,
  ...instrumentRoutes,
  ...documentTemplateRoutes,
  ...mailTemplateRoutes,
  ...numberSeriesRoutes,
  ...incomingRoutes,
  ...messageRoutes,
  ...burdenRoutes,
  ...dutyRoutes,
  ...outageRoutes,
  ...planRoutes,
  ...appraisalRoutes,
  ...scoreSheetRoutes,
  ...fileReviewRoutes,
  ...fileScoreRoutes,
  ...fileResultRoutes,
  ...ledgerRoutes,
  ...historyRoutes,
  ...actRoutes,
  ...warningRoutes,
  ...networkUseRoutes,
  ...statisticsRoutes,
];

/** The server's whole surface; the order of the middleware is the order of this list. */
export function createApp(deps: ApiDeps & { readonly trustedProxies?: number }): Express {
  const app = express();
  app.disable('x-powered-by');
  app.set('trust proxy', deps.trustedProxies ?? 0);
  app.use(traced(deps));
  app.use(
    helmet({
      contentSecurityPolicy: { directives: POLICY },
      crossOriginEmbedderPolicy: false,
      strictTransportSecurity: deps.secureCookies,
    }),
  );
  app.use(health(deps));
  app.use('/public/fonts', paperFonts());
  app.use('/public', express.static(fileURLToPath(new URL('api/public', home)), { maxAge: '1h' }));
  app.use('/docs', docs());
  app.get('/openapi.json', (_req, res) => void res.json(openapi(ROUTES, deps.office.publicUrl)));
  app.use('/t', taskPages(deps));
  app.use('/contacts', contactPages(deps));
  app.use('/complaints', complaintPages(deps));
  app.use('/api/v1', api(deps));
  app.use('/console', readable, sessions(deps), consolePages(deps));
  app.get('/', (_req, res) => res.redirect(303, '/console'));
  app.use(
    (req, res) =>
      void res
        .status(404)
        .type('html')
        .send(renderPage('not-found', { lang: langOf(req) })),
  );
  app.use(problems((error, traceId) => deps.log.error({ err: error, traceId }, 'request failed')));
  return app;
}

/** A mail shown in a console page carries its own styles; nothing else may. */
const POLICY = {
  defaultSrc: ["'self'"],
  styleSrc: ["'self'", "'unsafe-inline'"],
  imgSrc: ["'self'", 'data:'],
  frameSrc: ["'self'"],
  formAction: ["'self'"],
  frameAncestors: ["'self'"],
  upgradeInsecureRequests: null,
};

/** Tokens are secrets: neither a link's nor a header's stands in a log. */
const masked = (url: string): string =>
  url.replace(/^\/(t|contacts)\/[^/?#]+/, '/$1/***').replace(/(ticket|code)=[^&]+/, '$1=***');

function traced({ log }: ApiDeps): RequestHandler[] {
  const named: RequestHandler = (_req, res, next) => {
    const traceId = randomUUID();
    res.locals['traceId'] = traceId;
    res.set('X-Request-Id', traceId);
    next();
  };
  if (log.level === 'silent') return [named];
  return [
    named,
    pinoHttp({
      logger: log,
      serializers: {
        req: (req: { method: string; url: string }) => ({ method: req.method, url: masked(req.url) }),
        res: (res: { statusCode: number }) => ({ status: res.statusCode }),
      },
      customLogLevel: (_req, res) => (res.statusCode >= 500 ? 'error' : 'debug'),
    }),
  ];
}

function health(deps: ApiDeps): Router {
  const router = Router();
  router.get('/healthz', (_req, res) => void res.json({ alive: true }));
  router.get('/readyz', async (_req, res) => {
    const [mongodb, temporal] = await Promise.all([
      answers(async () => deps.store.connection.db?.command({ ping: 1 })),
      answers(async () =>
        deps.client.withDeadline(Date.now() + READY_MS, () =>
          deps.client.connection.workflowService.getSystemInfo({}),
        ),
      ),
    ]);
    res.status(mongodb && temporal ? 200 : 503).json({ mongodb, temporal });
  });
  return router;
}

/** Milliseconds in which a part that is well has answered. */
const READY_MS = 2_000;

async function answers(ask: () => Promise<unknown>): Promise<boolean> {
  const late = new Promise<never>((_resolve, reject) =>
    setTimeout(() => reject(new Error('late')), READY_MS).unref(),
  );
  return Promise.race([ask(), late]).then(
    () => true,
    () => false,
  );
}

/** For pages whose forms are read before their own checks; one that is too long is refused on a page, as every other. */
const readable: RequestHandler = async (req, res, next) => {
  await readBody(req, res).catch((error: unknown) => {
    res.locals['unread'] = error;
  });
  next();
};

function api(deps: ApiDeps): Router {
  const router = Router();
  router.use((req, res, next) => {
    res.set('Cache-Control', 'no-store');
    // Reason: a tag covers what a person reviews, not all that is shown, so it must not turn into a 304.
    delete req.headers['if-none-match'];
    next();
  });
  mount(router, deps, ROUTES);
  router.use(async (req) => {
    await authorise(deps.store, req, READERS);
    throw notFound();
  });
  return router;
}

function docs(): Router {
  const router = Router();
  router.get('/problems', (_req, res) => void res.type('html').send(problemsPage()));
  router.get(
    '/swagger-initializer.js',
    (_req, res) =>
      void res
        .type('js')
        .send(
          "window.ui=SwaggerUIBundle({url:'/openapi.json',dom_id:'#swagger-ui',presets:[SwaggerUIBundle.presets.apis,SwaggerUIStandalonePreset],layout:'StandaloneLayout'});",
        ),
  );
  router.use(express.static(swaggerPath()));
  return router;
}

function problemsPage(): string {
  const rows = Object.entries(TITLES).map(
    ([code, { zh, en }]) => `<li id="${code}"><code>${code}</code> ${zh} · <span lang="en">${en}</span></li>`,
  );
  return `<!doctype html><html lang="zh-CN"><meta charset="utf-8"><title>错误代码</title><link rel="stylesheet" href="/public/tokens.css"><link rel="stylesheet" href="/public/app.css"><main><h1>错误代码</h1><ul>${rows.join('')}</ul></main></html>`;
}
