import { daysBetween, localDate } from '../domain/calendar.ts';
import type { CaseStatus } from '../domain/case.ts';
import { KIND_NAMES } from '../domain/document.ts';
import type { MessageRecord } from '../models/message.ts';
import { caseId } from '../workflows/messages.ts';
import { type Blocker, type Sight, STEPS_OF, clockOf, milestone, nextDate, sinceOf } from './case-sight.ts';
import { engineFault } from './engine-faults.ts';

export async function fault({ deps, matter, task, say }: Sight): Promise<Blocker | undefined> {
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

export function undeliverable({ task, messages, say }: Sight): Blocker | undefined {
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

const days = (since: string, now: number): number => daysBetween(localDate(since), localDate(now));

export function notAcknowledged({ task, now, say }: Sight): Blocker | undefined {
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

export function awaitingReview(sight: Sight): Blocker | undefined {
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

export function awaitingApproval(sight: Sight): Blocker | undefined {
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

export function extensionUndecided({ task, say }: Sight): Blocker | undefined {
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
export function awaitingAgency(sight: Sight): Blocker | undefined {
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
