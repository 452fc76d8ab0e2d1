import { stamp } from '../domain/clock.ts';
import { KIND_NAMES } from '../domain/document.ts';
import { OPEN_STATUSES } from '../domain/task.ts';
import type { CampaignRecord } from '../models/campaign.ts';
import type { DocumentRecord } from '../models/document.ts';
import type { PlanRecord } from '../models/plan.ts';
import { planId } from '../workflows/messages.ts';
import { type Blocker, type BlockerCause, TASK_CAUSES } from './case-sight.ts';
import { reached } from './commands.ts';
import type { ApiDeps } from './deps.ts';
import { type NextStep, nextOfCampaign } from './next-step.ts';
import { type StuckGroup, stuckTasks } from './task-blockers.ts';
import { fault } from './task-waits.ts';

/** Why a campaign or a plan waits, with how many of its open tasks wait for the same, and where they stand. */
export interface OwnerBlocker extends Omit<Blocker, 'next'> {
  readonly next: Blocker['next'] | NextStep;
  readonly n?: number;
  readonly of?: number;
  readonly href: string;
}

interface Owner {
  readonly no: string;
  readonly workflow: string;
  readonly since: string;
  /** What the owner itself waits for, beside its tasks. */
  readonly own?: OwnerBlocker | undefined;
  readonly next: NextStep | null;
}

type Say = (zh: string, en: string) => string;
const speaker =
  (lang: 'zh' | 'en'): Say =>
  (zh, en) =>
    lang === 'zh' ? zh : en;

/** Groups whose engine is asked. Reason: a campaign of ten thousand has a hundred of them, and each is a call. */
const MOST_GROUPS = 3;

async function blockerOfOwner(
  deps: ApiDeps,
  { no, workflow, since, own, next }: Owner,
  lang: 'zh' | 'en',
): Promise<OwnerBlocker> {
  const say = speaker(lang);
  const [broken, groups, paper] = await Promise.all([
    faultOf(deps, { no, workflow, say }),
    stuckTasks(deps, lang, { owner: no }),
    paperUnsigned(deps, no, say),
  ]);
  if (broken) return { ...broken, href: '/console/ops' };
  const found = [...groups.map((one) => ofGroup(one, no, say)), paper, own].flatMap((one) => one ?? []);
  const first = TASK_CAUSES.flatMap((cause) => found.find((one) => one.cause === cause) ?? [])[0];
  return {
    ...(first ?? {
      blocked: false,
      cause: null,
      since,
      owner: 'office' as const,
      sentence: say(
        '没有卡点：到下一个时间点自动继续',
        'Nothing is in the way: it goes on by itself at its next date',
      ),
      actions: [],
      href: '',
      next: null,
    }),
    next: first?.next ?? next,
  };
}

/** A page waits no longer for what the engine says of itself; an engine that did not answer is not asked again for a while. In ms. */
const PATIENCE_MS = 500;
const NOT_ASKED_MS = 10_000;
const notAskedUntil = new WeakMap<ApiDeps['client'], number>();

/** The engine may be away: then nothing is said of its faults, and the rest is. */
async function faultOf(
  deps: ApiDeps,
  { no, workflow, say }: { readonly no: string; readonly workflow: string; readonly say: Say },
): Promise<Blocker | undefined> {
  const { client, store } = deps;
  if (Date.now() < (notAskedUntil.get(client) ?? 0)) return undefined;
  const groups = await store.tasks.distinct('group', { owner: no, state: { $in: OPEN_STATUSES } });
  const workflows = [workflow, ...groups.slice(0, MOST_GROUPS)];
  const sight = { deps, task: undefined, messages: [], workflows, now: 0, say };
  return reached(deps, () => fault(sight), PATIENCE_MS).catch(() => {
    notAskedUntil.set(client, Date.now() + NOT_ASKED_MS);
    return undefined;
  });
}

