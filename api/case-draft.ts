import type { Term } from '../domain/deadline.ts';
import {
  DECISION_OUTCOMES,
  type DecisionOutcome,
  type Fact,
  type Instrument,
  sized,
} from '../domain/instrument.ts';
import { type Drafted, draftPaper } from '../documents/draft.ts';
import type { DocumentView } from '../documents/views.ts';
import type { CaseRecord } from '../models/case.ts';
import type { FindingRecord } from '../models/finding.ts';
import type { ApiDeps } from './deps.ts';

/** What a document of a case is drafted from; nothing in it tells who complained. */
export interface CaseDraft {
  readonly row: Instrument;
  readonly term: Term | undefined;
  readonly outcome: string | undefined;
  readonly findings: readonly FindingRecord[];
  readonly facts: readonly Fact[];
}

const inWords = (term: Term): string => `${sized(term).n}${sized(term).unit}`;

/** How a paper begins, by the way the clue came in. */
const ORIGINS: Readonly<Record<string, string>> = {
  complaint: '根据群众投诉举报',
  hotline12345: '根据12345政务服务热线转办的线索',
  media: '根据媒体反映的线索',
  assignment: '根据上级交办',
  warning: '根据行政执法监督预警',
  fileReview: '根据行政执法案卷评查发现的线索',
  campaign: '根据专项监督发现的线索',
};

/** Whom a lead is handed to, by what was found. */
const RECIPIENTS: readonly (readonly [Fact, string])[] = [
  ['crimeLead', '县公安局'],
  ['dutyCrimeLead', '县监察委员会'],
];

/** Longest 案由 that a title bears. */
const MATTER = 60;

/** The first wording, by the office's template: origin, problems, basis, requirement, term, objection; a person edits it before it is signed. */
export async function draftOfCase(
  { store, office }: Pick<ApiDeps, 'store' | 'office'>,
  matter: CaseRecord,
  draft: CaseDraft,
): Promise<Drafted> {
  const { row, term, outcome, findings, facts } = draft;
  const people = await store.supervisors
    .find({ _id: { $in: matter.supervisors.map((one) => one.id) } }, { 'certificate.no': 1 })
    .lean<{ _id: string; certificate: { no: string } }[]>();
  const certificates = new Map(people.map((one) => [one._id, one.certificate.no]));
  const summary = matter.summary.trim().replace(/[。．.；;]+$/u, '');
  const view: DocumentView = {
    no: matter._id,
    clue: matter.clue,
    matter: summary.slice(0, MATTER),
    agency: matter.agencyName,
    recipient: RECIPIENTS.find(([fact]) => facts.includes(fact))?.[1] ?? '有关主管机关',
    office: office.name,
    government: office.government,
    contact: office.person,
    phone: office.phone,
    origin: ORIGINS[matter.channel] ?? '根据有关线索',
    summary,
    basis: row.article,
    facts: [],
    findings: findings.map(({ description }) => ({ text: description.trim().replace(/[。．.；;]+$/u, '') })),
    supervisors: matter.supervisors.map(({ id, name }) => ({
      name,
      certificate: certificates.get(id) ?? '',
    })),
    ...(term ? { term: inWords(term) } : {}),
    ...(row.objection ? { objectionTerm: inWords(row.objection.within) } : {}),
    ...(outcome === undefined ? {} : { outcome: DECISION_OUTCOMES[outcome as DecisionOutcome] ?? outcome }),
  };
  return draftPaper(store, row.kind, view);
}
