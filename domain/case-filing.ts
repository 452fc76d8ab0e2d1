import { type CaseMove, type CaseState, handlersOf, moved } from './case.ts';
import type { CaseCommand } from './case-steps.ts';
import { needsTwo } from './case-steps.ts';
import { Refusal } from './refusals.ts';

type Of<K extends CaseCommand['kind']> = Extract<CaseCommand, { readonly kind: K }>;

/** Days that the head of the unit may give once beyond a term (山东省行政程序规定 第九十三条). */
const EXTENSION_DAYS = 30;

/** The head of the unit files the case with those who will handle it, or declines to. */
export function fileCase(state: CaseState, command: Of<'file'>, at: string): CaseMove {
  const { by } = command;
  if (!command.approved)
    return moved(
      state,
      { line: { state: 'terminated', because: 'notFiled' } },
      {
        events: [
          { at, source: 'decision', what: 'case-not-filed', who: by, detail: { reason: command.reason } },
        ],
      },
    );
  const supervisors = named(state, command.supervisors);
  return moved(
    state,
    {
      line: { state: command.heard === undefined ? 'filed' : 'investigating' },
      supervisors,
      facts: [...new Set([...state.facts, 'filed'])],
      filedOn: at.slice(0, 10),
    },
    {
      events: [
        {
          at,
          source: 'decision',
          what: 'case-filed',
          who: by,
          detail: {
            supervisors: supervisors.join('、'),
            ...(command.heard === undefined ? {} : { heard: command.heard }),
          },
        },
      ],
      orders: [{ kind: 'tellComplainant', step: 'filed' }],
    },
  );
}

/** Other people take the case over; those who may not handle it stay out. */
export function assignCase(state: CaseState, command: Of<'assign'>, at: string): CaseMove {
  const supervisors = named(state, command.supervisors);
  const detail = { supervisors: supervisors.join('、') };
  return moved(
    state,
    { supervisors },
    { events: [{ at, source: 'decision', what: 'case-assigned', who: command.by, detail }] },
  );
}

function named(state: CaseState, supervisors: readonly string[]): readonly string[] {
  const people = [...new Set(supervisors)];
  const recused = people.find((one) => state.recused.includes(one));
  if (recused !== undefined)
    throw new Refusal('supervisor-recused', `${recused} 已回避，不得办理本案。`, '/supervisors');
  needsTwo({ ...state, supervisors: people });
  return handlersOf({ ...state, supervisors: people });
}

/** Once, by the head of the unit: the investigation and the answer to the complainant get thirty days more. */
export function extendCase(state: CaseState, command: Of<'extend'>, at: string): CaseMove {
  const detail = { days: EXTENSION_DAYS, reason: command.reason };
  return moved(
    state,
    { extended: EXTENSION_DAYS },
    {
      events: [{ at, source: 'decision', what: 'case-extended', who: command.by, detail }],
      orders: [{ kind: 'tellComplainant', step: 'extended' }],
    },
  );
}
