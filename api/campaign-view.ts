import type { CampaignRecord } from '../models/campaign.ts';
import { OPEN_STATUSES, type TaskStatus } from '../domain/task.ts';
import { possibleCommands } from '../domain/campaign.ts';
import type { ApiDeps } from './deps.ts';

export type Counts = Readonly<Record<Exclude<TaskStatus, never> | 'overdue', number>>;

/** Counted when asked, never kept. */
export async function countTasks(
  { store, clock }: Pick<ApiDeps, 'store' | 'clock'>,
  filter: Record<string, unknown>,
): Promise<Counts> {
  const now = new Date(await clock.now());
  const rows = await store.tasks.aggregate<{ _id: TaskStatus; n: number; late: number }>([
    { $match: filter },
    {
      $group: { _id: '$state', n: { $sum: 1 }, late: { $sum: { $cond: [{ $lt: ['$dueAt', now] }, 1, 0] } } },
    },
  ]);
  const counts: Record<TaskStatus | 'overdue', number> = {
    pending: 0,
    unacknowledged: 0,
    inProgress: 0,
    inReview: 0,
    returned: 0,
    closed: 0,
    withdrawn: 0,
    overdue: 0,
  };
  for (const { _id, n, late } of rows) {
    counts[_id] = n;
    if (OPEN_STATUSES.includes(_id) && _id !== 'inReview' && _id !== 'pending') counts.overdue += late;
  }
  return counts;
}

export const campaignBrief = ({ _id, draft, state, phase, createdAt, createdBy }: CampaignRecord) => ({
  no: _id,
  title: draft.title,
  domain: draft.domain,
  state,
  phase,
  createdAt,
  createdBy,
});

/** A campaign as callers and pages see it. */
export async function showCampaign(deps: ApiDeps, campaign: CampaignRecord) {
  const {
    _id: no,
    draft,
    state,
    phase,
    version,
    launch,
    accepted,
    skipped,
    phases,
    commitment,
    draws,
    teams,
    reason,
    fromCase,
    scores,
  } = campaign;
  const [counts, findings, chosen] = await Promise.all([
    countTasks(deps, { owner: no }),
    deps.store.findings.countDocuments({ owner: no }),
    deps.store.tasks.countDocuments({ owner: no }),
  ]);
  return {
    ...campaignBrief(campaign),
    legalBasis: draft.legalBasis,
    checklist: draft.checklist,
    agencies: draft.agencies,
    terms: draft.phases,
    remind: draft.remind,
    lookBackPercent: draft.lookBackPercent,
    version,
    counts,
    tasks: chosen,
    findings,
    phases,
    accepted: accepted?.length ?? 0,
    skipped: skipped ?? [],
    ...(launch ? { recallUntil: launch.recallUntil, launchedBy: launch.by, launchedAt: launch.at } : {}),
    ...(reason === undefined ? {} : { reason }),
    ...(fromCase === undefined ? {} : { fromCase }),
    commitment,
    draws: draws ?? [],
    teams: teams ?? [],
    scores: scores ?? [],
    possible: possibleCommands({ status: state, phase }),
    state,
    phase,
  };
}
