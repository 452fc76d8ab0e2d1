import { APPROVERS, ORGANIZERS, READERS } from '../access.ts';
import type { showReview } from '../file-review-view.ts';
import { notFound } from '../problem.ts';
import { fileResultRoutes } from '../routes/file-results.ts';
import { fileReviewRoutes } from '../routes/file-reviews.ts';
import { type Option, type StepForm, sendForm, shownForms } from './console-forms.ts';
import { type ConsoleRoute, type Page, type Visit, callRoute, list, text } from './console-frame.ts';
import { peopleOptions } from './console-register-kinds.ts';
import { timelineFor } from './console-timeline.ts';

export type ReviewShown = Awaited<ReturnType<typeof showReview>>;
export type FileShown = ReviewShown['files'][number];

const SPECS = [...fileReviewRoutes, ...fileResultRoutes];
const DECIDERS = [...ORGANIZERS, ...APPROVERS];

export const reviewRoutes: readonly ConsoleRoute[] = [
  { method: 'get', path: '/file-reviews/:no', rule: READERS, work: review },
  { method: 'post', path: '/file-reviews/:no', rule: DECIDERS, work: decide, again: review },
  {
    method: 'post',
    path: '/file-reviews/:no/disputes/:id/answer',
    rule: ORGANIZERS,
    work: answer,
    again: review,
  },
];

export const reviewHome = ({ params }: Visit): string =>
  `/console/file-reviews/${encodeURIComponent(params['no'] ?? '')}`;

/** A review as this person may see it: until all have signed, no sheet but their own. */
export const readReview = async (visit: Visit): Promise<ReviewShown> =>
  (await callRoute(visit, SPECS, { at: 'get /file-reviews/:no' })) as ReviewShown;

export const agencyNames = async ({ deps }: Visit, { agencies }: ReviewShown) => {
  const rows = await deps.store.agencies
    .find({ _id: { $in: agencies.map((one) => one.id) } }, { name: 1 })
    .lean();
  return new Map(rows.map((one) => [one._id, one.name]));
};

const DRAW: StepForm = { id: 'drawFiles', at: 'post /file-reviews/:no/draw', fields: [] };
const PUBLICATION: StepForm = {
  id: 'publishFiles',
  at: 'post /file-reviews/:no/preliminary',
  fields: [],
};
interface OpinionChoices {
  readonly caption: string;
  readonly agencies: readonly Option[];
  readonly supervisors: readonly Option[];
}

const opinionOf = ({ caption, agencies, supervisors }: OpinionChoices): StepForm => ({
  id: 'opinionFromFiles',
  at: 'post /file-reviews/:no/opinions',
  fields: [
    { name: 'agency', kind: 'choice', required: true, caption, options: agencies },
    { name: 'supervisors', kind: 'choices', options: supervisors },
  ],
});
const SIGNATURE: StepForm = { id: 'finalFiles', at: 'post /file-reviews/:no/final', fields: [] };

/** The form for an opinion on an agency whose files have problems that stand, while there is such an agency without one. */
async function opinionForms(
  visit: Visit,
  { no, state, opinions }: ReviewShown,
  names: ReadonlyMap<string, string>,
): Promise<readonly StepForm[]> {
  if (state !== 'final') return [];
  const { deps, t } = visit;
  const open = await deps.store.findings.distinct('agency', { owner: no, state: { $ne: 'writtenOff' } });
  const left = open.filter((id) => !opinions.some((one) => one.agency === id && one.document));
  if (left.length === 0) return [];
  return [
    opinionOf({
      caption: t('console.col.agency'),
      agencies: left.map((id) => ({ value: id, label: names.get(id) ?? id })),
      supervisors: await peopleOptions(visit, { agency: '', register: 'supervisors' }),
    }),
  ];
}

function formsOf(
  { actor }: Visit,
  { state, files }: ReviewShown,
  opinion: readonly StepForm[],
): readonly StepForm[] {
  if (actor.role === 'approver') return state === 'preliminary' ? [SIGNATURE] : opinion;
  if (actor.role !== 'organizer') return [];
  if (state === 'committed') return [DRAW];
  return state === 'scoring' && files.every((one) => one.state === 'settled') ? [PUBLICATION] : [];
}

