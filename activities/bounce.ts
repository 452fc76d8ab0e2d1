import { WorkflowNotFoundError } from '@temporalio/client';
import { OPEN_STATUSES, type TaskMailKind } from '../domain/task.ts';
import type { Bounce } from '../mail/auto-mail.ts';
import type { MessageRecord } from '../models/message.ts';
import type { GroupOrder } from '../workflows/messages.ts';
import type { Deps } from './deps.ts';

/** A mail came back: its record says so, and its task's group turns to the next contact. True where it was a complainant's, whom the bounce names. */
export async function bounced(deps: Deps, bounce: Bounce, incoming: string): Promise<boolean> {
  const { store, office } = deps;
  const id = bounce.verpToken ? `${bounce.verpToken}@${office.mailDomain}` : bounce.messageId;
  const message = id === undefined ? null : await store.messages.findById(id, { raw: 0 }).lean();
  if (!message) return false;
  if (!bounce.permanent) return message.sealed === true;
  await deps.outbox.markBounced(message._id, {
    code: bounce.status ?? '',
    text: message.sealed ? '退信' : bounce.sentence,
  });
  if (message.sealed) {
    await store.complainantNotices.updateOne(
      { _id: message.subject, state: 'sent' },
      { $set: { state: 'byPerson', why: 'bounced' } },
    );
    return true;
  }
  const digest = message.kind === 'digest';
  const tasks = await store.tasks
    .find(
      digest ? { agency: message.agency ?? '', state: { $in: OPEN_STATUSES } } : { _id: message.subject },
      { group: 1, round: 1 },
    )
    .lean();
  const agency = await store.agencies.findById(message.agency, { contacts: 1 }).lean();
  const role = agency?.contacts.find((contact) => contact.email.toLowerCase() === message.recipient)?.role;
  for (const task of tasks) {
    const order = orderOf({ bounce, incoming, message, role, task });
    await deps.client.workflow
      .getHandle(task.group)
      .signal<[GroupOrder]>('order', order)
      .catch((error: unknown) => {
        if (!(error instanceof WorkflowNotFoundError)) throw error;
      });
  }
  return false;
}

interface Returned {
  readonly bounce: Bounce;
  readonly incoming: string;
  readonly message: Pick<MessageRecord, '_id' | 'kind' | 'sequence' | 'recipient'>;
  /** Absent where the address is no contact's: a colleague's, to whom the task was passed on. */
  readonly role: string | undefined;
  readonly task: { readonly _id: string; readonly round: number };
}

function orderOf({ bounce, incoming, message, role, task }: Returned): GroupOrder {
  const rung = role === 'leader' ? 2 : role === 'deputy' ? 1 : 0;
  return {
    id: `bounced/${incoming}/${task._id}`,
    by: 'mail',
    kind: 'bounced',
    messageId: message._id,
    text: bounce.sentence,
    mail: {
      task: task._id,
      kind: message.kind === 'digest' ? 'reminder' : (message.kind as TaskMailKind),
      key: message.sequence,
      rung,
      round: task.round,
      ...(role === undefined ? { to: { name: '', email: message.recipient } } : {}),
    },
  };
}
