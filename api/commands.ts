import { createHash } from 'node:crypto';
import { WorkflowNotFoundError } from '@temporalio/client';
import { type CampaignCommand, type CampaignStand, possibleCommands } from '../domain/campaign.ts';
import type { CaseStand, CaseState } from '../domain/case.ts';
import { type CaseCommand, checkStep, possibleSteps } from '../domain/case-steps.ts';
import {
  type CommandCampaign,
  type OrderCase,
  type TaskCommand,
  type TaskCommandResult,
  campaignId,
  caseId,
  commandCampaign,
  commandCase,
  commandTask,
  standQuery,
} from '../workflows/messages.ts';
import { engineAt } from '../domain/clock.ts';
import { Refusal, type RefusalCode } from '../domain/refusals.ts';
import type { CampaignRecord } from '../models/campaign.ts';
import type { ApiDeps } from './deps.ts';
import { Problem, STATUS_OF_REFUSAL, engineUnavailable, problemOf } from './problem.ts';

/** How long a caller waits for a worker before it is told that none answers. */
const ANSWERED_MS = 8_000;

export const updateIdOf = (key: string): string =>
  createHash('sha256').update(key).digest('hex').slice(0, 32);

/** `Omit` that keeps a union apart. */
export type Without<T, K extends PropertyKey> = T extends unknown ? Omit<T, K> : never;

/** Asks the engine for something, for as long as a caller waits (in ms); then it counts as away, whatever its client still tries. */
export async function reached<T>(
  { client }: Pick<ApiDeps, 'client'>,
  work: () => Promise<T>,
  waits = ANSWERED_MS,
): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(engineUnavailable()), waits);
  });
  try {
    return await Promise.race([client.withDeadline(Date.now() + waits, work), late]);
  } finally {
    clearTimeout(timer);
  }
}

/** Until when this call's answer is waited for, on the engine's clock. */
export const waitsUntil = async ({ clock }: Pick<ApiDeps, 'clock'>): Promise<number> =>
  engineAt(await clock.mapping(), await clock.now()) + ANSWERED_MS;

/** A step that a campaign does not allow now, with those that it does. */
export const outOfStep = (
  { state, phase }: Pick<CampaignRecord, 'state' | 'phase'>,
  code: RefusalCode,
  detail?: string,
): Problem =>
  new Problem(409, code, {
    ...(detail === undefined ? {} : { detail }),
    extension: { possible: state === 'draft' ? ['launch'] : possibleCommands({ status: state, phase }) },
  });

/** Gives a command to a running campaign; a refusal comes back as one with the steps that are possible, no worker as 503. */
export async function tellCampaign(
  deps: ApiDeps,
  no: string,
  order: { readonly key: string; readonly command: CampaignCommand },
): Promise<CampaignStand> {
  const id = updateIdOf(order.key);
  const command = { ...order.command, id, until: await waitsUntil(deps) } as CommandCampaign;
  const handle = deps.client.workflow.getHandle(campaignId(no));
  try {
    return await reached(deps, () =>
      handle.executeUpdate(commandCampaign, { args: [command], updateId: id }),
    );
  } catch (error) {
    const problem = problemOf(asCampaign(error));
    if (problem?.status !== 409) throw asCampaign(error);
    const stand = await deps.store.campaigns.findById(no, { state: 1, phase: 1 }).lean();
    const detail = problem.message === problem.code ? undefined : problem.message;
    throw stand ? outOfStep(stand, problem.code as RefusalCode, detail) : error;
  }
}

/** A step that a case does not allow now, with those that it does. */
export const outOfCase = (machine: CaseState, code: RefusalCode, detail?: string): Problem =>
  new Problem(STATUS_OF_REFUSAL[code], code, {
    ...(detail === undefined ? {} : { detail }),
    extension: { state: machine.line.state, possible: possibleSteps(machine) },
  });

/** Throws the refusal of a step that the case, as it is shown, does not allow; asked before something is stored for it. */
export function mayInCase(machine: CaseState, command: CaseCommand): void {
  try {
    checkStep(machine, command);
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    throw outOfCase(machine, error.code, error.message === error.code ? undefined : error.message);
  }
}

/** Gives a command to a case; a refusal comes back as one with the steps that are possible, no worker as 503. */
export async function tellCase(
  deps: ApiDeps,
  no: string,
  order: { readonly key: string; readonly command: CaseCommand },
): Promise<CaseStand> {
  const id = updateIdOf(order.key);
  const command = { ...order.command, id, until: await waitsUntil(deps) } as OrderCase;
  const handle = deps.client.workflow.getHandle(caseId(no));
  try {
    return await reached(deps, () => handle.executeUpdate(commandCase, { args: [command], updateId: id }));
  } catch (error) {
    const ended = error instanceof WorkflowNotFoundError ? new Refusal('case-out-of-step') : error;
    const problem = problemOf(ended);
    if (problem?.status !== 409) throw ended;
    const row = await deps.store.cases.findById(no, { machine: 1 }).lean();
    const detail = problem.message === problem.code ? undefined : problem.message;
    throw row ? outOfCase(row.machine, problem.code as RefusalCode, detail) : ended;
  }
}

/** Where a campaign stands by its workflow; asked before something is stored that the workflow must then carry on with, so that nothing is left half done. */
export async function standOf(deps: ApiDeps, no: string): Promise<CampaignStand> {
  const handle = deps.client.workflow.getHandle(campaignId(no));
  return reached(deps, () => handle.query(standQuery)).catch((error: unknown) => {
    throw asCampaign(error);
  });
}

/** A campaign whose workflow has ended is not running. */
function asCampaign(error: unknown): unknown {
  return error instanceof WorkflowNotFoundError ? new Refusal('campaign-not-running') : error;
}

/** Gives a command about one task to its group. */
export async function tellTask(
  deps: ApiDeps,
  group: string,
  order: { readonly key: string; readonly command: Without<TaskCommand, 'id'> },
): Promise<TaskCommandResult> {
  const id = updateIdOf(order.key);
  const command = { ...order.command, id, until: await waitsUntil(deps) } as TaskCommand;
  return reached(deps, () =>
    deps.client.workflow.getHandle(group).executeUpdate(commandTask, { args: [command], updateId: id }),
  );
}
