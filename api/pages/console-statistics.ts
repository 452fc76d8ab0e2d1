import type { Statistics } from '../../domain/statistics.ts';
import { statisticsSheets } from '../../domain/statistics-sheet.ts';
import type { StatisticsPackageRecord } from '../../models/statistics-package.ts';
import { APPROVERS, ORGANIZERS, READERS } from '../access.ts';
import { statisticsRoutes } from '../routes/statistics.ts';
import { XLSX } from '../statistics-file.ts';
import { yearIn, yearsBeside } from './console-appraisals.ts';
import { type ConsoleRoute, type Page, type Visit, callRoute, text } from './console-frame.ts';

const PATH = '/console/statistics';

export const statisticsConsoleRoutes: readonly ConsoleRoute[] = [
  { method: 'get', path: '/statistics', rule: READERS, work: statistics },
  { method: 'get', path: '/statistics/:year', rule: READERS, work: statistics },
  { method: 'get', path: '/statistics/:year/xlsx', rule: READERS, work: workbook },
  { method: 'post', path: '/statistics/:year/packages', rule: ORGANIZERS, work: pack, again: statistics },
  { method: 'get', path: '/statistics/:year/packages/:version', rule: READERS, work: download },
  {
    method: 'post',
    path: '/statistics/:year/packages/:version',
    rule: [...ORGANIZERS, ...APPROVERS],
    work: acknowledge,
    again: statistics,
  },
];

type Package = Omit<StatisticsPackageRecord, '_id' | 'archive' | 'figures'> & { readonly id: string };

async function statistics(visit: Visit): Promise<Page> {
  const { t, actor } = visit;
  const year = await yearIn(visit);
  const params = { year };
  const { names, ...figures } = (await callRoute(visit, statisticsRoutes, {
    at: 'get /statistics/:year',
    params,
    accept: 'application/json',
  })) as Statistics & { readonly names: Readonly<Record<string, string>> };
  const { items: packages } = (await callRoute(visit, statisticsRoutes, {
    at: 'get /statistics/:year/packages',
    params,
    query: { limit: '200' },
  })) as { readonly items: readonly Package[] };
  return {
    page: 'statistics',
    title: t('console.statistics.title', { year }),
    path: `${PATH}/${year}`,
    view: {
      year,
      ...(await yearsBeside(visit, PATH, year)),
      action: `${PATH}/${year}`,
      sheets: statisticsSheets(figures, (agency) => names[agency] ?? agency).map((sheet, n) => ({
        ...sheet,
        id: `sheet-${n + 1}`,
      })),
      mayPack: actor.role === 'organizer',
      packages: packages.toReversed().map((one) => ({
        id: one.id,
        version: one.version,
        sha256: one.sha256,
        at: one.createdAt,
        by: one.by,
        acknowledgement: one.acknowledgement ? { note: '', ...one.acknowledgement } : null,
        mayAcknowledge: !one.acknowledgement && [...ORGANIZERS, ...APPROVERS].includes(actor.role),
        ...typedFor(visit, one.version),
      })),
    },
  };
}

const FIELDS = ['sha256', 'receivedAt', 'receivedBy', 'accepted', 'note'] as const;

/** What was typed of a package's acknowledgement, where the form came back. */
function typedFor({ problem, params, body }: Visit, version: number) {
  const again = problem !== undefined && params['version'] === String(version);
  const fields = FIELDS.map((name) => [name, again ? text(body[name]) : ''] as const);
  return {
    again,
    said: Object.fromEntries(fields),
    faults: Object.fromEntries(
      FIELDS.map((name) => [
        name,
        again ? (problem.errors.find((one) => one.pointer === `/${name}`)?.detail ?? '') : '',
      ]),
    ),
  };
}

async function workbook(visit: Visit): Promise<undefined> {
  await callRoute(visit, statisticsRoutes, { at: 'get /statistics/:year', accept: XLSX });
  return undefined;
}

async function download(visit: Visit): Promise<undefined> {
  await callRoute(visit, statisticsRoutes, { at: 'get /statistics/:year/packages/:version' });
  return undefined;
}

async function pack(visit: Visit) {
  const { id } = (await callRoute(visit, statisticsRoutes, { at: 'post /statistics/:year/packages' })) as {
    id: string;
  };
  return {
    to: `${PATH}/${await yearIn(visit)}#packages`,
    said: visit.t('console.said.statisticsPacked', { no: id }),
  };
}

/** Reason: a browser's field of a moment has no zone, and the province's is China's. */
const inChina = (typed: string): string =>
  /^\d{4}-\d\d-\d\dT\d\d:\d\d$/.test(typed) ? `${typed}:00+08:00` : typed;

async function acknowledge(visit: Visit) {
  const { body, t } = visit;
  const accepted = text(body['accepted']);
  const note = text(body['note']).trim();
  await callRoute(visit, statisticsRoutes, {
    at: 'post /statistics/:year/packages/:version/acknowledgement',
    body: {
      sha256: text(body['sha256']).trim(),
      receivedAt: inChina(text(body['receivedAt'])),
      receivedBy: text(body['receivedBy']),
      accepted: accepted === '' ? null : accepted === 'true',
      ...(note === '' ? {} : { note }),
    },
  });
  return { to: `${PATH}/${await yearIn(visit)}#packages`, said: t('console.said.acknowledged') };
}
