import { localDate, daysBetween } from '../domain/calendar.ts';
import type { CaseStatus, ClockName } from '../domain/case.ts';
import { KIND_NAMES } from '../domain/document.ts';
import { stamp } from '../domain/clock.ts';
import { OPEN_STATUSES } from '../domain/task.ts';
import type { CaseRecord } from '../models/case.ts';
import type { DocumentRecord } from '../models/document.ts';
import type { MessageRecord } from '../models/message.ts';
import type { TaskRecord } from '../models/task.ts';
import { caseId } from '../workflows/messages.ts';
import type { ApiDeps } from './deps.ts';
import { engineFault } from './engine-faults.ts';

export type BlockerCause =
  | 'retrying'
  | 'noWorker'
  | 'undeliverable'
  | 'notAcknowledged'
  | 'awaitingReview'
  | 'awaitingApproval'
  | 'extensionUndecided'
  | 'awaitingAgency';

/** Why a case waits: in one sentence, from its state. */
export interface Blocker {
  readonly blocked: boolean;
  readonly cause: BlockerCause | null;
  readonly since: string;
  readonly owner: 'system' | 'office' | 'approver' | 'agency' | 'elsewhere';
  readonly sentence: string;
  readonly next: { readonly at: string; readonly step: string } | null;
  readonly actions: readonly string[];
}

interface Sight {
  readonly deps: ApiDeps;
  readonly matter: CaseRecord;
  readonly task: TaskRecord | undefined;
  readonly papers: readonly DocumentRecord[];
  readonly messages: readonly MessageRecord[];
  /** Epoch ms on the product's clock. */
  readonly now: number;
  readonly say: (zh: string, en: string) => string;
}

type Look = (sight: Sight) => Blocker | undefined | Promise<Blocker | undefined>;

/** First match wins: a fault of the system, the mail, the signature, ourselves, an extension, the agency. */
const LOOKS: readonly Look[] = [
  fault,
  undeliverable,
  notAcknowledged,
  awaitingReview,
  awaitingApproval,
  extensionUndecided,
  awaitingAgency,
];

export async function blockerOf(deps: ApiDeps, matter: CaseRecord, lang: 'zh' | 'en'): Promise<Blocker> {
  const say = (zh: string, en: string): string => (lang === 'zh' ? zh : en);
  const sight = await look(deps, matter, say);
  for (const one of LOOKS) {
    const blocker = await one(sight);
    if (blocker) return blocker;
  }
  return {
    blocked: false,
    cause: null,
    since: matter.openedAt,
    owner: 'office',
    sentence: ENDED.includes(matter.state)
      ? say('案件已经结束，没有等待事项', 'The case has ended; nothing is waited for')
      : say('没有卡点：由本机关继续办理', 'Nothing is in the way: the office goes on'),
    next: nextDate(sight),
    actions: [...possible(matter)],
  };
}

const ENDED: readonly CaseStatus[] = ['closed', 'replied', 'archived'];

async function look({ store, ...deps }: ApiDeps, matter: CaseRecord, say: Sight['say']): Promise<Sight> {
  const owner = matter._id;
  const [tasks, papers, messages, now] = await Promise.all([
    store.tasks
      .find({ owner, state: { $in: OPEN_STATUSES } })
      .sort({ _id: -1 })
      .lean<TaskRecord[]>(),
    store.documents.find({ owner, state: { $ne: 'withdrawn' } }, { html: 0 }).lean<DocumentRecord[]>(),
    store.messages.find({ owner }, { raw: 0 }).sort({ createdAt: 1 }).lean<MessageRecord[]>(),
    deps.clock.now(),
  ]);
  return { deps: { store, ...deps }, matter, task: tasks[0], papers, messages, now, say };
}

const possible = ({ machine }: CaseRecord): readonly string[] =>
  machine.papers.length >= 0 ? (STEPS_OF[machine.line.state] ?? []) : [];

/** What a person does about a state that waits for the office. */
const STEPS_OF: Readonly<Partial<Record<CaseStatus, readonly string[]>>> = {
  accepted: ['filing'],
  filed: ['documents'],
  statementReceived: ['verification', 'investigation-records'],
  investigating: ['investigation-records', 'review', 'documents'],
  reviewing: ['review', 'documents'],
  verifying: ['verification'],
  executionReported: ['verification'],
  decisionProposed: ['government-submission'],
  governmentApproving: ['government-approval'],
  sentBack: ['documents', 'review'],
  terminated: ['closure'],
  verified: ['closure'],
  closed: ['reply'],
  replied: ['archive'],
  suspended: ['resumption'],
};

