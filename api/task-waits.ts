import { daysBetween, localDate } from '../domain/calendar.ts';
import type { MessageRecord } from '../models/message.ts';
import { type Blocker, type TaskSight, milestone } from './case-sight.ts';
import { engineFault } from './engine-faults.ts';
import { failedAt } from './failure-words.ts';

export async function fault({ deps, workflows, say }: TaskSight): Promise<Blocker | undefined> {
  const found = await engineFault(deps, workflows);
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
      `系统故障，已重试${found.times}次，稍后再试；数据未受影响`,
      `A fault of the system: tried ${found.times} times, and tried again soon; nothing is lost`,
    ),
  };
}

export const BROKEN: readonly MessageRecord['state'][] = ['bounced', 'rejected', 'inDoubt'];

export async function undeliverable({ deps, task, messages, say }: TaskSight): Promise<Blocker | undefined> {
  if (!task || task.machine.acknowledged) return undefined;
  const last = messages.findLast((one) => one.subject === task._id && one.kind === 'task');
  if (!last || !BROKEN.includes(last.state)) return undefined;
  const since = failedAt(last, await deps.clock.mapping());
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

export function notAcknowledged({ task, now, say }: TaskSight): Blocker | undefined {
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
    sentence:
      task.own === undefined
        ? say(
            `“${task.title}”已送达${n}天，${task.agencyName}仍未签收（期限${(task.due?.at ?? '').slice(0, 10)}）`,
            `“${task.title}” was delivered ${n} days ago and ${task.agencyName} has not signed for it; due on ${(task.due?.at ?? '').slice(0, 10)}`,
          )
        : say(
            `“${task.title}”已送达${n}天，${task.agencyName}仍未签收，${size}期限未起算`,
            `“${task.title}” was served ${n} days ago and ${task.agencyName} has not signed for it: its term of ${sizeEn} has not begun`,
          ),
    next: milestone(task),
    actions: ['resend', 'recordPaperService'],
  };
}

/** RFC 3339: when the first of these came in. */
async function cameAt({ deps }: TaskSight, ids: readonly string[]): Promise<string | undefined> {
  const first = await deps.store.submissions
    .findOne({ _id: { $in: [...ids] } }, { receivedAt: 1 })
    .sort({ receivedAt: 1 })
    .lean();
  return first?.receivedAt;
}

/** An answer is in and the office owes its judgement. */
export async function answerUnjudged(sight: TaskSight): Promise<Blocker | undefined> {
  const { task, say } = sight;
  if (task?.state !== 'inReview') return undefined;
  const answers = task.machine.status === 'inReview' ? task.machine.answers : [];
  return {
    blocked: true,
    cause: 'awaitingReview',
    since: (await cameAt(sight, answers)) ?? task.openedAt,
    owner: 'office',
    sentence: say(
      `${task.agencyName}已反馈“${task.title}”，待本机关审核`,
      `${task.agencyName} has answered “${task.title}”; the office owes its judgement`,
    ),
    next: null,
    actions: ['review'],
  };
}

export async function extensionUndecided(sight: TaskSight): Promise<Blocker | undefined> {
  const { task, say } = sight;
  const asked = task?.machine.extension;
  if (!task || !asked) return undefined;
  return {
    blocked: true,
    cause: 'extensionUndecided',
    since: (await cameAt(sight, [asked.id])) ?? task.openedAt,
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
export function agencyAwaited({ task, say }: TaskSight): Blocker | undefined {
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
