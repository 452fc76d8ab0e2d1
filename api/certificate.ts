import { type ClockMapping, productAt, stamp } from '../domain/clock.ts';
import type { LedgerEntry } from '../models/event.ts';
import { entriesOf } from '../models/history.ts';
import type { MessageRecord } from '../models/message.ts';
import type { TaskRecord } from '../models/task.ts';
import type { ApiDeps } from './deps.ts';
import { showDelivery } from './task-view.ts';

/** 送达凭证: every message of a task with the hash of its .eml, how far it came and when: `rungs` by the product's clock, `times` by the machine's, for the logs of other servers. */
export async function certificateOf({ store, clock }: Pick<ApiDeps, 'store' | 'clock'>, task: TaskRecord) {
  const [messages, entries, mapping] = await Promise.all([
    store.messages.find({ subject: task._id }, { raw: 0 }).sort({ createdAt: 1 }).lean<MessageRecord[]>(),
    entriesOf(store, { owner: task.owner, task: task._id }),
    clock.mapping(),
  ]);
  const { machine } = task;
  const toldAt = mailMoments(entries.filter((one) => one.what === 'mail-sent'));
  return {
    no: task._id,
    agency: task.agencyName,
    title: task.title,
    acknowledged: machine.acknowledged ?? null,
    messages: messages.map((message) => ({
      ...showDelivery(message, machine.acknowledged !== undefined),
      rungs: rungsOf(
        message,
        momentOf(message, { mapping, told: toldAt.get(message._id) }),
        machine.acknowledged?.at,
      ),
      sha256: message.sha256,
      size: message.size,
      attempts: message.attempt,
      times: {
        created: message.createdAt.toISOString(),
        submitted: message.submittedAt?.toISOString() ?? null,
        accepted: message.acceptedAt?.toISOString() ?? null,
        bounced: message.bouncedAt?.toISOString() ?? null,
      },
      eml: `/api/v1/messages/${encodeURIComponent(message._id)}/raw`,
    })),
  };
}

/** When some entries tell of each message, by its id; the last word counts. */
export const mailMoments = (entries: readonly LedgerEntry[]): ReadonlyMap<string, string> =>
  new Map(
    entries.flatMap(({ at, detail }) =>
      typeof detail?.['message'] === 'string' ? [[detail['message'], at] as const] : [],
    ),
  );

/** What the product's clock showed when the machine's did so. The ledger knows of a mail at the earliest when it was accepted: what comes out later than that is by how much a demo's clock was put forward since. */
function momentOf(
  { acceptedAt }: MessageRecord,
  { mapping, told }: { readonly mapping: ClockMapping; readonly told: string | undefined },
) {
  const product = (at: Date): number => productAt(mapping, at.getTime());
  const forward =
    acceptedAt && told ? Math.max(0, Date.parse(stamp(product(acceptedAt))) - Date.parse(told)) : 0;
  return (at: Date | undefined): string | undefined => at && stamp(product(at) - forward);
}

/** How far a message came, step by step; who signed for the task has read its own notice at that moment at the latest. */
function rungsOf(
  message: MessageRecord,
  moment: (at: Date | undefined) => string | undefined,
  acknowledgedAt: string | undefined,
) {
  const { createdAt, submittedAt, bouncedAt, lostAt, kind, settlement } = message;
  // Where no server said so, a person did: the certificate names who, when and why.
  const accepted = moment(message.acceptedAt) ?? (settlement?.outcome === 'sent' ? settlement.at : undefined);
  const reached = [
    { rung: 'created', at: moment(createdAt) },
    { rung: 'submitted', at: moment(submittedAt) },
    { rung: 'accepted', at: accepted },
    { rung: 'bounced', at: bouncedAt && (lostAt ?? moment(bouncedAt)) },
    { rung: 'acknowledged', at: kind === 'task' && accepted ? acknowledgedAt : undefined },
  ];
  return reached.flatMap(({ rung, at }) => (at === undefined ? [] : [{ rung, at }]));
}
