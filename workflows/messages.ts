import { defineQuery, defineSignal, defineUpdate } from '@temporalio/workflow';
import type { AccountabilityCommand, AccountabilityState } from '../domain/accountability.ts';
import type { CampaignCommand, CampaignStand } from '../domain/campaign.ts';
import type { CaseStand } from '../domain/case.ts';
import type { CaseCommand } from '../domain/case-steps.ts';
import type { ClockMapping } from '../domain/clock.ts';
import type { Term } from '../domain/deadline.ts';
import type { PlanCommand, PlanStand } from '../domain/plan.ts';
import type { ExtensionLimit } from '../domain/task-decision.ts';
import type { MailOrder, ReturnedItem, Submission, TaskStatus } from '../domain/task.ts';
import type { Settlement } from '../models/message.ts';

/** Workflows and their bookkeeping. */
export const WORK_QUEUE = 'jiandu';
/** Mail alone, so that a slow relay holds nothing else up. */
export const MAIL_QUEUE = 'jiandu-mail';
/** Tasks one group workflow carries at the most (measured: fewer cost more, more answer slower). */
export const GROUP_SIZE = 100;

export const campaignId = (no: string): string => `campaign/${no}`;
/** One confirmation, named by the request that gave it. */
export const movesId = (year: number, key: string): string => `calendar/${year}/${key}`;

/** Which of the dates that a year's calendar moves an officer has confirmed, and as what the agencies are told of it. */
export interface MovesInput {
  readonly id: string;
  readonly year: number;
  readonly by: string;
  readonly at: string;
  readonly reason: string;
  readonly tasks: 'all' | readonly string[];
}

/** A person's decision on one mail in doubt. */
export interface SettlementInput extends Settlement {
  readonly message: string;
}

/** A mail in doubt is decided once after each of its attempts. */
export const settlementId = (message: string, attempt: number): string => `settlement/${message}/${attempt}`;
export const caseId = (no: string): string => `case/${no}`;
export const accountabilityId = (no: string): string => `accountability/${no}`;
export const fileReviewId = (no: string): string => `fileReview/${no}`;

/** A month of the roster's upkeep. */
export const rosterId = (month: string): string => `roster/${month}`;

export const inPhases = (owner: string): boolean => /^(ZX|RC)-/.test(owner);

/** The workflow of an owner of tasks, by its public number. */
export function ownerId(owner: string): string {
  if (owner.startsWith('GA-')) return caseId(owner);
  if (owner.startsWith('RC-')) return planId(owner);
  if (owner.startsWith('AJ-')) return fileReviewId(owner);
  return owner.startsWith('ZZ-') ? accountabilityId(owner) : campaignId(owner);
}

export const planId = (no: string): string => `plan/${no}`;
export const groupId = (owner: string, phase: string, n: number): string => `tasks/${owner}/${phase}/${n}`;

/** A command whose caller waits for the answer until then (epoch ms on the engine's clock): what was answered 503 is not carried out when a worker is back. */
export interface Waited {
  readonly until?: number;
}

/** What a staff member does to one task; `id` is the idempotency key's. */
export type TaskCommand = Waited & { readonly id: string; readonly task: string; readonly by: string } & (
    | { readonly kind: 'accept'; readonly answers: readonly string[] }
    | {
        readonly kind: 'return';
        readonly answers: readonly string[];
        readonly items: readonly ReturnedItem[];
        readonly term: Term;
      }
    | {
        readonly kind: 'decideExtension';
        readonly extension: string;
        readonly granted: boolean;
        readonly reason?: string;
        readonly limit?: ExtensionLimit;
      }
    | { readonly kind: 'withdraw'; readonly reason: string }
    | { readonly kind: 'recordReceipt'; readonly on: string; readonly signer: string }
    | {
        readonly kind: 'answerObjection';
        readonly objection: string;
        readonly upheld: boolean;
        readonly text: string;
      }
    | { readonly kind: 'reschedule'; readonly term: Term; readonly reason: string }
  );

export interface TaskCommandResult {
  readonly status: TaskStatus;
  readonly round: number;
  readonly version: number;
}

/** What is done to all tasks of a group at once; a repeat of the same id changes nothing. */
export type GroupOrder = { readonly id: string; readonly by: string } & (
  | { readonly kind: 'pause' }
  | { readonly kind: 'resume' }
  | {
      readonly kind: 'withdrawOpen';
      readonly reason: string;
      readonly keepAnswered: boolean;
      /** Whoever waits for a person of the office keeps waiting. */
      readonly keepHandedOver?: boolean;
    }
  | { readonly kind: 'extendAll'; readonly term: Term; readonly reason: string }
  | { readonly kind: 'nudge'; readonly tasks: readonly string[] }
  | { readonly kind: 'recalculate'; readonly tasks: readonly string[]; readonly reason: string }
  | { readonly kind: 'bounced'; readonly mail: MailOrder; readonly messageId: string; readonly text: string }
  | { readonly kind: 'clockMoved'; readonly clock: ClockMapping }
);

export const submittedSignal = defineSignal<[readonly Submission[]]>('submitted');
export const orderSignal = defineSignal<[GroupOrder]>('order');
export const commandTask = defineUpdate<TaskCommandResult, [TaskCommand]>('commandTask');

/** A hint to an owner that something changed in its tasks; it then reads the store. */
export const wakeSignal = defineSignal('wake');
export type CommandCampaign = Waited & CampaignCommand & { readonly id: string };
export const commandCampaign = defineUpdate<CampaignStand, [CommandCampaign]>('commandCampaign');
/** What a staff member orders in a case; `id` is the idempotency key's. */
export type OrderCase = Waited & CaseCommand & { readonly id: string };
export const commandCase = defineUpdate<CaseStand, [OrderCase]>('commandCase');
/** What a person orders about a recommendation; `id` is the idempotency key's. */
export type OrderAccountability = Waited & AccountabilityCommand & { readonly id: string };
export const commandAccountability = defineUpdate<AccountabilityState, [OrderAccountability]>(
  'commandAccountability',
);
export type CommandPlan = Waited & PlanCommand & { readonly id: string };
export const commandPlan = defineUpdate<PlanStand, [CommandPlan]>('commandPlan');
export const standQuery = defineQuery<CampaignStand>('stand');

export const clockSignal = defineSignal<[ClockMapping]>('clock');
