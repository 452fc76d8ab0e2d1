import { ENDED_CASE } from '../domain/case.ts';
import { OPEN_STATUSES } from '../domain/task.ts';
import type { CaseRecord } from '../models/case.ts';
import type { DocumentRecord } from '../models/document.ts';
import type { MessageRecord } from '../models/message.ts';
import type { TaskRecord } from '../models/task.ts';
import { type Blocker, type Look, STEPS_OF, type Sight, nextDate } from './case-sight.ts';
import { awaitingAgency, awaitingApproval, awaitingReview } from './case-waits.ts';
import type { ApiDeps } from './deps.ts';
import { extensionUndecided, fault, notAcknowledged, undeliverable } from './task-waits.ts';
import { caseId } from '../workflows/messages.ts';

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

/** Why a case waits, in one sentence and the caller's language, from state and never guessed. */
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
    sentence: ENDED_CASE.includes(matter.state)
      ? say('案件已经结束，没有等待事项', 'The case has ended; nothing is waited for')
      : say('没有卡点：由本机关继续办理', 'Nothing is in the way: the office goes on'),
    next: nextDate(sight),
    actions: [...(STEPS_OF[matter.state] ?? [])],
  };
}

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
  const task = tasks[0];
  return {
    deps: { store, ...deps },
    matter,
    task,
    papers,
    messages,
    workflows: [caseId(owner), ...(task ? [task.group] : [])],
    now,
    say,
  };
}
