import { createHash } from 'node:crypto';
import mongoose from 'mongoose';
import type { Submission } from '../domain/task.ts';
import { objectionCounts } from './objection.ts';
import type { Store } from './store.ts';
import { together } from './together.ts';
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

export type ReceivedTask = Pick<
  TaskRecord,
  '_id' | 'kind' | 'group' | 'owner' | 'agency' | 'round' | 'dueAt'
>;

const LETTERS = '23456789ABCDEFGHJKMNPQRSTUVWXYZ';

/** The receipt number: the same content for the same round is the same receipt, whoever sends it again. */
export function receiptOf(task: ReceivedTask, incoming: Incoming): string {
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
  if (await insertOf(store.submissions)(record)) {
    if (incoming.kind !== 'objection' || (await objectionCounts(store, task)))
      return { record, again: false };
    await store.submissions.updateOne({ _id: id }, { $set: { late: true } });
    return { record: { ...record, late: true }, again: false };
  }
  const first = await store.submissions.findById(id).lean();
  return { record: first ?? record, again: true };
}

type Submissions = Store['submissions'];
const inserts = new WeakMap<Submissions, (record: SubmissionRecord) => Promise<boolean>>();

/** Stores a submission together with others that come at the same moment; false where it was there. */
function insertOf(model: Submissions): (record: SubmissionRecord) => Promise<boolean> {
  const known = inserts.get(model) ?? together((records) => insertAll(model, records));
  inserts.set(model, known);
  return known;
}

/** Which of them were new; durable when this resolves. The same content twice in one batch is new once. */
async function insertAll(
  model: Submissions,
  records: readonly SubmissionRecord[],
): Promise<(boolean | Error)[]> {
  const rows = records.map((record) => ({ ...record, toldAt: null }));
  try {
    await model.collection.insertMany(rows as never, { ordered: false });
    return records.map(() => true);
  } catch (error) {
    if (!(error instanceof mongoose.mongo.MongoBulkWriteError)) throw error;
    const faults = new Map([error.writeErrors].flat().map((fault) => [fault.index, fault]));
    if (faults.size === 0) throw error;
    return records.map((_record, i) => {
      const fault = faults.get(i);
      if (!fault) return true;
      return fault.code === 11_000 ? false : new Error(fault.errmsg);
    });
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
