import type { FindingCategory } from './finding.ts';
import { Refusal } from './refusals.ts';

/** A fault that fails a file whatever its points are (否决项). */
export interface VetoItem {
  readonly id: string;
  readonly text: string;
  readonly category: FindingCategory;
}

/** What points are taken from, never more than it has. */
export interface ScoreGroup extends VetoItem {
  readonly points: number;
}

/** One version of the score sheet (评查标准); a review keeps the one that it began with. */
export interface ScoreSheet {
  readonly version: number;
  readonly vetoes: readonly VetoItem[];
  readonly groups: readonly ScoreGroup[];
}

/** What a reviewer holds against a file: a veto where no points are named, else a deduction (扣分). */
export interface Mark {
  readonly item: string;
  readonly points?: number | undefined;
  readonly reason: string;
}

/** One reviewer's sheet, signed: it is never changed afterwards. */
export interface SignedScore {
  readonly reviewer: string;
  readonly marks: readonly Mark[];
  readonly opinion: string;
  readonly at: string;
}

/** A file (案卷) under review; its third reviewer is the third named. */
export interface ReviewedFile {
  readonly reviewers: readonly string[];
  readonly scores: readonly SignedScore[];
  /** Faults that fell after a dispute, by their ids. */
  readonly struck: readonly string[];
}

export const GRADES = { excellent: '优秀', good: '良好', pass: '合格', fail: '不合格' } as const;
export type Grade = keyof typeof GRADES;

/** A mark that counts, under an id by which an agency may dispute it: reviewer, then place on the sheet. */
export interface Fault extends Mark {
  readonly id: string;
}

export interface FileResult {
  readonly points: number;
  readonly grade: Grade;
  /** Whose sheets the points are the average of. */
  readonly counted: readonly string[];
  readonly faults: readonly Fault[];
}

/** Where a file stands; a result is there only when everyone who is asked has signed, so that nobody scores after another's sheet. */
export type FileStand =
  | { readonly state: 'scoring'; readonly waitsFor: readonly string[] }
  | { readonly state: 'thirdNeeded' }
  | { readonly state: 'settled'; readonly result: FileResult };

export const FULL_POINTS = 100;
/** Two reviewers who are further apart than this call for a third. */
export const WIDEST_GAP = 10;
const EXCELLENT = 90;
const GOOD = 75;
const PASS = 60;

export interface SheetFault {
  /** JSON pointer into the body. */
  readonly pointer: string;
  readonly code: 'item-twice' | 'points-wrong';
  readonly detail: string;
}

/** What a sheet lacks to be scored by. */
export function sheetFaults({ vetoes, groups }: Omit<ScoreSheet, 'version'>): readonly SheetFault[] {
  const places = [
    ...vetoes.map(({ id }, n) => ({ id, pointer: `/vetoes/${n}/id` })),
    ...groups.map(({ id }, n) => ({ id, pointer: `/groups/${n}/id` })),
  ];
  const sum = groups.reduce((total, group) => total + group.points, 0);
  return [
    ...places
      .filter(({ id }, n) => places.findIndex((one) => one.id === id) < n)
      .map(({ id, pointer }) => ({ pointer, code: 'item-twice' as const, detail: `${id}重复` })),
    ...groups.flatMap(
      ({ points }, n) =>
      points > 0 && Number.isInteger(points * 2)
        ? []
        : [{ pointer: `/groups/${n}/points`, code: 'points-wrong' as const, detail: '分值应为正数，精确到0.5分' }], // prettier-ignore
    ),
    ...(sum === FULL_POINTS
      ? []
      : [{ pointer: '/groups', code: 'points-wrong' as const, detail: `各项合计${sum}分，应为${FULL_POINTS}分` }]), // prettier-ignore
  ];
}

/** Items outside the standard are not scored (鲁司〔2023〕33号); throws Refusal('score-invalid') at the mark at fault. */
export function checkMarks({ vetoes, groups }: ScoreSheet, marks: readonly Mark[]): void {
  for (const [n, { item, points }] of marks.entries()) {
    const refuse = (field: string, detail: string): never => {
      throw new Refusal('score-invalid', detail, `/marks/${n}/${field}`);
    };
    const isVeto = vetoes.some((one) => one.id === item);
    if (!isVeto && !groups.some((one) => one.id === item)) refuse('item', `评查标准没有${item}项`);
    if (isVeto && points !== undefined) refuse('points', `${item}是否决项，不扣分`);
    if (!isVeto && !(points !== undefined && points > 0 && Number.isInteger(points * 2)))
      refuse('points', '扣分应为正数，精确到0.5分');
  }
}

