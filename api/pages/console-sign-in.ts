import { type Request, type Response, Router } from 'express';
import type { ApiDeps } from '../deps.ts';
import { rememberDevice } from '../device.ts';
import { endAtProvider, fromProvider, toProvider } from '../oidc.ts';
import { Problem, problemOf } from '../problem.ts';
import {
  type SignIn,
  csrfValid,
  enter,
  kept as writeSession,
  pendingOf,
  signIn,
  signInByCode,
  signOut,
} from '../session.ts';
import { sentenceFor, text, translate, withQuery } from './console-frame.ts';
import { type Draft, draftFrom, inside } from './console-draft.ts';
import { passwordPages } from './console-password.ts';
import { type Lang, langOf, show } from './console-outside.ts';

/** Their session is over while they typed: they sign in, and find the page with what they had typed. */
export function askToSignIn(req: Request, res: Response, draft: Draft): void {
  const kept = JSON.stringify(draft);
  show(res, 'sign-in', { lang: langOf(req), status: 401, view: { ...BLANK, next: draft.at, kept } });
}

const BLANK = { account: '', refusal: '', kept: '', oidc: '' };

/** The only pages of the console for whom has not signed in yet. */
export function signInPages(deps: ApiDeps): Router {
  const router = Router();
  router.get('/sign-in', async (req, res) => {
    const lang = langOf(req);
    const nobody = !(await deps.store.accounts.exists({}));
    show(res, 'sign-in', {
      lang,
      status: 200,
      view: {
        ...BLANK,
        next: inside(text(req.query['next'])),
        refusal: nobody ? translate(lang)('console.firstRun.none') : '',
        oidc: oidcHref(deps, req, inside(text(req.query['next']))),
      },
    });
  });
  router.post('/sign-in', async (req, res) => {
    const lang = langOf(req);
    const { account, password, next, kept } = (req.body ?? {}) as Record<string, unknown>;
    const to = inside(text(next));
    const given = { account: accountIn(account), password: text(password).slice(0, 1_000), next: to };
    const { status, refusal, far, after } = await tried(deps, lang, () => signIn(deps, req, given));
    const draft = draftFrom(kept);
    if (far === 'code') {
      if (draft) req.session.draft = draft;
      await writeSession(req);
      return res.redirect(303, withQuery('/console/sign-in/code', {}, asked(req)));
    }
    if (far === 'in') return entered(deps, { req, res, to, draft });
    wait(res, after);
    show(res, 'sign-in', {
      lang,
      status,
      field: 'account',
      view: {
        next: to,
        account: given.account,
        refusal,
        kept: draft ? JSON.stringify(draft) : '',
        oidc: draft ? '' : oidcHref(deps, req, to),
      },
    });
  });
  router.get('/sign-in/code', async (req, res) => {
    const pending = await pendingOf(deps, req);
    if (!pending) return res.redirect(303, withQuery('/console/sign-in', {}, asked(req)));
    show(res, 'sign-in-code', { lang: langOf(req), status: 200, view: { name: pending.name, refusal: '' } });
  });
  router.post('/sign-in/code', async (req, res) => {
    const lang = langOf(req);
    const code = text((req.body as Record<string, unknown> | undefined)?.['code']).slice(0, 100);
    let to = '/console';
    const { draft } = req.session;
    const { status, refusal, far, after } = await tried(deps, lang, async () => {
      const come = await signInByCode(deps, req, code);
      to = inside(come.next);
      return come.far;
    });
    if (far === 'in') return entered(deps, { req, res, to, draft });
    const pending = await pendingOf(deps, req);
    if (!pending) return res.redirect(303, withQuery('/console/sign-in', {}, asked(req)));
    const wrong = far === 'code' ? translate(lang)('console.signIn.codeWrong') : refusal;
    wait(res, after);
    show(res, 'sign-in-code', {
      lang,
      status: far === 'code' ? 401 : status,
      field: 'code',
      view: { name: pending.name, refusal: wrong },
    });
  });
  router.get('/oidc', async (req, res) => {
    try {
      res.redirect(303, (await toProvider(deps, req, inside(text(req.query['next'])))).href);
    } catch (error) {
      refusedOutside(deps, { req, res, error });
    }
  });
  router.get('/oidc/return', async (req, res) => {
    try {
      const to = inside(await fromProvider(deps, req));
      await entered(deps, { req, res, to });
    } catch (error) {
      refusedOutside(deps, { req, res, error });
    }
  });
  router.post('/sign-out', async (req, res) => {
    const { account, idToken } = req.session;
    const lang = langOf(req);
    if (account === undefined || !csrfValid(res)) return res.redirect(303, '/console/sign-in');
    await signOut(deps, req);
    res.clearCookie('jiandu', { path: '/console' });
    const outside = idToken === undefined ? undefined : await endAtProvider(deps, idToken);
    if (outside === undefined) return res.redirect(303, '/console/sign-in');
    // Reason: a browser holds a form's redirects to the page's own site, so the page itself leads on.
    res.set('Refresh', `1; url=${outside}`);
    show(res, 'signed-out', { lang, status: 200, view: { outside } });
  });
  passwordPages(deps, router);
  router.get('/enter', (req, res) =>
    show(res, 'enter', {
      lang: langOf(req),
      status: 200,
      view: { ticket: text(req.query['ticket']), refusal: '' },
    }),
  );
  router.post('/enter', async (req, res) => {
    const lang = langOf(req);
    const ticket = text((req.body as Record<string, unknown> | undefined)?.['ticket']);
    const { status, refusal, far } = await tried(deps, lang, async () =>
      (await enter(deps, req, ticket)) ? 'in' : 'wrong',
    );
    if (far === 'in') return res.redirect(303, '/console');
    const said = far === 'wrong' ? translate(lang)('console.signIn.ticket') : refusal;
    show(res, 'enter', { lang, status, view: { ticket, refusal: said } });
  });
  return router;
}

