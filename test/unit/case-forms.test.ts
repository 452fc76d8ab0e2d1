import { describe, expect, it } from 'vitest';
import { CASE_CALLS, type CaseForm, possibleForms } from '../../api/pages/console-case-forms.ts';
import { type CaseState, type CaseStatus, CASE_STATES, openedCase } from '../../domain/case.ts';
import { obeyInCase } from '../../domain/case-command.ts';
import { hear } from '../../domain/case-hearing.ts';
import { type CaseCommand, type CaseStep, possibleSteps } from '../../domain/case-steps.ts';
import type { InstrumentKind } from '../../domain/instrument.ts';

const by = '某人';
const at = '2026-03-09T09:00:00+08:00';

/** A paper from its draft to its receipt, and the report on it. */
const paper = (id: string, instrument: InstrumentKind): readonly CaseCommand[] => [
  { kind: 'draft', by, paper: id, instrument, facts: ['illegalAct'] },
  { kind: 'approve', by, paper: id },
  { kind: 'serve', by, paper: id },
];
const accept: CaseCommand = { kind: 'verify', by, accepted: true, note: '', answers: [] };
const filed: CaseCommand = { kind: 'file', by, approved: true, supervisors: ['p1', 'p2', 'p3'] };

/** Ways that together come through every state; `<paper>` stands for its receipt, `<paper>!` for its report with an objection. */
const WAYS: readonly (readonly (CaseCommand | string)[])[] = [
  [
    filed,
    { kind: 'askRecusal', by, recusal: 'r', person: 'p3', side: 'agency' },
    { kind: 'decideRecusal', by, recusal: 'r', granted: true },
    ...paper('n', 'notice'),
    'n',
    'n!',
    accept,
    { kind: 'suspend', by, remedy: 'reconsideration' },
    { kind: 'resume', by, note: '' },
    { kind: 'review', by, review: 'v', what: 'legalReview', conclusion: 'violation' },
    ...paper('l', 'letter'),
    'l',
    'l!',
    { kind: 'answerObjection', by, objection: 'l', upheld: true, text: '' },
    ...paper('o', 'opinion'),
    'o',
    { kind: 'draft', by, paper: 'd1', instrument: 'decision', facts: [] },
    { kind: 'decideByGovernment', by, approved: false, note: '' },
    { kind: 'draft', by, paper: 'd', instrument: 'decision', facts: [] },
    { kind: 'submitToGovernment', by },
    { kind: 'decideByGovernment', by, approved: true, note: '' },
    { kind: 'approve', by, paper: 'd' },
    { kind: 'serve', by, paper: 'd' },
    'd',
    'd!',
    accept,
    { kind: 'close', by, reason: 'decisionExecuted', note: '' },
    { kind: 'reply', by, reply: 'a' },
    { kind: 'archive', by },
  ],
  [
    filed,
    ...paper('n', 'notice'),
    'n',
    'n!',
    accept,
    ...paper('o', 'opinion'),
    'o',
    'o!',
    { kind: 'askTransfer', by, transfer: 't', to: 'police' },
    { kind: 'decideTransfer', by, transfer: 't', approved: true, note: '' },
    { kind: 'reportTransfer', by, transfer: 't', outcome: 'handedOver', note: '' },
    { kind: 'withdrawComplaint', by, reason: '' },
  ],
  [{ kind: 'file', by, approved: false, reason: '不予立案' }],
];

function follow(state: CaseState, next: CaseCommand | string): CaseState {
  if (typeof next !== 'string') return obeyInCase(state, next, at).state;
  const reports = next.endsWith('!');
  const id = next.replace('!', '');
  const stand = { paper: id, receivedOn: '2026-03-09', inReview: reports, overdue: false };
  const objections = reports ? [{ id, on: '2026-03-09', by }] : [];
  return hear(state, [{ ...stand, objections }], at).state;
}

const states: readonly CaseState[] = WAYS.flatMap((way) => {
  let state = openedCase({ no: 'GA-2026-001', openedOn: '2026-03-02', answerOwed: true });
  return [state, ...way.map((next) => (state = follow(state, next)))];
});

const people = [{ value: 'p1', label: '监督员甲' }];
const register = { supervisors: people, officers: people, agencies: people };

const formsFor = (role: string, machine: CaseState): readonly CaseForm[] =>
  possibleForms(
    { t: (key: string) => key, actor: { role }, body: {} } as never,
    { machine, supervisors: [] } as never,
    register,
  );

/** A paper is signed and served on its own page. */
const ELSEWHERE: readonly CaseStep[] = ['approve', 'serve'];

describe('The console of a case', () => {
  it('Comes through every state', () => {
    const seen = new Set<CaseStatus>(states.map((one) => one.line.state));
    expect([...seen].sort()).toEqual([...CASE_STATES].sort());
  });

  it('Has a form for every step that is possible in any of them, and none that is not', () => {
    for (const machine of states) {
      const possible = possibleSteps(machine).filter((step) => !ELSEWHERE.includes(step));
      const forms = ['organizer', 'approver'].flatMap((role) => formsFor(role, machine));
      const shown = forms.flatMap((form) => form.steps);
      for (const step of possible) expect(shown, `${machine.line.state}: ${step}`).toContain(step);
      for (const form of forms)
        expect(
          form.steps.some((step) => possible.includes(step)),
          form.id,
        ).toBe(true);
      expect(formsFor('auditor', machine)).toEqual([]);
    }
  });

  it('Each form is one call of the API', () => {
    const calls = CASE_CALLS.map((one) => `${one.method} ${one.path}`);
    for (const machine of states)
      for (const form of formsFor('organizer', machine)) expect(calls).toContain(form.at);
  });
});
