import {
  ApplicationFailure,
  allHandlersFinished,
  condition,
  patched,
  proxyActivities,
  setHandler,
} from '@temporalio/workflow';
import type { CampaignInput } from '../activities/campaign.ts';
import type { OpenedPhase } from '../activities/phase.ts';
import type { Activities } from '../activities/index.ts';
import {
  type CampaignStand,
  PHASES,
  type Phase,
  type TermedPhase,
  checkCommand,
} from '../domain/campaign.ts';
import { type ClockMapping, engineAt } from '../domain/clock.ts';
import { tellStandOfCampaign } from './current-details.ts';
import {
  type CommandCampaign,
  type GroupOrder,
  clockSignal,
  commandCampaign,
  standQuery,
  wakeSignal,
} from './messages.ts';
import { checked, refuseForgotten, refused } from './refused.ts';

const activities = proxyActivities<Activities>({
  startToCloseTimeout: '10 minutes',
  heartbeatTimeout: '1 minute',
  retry: { initialInterval: '1s', maximumInterval: '1 minute' },
});

const DAY_MS = 86_400_000;

/** One campaign's story as it stands; commands change it, the story below waits for it. */
class Campaign {
  readonly no: string;
  clock: ClockMapping;
  stand: CampaignStand = { status: 'launching', phase: 'mobilisation' };
  /** What the projection shows: a caller is answered after this. */
  shown: CampaignStand = this.stand;
  version: number;
  wakes = 0;
  readonly closing = new Set<Phase>();
  /** Whether groups start as their tasks are written; those of a campaign of before start when all are. */
  inTurn = false;
  /** While a phase's tasks are being written. */
  opening = false;
  /** What its groups are told when it is cancelled. */
  ending?: GroupOrder;
  readonly done = new Map<string, CampaignStand>();
  private last: Promise<unknown> = Promise.resolve();

  constructor(input: CampaignInput, clock: ClockMapping) {
    this.no = input.no;
    this.version = input.launch.version + 1;
    this.clock = clock;
  }

  /** The stand and its record move together, one after another. */
  async move(
    stand: Partial<CampaignStand>,
    record: { what: string; by?: string; reason?: string },
  ): Promise<void> {
    this.stand = { ...this.stand, ...stand };
    tellStandOfCampaign(this.stand);
    this.version += 1;
    const { status: state, phase } = this.stand;
    const order = { no: this.no, version: this.version, state, phase, ...record };
    const now = this.stand;
    this.last = this.last.then(async () => {
      await activities.recordCampaign(order);
      this.shown = now;
    });
    await this.last;
  }

  ended(): boolean {
    return this.stand.status === 'recalled' || this.stand.status === 'cancelled';
  }
}

/** A special campaign (专项监督): recall window, self-inspection, joint inspection, rectification, look-back, score and circular. */
export async function campaignWorkflow(input: CampaignInput): Promise<void> {
  let campaign: Campaign | undefined;
  setHandler(wakeSignal, () => {
    if (campaign) campaign.wakes += 1;
  });
  setHandler(clockSignal, (clock) => {
    if (!campaign) return;
    campaign.clock = clock;
    campaign.wakes += 1;
  });
  setHandler(standQuery, () => campaign?.stand ?? { status: 'launching', phase: 'mobilisation' });
  setHandler(
    commandCampaign,
    async (command) => {
      await condition(() => campaign !== undefined);
      return obey(campaign as Campaign, command);
    },
    {
      validator: (command) => {
        if (campaign?.done.has(command.id)) return;
        refuseForgotten(command);
        if (campaign) check(campaign.stand, command);
      },
    },
  );
  const { accepted, clock } = await activities.openCampaign(input);
  if (!accepted) return;
  campaign = new Campaign(input, clock);
  tellStandOfCampaign(campaign.stand);
  campaign.inTurn = patched('groups-in-turn');
  await launch(campaign, input.launch.recallMs);
  for (const phase of PHASES) if (!campaign.ended()) await carry(campaign, phase);
  if (!campaign.ended()) await summarise(campaign);
  await condition(allHandlersFinished);
}

