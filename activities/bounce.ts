import { WorkflowNotFoundError } from '@temporalio/client';
import { stamp } from '../domain/clock.ts';
import { OPEN_STATUSES, type TaskMailKind } from '../domain/task.ts';
import type { Bounce } from '../mail/auto-mail.ts';
import { type MessageRecord, markLost } from '../models/message.ts';
import type { TaskRecord } from '../models/task.ts';
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
  await markLost(store.messages, [message._id], stamp(await deps.clock.now()));
  if (message.sealed) {
    await store.complainantNotices.updateOne(
      { _id: message.subject, state: 'sent' },
      { $set: { state: 'byPerson', why: 'bounced' } },
    );
    return true;
  }
  for (const task of await tasksOf(deps, message)) {
    const order = await orderOf(deps, {
      id: `bounced/${incoming}/${task._id}`,
      message,
      task,
      text: bounce.sentence,
    });
    await deps.client.workflow
      .getHandle(task.group)
      .signal<[GroupOrder]>('order', order)
      .catch((error: unknown) => {
        if (!(error instanceof WorkflowNotFoundError)) throw error;
      });
  }
  return false;
}

type Sent = Pick<MessageRecord, '_id' | 'subject' | 'kind' | 'sequence' | 'recipient' | 'agency'>;
type Asked = Pick<TaskRecord, '_id' | 'group' | 'round'>;

/** The tasks that a mail was about: one, or for a digest all that the agency has open. */
export async function tasksOf({ store }: Deps, message: Sent): Promise<Asked[]> {
  const digest = message.kind === 'digest';
  return store.tasks
    .find(
      digest ? { agency: message.agency ?? '', state: { $in: OPEN_STATUSES } } : { _id: message.subject },
      { group: 1, round: 1 },
    )
    .lean();
}

interface Returned {
  readonly id: string;
  readonly message: Sent;
  readonly task: Asked;
  /** Why it came back. */
  readonly text: string;
}

/** What a group is told of a mail that did not arrive. */
export async function orderOf({ store }: Deps, { id, message, task, text }: Returned): Promise<GroupOrder> {
  const agency = await store.agencies.findById(message.agency, { contacts: 1 }).lean();
  const role = agency?.contacts.find((contact) => contact.email.toLowerCase() === message.recipient)?.role;
  const rung = role === 'leader' ? 2 : role === 'deputy' ? 1 : 0;
  return {
    id,
    by: 'mail',
    kind: 'bounced',
    messageId: message._id,
    text,
    mail: {
      task: task._id,
      kind: message.kind === 'digest' ? 'reminder' : (message.kind as TaskMailKind),
      key: message.sequence,
      rung,
      round: task.round,
      // No contact's address: a colleague's, to whom the task was passed on.
      ...(role === undefined ? { to: { name: '', email: message.recipient } } : {}),
    },
  };
}