async function fault({ deps, matter, task, say }: Sight): Promise<Blocker | undefined> {
  const found = await engineFault(deps, [caseId(matter._id), ...(task ? [task.group] : [])]);
  if (!found) return undefined;
  const base = { blocked: true, owner: 'system', next: null, actions: ['ops'] } as const;
  if (found.kind === 'noWorker')
    return {
      ...base,
      cause: 'noWorker',
      since: found.since,
      sentence: say(
        '后台未运行：恢复后自动继续，不会重复发送',
        'No worker is running: it goes on by itself when one is back, and nothing is sent twice',
      ),
    };
  return {
    ...base,
    cause: 'retrying',
    since: found.since,
    sentence: say(
      `系统故障，已重试${found.times}次，稍后再试；案件数据未受影响`,
      `A fault of the system: tried ${found.times} times, and tried again soon; nothing of the case is lost`,
    ),
  };
}

const BROKEN: readonly MessageRecord['state'][] = ['bounced', 'rejected', 'inDoubt'];

function undeliverable({ task, messages, say }: Sight): Blocker | undefined {
  if (!task || task.machine.acknowledged) return undefined;
  const last = messages.findLast((one) => one.subject === task._id && one.kind === 'task');
  if (!last || !BROKEN.includes(last.state)) return undefined;
  const since = (last.bouncedAt ?? last.submittedAt ?? last.createdAt).toISOString();
  return {
    blocked: true,
    cause: 'undeliverable',
    since,
    owner: 'office',
    sentence: say(
      `发给${task.agencyName}的“${task.title}”无法送达（${last.recipient}）`,
      `“${task.title}” could not be delivered to ${task.agencyName} (${last.recipient})`,
    ),
    next: milestone(task),
    actions: ['editContacts', 'resend', 'recordPaperService'],
  };
}

const milestone = (task: TaskRecord): Blocker['next'] => {
  const next = task.machine.milestones[0];
  return next ? { at: stamp(next.at), step: next.what } : null;
};

const days = (since: string, now: number): number => daysBetween(localDate(since), localDate(now));

function notAcknowledged({ task, now, say }: Sight): Blocker | undefined {
  if (!task || task.machine.acknowledged || task.state === 'inReview') return undefined;
  const since = task.mailedAt ?? task.openedAt;
  const n = days(since, now);
  const term = task.own?.term;
  const size = term === undefined ? '' : 'workdays' in term ? `${term.workdays}个工作日` : `${term.days}日`;
  const sizeEn =
    term === undefined ? '' : 'workdays' in term ? `${term.workdays} working days` : `${term.days} days`;
  return {
    blocked: true,
    cause: 'notAcknowledged',
    since,
    owner: 'agency',
    sentence: say(
      `“${task.title}”已送达${n}天，${task.agencyName}仍未签收，${size}期限未起算`,
      `“${task.title}” was served ${n} days ago and ${task.agencyName} has not signed for it: its term of ${sizeEn} has not begun`,
    ),
    next: milestone(task),
    actions: ['resend', 'recordPaperService'],
  };
}

function clockOf({ matter }: Sight, names: readonly ClockName[]) {
  const due = matter.deadlines.findLast(
    (one) => one.state !== 'ended' && names.includes(one.name as ClockName),
  );
  return due ? { at: due.deadline.at, step: due.name } : null;
}

const nextDate = ({ matter }: Sight): Blocker['next'] => {
  const due = matter.deadlines
    .filter((one) => one.state === 'running')
    .toSorted((a, b) => Date.parse(a.deadline.at) - Date.parse(b.deadline.at))[0];
  return due ? { at: due.deadline.at, step: due.name } : null;
};

const REVIEWED: Readonly<Partial<Record<CaseStatus, readonly [string, string]>>> = {
  statementReceived: [
    '书面说明已收到，待本机关核查',
    'The statement is in and waits for the office to judge it',
  ],
  verifying: [
    '整改反馈已收到，待本机关验收',
    'The report of rectification waits for the office to verify it',
  ],
  executionReported: [
    '执行情况已报告，待本机关核查',
    'The report of execution waits for the office to verify it',
  ],
  reviewing: ['案件待法制审核、集体讨论', 'The case waits for its legal review and collective discussion'],
};

function awaitingReview(sight: Sight): Blocker | undefined {
  const { matter, papers, say } = sight;
  const words = REVIEWED[matter.state];
  const objection = matter.machine.objections.find((one) => one.answer === undefined);
  const signing = papers.some((paper) => paper.state === 'draft');
  if (!words && !objection) return undefined;
  // A draft that waits for its signature is the approver's.
  if (matter.state === 'reviewing' && signing && !objection) return undefined;
  const clock = clockOf(sight, objection ? ['objectionAnswer'] : ['verification', 'investigation']);
  return {
    blocked: true,
    cause: 'awaitingReview',
    since: sinceOf(sight),
    owner: 'office',
    sentence: objection
      ? say('机关提出了异议，待本机关答复', 'The agency has objected; the office owes it an answer')
      : say(words?.[0] ?? '', words?.[1] ?? ''),
    next: clock,
    actions: objection ? ['objectionAnswer'] : [...(STEPS_OF[matter.state] ?? [])],
  };
}

