import type { Response, Router } from 'express';
import type { ApiDeps } from '../deps.ts';
import { acceptInvitation, invited, makeFirstAdministrator } from '../invitations.ts';
import { Problem, problemOf } from '../problem.ts';
import { sentenceFor, text } from './console-frame.ts';
import { type Lang, langOf, show } from './console-outside.ts';

interface Shown {
  readonly status?: number;
  readonly refusal?: string;
  /** Of the form, that the refusal is about. */
  readonly field?: string;
  readonly code?: string;
  readonly account?: string;
  readonly name?: string;
  readonly done?: boolean;
}

const BLANK = { refusal: '', code: '', account: '', name: '', done: false };

/** Where a password is set by its code, and where the first administrator is made; opening either changes nothing. */
export function passwordPages(deps: ApiDeps, router: Router): void {
  const refusalOf = (error: unknown, lang: Lang): Shown => {
    const known = problemOf(error);
    if (!known) deps.log.error({ err: error }, 'password not set');
    const problem = known ?? new Problem(500, 'internal');
    const { title, errors } = sentenceFor(problem, lang);
    const [fault] = errors;
    return {
      status: problem.status,
      refusal: problem.code === 'validation' ? (fault?.detail ?? title) : title,
      field: problem.code === 'invitation-over' ? 'code' : (fault?.pointer.split('/')[1] ?? ''),
    };
  };
  const holder = async (code: string): Promise<Shown> => {
    const { id, name } = await invited(deps, code);
    return { code, account: id, name };
  };
  const page = (res: Response, name: 'password' | 'first-run') => (lang: Lang, shown: Shown) =>
    show(res, name, {
      lang,
      status: shown.status ?? 200,
      view: { ...BLANK, ...shown },
      field: shown.field ?? '',
    });
  router.get('/password', async (req, res) => {
    const lang = langOf(req);
    const shown = await holder(text(req.query['code'])).catch((error: unknown) => refusalOf(error, lang));
    page(res, 'password')(lang, shown);
  });
  router.post('/password', async (req, res) => {
    const lang = langOf(req);
    const { code: given, password } = (req.body ?? {}) as Record<string, unknown>;
    const code = text(given).slice(0, 200);
    const shown: Shown = await acceptInvitation(deps, req, { code, password: text(password).slice(0, 1_000) })
      .then(() => ({ done: true }))
      .catch(async (error: unknown) => ({
        ...refusalOf(error, lang),
        ...(await holder(code).catch(() => ({}))),
      }));
    page(res, 'password')(lang, shown);
  });
  router.get('/first-run', (req, res) =>
    page(res, 'first-run')(langOf(req), { code: text(req.query['code']).slice(0, 200) }),
  );
  router.post('/first-run', async (req, res) => {
    const lang = langOf(req);
    const body = (req.body ?? {}) as Record<string, unknown>;
    const [code = '', account = '', name = ''] = ['code', 'account', 'name'].map((one) =>
      text(body[one]).trim().slice(0, 200),
    );
    const password = text(body['password']).slice(0, 1_000);
    const shown: Shown = await makeFirstAdministrator(deps, req, { code, account, name, password })
      .then(() => ({ done: true }))
      .catch((error: unknown) => ({ ...refusalOf(error, lang), code, account, name }));
    page(res, 'first-run')(lang, shown);
  });
}
