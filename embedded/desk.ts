import express, { type Request, type Router } from 'express';
import { langOf } from '../api/lang.ts';
import type { Client } from '@temporalio/client';
import { productAt, stamp } from '../domain/clock.ts';
import { createWording } from '../mail/wording.ts';
import type { Store } from '../models/store.ts';
import { moveClock, nextNode, readClock } from './demo-clock.ts';
import { inTongue, template, tongueOf } from './mailbox-pages.ts';
import { sameSite } from './mailbox-router.ts';
import { type Since, noteSeen, tutorialSteps } from './tutorial.ts';

export interface DeskParts {
  readonly store: Store;
  readonly client: Client;
  /** Address of the console. */
  readonly console: string;
  readonly since: Since;
}

const HOUR_MS = 3_600_000;
const DAY_SECONDS = 86_400;
/** What the clock's buttons do; a node is reached a moment after it is due. */
const FORWARD: Readonly<Record<string, number>> = { hour: HOUR_MS, day: 24 * HOUR_MS };
const PACES: Readonly<Record<string, number>> = { real: DAY_SECONDS, minute: 60 };
const page = template('desk');

/** The demo's desk: its clock to be put forward, and the five steps of a newcomer. Only the embedded default has it. */
export function createDesk(parts: DeskParts): Router {
  const { store } = parts;
  const router = express.Router();
  router.get('/desk', async (req, res) => {
    res.type('html').send(page(req, await deskView(parts, req)));
  });
  router.post('/desk/clock', sameSite, express.urlencoded(), async (req, res) => {
    const to: unknown = (req.body as Record<string, unknown>)['to'];
    const moved = typeof to === 'string' && (await carryOut(parts, to));
    res.redirect(303, inTongue(req, moved ? '/desk?moved=1' : '/desk'));
  });
  router.post('/desk/steps/:n', sameSite, async (req, res) => {
    await noteSeen(store, Number(req.params['n']));
    res.redirect(303, inTongue(req, '/desk'));
  });
  return router;
}

async function carryOut(parts: DeskParts, to: string): Promise<boolean> {
  const clock = await readClock(parts.store);
  if (!clock) return false;
  if (PACES[to] !== undefined) await moveClock(parts, { daySeconds: PACES[to] });
  else if (FORWARD[to] !== undefined) await moveClock(parts, { forwardMs: FORWARD[to] });
  else if (to === 'node') {
    const now = productAt(clock, Date.now());
    const next = await nextNode(parts.store, now);
    if (next === undefined) return false;
    await moveClock(parts, { forwardMs: next - now + 1_000 });
  } else return false;
  return true;
}

async function deskView({ store, console, since }: DeskParts, req: Request) {
  const clock = await readClock(store);
  const now = clock ? productAt(clock, Date.now()) : Date.now();
  const next = clock ? await nextNode(store, now) : undefined;
  const t = tongueOf(req);
  const { moment } = createWording(langOf(req), t);
  const steps = await tutorialSteps(store, { console, since });
  return {
    console: inTongue(req, console),
    clockAction: inTongue(req, '/desk/clock'),
    moved: req.query['moved'] === '1',
    runs: clock !== undefined,
    now: moment(stamp(now)),
    daySeconds: clock ? Math.round(DAY_SECONDS / clock.rate) : DAY_SECONDS,
    real: clock?.rate === 1,
    next: next === undefined ? '' : moment(stamp(next)),
    steps: steps.map((step) => ({
      ...step,
      title: t(`demo.steps.${step.n}.title`),
      how: t(`demo.steps.${step.n}.how`),
      label: t(`demo.steps.${step.n}.label`),
      href: inTongue(req, step.href),
      action: inTongue(req, `/desk/steps/${step.n}`),
    })),
    done: steps.filter((step) => step.done).length,
    of: steps.length,
  };
}
