import { stamp } from '../domain/clock.ts';
import { parseIncoming } from '../mail/inbound-parse.ts';
import { type InboundLookup, type Judgement, type TaskRef, createInbound } from '../mail/inbound.ts';
import { readContactReply } from '../mail/contact-reply.ts';
import { stripQuotation } from '../mail/reply-text.ts';
import { takeContactWord } from '../models/contact-check.ts';
import { vaultOf } from '../models/complainant.ts';
import { type IncomingMailRecord, rawOf, sealStored } from '../models/incoming-mail.ts';
import { type Incoming, storeSubmission } from '../models/intake.ts';
import type { Store } from '../models/store.ts';
import type { StoredFile } from '../models/submission.ts';
import { OPEN_STATUSES } from '../domain/task.ts';
import type { TaskRecord } from '../models/task.ts';
import { bounced } from './bounce.ts';
import { takeComplaint } from './complaint-mail.ts';
import type { Deps } from './deps.ts';
import { keepFiles } from './kept-files.ts';
import { postUnmatched } from './unmatched.ts';

type Judge = ReturnType<typeof createInbound>;

/** Judges the mails that were stored and not judged yet, and those a person has placed by hand; returns how many. May run twice: each step knows what it has done. */
export async function judgeStored(deps: Deps, judge: Judge): Promise<number> {
  const now = new Date(await deps.clock.now());
  const mails = await deps.store.incoming
    .find({
      $or: [
        { disposition: 'pending' },
        { disposition: 'attached', submission: null },
        { disposition: 'waiting', turnAt: { $lte: now } },
      ],
    })
    .sort({ receivedAt: 1 })
    .limit(50)
    .lean<IncomingMailRecord[]>();
  for (const mail of mails) {
    const raw = await rawOf(deps.store.connection, mail);
    if (mail.sealed) await takeComplaint(deps, mail, raw);
    else if (mail.disposition === 'attached') await attach(deps, mail, raw);
    else await settle(deps, mail, await judge(raw, mail.envelope));
  }
  return mails.length;
}

export const createJudge = (deps: Deps): Judge =>
  createInbound({ lookup: lookupIn(deps.store), ownDomains: [deps.office.mailDomain] });

/** Writes down what became of a mail. */
async function settle(deps: Deps, mail: IncomingMailRecord, judgement: Judgement): Promise<void> {
  const base = judgement.disposition === 'unparseable' ? { reason: judgement.reason } : headOf(judgement);
  switch (judgement.disposition) {
    case 'submission': {
      if (judgement.task.question)
        return mark(deps.store, mail, { ...base, ...(await heard(deps, mail, judgement)) });
      const submission = await submit(deps, mail, judgement);
      return mark(deps.store, mail, {
        ...base,
        disposition: 'submission',
        task: judgement.task.no,
        agency: judgement.task.agency,
        submission,
      });
    }
    case 'bounce':
      if (await bounced(deps, judgement.bounce, mail._id)) return markSealed(deps, mail);
      return mark(deps.store, mail, { ...base, disposition: 'bounce', reason: judgement.bounce.sentence });
    case 'held':
      if (judgement.guesses.length > 0 && judgement.reason === 'no-match')
        await postUnmatched(deps, mail, judgement);
      return mark(deps.store, mail, {
        ...base,
        disposition: 'held',
        reason: judgement.reason,
        guesses: judgement.guesses,
      });
    case 'autoReply':
    case 'loop':
    case 'empty':
      return mark(deps.store, mail, {
        ...base,
        disposition: judgement.disposition,
        reason: judgement.why,
        ...(judgement.task ? { task: judgement.task.no, agency: judgement.task.agency } : {}),
      });
    case 'unparseable':
      return mark(deps.store, mail, { ...base, disposition: 'unparseable' });
  }
}

/** What came back of a complainant's mail names them: it is sealed like the mail itself. */
async function markSealed(deps: Deps, mail: IncomingMailRecord): Promise<void> {
  const { store, office } = deps;
  const raw = await rawOf(store.connection, mail);
  const head = Buffer.from(`${JSON.stringify(mail.envelope)}\n`, 'utf8');
  await sealStored(store.connection, mail, vaultOf(office).seal(Buffer.concat([head, raw]), mail._id));
  await mark(store, mail, { disposition: 'bounce', reason: '退信' });
}

const headOf = ({ subject, from, messageId }: Exclude<Judgement, { disposition: 'unparseable' }>) => ({
  subject,
  from: from.address,
  messageId,
});

async function mark(store: Store, mail: IncomingMailRecord, set: Partial<IncomingMailRecord>): Promise<void> {
  await store.incoming.updateOne({ _id: mail._id }, { $set: set });
}

async function submit(
  deps: Deps,
  mail: IncomingMailRecord,
  said: Extract<Judgement, { disposition: 'submission' }>,
): Promise<string> {
  const task = await deps.store.tasks.findById(said.task.no).lean<TaskRecord>();
  if (!task) throw new Error(`no task ${said.task.no}`);
  const files = await keepFiles(deps.store, said.files);
  const { command, text, from } = said;
  const by = { name: from.name || from.address, email: from.address };
  const base = { channel: 'email' as const, by, receivedAt: receivedAt(mail), mail: mail._id, text, files };
  const { record } = await storeSubmission(deps.store, task, incomingOf(command, base));
  return record._id;
}

