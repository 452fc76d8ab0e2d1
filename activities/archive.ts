import { createHash } from 'node:crypto';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { gzipSync } from 'node:zlib';
import { stamp } from '../domain/clock.ts';
import { type EngineRun, historyOfRun, runsOf } from '../models/engine-history.ts';
import { appendEvents } from '../models/event.ts';
import { type WorkflowRow, everyWorkflow } from '../models/workflow.ts';
import type { Deps } from './deps.ts';

type Archiving = Pick<Deps, 'store' | 'client' | 'clock'>;

/** Keeps every run of finished workflows, compressed and hashed, before the engine's retention drops them; returns how many runs. May run twice. */
export async function archiveFinished(deps: Archiving): Promise<number> {
  const done = new Set(await deps.store.archives.distinct('workflow', { next: { $exists: false } }));
  const listed = await everyWorkflow(deps.store);
  return archiveAll(
    deps,
    listed.filter((one) => one.state === 'closed' && !done.has(one.id)),
  );
}

/** Keeps the runs that open workflows have left behind: retention counts from the end of a run, not of the workflow. */
export async function archiveRenewed(deps: Archiving): Promise<number> {
  const listed = await everyWorkflow(deps.store);
  return archiveAll(
    deps,
    listed.filter((one) => one.state === 'open'),
  );
}

async function archiveAll(deps: Archiving, listed: readonly WorkflowRow[]): Promise<number> {
  let kept = 0;
  for (const one of listed) kept += await archiveRuns(deps, one);
  return kept;
}

/** Oldest first, so that what is kept of a workflow whose archiving was cut short has no hole. */
async function archiveRuns(deps: Archiving, { id: workflow, owner }: WorkflowRow): Promise<number> {
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
