import { type Request, type Response, Router } from 'express';
import { readBody } from '../body.ts';
import type { ApiDeps } from '../deps.ts';
import { langOf } from '../lang.ts';
import { renderPage } from './render.ts';
import { PAGE_FORMS } from './task-forms.ts';
import { closedPage, handedPage, taskPage } from './task-pages.ts';
import { type Visit, opened, refuse } from './task-visit.ts';

/** The agency's page: no account, no cookie, no script needed. GET changes nothing, whoever or whatever opens it. */
export function taskPages(deps: ApiDeps): Router {
  const router = Router();
  const visited = (work: (visit: Visit) => Promise<void>) => async (req: Request, res: Response) => {
    const lang = langOf(req);
    try {
      res.set({
        'Cache-Control': 'private, no-store',
        'X-Robots-Tag': 'noindex',
        'Referrer-Policy': 'no-referrer',
      });
      const { token, link, task } = await opened(deps, req);
      await readBody(req, res);
      await work({ deps, req, res, link, task, token, lang });
    } catch (error) {
      refuse({ deps, req, res, lang }, error);
    }
  };
  router.get('/:token', visited(show));
  for (const { name, work } of PAGE_FORMS) router.post(`/:token/${name}`, visited(work));
  return router;
}

async function show(visit: Visit): Promise<void> {
  const { res, task } = visit;
  res.type('html');
  if (task.state === 'closed' || task.state === 'withdrawn') res.send(await closedPage(visit));
  else if (visit.link.handedOn) res.send(handedPage(visit, visit.link.handedOn));
  else res.send(renderPage('task', await taskPage(visit)));
}
