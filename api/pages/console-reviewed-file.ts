import { type Mark, type ScoreSheet, pointsOf } from '../../domain/file-review.ts';
import { sheetOf } from '../../models/file-review.ts';
import { APPROVERS, ORGANIZERS, READERS } from '../access.ts';
import { fieldErrors, invalid, notFound } from '../problem.ts';
import { fileResultRoutes } from '../routes/file-results.ts';
import { fileScoreRoutes } from '../routes/file-scores.ts';
import { type Option, type StepForm, sendForm, shownForms } from './console-forms.ts';
import { type ConsoleRoute, type Page, type Visit, callRoute, text, withQuery } from './console-frame.ts';
import {
  type FileShown,
  type ReviewShown,
  agencyNames,
  readReview,
  reviewHome,
} from './console-file-review.ts';

const SPECS = [...fileScoreRoutes, ...fileResultRoutes];
const REVIEWERS = [...ORGANIZERS, ...APPROVERS];
/** Deductions that one group of the form takes. */
const ROWS = 4;

export const reviewedFileRoutes: readonly ConsoleRoute[] = [
  { method: 'get', path: '/file-reviews/:no/files/:file', rule: READERS, work: file },
  { method: 'post', path: '/file-reviews/:no/files/:file', rule: ORGANIZERS, work: step, again: file },
  { method: 'post', path: '/file-reviews/:no/files/:file/scores', rule: REVIEWERS, work: sign, again: file },
];

const fileHome = (visit: Visit): string =>
  `${reviewHome(visit)}/files/${encodeURIComponent(visit.params['file'] ?? '')}`;

async function file(visit: Visit): Promise<Page> {
  const { t, deps, params } = visit;
  const shown = await readReview(visit);
  const found = shown.files.find((one) => one.id === params['file'] || one.file === params['file']);
  if (!found) throw notFound();
  const [sheet, names] = [
    await sheetOf(deps.store, { _id: shown.no, sheet: shown.sheet }),
    await agencyNames(visit, shown),
  ];
  const mine = scoresHere(visit, shown, found);
  return {
    page: 'reviewed-file',
    title: `${found.file} ${t('console.fileReview.one')}`,
    path: fileHome(visit),
    view: {
      no: shown.no,
      home: reviewHome(visit),
      action: fileHome(visit),
      seen: '',
      id: found.id,
      file: found.file,
      agencyName: names.get(found.agency) ?? found.agency,
      state: found.state,
      reviewers: found.reviewers,
      recusals: await recusedIn(visit, found),
      mine,
      sheetVersion: shown.sheet,
      ...(mine ? formOf(visit, sheet) : { vetoes: [], groups: [], opinion: '' }),
      opinionFault: '',
      sheets: sheetsOf(found, sheet),
      result: found.result
        ? {
            points: found.result.points.toFixed(2).replace(/\.?0+$/u, ''),
            grade: found.result.grade,
            counted: found.result.counted
              .map((id) => found.reviewers.find((one) => one.id === id)?.name ?? id)
              .join('、'),
          }
        : null,
      lookBack: found.lookBack ?? null,
      ledger: shown.state === 'final' ? withQuery('/console/ledger', {}, { owner: shown.no }) : '',
      forms: shownForms(visit, await formsOf(visit, shown, found)),
    },
  };
}

async function recusedIn({ deps }: Visit, { recusals }: FileShown) {
  const rows = await deps.store.supervisors
    .find({ _id: { $in: recusals.map((one) => one.supervisor) } }, { name: 1 })
    .lean();
  return recusals.map(({ supervisor, reason, by }) => ({
    name: rows.find((one) => one._id === supervisor)?.name ?? supervisor,
    reason,
    by,
  }));
}

/** Whether the one who looks is asked for this file's sheet. */
const scoresHere = ({ actor }: Visit, { state }: ReviewShown, { reviewers }: FileShown): boolean =>
  state === 'scoring' && reviewers.some((one) => one.id === actor.supervisor && !one.signed);

/** The sheets that this person may see, each mark with what became of it. */
function sheetsOf(found: FileShown, sheet: ScoreSheet) {
  const words = new Map([...sheet.vetoes, ...sheet.groups].map((one) => [one.id, one.text]));
  return found.scores.map((score) => {
    const place = found.reviewers.findIndex((one) => one.id === score.reviewer);
    return {
      name: found.reviewers[place]?.name ?? score.reviewer,
      at: score.at,
      opinion: score.opinion,
      points: pointsOf(sheet, score.marks),
      counts: found.result?.counted.includes(score.reviewer) ?? true,
      marks: score.marks.map((mark, n) => ({
        id: `${place + 1}-${n + 1}`,
        item: mark.item,
        text: words.get(mark.item) ?? '',
        points: mark.points ?? '',
        veto: mark.points === undefined,
        reason: mark.reason,
        struck: found.struck?.includes(`${place + 1}-${n + 1}`) ?? false,
      })),
    };
  });
}

/** A mark as the form has it: the names of its two fields, and what was typed. */
interface Row {
  readonly item: string;
  readonly veto: boolean;
  /** Names of the fields for the points, or the tick of a veto, and for the reason. */
  readonly points: string;
  readonly reason: string;
}

const rowsOf = ({ vetoes, groups }: ScoreSheet): readonly Row[] => [
  ...vetoes.map(({ id }) => ({ item: id, veto: true, points: `veto-${id}`, reason: `reason-${id}` })),
  ...groups.flatMap(({ id }) =>
    Array.from({ length: ROWS }, (_, n) => ({
      item: id,
      veto: false,
      points: `points-${id}-${n}`,
      reason: `reason-${id}-${n}`,
    })),
  ),
];

