import { Context } from '@temporalio/activity';
import { contactAt } from '../domain/agency.ts';
import { stamp } from '../domain/clock.ts';
import type { MailOrder } from '../domain/task.ts';
import { type MailOutcome, awaitsFirstMail, mailEvent } from '../domain/task-delivery.ts';
import { messageId, replyAddress } from '../mail/addresses.ts';
import { officeLetter } from '../mail/letter.ts';
import { renderMail } from '../mail/render.ts';
import { taskView } from '../mail/task-view.ts';
import type { MailKind, MailViews } from '../mail/views.ts';
import { readCalendar } from '../models/calendar.ts';
import { appendEvents, entriesOf } from '../models/event.ts';
import { markLost } from '../models/message.ts';
import type { TaskRecord } from '../models/task.ts';
import type { Deps } from './deps.ts';
import { digestDraft } from './digest.ts';
import type { MailContext, Recipient } from './mail-context.ts';
import type { Draft } from './outbox.ts';
import { type Link, insertLinks, linkFor } from './task-link.ts';
import { paperAttachment, paperView, readPapers } from './paper-mail.ts';

/** Attempts take no new mail after this: what is left is told as deferred. */
const TAKES_FOR_MS = 5 * 60_000;
/** What the clock asks by itself: one mail a day for whoever has several tasks, an urge among them. */
const ROUTINE: readonly MailOrder['kind'][] = ['reminder', 'dueToday', 'urge'];
const ASKING: readonly MailOrder['kind'][] = [...ROUTINE, 'nudge'];

/** What became of one order; results stand in the orders' own order, so that none is repeated in the history. `booked` is in the ledger already, and its task shown as known where it waited for nothing else. */
export type MailResult = Omit<MailOutcome, 'order'> & { readonly booked?: true };

export const taskMailActivities = (deps: Deps) => ({
  /** Sends a group's mails and says what became of each; never fails for one of them. May run twice: the outbox knows each order. A group of before first mails were booked here has them told instead. */
  async sendTaskMails(
    group: string,
    orders: readonly MailOrder[],
    books?: 'first mails too',
  ): Promise<MailResult[]> {
    const context = await readContext(deps, orders);
    const prepared = await Promise.all(orders.map((order) => prepare(context, order)));
    await keepLinks(deps, prepared);
    const drafts = prepared.flatMap((one) => ('draft' in one ? one.draft : []));
    const activity = Context.current();
    const posted = await deps.outbox.post(drafts, {
      signal: activity.cancellationSignal,
      heartbeat: (detail) => activity.heartbeat(detail),
      until: Date.now() + TAKES_FOR_MS,
    });
    let next = 0;
    const outcomes = prepared.map((one): MailOutcome => {
      const { order } = one;
      if (!('draft' in one)) return { order, outcome: one.outcome };
      const result = posted[next++];
      if (!result) return { order, outcome: 'deferred' };
      const { messageId: id, outcome, response, retryAt } = result;
      return {
        order,
        outcome,
        messageId: id,
        ...(response === undefined ? {} : { response }),
        ...(retryAt === undefined ? {} : { retryAt }),
      };
    });
    const refused = outcomes.flatMap(({ outcome, messageId: id }) =>
      outcome === 'rejected' && id ? id : [],
    );
    await markLost(deps.store.messages, refused, context.now);
    const sent = outcomes.filter(
      ({ order, outcome }) => outcome === 'sent' && (books || order.kind !== 'task'),
    );
    const booked = await bookSent(context, group, sent);
    return outcomes.map(({ order, ...result }): MailResult =>
      booked.has(nameOf(order.task, result.messageId)) ? { outcome: result.outcome, booked: true } : result,
    );
  },
});

/** Writes what went into the ledger, so that no group is woken to have it recorded; resolves with the names of what stands there. Of an activity that runs twice the first block counts: what that one lacks, the group has recorded. */
async function bookSent(
  { deps: { store, clock }, tasks }: MailContext,
  group: string,
  sent: readonly MailOutcome[],
): Promise<ReadonlySet<string>> {
  const owner = tasks.get(sent[0]?.order.task ?? '')?.owner;
  if (owner === undefined) return new Set();
  const { activityId, attempt, workflowExecution } = Context.current().info;
  const key = `${group}#${workflowExecution?.runId}/${activityId}`;
  const at = stamp(await clock.now());
  const first = sent.flatMap(({ order: { kind, task } }) => (kind === 'task' && tasks.get(task)) || []);
  // Before the ledger: whoever follows it looks at what is shown when a line comes.
  await showKnown(store, first, at);
  // The same order twice is one mail, and one line.
  const lines = new Map(sent.map((one) => [nameOf(one.order.task, one.messageId), mailEvent(one, at)]));
  const entries = [...lines.values()];
  await appendEvents(store.events, { owner, key, entries });
  const written = attempt > 1 ? await entriesOf(store.events, { owner, key }) : entries;
  return new Set(written.map(({ task, detail }) => nameOf(task, detail?.['message'])));
}

