import { summaryOf } from '../../domain/stand-words.ts';
import { randomBytes } from 'node:crypto';
import { WorkflowExecutionAlreadyStartedError } from '@temporalio/client';
import { z } from 'zod';
import { localDate } from '../../domain/calendar.ts';
import { stamp } from '../../domain/clock.ts';
import { deadline } from '../../domain/deadline.ts';
import { standOf } from '../../domain/file-review.ts';
import { Refusal } from '../../domain/refusals.ts';
import { checkSupervisors } from '../../domain/supervisor.ts';
import { supervisorsById } from '../../models/agency.ts';
import { readCalendar } from '../../models/calendar.ts';
import {
  type FileReviewRecord,
  type ReviewedFileRecord,
  readScoreSheet,
  sheetOf,
} from '../../models/file-review.ts';
import { nextNumber } from '../../models/setting.ts';
import { stepTerm } from '../../models/step-terms.ts';
import { WORK_QUEUE, fileReviewId } from '../../workflows/messages.ts';
import { ORGANIZERS, READERS, hashSecret } from '../access.ts';
import { reached } from '../commands.ts';
import type { ApiDeps } from '../deps.ts';
import { drawFiles } from '../file-draw.ts';
import { briefReview, showReview } from '../file-review-view.ts';
import { listPage } from '../lists.ts';
import { nowStamp } from '../plan-view.ts';
import { engineUnavailable, invalid } from '../problem.ts';
import { accepted, created, ok, route } from '../route.ts';
import { line, page, word } from '../shapes.ts';
import { sayOf } from './file-scores.ts';

const order = z.object({
  year: z.int().min(2000).max(2099),
  agencies: z
    .array(z.object({ id: word, files: z.array(line(80).min(1)).min(1).max(5_000).optional() }))
    .min(1)
    .max(500),
  perAgency: z.int().min(1).max(50),
  supervisors: z.array(word).min(2).max(200),
});
type Order = z.infer<typeof order>;

export const findReview = ({ store }: ApiDeps, params: Readonly<Record<string, string>>) =>
  store.fileReviews.findById(params['no']).lean<FileReviewRecord>();

/** Agencies must be known and named once, and so must file numbers: a file is one agency's. */
async function checkAgencies({ store }: ApiDeps, { agencies }: Order): Promise<void> {
  const known = new Set(
    await store.agencies.distinct('_id', { _id: { $in: agencies.map((one) => one.id) } }),
  );
  const seen = new Set<string>();
  for (const [n, { id, files = [] }] of agencies.entries()) {
    if (!known.has(id)) throw invalid(`/agencies/${n}/id`, 'agency-unknown', `没有编号为 ${id} 的机关`);
    if (agencies.findIndex((one) => one.id === id) < n)
      throw invalid(`/agencies/${n}/id`, 'draw-impossible', `机关 ${id} 重复`);
    for (const [place, file] of files.entries()) {
      if (seen.has(file))
        throw invalid(`/agencies/${n}/files/${place}`, 'draw-impossible', `案卷 ${file} 重复`);
      seen.add(file);
    }
  }
}

/** Reviewers are named by their ids in the register and must be fit today; whose agency is reviewed is passed over for it only at the draw. */
async function poolOf({ store, clock }: ApiDeps, { supervisors: asked }: Order): Promise<readonly string[]> {
  const register = await supervisorsById(store, asked);
  const day = localDate(stamp(await clock.now()));
  return checkSupervisors({ asked, register, day, agency: '', as: 'supervisors' }).map((one) => one.id);
}

async function commit(deps: ApiDeps, asked: Order, by: string): Promise<FileReviewRecord> {
  const { store } = deps;
  await checkAgencies(deps, asked);
  const supervisors = await poolOf(deps, asked);
  const createdAt = await nowStamp(deps);
  const year = createdAt.slice(0, 4);
  const n = await nextNumber(store.sequences, `AJ-${year}`);
  const seed = randomBytes(16).toString('hex');
  const review: FileReviewRecord = {
    _id: `AJ-${year}-${String(n).padStart(3, '0')}`,
    ...asked,
    supervisors,
    state: 'committed',
    sheet: (await readScoreSheet(store))?.version ?? 1,
    seed,
    commitment: hashSecret(seed),
    createdBy: by,
    createdAt,
    answers: [],
  };
  await store.fileReviews.create(review);
  const detail = { commitment: review.commitment };
  await sayOf(deps, review._id, { what: 'file-review-ordered', who: by, key: 'once', detail });
  return review;
}

