import { ENDED_CASE } from '../domain/case.ts';
import { OPEN_STATUSES } from '../domain/task.ts';
import type { CaseRecord } from '../models/case.ts';
import type { MessageRecord } from '../models/message.ts';
import type { Store } from '../models/store.ts';
import type { TaskRecord } from '../models/task.ts';
import { blockerOf } from './case-blockers.ts';
import type { Blocker, BlockerCause, TaskSight } from './case-sight.ts';
import type { ApiDeps } from './deps.ts';
import {
  BROKEN,
  agencyAwaited,
  answerUnjudged,
  extensionUndecided,
  fault,
  notAcknowledged,
  undeliverable,
} from './task-waits.ts';

/** First match wins: the mail, the signature, ourselves, an extension, the agency. A fault of the system comes before them all. */
const LOOKS = [undeliverable, notAcknowledged, answerUnjudged, extensionUndecided, agencyAwaited] as const;

/** Why a task waits, in one sentence, from its state; without the engine nothing is said of its faults. */
export async function blockerOfTask(
  deps: ApiDeps,
  task: TaskRecord,
  { lang, engine }: { readonly lang: 'zh' | 'en'; readonly engine: boolean },
): Promise<Blocker | undefined> {
  if (!OPEN_STATUSES.includes(task.state)) return undefined;
  const [messages, now] = await Promise.all([
    deps.store.messages
      .find({ subject: task._id }, { raw: 0 })
      .sort({ createdAt: 1 })
      .lean<MessageRecord[]>(),
    deps.clock.now(),
  ]);
  const sight: TaskSight = {
    deps,
    task,
    messages,
    workflows: [task.group],
    now,
    say: (zh, en) => (lang === 'zh' ? zh : en),
  };
  const faulty = engine ? await fault(sight) : undefined;
  if (faulty) return faulty;
  for (const one of LOOKS) {
    const blocker = await one(sight);
    if (blocker) return blocker;
  }
  return undefined;
}

/** Open tasks and cases by what they wait for, each with the one that has waited longest. */
export interface StuckGroup {
  readonly cause: BlockerCause;
  readonly n: number;
  readonly of: number;
  readonly href: string;
  readonly worst: (Blocker & { readonly no: string; readonly href: string }) | null;
}

const LIST: Readonly<Partial<Record<BlockerCause, string>>> = {
  undeliverable: '/console/inbox#bounced',
  notAcknowledged: '/console/tasks?state=unacknowledged',
  awaitingReview: '/console/reviews',
  extensionUndecided: '/console/tasks?extension=asked',
  awaitingAgency: '/console/tasks?state=overdue',
};

/** Tasks by cause, told apart in one look at the store as the sentences tell them apart. */
export async function stuckTasks(
  deps: ApiDeps,
  lang: 'zh' | 'en',
  of: { readonly owner?: string } = {},
): Promise<StuckGroup[]> {
  const { store } = deps;
  const broken = await undeliveredTasks(store, of);
  const rows = await store.tasks.aggregate<{ _id: BlockerCause; n: number; no: string }>([
    { $match: { ...of, state: { $in: OPEN_STATUSES.filter((one) => one !== 'pending') } } },
    {
      $group: {
        _id: causeOf(broken),
        n: { $sum: 1 },
        // What is late stands before what has only been open for longer.
        no: { $top: { sortBy: { overdue: -1, openedAt: 1, _id: 1 }, output: '$_id' } },
      },
    },
  ]);
  const all = rows.reduce((sum, one) => sum + one.n, 0);
  return Promise.all(
    rows.map(async ({ _id: cause, n, no }) => {
      const task = await store.tasks.findById(no).lean<TaskRecord>();
      const blocker = task && (await blockerOfTask(deps, task, { lang, engine: false }));
      return {
        cause,
        n,
        of: all,
        href: LIST[cause] ?? '/console/tasks',
        worst: blocker ? { ...blocker, no, href: `/console/tasks/${encodeURIComponent(no)}` } : null,
      };
    }),
  );
}

/** Tasks whose last first mail came back: a deputy's that went out stands for an earlier one. */
async function undeliveredTasks(store: Store, of: { readonly owner?: string }): Promise<string[]> {
  const subjects = await store.messages.distinct('subject', { ...of, state: { $in: BROKEN }, kind: 'task' });
  if (subjects.length === 0) return [];
  const last = await store.messages.aggregate<{ _id: string }>([
    { $match: { subject: { $in: subjects }, kind: 'task' } },
    { $group: { _id: '$subject', state: { $top: { sortBy: { createdAt: -1 }, output: '$state' } } } },
    { $match: { state: { $in: BROKEN } } },
  ]);
  return last.map((one) => one._id);
}

/** The first test that a task meets names its cause. */
function causeOf(broken: readonly string[]): unknown {
  const unsigned = { $eq: [{ $type: '$machine.acknowledged' }, 'missing'] };
  const tests: readonly (readonly [unknown, BlockerCause])[] = [
    [{ $and: [unsigned, { $in: ['$_id', broken] }] }, 'undeliverable'],
    [{ $and: [unsigned, { $ne: ['$state', 'inReview'] }] }, 'notAcknowledged'],
    [{ $eq: ['$state', 'inReview'] }, 'awaitingReview'],
    [{ $eq: [{ $type: '$machine.extension' }, 'object'] }, 'extensionUndecided'],
  ];
  return tests.reduceRight<unknown>(
    (rest, [test, cause]) => ({ $cond: [test, cause, rest] }),
    'awaitingAgency',
  );
}

/** Open cases that are looked at one by one, the oldest first. */
const MOST_CASES = 40;

export async function stuckCases(deps: ApiDeps, lang: 'zh' | 'en') {
  const open = { state: { $nin: [...ENDED_CASE] } };
  const [cases, of] = await Promise.all([
    deps.store.cases.find(open).sort({ _id: 1 }).limit(MOST_CASES).lean<CaseRecord[]>(),
    deps.store.cases.countDocuments(open),
  ]);
  const looked = await Promise.all(
    cases.map(async (one) => ({
      no: one._id,
      agencyName: one.agencyName,
      ...(await blockerOf(deps, one, lang)),
    })),
  );
  return { rows: looked.filter((one) => one.blocked), looked: cases.length, of };
}
