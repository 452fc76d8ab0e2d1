import { createHash } from 'node:crypto';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { gzipSync } from 'node:zlib';
import { historyToJSON } from '@temporalio/common/lib/proto-utils.js';
import { OPEN_STATUSES } from '../domain/task.ts';
import { appendEvents } from '../models/event.ts';
import { stamp } from '../domain/clock.ts';
import { caseId, planId } from '../workflows/messages.ts';
import type { Deps } from './deps.ts';

/** Keeps the histories of finished workflows, compressed and hashed, before the engine's retention drops them; returns how many. May run twice. */
export async function archiveFinished(deps: Pick<Deps, 'store' | 'client' | 'clock'>): Promise<number> {
  const { store } = deps;
  const [campaigns, plans, cases, groups, known] = await Promise.all([
    store.campaigns.find({ state: { $in: ['closed', 'cancelled', 'recalled'] } }, { _id: 1 }).lean(),
    store.plans.find({ state: 'closed' }, { _id: 1 }).lean(),
    store.cases.find({ state: 'archived' }, { _id: 1 }).lean(),
    store.tasks.aggregate<{ _id: string; owner: string; open: number }>([
      {
        $group: {
          _id: '$group',
          owner: { $first: '$owner' },
          open: { $sum: { $cond: [{ $in: ['$state', [...OPEN_STATUSES]] }, 1, 0] } },
        },
      },
      { $match: { open: 0 } },
    ]),
    store.archives.distinct('workflow'),
  ]);
  const done = new Set(known);
  const finished = [
    ...campaigns.map(({ _id }) => ({ workflow: `campaign/${_id}`, owner: _id })),
    ...plans.map(({ _id }) => ({ workflow: planId(_id), owner: _id })),
    ...cases.map(({ _id }) => ({ workflow: caseId(_id), owner: _id })),
    ...groups.map(({ _id, owner }) => ({ workflow: _id, owner })),
  ].filter((one) => !done.has(one.workflow));
  let kept = 0;
  for (const one of finished) if (await archive(deps, one)) kept += 1;
  return kept;
}

async function archive(
  { store, client, clock }: Pick<Deps, 'store' | 'client' | 'clock'>,
  { workflow, owner }: { workflow: string; owner: string },
): Promise<boolean> {
  const handle = client.workflow.getHandle(workflow);
  const closed = await handle.describe().catch(() => undefined);
  if (!closed || closed.status.name === 'RUNNING') return false;
  const json = historyToJSON(await client.workflow.getHandle(workflow, closed.runId).fetchHistory());
  const bytes = gzipSync(json);
  const sha256 = createHash('sha256').update(bytes).digest('hex');
  const upload = store.files().openUploadStream(`${workflow}/${closed.runId}.json.gz`);
  await pipeline(Readable.from([bytes]), upload);
  await store.archives.updateOne(
    { _id: `${workflow}/${closed.runId}` },
    {
      $setOnInsert: {
        workflow,
        run: closed.runId,
        owner,
        file: String(upload.id),
        sha256,
        events: closed.historyLength,
        closedAt: closed.closeTime ?? new Date(),
      },
    },
    { upsert: true },
  );
  const at = stamp(await clock.now());
  await appendEvents(store.events, {
    owner,
    key: `archived/${workflow}/${closed.runId}`,
    entries: [{ at, source: 'workflow', what: 'history-archived', detail: { workflow, sha256 } }],
  });
  return true;
}
