import { createHash } from 'node:crypto';
import mongoose from 'mongoose';
import type { Submission } from '../domain/task.ts';
import type { Store } from './store.ts';
import type { StoredFile, SubmissionRecord } from './submission.ts';
import type { TaskRecord } from './task.ts';

/** What came, from whichever door. */
export type Incoming = {
  readonly channel: Submission['channel'];
  readonly by: SubmissionRecord['by'];
  /** RFC 3339 on the product's clock */
  readonly receivedAt: string;
  readonly text?: string;
  readonly items?: SubmissionRecord['items'];
  readonly files?: readonly StoredFile[];
  readonly mail?: string;
} & (
  | { readonly kind: 'answer' | 'objection' }
  | { readonly kind: 'acknowledgement' }
  | { readonly kind: 'extension'; readonly term: Extract<Submission, { kind: 'extension' }>['term'] }
  | { readonly kind: 'delegation'; readonly name: string; readonly email: string }
);

export type ReceivedTask = Pick<TaskRecord, '_id' | 'group' | 'owner' | 'agency' | 'round' | 'dueAt'>;

const LETTERS = '23456789ABCDEFGHJKMNPQRSTUVWXYZ';

/** The receipt number: the same content for the same round is the same receipt, whoever sends it again. */
function receiptOf(task: ReceivedTask, incoming: Incoming): string {
  const { kind, channel, text, items, files } = incoming;
  const said = 'term' in incoming ? incoming.term : 'email' in incoming ? incoming.email : '';
  const content = [
    task._id,
    task.round,
    kind,
    channel === 'operator',
    text ?? '',
    items ?? {},
    (files ?? []).map((file) => file.sha256),
    said,
  ];
  const hash = createHash('sha256').update(JSON.stringify(content)).digest();
  return `HZ${[...hash.subarray(0, 12)].map((byte) => LETTERS[byte % LETTERS.length]).join('')}`;
}

/** Stores what an agency sent, for ever, before anything is done with it; what is stored already answers with its first receipt. */
export async function storeSubmission(
  store: Store,
  task: ReceivedTask,
  incoming: Incoming,
): Promise<{ readonly record: SubmissionRecord; readonly again: boolean }> {
  const id = receiptOf(task, incoming);
  const record: SubmissionRecord = {
    _id: id,
    task: task._id,
    group: task.group,
    owner: task.owner,
    agency: task.agency,
    round: task.round,
    receivedAt: incoming.receivedAt,
    late:
      incoming.kind === 'answer' &&
      task.dueAt !== null &&
      Date.parse(incoming.receivedAt) > task.dueAt.getTime(),
    kind: incoming.kind,
    channel: incoming.channel,
    by: incoming.by,
    text: incoming.text ?? '',
    items: incoming.items ?? {},
    files: incoming.files ?? [],
    told: toldOf(id, task._id, incoming),
    ...(incoming.mail === undefined ? {} : { mail: incoming.mail }),
    consumed: false,
    storedAt: new Date(),
  };
  try {
    await store.submissions.collection.insertOne({ ...record, toldAt: null } as never);
    return { record, again: false };
  } catch (error) {
    if (!(error instanceof mongoose.mongo.MongoServerError) || error.code !== 11_000) throw error;
    const first = await store.submissions.findById(id).lean();
    return { record: first ?? record, again: true };
  }
}

function toldOf(id: string, task: string, incoming: Incoming): Submission {
  const { channel, receivedAt, by, text } = incoming;
  const base = { id, task, receivedAt, channel, by: by.name };
  switch (incoming.kind) {
    case 'answer':
      return { ...base, kind: 'answer' };
    case 'objection':
      return { ...base, kind: 'objection', reason: text ?? '' };
    case 'acknowledgement':
      return { ...base, kind: 'acknowledgement', ...(by.post ? { post: by.post } : {}) };
    case 'extension':
      return { ...base, kind: 'extension', term: incoming.term, reason: text ?? '' };
    case 'delegation':
      return { ...base, kind: 'delegation', name: incoming.name, email: incoming.email };
  }
}
