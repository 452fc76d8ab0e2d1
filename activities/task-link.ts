import { hashToken, linkToken, replyToken } from '../mail/addresses.ts';
import type { Office } from '../mail/office.ts';
import type { LinkRecord } from '../models/link.ts';
import type { Store } from '../models/store.ts';
import type { TaskRecord } from '../models/task.ts';
import type { Recipient } from './mail-context.ts';

/** A recipient's tokens, and what is stored of them. */
export interface Link {
  readonly page: string;
  readonly reply: string;
  readonly row: LinkRecord;
}

export function linkFor({ linkKey }: Office, task: Pick<TaskRecord, '_id' | 'agency'>, to: Recipient): Link {
  const email = to.email.toLowerCase();
  const page = linkToken(linkKey, [task._id, email]);
  const reply = replyToken(linkKey, [task._id, email]);
  const { agency } = task;
  const row = { _id: hashToken(page), reply: hashToken(reply), task: task._id, agency, name: to.name, email };
  return { page, reply, row };
}

/** Keeps links that are not there yet: a link is the same whoever writes it, and whenever. */
export async function insertLinks(
  { links }: Pick<Store, 'links'>,
  rows: readonly LinkRecord[],
): Promise<void> {
  if (rows.length === 0) return;
  await links.collection.insertMany(rows as never, { ordered: false }).catch((error: unknown) => {
    if (!isDuplicate(error)) throw error;
  });
}

const isDuplicate = (error: unknown): boolean =>
  error instanceof Error &&
  'writeErrors' in error &&
  ([error.writeErrors].flat() as { code?: number }[]).every((one) => one.code === 11_000);
