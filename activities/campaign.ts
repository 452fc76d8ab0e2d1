import { WorkflowNotFoundError } from '@temporalio/client';
import { Context } from '@temporalio/activity';
import { stamp, type ClockMapping } from '../domain/clock.ts';
import type { CampaignStatus, Launch, Phase, TermedPhase } from '../domain/campaign.ts';
import type { Term } from '../domain/deadline.ts';
import { OPEN_STATUSES } from '../domain/task.ts';
import { appendEvents, type LedgerEntry } from '../models/event.ts';
import type { GroupOrder } from '../workflows/messages.ts';
import { acceptedAgencies } from '../models/audience.ts';
import type { Deps } from './deps.ts';
import { openPhaseTasks, type OpenedPhase } from './phase.ts';
import { type PhaseStand, rehearseExtension, standOfPhase } from './phase-stand.ts';
import { refusing } from './refusing.ts';
import { startGroup } from './starting.ts';

export interface CampaignInput {
  readonly no: string;
  readonly launch: Launch;
}

export interface CampaignRecordOrder {
  readonly no: string;
  /** Grows with every write of the workflow. */
  readonly version: number;
  readonly state: CampaignStatus;
  readonly phase: Phase;
  readonly what: string;
  readonly by?: string;
  readonly reason?: string;
}

/** Workflows started or signalled at the same time. */
const AT_ONCE = 16;

export const campaignActivities = (deps: Deps) => ({
  /** Takes the launch up where the plan is still the one that was previewed; false ends the campaign before it began. */
  async openCampaign({
    no,
    launch,
  }: CampaignInput): Promise<{ readonly accepted: boolean; readonly clock: ClockMapping }> {
    const { store, clock } = deps;
    const campaign = await store.campaigns.findById(no).lean();
    const again = campaign?.launch?.previewDigest === launch.previewDigest && campaign.state === 'launching';
    const mapping = await clock.mapping();
    if (!campaign || (!again && campaign.state !== 'draft')) return { accepted: false, clock: mapping };
    const { sendable, problems } = await acceptedAgencies(store, campaign.draft);
    const written = await store.campaigns.updateOne(
      { _id: no, ...(again ? {} : { state: 'draft', version: launch.version }) },
      {
        $set: {
          state: 'launching',
          phase: 'mobilisation',
          version: launch.version + 1,
          launch,
          accepted: sendable.map((agency) => agency._id),
          skipped: problems.filter((one) => one.agency !== undefined),
        },
      },
    );
    if (written.matchedCount === 0) return { accepted: false, clock: mapping };
    const entry = {
      at: launch.at,
      source: 'decision',
      what: 'launched',
      who: launch.by,
      detail: { accepted: sendable.length, previewDigest: launch.previewDigest },
    } as const;
    await appendEvents(store.events, { owner: no, key: `campaign#${launch.version + 1}`, entries: [entry] });
    return { accepted: true, clock: mapping };
  },

  /** Writes where the campaign stands; a repeat changes nothing. */
  async recordCampaign(order: CampaignRecordOrder): Promise<void> {
    const { no, version, state, phase, what, by, reason } = order;
    const at = stamp(await deps.clock.now());
    const ended = state === 'cancelled' && reason !== undefined ? { reason } : {};
    const paused = what === 'paused' ? { pausedAt: at } : {};
    await deps.store.campaigns.updateOne(
      { _id: no, version: { $lt: version } },
      { $set: { version, state, phase, ...ended, ...paused } },
    );
    const entry: LedgerEntry = {
      at,
      source: by === undefined ? 'workflow' : 'decision',
      what,
      ...(by === undefined ? {} : { who: by }),
      detail: { state, phase, ...(reason === undefined ? {} : { reason }) },
    };
    await appendEvents(deps.store.events, { owner: no, key: `campaign#${version}`, entries: [entry] });
  },

  /** Writes the phase's tasks and dates, and starts each group once its tasks are there, where that is asked for. May run twice: a task is known by its owner, phase and agency. */
  async openPhase(no: string, phase: TermedPhase, starts?: 'its groups'): Promise<OpenedPhase> {
    return openPhaseTasks(deps, no, { phase, starts: starts !== undefined });
  },

  /** A late agency, or the findings of one inspection: the next group of the phase. */
  async openLater(
    no: string,
    phase: TermedPhase,
    cause: { readonly agency?: string; readonly inspection?: string },
  ): Promise<OpenedPhase> {
    return openPhaseTasks(deps, no, { phase, cause });
  },

  /** Starts a phase's groups; one that is there already is as good. */
  async startGroups(
    owner: string,
    phase: string,
    groups: readonly { readonly id: string; readonly added: boolean }[],
  ): Promise<void> {
    await pages(groups, ({ id, added }) => startGroup(deps, { id, owner, phase, added }));
  },

  /** Gives one identified order to each group that still has open tasks; a pause or its end to every one, since mails may be held for closed tasks too. */
  async orderGroups(owner: string, order: GroupOrder, phase: string | null): Promise<void> {
    const all = order.kind === 'pause' || order.kind === 'resume';
    const groups = await deps.store.tasks.distinct('group', {
      owner,
      ...(all ? {} : { state: { $in: OPEN_STATUSES } }),
      ...(phase === null ? {} : { phase }),
    });
    await pages(groups, async (group) => {
      await deps.client.workflow
        .getHandle(group)
        .signal<[GroupOrder]>('order', order)
        .catch((error: unknown) => {
          if (!(error instanceof WorkflowNotFoundError)) throw error;
        });
    });
  },

  /** How a phase stands: its open tasks, counted and never kept, and when it ends by itself. */
  async phaseStand(owner: string, phase: TermedPhase): Promise<PhaseStand> {
    return standOfPhase(deps, owner, phase);
  },

  /** Throws a refusal where a term given to all open tasks of a phase needs a calendar that is not published. */
  async checkExtension(owner: string, phase: Phase, term: Term): Promise<void> {
    await refusing(() => rehearseExtension(deps, owner, phase, term));
  },

  /** Tasks whose first mail never went, because the launch was recalled, need no workflow to end. */
  async withdrawUnsent(owner: string, reason: string): Promise<void> {
    const at = stamp(await deps.clock.now());
    await deps.store.tasks.updateMany(
      { owner, state: 'pending' },
      {
        $set: {
          state: 'withdrawn',
          closedAt: at,
          'machine.status': 'withdrawn',
          'machine.at': at,
          'machine.reason': reason,
        },
      },
    );
  },
});

async function pages<T>(list: readonly T[], work: (one: T) => Promise<void>): Promise<void> {
  for (let i = 0; i < list.length; i += AT_ONCE) {
    await Promise.all(list.slice(i, i + AT_ONCE).map(work));
    Context.current().heartbeat(i);
  }
}
