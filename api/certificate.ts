import type { MessageRecord } from '../models/message.ts';
import type { TaskRecord } from '../models/task.ts';
import type { ApiDeps } from './deps.ts';
import { showDelivery } from './task-view.ts';

/** 送达凭证: every message of a task with the hash of its .eml, how far it came and when. */
export async function certificateOf({ store }: Pick<ApiDeps, 'store'>, task: TaskRecord) {
  const messages = await store.messages
    .find({ subject: task._id }, { raw: 0 })
    .sort({ createdAt: 1 })
    .lean<MessageRecord[]>();
  const { machine } = task;
  return {
    no: task._id,
    agency: task.agencyName,
    title: task.title,
    acknowledged: machine.acknowledged ?? null,
    messages: messages.map((message) => ({
      ...showDelivery(message, machine.acknowledged !== undefined),
      rungs: rungsOf(message, machine.acknowledged?.at),
      sha256: message.sha256,
      size: message.size,
      attempts: message.attempt,
      times: {
        created: message.createdAt.toISOString(),
        submitted: message.submittedAt?.toISOString() ?? null,
        accepted: message.acceptedAt?.toISOString() ?? null,
        bounced: message.bouncedAt?.toISOString() ?? null,
      },
      eml: `/api/v1/messages/${encodeURIComponent(message._id)}/raw`,
    })),
  };
}

/** How far a message came, step by step; who signed for the task has read its own notice at that moment at the latest. */
function rungsOf(message: MessageRecord, acknowledgedAt: string | undefined) {
  const { createdAt, submittedAt, bouncedAt, kind, settlement } = message;
  // Where no server said so, a person did: the certificate names who, when and why.
  const acceptedAt =
    message.acceptedAt ?? (settlement?.outcome === 'sent' ? new Date(settlement.at) : undefined);
  const reached = [
    { rung: 'created', at: createdAt.toISOString() },
    { rung: 'submitted', at: submittedAt?.toISOString() },
    { rung: 'accepted', at: acceptedAt?.toISOString() },
    { rung: 'bounced', at: bouncedAt?.toISOString() },
    { rung: 'acknowledged', at: kind === 'task' && acceptedAt ? acknowledgedAt : undefined },
  ];
  return reached.filter((one) => one.at !== undefined);
}
