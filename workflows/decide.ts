import type { MeasureRequest } from '../activities/task.ts';
import type { Measure, Step, TaskState } from '../domain/task.ts';
import {
  answerObjection,
  decideExtension,
  recordReceipt,
  rescheduleTask,
  reviewTask,
  withdrawTask,
} from '../domain/task-decision.ts';
import type { TaskCommand } from './messages.ts';

/** A date that only stands in while a command is being checked. */
const UNMEASURED: Measure = { dueAt: '', deadline: '', milestones: [] };

/** The domain's transition for a command; throws its refusal. */
export function decide(
  state: TaskState,
  command: TaskCommand,
  when: { at: string; measure?: Measure | undefined },
): Step {
  const { by } = command;
  const at = when.at;
  const measure = when.measure ?? UNMEASURED;
  switch (command.kind) {
    case 'accept':
      return reviewTask(state, { verdict: 'accept', by, at, answers: command.answers });
    case 'return':
      return reviewTask(state, {
        verdict: 'return',
        by,
        at,
        answers: command.answers,
        items: command.items,
        measure,
      });
    case 'decideExtension':
      return decideExtension(state, {
        id: command.extension,
        granted: command.granted,
        by,
        at,
        measure,
        ...(command.reason ? { reason: command.reason } : {}),
        ...(command.limit ? { limit: command.limit } : {}),
      });
    case 'withdraw':
      return withdrawTask(state, { by, at, reason: command.reason });
    case 'recordReceipt':
      return recordReceipt(state, { by, at, on: command.on, signer: command.signer, measure });
    case 'answerObjection': {
      const { objection, upheld, text } = command;
      return answerObjection(state, { by, at, objection, upheld, text });
    }
    case 'reschedule':
      return rescheduleTask(state, { by, at, reason: command.reason, measure });
  }
}

/** The term a command gives, or the task's own from the day it names, and whether it runs on from the old date; undefined where it moves no date. */
export function termOf(state: TaskState, command: TaskCommand): Omit<MeasureRequest, 'task'> | undefined {
  switch (command.kind) {
    case 'return':
    case 'reschedule':
      return { term: command.term, extends: false };
    case 'decideExtension':
      return command.granted && state.extension ? { term: state.extension.term, extends: true } : undefined;
    case 'recordReceipt':
      return { from: command.on, extends: false };
    case 'accept':
    case 'withdraw':
    case 'answerObjection':
      return undefined;
  }
}
