import type { CaseRecord } from './case.ts';
import type { ReviewedFileRecord } from './file-review.ts';
import type { Store } from './store.ts';

/** What a person of the office still has to do in their own name: a case they handle, a file they have to score. */
export interface Duty {
  readonly kind: 'case' | 'fileSheet';
  /** Number of the case or of the review. */
  readonly no: string;
  /** The file's own number, where it is one. */
  readonly file?: string;
  readonly agency: string;
}

type Registers = Pick<Store, 'cases' | 'reviewedFiles' | 'fileReviews' | 'accounts'>;

/** Open duties of supervisors of the register, by their ids. */
export async function dutiesOf(
  { cases, reviewedFiles, fileReviews }: Registers,
  supervisors: readonly string[],
): Promise<readonly Duty[]> {
  if (supervisors.length === 0) return [];
  const theirs = { $in: [...supervisors] };
  const [handled, scoring] = await Promise.all([
    cases
      .find(
        { 'supervisors.id': theirs, state: { $nin: ['closed', 'replied', 'archived'] } },
        { agency: 1, supervisors: 1, recused: 1 },
      )
      .sort({ _id: 1 })
      .lean<Pick<CaseRecord, '_id' | 'agency' | 'supervisors' | 'recused'>[]>(),
    fileReviews.distinct('_id', { state: 'scoring' }),
  ]);
  const files = await reviewedFiles
    .find(
      { review: { $in: scoring }, reviewers: theirs },
      { review: 1, file: 1, agency: 1, reviewers: 1, scores: 1 },
    )
    .sort({ _id: 1 })
    .lean<ReviewedFileRecord[]>();
  const acts = ({ supervisors: team, recused }: Pick<CaseRecord, 'supervisors' | 'recused'>) =>
    team.some(({ id }) => supervisors.includes(id) && !recused.includes(id));
  const owes = ({ reviewers, scores }: ReviewedFileRecord) =>
    reviewers.some((id) => supervisors.includes(id) && scores.every((one) => one.reviewer !== id));
  return [
    ...handled.filter(acts).map(({ _id, agency }): Duty => ({ kind: 'case', no: _id, agency })),
    ...files
      .filter(owes)
      .map(({ review, file, agency }): Duty => ({ kind: 'fileSheet', no: review, file, agency })),
  ];
}

/** Duties that closed accounts have left behind. */
export async function leftDuties(store: Registers): Promise<readonly Duty[]> {
  const gone = await store.accounts.distinct('supervisor', {
    disabled: true,
    supervisor: { $type: 'string' },
  });
  return dutiesOf(
    store,
    gone.filter((one) => one !== undefined),
  );
}
