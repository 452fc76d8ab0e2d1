import type { Store } from './store.ts';
import type { TaskRecord } from './task.ts';

/** What the office answered to an agency's objection; `strike` names what no longer counts. */
export interface ObjectionAnswer {
  readonly objection: string;
  readonly accepted: boolean;
  readonly reason: string;
  readonly strike: readonly string[];
  readonly by: string;
  readonly at: string;
}

/** Whether an objection that is stored came before its result was final, a year's or a file review's. Invariant: it is counted after it is stored, so that a result is never made final over one that nobody saw. */
export async function objectionCounts(
  { appraisals, fileReviews }: Pick<Store, 'appraisals' | 'fileReviews'>,
  { kind, owner }: Pick<TaskRecord, 'kind' | 'owner'>,
): Promise<boolean> {
  if (kind !== 'appraisal') return true;
  const year = yearOf(owner);
  const one = { $inc: { heard: 1 } };
  const counted =
    year === undefined
      ? await fileReviews.updateOne({ _id: owner, state: 'preliminary' }, one)
      : await appraisals.updateOne({ _id: year, state: 'preliminary' }, one);
  return counted.matchedCount === 1;
}

/** The year whose appraisal an owner is; undefined for a file review. */
export function yearOf(owner: string): number | undefined {
  const year = /^RC-(\d{4})$/u.exec(owner)?.[1];
  return year === undefined ? undefined : Number(year);
}

/** What agencies have objected to in the preliminary result that an owner told them; the answer stands beside each where there is one. */
export async function objectionsOf(
  store: Store,
  { owner, answers }: { readonly owner: string; readonly answers: readonly ObjectionAnswer[] },
) {
  const rows = await store.submissions.find({ owner, kind: 'objection' }).sort({ receivedAt: 1 }).lean();
  const tasks = await store.tasks.distinct('_id', {
    _id: { $in: rows.map((one) => one.task) },
    kind: 'appraisal',
  });
  return rows
    .filter((one) => tasks.includes(one.task))
    .map((one) => {
      const answer = answers.find((given) => given.objection === one._id);
      return {
        id: one._id,
        agency: one.agency,
        by: one.by.name,
        at: one.receivedAt,
        reason: one.text,
        /** It came when the result was final: kept, and not to be answered. */
        afterFinal: one.late,
        ...(answer ? { answer } : {}),
      };
    });
}
