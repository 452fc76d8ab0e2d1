import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  CLUE_STATES,
  type ClueStand,
  type Outcome,
  checkDuplicate,
  openRemedy,
  possibleSteps,
  register,
  screen,
  transfer,
} from '../../domain/clue.ts';
import { clueLight, deadlinesOf, dueOf } from '../../domain/clue-deadline.ts';
import { Refusal } from '../../domain/refusals.ts';

const said = { reason: '依职责', by: '组织员', at: '2026-11-24T10:00:00+08:00' };
const outcomes: readonly Outcome[] = [
  { result: 'accept', case: 'GA-2026-001' },
  { result: 'duplicate', into: 'XS-2026-0001' },
  { result: 'notCompetent', document: 'wd-1' },
  { result: 'underReview' },
  { result: 'onSpotCorrected' },
];
const steps: readonly ((stand: ClueStand) => ClueStand)[] = [
  register,
  (stand) => transfer(stand, { to: '市交通运输局', on: '2026-11-25' }),
  ...outcomes.map((outcome) => (stand: ClueStand) => screen(stand, outcome, said)),
];
const NAMES = ['registration', 'transfer', ...outcomes.map(() => 'screening')] as const;

describe('A clue', () => {
  it('Moves as its table says from wherever it stands, or is refused with a listed code', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(steps.length - 1), { maxLength: 8 }), (walk) => {
        let stand: ClueStand = { state: 'received' };
        for (const n of walk) {
          const possible = possibleSteps(stand).includes((NAMES[n] ?? 'screening') as 'screening');
          try {
            stand = (steps[n] ?? register)(stand);
            expect(possible).toBe(true);
          } catch (error) {
            expect(error).toBeInstanceOf(Refusal);
            expect(['clue-out-of-step', 'already-screened']).toContain((error as Refusal).code);
            expect(possible).toBe(false);
          }
          expect(CLUE_STATES).toContain(stand.state);
        }
      }),
      { numRuns: 2_000 },
    );
  });

  it('Is merged into the end of a chain, never into itself or nothing', () => {
    expect(checkDuplicate('c', ['a', 'b'])).toBe('b');
    expect(() => checkDuplicate('c', [])).toThrow('没有这条线索');
    expect(() => checkDuplicate('c', ['a', 'c', 'b'])).toThrow('不得与自身');
  });

  it('Waits for one thing at a time, and for nothing once it has ended and is answered', () => {
    expect(CLUE_STATES.map((state) => dueOf(state))).toEqual([
      'register',
      'screen',
      'transfer',
      undefined,
      undefined,
      undefined,
      undefined,
      'reply',
    ]);
    expect(dueOf('accepted', said.at)).toBeUndefined();
  });

  it('A remedy that has ended stands in nobody’s way', () => {
    const remedy = { kind: 'litigation', no: '（2026）鲁0321行初1号', since: '2026-11-20' } as const;
    expect(openRemedy([remedy])).toEqual(remedy);
    expect(openRemedy([{ ...remedy, ended: '2026-12-20' }])).toBeUndefined();
  });

  it('Is green, then yellow, then red; late once, yellow for ever', () => {
    const [due] = [deadlinesOf({ channel: 'complaint', receivedAt: said.at }, []).screen];
    const clue = { dueAt: new Date(due?.at ?? ''), warnAt: new Date(due?.warnAt ?? ''), late: false };
    const at = (ms: number): string => clueLight(clue, ms);
    expect([clue.warnAt.getTime() - 1, clue.warnAt.getTime(), clue.dueAt.getTime() + 1].map(at)).toEqual([
      'green',
      'yellow',
      'red',
    ]);
    expect([clueLight({ late: true }, 0), clueLight({ late: false }, 0)]).toEqual(['yellow', 'green']);
  });
});
