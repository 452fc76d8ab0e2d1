import protobuf from 'protobufjs/minimal.js';
import { describe, expect, it } from 'vitest';
import { stepOf } from '../../activities/engine-step.ts';

/** As the engine writes it: namespace, workflow, run, event, attempt, activity. */
function token({ run = 'run-1', activity = '7' } = {}): Uint8Array {
  const writer = protobuf.Writer.create();
  writer.uint32(10).string('namespace').uint32(18).string('tasks/ZX-2026-001/lookBack/1');
  writer.uint32(26).string(run).uint32(32).int64(12).uint32(40).int32(1).uint32(50).string(activity);
  return writer.finish();
}

const info = (taskToken: Uint8Array) => ({
  taskToken,
  activityId: '7',
  workflowExecution: { workflowId: 'tasks/ZX-2026-001/lookBack/1', runId: 'run-1' },
});

describe('The event that an activity writes for', () => {
  it('Is read from the engine’s token where all else in it is true', () => {
    expect(stepOf(info(token()))).toEqual({
      workflow: 'tasks/ZX-2026-001/lookBack/1',
      run: 'run-1',
      event: '12',
    });
  });

  it('Is not known where the token speaks of another step, or is none', () => {
    expect(stepOf(info(token({ run: 'run-2' })))).toBeUndefined();
    expect(stepOf(info(token({ activity: '8' })))).toBeUndefined();
    for (const bytes of [[], [255, 255, 255], [10], [18, 200, 1]])
      expect(stepOf(info(Uint8Array.from(bytes)))).toBeUndefined();
    expect(stepOf({ taskToken: token(), activityId: '7' })).toBeUndefined();
  });
});
