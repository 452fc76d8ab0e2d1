import type { Measure, Step, TaskState } from '../domain/task.ts';
import { decideExtension, rescheduleTask, reviewTask, withdrawTask } from '../domain/task-decision.ts';
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
      });
    case 'withdraw':
      return withdrawTask(state, { by, at, reason: command.reason });
    case 'reschedule':
      return rescheduleTask(state, { by, at, reason: command.reason, measure });
  }
}

/** The term a command gives, and whether it runs on from the old date; undefined where it moves no date. */
export function termOf(state: TaskState, command: TaskCommand) {
  switch (command.kind) {
    case 'return':
    case 'reschedule':
      return { term: command.term, extends: false };
    case 'decideExtension':
      return command.granted && state.extension ? { term: state.extension.term, extends: true } : undefined;
    case 'accept':
    case 'withdraw':
      return undefined;
  }
}
