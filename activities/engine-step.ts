import { Context } from '@temporalio/activity';
import protobuf from 'protobufjs/minimal.js';
import { type EngineStep, inStep } from '../models/event.ts';

/** Lets the ledger know which step of the engine writes to it: what an activity appends names the event that ordered it. */
export const stepInterceptor = () => ({
  inbound: {
    execute: <T>(input: T, next: (input: T) => Promise<unknown>): Promise<unknown> => {
      const step = stepOf(Context.current().info);
      return step === undefined ? next(input) : inStep(step, () => next(input));
    },
  },
});

interface Told {
  readonly taskToken: Uint8Array;
  readonly activityId: string;
  readonly workflowExecution?: { readonly workflowId: string; readonly runId: string };
}

/** The engine's token alone tells the event; it is believed only where everything else that it says is what the SDK says. */
export function stepOf({ taskToken, activityId, workflowExecution: at }: Told): EngineStep | undefined {
  const { 2: workflow, 3: run, 4: event, 6: activity } = fieldsOf(taskToken);
  if (at === undefined || workflow !== at.workflowId || run !== at.runId || activity !== activityId) return;
  return typeof event === 'number' && event > 0 ? { workflow, run, event: String(event) } : undefined;
}

/** Strings and numbers of a message by their field; nothing where it is no such message. */
function fieldsOf(bytes: Uint8Array): Readonly<Record<number, string | number>> {
  const fields: Record<number, string | number> = {};
  try {
    const reader = protobuf.Reader.create(bytes);
    while (reader.pos < reader.len) {
      const tag = reader.uint32();
      const wire = tag & 7;
      if (wire === 0) fields[tag >>> 3] = Number(reader.int64());
      else if (wire === 2) fields[tag >>> 3] = reader.string();
      else reader.skipType(wire);
    }
    return fields;
  } catch {
    return {};
  }
}
