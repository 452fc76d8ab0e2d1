import type { ScoreSheet } from '../../domain/file-review.ts';
import { ADMINISTRATORS, READERS } from '../access.ts';
import { fieldErrors } from '../problem.ts';
import { scoreSheetRoutes } from '../routes/score-sheet.ts';
import { type ConsoleRoute, type Page, type Visit, callRoute, text } from './console-frame.ts';
import { categoryOptions } from './console-ledger.ts';

const PATH = '/console/file-reviews/sheet';
/** Empty rows at the end of each part, for what is to be added. */
const SPARE = 2;

export const scoreSheetConsoleRoutes: readonly ConsoleRoute[] = [
  { method: 'get', path: '/file-reviews/sheet', rule: READERS, work: sheet },
  { method: 'post', path: '/file-reviews/sheet', rule: ADMINISTRATORS, work: change, again: sheet },
];

type Part = 'vetoes' | 'groups';
interface Row {
  readonly id: string;
  readonly text: string;
  readonly category: string;
  readonly points: string;
}

/** The rows of a part as they were typed; `n` of them were sent. */
const typedRows = ({ body }: Visit, part: Part): readonly Row[] =>
  Array.from({ length: Math.min(60, Number(text(body[`${part}-n`])) || 0) }, (_, n) => ({
    id: text(body[`${part}-${n}-id`]).trim(),
    text: text(body[`${part}-${n}-text`]).trim(),
    category: text(body[`${part}-${n}-category`]),
    points: text(body[`${part}-${n}-points`]).trim(),
  }));

/** A row that was emptied is a row taken away. */
const said = (row: Row): boolean => row.id !== '' || row.text !== '' || row.points !== '';

async function sheet(visit: Visit): Promise<Page> {
  const { t, lang, query, problem, actor } = visit;
  const asked = problem ? '' : (query['version'] ?? '');
  const read = (version: string) =>
    callRoute(visit, scoreSheetRoutes, { at: 'get /file-score-sheet', query: { version } });
  const [shown, latest] = [(await read(asked)) as ScoreSheet, (await read('')) as ScoreSheet];
  const edits = actor.role === 'administrator' && shown.version === latest.version;
  const categories = new Map(categoryOptions(lang).map((one) => [one.id, one.name]));
  return {
    page: 'score-sheet',
    title: t('console.scoreSheet.title'),
    path: PATH,
    view: {
      version: shown.version,
      older: shown.version < latest.version,
      versions: Array.from({ length: latest.version }, (_, n) => latest.version - n).map((n) => ({
        n,
        here: n === shown.version,
      })),
      total: shown.groups.reduce((sum, one) => sum + one.points, 0),
      vetoes: shown.vetoes.map((one) => ({ ...one, category: categories.get(one.category) ?? '' })),
      groups: shown.groups.map((one) => ({ ...one, category: categories.get(one.category) ?? '' })),
      edits,
      open: problem !== undefined,
      seen: problem ? text(visit.body['seen']) : String(latest.version),
      wrong: sumFault(visit),
      parts: edits ? (['vetoes', 'groups'] as const).map((part) => shownPart(visit, part, latest)) : [],
      categories: categoryOptions(lang),
    },
  };
}

const sumFault = ({ problem, lang }: Visit): string =>
  problem ? (fieldErrors(problem, lang).find((one) => one.pointer === '/groups')?.detail ?? '') : '';

function shownPart(visit: Visit, part: Part, latest: ScoreSheet) {
  const { problem, lang } = visit;
  const errors = problem ? fieldErrors(problem, lang) : [];
  const stored: readonly Row[] = latest[part].map((one) => ({
    id: one.id,
    text: one.text,
    category: one.category,
    points: 'points' in one ? String(one.points) : '',
  }));
  const blank: Row = { id: '', text: '', category: '', points: '' };
  const rows = problem ? typedRows(visit, part) : [...stored, ...Array.from({ length: SPARE }, () => blank)];
  const sent = rows.filter(said);
  return {
    part,
    pointed: part === 'groups',
    n: rows.length,
    rows: rows.map((row, n) => ({
      n,
      ...row,
      at: `${part}-${n}`,
      fault: said(row)
        ? (errors.find((one) => one.pointer.startsWith(`/${part}/${sent.indexOf(row)}/`))?.detail ?? '')
        : '',
    })),
  };
}

async function change(visit: Visit) {
  const rows = (part: Part) => typedRows(visit, part).filter(said);
  const { version } = (await callRoute(visit, scoreSheetRoutes, {
    at: 'put /file-score-sheet',
    body: {
      version: Number(text(visit.body['seen'])) || 0,
      vetoes: rows('vetoes').map(({ points: _none, ...row }) => row),
      groups: rows('groups').map((row) => ({ ...row, points: Number(row.points || Number.NaN) })),
    },
  })) as { version: number };
  return { to: PATH, said: visit.t('console.said.scoreSheetChanged', { n: version }) };
}