/** What a file has left: each group is deducted to nothing, never below. */
export function pointsOf({ groups }: ScoreSheet, marks: readonly Mark[]): number {
  return groups.reduce((left, group) => {
    const taken = marks
      .filter((mark) => mark.item === group.id)
      .reduce((sum, mark) => sum + (mark.points ?? 0), 0);
    return left + Math.max(0, group.points - taken);
  }, 0);
}

/** By the points as they are: an average of 89.75 is rounded up to nothing. */
export function gradeOf(points: number, vetoed: boolean): Grade {
  if (vetoed || points < PASS) return 'fail';
  if (points >= EXCELLENT) return 'excellent';
  return points >= GOOD ? 'good' : 'pass';
}

export function standOf(sheet: ScoreSheet, file: ReviewedFile): FileStand {
  const { reviewers, scores } = file;
  const waitsFor = reviewers.filter((id) => !scores.some((one) => one.reviewer === id));
  if (waitsFor.length > 0) return { state: 'scoring', waitsFor };
  const signed = reviewers.flatMap((id) => scores.find((one) => one.reviewer === id) ?? []);
  const points = signed.map((one) => pointsOf(sheet, one.marks));
  const [a = 0, b = 0, third] = points;
  if (third === undefined && Math.abs(a - b) > WIDEST_GAP) return { state: 'thirdNeeded' };
  return { state: 'settled', result: resultOf(sheet, { file, signed, places: countedOf(a, b, third) }) };
}

/** The third and the nearer of the first two; all three where both are as near, so that neither is preferred. */
function countedOf(a: number, b: number, third: number | undefined): readonly number[] {
  if (third === undefined) return [0, 1];
  const [toA, toB] = [Math.abs(third - a), Math.abs(third - b)];
  if (toA === toB) return [0, 1, 2];
  return toA < toB ? [0, 2] : [1, 2];
}

/** Which sheets count is settled by what was signed: a fault that falls after a dispute raises the points and calls for nobody new. A veto counts whoever names it. */
function resultOf(
  sheet: ScoreSheet,
  of: {
    readonly file: ReviewedFile;
    readonly signed: readonly SignedScore[];
    readonly places: readonly number[];
  },
): FileResult {
  const { file, signed, places } = of;
  const left = signed.map(({ marks }, place) =>
    marks
      .map((mark, n): Fault => ({ ...mark, id: `${place + 1}-${n + 1}` }))
      .filter(({ id }) => !file.struck.includes(id)),
  );
  const faults = left.flatMap((marks, place) =>
    marks.filter(({ points }) => points === undefined || places.includes(place)),
  );
  const sum = places.reduce((total, place) => total + pointsOf(sheet, left[place] ?? []), 0);
  const points = sum / places.length;
  return {
    points,
    grade: gradeOf(
      points,
      faults.some((one) => one.points === undefined),
    ),
    counted: places.flatMap((place) => signed[place]?.reviewer ?? []),
    faults,
  };
}

/** A problem that a file's faults leave in the ledger: one an item, whoever marked it. */
export interface FileProblem {
  readonly item: string;
  readonly category: FindingCategory;
  readonly severity: 'minor' | 'ordinary' | 'major';
  readonly description: string;
}

/** A veto is grave; what was deducted is ordinary where the file failed, else slight. */
export function problemsOf(
  { vetoes, groups }: ScoreSheet,
  { grade, faults }: Pick<FileResult, 'grade' | 'faults'>,
): readonly FileProblem[] {
  return [...vetoes, ...groups].flatMap(({ id, text, category }): FileProblem[] => {
    const mine = faults.filter((one) => one.item === id);
    if (mine.length === 0) return [];
    const vetoed = mine.some((one) => one.points === undefined);
    return [
      {
        item: id,
        category,
        severity: vetoed ? 'major' : grade === 'fail' ? 'ordinary' : 'minor',
        description: `${text}：${[...new Set(mine.map((one) => one.reason))].join('；')}`,
      },
    ];
  });
}
