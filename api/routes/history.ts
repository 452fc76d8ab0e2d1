import { gunzipSync } from 'node:zlib';
import mongoose from 'mongoose';
import { z } from 'zod';
import { OPEN_STATUSES } from '../../domain/task.ts';
import { historyOfRun, runsOf } from '../../models/engine-history.ts';
import { verifyChain } from '../../models/event.ts';
import { entriesOf, ownerOf } from '../../models/history.ts';
import type { Store } from '../../models/store.ts';
import { accountabilityId, caseId, fileReviewId, planId } from '../../workflows/messages.ts';
import { type Rule } from '../access.ts';
import type { ApiDeps } from '../deps.ts';
import { sentenceOf } from '../event-words.ts';
import { reached } from '../commands.ts';
import { sliced } from '../lists.ts';
import { notFound } from '../problem.ts';
import { DEADLINES } from '../case-event-words.ts';
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
      kind: z.enum(['campaign', 'case', 'plan', 'accountability', 'fileReview', 'tasks']).optional(),
      state: z.enum(['open', 'closed']).optional(),
      stuck: z.enum(['true', 'false']).optional(),
    }),
    async work(call) {
      const { deps, query } = call;
      const items = await workflowsOf(deps.store);
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

/** Every workflow as its projections show it; lists never come from the engine. */
async function workflowsOf(store: Store) {
  const [cases, campaigns, plans, measures, reviews, groups, doubtful] = await Promise.all([
    store.cases.find({}, { state: 1, stage: 1, deadlines: 1 }).sort({ _id: -1 }).lean(),
    store.campaigns
      .find({ state: { $ne: 'draft' } }, { state: 1, phase: 1 })
      .sort({ _id: -1 })
      .lean(),
    store.plans
      .find({ state: { $ne: 'draft' } }, { state: 1, problem: 1 })
      .sort({ _id: -1 })
      .lean(),
    store.accountabilities.find({}, { state: 1, case: 1 }).sort({ _id: -1 }).lean(),
    store.fileReviews
      .find({ publishedAt: { $exists: true } }, { state: 1 })
      .sort({ _id: -1 })
      .lean(),
    store.tasks.aggregate<{ _id: string; owner: string; open: number; total: number; handedOver: number }>([
      {
        $group: {
          _id: '$group',
          owner: { $first: '$owner' },
          total: { $sum: 1 },
          open: { $sum: { $cond: [{ $in: ['$state', [...OPEN_STATUSES]] }, 1, 0] } },
          handedOver: {
            $sum: { $cond: [{ $and: ['$handedOver', { $in: ['$state', [...OPEN_STATUSES]] }] }, 1, 0] },
          },
        },
      },
      { $sort: { _id: 1 } },
    ]),
    store.messages.aggregate<{ _id: string; n: number }>([
      { $match: { state: 'inDoubt' } },
      { $group: { _id: '$owner', n: { $sum: 1 } } },
    ]),
  ]);
  const doubts = new Map(doubtful.map((one) => [one._id, one.n]));
  const ended = ['closed', 'cancelled', 'recalled'];
  return [
    ...campaigns.map((one) => ({
      id: `campaign/${one._id}`,
      kind: 'campaign' as const,
      owner: one._id,
      state: ended.includes(one.state) ? ('closed' as const) : ('open' as const),
      phase: one.phase as string,
      stuck: doubts.has(one._id) ? [`${doubts.get(one._id) ?? 0}封邮件是否送达无法确认`] : [],
    })),
    ...plans.map((one) => ({
      id: planId(one._id),
      kind: 'plan' as const,
      owner: one._id,
      state: one.state === 'closed' ? ('closed' as const) : ('open' as const),
      stuck: one.problem ? ['所需年份的节假日安排尚未导入'] : [],
    })),
    ...cases.map((one) => ({
      id: caseId(one._id),
      kind: 'case' as const,
      owner: one._id,
      state: one.state === 'archived' ? ('closed' as const) : ('open' as const),
      phase: one.stage as string,
      stuck: one.deadlines.flatMap((due) =>
        due.state === 'passed' && due.name !== 'objectionWindow'
          ? `${DEADLINES[due.name as keyof typeof DEADLINES] ?? due.name}期限已过`
          : [],
      ),
    })),
    ...measures.map((one) => ({
      id: accountabilityId(one._id),
      kind: 'accountability' as const,
      owner: one._id,
      state: one.state === 'ended' ? ('closed' as const) : ('open' as const),
      phase: one.state as string,
      stuck: [],
    })),
    ...reviews.map((one) => ({
      id: fileReviewId(one._id),
      kind: 'fileReview' as const,
      owner: one._id,
      state: one.state === 'final' ? ('closed' as const) : ('open' as const),
      stuck: [],
    })),
    ...groups.map((one) => ({
      id: one._id,
      kind: 'tasks' as const,
      owner: one.owner,
      state: one.open > 0 ? ('open' as const) : ('closed' as const),
      open: one.open,
      total: one.total,
      stuck: one.handedOver > 0 ? [`${one.handedOver}件待人工处理`] : [],
    })),
  ];
}
