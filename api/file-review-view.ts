import { localDate } from '../domain/calendar.ts';
import { stamp } from '../domain/clock.ts';
import { deadline } from '../domain/deadline.ts';
import { GRADES, type ScoreSheet, standOf } from '../domain/file-review.ts';
import { Refusal } from '../domain/refusals.ts';
import { checkSupervisor } from '../domain/supervisor.ts';
import { supervisorsById } from '../models/agency.ts';
import { readCalendar } from '../models/calendar.ts';
import { type FileReviewRecord, type ReviewedFileRecord, sheetOf } from '../models/file-review.ts';
import { objectionsOf } from '../models/objection.ts';
import { stepTerm } from '../models/step-terms.ts';
import type { Actor } from './access.ts';
import type { ApiDeps } from './deps.ts';

/** The public face of a review: its seed stays sealed until the draw. */
export const briefReview = ({
  _id,
  seed: _seed,
  answers: _answers,
  heard: _heard,
  opinions = [],
  ...rest
}: FileReviewRecord) => ({
  no: _id,
  ...rest,
  opinions: opinions.map(({ key: _key, ...one }) => one),
});

/** A review with its draws, its files as far as this person may see them, and what agencies dispute. */
export async function showReview(deps: ApiDeps, no: string, actor: Actor) {
  const { store } = deps;
  const review = await store.fileReviews.findById(no).lean<FileReviewRecord>();
  if (!review) throw new Error(`no file review ${no}`);
  const [sheet, files, draws, people] = await Promise.all([
    sheetOf(store, review),
    store.reviewedFiles.find({ review: no }).sort({ _id: 1 }).lean<ReviewedFileRecord[]>(),
    store.fileDraws.find({ review: no }).sort({ _id: 1 }).lean(),
    store.supervisors.find({}, { name: 1 }).lean(),
  ]);
  const names = new Map(people.map((one) => [one._id, one.name]));
  return {
    ...briefReview(review),
    draws: draws.map(({ _id, review: _review, ...rest }) => rest),
    files: files.map((file) => showFile(sheet, file, { actor, names })),
    disputes: await disputesOf(deps, review),
  };
}

interface Seen {
  readonly actor: Pick<Actor, 'supervisor'>;
  readonly names: ReadonlyMap<string, string>;
}

/** Independence: until everyone who is asked has signed, nobody sees a sheet but their own. */
function showFile(sheet: ScoreSheet, file: ReviewedFileRecord, { actor, names }: Seen) {
  const { _id: id, review: _review, scores, struck, reviewers, result: _final, ...rest } = file;
  const stand = standOf(sheet, file);
  const shown =
    stand.state === 'settled' ? scores : scores.filter((one) => one.reviewer === actor.supervisor);
  return {
    id,
    ...rest,
    reviewers: reviewers.map((one) => ({
      id: one,
      name: names.get(one) ?? one,
      signed: scores.some((score) => score.reviewer === one),
    })),
    state: stand.state,
    scores: shown,
    ...(stand.state === 'settled'
      ? { result: { ...stand.result, gradeName: GRADES[stand.result.grade] }, struck }
      : {}),
  };
}

/** What agencies dispute, each with the day by which it is to be answered (D19). */
export async function disputesOf({ store }: Pick<ApiDeps, 'store'>, review: FileReviewRecord) {
  const [calendar, { term, basis }] = [
    await readCalendar(store.calendars),
    await stepTerm(store, 'fileReviewDispute'),
  ];
  const said = await objectionsOf(store, { owner: review._id, answers: review.answers });
  return said.map((one) => {
    const answerBy = deadline({ term, from: localDate(one.at), basis, calendar }).at;
    const late = one.answer && Date.parse(one.answer.at) > Date.parse(answerBy);
    return { ...one, answerBy, ...(late === undefined ? {} : { late }) };
  });
}

/** Whose sheet an account signs: the supervisor of the register that it is tied to, by id, since a name may be another's too; the refusal where there is no tie, or they may not review this agency today. */
export async function reviewerOf(
  deps: ApiDeps,
  { supervisor }: Pick<Actor, 'supervisor'>,
  file: Pick<ReviewedFileRecord, 'agency' | 'recusals'>,
): Promise<string> {
  if (supervisor === undefined) throw new Refusal('reviewer-untied');
  return fitReviewer(deps, supervisor, file);
}

/** A supervisor of the register by id; the refusal where they may not review this agency's file today. */
export async function fitReviewer(
  { store, clock }: ApiDeps,
  id: string,
  file: Pick<ReviewedFileRecord, 'agency' | 'recusals'>,
): Promise<string> {
  const register = await supervisorsById(store, [id]);
  const day = localDate(stamp(await clock.now()));
  const recused = file.recusals.map((one) => one.supervisor);
  const team = { register, day, recused, agency: file.agency, as: 'supervisors' as const };
  return checkSupervisor(team, id, 0).id;
}
