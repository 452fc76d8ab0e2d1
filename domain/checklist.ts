import type { FindingCategory } from './finding.ts';

/** One question to an agency about its own enforcement. */
export interface ChecklistItem {
  /** 'B01' in the annual list, 'c1' in a campaign's; never changes within a list, since answers are stored under it. */
  readonly id: string;
  readonly text: string;
  readonly textEn: string;
  /** G is asked by the government level (政府层级监督), D by the department level (部门层级监督). */
  readonly level: 'G' | 'D';
  readonly stage: 'before' | 'during' | 'after';
  readonly points: number;
  /** What proves the answer. */
  readonly evidence: string;
  readonly evidenceEn: string;
  readonly mandatoryEvidence: boolean;
  /** Months in which it stands in every year's plan, whatever was found. */
  readonly standing?: readonly number[] | undefined;
  /** What kind of problem it is where the answer is no; absent in a list that an office wrote without. */
  readonly category?: FindingCategory | undefined;
}

/** An item as plans name it: the annual list's by its own code, another's with the name of its list before it. */
export type Check = ChecklistItem;
export const ANNUAL_LIST = 'CL-annual';
export const checkId = (list: string, item: string): string =>
  list === ANNUAL_LIST ? item : `${list}-${item}`;

export interface Checklist {
  /** 'CL-three-systems' */
  readonly id: string;
  readonly title: string;
  readonly titleEn: string;
  readonly version: number;
  /** GD holds items of both levels. */
  readonly level: 'G' | 'D' | 'GD';
  readonly items: readonly ChecklistItem[];
}

export const ITEM_RESULTS = ['met', 'partly', 'notMet', 'notApplicable'] as const;
export type ItemResult = (typeof ITEM_RESULTS)[number];

export interface ItemAnswer {
  readonly result: ItemResult;
  readonly note?: string | undefined;
}

/** What of an answer the checklist looks at; `files` is the number of files handed in with it. */
export interface ChecklistAnswer {
  readonly items: Readonly<Record<string, ItemAnswer>>;
  readonly files: number;
}

/** What of an item says whether an answer to it is whole. */
export type Asked = Pick<ChecklistItem, 'id'> & { readonly mandatoryEvidence?: boolean | undefined };

export interface MissingItem {
  readonly id: string;
  readonly why: 'unanswered' | 'note-missing' | 'evidence-missing' | 'item-unknown';
}

/**
 * What a checklist misses in an answer: shown to the reviewer, never a reason to refuse the answer. In the list's order, unknown ids last.
 * A result other than met needs a note; mandatory evidence is a file, or a note that says where it is.
 */
export function missing(
  checklist: { readonly items: readonly Asked[] },
  answer: ChecklistAnswer,
): readonly MissingItem[] {
  const found: MissingItem[] = [];
  for (const item of checklist.items) {
    const given = Object.hasOwn(answer.items, item.id) ? answer.items[item.id] : undefined;
    const why = lack(item, given, answer.files);
    if (why !== null) found.push({ id: item.id, why });
  }
  const known = new Set(checklist.items.map((item) => item.id));
  const strange = Object.keys(answer.items).filter((id) => !known.has(id));
  return [...found, ...strange.map((id): MissingItem => ({ id, why: 'item-unknown' }))];
}

function lack(item: Asked, given: ItemAnswer | undefined, files: number): MissingItem['why'] | null {
  if (given === undefined) return 'unanswered';
  const noted = (given.note ?? '').trim() !== '';
  if (given.result !== 'met' && !noted) return 'note-missing';
  const shows = given.result === 'met' || given.result === 'partly';
  return item.mandatoryEvidence && shows && files === 0 && !noted ? 'evidence-missing' : null;
}

const WORTH: Readonly<Record<Exclude<ItemResult, 'notApplicable'>, number>> = {
  met: 1,
  partly: 0.5,
  notMet: 0,
};

/** Points out of a hundred: what does not apply falls out and the rest is rescaled, what was not answered is not met. Null where nothing applies. */
export function checklistPoints(
  items: readonly Pick<ChecklistItem, 'id' | 'points'>[],
  answers: Readonly<Record<string, { readonly result?: ItemResult | undefined }>>,
): { readonly value: number | null; readonly got: number; readonly of: number } {
  const results = items.map((item) => ({
    points: item.points,
    result: answers[item.id]?.result ?? 'notMet',
  }));
  const applying = results.flatMap(({ points, result }) =>
    result === 'notApplicable' ? [] : [{ points, result }],
  );
  const of = applying.reduce((sum, one) => sum + one.points, 0);
  const got = applying.reduce((sum, one) => sum + one.points * WORTH[one.result], 0);
  return { value: of === 0 ? null : Math.round((1_000 * got) / of) / 10, got, of };
}

export interface ChecklistFault {
  /** JSON pointer into the checklist. */
  readonly pointer: string;
  readonly code:
    | 'id-invalid'
    | 'field-missing'
    | 'list-empty'
    | 'item-twice'
    | 'points-invalid'
    | 'level-differs'
    | 'month-invalid';
  readonly detail: string;
}

const LIST_ID = /^CL-[a-z0-9]+(?:-[a-z0-9]+)*$/u;
const ITEM_ID = /^[A-Za-z][A-Za-z0-9]{0,15}$/u;
const MOST_POINTS = 100;

/** Why a checklist cannot be used; an empty list means that it can. */
export function checklistFaults(checklist: Checklist): readonly ChecklistFault[] {
  const faults: ChecklistFault[] = [];
  const add = (pointer: string, code: ChecklistFault['code'], detail: string) =>
    faults.push({ pointer, code, detail });
  if (!LIST_ID.test(checklist.id))
    add('/id', 'id-invalid', `清单编号“${checklist.id}”应形如 CL-three-systems`);
  if (checklist.title.trim() === '') add('/title', 'field-missing', '清单须有名称');
  if (!Number.isInteger(checklist.version) || checklist.version < 1)
    add('/version', 'field-missing', '版本应为正整数');
  if (checklist.items.length === 0) add('/items', 'list-empty', '清单不能没有检查项');
  const seen = new Set<string>();
  for (const [n, item] of checklist.items.entries()) {
    const at = `/items/${n}`;
    if (!ITEM_ID.test(item.id)) add(`${at}/id`, 'id-invalid', `检查项编号“${item.id}”无效`);
    else if (seen.has(item.id)) add(`${at}/id`, 'item-twice', `检查项${item.id}重复`);
    seen.add(item.id);
    if (item.text.trim() === '') add(`${at}/text`, 'field-missing', `检查项${item.id}没有内容`);
    if (!(item.points > 0 && item.points <= MOST_POINTS))
      add(`${at}/points`, 'points-invalid', '分值应大于0，不超过100');
    if (!checklist.level.includes(item.level))
      add(`${at}/level`, 'level-differs', `检查项${item.id}的层级与清单不符`);
    if (!(item.standing ?? []).every((month) => Number.isInteger(month) && month >= 1 && month <= 12))
      add(`${at}/standing`, 'month-invalid', '月份应为1至12');
    if (item.mandatoryEvidence && item.evidence.trim() === '') {
      add(`${at}/evidence`, 'field-missing', '要求必附佐证的，须写明佐证是什么');
    }
  }
  return faults;
}
