import { summaryOf } from '../../domain/stand-words.ts';
import { WorkflowExecutionAlreadyStartedError } from '@temporalio/client';
import { z } from 'zod';
import { stamp } from '../../domain/clock.ts';
import { Refusal } from '../../domain/refusals.ts';
import { type MessageRecord, type MessageState, bytesOf } from '../../models/message.ts';
import { type SettlementInput, WORK_QUEUE, settlementId } from '../../workflows/messages.ts';
import { ORGANIZERS, READERS } from '../access.ts';
import { outOfStep, reached } from '../commands.ts';
import type { ApiDeps } from '../deps.ts';
import { listPage } from '../lists.ts';
import { created, ok, route } from '../route.ts';
import { page, sentence, several } from '../shapes.ts';
import { sendEml } from './incoming.ts';

const STATES: readonly MessageState[] = [
  'pending',
  'sending',
  'sent',
  'rejected',
  'deferred',
  'inDoubt',
  'bounced',
  'cancelled',
];
const ASKING: readonly string[] = ['task', 'reminder', 'dueToday', 'urge', 'returned', 'nudge', 'digest'];
/** How long a person waits to see the decision carried out; it is kept in any case. */
const SHOWN_MS = 8_000;

type Head = Omit<MessageRecord, 'raw'>;
const findHead = ({ store }: Pick<ApiDeps, 'store'>, id: string) =>
  store.messages.findById(id, { raw: 0 }).lean<Head>();

export const showMessage = (message: Head) => ({
  id: message._id,
  owner: message.owner,
  subject: message.subject,
  kind: message.kind,
  to: message.recipient,
  subjectLine: message.subjectLine,
  ...(message.agency === undefined ? {} : { agency: message.agency }),
  state: message.state,
  attempts: message.attempt,
  at: stamp((message.bouncedAt ?? message.acceptedAt ?? message.submittedAt ?? message.createdAt).getTime()),
  why: message.bounce?.text ?? message.smtp?.response ?? '',
  ...(message.settlement ? { settlement: message.settlement } : {}),
});

/** A mail that asks for an answer is not sent again for a task that needs none, nor while its campaign is paused. */
async function checkResend({ store }: ApiDeps, message: Head): Promise<void> {
  const task = await store.tasks.findById(message.subject, { state: 1 }).lean();
  if (task && (task.state === 'closed' || task.state === 'withdrawn') && ASKING.includes(message.kind))
    throw new Refusal('task-closed', '该事项已办结或中止，无须重发');
  const owner = await store.campaigns.findById(message.owner, { state: 1, phase: 1 }).lean();
  if (owner?.state === 'paused')
    throw outOfStep(owner, 'campaign-not-running', '专项监督已暂停，恢复后再重发');
}

async function settled({ store }: ApiDeps, before: Head): Promise<Head> {
  const until = Date.now() + SHOWN_MS;
  for (;;) {
    const now = (await findHead({ store }, before._id)) ?? before;
    if (now.settlement?.attempt === before.attempt || now.state !== 'inDoubt' || Date.now() > until)
      return now;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

export const messageRoutes = [
  route({
    method: 'get',
    path: '/messages',
    rule: READERS,
    summary: '发出的邮件：?state=inDoubt 为送达存疑',
    query: page.extend({
      state: several(STATES).optional(),
      owner: z.string().max(64).optional(),
      task: z.string().max(80).optional(),
    }),
    work: async (call) => {
      const { state, owner, task } = call.query;
      return listPage<Head>(call.deps.store.messages as never, call, {
        filter: {
          ...(state ? { state: { $in: state } } : {}),
          ...(owner ? { owner } : {}),
          ...(task ? { subject: task } : {}),
        },
        without: ['raw'],
        show: showMessage,
      });
    },
  }),
  route({
    method: 'get',
    path: '/messages/:id/raw',
    rule: READERS,
    summary: '发出邮件的原件（.eml）',
    find: ({ store }, params) =>
      store.messages
        .findOne({ _id: params['id'] ?? '', sealed: { $ne: true } }, { raw: 1 })
        .lean<Pick<MessageRecord, '_id' | 'raw'>>(),
    async work({ found, res }) {
      sendEml(res, bytesOf(found.raw), found._id);
      return undefined;
    },
  }),
  route({
    method: 'post',
    path: '/messages/:id/settlement',
    rule: ORGANIZERS,
    key: 'required',
    summary: '送达存疑的邮件：认定已送达，或重发',
    body: z.object({ outcome: z.enum(['sent', 'resend']), reason: sentence }),
    find: (deps, params) => findHead(deps, params['id'] ?? ''),
    async work({ deps, found, body, actor }) {
      if (found.state !== 'inDoubt') throw new Refusal('already-decided', '这封邮件不存疑，或已经处理过');
      if (body.outcome === 'resend') await checkResend(deps, found);
      const at = stamp(await deps.clock.now());
      const input: SettlementInput = {
        message: found._id,
        attempt: found.attempt,
        by: actor.name,
        at,
        ...body,
      };
      await reached(deps, () =>
        deps.client.workflow.start('settlementWorkflow', {
          workflowId: settlementId(found._id, found.attempt),
          taskQueue: WORK_QUEUE,
          args: [input],
          workflowIdReusePolicy: 'REJECT_DUPLICATE',
          staticSummary: summaryOf('settlement', found.subject, `第${found.attempt}次发送之后`),
        }),
      ).catch((error: unknown) => {
        if (error instanceof WorkflowExecutionAlreadyStartedError)
          throw new Refusal('already-decided', '已有人作出处理');
        throw error;
      });
      return created(showMessage(await settled(deps, found)));
    },
  }),
  route({
    method: 'get',
    path: '/messages/:id',
    rule: READERS,
    summary: '一封发出的邮件',
    find: (deps, params) => findHead(deps, params['id'] ?? ''),
    work: async ({ found }) => ok(showMessage(found)),
  }),
];