/** When the state that is shown began, as far as its own date tells. */
const sinceOf = ({ matter, task }: Sight): string =>
  matter.deadlines.findLast((one) => one.state !== 'ended')?.deadline.from ??
  task?.openedAt ??
  matter.openedAt;

const APPROVED: Readonly<Partial<Record<CaseStatus, readonly [string, string]>>> = {
  accepted: ['待负责人审批立案', 'The filing waits for its approver'],
  decisionProposed: [
    '决定书已拟制，待报请县政府',
    'The decision is drafted and waits to go to the government',
  ],
  governmentApproving: ['待县政府批准', 'The decision waits for the county government'],
  verified: ['待审批结案', 'The closure waits for its approval'],
  terminated: ['待审批结案', 'The closure waits for its approval'],
};

function awaitingApproval(sight: Sight): Blocker | undefined {
  const { matter, papers, say } = sight;
  const { recusals, transfers } = matter.machine;
  const words = APPROVED[matter.state];
  const draft = papers.find((paper) => paper.state === 'draft');
  const asked = recusals.some((one) => one.decision === undefined);
  const handing = transfers.some((one) => one.status === 'asked');
  if (!words && !draft && !asked && !handing) return undefined;
  const base = {
    blocked: true,
    cause: 'awaitingApproval',
    since: sinceOf(sight),
    owner: 'approver',
  } as const;
  if (asked)
    return {
      ...base,
      sentence: say('回避申请待负责人决定', 'A request for recusal waits for the head of the unit'),
      next: clockOf(sight, ['recusal']),
      actions: ['recusalDecision'],
    };
  if (handing)
    return {
      ...base,
      sentence: say('移送待负责人审批', 'A transfer waits for its approval'),
      next: clockOf(sight, ['transferApproval']),
      actions: ['transferDecision'],
    };
  if (draft && draft.kind !== 'decision')
    return {
      ...base,
      sentence: say(`${KIND_NAMES[draft.kind]}待签发`, `The ${draft.kind} waits for its signature`),
      next: nextDate(sight),
      actions: ['documentApproval'],
    };
  return {
    ...base,
    sentence: say(words?.[0] ?? '待签发', words?.[1] ?? 'Waits for a signature'),
    next: nextDate(sight),
    actions: [...(STEPS_OF[matter.state] ?? [])],
  };
}

function extensionUndecided({ task, say }: Sight): Blocker | undefined {
  const asked = task?.machine.extension;
  if (!task || !asked) return undefined;
  return {
    blocked: true,
    cause: 'extensionUndecided',
    since: task.openedAt,
    owner: 'office',
    sentence: say(
      `${task.agencyName}申请延期：${asked.reason}，待本机关决定`,
      `${task.agencyName} has asked for more time, and the office has not decided`,
    ),
    next: milestone(task),
    actions: ['extensionDecision'],
  };
}

/** Not stuck until it is late. */
function awaitingAgency(sight: Sight): Blocker | undefined {
  const { matter, task, say } = sight;
  if (matter.state === 'suspended')
    return {
      blocked: true,
      cause: 'awaitingAgency',
      since: matter.machine.line.state === 'suspended' ? matter.machine.line.since : matter.openedAt,
      owner: 'elsewhere',
      sentence: say(
        '案件已中止：复议、诉讼或者监察程序结束后恢复',
        'The case is suspended until the remedy elsewhere has ended',
      ),
      next: clockOf(sight, ['suspension']),
      actions: ['resumption'],
    };
  if (!task) return undefined;
  const at = task.due?.at ?? '';
  return {
    blocked: task.overdue,
    cause: 'awaitingAgency',
    since: task.machine.acknowledged?.at ?? task.openedAt,
    owner: 'agency',
    sentence: task.overdue
      ? say(
          `${task.agencyName}逾期未反馈“${task.title}”（期限${at.slice(0, 10)}）`,
          `${task.agencyName} has not answered “${task.title}”, due on ${at.slice(0, 10)}`,
        )
      : say(
          `等待${task.agencyName}办理，期限${at.slice(0, 10)}`,
          `${task.agencyName} is at work; due on ${at.slice(0, 10)}`,
        ),
    next: milestone(task),
    actions: task.overdue ? ['nudge', 'documents'] : ['nudge'],
  };
}
