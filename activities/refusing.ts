import { ApplicationFailure } from '@temporalio/activity';
import { Refusal } from '../domain/refusals.ts';

/** A refusal reaches the workflow as one and is not tried again; any other error is. */
export async function refusing<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof Refusal) throw ApplicationFailure.nonRetryable(error.message, error.code);
    throw error;
  }
}
