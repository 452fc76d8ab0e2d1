import { createHash } from 'node:crypto';
import type { CampaignCommand, CampaignStand } from '../domain/campaign.ts';
import {
  type CommandCampaign,
  type TaskCommand,
  type TaskCommandResult,
  campaignId,
  commandCampaign,
  commandTask,
} from '../workflows/messages.ts';
import { Refusal } from '../domain/refusals.ts';
import type { ApiDeps } from './deps.ts';

/** How long a caller waits for a worker before it is told that none answers. */
const ANSWERED_MS = 10_000;

export const updateIdOf = (key: string): string =>
  createHash('sha256').update(key).digest('hex').slice(0, 32);

/** `Omit` that keeps a union apart. */
export type Without<T, K extends PropertyKey> = T extends unknown ? Omit<T, K> : never;

/** Gives a command to a running campaign; a refusal comes back as one, no worker as 503. */
export async function tellCampaign(
  deps: ApiDeps,
  no: string,
  order: { readonly key: string; readonly command: CampaignCommand },
): Promise<CampaignStand> {
  const id = updateIdOf(order.key);
  const command = { ...order.command, id } as CommandCampaign;
  const handle = deps.client.workflow.getHandle(campaignId(no));
  return deps.client
    .withDeadline(Date.now() + ANSWERED_MS, () =>
      handle.executeUpdate(commandCampaign, { args: [command], updateId: id }),
    )
    .catch(asCampaign);
}

/** A campaign whose workflow has ended is not running. */
function asCampaign(error: unknown): never {
  if (error instanceof Error && error.name === 'WorkflowNotFoundError')
    throw new Refusal('campaign-not-running');
  throw error;
}

/** Gives a command about one task to its group. */
export async function tellTask(
  deps: ApiDeps,
  group: string,
  order: { readonly key: string; readonly command: Without<TaskCommand, 'id'> },
): Promise<TaskCommandResult> {
  const id = updateIdOf(order.key);
  const command = { ...order.command, id } as TaskCommand;
  return deps.client.withDeadline(Date.now() + ANSWERED_MS, () =>
    deps.client.workflow.getHandle(group).executeUpdate(commandTask, { args: [command], updateId: id }),
  );
}