/** How many of the tasks wait for this, and the one that has waited longest. */
function ofGroup({ cause, n, of, worst }: StuckGroup, no: string, say: Say): OwnerBlocker | undefined {
  if (!worst) return undefined;
  return {
    ...worst,
    cause,
    n,
    of,
    sentence:
      n === 1
        ? worst.sentence
        : say(
            `${worst.sentence}；另有${n - 1}件同样在等`,
            `${worst.sentence}; ${n - 1} more wait for the same`,
          ),
    href: n === 1 ? worst.href : `/console/tasks?owner=${encodeURIComponent(no)}${STATES[cause] ?? ''}`,
  };
}
const STATES: Readonly<Partial<Record<BlockerCause, string>>> = {
  undeliverable: '&state=unacknowledged',
  notAcknowledged: '&state=unacknowledged',
  awaitingReview: '&state=inReview',
};

async function paperUnsigned({ store }: ApiDeps, owner: string, say: Say): Promise<OwnerBlocker | undefined> {
  const draft = await store.documents
    .findOne({ owner, state: 'draft' }, { kind: 1, createdAt: 1 })
    .sort({ createdAt: 1 })
    .lean<Pick<DocumentRecord, '_id' | 'kind' | 'createdAt'>>();
  if (!draft) return undefined;
  return {
    blocked: true,
    cause: 'awaitingApproval',
    since: draft.createdAt,
    owner: 'approver',
    sentence: say(`${KIND_NAMES[draft.kind]}待签发`, `The ${draft.kind} waits for its signature`),
    next: null,
    actions: ['documentApproval'],
    href: `/console/documents/${encodeURIComponent(draft._id)}`,
  };
}

/** Why a campaign waits; undefined for a draft and for one that has ended. */
export async function blockerOfCampaign(
  deps: ApiDeps,
  campaign: CampaignRecord,
  lang: 'zh' | 'en',
): Promise<OwnerBlocker | undefined> {
  const { _id: no, state, phases, phase, pausedAt } = campaign;
  if (!['launching', 'running', 'paused', 'summarising'].includes(state)) return undefined;
  const say = speaker(lang);
  const since = phases?.[phase]?.openedAt ?? campaign.launch?.recallUntil ?? stamp(await deps.clock.now());
  const own: OwnerBlocker | undefined =
    state === 'paused'
      ? {
          blocked: true,
          cause: 'awaitingReview',
          since: pausedAt ?? since,
          owner: 'office',
          sentence: say('已暂停发送：由组织员恢复后继续', 'Paused: it goes on when an organizer resumes it'),
          next: null,
          actions: ['resume'],
          href: `/console/campaigns/${encodeURIComponent(no)}`,
        }
      : undefined;
  const at = { no, workflow: `campaign/${no}`, since, next: nextOfCampaign(campaign) };
  return state === 'paused' && own ? own : blockerOfOwner(deps, { ...at, own }, lang);
}

/** Why a year's plan waits; undefined where it has ended. */
export async function blockerOfPlan(
  deps: ApiDeps,
  plan: Pick<PlanRecord, '_id' | 'year' | 'state' | 'problem' | 'createdAt' | 'amendment'>,
  { lang, next }: { readonly lang: 'zh' | 'en'; readonly next: NextStep | null },
): Promise<OwnerBlocker | undefined> {
  const { _id: no, year, state, problem, createdAt, amendment } = plan;
  if (state === 'closed') return undefined;
  const say = speaker(lang);
  const base = { blocked: true, next: null, cause: 'awaitingApproval' } as const;
  const href = `/console/plans/${encodeURIComponent(no)}`;
  if (state === 'draft')
    return {
      ...base,
      since: createdAt,
      owner: 'approver',
      sentence: say(`${year}年度计划待审批`, `The plan of ${year} waits for its approval`),
      actions: ['approvePlan'],
      href,
    };
  const own: OwnerBlocker | undefined = problem
    ? {
        ...base,
        cause: 'awaitingReview',
        since: createdAt,
        owner: 'office',
        sentence: say(
          '所需年份的节假日安排尚未导入，下一个月的周期无法开始',
          'The holiday notice of a year is missing: the next month cannot begin',
        ),
        actions: ['importCalendar'],
        href: '/console/calendar',
      }
    : amendment
      ? {
          ...base,
          since: amendment.at,
          owner: 'approver',
          sentence: say('计划的调整待审批', 'A change of the plan waits for its approval'),
          actions: ['approvePlan'],
          href,
        }
      : undefined;
  if (problem && own) return own;
  return blockerOfOwner(deps, { no, workflow: planId(no), since: createdAt, own, next }, lang);
}
