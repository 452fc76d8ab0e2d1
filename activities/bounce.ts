import { WorkflowNotFoundError } from '@temporalio/client';
import type { TaskMailKind } from '../domain/task.ts';
import type { Bounce } from '../mail/auto-mail.ts';
import type { GroupOrder } from '../workflows/messages.ts';
import type { Deps } from './deps.ts';

/** A mail came back: its record says so, and its task's group turns to the next contact. */
export async function bounced(deps: Deps, bounce: Bounce, incoming: string): Promise<void> {
  if (!bounce.permanent) return;
  const { store, office } = deps;
  const id = bounce.verpToken ? `${bounce.verpToken}@${office.mailDomain}` : bounce.messageId;
  const message = id === undefined ? null : await store.messages.findById(id, { raw: 0 }).lean();
  if (!message) return;
  await deps.outbox.markBounced(message._id, { code: bounce.status ?? '', text: bounce.sentence });
  const task = await store.tasks.findById(message.subject, { group: 1, 'machine.rung': 1, round: 1 }).lean();
  if (!task) return;
  const agency = await store.agencies.findById(message.agency, { contacts: 1 }).lean();
  const role = agency?.contacts.find((contact) => contact.email.toLowerCase() === message.recipient)?.role;
  const rung = role === 'leader' ? 2 : role === 'deputy' ? 1 : 0;
  const order: GroupOrder = {
    id: `bounced/${incoming}`,
    by: 'mail',
    kind: 'bounced',
    messageId: message._id,
    text: bounce.sentence,
    mail: {
      task: message.subject,
      kind: message.kind as TaskMailKind,
      key: message.sequence,
      rung,
      round: task.round,
    },
  };
  await deps.client.workflow
    .getHandle(task.group)
    .signal<[GroupOrder]>('order', order)
    .catch((error: unknown) => {
      if (!(error instanceof WorkflowNotFoundError)) throw error;
    });
}
