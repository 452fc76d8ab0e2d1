import { WorkflowNotFoundError } from '@temporalio/client';
import { OPEN_STATUSES } from '../domain/task.ts';
import { stamp } from '../domain/clock.ts';
import { type ProcessKind, summaryOf } from '../domain/stand-words.ts';
import { appendEvents } from '../models/event.ts';
import type { FileReviewRecord } from '../models/file-review.ts';
import type { PlanRecord } from '../models/plan.ts';
import type { CaseInput } from '../workflows/case.ts';
import type { FileReviewInput } from '../workflows/file-review.ts';
import { caseId, fileReviewId, planId } from '../workflows/messages.ts';
import type { TaskGroup } from '../workflows/task.ts';
import type { Deps } from './deps.ts';
import type { PlanInput } from './plan.ts';
import { startWorkflow } from './starting.ts';

/** Groups that have open tasks and should have been started this long ago, in ms. */
const SETTLED_MS = 60_000;

/** Compares open projections with their workflows and starts again what is missing; says what it did in the ledger. */
export async function reconcile(deps: Pick<Deps, 'store' | 'client' | 'clock'>): Promise<readonly string[]> {
  const { store, client, clock } = deps;
  const [campaigns, plans, cases, reviews] = await Promise.all([
    store.campaigns.distinct('_id', { state: { $in: ['running', 'paused', 'summarising'] } }),
    // The groups of a year that has ended go on by themselves.
    store.plans.find({ state: { $ne: 'draft' } }).lean<PlanRecord[]>(),
    store.cases.find({ state: { $ne: 'archived' } }, { openedAt: 1 }).lean(),
    store.fileReviews.find({ state: 'preliminary' }).lean<FileReviewRecord[]>(),
  ]);
  const running = [...campaigns, ...[...cases, ...reviews].map((one) => one._id)];
  const groups = await store.tasks.aggregate<{
    _id: string;
    owner: string;
    phase: string;
    origin: string;
    openedAt: string;
  }>([
    {
      $match: {
        owner: { $in: [...running, ...plans.map((one) => one._id)] },
        state: { $in: [...OPEN_STATUSES] },
      },
    },
    {
      $group: {
        _id: '$group',
        owner: { $first: '$owner' },
        phase: { $first: '$phase' },
        origin: { $first: '$origin' },
        openedAt: { $min: '$openedAt' },
      },
    },
  ]);
  const now = await clock.now();
  const restarted: string[] = [];
  for (const { _id: no, openedAt } of cases) {
    if (now - Date.parse(openedAt) < SETTLED_MS || !(await isGone(client, caseId(no)))) continue;
    await startAgain(client, caseId(no), { workflow: 'caseWorkflow', input: { no } });
    restarted.push(caseId(no));
    await record(deps, no, { what: 'case-restarted', id: caseId(no) });
  }
  for (const plan of plans.filter((one) => one.state === 'running')) {
    const { _id: no, year, version, approvedBy: by = '', approvedAt: at = '' } = plan;
    if (now - Date.parse(at) < SETTLED_MS || !(await isGone(client, planId(no)))) continue;
    await startAgain(client, planId(no), { workflow: 'planWorkflow', input: { no, year, by, at, version } });
    restarted.push(planId(no));
    await record(deps, no, { what: 'plan-restarted', id: planId(no) });
  }
  // A review's workflow ends with the term for disputes; one that is gone before then is missing.
  for (const { _id: no, publishedAt = '', publishedBy: by = '', disputeUntil = '' } of reviews) {
    const id = fileReviewId(no);
    const waiting = now - Date.parse(publishedAt) >= SETTLED_MS && now < Date.parse(disputeUntil);
    if (!waiting || !(await isGone(client, id))) continue;
    await startAgain(client, id, { workflow: 'fileReviewWorkflow', input: { no, by } });
    restarted.push(id);
    await record(deps, no, { what: 'file-review-restarted', id });
  }
  for (const { _id: id, owner, phase, origin, openedAt } of groups) {
    if (now - Date.parse(openedAt) < SETTLED_MS || !(await isGone(client, id))) continue;
    const input: TaskGroup = { id, owner, phase, added: origin !== 'opening' && phase === 'selfInspection' };
    await startAgain(client, id, { workflow: 'taskGroupWorkflow', input });
    restarted.push(id);
    await record(deps, owner, { what: 'group-restarted', id });
  }
  return restarted;
}

async function startAgain(
  client: Deps['client'],
  id: string,
  {
    workflow,
    input,
  }: { readonly workflow: string; readonly input: TaskGroup | CaseInput | PlanInput | FileReviewInput },
): Promise<void> {
  const [kind, ...rest] = id.split('/');
  const summary = summaryOf(kind as ProcessKind, rest.join('/'));
  await startWorkflow(client, workflow, { id, input, summary });
}

async function record(
  { store, clock }: Pick<Deps, 'store' | 'clock'>,
  owner: string,
  { what, id }: { readonly what: string; readonly id: string },
): Promise<void> {
  const at = stamp(await clock.now());
  await appendEvents(store.events, {
    owner,
    key: `restarted/${id}/${at}`,
    entries: [{ at, source: 'workflow', what, detail: { group: id } }],
  });
}

async function isGone(client: Deps['client'], id: string): Promise<boolean> {
  try {
    const { status } = await client.workflow.getHandle(id).describe();
    return status.name !== 'RUNNING' && status.name !== 'CONTINUED_AS_NEW';
  } catch (error) {
    if (error instanceof WorkflowNotFoundError) return true;
    throw error;
  }
}
