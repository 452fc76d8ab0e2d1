import { gunzipSync } from 'node:zlib';
import mongoose from 'mongoose';
import { z } from 'zod';
import { stamp } from '../../domain/clock.ts';
import { historyOfRun, runsOf } from '../../models/engine-history.ts';
import { verifyChain } from '../../models/event.ts';
import { entriesOf, ownerOf } from '../../models/history.ts';
import type { Store } from '../../models/store.ts';
import { type Hitch, WORKFLOW_KINDS, everyWorkflow } from '../../models/workflow.ts';
import { type Rule } from '../access.ts';
import { deadlineWord } from '../case-event-words.ts';
import type { ApiDeps } from '../deps.ts';
import { sentenceOf } from '../event-words.ts';
import { reached } from '../commands.ts';
import { sliced } from '../lists.ts';
import { notFound } from '../problem.ts';
import { ok, route } from '../route.ts';
import { page } from '../shapes.ts';

/** Administrators inspect and auditors see all; the others read the history of what they run in the console. */
const INSPECTORS: Rule = ['administrator', 'auditor'];

const find = ({ store }: ApiDeps, params: Readonly<Record<string, string>>) =>
  ownerOf(store, params['no'] ?? '');

export async function historyOf(store: Store, no: string) {
  const of = await ownerOf(store, no);
  if (!of) return null;
  const entries = await entriesOf(store, of);
  return entries.map((entry) => ({
    at: entry.at,
    source: entry.source,
    what: sentenceOf(entry),
    code: entry.what,
    who: entry.who ?? '系统',
    ...(entry.task === undefined ? {} : { task: entry.task }),
    ...(entry.step === undefined
      ? {}
      : { eventId: entry.step.event, workflow: entry.step.workflow, run: entry.step.run }),
  }));
}

/** The runs of a workflow, oldest first: from the archive what was kept, from the engine the rest. */
async function rawHistory({ store, client }: ApiDeps, workflow: string) {
  const archived = await store.archives.find({ workflow }).sort({ closedAt: 1 }).lean();
  const runs = new Map<string, { source: string; events: unknown[] }>();
  for (const one of archived) {
    const chunks: Buffer[] = [];
    for await (const chunk of store.files().openDownloadStream(new mongoose.mongo.ObjectId(one.file)))
      chunks.push(chunk as Buffer);
    const history = JSON.parse(gunzipSync(Buffer.concat(chunks)).toString('utf8')) as { events: unknown[] };
    runs.set(one.run, { source: 'archive', events: history.events });
  }
  const whole = archived.some((one) => one.next === undefined);
  const left = whole ? [] : await reached({ client }, () => runsOf(client, workflow, new Set(runs.keys())));
  for (const { run } of left) {
    const history = await reached({ client }, () => historyOfRun(client, workflow, run));
    runs.set(run, { source: 'engine', events: (JSON.parse(history) as { events: unknown[] }).events });
  }
  if (runs.size === 0) throw notFound();
  return {
    workflowId: workflow,
    runs: [...runs].map(([runId, { source, events }]) => ({ runId, source, events: events.length })),
    events: [...runs.values()].flatMap((run) => run.events),
  };
}

export const historyRoutes = [
  route({
    method: 'get',
    path: '/history/:no',
    rule: INSPECTORS,
    summary: '历史',
    find,
    work: async ({ deps, params }) => ok(await historyOf(deps.store, params['no'] ?? '')),
  }),
  route({
    method: 'get',
    path: '/history/:no/raw',
    rule: INSPECTORS,
    summary: '流程引擎的事件历史',
    find,
    async work({ deps, found }) {
      // The register's ledger has no workflow behind it.
      if (found.workflow === undefined) throw notFound();
      return ok(await rawHistory(deps, found.workflow));
    },
  }),
  route({
    method: 'get',
    path: '/history/:no/verify',
    rule: INSPECTORS,
    summary: '核验散列链',
    find,
    work: async ({ deps, found }) => ok(await verifyChain(deps.store.events, found.owner)),
  }),
  route({
    method: 'get',
    path: '/workflows',
    rule: INSPECTORS,
    summary: '流程一览',
    query: page.extend({
      kind: z.enum(WORKFLOW_KINDS).optional(),
      state: z.enum(['open', 'closed']).optional(),
      stuck: z.enum(['true', 'false']).optional(),
    }),
    async work(call) {
      const { deps, query } = call;
      const rows = await everyWorkflow(deps.store);
      const items = rows.map(({ hitches, ...row }) => ({ ...row, stuck: hitches.map(hitchWord) }));
      const chosen = items.filter(
        (one) =>
          (query.kind === undefined || one.kind === query.kind) &&
          (query.state === undefined || one.state === query.state) &&
          (query.stuck === undefined || String(one.stuck.length > 0) === query.stuck),
      );
      return sliced(call, chosen);
    },
  }),
];

const hitchWord = (hitch: Hitch): string => {
  switch (hitch.why) {
    case 'mailsInDoubt':
      return `${hitch.n}封邮件是否送达无法确认`;
    case 'calendarMissing':
      return '所需年份的节假日安排尚未导入';
    case 'deadlinePassed':
      return `${deadlineWord(hitch.name)}期限已过`;
    case 'handedOver':
      return `${hitch.n}件待人工处理`;
    case 'unfinished':
      return `${stamp(hitch.since.getTime()).slice(0, 16).replace('T', ' ')}开始执行，至今未完成`;
  }
};
