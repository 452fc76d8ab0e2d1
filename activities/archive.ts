import { createHash } from 'node:crypto';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { gzipSync } from 'node:zlib';
import { stamp } from '../domain/clock.ts';
import { OPEN_STATUSES } from '../domain/task.ts';
import { type EngineRun, historyOfRun, runsOf } from '../models/engine-history.ts';
import { appendEvents } from '../models/event.ts';
import { accountabilityId, campaignId, caseId, fileReviewId, planId } from '../workflows/messages.ts';
import type { Deps } from './deps.ts';

type Archiving = Pick<Deps, 'store' | 'client' | 'clock'>;

interface Listed {
  readonly workflow: string;
  readonly owner: string;
  readonly ended: boolean;
}

/** Keeps every run of finished workflows, compressed and hashed, before the engine's retention drops them; returns how many runs. May run twice. */
export async function archiveFinished(deps: Archiving): Promise<number> {
  const done = new Set(await deps.store.archives.distinct('workflow', { next: { $exists: false } }));
  const listed = await workflowsOf(deps.store);
  return archiveAll(
    deps,
    listed.filter((one) => one.ended && !done.has(one.workflow)),
  );
}

/** Keeps the runs that open workflows have left behind: retention counts from the end of a run, not of the workflow. */
export async function archiveRenewed(deps: Archiving): Promise<number> {
  const listed = await workflowsOf(deps.store);
  return archiveAll(
    deps,
    listed.filter((one) => !one.ended),
  );
}

/** Every workflow of which the office has a projection. */
async function workflowsOf(store: Deps['store']): Promise<Listed[]> {
  const drafts = { state: { $ne: 'draft' as const } };
  const [campaigns, plans, cases, measures, reviews, groups] = await Promise.all([
    store.campaigns.find(drafts, { state: 1 }).lean(),
    store.plans.find(drafts, { state: 1 }).lean(),
    store.cases.find({}, { state: 1 }).lean(),
    store.accountabilities.find({}, { state: 1 }).lean(),
    store.fileReviews.find({ publishedAt: { $exists: true } }, { state: 1 }).lean(),
    store.tasks.aggregate<{ _id: string; owner: string; open: number }>([
      {
        $group: {
          _id: '$group',
          owner: { $first: '$owner' },
          open: { $sum: { $cond: [{ $in: ['$state', [...OPEN_STATUSES]] }, 1, 0] } },
        },
      },
    ]),
  ]);
  const rows = (
    records: readonly { readonly _id: string; readonly state: string }[],
    idOf: (no: string) => string,
    ends: readonly string[],
  ): Listed[] =>
    records.map(({ _id, state }) => ({ workflow: idOf(_id), owner: _id, ended: ends.includes(state) }));
  return [
    ...rows(campaigns, campaignId, ['closed', 'cancelled', 'recalled']),
    ...rows(plans, planId, ['closed']),
    ...rows(cases, caseId, ['archived']),
    ...rows(measures, accountabilityId, ['ended', 'declined', 'withdrawn']),
    ...rows(reviews, fileReviewId, ['final']),
    ...groups.map(({ _id, owner, open }) => ({ workflow: _id, owner, ended: open === 0 })),
  ];
}

async function archiveAll(deps: Archiving, listed: readonly Listed[]): Promise<number> {
  let kept = 0;
  for (const one of listed) kept += await archiveRuns(deps, one);
  return kept;
}

/** Oldest first, so that what is kept of a workflow whose archiving was cut short has no hole. */
async function archiveRuns(deps: Archiving, { workflow, owner }: Listed): Promise<number> {
  const known = new Set(await deps.store.archives.distinct('run', { workflow }));
  const runs = await runsOf(deps.client, workflow, known);
  const closed = runs.filter((one) => !one.running);
  for (const [n, one] of closed.entries())
    await archive(deps, { workflow, owner, one, next: runs[n + 1]?.run });
  return closed.length;
}

async function archive(
  { store, client, clock }: Archiving,
  of: { workflow: string; owner: string; one: EngineRun; next: string | undefined },
): Promise<void> {
  const { workflow, owner, one, next } = of;
  const json = await historyOfRun(client, workflow, one.run);
  const bytes = gzipSync(json);
  const sha256 = createHash('sha256').update(bytes).digest('hex');
  const upload = store.files().openUploadStream(`${workflow}/${one.run}.json.gz`);
  await pipeline(Readable.from([bytes]), upload);
  await store.archives.updateOne(
    { _id: `${workflow}/${one.run}` },
    {
      $setOnInsert: {
        workflow,
        run: one.run,
        owner,
        file: String(upload.id),
        sha256,
        events: (JSON.parse(json) as { events: unknown[] }).events.length,
        closedAt: one.closedAt ?? new Date(),
        ...(next === undefined ? {} : { next }),
      },
    },
    { upsert: true },
  );
  const at = stamp(await clock.now());
  await appendEvents(store.events, {
    owner,
    key: `archived/${workflow}/${one.run}`,
    entries: [{ at, source: 'workflow', what: 'history-archived', detail: { workflow, sha256 } }],
  });
}
