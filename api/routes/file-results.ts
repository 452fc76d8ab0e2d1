import { z } from 'zod';
import { localDate } from '../../domain/calendar.ts';
import { type FileResult, type ScoreSheet, problemsOf, standOf } from '../../domain/file-review.ts';
import { Refusal } from '../../domain/refusals.ts';
import { appendEvents } from '../../models/event.ts';
import { type FileReviewRecord, type ReviewedFileRecord, sheetOf } from '../../models/file-review.ts';
import { type FindingRecord, recordFindings } from '../../models/finding.ts';
import type { ObjectionAnswer } from '../../models/objection.ts';
import type { Store } from '../../models/store.ts';
import { APPROVERS, ORGANIZERS } from '../access.ts';
import type { ApiDeps } from '../deps.ts';
import { disputesOf, showReview } from '../file-review-view.ts';
import { tellObjector } from '../objections.ts';
import { hintPlan } from '../plan-commands.ts';
import { nowStamp } from '../plan-view.ts';
import { invalid } from '../problem.ts';
import { created, route } from '../route.ts';
import { opinionFromReview } from '../review-opinion.ts';
import { line, sentence, word } from '../shapes.ts';
import { findReview } from './file-reviews.ts';
import { findFile, sayOf } from './file-scores.ts';

interface Settled {
  readonly file: ReviewedFileRecord;
  readonly result: FileResult;
}

async function settledOf(
  store: Store,
  review: FileReviewRecord,
  sheet: ScoreSheet,
): Promise<readonly Settled[]> {
  const files = await store.reviewedFiles
    .find({ review: review._id })
    .sort({ _id: 1 })
    .lean<ReviewedFileRecord[]>();
  return files.flatMap((file) => {
    const stand = standOf(sheet, file);
    return stand.state === 'settled' ? [{ file, result: stand.result }] : [];
  });
}

/** `AJ-2026-001-F003/1-2`: the file, then the fault in it. */
function checkStruck(settled: readonly Settled[], agency: string, strike: readonly string[]): void {
  const theirs = new Set(
    settled
      .filter(({ file }) => file.agency === agency)
      .flatMap(({ file, result }) => result.faults.map((fault) => `${file._id}/${fault.id}`)),
  );
  for (const [n, id] of strike.entries())
    if (!theirs.has(id)) throw invalid(`/strike/${n}`, 'fault-unknown', `该机关的案卷没有问题 ${id}`);
}

/** Attack: of two answers to one dispute at the same time only the first stands, and only what it names is struck out. */
async function keepAnswer(store: Store, review: string, answer: ObjectionAnswer): Promise<void> {
  await store.connection.transaction(async (session) => {
    const kept = await store.fileReviews.updateOne(
      { _id: review, state: 'preliminary', 'answers.objection': { $ne: answer.objection } },
      { $push: { answers: answer } },
      { session },
    );
    if (kept.matchedCount === 0) throw new Refusal('already-decided');
    for (const id of answer.strike) {
      const [file = '', fault = ''] = id.split('/');
      await store.reviewedFiles.updateOne({ _id: file }, { $addToSet: { struck: fault } }, { session });
    }
  });
}

/** What the files' faults leave in the ledger of problems. */
const findingsOf = (sheet: ScoreSheet, { file, result }: Settled, foundOn: string): FindingRecord[] =>
  problemsOf(sheet, result).map(({ description, ...problem }) => ({
    _id: `${file._id}-${problem.item}`,
    owner: file.review,
    mode: 'daily',
    agency: file.agency,
    ...problem,
    description: `案卷${file.file}：${description}`,
    source: 'inspection',
    foundOn,
    state: 'found',
  }));

/** The result, the problems and the files are made final together or not at all, and never over a dispute that came after this review was read. */
async function finish({ store, clock }: ApiDeps, review: FileReviewRecord, by: string): Promise<void> {
  const [sheet, finalAt] = [await sheetOf(store, review), await nowStamp({ clock })];
  const finalOn = localDate(finalAt);
  const settled = await settledOf(store, review, sheet);
  const findings = settled.flatMap((one) => findingsOf(sheet, one, finalOn));
  const files = settled.map(({ file, result: { points, grade } }) => ({
    updateOne: { filter: { _id: file._id }, update: { $set: { finalOn, result: { points, grade } } } },
  }));
  await store.connection.transaction(async (session) => {
    const made = await store.fileReviews.updateOne(
      { _id: review._id, state: 'preliminary', heard: review.heard ?? null } as never,
      { $set: { state: 'final', finalAt, finalBy: by } },
      { session },
    );
    if (made.matchedCount === 0)
      throw new Refusal('file-review-out-of-step', '评查结果已经确定，或者刚刚收到一件异议');
    await recordFindings(store, findings, session);
    await store.reviewedFiles.bulkWrite(files, { session });
  });
}

