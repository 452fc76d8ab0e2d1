import { WorkflowNotFoundError, WorkflowUpdateFailedError } from '@temporalio/client';
import { ApplicationFailure } from '@temporalio/common';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ApiDeps } from '../../api/deps.ts';
import { tellObjector } from '../../api/objections.ts';
import { SAME_CLOCK } from '../../domain/clock.ts';
import { type Store, openStore } from '../../models/store.ts';
import { databaseName, mongoUri } from '../support/engines.ts';

let store: Store;
beforeAll(async () => {
  store = await openStore(mongoUri(), databaseName());
  await store.submissions.collection.insertOne({ _id: 'YY-1' as never, task: 'RC-2026-001', group: 'g' });
});
afterAll(async () => {
  await store.connection.dropDatabase();
  await store.close();
});

/** The engine as it answers a command to a task that has ended, is ending, or cannot be reached. */
const told = (answer: Error) => {
  const handle = { executeUpdate: () => Promise.reject(answer) };
  const client = {
    workflow: { getHandle: () => handle },
    withDeadline: (_at: number, work: () => unknown) => work(),
  };
  const clock = { now: async () => Date.now(), mapping: async () => SAME_CLOCK };
  const deps = { store, client, clock } as unknown as ApiDeps;
  return tellObjector(deps, 'YY-1', { key: 'k', by: 'organizer', reason: '异议答复：不采纳' });
};
const failed = (type: string) =>
  new WorkflowUpdateFailedError('Workflow Update failed', ApplicationFailure.nonRetryable('no', type));

describe('Whoever objected is told by the end of the task', () => {
  it.each([
    ['has ended', new WorkflowNotFoundError('workflow execution already completed', 'g', undefined)],
    ['refuses, since it is closed', failed('task-closed')],
    ['ends while it is told', failed('AcceptedUpdateCompletedWorkflow')],
  ])('A task that %s needs no second word', async (_how, answer) => {
    await expect(told(answer)).resolves.toBeUndefined();
  });

  it('Anything else is told to the caller, who tries again', async () => {
    await expect(told(failed('term-invalid'))).rejects.toThrow(WorkflowUpdateFailedError);
  });
});
