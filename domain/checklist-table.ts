import type { ChecklistItem } from './checklist.ts';
import { CATEGORIES, type FindingCategory } from './finding.ts';
import { plainly } from './heading.ts';

/** The columns of an imported checklist, one item a row. */
export const CHECKLIST_COLUMNS = [
  'id',
  'level',
  'stage',
  'text',
  'textEn',
  'evidence',
  'evidenceEn',
  'mandatoryEvidence',
  'points',
  'category',
  'standing',
] as const;
export type ChecklistColumn = (typeof CHECKLIST_COLUMNS)[number];

/** Without these a file is another table. */
export const REQUIRED_CHECKLIST_COLUMNS: readonly ChecklistColumn[] = [
  'id',
  'level',
  'stage',
  'text',
  'points',
];

export const CHECKLIST_HEADINGS: Readonly<Record<ChecklistColumn, readonly string[]>> = {
  id: ['编号', '检查项编号', '代码'],
  level: ['层级', '监督层级'],
  stage: ['阶段', '环节'],
  text: ['检查内容', '检查项', '内容'],
  textEn: ['英文内容'],
  evidence: ['佐证材料', '佐证', '证据'],
  evidenceEn: ['英文佐证'],
  mandatoryEvidence: ['必附佐证', '佐证必附'],
  points: ['分值', '分数'],
  category: ['问题类别', '类别'],
  standing: ['常设月份', '每年检查月份'],
};

const LEVELS: Readonly<Record<string, ChecklistItem['level']>> = {
  g: 'G',
  政府: 'G',
  政府层级: 'G',
  d: 'D',
  部门: 'D',
  部门层级: 'D',
};
const STAGES: Readonly<Record<string, ChecklistItem['stage']>> = {
  before: 'before',
  事前: 'before',
  during: 'during',
  事中: 'during',
  after: 'after',
  事后: 'after',
};
const YES = new Set(['是', 'y', 'yes', 'true', '1', '√']);
const NO = new Set(['', '否', 'n', 'no', 'false', '0']);

export interface ChecklistCellFault {
  readonly column: ChecklistColumn;
  readonly code:
    | 'category-invalid'
    | 'level-invalid'
    | 'stage-invalid'
    | 'yes-or-no'
    | 'points-invalid'
    | 'month-invalid';
  readonly detail: string;
}

/** One row as an item, and what in its cells cannot be read; whether the items make a checklist is judged apart. */
export function itemOfRow(cells: Readonly<Partial<Record<ChecklistColumn, string>>>): {
  readonly item: ChecklistItem;
  readonly faults: readonly ChecklistCellFault[];
} {
  const faults: ChecklistCellFault[] = [];
  const cell = (column: ChecklistColumn): string => (cells[column] ?? '').trim();
  const add = (column: ChecklistColumn, code: ChecklistCellFault['code'], detail: string) =>
    faults.push({ column, code, detail });
  const level = LEVELS[plainly(cell('level'))];
  if (level === undefined) add('level', 'level-invalid', '层级应为G（政府）或D（部门）');
  const stage = STAGES[plainly(cell('stage'))];
  if (stage === undefined) add('stage', 'stage-invalid', '阶段应为事前、事中或者事后');
  const mandatory = plainly(cell('mandatoryEvidence'));
  if (!YES.has(mandatory) && !NO.has(mandatory)) add('mandatoryEvidence', 'yes-or-no', '应填是或者否');
  const category = categoryIn(cell('category'));
  if (category === null) add('category', 'category-invalid', '没有这种问题类别');
  const points = Number(cell('points'));
  if (cell('points') === '' || !Number.isFinite(points)) add('points', 'points-invalid', '分值应为数字');
  const standing =
    cell('standing') === ''
      ? []
      : cell('standing')
          .split(/[、,，;；\s]+/u)
          .map(Number);
  if (standing.some((month) => !Number.isInteger(month) || month < 1 || month > 12))
    add('standing', 'month-invalid', '月份应为1至12');
  return {
    item: {
      id: cell('id'),
      text: cell('text'),
      textEn: cell('textEn'),
      level: level ?? 'D',
      stage: stage ?? 'during',
      points,
      evidence: cell('evidence'),
      evidenceEn: cell('evidenceEn'),
      mandatoryEvidence: YES.has(mandatory),
      ...(category ? { category } : {}),
      ...(standing.length === 0 ? {} : { standing }),
    },
    faults,
  };
}

/** A kind of problem by its word or its identifier; undefined where none is given, null where there is no such kind. */
function categoryIn(text: string): FindingCategory | undefined | null {
  if (text === '') return undefined;
  const found = Object.entries(CATEGORIES).find(([id, word]) => id === text || word === text)?.[0];
  return (found as FindingCategory | undefined) ?? null;
}
