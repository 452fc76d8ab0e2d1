import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { scoreSheet } from '../../data/reference.ts';
import {
  type Mark,
  type ReviewedFile,
  checkMarks,
  gradeOf,
  pointsOf,
  problemsOf,
  sheetFaults,
  standOf,
} from '../../domain/file-review.ts';
import { Refusal } from '../../domain/refusals.ts';

const sheet = scoreSheet();
const minus = (item: string, points: number): Mark => ({ item, points, reason: `${item}有误` });
const veto = (item: string): Mark => ({ item, reason: `${item}成立` });
/** Marks that take so many points away: from the twenty of S1, then S3, S4, S2. */
const taking = (points: number): Mark[] => {
  let left = points;
  return [['S1', 20] as const, ['S3', 20] as const, ['S4', 15] as const, ['S2', 10] as const].flatMap(
    ([item, most]) => {
      const now = Math.min(left, most);
      left -= now;
      return now > 0 ? [minus(item, now)] : [];
    },
  );
};
const file = (
  sheets: readonly (readonly Mark[] | undefined)[],
  struck: readonly string[] = [],
): ReviewedFile => ({
  reviewers: sheets.map((_, n) => `r${n + 1}`),
  scores: sheets.flatMap((marks, n) =>
    marks ? [{ reviewer: `r${n + 1}`, marks, opinion: '', at: '2026-09-10T09:00:00+08:00' }] : [],
  ),
  struck,
});
const settled = (sheets: readonly (readonly Mark[])[], struck?: readonly string[]) => {
  const stand = standOf(sheet, file(sheets, struck));
  if (stand.state !== 'settled') throw new Error(stand.state);
  return stand.result;
};

describe('A score sheet', () => {
  it('Has nine vetoes and a hundred points in eight groups, and says what another lacks', () => {
    expect(sheet.vetoes).toHaveLength(9);
    expect(sheet.groups.map((one) => one.points)).toEqual([20, 10, 20, 15, 10, 10, 10, 5]);
    expect(sheetFaults(sheet)).toEqual([]);
    const bad = { vetoes: [...sheet.vetoes, ...sheet.vetoes.slice(0, 1)], groups: sheet.groups.slice(1) };
    expect(sheetFaults(bad).map((one) => [one.pointer, one.code])).toEqual([
      ['/vetoes/9/id', 'item-twice'],
      ['/groups', 'points-wrong'],
    ]);
  });

  it.each([
    [{ item: 'S9', points: 1, reason: 'x' }, '/marks/0/item'],
    [{ item: 'S1', points: 0, reason: 'x' }, '/marks/0/points'],
    [{ item: 'S1', points: -2, reason: 'x' }, '/marks/0/points'],
    [{ item: 'S1', points: 0.3, reason: 'x' }, '/marks/0/points'],
    [{ item: 'S1', reason: 'x' }, '/marks/0/points'],
    [{ item: 'V1', points: 5, reason: 'x' }, '/marks/0/points'],
  ])('Refuses the mark %j', (mark, pointer) => {
    const refused = () => checkMarks(sheet, [mark]);
    expect(refused).toThrow(Refusal);
    try {
      refused();
    } catch (error) {
      expect(error).toMatchObject({ code: 'score-invalid', pointer });
    }
  });
});

describe('The points of a file', () => {
  it('Deduct to nothing in each group and never below', () => {
    expect(pointsOf(sheet, [])).toBe(100);
    expect(pointsOf(sheet, [minus('S8', 3), minus('S8', 4)])).toBe(95);
    fc.assert(
      fc.property(
        fc.array(fc.record({ item: fc.constantFrom(...sheet.groups.map((one) => one.id)), half: fc.integer({ min: 1, max: 80 }) }), { maxLength: 40 }), // prettier-ignore
        (marks) => {
          const points = pointsOf(sheet, marks.map(({ item, half }) => minus(item, half / 2))); // prettier-ignore
          return points >= 0 && points <= 100;
        },
      ),
    );
  });

  it.each([
    [100, 'excellent'],
    [90, 'excellent'],
    [89.75, 'good'],
    [75, 'good'],
    [74.75, 'pass'],
    [60, 'pass'],
    [59.75, 'fail'],
    [0, 'fail'],
  ])('%d points are %s', (points, grade) => {
    expect(gradeOf(points, false)).toBe(grade);
    expect(gradeOf(points, true)).toBe('fail');
  });
});

describe('Two reviewers', () => {
  it('Have no result before both have signed', () => {
    expect(standOf(sheet, file([taking(4), undefined]))).toEqual({ state: 'scoring', waitsFor: ['r2'] });
  });

  it.each([
    // 96 and 91: 93.5. 95 and 85, ten apart: 90. 85 and 75.5: 80.25.
    [4, 9, 93.5, 'excellent'],
    [5, 15, 90, 'excellent'],
    [15, 24.5, 80.25, 'good'],
  ] as const)('Who took %d and %d points away are averaged: %d, %s', (a, b, points, grade) => {
    expect(settled([taking(a), taking(b)])).toMatchObject({ points, grade, counted: ['r1', 'r2'] });
  });

  it('More than ten points apart call for a third, whose sheet hides the others until it is signed', () => {
    expect(standOf(sheet, file([taking(5), taking(15.5)]))).toEqual({ state: 'thirdNeeded' });
    expect(standOf(sheet, file([taking(5), taking(15.5), undefined]))).toEqual({
      state: 'scoring',
      waitsFor: ['r3'],
    });
  });

  it.each([
    // 92 and 70, third 88: nearer to 92, so (92 + 88) / 2. Third 72: (70 + 72) / 2. Third 81, as near to both: (92 + 70 + 81) / 3.
    [12, 90, ['r1', 'r3']],
    [28, 71, ['r2', 'r3']],
    [19, 81, ['r1', 'r2', 'r3']],
  ])('A third who took %d away is averaged with the nearer: %d', (third, points, counted) => {
    expect(settled([taking(8), taking(30), taking(third)])).toMatchObject({ points, counted });
  });
});

describe('A veto', () => {
  it('Fails the file whoever names it, also on a sheet whose points do not count', () => {
    expect(settled([[veto('V5')], []])).toMatchObject({ points: 100, grade: 'fail' });
    expect(settled([taking(8), [...taking(30), veto('V2')], taking(10)])).toMatchObject({
      points: 91,
      grade: 'fail',
      counted: ['r1', 'r3'],
    });
  });

  it('Falls after a dispute, and so do deductions; who counts stays as it was signed', () => {
    expect(settled([[veto('V5')], []], ['1-1'])).toMatchObject({ grade: 'excellent', faults: [] });
    expect(settled([taking(8), taking(30), taking(28)], ['3-1', '3-2'])).toMatchObject({
      points: 85,
      counted: ['r2', 'r3'],
    });
  });
});

describe('The faults of a file', () => {
  it('Leave one problem an item, graver in a file that failed', () => {
    const result = settled([[minus('S5', 4), veto('V9')], [minus('S5', 3)]]);
    expect(problemsOf(sheet, result)).toMatchObject([
      { item: 'V9', category: 'procedure', severity: 'major' },
      {
        item: 'S5',
        category: 'legalReview',
        severity: 'ordinary',
        description: '法制审核和集体讨论：S5有误',
      },
    ]);
    expect(problemsOf(sheet, settled([[minus('S8', 1)], []]))).toMatchObject([
      { item: 'S8', severity: 'minor' },
    ]);
  });
});
