import { ActivityFailure, ApplicationFailure } from '@temporalio/workflow';
import { Refusal } from '../domain/refusals.ts';
import type { Waited } from './messages.ts';

/** For validators: a command that nobody waits for any more leaves nothing behind. */
export function refuseForgotten({ until }: Waited): void {
  if (until !== undefined && Date.now() > until)
    throw ApplicationFailure.nonRetryable('engine-unavailable', 'engine-unavailable');
}

/** For validators and handlers: a refusal of the domain reaches the person who asked; any other error would stop the workflow. */
export function checked(step: () => unknown): void {
  try {
    step();
  } catch (error) {
    if (error instanceof Refusal) throw ApplicationFailure.nonRetryable(error.message, error.code);
    throw error;
  }
}

/** What an activity refused is refused to the caller, with the same code. */
export async function refused<T>(work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (error) {
    if (error instanceof ActivityFailure && error.cause instanceof ApplicationFailure)
      throw ApplicationFailure.nonRetryable(error.cause.message, error.cause.type ?? 'internal');
    throw error;
  }
}
