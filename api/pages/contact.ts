import { type Request, type Response, Router } from 'express';
import { z } from 'zod';
import { stamp } from '../../domain/clock.ts';
import type { ContactWord } from '../../domain/contact-check.ts';
import { hashToken, isToken, normaliseToken } from '../../mail/addresses.ts';
import { type ContactCheckRecord, takeContactWord } from '../../models/contact-check.ts';
import { checkReadable, readBody } from '../body.ts';
import type { ApiDeps } from '../deps.ts';
import { langOf } from '../lang.ts';
import { limitGuess, limitToken } from '../limits.ts';
import { fieldErrors, notFound, parse, problemOf } from '../problem.ts';
import { email, line } from '../shapes.ts';
import { renderPage } from './render.ts';
import { officeOf } from './task-pages.ts';
import { refuse, wantsJson } from './task-visit.ts';
import type { ContactPageView, PageForm } from './views.ts';

interface Visit {
  readonly deps: ApiDeps;
  readonly req: Request;
  readonly res: Response;
  readonly check: ContactCheckRecord;
  readonly token: string;
  readonly lang: 'zh' | 'en';
}

/** A successor, as a contact or a person of the office names them. */
export const successorShape = z.object({
  name: line(50).min(1),
  email,
  phone: line(30)
    .optional()
    .transform((value) => value || undefined),
});

interface Form {
  readonly name: PageForm;
  readonly summary: string;
  readonly shape: z.ZodType;
  readonly word: (body: unknown) => ContactWord;
}

/** What the page's forms post to, below its own address. */
export const CONTACT_FORMS: readonly Form[] = [
  {
    name: 'confirmation',
    summary: '确认仍是联络员',
    shape: z.object({}),
    word: () => ({ kind: 'confirmed' }),
  },
  {
    name: 'successor',
    summary: '告知接任的联络员',
    shape: successorShape,
    word: (body) => ({ kind: 'replaced', successor: body as z.infer<typeof successorShape> }),
  },
];

/** The quarterly question (您是否仍是联络员): no account, no cookie, no script needed. GET changes nothing, whoever or whatever opens it. */
export function contactPages(deps: ApiDeps): Router {
  const router = Router();
  const visited = (work: (visit: Visit) => Promise<void>) => async (req: Request, res: Response) => {
    const lang = langOf(req);
    try {
      res.set({
        'Cache-Control': 'private, no-store',
        'X-Robots-Tag': 'noindex',
        'Referrer-Policy': 'no-referrer',
      });
      const { check, token } = await opened(deps, req);
      await readBody(req, res);
      await work({ deps, req, res, check, token, lang });
    } catch (error) {
      refuse({ deps, req, res, lang }, error);
    }
  };
  router.get(
    '/:token',
    visited(async (visit) => void visit.res.type('html').send(pageOf(visit, visit.check))),
  );
  for (const form of CONTACT_FORMS)
    router.post(
      `/:token/${form.name}`,
      visited((visit) => take(visit, form)),
    );
  return router;
}

/** The question behind a token; any other token is 404 and tells nothing. */
async function opened(
  { store }: ApiDeps,
  req: Request,
): Promise<{ token: string; check: ContactCheckRecord }> {
  const token = normaliseToken(req.params['token'] as string);
  const check = isToken(token)
    ? await store.contactChecks.findOne({ page: hashToken(token) }).lean<ContactCheckRecord>()
    : null;
  if (!check) {
    await limitGuess(req.ip ?? '');
    throw notFound();
  }
  if (req.method === 'POST') await limitToken(check.page);
  return { token, check };
}

function pageOf(
  { deps, token, lang }: Pick<Visit, 'deps' | 'token' | 'lang'>,
  check: ContactCheckRecord,
  more: Pick<ContactPageView, 'errors' | 'values'> & { readonly done?: true } = {},
): string {
  const { done = false, ...failed } = more;
  const named = check.said.findLast((one) => one.successor)?.successor;
  const answer =
    check.state === 'confirmed' || check.state === 'replaced' || check.state === 'gone' ? check.state : '';
  return renderPage('contact', {
    lang,
    path: `/contacts/${token}`,
    agency: check.agencyName,
    contact: check.name,
    email: check.email,
    role: check.role,
    year: check.quarter.slice(0, 4),
    quarter: check.quarter.slice(6),
    answer,
    at: check.answeredAt ?? '',
    successor: answer === 'replaced' ? (named?.name ?? '') : '',
    done,
    office: officeOf(deps),
    ...failed,
  });
}

async function take(visit: Visit, form: Form): Promise<void> {
  const { deps, req, res, check, lang } = visit;
  try {
    checkReadable(res);
    const word = form.word(parse(form.shape, req.body ?? {}, lang));
    const said = { at: stamp(await deps.clock.now()), channel: 'link' as const, by: check.name };
    const next = await takeContactWord(deps.store, check, { word, said });
    res.status(201);
    if (wantsJson(req)) res.json({ state: next.state, at: said.at });
    else res.type('html').send(pageOf(visit, next, { done: true }));
  } catch (error) {
    comesBack(visit, form.name, error);
  }
}

/** A form that cannot be taken comes back filled in, with its faults; a program gets the problem. */
function comesBack(visit: Visit, form: PageForm, error: unknown): void {
  const { req, res, check, lang } = visit;
  const problem = problemOf(error);
  if (problem?.status !== 422 || problem.errors.length === 0 || wantsJson(req)) throw error;
  const body = (req.body ?? {}) as Record<string, unknown>;
  const fields = Object.fromEntries(
    Object.entries(body).filter((pair): pair is [string, string] => typeof pair[1] === 'string'),
  );
  const errors = fieldErrors(problem, lang).map(({ pointer, detail }) => ({
    form,
    field: pointer.split('/')[1] || 'name',
    sentence: detail,
  }));
  res
    .status(422)
    .type('html')
    .send(pageOf(visit, check, { errors, values: { form, fields, items: {} } }));
}
