import { WorkflowNotFoundError } from '@temporalio/client';
import { Context } from '@temporalio/activity';
import { stamp } from '../domain/clock.ts';
import type { LedgerEntry } from '../models/event.ts';
import { appendEvents } from '../models/event.ts';
import { type MessageRecord, bytesOf } from '../models/message.ts';
import { type GroupOrder, type SettlementInput, settlementId } from '../workflows/messages.ts';
import { orderOf, tasksOf } from './bounce.ts';
import { complainantDraft } from './complainant.ts';
import type { Deps } from './deps.ts';
import { onErrand } from './errand.ts';
import type { Draft, Posted } from './outbox.ts';

export const settlementActivities = (deps: Deps) => ({
  /** Carries out what a person decided of a mail in doubt; says how long to wait before the next try where the relay puts it off. May run twice: the decision stands on the mail's own record. */
  async settleMail(input: SettlementInput): Promise<{ readonly again?: number }> {
    const { store } = deps;
    const message = await store.messages.findById(input.message, { owner: 1 }).lean();
    const id = settlementId(input.message, input.attempt);
    return onErrand(deps, { _id: id, kind: 'settlement', owner: message?.owner ?? '' }, () =>
      settle(deps, input),
    );
  },
});

async function settle(
  deps: Deps,
  { message: id, ...settlement }: SettlementInput,
): Promise<{ readonly again?: number }> {
  const { store, outbox } = deps;
  await outbox.resolveInDoubt(id, settlement);
  const message = await store.messages.findById(id).lean<MessageRecord>();
  // A bounce that came meanwhile has decided it.
  if (!message?.settlement || message.settlement.attempt !== settlement.attempt) return {};
  await told(deps, message, {
    key: `settled/${id}#${settlement.attempt}`,
    entry: {
      at: settlement.at,
      source: 'decision',
      what: settlement.outcome === 'sent' ? 'mail-settled' : 'mail-resent',
      who: settlement.by,
      detail: { kind: message.kind, message: id, reason: settlement.reason },
    },
  });
  if (settlement.outcome === 'sent') return {};
  const activity = Context.current();
  const draft = message.sealed ? await complainantDraft(deps, message.subject) : draftOf(message);
  if (!draft) return {};
  const [posted] = await outbox.post([draft], {
    signal: activity.cancellationSignal,
    heartbeat: (detail) => activity.heartbeat(detail),
  });
  if (!posted || posted.outcome === 'deferred')
    return { again: Math.max(1_000, (posted?.retryAt ?? 0) - Date.now()) };
  await after(deps, message, posted);
  return {};
}

/** The very bytes that were in doubt: whoever got them twice has one mail, with one Message-ID. */
function draftOf(message: MessageRecord): Draft {
  const { subject, kind, sequence, recipient, owner, agency, raw, subjectLine } = message;
  const compose = async () => ({ raw: bytesOf(raw), subjectLine });
  return { subject, kind, sequence, recipient, owner, ...(agency === undefined ? {} : { agency }), compose };
}

async function told(
  { store }: Deps,
  message: MessageRecord,
  { key, entry }: { readonly key: string; readonly entry: LedgerEntry },
): Promise<void> {
  const { owner, subject } = message;
  const task = (await store.tasks.exists({ _id: subject })) ? { task: subject } : {};
  await appendEvents(store.events, { owner, key, entries: [{ ...entry, ...task }] });
}

/** What became of the second sending: a line of the ledger, and the next contact where it was refused. */
async function after(deps: Deps, message: MessageRecord, posted: Posted): Promise<void> {
  const { messageId, outcome, response = '' } = posted;
  const key = `resent/${messageId}#${message.settlement?.attempt ?? 0}`;
  const tasks = outcome === 'rejected' ? await tasksOf(deps, message) : [];
  if (tasks.length === 0) {
    const at = stamp(await deps.clock.now());
    const detail = { kind: message.kind, message: messageId, ...(response === '' ? {} : { response }) };
    return told(deps, message, { key, entry: { at, source: 'mail', what: `mail-${outcome}`, detail } });
  }
  for (const task of tasks) {
    const order = await orderOf(deps, { id: `${key}/${task._id}`, message, task, text: response });
    await deps.client.workflow
      .getHandle(task.group)
      .signal<[GroupOrder]>('order', order)
      .catch((error: unknown) => {
        if (!(error instanceof WorkflowNotFoundError)) throw error;
      });
  }
}