/** The plan of the year in which a review ends hears that its autumn review is done, once, and asks the agencies to put its problems right. */
async function tellPlanOf(deps: ApiDeps, no: string, who: string): Promise<void> {
  const at = await nowStamp(deps);
  const plan = await deps.store.plans.findOne({ year: Number(at.slice(0, 4)), state: 'running' }).lean();
  if (!plan) return;
  if (!plan.milestones.some((one) => one.what === 'fileReview' && one.doneAt !== undefined)) {
    const detail = { milestone: 'fileReview', review: no };
    await appendEvents(deps.store.events, {
      owner: plan._id,
      key: 'milestone-fulfilled/fileReview',
      entries: [{ at, source: 'decision', what: 'milestone-done', who, detail }],
    });
  }
  await hintPlan(deps, plan._id);
}

export const fileResultRoutes = [
  route({
    method: 'post',
    path: '/file-reviews/:no/opinions',
    rule: APPROVERS,
    key: 'required',
    summary: '据已确定的评查结果立案，起草对一个机关的监督意见书，以扣分事项为认定的问题',
    body: z.object({ agency: line(64).min(1), supervisors: z.array(word).max(20) }),
    find: findReview,
    work: async (call) => created(await opinionFromReview(call, call.body)),
  }),
  route({
    method: 'post',
    path: '/file-reviews/:no/disputes/:id/answer',
    rule: ORGANIZERS,
    key: 'required',
    summary: '答复机关对案卷评查的异议；采纳的，列明不再计入的问题',
    body: z.object({
      accepted: z.boolean(),
      reason: sentence,
      strike: z.array(line(80).min(1)).max(500).default([]),
    }),
    find: async (deps, params) => {
      const review = await findReview(deps, params);
      const dispute = review && (await disputesOf(deps, review)).find((one) => one.id === params['id']);
      return review && dispute ? { review, dispute } : null;
    },
    async work({ deps, found, body, key, actor }) {
      const { review, dispute } = found;
      if (review.state !== 'preliminary' || dispute.answer) throw new Refusal('already-decided');
      if (!body.accepted && body.strike.length > 0)
        throw invalid('/strike', 'strike-not-accepted', '异议未采纳的，不能去除问题');
      const sheet = await sheetOf(deps.store, review);
      checkStruck(await settledOf(deps.store, review, sheet), dispute.agency, body.strike);
      const answer = { objection: dispute.id, by: actor.name, at: await nowStamp(deps), ...body };
      await keepAnswer(deps.store, review._id, answer);
      const detail = { reason: body.reason, accepted: body.accepted, strike: body.strike.join('、') };
      await sayOf(deps, review._id, { what: 'dispute-answered', who: actor.name, key, detail });
      await tellObjector(deps, dispute.id, { key, by: actor.name, reason: `异议答复：${body.reason}` });
      return created(await showReview(deps, review._id, actor));
    },
  }),
  route({
    method: 'post',
    path: '/file-reviews/:no/final',
    rule: APPROVERS,
    key: 'required',
    summary: '异议期满并答复全部异议后，确定评查结果；问题记入问题台账',
    find: findReview,
    async work({ deps, found, key, actor }) {
      if (found.state !== 'preliminary') throw new Refusal('file-review-out-of-step');
      if (Date.parse(await nowStamp(deps)) < Date.parse(found.disputeUntil ?? ''))
        throw new Refusal('term-running');
      if ((await disputesOf(deps, found)).some((one) => !one.answer)) throw new Refusal('objection-open');
      await finish(deps, found, actor.name);
      await sayOf(deps, found._id, { what: 'file-review-final', who: actor.name, key, detail: {} });
      await tellPlanOf(deps, found._id, actor.name);
      return created(await showReview(deps, found._id, actor));
    },
  }),
  route({
    method: 'post',
    path: '/file-reviews/:no/files/:file/look-back',
    rule: ORGANIZERS,
    key: 'required',
    summary: '回头看：案卷的问题是否整改；整改的销号，未整改的重新整改',
    body: z.object({ corrected: z.boolean(), note: sentence }),
    find: findFile,
    async work({ deps, found, body, key, actor }) {
      const { review, file } = found;
      if (review.state !== 'final') throw new Refusal('file-review-out-of-step', '评查结果尚未确定');
      const on = localDate(await nowStamp(deps));
      const mine = { owner: review._id, _id: { $regex: `^${file._id}-` } };
      await deps.store.connection.transaction(async (session) => {
        const seen = await deps.store.reviewedFiles.updateOne(
          { _id: file._id, 'lookBack.corrected': { $ne: true } },
          { $set: { lookBack: { ...body, on, by: actor.name } } },
          { session },
        );
        if (seen.matchedCount === 0) throw new Refusal('already-decided', '该案卷的问题已经整改');
        await deps.store.findings.updateMany(
          mine,
          {
            $set: body.corrected
              ? { state: 'writtenOff', writtenOffAt: on, lookedBack: true }
              : { state: 'reopened', lookedBack: true },
          },
          { session },
        );
      });
      const detail = { file: file._id, corrected: body.corrected };
      await sayOf(deps, review._id, { what: 'file-looked-back', who: actor.name, key, detail });
      return created(await showReview(deps, review._id, actor));
    },
  }),
];