/** Every file has its result, and the term for disputes can be counted. */
async function checkPublishable(deps: ApiDeps, review: FileReviewRecord): Promise<void> {
  const { store } = deps;
  if (review.state !== 'scoring') throw new Refusal('file-review-out-of-step');
  const sheet = await sheetOf(store, review);
  const files = await store.reviewedFiles.find({ review: review._id }).lean<ReviewedFileRecord[]>();
  const missing = files.filter((file) => standOf(sheet, file).state !== 'settled').map((file) => file._id);
  if (missing.length > 0) throw new Refusal('scores-missing', `尚未评完：${missing.join('、')}`);
  const { term, basis } = await stepTerm(store, 'fileReviewDispute');
  const calendar = await readCalendar(store.calendars);
  deadline({ term, from: localDate(await nowStamp(deps)), basis, calendar });
}

/** How long a caller waits for the worker to publish; it is in the engine already then. */
const PUBLISHED_MS = 8_000;

async function publish(deps: ApiDeps, no: string, by: string): Promise<void> {
  await reached(deps, () =>
    deps.client.workflow.start('fileReviewWorkflow', {
      workflowId: fileReviewId(no),
      taskQueue: WORK_QUEUE,
      args: [{ no, by }],
      workflowIdReusePolicy: 'REJECT_DUPLICATE',
      staticSummary: summaryOf('fileReview', no),
    }),
  ).catch((error: unknown) => {
    if (!(error instanceof WorkflowExecutionAlreadyStartedError)) throw error;
  });
  for (const until = Date.now() + PUBLISHED_MS; Date.now() < until;) {
    if (await deps.store.fileReviews.exists({ _id: no, state: { $ne: 'scoring' } })) return;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw engineUnavailable();
}

export const fileReviewRoutes = [
  route({
    method: 'post',
    path: '/file-reviews',
    rule: ORGANIZERS,
    key: 'required',
    summary: '组织案卷评查：年度、机关、每个机关抽取的案卷数、评查人员；公布抽取种子的散列值',
    body: order,
    async work({ deps, body, actor }) {
      const { _id: no } = await commit(deps, body, actor.name);
      return created(await showReview(deps, no, actor), { Location: `/api/v1/file-reviews/${no}` });
    },
  }),
  route({
    method: 'get',
    path: '/file-reviews',
    rule: READERS,
    summary: '案卷评查',
    query: page.extend({ year: z.coerce.number().int().optional() }),
    async work(call) {
      const { year } = call.query;
      const filter = year === undefined ? {} : { year };
      return listPage(call.deps.store.fileReviews, call, { filter, show: briefReview, order: -1 });
    },
  }),
  route({
    method: 'get',
    path: '/file-reviews/:no',
    rule: READERS,
    summary: '一次案卷评查；评分在全部签署后才可见',
    find: findReview,
    work: async ({ deps, found, actor }) => ok(await showReview(deps, found._id, actor)),
  }),
  route({
    method: 'post',
    path: '/file-reviews/:no/draw',
    rule: ORGANIZERS,
    key: 'required',
    summary: '抽取案卷，并为每个案卷抽取两名评查人员；公布种子，任何人可以复核',
    find: findReview,
    async work({ deps, found, actor }) {
      if (found.state !== 'committed') throw new Refusal('file-review-out-of-step', '已经抽取');
      await drawFiles(deps, found, actor.name);
      return created(await showReview(deps, found._id, actor));
    },
  }),
  route({
    method: 'post',
    path: '/file-reviews/:no/preliminary',
    rule: ORGANIZERS,
    key: 'required',
    summary: '全部评完后公布初步结果，各机关可在期限内提出异议',
    find: findReview,
    async work({ deps, found, actor }) {
      await checkPublishable(deps, found);
      await publish(deps, found._id, actor.name);
      return accepted(await showReview(deps, found._id, actor));
    },
  }),
];
