import type { Store } from '../models/store.ts';

/** One of the five things a newcomer does, in the words of demo.steps; `done` is what the records show, or their own word where only they can know. */
export interface TutorialStep {
  readonly n: number;
  /** Where it is done: a page of the console, or of this mailbox. */
  readonly href: string;
  readonly done: boolean;
  readonly ownWord: boolean;
}

const NOTES = 'desk';

interface Notes {
  readonly reply?: { readonly messageId: string; readonly files: number };
  readonly seen?: readonly number[];
}

async function readNotes(store: Store): Promise<Notes> {
  const row = await store.settings.findById(NOTES).lean<{ value: Notes }>();
  return row?.value ?? {};
}

/** A reply that a person wrote by the mailbox's own form: the robots write none there. */
export async function noteReply(store: Store, messageId: string, files: number): Promise<void> {
  const reply = { messageId: messageId.replace(/^<|>$/g, ''), files };
  await store.settings.updateOne({ _id: NOTES }, { $set: { 'value.reply': reply } }, { upsert: true });
}

/** What only the newcomer can say: that they have looked. */
export async function noteSeen(store: Store, step: number): Promise<void> {
  await store.settings.updateOne({ _id: NOTES }, { $addToSet: { 'value.seen': step } }, { upsert: true });
}

/** When this demo was started: epoch ms on the wall, and as the product's clock wrote it. */
export interface Since {
  readonly wall: number;
  readonly product: string;
}

/** The five steps as they stand. */
export async function tutorialSteps(
  store: Store,
  at: { readonly console: string; readonly since: Since },
): Promise<readonly TutorialStep[]> {
  const notes = await readNotes(store);
  const [accepted, campaign, matter, replied, urged] = await Promise.all([
    store.tasks.exists({ state: 'closed', closedAt: { $gte: at.since.product } }),
    store.campaigns.findOne({ state: { $in: ['running', 'paused'] } }, { _id: 1 }).lean(),
    store.cases
      .findOne({ state: { $ne: 'archived' } }, { _id: 1 })
      .sort({ _id: 1 })
      .lean(),
    notes.reply ? store.messages.findById(notes.reply.messageId, { subject: 1 }).lean() : null,
    store.messages.exists({ kind: 'urge', createdAt: { $gte: new Date(at.since.wall) } }),
  ]);
  const row = replied ? await store.tasks.findById(replied.subject, { state: 1 }).lean() : null;
  const board = campaign ? `${at.console}/campaigns/${campaign._id}` : `${at.console}/campaigns`;
  const seen = (n: number): boolean => notes.seen?.includes(n) ?? false;
  return [
    {
      n: 1,
      href: `${at.console}/reviews`,
      done: accepted !== null,
      ownWord: false,
    },
    {
      n: 2,
      href: '/?q=请办理',
      done: (notes.reply?.files ?? 0) > 0,
      ownWord: false,
    },
    {
      n: 3,
      href: board,
      done: row !== null && row.state !== 'unacknowledged' && row.state !== 'inProgress',
      ownWord: false,
    },
    {
      n: 4,
      href: '/?q=催办',
      done: urged !== null,
      ownWord: false,
    },
    {
      n: 5,
      href: matter ? `${at.console}/cases/${matter._id}` : `${at.console}/cases`,
      done: seen(5),
      ownWord: true,
    },
  ];
}