async function review(visit: Visit): Promise<Page> {
  const { t } = visit;
  const shown = await readReview(visit);
  const names = await agencyNames(visit, shown);
  const home = reviewHome(visit);
  const waiting = shown.files.filter((one) => one.state !== 'settled').length;
  return {
    page: 'file-review',
    title: `${shown.no} ${t('console.fileReview.title', { year: shown.year })}`,
    path: home,
    view: {
      no: shown.no,
      year: shown.year,
      state: shown.state,
      home,
      action: home,
      seen: '',
      sheet: shown.sheet,
      createdBy: shown.createdBy,
      createdAt: shown.createdAt,
      publishedAt: shown.publishedAt ?? '',
      disputeUntil: shown.disputeUntil ?? '',
      finalAt: shown.finalAt ?? '',
      finalBy: shown.finalBy ?? '',
      commitment: shown.commitment,
      agencies: shown.agencies.map(({ id, files }) => ({ name: names.get(id) ?? id, n: files?.length ?? 0 })),
      perAgency: shown.perAgency,
      people: await peopleOf(visit, shown.supervisors),
      ...mineIn(visit, shown, home),
      forms: shownForms(visit, formsOf(visit, shown, await opinionForms(visit, shown, names))),
      opinions: shown.opinions.flatMap((one) =>
        one.case && one.document
          ? [{ agencyName: names.get(one.agency) ?? one.agency, case: one.case, document: one.document, by: one.by, at: one.at }] // prettier-ignore
          : [],
      ),
      waiting: shown.state === 'scoring' ? waiting : 0,
      files: shown.files.map((one) => shownRow(one, names, home)),
      draws: shown.draws.map((one) => shownDraw(one, names)),
      disputes: shown.disputes.map((one) => shownDispute(visit, shown, { one, names })),
      timeline: await timelineFor(visit, shown.no, { path: home }),
    },
  };
}

async function peopleOf({ deps }: Visit, ids: readonly string[]): Promise<string> {
  const rows = await deps.store.supervisors.find({ _id: { $in: ids } }, { name: 1 }).lean();
  return rows.map((one) => one.name).join('、');
}

/** What waits for the sheet of the one who looks. */
function mineIn({ actor }: Visit, { state, files }: ReviewShown, home: string) {
  const mine = files.filter((file) =>
    file.reviewers.some((one) => one.id === actor.supervisor && !one.signed),
  );
  return {
    mine:
      state === 'scoring'
        ? mine.map((one) => ({ id: one.id, file: one.file, href: `${home}/files/${one.id}` }))
        : [],
    untied:
      state === 'scoring' && actor.supervisor === undefined && ['organizer', 'approver'].includes(actor.role),
  };
}

const shownRow = (file: FileShown, names: ReadonlyMap<string, string>, home: string) => ({
  id: file.id,
  href: `${home}/files/${file.id}`,
  file: file.file,
  agencyName: names.get(file.agency) ?? file.agency,
  state: file.state,
  reviewers: file.reviewers,
  result: file.result ? { points: file.result.points.toFixed(2).replace(/\.?0+$/u, ''), grade: file.result.grade } : null, // prettier-ignore
  lookBack: file.lookBack ? (file.lookBack.corrected ? 'corrected' : 'open') : '',
});

type Draw = ReviewShown['draws'][number];
const shownDraw = (one: Draw, names: ReadonlyMap<string, string>) => ({
  name: names.get(one.purpose.split('/').at(-1) ?? '') ?? one.purpose,
  purpose: one.purpose,
  seed: one.seed,
  rosterHash: one.rosterHash,
  size: one.size,
  candidates: one.candidates.length,
  excluded: one.candidates.filter((candidate) => candidate.excluded !== undefined).map(({ id }) => id),
  drawn: one.drawn,
  passedOver: one.passedOver.length,
});

/** What may be struck out is whatever counts against the files of the agency that disputes. */
function shownDispute(
  { actor, problem, params, body }: Visit,
  { files, state }: ReviewShown,
  { one, names }: { one: ReviewShown['disputes'][number]; names: ReadonlyMap<string, string> },
) {
  const again = problem !== undefined && params['id'] === one.id;
  const chosen = again ? list(body['strike']) : [];
  return {
    id: one.id,
    by: one.by,
    at: one.at,
    reason: one.reason,
    answerBy: one.answerBy,
    late: one.late ?? false,
    agencyName: names.get(one.agency) ?? one.agency,
    answer: one.answer ?? null,
    mayAnswer: actor.role === 'organizer' && state === 'preliminary' && !one.answer,
    accepted: again ? text(body['accepted']) : '',
    typedReason: again ? text(body['reason']) : '',
    faults: one.answer
      ? []
      : files
          .filter((file) => file.agency === one.agency)
          .flatMap((file) =>
            (file.result?.faults ?? []).map((fault) => ({
              id: `${file.id}/${fault.id}`,
              file: file.file,
              item: fault.item,
              points: fault.points ?? '',
              reason: fault.reason,
              chosen: chosen.includes(`${file.id}/${fault.id}`),
            })),
          ),
  };
}

async function decide(visit: Visit) {
  const form = [DRAW, PUBLICATION, SIGNATURE, opinionOf({ caption: '', agencies: [], supervisors: [] })].find(
    (one) => one.id === text(visit.body['form']),
  );
  if (!form) throw notFound();
  await sendForm(visit, form, SPECS);
  return { to: reviewHome(visit), said: visit.t(`console.said.${form.id}`) };
}

async function answer(visit: Visit) {
  const { body, t } = visit;
  const accepted = text(body['accepted']);
  await callRoute(visit, SPECS, {
    at: 'post /file-reviews/:no/disputes/:id/answer',
    body: {
      accepted: accepted === '' ? null : accepted === 'true',
      reason: text(body['reason']),
      strike: list(body['strike']),
    },
  });
  return { to: `${reviewHome(visit)}#disputes`, said: t('console.said.objectionAnswered') };
}
