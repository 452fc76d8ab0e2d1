import type { ChecklistItem } from './checklist.ts';
import { CATEGORIES, type FindingCategory } from './finding.ts';

/** What of a case's problems goes into a campaign: their kinds only, since their words speak of one agency. */
export interface SpreadFinding {
  readonly category?: string | undefined;
}

export interface SpreadList {
  readonly id: string;
  readonly items: readonly ChecklistItem[];
}

/** Items that one kind of problem takes over from the standing lists. */
const ITEMS_OF_A_KIND = 3;

/** Kinds of a case's problems, each once, in the order in which they were found; those without a kind are one. */
export function spreadCategories(findings: readonly SpreadFinding[]): readonly FindingCategory[] {
  const known = findings.map(({ category }) =>
    category !== undefined && Object.hasOwn(CATEGORIES, category) ? (category as FindingCategory) : 'other',
  );
  return [...new Set(known)];
}

/** The questions of a campaign that makes one case set a field right (办理一案，规范一片): a given list whole, then for each kind of problem what the standing lists ask about it. */
export function spreadItems(
  findings: readonly SpreadFinding[],
  { base, lists }: { readonly base?: SpreadList | undefined; readonly lists: readonly SpreadList[] },
): readonly ChecklistItem[] {
  const given = base?.items ?? [];
  const asked = spreadCategories(findings).flatMap((category) => ofKind(category, lists));
  const texts = new Set(given.map((item) => item.text));
  const added = asked.filter((item) => !texts.has(item.text) && texts.add(item.text));
  return [...given, ...added].map((item, n) => ({ ...item, id: `c${n + 1}` }));
}

/** What the lists ask about a kind of problem, the first list first; a kind that none asks about is asked about by its name. */
function ofKind(category: FindingCategory, lists: readonly SpreadList[]): readonly ChecklistItem[] {
  const standing = lists
    .flatMap((list) => list.items.filter((item) => item.category === category))
    .slice(0, ITEMS_OF_A_KIND);
  if (standing.length > 0) return standing;
  return [
    {
      id: category,
      text: `对照个案监督发现的“${CATEGORIES[category]}”类问题，自查有无同类情形`,
      textEn: `Check for problems of the kind “${category}”, as found in a case`,
      level: 'G',
      stage: 'after',
      points: 5,
      evidence: '自查说明和有关材料',
      evidenceEn: 'A statement and what supports it',
      mandatoryEvidence: false,
      category,
    },
  ];
}

/** What the campaign is called where nobody names it. */
export function spreadTitle(findings: readonly SpreadFinding[]): string {
  const kinds = spreadCategories(findings).map((one) => CATEGORIES[one]);
  const named = kinds.slice(0, 3).join('、');
  return `${named}${kinds.length > 3 ? '等' : ''}问题专项监督`;
}
