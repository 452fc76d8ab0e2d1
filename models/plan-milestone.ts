import type { FileReviewRecord } from './file-review.ts';
import type { MilestoneRecord, PlanRecord } from './plan.ts';
import type { Store } from './store.ts';

/** A job of the year as it stands, with the case-file review that fulfilled it. */
export interface MilestoneStand extends MilestoneRecord {
  readonly review?: string;
}

/** Invariant: the autumn review (案卷评查) is done by the first review that becomes final in the plan's year; read when asked, so that it holds whichever of the two came first. */
export async function milestonesIn(
  store: Pick<Store, 'fileReviews'>,
  { year, milestones }: Pick<PlanRecord, 'year' | 'milestones'>,
): Promise<readonly MilestoneStand[]> {
  if (!milestones.some((one) => one.what === 'fileReview')) return milestones;
  const [review] = await store.fileReviews
    .find({ state: 'final', finalAt: { $gte: `${year}-01-01`, $lt: `${year + 1}-01-01` } })
    .sort({ finalAt: 1 })
    .limit(1)
    .lean<FileReviewRecord[]>();
  if (review?.finalAt === undefined) return milestones;
  const { _id, finalAt, finalBy = '' } = review;
  const fulfilled = { review: _id, doneAt: finalAt, doneBy: finalBy, note: _id };
  return milestones.map((one) => (one.what === 'fileReview' ? { ...fulfilled, ...one } : one));
}
