import { type Request, type Response, Router } from 'express';
import type { ApiDeps } from '../deps.ts';
import { Problem, problemOf } from '../problem.ts';
import { csrfValid, enter, kept as writeSession, signIn, signOut } from '../session.ts';
import { sentenceFor, text, translate } from './console-frame.ts';
import { type Draft, draftFrom, inside } from './console-draft.ts';
import { passwordPages } from './console-password.ts';
import { type Lang, langOf, show } from './console-outside.ts';

/** Their session is over while they typed: they sign in, and find the page with what they had typed. */
export function askToSignIn(req: Request, res: Response, draft: Draft): void {
  const kept = JSON.stringify(draft);
  show(res, 'sign-in', { lang: langOf(req), status: 401, view: { ...BLANK, next: draft.at, kept } });
}

const BLANK = { account: '', refusal: '', kept: '' };

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
      },
    });
  });
  router.post('/sign-in', async (req, res) => {
    const lang = langOf(req);
    const { account, password, next, kept } = (req.body ?? {}) as Record<string, unknown>;
    const given = { account: text(account).trim().slice(0, 200), password: text(password).slice(0, 1_000) };
    const to = inside(text(next));
    const { status, refusal } = await tried(deps, lang, () => signIn(deps, req, given));
    const draft = draftFrom(kept);
    if (status === 200) {
      req.session.lang = lang;
      if (draft) req.session.draft = draft;
      await writeSession(req);
      return res.redirect(303, draft?.at ?? to);
    }
    const view = { next: to, account: given.account, refusal, kept: draft ? JSON.stringify(draft) : '' };
    show(res, 'sign-in', { lang, status, view });
  });
  router.post('/sign-out', async (req, res) => {
    if (req.session.account !== undefined && csrfValid(res)) await signOut(deps, req);
    res.clearCookie('jiandu', { path: '/console' });
    res.redirect(303, '/console/sign-in');
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
    const { status, refusal } = await tried(deps, lang, () => enter(deps, req, ticket));
    if (status === 200) return res.redirect(303, '/console');
    show(res, 'enter', {
      lang,
      status,
      view: {
        ticket,
        refusal:
          refusal === translate(lang)('console.signIn.wrong')
            ? translate(lang)('console.signIn.ticket')
            : refusal,
      },
    });
  });
  return router;
}

/** A refused sign-in is a page with its sentence, and says nothing of whether the account exists. */
async function tried(
  deps: ApiDeps,
  lang: Lang,
  attempt: () => Promise<boolean>,
): Promise<{ status: number; refusal: string }> {
  try {
    return (await attempt())
      ? { status: 200, refusal: '' }
      : { status: 401, refusal: translate(lang)('console.signIn.wrong') };
  } catch (error) {
    const known = problemOf(error);
    if (!known) deps.log.error({ err: error }, 'sign-in failed');
    const problem = known ?? new Problem(500, 'internal');
    return { status: problem.status, refusal: sentenceFor(problem, lang).title };
  }
}
