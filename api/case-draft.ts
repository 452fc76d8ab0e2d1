import type { Term } from '../domain/deadline.ts';
import { KIND_NAMES } from '../domain/document.ts';
import { DECISION_OUTCOMES, type DecisionOutcome, type Instrument, sized } from '../domain/instrument.ts';
import type { CaseRecord } from '../models/case.ts';
import type { FindingRecord } from '../models/finding.ts';
import type { ApiDeps } from './deps.ts';

/** What a document of a case is drafted from; nothing in it tells who complained. */
export interface CaseDraft {
  readonly row: Instrument;
  readonly term: Term | undefined;
  readonly outcome: string | undefined;
  readonly findings: readonly FindingRecord[];
}

const inWords = (term: Term): string => `${sized(term).n}${sized(term).unit}`;

/** The first wording: origin, problems, basis, requirement, term, objection; a person edits it before it is signed. */
export function draftOfCase(
  { office }: Pick<ApiDeps, 'office'>,
  matter: CaseRecord,
  { row, term, outcome, findings }: CaseDraft,
): { readonly title: string; readonly addressee: string; readonly body: readonly string[] } {
  const { objection } = row;
  const ordered =
    outcome === undefined ? [] : [`决定：${DECISION_OUTCOMES[outcome as DecisionOutcome] ?? outcome}。`];
  return {
    title: `关于${matter.summary.slice(0, 60)}的${KIND_NAMES[row.kind]}`,
    addressee: matter.agencyName,
    body: [
      `本机关办理行政执法监督案件（${matter._id}），现就有关事项函告如下。`,
      ...findings.map((finding, n) => `${n + 1}. ${finding.description}`),
      ...ordered,
      `依据${row.article}制发。`,
      ...(term ? [`请自收到本文书之日起${inWords(term)}内书面反馈办理情况。`] : []),
      ...(objection
        ? [`对本文书有异议的，可以自收到之日起${inWords(objection.within)}内向本机关提出并说明理由。`]
        : []),
      `联系人：${office.person}，电话：${office.phone}。`,
    ],
  };
}