/** A phone begins a name with a capital and ends it with a space. */
const accountIn = (value: unknown): string => text(value).trim().toLowerCase().slice(0, 200);

const asked = (req: Request): Record<string, string> => (req.query['lang'] === 'en' ? { lang: 'en' } : {});

/** '' where the office has no identity provider. */
const oidcHref = ({ oidc }: ApiDeps, req: Request, next: string): string =>
  oidc === undefined ? '' : withQuery('/console/oidc', {}, { next, ...asked(req) });

async function entered(
  deps: ApiDeps,
  { req, res, to, draft }: { req: Request; res: Response; to: string; draft?: Draft | undefined },
): Promise<void> {
  const { account = '', era = 0 } = req.session;
  rememberDevice(deps, res, { account, era });
  req.session.lang = langOf(req);
  if (draft) req.session.draft = draft;
  await writeSession(req);
  res.redirect(303, draft?.at ?? to);
}

/** What went wrong at the provider stands on the page of signing in. */
function refusedOutside(
  deps: ApiDeps,
  { req, res, error }: { req: Request; res: Response; error: unknown },
): void {
  const lang = langOf(req);
  const { status, refusal } = refusalOf(deps, lang, error);
  show(res, 'sign-in', {
    lang,
    status,
    view: { ...BLANK, next: '/console', refusal, oidc: oidcHref(deps, req, '/console') },
  });
}

interface Tried {
  readonly status: number;
  readonly refusal: string;
  readonly far?: SignIn;
  /** Seconds after which another attempt is looked at. */
  readonly after?: string;
}

const wait = (res: Response, after: string | undefined): void => {
  if (after !== undefined) res.set('Retry-After', after);
};

/** A refused sign-in is a page with its sentence, and says nothing of whether the account exists. */
async function tried(deps: ApiDeps, lang: Lang, attempt: () => Promise<SignIn>): Promise<Tried> {
  try {
    const far = await attempt();
    return far === 'wrong'
      ? { status: 401, refusal: translate(lang)('console.signIn.wrong'), far }
      : { status: 200, refusal: '', far };
  } catch (error) {
    return refusalOf(deps, lang, error);
  }
}

function refusalOf(deps: ApiDeps, lang: Lang, error: unknown): Tried {
  const known = problemOf(error);
  if (!known) deps.log.error({ err: error }, 'sign-in failed');
  const problem = known ?? new Problem(500, 'internal');
  const seconds = Number(problem.extension['seconds'] ?? 0);
  const t = translate(lang);
  const refusal =
    problem.code === 'account-locked'
      ? t('console.signIn.locked', { n: Math.ceil(seconds / 60) })
      : problem.code === 'sign-in-wait'
        ? t('console.signIn.wait', { n: seconds })
        : sentenceFor(problem, lang).title;
  const after = problem.headers['Retry-After'];
  return { status: problem.status, refusal, ...(after === undefined ? {} : { after }) };
}
