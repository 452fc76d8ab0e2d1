import { ActivityFailure, ApplicationFailure } from '@temporalio/workflow';

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
