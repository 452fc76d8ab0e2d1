import type { CaseStatus } from '../domain/case.ts';
import { KIND_NAMES } from '../domain/document.ts';
import { type Blocker, type Sight, STEPS_OF, clockOf, nextDate, sinceOf } from './case-sight.ts';
import { agencyAwaited } from './task-waits.ts';

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
      since: draft.createdAt,
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

/** Not stuck until it is late. */
export function awaitingAgency(sight: Sight): Blocker | undefined {
  const { matter, say } = sight;
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
  return agencyAwaited(sight);
}