/** A reply to the quarterly question: done where it is plain, kept for a person where it is not. */
async function heard(
  { store }: Deps,
  mail: IncomingMailRecord,
  { task, text, from }: Extract<Judgement, { disposition: 'submission' }>,
): Promise<Partial<IncomingMailRecord>> {
  const check = await store.contactChecks.findById(task.no).lean();
  if (!check) throw new Error(`no question ${task.no}`);
  const word = readContactReply(text, check.email);
  const by = from.name || from.address;
  const said = {
    at: receivedAt(mail),
    channel: 'email' as const,
    by,
    text: text.slice(0, 4_000),
    mail: mail._id,
  };
  await takeContactWord(store, check, { word, said });
  const about = { agency: check.agency, reason: `contact-${word.kind}` };
  return { ...about, disposition: 'contact' };
}

const receivedAt = (mail: IncomingMailRecord): string => stamp(mail.receivedAt.getTime());

function incomingOf(
  command: Extract<Judgement, { disposition: 'submission' }>['command'],
  base: Pick<Incoming, 'channel' | 'by' | 'receivedAt'> & {
    text: string;
    files: readonly StoredFile[];
    mail: string;
  },
): Incoming {
  switch (command.kind) {
    case 'acknowledgement':
      return {
        ...base,
        kind: 'acknowledgement',
        by: {
          ...base.by,
          ...(command.name ? { name: command.name } : {}),
          ...(command.post ? { post: command.post } : {}),
        },
      };
    case 'extension':
      return { ...base, kind: 'extension', term: command.term, text: command.reason };
    case 'delegation':
      return { ...base, kind: 'delegation', name: command.name ?? command.email, email: command.email };
    case 'objection':
      return { ...base, kind: 'objection', text: command.reason };
    case 'answer':
      return { ...base, kind: 'answer' };
  }
}

/** A person placed a held mail: it counts as that task's answer, with the moment it came. */
async function attach(deps: Deps, mail: IncomingMailRecord, raw: Buffer): Promise<void> {
  const parsed = await parseIncoming(raw);
  const task = await deps.store.tasks.findById(mail.task).lean<TaskRecord>();
  if (!task) return;
  const readable = !('unparseable' in parsed);
  const text = readable ? stripQuotation(parsed).reply || parsed.subject : '（邮件无法解析，原件已留存）';
  const files = readable ? await keepFiles(deps.store, parsed.attachments) : [];
  const from = readable ? parsed.from : { name: '', address: mail.envelope.from ?? '' };
  const { record } = await storeSubmission(deps.store, task, {
    kind: 'answer',
    channel: 'email',
    by: { name: from.name || from.address, email: from.address },
    receivedAt: receivedAt(mail),
    text,
    files,
    mail: mail._id,
  });
  await mark(deps.store, mail, { submission: record._id, agency: task.agency });
}

const refOf = (task: Pick<TaskRecord, '_id' | 'agency' | 'state'> | null): TaskRef | undefined =>
  task ? { no: task._id, agency: task.agency, open: OPEN_STATUSES.includes(task.state) } : undefined;

function lookupIn(store: Store): InboundLookup {
  const task = (no: string | undefined) =>
    store.tasks.findById(no ?? '', { agency: 1, state: 1 }).lean<TaskRecord>();
  const question = async (which: { readonly reply: string } | { readonly _id: string }) => {
    const check = await store.contactChecks.findOne(which, { agency: 1 }).lean();
    return check ? { no: check._id, agency: check.agency, open: true, question: true as const } : undefined;
  };
  return {
    async byReplyToken(hash) {
      const link = await store.links.findOne({ reply: hash }, { task: 1 }).lean();
      return link ? refOf(await task(link.task)) : question({ reply: hash });
    },
    async byMessageId(id) {
      const about = (await store.messages.findById(id, { subject: 1 }).lean())?.subject;
      return refOf(await task(about)) ?? (about === undefined ? undefined : question({ _id: about }));
    },
    byNumber: async (no) => refOf(await task(no)),
    async addressesOf(agency, no) {
      const [record, links, asked] = await Promise.all([
        store.agencies.findById(agency, { contacts: 1 }).lean(),
        store.links.find({ task: no, handedOn: { $exists: false } }, { email: 1 }).lean(),
        store.contactChecks.findById(no, { email: 1 }).lean(),
      ]);
      // A question is answered by whom it was put to.
      if (asked) return [asked.email.toLowerCase()];
      return [...(record?.contacts ?? []), ...links].map((one) => one.email.toLowerCase());
    },
    async agenciesOf(address) {
      const exact = new RegExp(`^${address.replace(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`)}$`, 'i');
      const rows = await store.agencies.find({ 'contacts.email': exact }, { _id: 1 }).limit(20).lean();
      return Promise.all(
        rows.map(async ({ _id: agency }) => {
          const tasks = await store.tasks
            .find({ agency, state: { $in: OPEN_STATUSES } }, { agency: 1, state: 1 })
            .limit(100)
            .lean<TaskRecord[]>();
          return { agency, openTasks: tasks.flatMap((row) => refOf(row) ?? []) };
        }),
      );
    },
  };
}
