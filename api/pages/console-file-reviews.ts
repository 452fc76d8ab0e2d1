import { localDate } from '../../domain/calendar.ts';
import { ORGANIZERS, READERS } from '../access.ts';
import type { briefReview } from '../file-review-view.ts';
import { fieldErrors } from '../problem.ts';
import { fileReviewRoutes } from '../routes/file-reviews.ts';
import { type ConsoleRoute, type Page, type Visit, callRoute, list, number, text } from './console-frame.ts';
import { listing } from './console-listing.ts';
import { reviewRoutes } from './console-file-review.ts';
import { resultRoutes } from './console-file-results.ts';
import { reviewedFileRoutes } from './console-reviewed-file.ts';
import { scoreSheetConsoleRoutes } from './console-score-sheet.ts';

const PATH = '/console/file-reviews';
/** Of a row that names an agency and one of its files: the first blank parts them. */
const ROW = /^(\S+)\s+(.+)$/u;

/** Case-file reviews (案卷评查); the score sheet's address comes before a review's. */
export const fileReviewConsoleRoutes: readonly ConsoleRoute[] = [
  { method: 'get', path: '/file-reviews', rule: READERS, work: reviews },
  { method: 'post', path: '/file-reviews', rule: ORGANIZERS, work: order, again: reviews },
  ...scoreSheetConsoleRoutes,
  ...reviewRoutes,
  ...resultRoutes,
  ...reviewedFileRoutes,
];

async function reviews(visit: Visit): Promise<Page> {
  const { deps, t, body, problem, lang, actor } = visit;
  const { store } = deps;
  const shown = await listing<ReturnType<typeof briefReview>>(visit, fileReviewRoutes, {
    at: 'get /file-reviews',
    path: PATH,
    filters: [],
  });
  const organizes = actor.role === 'organizer';
  const [agencies, people] = organizes
    ? await Promise.all([
        store.agencies.find({}, { name: 1 }).sort({ kind: -1, _id: 1 }).limit(500).lean(),
        store.supervisors
          .find({}, { name: 1, certificate: 1, agency: 1 })
          .sort({ name: 1, _id: 1 })
          .limit(200)
          .lean(),
      ])
    : [[], []];
  const [chosen, named] = [list(body['agencies']), list(body['supervisors'])];
  const errors = problem ? fieldErrors(problem, lang) : [];
  const fault = (at: string): string => errors.find((one) => one.pointer.startsWith(at))?.detail ?? '';
  const inLines = errors.some((one) => /^\/agencies\/\d+\/files/u.test(one.pointer));
  return {
    page: 'file-reviews',
    title: t('console.nav.fileReviews'),
    path: PATH,
    view: {
      ...shown,
      items: shown.items.map((one) => ({
        no: one.no,
        year: one.year,
        state: one.state,
        agencies: one.agencies.length,
        createdAt: one.createdAt,
        createdBy: one.createdBy,
        disputeUntil: one.disputeUntil ?? '',
        finalAt: one.finalAt ?? '',
      })),
      year: problem ? text(body['year']) : localDate(await deps.clock.now()).slice(0, 4),
      perAgency: problem ? text(body['perAgency']) : '2',
      files: text(body['files']),
      open: problem !== undefined,
      agencies: agencies.map(({ _id, name }) => ({ id: _id, name, chosen: chosen.includes(_id) })),
      people: people.map(({ _id, name, certificate }) => ({
        id: _id,
        name: `${name}（${certificate.no}）`,
        chosen: named.includes(_id),
      })),
      faults: {
        year: fault('/year'),
        perAgency: fault('/perAgency'),
        agencies: inLines ? '' : fault('/agencies'),
        files: inLines ? fault('/agencies') : '',
        supervisors: fault('/supervisors'),
      },
    },
  };
}

/** Whose files are drawn: those chosen, and those whose files were typed, by id or by name. */
async function agenciesIn({ deps, body }: Visit): Promise<readonly { id: string; files?: string[] }[]> {
  const rows = text(body['files'])
    .split(/\r?\n/u)
    .flatMap((line) => {
      const [, agency = line.trim(), file = ''] = ROW.exec(line.trim()) ?? [];
      return agency === '' ? [] : [{ agency, file: file.trim() }];
    });
  const known = await deps.store.agencies
    .find(
      {
        $or: [
          { _id: { $in: rows.map((one) => one.agency) } },
          { name: { $in: rows.map((one) => one.agency) } },
        ],
      },
      { name: 1 },
    ) // prettier-ignore
    .lean();
  const files = new Map<string, string[]>();
  for (const { agency, file } of rows) {
    const id = known.find((one) => one._id === agency || one.name === agency)?._id ?? agency;
    files.set(id, [...(files.get(id) ?? []), file]);
  }
  const ids = [...new Set([...list(body['agencies']), ...files.keys()])];
  return ids.map((id) => ({ id, ...(files.has(id) ? { files: files.get(id) ?? [] } : {}) }));
}

async function order(visit: Visit) {
  const { body, t } = visit;
  const { no } = (await callRoute(visit, fileReviewRoutes, {
    at: 'post /file-reviews',
    body: {
      year: number(body['year']),
      agencies: await agenciesIn(visit),
      perAgency: number(body['perAgency']),
      supervisors: list(body['supervisors']),
    },
  })) as { no: string };
  return { to: `${PATH}/${no}`, said: t('console.said.fileReviewOrdered', { no }) };
}
