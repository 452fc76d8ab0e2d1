import { createHash } from 'node:crypto';
import { type ChecklistAnswer, type MissingItem, missing } from '../domain/checklist.ts';
import { lightOf } from '../domain/light.ts';
import type { MessageRecord } from '../models/message.ts';
import type { SubmissionRecord } from '../models/submission.ts';
import type { TaskRecord } from '../models/task.ts';
import type { ApiDeps } from './deps.ts';

/** A row of a list of tasks; `now` is epoch ms on the product's clock. */
export const taskBrief = (task: TaskRecord, now: number) => ({
  no: task._id,
  owner: task.owner,
  phase: task.phase,
  agency: task.agency,
  agencyName: task.agencyName,
  title: task.title,
  kind: task.kind,
  state: task.state,
  light: lightOf(task, now),
  due: dueOf(task),
  // Not signed for, clock not started: a state of its own.
  ...(task.own ? { clock: clockOf(task) } : {}),
  round: task.round,
  late: task.late,
  overdue: task.overdue,
  handedOver: task.handedOver,
});

const clockOf = ({ own, machine }: TaskRecord) => ({
  started: !machine.unstarted,
  from: 'receipt',
  term: own?.term,
  basis: own?.basis,
});

const dueOf = ({ due }: TaskRecord) =>
  due && {
    at: due.at,
    rule: due.rule,
    basis: due.basis,
    from: due.from,
    skipped: due.skipped,
    calendar: due.calendar,
    madeUp: due.madeUp,
    term: due.term,
    provisional: due.provisional,
    ...(due.outage ? { outage: due.outage } : {}),
  };

export const showAnswer = (one: SubmissionRecord) => ({
  id: one._id,
  channel: one.channel,
  by: one.by.name,
  ...(one.by.phone ? { phone: one.by.phone } : {}),
  receivedAt: one.receivedAt,
  late: one.late,
  ...(one.excused === undefined ? {} : { excused: one.excused }),
  round: one.round,
  text: one.text,
  items: one.items,
  files: one.files.map(({ name, size, sha256 }) => ({ name, size, sha256 })),
});

/** created → submitted → accepted, or bounced; acknowledged once the agency has signed for the task. */
function rungOf(message: MessageRecord, acknowledged: boolean): string {
  if (message.state === 'bounced') return 'bounced';
  if (message.state === 'sent') return acknowledged && message.kind === 'task' ? 'acknowledged' : 'accepted';
  return message.state === 'sending' ? 'submitted' : 'created';
}

export const showDelivery = (message: MessageRecord, acknowledged: boolean) => ({
  messageId: message._id,
  template: message.kind,
  to: message.recipient,
  subject: message.subjectLine,
  rung: rungOf(message, acknowledged),
  state: message.state,
  at: (message.acceptedAt ?? message.submittedAt ?? message.createdAt).toISOString(),
  ...(message.smtp?.response ? { smtp: message.smtp.response } : {}),
  ...(message.settlement ? { settlement: message.settlement } : {}),
});

/** Covers the round and the answers in it, not what was mailed: exactly what a reviewer judges. */
export const etagOf = (round: number, answers: readonly { readonly _id: string }[]): string =>
  `"r${round}-${createHash('sha256')
    .update(
      answers
        .map((one) => one._id)
        .sort()
        .join(','),
    )
    .digest('hex')
    .slice(0, 16)}"`;

/** The answers to be judged now: those of the current round, told to the group or not yet. */
export const roundAnswers = ({ store }: Pick<ApiDeps, 'store'>, task: Pick<TaskRecord, '_id' | 'round'>) =>
  store.submissions
    .find({ task: task._id, kind: 'answer', round: task.round })
    .sort({ receivedAt: 1 })
    .lean<SubmissionRecord[]>();

/** What the answers of this round leave open, mandatory evidence among it: for the reviewer, never a refusal. */
function lacks(task: TaskRecord, answers: readonly SubmissionRecord[]): readonly MissingItem[] {
  const current = answers.filter((one) => one.round === task.round);
  if (current.length === 0 || task.kind === 'rectification') return [];
  const items = Object.assign({}, ...current.map((one) => one.items)) as ChecklistAnswer['items'];
  return missing(task, { items, files: current.reduce((sum, one) => sum + one.files.length, 0) });
}

/** A task with everything that came and went. */
export async function showTask(deps: ApiDeps, task: TaskRecord) {
  const { store, clock } = deps;
  const [submissions, messages, problems] = await Promise.all([
    store.submissions.find({ task: task._id }).sort({ receivedAt: 1 }).lean<SubmissionRecord[]>(),
    store.messages.find({ subject: task._id }, { raw: 0 }).sort({ createdAt: 1 }).lean<MessageRecord[]>(),
    store.findings.find({ _id: { $in: [...task.findings] } }, { category: 1, repeats: 1 }).lean(),
  ]);
  const answers = submissions.filter((one) => one.kind === 'answer');
  const { machine } = task;
  const body = {
    ...taskBrief(task, await clock.now()),
    items: task.items,
    findings: task.findings,
    recurrences: problems.flatMap(({ _id, category, repeats = [] }) =>
      repeats.length > 0 ? [{ finding: _id, category, repeats }] : [],
    ),
    legalBasis: task.legalBasis,
    answers: answers.map(showAnswer),
    requests: submissions
      .filter((one) => one.kind === 'extension' || one.kind === 'delegation' || one.kind === 'objection')
      .map((one) => ({
        id: one._id,
        kind: one.kind,
        by: one.by.name,
        receivedAt: one.receivedAt,
        text: one.text,
        told: one.told,
      })),
    ...(machine.extension ? { extension: machine.extension } : {}),
    ...(machine.acknowledged ? { acknowledged: machine.acknowledged } : {}),
    ...(machine.status === 'returned' ? { returned: machine.items } : {}),
    missing: lacks(task, answers),
    deliveries: messages.map((message) => showDelivery(message, machine.acknowledged !== undefined)),
    next: machine.milestones[0] ?? null,
    version: task.version,
  };
  return {
    body,
    etag: etagOf(
      task.round,
      answers.filter((one) => one.round === task.round),
    ),
  };
}