/** The rows in which something was typed, in the order in which the call gets them. */
const typedRows = ({ body }: Visit, sheet: ScoreSheet): readonly Row[] =>
  rowsOf(sheet).filter(
    ({ points, reason }) => text(body[points]).trim() !== '' || text(body[reason]).trim() !== '',
  );

function formOf(visit: Visit, sheet: ScoreSheet) {
  const { body, problem, lang } = visit;
  const sent = typedRows(visit, sheet);
  const errors = problem ? fieldErrors(problem, lang) : [];
  const faultOf = ({ reason }: Row): string => {
    const n = sent.findIndex((row) => row.reason === reason);
    return errors.find((one) => n >= 0 && one.pointer.startsWith(`/marks/${n}/`))?.detail ?? '';
  };
  const shown = rowsOf(sheet).map((row) => ({
    ...row,
    typedPoints: text(body[row.points]),
    typedReason: text(body[row.reason]),
    fault: faultOf(row),
  }));
  return {
    opinion: text(body['opinion']),
    vetoes: sheet.vetoes.flatMap(({ id, text: words }) =>
      shown.filter((row) => row.item === id).map((row) => ({ id, text: words, ...row })),
    ),
    groups: sheet.groups.map(({ id, text: words, points }) => {
      const rows = shown.filter((row) => row.item === id);
      const more = rows.slice(1);
      return {
        id,
        text: words,
        points,
        first: rows.slice(0, 1),
        more,
        open: more.some((row) => row.typedPoints !== '' || row.typedReason !== ''),
      };
    }),
  };
}

const markOf = ({ body }: Visit, { item, veto, points, reason }: Row): Mark => ({
  item,
  ...(veto ? {} : { points: Number(text(body[points]).trim() || Number.NaN) }),
  reason: text(body[reason]).trim(),
});

async function sign(visit: Visit) {
  const { deps, params, body, t } = visit;
  const review = await deps.store.fileReviews.findById(params['no'], { sheet: 1 }).lean();
  if (!review) throw notFound();
  const sheet = await sheetOf(deps.store, review);
  const rows = typedRows(visit, sheet);
  for (const [n, row] of rows.entries())
    if (row.veto && text(body[row.points]) === '')
      throw invalid(`/marks/${n}/item`, 'veto-unticked', '写了理由而没有勾选：请勾选该否决项，或者清空理由');
  await callRoute(visit, SPECS, {
    at: 'post /file-reviews/:no/files/:file/scores',
    body: { marks: rows.map((row) => markOf(visit, row)), opinion: text(body['opinion']) },
  });
  return { to: fileHome(visit), said: t('console.said.fileScored') };
}

/** Who may take a place in a file: those of the register who are not in it already. */
async function freePeople({ deps }: Visit, found: FileShown): Promise<readonly Option[]> {
  const taken = [...found.reviewers.map((one) => one.id), ...found.recusals.map((one) => one.supervisor)];
  const rows = await deps.store.supervisors
    .find({ _id: { $nin: taken }, agency: { $ne: found.agency } }, { name: 1, certificate: 1 })
    .sort({ name: 1, _id: 1 })
    .limit(500)
    .lean();
  return rows.map(({ _id, name, certificate }) => ({ value: _id, label: `${name}（${certificate.no}）` }));
}

async function formsOf(visit: Visit, shown: ReviewShown, found: FileShown): Promise<readonly StepForm[]> {
  if (visit.actor.role !== 'organizer') return [];
  const { state } = shown;
  if (state === 'final')
    return found.result?.faults.length && !found.lookBack?.corrected ? [lookBackForm] : [];
  if (state !== 'scoring') return [];
  const people = await freePeople(visit, found);
  const unsigned = found.reviewers
    .filter((one) => !one.signed)
    .map((one) => ({ value: one.id, label: one.name }));
  return [
    ...(found.state === 'thirdNeeded' ? [thirdForm(people)] : []),
    ...(unsigned.length > 0 ? [recusalForm(unsigned, people)] : []),
  ];
}

const thirdForm = (options: readonly Option[]): StepForm => ({
  id: 'thirdReviewer',
  at: 'post /file-reviews/:no/files/:file/third',
  fields: [{ name: 'supervisor', kind: 'choice', required: true, options }],
});

const recusalForm = (unsigned: readonly Option[], options: readonly Option[]): StepForm => ({
  id: 'recuseReviewer',
  at: 'post /file-reviews/:no/files/:file/recusals',
  fields: [
    { name: 'recused', kind: 'choice', required: true, options: unsigned },
    { name: 'reason', kind: 'area', required: true },
    { name: 'supervisor', kind: 'choice', required: true, options },
  ],
});

const lookBackForm: StepForm = {
  id: 'lookBackFile',
  at: 'post /file-reviews/:no/files/:file/look-back',
  fields: [
    { name: 'corrected', kind: 'yesNo', required: true },
    { name: 'note', kind: 'area', required: true },
  ],
};

async function step(visit: Visit) {
  const form = [thirdForm([]), recusalForm([], []), lookBackForm].find(
    (one) => one.id === text(visit.body['form']),
  );
  if (!form) throw notFound();
  await sendForm(visit, form, SPECS);
  return { to: fileHome(visit), said: visit.t(`console.said.${form.id}`) };
}