/** Shows when these tasks were first mailed, and each as known that waited for nothing else, as its group does when it hears of it; one that moved meanwhile is the group's to show. */
async function showKnown(
  { tasks }: Deps['store'],
  mailed: readonly TaskRecord[],
  mailedAt: string,
): Promise<void> {
  const awaiting = mailed.filter((task) => awaitsFirstMail(task.machine));
  const known = { state: 'unacknowledged', 'machine.status': 'unacknowledged', mailedAt };
  let shown = 0;
  for (const version of new Set(awaiting.map((task) => task.version))) {
    const same = awaiting.filter((task) => task.version === version).map((task) => task._id);
    const still = { _id: { $in: same as never[] }, version, state: 'pending' };
    shown += (await tasks.collection.updateMany(still, { $set: known })).matchedCount;
  }
  if (shown === mailed.length) return;
  const all = { _id: { $in: mailed.map((task) => task._id as never) }, mailedAt: { $exists: false } };
  await tasks.collection.updateMany(all, { $set: { mailedAt } });
}

/** One daily mail stands for several tasks, and is written down for each of them. */
const nameOf = (task: unknown, message: unknown): string => `${String(task)} ${String(message)}`;

type Prepared =
  | { readonly order: MailOrder; readonly draft: Draft; readonly links: readonly Link[] }
  | { readonly order: MailOrder; readonly outcome: 'noAddress' | 'cancelled' };

/** What no mail says of a task, and is a third of it. */
const UNSAID = { 'items.evidence': 0, 'machine.milestones': 0 } as const;

async function readContext(deps: Deps, orders: readonly MailOrder[]): Promise<MailContext> {
  const { store } = deps;
  const numbers = orders.map((order) => order.task);
  const tasks = await store.tasks.find({ _id: { $in: numbers } }, UNSAID).lean();
  const abouts = orders.flatMap((order) => (order.kind === 'receipt' && order.about ? order.about : []));
  const asking = orders.filter((order) => ASKING.includes(order.kind)).map((order) => order.task);
  const first = new Set(orders.flatMap((order) => (order.kind === 'task' ? order.task : [])));
  const [agencies, submissions, unconsumed, calendar, papers] = await Promise.all([
    store.agencies.find({ _id: { $in: [...new Set(tasks.map((task) => task.agency))] } }).lean(),
    abouts.length > 0 ? store.submissions.find({ _id: { $in: abouts } }).lean() : [],
    asking.length > 0 ? store.submissions.distinct('task', { task: { $in: asking }, consumed: false }) : [],
    readCalendar(store.calendars),
    readPapers(
      store,
      tasks.filter((task) => first.has(task._id)),
    ),
  ]);
  return {
    deps,
    now: stamp(await deps.clock.now()),
    calendar,
    tasks: new Map(tasks.map((task) => [task._id, task])),
    agencies: new Map(agencies.map((agency) => [agency._id, agency])),
    submissions: new Map(submissions.map((one) => [one._id, one])),
    unconsumed: new Set(unconsumed),
    papers,
  };
}

async function prepare(context: MailContext, order: MailOrder): Promise<Prepared> {
  const task = context.tasks.get(order.task);
  if (!task) return { order, outcome: 'cancelled' };
  if (ASKING.includes(order.kind) && context.unconsumed.has(order.task))
    return { order, outcome: 'cancelled' };
  const to = recipientOf(context, order, task);
  if (to === undefined) return { order, outcome: order.kind === 'receipt' ? 'cancelled' : 'noAddress' };
  const { office } = context.deps;
  if (ROUTINE.includes(order.kind)) {
    const digest = await digestDraft(context, task, to);
    if (digest)
      return { order, draft: digest.draft, links: digest.tasks.map((one) => linkFor(office, one, to)) };
  }
  const link = linkFor(office, task, to);
  const links = order.kind === 'receipt' ? [] : [link];
  return { order, links, draft: taskDraft(context, order, { task, to, link }) };
}

function recipientOf(context: MailContext, order: MailOrder, task: TaskRecord): Recipient | undefined {
  if (order.to) return order.to;
  if (order.kind !== 'receipt')
    return contactAt(context.agencies.get(task.agency)?.contacts ?? [], order.rung);
  const by = context.submissions.get(order.about ?? '')?.by;
  return context.deps.office.receipts && by?.email ? { name: by.name, email: by.email } : undefined;
}

