import type { MessageRecord } from '../../models/message.ts';
import { WORKFLOW_KINDS, type WorkflowKind } from '../../models/workflow.ts';
import { type Rule, READERS } from '../access.ts';
import { TASK_CAUSES } from '../case-sight.ts';
import { engineStand } from '../engine-stand.ts';
import { failureOf } from '../failure-words.ts';
import { historyRoutes } from '../routes/history.ts';
import type { OwnerBlocker } from '../owner-blockers.ts';
import { stuckCases, stuckTasks } from '../task-blockers.ts';
import type { ConsoleRoute, Page, Visit } from './console-frame.ts';
import { type Listing, listing } from './console-listing.ts';
import { ownerHref } from './console-ledger.ts';

const INSPECTORS: Rule = ['administrator', 'auditor'];
const QUEUED = ['pending', 'sending', 'deferred', 'inDoubt', 'rejected', 'bounced'] as const;
const MOST_RETRIES = 20;

export const opsConsoleRoutes: readonly ConsoleRoute[] = [
  { method: 'get', path: '/ops', rule: READERS, work: ops, again: ops },
];

interface Process {
  readonly id: string;
  readonly kind: WorkflowKind;
  readonly owner: string;
  readonly state: 'open' | 'closed';
  readonly stuck: readonly string[];
  readonly open?: number;
  readonly total?: number;
}

/** Why things wait, who works, what is in the mail queue, and for inspectors every workflow. */
async function ops(visit: Visit): Promise<Page> {
  const { deps, t, lang, actor } = visit;
  const inspects = INSPECTORS.includes(actor.role);
  const [stand, tasks, cases, mails, retries, processes] = await Promise.all([
    engineStand(deps),
    stuckTasks(deps, lang),
    stuckCases(deps, lang).catch(() => null),
    deps.store.messages.aggregate<{ _id: string; n: number }>([
      { $match: { state: { $in: [...QUEUED] } } },
      { $group: { _id: '$state', n: { $sum: 1 } } },
    ]),
    deps.store.messages
      .find({ state: 'deferred' }, { raw: 0 })
      .sort({ nextAttemptAt: 1 })
      .limit(MOST_RETRIES)
      .lean<MessageRecord[]>(),
    inspects ? workflows(visit) : null,
  ]);
  const count = (state: string): number => mails.find((one) => one._id === state)?.n ?? 0;
  return {
    page: 'ops',
    title: t('console.nav.ops'),
    path: '/console/ops',
    view: {
      stand: { ...stand, clock: clockOf(stand.readAt) },
      idle: !stand.away && stand.queues.some((one) => one.workers.length === 0),
      tasks: TASK_CAUSES.flatMap((cause) => tasks.find((one) => one.cause === cause) ?? []),
      cases,
      mails: QUEUED.map((state) => ({ state, n: count(state) })),
      retries: retries.map((one) => ({
        no: one.subject,
        kind: one.kind,
        times: one.attempt,
        ...failureOf(one, lang),
        at: one.nextAttemptAt ? clockOf(one.nextAttemptAt.toISOString()) : '',
      })),
      processes,
    },
  };
}

/** A blocker as a page shows it: its next step in words. */
export const shownBlocker = ({ t }: Visit, { next, n = 0, of = 0, ...blocker }: OwnerBlocker) => ({
  ...blocker,
  n,
  of: n > 1 ? of : 0,
  cause: blocker.cause ?? 'awaitingAgency',
  next: next && {
    at: next.at,
    what: 'key' in next ? t(next.key) : t(`console.step.${next.step}`),
  },
});

/** Wall time in the office's zone. */
const clockOf = (at: string): string =>
  at === '' ? '' : new Date(Date.parse(at) + 8 * 3_600_000).toISOString().slice(11, 16);

/** From the projections: the engine is asked for nothing here. */
async function workflows(visit: Visit) {
  const shown: Listing<Process> = await listing<Process>(visit, historyRoutes, {
    at: 'get /workflows',
    path: '/console/ops',
    filters: ['kind', 'state', 'stuck'],
  });
  const { temporalUi, client } = visit.deps;
  return {
    ...shown,
    kinds: WORKFLOW_KINDS,
    rows: shown.items.map((one) => ({
      id: one.id,
      kind: one.kind,
      owner: one.owner,
      state: one.state,
      home: ownerHref(one.owner),
      // Reason: the roster and an errand have no number of their own, only their workflow has.
      history: `/console/history/${encodeURIComponent(ownerHref(one.owner) === '' ? one.id : one.owner)}`,
      stuck: one.stuck.join('；'),
      part: one.total === undefined ? '' : `${one.open ?? 0}/${one.total}`,
      engine:
        temporalUi === undefined
          ? ''
          : `${temporalUi.replace(/\/$/, '')}/namespaces/${encodeURIComponent(client.options.namespace)}/workflows/${encodeURIComponent(one.id)}`,
    })),
  };
}
