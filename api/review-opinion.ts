import { localDate } from '../domain/calendar.ts';
import { Refusal } from '../domain/refusals.ts';
import { checkSupervisors } from '../domain/supervisor.ts';
import { readSupervisors } from '../models/agency.ts';
import type { CaseRecord } from '../models/case.ts';
import { storeClues } from '../models/clue-intake.ts';
import type { FileReviewRecord, ReviewOpinion } from '../models/file-review.ts';
import type { FindingRecord } from '../models/finding.ts';
import { type CaseCall, bringToCase, entryId, findCase, toldCase } from './case-calls.ts';
import { draftInCase } from './case-papers.ts';
import { screenClue } from './clue-screening.ts';
import { nowStamp } from './plan-view.ts';
import { notFound } from './problem.ts';

/** Whose files, and who handles the case. */
export interface OpinionOrder {
  readonly agency: string;
  readonly supervisors: readonly string[];
}

type Asked = Omit<CaseCall, 'found'>;
type ReviewCall = Asked & { readonly found: FileReviewRecord };

/** What a case is made of. */
interface Matter {
  readonly review: string;
  readonly agency: string;
  readonly problems: readonly FindingRecord[];
  readonly people: readonly { readonly id: string; readonly name: string }[];
}

/** From a final review to the draft of an opinion on one agency's files: a clue, a case that is filed, what the files showed as its record, the opinion with the deductions as its problems. Each step is done once, however often the call is made. */
export async function opinionFromReview(call: ReviewCall, order: OpinionOrder): Promise<ReviewOpinion> {
  const { deps, found: review } = call;
  const { agency } = order;
  if (review.state !== 'final') throw new Refusal('file-review-out-of-step', '评查结果尚未确定');
  const problems = await deps.store.findings
    .find({ owner: review._id, agency, state: { $ne: 'writtenOff' } })
    .sort({ _id: 1 })
    .lean<FindingRecord[]>();
  if (problems.length === 0) throw new Refusal('findings-missing', '该机关的案卷没有待整改的问题', '/agency');
  const people = await handlers(call, order);
  const mine = await reserved(call, agency);
  const filed = await filedCase({ ...call, key: mine.key }, { review: review._id, agency, problems, people });
  const paper = await draftInCase(
    { ...call, key: `${mine.key}/draft`, found: filed },
    { kind: 'opinion', findings: problems.map((one) => one._id), facts: [], review: review._id },
  );
  const done = { ...mine, case: filed._id, document: paper.id };
  await deps.store.fileReviews.updateOne(
    { _id: review._id, 'opinions.agency': agency },
    { $set: { 'opinions.$': done } },
  );
  return done;
}

async function handlers({ deps }: ReviewCall, { agency, supervisors: asked }: OpinionOrder) {
  const register = await readSupervisors(deps.store, asked);
  const day = localDate(await deps.clock.now());
  return checkSupervisors({ asked, register, day, recused: [], agency, as: 'supervisors' });
}

/** One opinion for each agency of a review; a try that broke off is gone on with. */
async function reserved({ deps, found, key, actor }: ReviewCall, agency: string): Promise<ReviewOpinion> {
  const { fileReviews } = deps.store;
  const fresh = { agency, key, by: actor.name, at: await nowStamp(deps) };
  await fileReviews.updateOne(
    { _id: found._id, 'opinions.agency': { $ne: agency } },
    { $push: { opinions: fresh } },
  );
  const now = await fileReviews.findById(found._id, { opinions: 1 }).lean<FileReviewRecord>();
  const mine = now?.opinions?.find((one) => one.agency === agency);
  if (!mine) throw notFound();
  if (mine.document !== undefined && mine.key !== key)
    throw new Refusal('already-decided', `已经据此起草意见书（${mine.case ?? ''}）`);
  return mine;
}

/** The case of the review's problems, filed, with the reviewed files as its record. */
async function filedCase(call: Asked, matter: Matter): Promise<CaseRecord> {
  const no = await openedCase(call, matter);
  const current = async (): Promise<CaseRecord> => {
    const found = await findCase(call.deps, { no });
    if (!found) throw notFound();
    return found;
  };
  const by = call.actor.name;
  const opened = await current();
  if (opened.machine.line.state === 'accepted') {
    const supervisors = matter.people.map((one) => one.id);
    await toldCase(
      { ...call, key: `${call.key}/file`, found: opened },
      { kind: 'file', by, approved: true, supervisors, heard: matter.review },
    );
  }
  const filed = await current();
  if (filed.machine.line.state === 'investigating')
    await keepRecord({ ...call, key: `${call.key}/record`, found: filed }, matter);
  return current();
}

/** Number of the case that the review's clue opens. */
async function openedCase({ deps, key, actor }: Asked, matter: Matter): Promise<string> {
  const { review, agency, problems } = matter;
  const by = actor.name;
  const [stored] = await storeClues(deps, [
    {
      channel: 'fileReview',
      door: 'staff',
      origin: `fileReview:${review}:${agency}`,
      source: review,
      agency,
      summary: `行政执法案卷评查（${review}）发现${problems.length}个问题`,
      receivedAt: await nowStamp(deps),
      by,
    },
  ]);
  if (!stored) throw notFound();
  if (stored.record.case !== undefined) return stored.record.case;
  const reason = `案卷评查结果已经确定（${review}）`;
  const said = { result: 'accept', reason, agency, by, key: `${key}/accept` } as const;
  const clue = await screenClue(deps, stored.record, said);
  if (clue.case === undefined) throw notFound();
  return clue.case;
}

async function keepRecord(call: CaseCall, { problems, people }: Matter): Promise<void> {
  const id = entryId('DC', call.key);
  const entry = {
    what: 'investigation',
    kind: 'fileRetrieval',
    on: localDate(await call.deps.clock.now()),
    people: people.map((one) => one.name),
    text: problems.map((one, n) => `${n + 1}. ${one.description}`).join('\n'),
    evidence: [],
  } as const;
  const command = {
    kind: 'recordInvestigation',
    by: call.actor.name,
    record: id,
    what: 'fileRetrieval',
  } as const;
  await bringToCase(call, { id, entry, command });
}
