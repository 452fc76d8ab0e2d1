import { localDate } from '../domain/calendar.ts';
import { type ClockMapping, stamp } from '../domain/clock.ts';
import { type Deadline, deadline } from '../domain/deadline.ts';
import { GRADES, type Mark, type ScoreSheet, standOf } from '../domain/file-review.ts';
import { readCalendar } from '../models/calendar.ts';
import { appendEvents } from '../models/event.ts';
import { type FileReviewRecord, type ReviewedFileRecord, sheetOf } from '../models/file-review.ts';
import { stepTerm } from '../models/step-terms.ts';
import type { FileReviewInput } from '../workflows/file-review.ts';
import type { Deps } from './deps.ts';
import { refusing } from './refusing.ts';
import { type Seedling, writeTasks } from './task-writing.ts';

const LEGAL_BASIS = '《行政执法监督条例》第十八条、第三十条';

export interface PublishedFileReview {
  readonly groups: readonly string[];
  /** Epoch ms on the product's clock. */
  readonly until: number;
  readonly clock: ClockMapping;
}

export const fileReviewActivities = (deps: Deps) => ({
  /** Publishes the preliminary result and writes the tasks that tell it, each agency its own files. May run twice: the term is that of the first time. */
  async publishFileReview({ no, by }: FileReviewInput): Promise<PublishedFileReview> {
    const { store } = deps;
    const review = await store.fileReviews.findById(no).lean<FileReviewRecord>();
    if (!review) throw new Error(`no file review ${no}`);
    const publishedAt = review.publishedAt ?? stamp(await deps.clock.now());
    const due = await dueOf(deps, publishedAt);
    await keepPublished(deps, no, { by, publishedAt, disputeUntil: due.at });
    const told = await store.agencies.distinct('_id', {
      _id: { $in: review.agencies.map((one) => one.id) },
      'contacts.0': { $exists: true },
    });
    const groups = await writeTasks(deps, {
      owner: no,
      phase: 'fileReview',
      kind: 'appraisal',
      origin: 'opening',
      title: `${review.year}年度行政执法案卷评查初步结果`,
      legalBasis: LEGAL_BASIS,
      remind: [],
      due,
      seedlings: await seedlingsOf(deps, review, told.sort()),
    });
    return { groups, until: Date.parse(due.at), clock: await deps.clock.mapping() };
  },
});

async function dueOf({ store }: Deps, publishedAt: string): Promise<Deadline> {
  const [calendar, { term, basis }] = [
    await readCalendar(store.calendars),
    await stepTerm(store, 'fileReviewDispute'),
  ];
  return refusing(async () => deadline({ term, from: localDate(publishedAt), basis, calendar }));
}

async function keepPublished(
  { store }: Deps,
  no: string,
  given: { readonly by: string; readonly publishedAt: string; readonly disputeUntil: string },
): Promise<void> {
  const { by, publishedAt, disputeUntil } = given;
  await store.fileReviews.updateOne(
    { _id: no, state: 'scoring' },
    { $set: { state: 'preliminary', publishedAt, publishedBy: by, disputeUntil } },
  );
  const detail = { until: disputeUntil };
  await appendEvents(store.events, {
    owner: no,
    key: 'published',
    entries: [{ at: publishedAt, source: 'decision', what: 'files-published', who: by, detail }],
  });
}

async function seedlingsOf(
  { store }: Deps,
  review: FileReviewRecord,
  agencies: readonly string[],
): Promise<readonly Seedling[]> {
  const sheet = await sheetOf(store, review);
  const files = await store.reviewedFiles
    .find({ review: review._id })
    .sort({ _id: 1 })
    .lean<ReviewedFileRecord[]>();
  return agencies.map((agency) => ({
    agency,
    items: files
      .filter((one) => one.agency === agency)
      .map((one) => ({ id: one._id, text: toldOf(sheet, one) })),
    findings: [],
  }));
}

/** What an agency is told of a file: its result, what is held against it, the opinions (意见); never who said it. */
function toldOf(sheet: ScoreSheet, file: ReviewedFileRecord): string {
  const stand = standOf(sheet, file);
  if (stand.state !== 'settled') throw new Error(`${file._id} has no result`);
  const { points, grade, counted, faults } = stand.result;
  const named = new Map([...sheet.vetoes, ...sheet.groups].map((one) => [one.id, one.text]));
  const said = faults.map(({ id, ...mark }) => `〔${id}〕${held(named.get(mark.item) ?? mark.item, mark)}`);
  const opinions = file.scores
    .filter((one) => counted.includes(one.reviewer) && one.opinion !== '')
    .map((one) => one.opinion);
  return [
    `${file.file}：${GRADES[grade]}（${points}分）`,
    ...(said.length > 0 ? [`问题：${said.join('；')}`] : []),
    ...(opinions.length > 0 ? [`意见：${opinions.join('；')}`] : []),
  ].join('。');
}

const held = (name: string, { points, reason }: Mark): string =>
  `${points === undefined ? '否决项' : `扣${points}分`}（${name}）：${reason}`;