/** A link works before its mail can arrive. Most are there already, but for a first mail's. */
async function keepLinks({ store }: Deps, prepared: readonly Prepared[]): Promise<void> {
  const rows = prepared.flatMap((one) =>
    'links' in one ? one.links.map(({ row }) => ({ first: one.order.kind === 'task', row })) : [],
  );
  const asked = rows.filter(({ first }) => !first).map(({ row }) => row._id);
  const there = asked.length > 0 ? await store.links.find({ _id: { $in: asked } }, { _id: 1 }).lean() : [];
  const known = new Set(there.map((row) => row._id));
  const fresh = rows.filter(({ row }) => !known.has(row._id)).map(({ row }) => row);
  await insertLinks(store, fresh);
}

function taskDraft(
  context: MailContext,
  order: MailOrder,
  about: { readonly task: TaskRecord; readonly to: Recipient; readonly link: Link },
): Draft {
  const { office } = context.deps;
  const { task, to, link } = about;
  const email = to.email.toLowerCase();
  return {
    subject: task._id,
    kind: order.kind,
    sequence: order.key,
    recipient: email,
    owner: task.owner,
    agency: task.agency,
    compose: async (identity) => {
      const { kind, view } = viewOf(context, order, about);
      const mail = renderMail(kind, view);
      const paper = order.kind === 'task' ? context.papers.get(task.origin) : undefined;
      const first =
        order.kind === 'task' && order.key === 0
          ? identity.messageId
          : messageId(office.linkKey, [task._id, 'task', 0, email], office.mailDomain);
      return officeLetter(office, mail, {
        ...identity,
        date: context.now,
        to: { name: to.name, address: to.email },
        ...(paper ? { attachments: [await paperAttachment(paper)] } : {}),
        replyTo: {
          name: '回复即提交',
          address: replyAddress(office.mailDomain, link.reply),
        },
        headers: {
          'List-Id': `<${task.owner.toLowerCase()}.${office.mailDomain}>`,
          ...(identity.messageId === first ? {} : { 'In-Reply-To': `<${first}>`, References: `<${first}>` }),
        },
      });
    },
  };
}

function viewOf(
  context: MailContext,
  order: MailOrder,
  { task, to, link }: { readonly task: TaskRecord; readonly to: Recipient; readonly link: Link },
): { kind: MailKind; view: MailViews[MailKind] } {
  const { office } = context.deps;
  const address = `${office.publicUrl}/t/${link.page}`;
  const view = taskView({ ...context, office }, task, { name: to.name, link: address });
  switch (order.kind) {
    case 'task': {
      const paper = context.papers.get(task.origin);
      const because = order.because ?? 'assigned';
      const served = paper && paperView(view, paper, because);
      if (served) return { kind: paper.kind, view: served };
      return { kind: firstKind(task), view: { ...view, because } };
    }
    case 'objectionAnswer':
      return {
        kind: 'objectionAnswer',
        view: { ...view, upheld: order.granted ?? false, answer: order.reason ?? '' },
      };
    case 'urge':
      return {
        kind: 'urge',
        view: {
          ...view,
          n: order.key % 100 === 1 ? 1 : 2,
          workdaysLate: 'deadline' in view.due ? Math.max(1, -view.due.workdaysLeft) : 1,
        },
      };
    case 'returned': {
      const items = task.machine.status === 'returned' ? task.machine.items : [];
      const text = new Map(task.items.map((item) => [item.id, item.text]));
      return {
        kind: 'returned',
        view: {
          ...view,
          returnedItems: items.map(({ id, reason }) => ({ id, reason, text: text.get(id) ?? id })),
        },
      };
    }
    case 'receipt':
      return { kind: 'receipt', view: { ...view, ...receiptOf(context, order, task) } };
    case 'extension':
      return {
        kind: 'extension',
        view: { ...view, granted: order.granted ?? false, reason: order.reason ?? '' },
      };
    case 'rescheduled':
    case 'withdrawn':
      return { kind: order.kind, view: { ...view, reason: order.reason ?? '' } };
    case 'delegated':
      return { kind: 'delegated', view: { ...view, to: order.about ?? '' } };
    case 'nudge':
      if (!task.due) return { kind: 'service', view: { ...view, because: 'assigned' } };
      return { kind: order.kind, view };
    case 'reminder':
    case 'dueToday':
    case 'accepted':
      return { kind: order.kind, view };
  }
}

/** Before its term begins a task asks to be signed for. */
const firstKind = ({ due }: TaskRecord) => (due ? 'task' : 'service');

function receiptOf(context: MailContext, order: MailOrder, task: TaskRecord) {
  const one = context.submissions.get(order.about ?? '');
  return {
    receipt: one?._id ?? '',
    receivedAt: one?.receivedAt ?? context.now,
    late: one?.late ?? false,
    afterEnd:
      task.closedAt !== undefined &&
      one !== undefined &&
      Date.parse(one.receivedAt) > Date.parse(task.closedAt),
    characters: one ? Array.from(one.text).length : 0,
    files: (one?.files ?? []).map(({ name, size }) => ({ name, size })),
    understood: one?.kind ?? ('answer' as const),
  };
}
