import { GRADES, type Grade } from '../../domain/file-review.ts';
import { sheetOf } from '../../models/file-review.ts';
import { READERS } from '../access.ts';
import { type ConsoleRoute, type Page, type Visit, withQuery } from './console-frame.ts';
import { type FileShown, agencyNames, readReview, reviewHome } from './console-file-review.ts';

export const resultRoutes: readonly ConsoleRoute[] = [
  { method: 'get', path: '/file-reviews/:no/results', rule: READERS, work: results },
];

const gradeNames = Object.keys(GRADES) as readonly Grade[];
const mean = (points: readonly number[]): string =>
  points.length === 0 ? '—' : (points.reduce((sum, one) => sum + one, 0) / points.length).toFixed(1);

/** What came of a review, agency by agency, and which items cost most often; only files that have their result. */
async function results(visit: Visit): Promise<Page> {
  const { t, deps } = visit;
  const shown = await readReview(visit);
  const names = await agencyNames(visit, shown);
  const settled = shown.files.filter((one) => one.result !== undefined);
  const home = reviewHome(visit);
  const counts = (files: readonly FileShown[]) =>
    gradeNames.map((grade) => ({ grade, n: files.filter((one) => one.result?.grade === grade).length }));
  return {
    page: 'file-results',
    title: `${shown.no} ${t('console.fileReview.results')}`,
    path: `${home}/results`,
    view: {
      no: shown.no,
      year: shown.year,
      state: shown.state,
      home,
      settled: settled.length,
      total: shown.files.length,
      grades: counts(settled),
      mean: mean(settled.map((one) => one.result?.points ?? 0)),
      agencies: shown.agencies.map(({ id }) => {
        const mine = settled.filter((one) => one.agency === id);
        return {
          name: names.get(id) ?? id,
          grades: counts(mine),
          mean: mean(mine.map((one) => one.result?.points ?? 0)),
          files: mine.map((one) => ({
            href: `${home}/files/${one.id}`,
            file: one.file,
            points: one.result?.points.toFixed(2).replace(/\.?0+$/u, '') ?? '',
            grade: one.result?.grade ?? '',
          })),
        };
      }),
      items: itemsOf(await sheetOf(deps.store, { _id: shown.no, sheet: shown.sheet }), settled),
      ledger: shown.state === 'final' ? withQuery('/console/ledger', {}, { owner: shown.no }) : '',
    },
  };
}

/** In how many files each item of the sheet was held against them, the most frequent first. */
function itemsOf({ vetoes, groups }: Awaited<ReturnType<typeof sheetOf>>, settled: readonly FileShown[]) {
  return [...vetoes, ...groups]
    .map(({ id, text }) => ({
      id,
      text,
      n: settled.filter((one) => one.result?.faults.some((fault) => fault.item === id)).length,
      of: settled.length,
    }))
    .filter((one) => one.n > 0)
    .toSorted((a, b) => b.n - a.n);
}
