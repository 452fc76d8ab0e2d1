import { z } from 'zod';
import { Refusal } from '../../domain/refusals.ts';
import { stamp } from '../../domain/clock.ts';
import { type Incoming, storeSubmission } from '../../models/intake.ts';
import { stepTerm } from '../../models/step-terms.ts';
import type { SubmissionRecord } from '../../models/submission.ts';
import type { TaskRecord } from '../../models/task.ts';
import { ORGANIZERS, READERS } from '../access.ts';
import { refuseReview } from '../case-papers.ts';
import { certificateOf } from '../certificate.ts';
import type { ApiDeps } from '../deps.ts';
import { taskFilter, taskQuery } from '../task-filter.ts';
import { listPage } from '../lists.ts';
import { consumed, reviewTask } from '../reviews.ts';
import { tellTask } from '../commands.ts';
import { refuseLateObjection } from '../objections.ts';
import { invalid } from '../problem.ts';
import { type Call, accepted, created, ok, route } from '../route.ts';
import { answerText, email, itemAnswers, person, prose, sentence, term, word } from '../shapes.ts';
import { showAnswer, showTask, taskBrief } from '../task-view.ts';

export const findTask = ({ store }: ApiDeps, params: Readonly<Record<string, string>>) =>
  store.tasks.findById(params['no']).lean<TaskRecord>();

export { taskFilter } from '../task-filter.ts';

/** What came by telephone or on paper goes through the same door as a link's answer or a reply. */
async function taken(call: Pick<Call<unknown, unknown, TaskRecord>, 'deps' | 'found'>, incoming: Incoming) {
  const { record } = await storeSubmission(call.deps.store, call.found, incoming);
  refuseLateObjection(record);
  return record;
}

/** The term of a document is extended once, and by no more than the office's rule gives (D13). */
async function extensionLimit({ store }: ApiDeps) {
  const { term } = await stepTerm(store, 'extension');
  const days = 'days' in term ? term.days : Math.ceil((term.workdays * 7) / 5);
  return { days, workdays: Math.floor((days * 5) / 7) };
}

const showReceipt = (record: SubmissionRecord) => ({ receipt: record._id, ...showAnswer(record) });
const reviewBody = z.discriminatedUnion('verdict', [
  z.object({ verdict: z.literal('accept') }),
  z.object({
    verdict: z.literal('return'),
    items: z
      .array(z.object({ id: word, reason: sentence }))
      .min(1)
      .max(200),
    term,
  }),
]);

