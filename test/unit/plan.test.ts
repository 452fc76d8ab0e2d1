import { describe, expect, it } from 'vitest';
import { type Cause, draftItems } from '../../domain/plan.ts';

const cause = (id: string, agency: string, over: Partial<Cause> = {}): Cause => ({
  ...{ id, agency, check: 'M06', severity: 'ordinary', repeated: false },
  ...over,
});
const draft = (causes: readonly Cause[], weak: readonly string[] = []) =>
  draftItems({ causes, checks: [], agencies: [], from: 1, weak: new Set(weak) });

describe('A year’s draft', () => {
  it('looks twice at a plain problem, every quarter at a grave or repeated one', () => {
    expect(draft([cause('a', 'maqiao')])).toMatchObject([{ months: [4, 10], because: ['a'] }]);
    for (const over of [{ severity: 'major' }, { repeated: true }] as const)
      expect(draft([cause('a', 'maqiao', over)])).toMatchObject([{ months: [3, 6, 9, 12] }]);
  });

  it('looks every quarter at whoever came out weak in last year’s appraisal, and at nobody who had no problem', () => {
    expect(draft([cause('a', 'maqiao'), cause('b', 'qifeng')], ['qifeng', 'tangshan'])).toEqual([
      { check: 'M06', agencies: ['qifeng'], months: [3, 6, 9, 12], because: ['b'] },
      { check: 'M06', agencies: ['maqiao'], months: [4, 10], because: ['a'] },
    ]);
  });
});
