import { type Request, type Response, Router } from 'express';
import { hashToken, isToken, normaliseToken } from '../../mail/addresses.ts';
import type { ClueRecord } from '../../models/clue.ts';
import { readBody } from '../body.ts';
import type { ApiDeps } from '../deps.ts';
import { langOf } from '../lang.ts';
import { limitGuess } from '../limits.ts';
import { createPatience } from '../patience.ts';
import { type PublicVisit, complaintForm, takeComplaint } from './complaint-form.ts';
import { renderPage } from './render.ts';
import { officeOf } from './task-pages.ts';
import { refuse } from './task-visit.ts';
import type { ComplaintFollowPageView } from './views.ts';

/** The public form (投诉举报) and its follow-up: no account, no cookie, no script needed. */
export function complaintPages(deps: ApiDeps): Router {
  const router = Router();
  const patience = createPatience(deps);
  const visited = (work: (visit: PublicVisit) => Promise<void>) => async (req: Request, res: Response) => {
    const lang = langOf(req);
    try {
      res.set({
        'Cache-Control': 'private, no-store',
        'X-Robots-Tag': 'noindex',
        'Referrer-Policy': 'no-referrer',
      });
      await work({ deps, req, res, lang, patience });
    } catch (error) {
      refuse({ deps, req, res, lang }, error);
    }
  };
  router.get(
    '/',
    visited(async (visit) => void visit.res.type('html').send(await complaintForm(visit))),
  );
  router.post(
    '/',
    visited(async (visit) => {
      await readBody(visit.req, visit.res);
      await takeComplaint(visit);
    }),
  );
  router.get(
    '/follow',
    visited(async (visit) => void visit.res.type('html').send(followPage(visit, {}))),
  );
  router.post('/follow', visited(follow));
  return router;
}

const followPage = (
  { deps, lang }: Pick<PublicVisit, 'deps' | 'lang'>,
  more: Pick<ComplaintFollowPageView, 'clue' | 'errors' | 'values'>,
): string =>
  renderPage('complaint-follow', { lang, path: '/complaints/follow', office: officeOf(deps), ...more });

const UNKNOWN = {
  zh: '没有这个查询码，请核对后再输入',
  en: 'No complaint has this code; look at it once more',
} as const;

/** Shows in words what a complainant may know; a wrong code tells nothing and counts as a guess. */
async function follow(visit: PublicVisit): Promise<void> {
  const { deps, req, res, lang } = visit;
  await readBody(req, res);
  const given = (req.body as { code?: unknown } | undefined)?.code;
  const code = normaliseToken(typeof given === 'string' ? given.slice(0, 200) : '');
  const clue = isToken(code)
    ? await deps.store.clues.findOne({ code: hashToken(code) }).lean<ClueRecord>()
    : null;
  res.type('html');
  if (clue) {
    res.send(followPage(visit, { clue: await told(deps, clue) }));
    return;
  }
  await limitGuess(req.ip ?? '');
  const errors = [{ form: 'follow' as const, field: 'code', sentence: UNKNOWN[lang] }];
  const values = {
    form: 'follow' as const,
    fields: { code: typeof given === 'string' ? given : '' },
    items: {},
  };
  res.status(404).send(followPage(visit, { errors, values }));
}

/** What was told of a complaint, step by step: the same facts as its mails. */
async function told(deps: ApiDeps, clue: ClueRecord): Promise<NonNullable<ComplaintFollowPageView['clue']>> {
  const notices = await deps.store.complainantNotices.find({ clue: clue._id }).sort({ at: 1 }).lean();
  return {
    no: clue._id,
    receivedAt: clue.receivedAt,
    steps: notices.map(({ step, at, facts }) => ({
      step,
      at,
      by: facts.by ?? '',
      to: facts.to ?? '',
      closing: facts.closing ?? '',
      guidance: facts.guidance ?? '',
      documentNumber: facts.documentNumber ?? '',
      body: (facts.text ?? '').split('\n').filter((line) => line.trim() !== ''),
    })),
  };
}