/** The first tasks are written at once and mailed when the recall window is over. */
async function launch(campaign: Campaign, recallMs: number): Promise<void> {
  // Where there is no window they are written and mailed when the phase opens.
  if (recallMs <= 0 && campaign.inTurn) return;
  await activities.openPhase(campaign.no, 'selfInspection');
  if (recallMs > 0) await condition(() => campaign.ended(), recallMs);
  if (campaign.ended()) await activities.withdrawUnsent(campaign.no, campaign.stand.status);
}

/** One phase: opened, carried by its groups, over when nothing is open, its time has passed or a person closes it. */
async function carry(campaign: Campaign, phase: TermedPhase): Promise<void> {
  const { no } = campaign;
  await campaign.move(
    { status: campaign.stand.status === 'paused' ? 'paused' : 'running', phase },
    { what: 'phase-opened' },
  );
  const opened = await openWhenPossible(campaign, phase);
  // Cancelled while its tasks were being written: some have a group that was not told, the others have none.
  if (campaign.ended()) {
    if (opened?.started && campaign.ending) await activities.orderGroups(no, campaign.ending, null);
    await activities.withdrawUnsent(no, campaign.stand.status);
  }
  if (!opened || campaign.ended()) return;
  if (!opened.started) await activities.startGroups(no, phase, opened.groups);
  const over = () => campaign.ended() || campaign.closing.has(phase);
  for (;;) {
    const seen = campaign.wakes;
    const { open, endsAt } = await activities.phaseStand(no, phase);
    if ((open === 0 && campaign.stand.status !== 'paused') || over()) break;
    const left = engineAt(campaign.clock, endsAt) - Date.now();
    if (left <= 0 && campaign.stand.status !== 'paused') break;
    await condition(
      () => campaign.wakes !== seen || over(),
      Math.max(1, Math.min(left > 0 ? left : DAY_MS, day(campaign))),
    );
  }
}

/** A product day, on the engine's clock. */
const day = (campaign: Campaign): number => Math.ceil(DAY_MS / campaign.clock.rate);

/** A phase in a year without a published calendar waits for it, and asks again every day. */
async function openWhenPossible(campaign: Campaign, phase: TermedPhase): Promise<OpenedPhase | undefined> {
  for (;;) {
    const seen = campaign.wakes;
    const opened = await opening(campaign, phase);
    if (!opened.problem) return opened;
    await condition(
      () => campaign.wakes !== seen || campaign.ended() || campaign.closing.has(phase),
      day(campaign),
    );
    if (campaign.ended() || campaign.closing.has(phase)) return undefined;
  }
}

/** Writes the phase's tasks, and starts its groups one by one; who orders something of all tasks meanwhile waits until they are there. */
async function opening(campaign: Campaign, phase: TermedPhase): Promise<OpenedPhase> {
  if (!campaign.inTurn) return activities.openPhase(campaign.no, phase);
  campaign.opening = true;
  try {
    return await activities.openPhase(campaign.no, phase, 'its groups');
  } finally {
    campaign.opening = false;
  }
}

/** Score, circular, end; what is still open then is withdrawn. */
async function summarise(campaign: Campaign): Promise<void> {
  await activities.scoreCampaign(campaign.no);
  await campaign.move({ status: 'summarising', phase: 'circular' }, { what: 'summarising' });
  await condition(() => campaign.ended() || campaign.closing.has('circular'));
  if (campaign.ended()) return;
  await activities.orderGroups(
    campaign.no,
    withdrawal('circular', { by: 'system', reason: '专项监督已结束' }),
    null,
  );
  await campaign.move({ status: 'closed' }, { what: 'closed' });
}

const withdrawal = (
  id: string,
  { by, reason, keepAnswered = false }: { by: string; reason: string; keepAnswered?: boolean },
): GroupOrder => ({
  id: `withdraw/${id}`,
  kind: 'withdrawOpen',
  by,
  reason,
  keepAnswered,
});