export const taskRoutes = [
  route({
    method: 'get',
    path: '/tasks',
    line: { field: 'agency' },
    rule: READERS,
    summary: '办理事项列表',
    query: taskQuery,
    async work(call) {
      const now = await call.deps.clock.now();
      return listPage(call.deps.store.tasks, call, {
        filter: taskFilter(call.query, now),
        show: (row) => taskBrief(row, now),
      });
    },
  }),
  route({
    method: 'get',
    path: '/tasks/:no',
    line: { of: (found: TaskRecord) => found.agency },
    rule: READERS,
    summary: '一件办理事项',
    find: findTask,
    async work({ deps, found }) {
      const { body, etag } = await showTask(deps, found);
      return ok(body, { ETag: etag });
    },
  }),
  route({
    method: 'post',
    path: '/tasks/:no/answers',
    rule: ORGANIZERS,
    key: 'required',
    summary: '登记电话或纸质反馈',
    body: z.object({ text: answerText, items: itemAnswers.default({}), by: person }),
    find: findTask,
    async work(call) {
      const { text, items, by } = call.body;
      const receivedAt = stamp(await call.deps.clock.now());
      const record = await taken(call, {
        kind: 'answer',
        channel: 'operator',
        by: by as SubmissionRecord['by'],
        receivedAt,
        text,
        items: items as SubmissionRecord['items'],
      });
      return created(showReceipt(record));
    },
  }),
  route({
    method: 'post',
    path: '/tasks/:no/reviews',
    rule: ORGANIZERS,
    key: 'required',
    ifMatch: 'required',
    summary: '审核：接受或退回',
    body: reviewBody,
    find: findTask,
    async work({ deps, found, body, ifMatch, key, actor }) {
      refuseReview(found.owner);
      if (body.verdict === 'return')
        for (const [i, { id }] of body.items.entries())
          if (!found.items.some((item) => item.id === id))
            throw invalid(`/items/${i}/id`, 'item-unknown', `没有 ${id} 这一项`);
      return created(await reviewTask(deps, found, { ...body, ifMatch, key, actor }));
    },
  }),
  route({
    method: 'post',
    path: '/tasks/:no/extensions',
    rule: ORGANIZERS,
    key: 'required',
    summary: '登记延期申请',
    body: term.and(z.object({ reason: sentence, by: person.optional() })),
    find: findTask,
    async work(call) {
      const { reason, by, ...given } = call.body;
      if (call.found.state === 'closed' || call.found.state === 'withdrawn') throw new Refusal('task-closed');
      if (call.found.machine.extension) throw new Refusal('extension-pending');
      const receivedAt = stamp(await call.deps.clock.now());
      const who = (by ?? { name: call.actor.name }) as SubmissionRecord['by'];
      const record = await taken(call, {
        kind: 'extension',
        channel: 'operator',
        by: who,
        receivedAt,
        text: reason,
        term: given,
      });
      return created({ id: record._id, term: given, reason, receivedAt });
    },
  }),
  route({
    method: 'post',
    path: '/tasks/:no/extensions/:id/decision',
    rule: ORGANIZERS,
    key: 'required',
    summary: '决定延期申请',
    body: z.object({ granted: z.boolean(), reason: prose(2_000).optional() }),
    find: async (deps, params) => {
      const task = await findTask(deps, params);
      return task &&
        (await deps.store.submissions.countDocuments({
          _id: params['id'] ?? '',
          task: task._id,
          kind: 'extension',
        })) > 0
        ? task
        : null;
    },
    async work({ deps, found, body, params, key, actor }) {
      await consumed(deps, found._id);
      const { granted, reason } = body;
      const extension = params['id'] ?? '';
      const command = {
        kind: 'decideExtension' as const,
        task: found._id,
        by: actor.name,
        extension,
        granted,
        ...(reason ? { reason } : {}),
        ...(found.own ? { limit: await extensionLimit(deps) } : {}),
      };
      await tellTask(deps, found.group, { key, command });
      return created((await showTask(deps, (await findTask(deps, params)) ?? found)).body);
    },
  }),
  route({
    method: 'post',
    path: '/tasks/:no/delegations',
    rule: ORGANIZERS,
    key: 'required',
    summary: '代机关转办',
    body: z.object({ name: word, email }),
    find: findTask,
    async work(call) {
      if (call.found.state === 'closed' || call.found.state === 'withdrawn') throw new Refusal('task-closed');
      const receivedAt = stamp(await call.deps.clock.now());
      const record = await taken(call, {
        kind: 'delegation',
        channel: 'operator',
        by: { name: call.actor.name },
        receivedAt,
        ...call.body,
      });
      return created({ id: record._id, ...call.body, receivedAt });
    },
  }),
  route({
    method: 'post',
    path: '/tasks/:no/withdrawal',
    rule: ORGANIZERS,
    key: 'required',
    summary: '中止',
    body: z.object({ reason: sentence }),
    find: findTask,
    async work({ deps, found, body, params, key, actor }) {
      await tellTask(deps, found.group, {
        key,
        command: { kind: 'withdraw', task: found._id, by: actor.name, reason: body.reason },
      });
      return accepted((await showTask(deps, (await findTask(deps, params)) ?? found)).body);
    },
  }),
  route({
    method: 'post',
    path: '/tasks/:no/dates',
    rule: ORGANIZERS,
    key: 'required',
    summary: '调整期限',
    body: term.and(z.object({ reason: sentence })),
    find: findTask,
    async work({ deps, found, body, params, key, actor }) {
      const { reason, ...given } = body;
      await tellTask(deps, found.group, {
        key,
        command: { kind: 'reschedule', task: found._id, by: actor.name, term: given, reason },
      });
      return accepted((await showTask(deps, (await findTask(deps, params)) ?? found)).body);
    },
  }),
  route({
    method: 'get',
    path: '/tasks/:no/certificate',
    rule: READERS,
    summary: '送达凭证',
    find: findTask,
    work: async ({ deps, found }) => ok(await certificateOf(deps, found)),
  }),
];
