import { Refusal } from './refusals.ts';
import type { Term } from './deadline.ts';
import type { TaskKind } from './task.ts';

/** The phases a campaign goes through after its launch, in order; mobilisation is the launch itself (design: its mail is the self-inspection task). */
export const PHASES = ['selfInspection', 'jointInspection', 'rectification', 'lookBack'] as const;
export type TermedPhase = (typeof PHASES)[number];
export type Phase = 'mobilisation' | TermedPhase | 'circular';
export type CampaignStatus =
  | 'draft'
  | 'launching'
  | 'running'
  | 'paused'
  | 'summarising'
  | 'closed'
  | 'recalled'
  | 'cancelled';

/** Agencies by any of several criteria, or by their ids. */
export type AgencyChoice =
  | {
      readonly any: readonly {
        readonly kind?: 'town' | 'department' | undefined;
        readonly domain?: string | undefined;
      }[];
    }
  | { readonly ids: readonly string[] };

export interface DrawPlan {
  /** Agencies to draw for joint inspection; absent means all that answered or should have. */
  readonly agencies?: number | undefined;
  /** Inspectors in each team, 2 at the least (山东省行政执法监督条例 第二十二条). */
  readonly inspectorsPerTeam?: number | undefined;
}

export interface CampaignDraft {
  readonly title: string;
  readonly domain: string;
  /** Mandatory: a county needs a basis of its own for a campaign (行政执法监督条例 第二十、二十一条). */
  readonly legalBasis: string;
  readonly checklist: string;
  readonly agencies: AgencyChoice;
  readonly phases: Readonly<Record<TermedPhase, Term>>;
  readonly remind: readonly { readonly workdaysBefore: number }[];
  readonly draw: DrawPlan;
  /** Share of rectified agencies looked back on, in percent. */
  readonly lookBackPercent: number;
}

/** What a person ordered when launching; the dates are those that were previewed. */
export interface Launch {
  readonly previewDigest: string;
  readonly by: string;
  readonly skipProblems: boolean;
  /** The day the terms run from. */
  readonly from: string;
  /** Version of the plan that was previewed. */
  readonly version: number;
  /** RFC 3339, wall time: nothing is sent before. */
  readonly recallUntil: string;
  /** The same as a duration in ms from the launch. */
  readonly recallMs: number;
  readonly at: string;
}

export const KIND_OF_PHASE: Readonly<Record<Exclude<TermedPhase, 'jointInspection'>, TaskKind>> = {
  selfInspection: 'selfInspection',
  rectification: 'rectification',
  lookBack: 'lookBack',
};

/** Joint inspections are recorded while the campaign runs; who may be of the team is checkSupervisors's to say. */
export function mayInspect(status: CampaignStatus): void {
  if (status !== 'running' && status !== 'paused') throw new Refusal('campaign-not-running');
}

/** Commands a person gives to a running campaign. */
export type CampaignCommand =
  | { readonly kind: 'recall'; readonly by: string }
  | { readonly kind: 'pause'; readonly by: string }
  | { readonly kind: 'resume'; readonly by: string }
  | { readonly kind: 'cancel'; readonly by: string; readonly reason: string }
  | { readonly kind: 'closePhase'; readonly by: string; readonly phase: Phase }
  | { readonly kind: 'addAgency'; readonly by: string; readonly agency: string }
  | { readonly kind: 'extendAll'; readonly by: string; readonly term: Term; readonly reason: string }
  | { readonly kind: 'nudge'; readonly by: string; readonly tasks: readonly string[] }
  | { readonly kind: 'inspected'; readonly by: string; readonly inspection: string }
  | { readonly kind: 'circulated'; readonly by: string; readonly document: string };

/** What a campaign stands at, as far as a command's being allowed depends on it. */
export interface CampaignStand {
  readonly status: CampaignStatus;
  readonly phase: Phase;
}

/** The steps that are possible now, for a refusal that says so. */
export function possibleCommands({ status, phase }: CampaignStand): readonly CampaignCommand['kind'][] {
  switch (status) {
    case 'launching':
      return ['recall', 'cancel'];
    case 'running':
      return ['pause', 'cancel', 'closePhase', 'addAgency', 'extendAll', 'nudge', 'inspected'].filter(
        (kind) => kind !== 'addAgency' || phase === 'selfInspection',
      ) as CampaignCommand['kind'][];
    case 'paused':
      return ['resume', 'cancel', 'inspected'];
    case 'summarising':
      return ['closePhase', 'circulated', 'cancel'];
    case 'draft':
    case 'closed':
    case 'recalled':
    case 'cancelled':
      return [];
  }
}

/** Throws the refusal for a command that is not possible now. */
export function checkCommand(stand: CampaignStand, command: CampaignCommand): void {
  const possible = possibleCommands(stand);
  if (!possible.includes(command.kind))
    throw new Refusal(
      command.kind === 'recall' ? 'recall-over' : 'campaign-not-running',
      `现在可以：${possible.join('、') || '无'}`,
    );
  if (command.kind === 'closePhase' && command.phase !== stand.phase)
    throw new Refusal('phase-not-open', `当前阶段：${stand.phase}`);
}