const check = (stand: CampaignStand, command: CommandCampaign): void =>
  checked(() => checkCommand(stand, command));

/** What would miss the tasks that are not there yet. */
const OF_ALL_TASKS: readonly CommandCampaign['kind'][] = [
  'addAgency',
  'inspected',
  'extendAll',
  'closePhase',
  'nudge',
];

async function obey(campaign: Campaign, command: CommandCampaign): Promise<CampaignStand> {
  if (campaign.opening && OF_ALL_TASKS.includes(command.kind)) {
    await condition(() => !campaign.opening || campaign.ended());
    refuseForgotten(command);
  }
  const known = campaign.done.get(command.id);
  if (known) return known;
  check(campaign.stand, command);
  await carryOut(campaign, command);
  campaign.wakes += 1;
  campaign.done.set(command.id, campaign.stand);
  return campaign.stand;
}

async function carryOut(campaign: Campaign, command: CommandCampaign): Promise<void> {
  const { no } = campaign;
  const { by, id } = command;
  switch (command.kind) {
    case 'recall':
      return campaign.move({ status: 'recalled' }, { what: 'recalled', by });
    case 'pause':
      await campaign.move({ status: 'paused' }, { what: 'paused', by });
      return activities.orderGroups(no, { id, kind: 'pause', by }, null);
    case 'resume':
      await campaign.move({ status: 'running' }, { what: 'resumed', by });
      return activities.orderGroups(no, { id, kind: 'resume', by }, null);
    case 'cancel':
      campaign.ending = withdrawal(id, { by, reason: command.reason });
      await campaign.move({ status: 'cancelled' }, { what: 'cancelled', by, reason: command.reason });
      return activities.orderGroups(no, campaign.ending, null);
    case 'closePhase':
      return closePhase(campaign, command);
    case 'addAgency':
      return openLater(
        campaign,
        { agency: command.agency },
        { what: 'agency-added', by, reason: command.agency },
      );
    case 'inspected':
      return openLater(
        campaign,
        { inspection: command.inspection },
        { what: 'inspected', by, reason: command.inspection },
      );
    case 'extendAll':
      await refused(activities.checkExtension(no, campaign.stand.phase, command.term));
      await campaign.move({}, { what: 'extended-all', by, reason: command.reason });
      return activities.orderGroups(
        no,
        { id, kind: 'extendAll', by, term: command.term, reason: command.reason },
        campaign.stand.phase,
      );
    case 'nudge':
      await campaign.move({}, { what: 'nudged', by });
      return activities.orderGroups(no, { id, kind: 'nudge', by, tasks: command.tasks }, null);
    case 'circulated':
      await activities.sendCirculars(no, command.document);
      await campaign.move({}, { what: 'circulated', by, reason: command.document });
      campaign.closing.add('circular');
  }
}

/** The phase ends now: who has not answered needs not answer any more, what was answered is still reviewed. */
async function closePhase(
  campaign: Campaign,
  { phase, by, id }: CommandCampaign & { kind: 'closePhase' },
): Promise<void> {
  await campaign.move({}, { what: 'phase-closed', by, reason: phase });
  if (phase !== 'circular')
    await activities.orderGroups(
      campaign.no,
      withdrawal(id, { by, reason: '本阶段已提前结束', keepAnswered: true }),
      phase,
    );
  campaign.closing.add(phase);
  await condition(
    () => campaign.shown.phase !== phase || campaign.shown.status === 'closed' || campaign.ended(),
  );
}

/** A late agency or an inspection's findings: the next group. */
async function openLater(
  campaign: Campaign,
  cause: { agency?: string; inspection?: string },
  record: { what: string; by: string; reason: string },
): Promise<void> {
  const phase = cause.agency === undefined ? 'rectification' : 'selfInspection';
  const opened = await activities.openLater(campaign.no, phase, cause);
  if (opened.problem && cause.agency !== undefined)
    throw ApplicationFailure.nonRetryable(opened.problem, opened.problem);
  await campaign.move({}, record);
  await activities.startGroups(campaign.no, phase, opened.groups);
}
