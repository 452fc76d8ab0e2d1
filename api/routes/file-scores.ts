import { z } from 'zod';
import { checkMarks, standOf } from '../../domain/file-review.ts';
import { Refusal } from '../../domain/refusals.ts';
import { appendEvents } from '../../models/event.ts';
import { type FileReviewRecord, type ReviewedFileRecord, sheetOf } from '../../models/file-review.ts';
import { type Actor, ORGANIZERS, type Rule } from '../access.ts';
import type { ApiDeps } from '../deps.ts';
import { fitReviewer, reviewerOf, showReview } from '../file-review-view.ts';
import { nowStamp } from '../plan-view.ts';
import { created, route } from '../route.ts';
import { line, prose, sentence, word } from '../shapes.ts';

const REVIEWERS: Rule = ['organizer', 'approver'];

interface Found {
  readonly review: FileReviewRecord;
  readonly file: ReviewedFileRecord;
}

/** A file by its number in the review, or by its own. */
export async function findFile(
  { store }: ApiDeps,
  params: Readonly<Record<string, string>>,
): Promise<Found | null> {
  const { no = '', file: said = '' } = params;
  const [review, file] = await Promise.all([
    store.fileReviews.findById(no).lean<FileReviewRecord>(),
    store.reviewedFiles
      .findOne({ review: no, $or: [{ _id: said }, { file: said }] })
      .lean<ReviewedFileRecord>(),
  ]);
  return review && file ? { review, file } : null;
}

interface Saying {
  readonly what: string;
  readonly who: string;
  readonly key: string;
  readonly detail: Readonly<Record<string, string | boolean>>;
}

/** Invariant: no event of a file tells points before there is a result; the ledger is read by everyone. */
export const sayOf = async (deps: ApiDeps, no: string, { key, ...entry }: Saying): Promise<void> =>
  appendEvents(deps.store.events, {
    owner: no,
    key: `${entry.what}/${key}`,
    entries: [{ at: await nowStamp(deps), source: 'decision', ...entry }],
  });

function scoring({ review }: Found): void {
  if (review.state !== 'scoring') throw new Refusal('file-review-out-of-step');
}

/** A refusal that points at the one person whom the body names. */
async function admitted(deps: ApiDeps, file: ReviewedFileRecord, said: string): Promise<string> {
  try {
    return await fitReviewer(deps, said, file);
  } catch (error) {
    if (error instanceof Refusal) throw new Refusal(error.code, error.message, '/supervisor');
    throw error;
  }
}

/** The account is the person: no sheet is signed for another. */
async function signerOf(deps: ApiDeps, file: ReviewedFileRecord, actor: Actor): Promise<string> {
  const reviewer = await reviewerOf(deps, actor, file);
  if (!file.reviewers.includes(reviewer)) throw new Refusal('reviewer-unassigned');
  return reviewer;
}

export const fileScoreRoutes = [
  route({
    method: 'post',
    path: '/file-reviews/:no/files/:file/scores',
    rule: REVIEWERS,
    key: 'required',
    summary: '评查人员签署评分：否决项、扣分及理由、意见；签署后不得修改，全部签署前互不可见',
    body: z.object({
      marks: z
        .array(z.object({ item: line(16).min(1), points: z.number().optional(), reason: sentence }))
        .max(200),
      opinion: prose(4_000).default(''),
    }),
    find: findFile,
    async work({ deps, found, body, actor, key }) {
      const { file, review } = found;
      scoring(found);
      if (actor.agency === file.agency) throw new Refusal('own-agency');
      const reviewer = await signerOf(deps, file, actor);
      checkMarks(await sheetOf(deps.store, review), body.marks);
      const score = { reviewer, ...body, at: await nowStamp(deps) };
      const signed = await deps.store.reviewedFiles.updateOne(
        { _id: file._id, reviewers: reviewer, 'scores.reviewer': { $ne: reviewer } },
        { $push: { scores: score } },
      );
      if (signed.matchedCount === 0) throw new Refusal('already-decided', '您已签署本案卷的评分');
      await sayOf(deps, review._id, {
        what: 'file-scored',
        who: actor.name,
        key,
        detail: { file: file._id, supervisor: reviewer },
      });
      return created(await showReview(deps, review._id, actor));
    },
  }),
  route({
    method: 'post',
    path: '/file-reviews/:no/files/:file/third',
    rule: ORGANIZERS,
    key: 'required',
    summary: '两名评查人员分差超过10分时，指定第三名评查人员',
    body: z.object({ supervisor: word }),
    find: findFile,
    async work({ deps, found, body, actor, key }) {
      const { file, review } = found;
      scoring(found);
      if (standOf(await sheetOf(deps.store, review), file).state !== 'thirdNeeded')
        throw new Refusal('third-not-needed');
      const third = await admitted(deps, file, body.supervisor);
      if (file.reviewers.includes(third))
        throw new Refusal('already-decided', '第三名评查人员应为他人', '/supervisor');
      const named = await deps.store.reviewedFiles.updateOne(
        { _id: file._id, 'reviewers.2': { $exists: false } },
        { $push: { reviewers: third } },
      );
      if (named.matchedCount === 0) throw new Refusal('third-not-needed');
      const detail = { file: file._id, supervisor: third };
      await sayOf(deps, review._id, { what: 'third-reviewer-named', who: actor.name, key, detail });
      return created(await showReview(deps, review._id, actor));
    },
  }),
  route({
    method: 'post',
    path: '/file-reviews/:no/files/:file/recusals',
    rule: ORGANIZERS,
    key: 'required',
    summary: '评查人员回避，由他人接替；已签署的不再更换',
    body: z.object({ recused: word, reason: sentence, supervisor: word }),
    find: findFile,
    async work({ deps, found, body, actor, key }) {
      const { file, review } = found;
      scoring(found);
      const { recused, reason } = body;
      if (!file.reviewers.includes(recused)) throw new Refusal('reviewer-unassigned');
      const next = await admitted(deps, file, body.supervisor);
      if (file.reviewers.includes(next))
        throw new Refusal('already-decided', '接替的人员已在评查本案卷', '/supervisor');
      // Attack: of two replaced at the same moment by one person, that person would sign for both.
      const moved = await deps.store.reviewedFiles.updateOne(
        { _id: file._id, reviewers: { $eq: recused, $ne: next }, 'scores.reviewer': { $ne: recused } },
        {
          $set: { 'reviewers.$[one]': next },
          $push: { recusals: { supervisor: recused, reason, by: actor.name } },
        },
        { arrayFilters: [{ one: recused }] },
      );
      if (moved.matchedCount === 0)
        throw new Refusal(
          'already-decided',
          '该评查人员已签署评分或者已被接替，或者接替的人员已在评查本案卷',
        );
      const detail = { file: file._id, recused, supervisor: next, reason };
      await sayOf(deps, review._id, { what: 'reviewer-recused', who: actor.name, key, detail });
      return created(await showReview(deps, review._id, actor));
    },
  }),
];
