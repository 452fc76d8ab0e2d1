import { CATEGORIES } from '../../domain/finding.ts';
import {
  LEDGER_COLUMNS,
  LEDGER_HEADINGS,
  LEDGER_STATES,
  type LedgerColumn,
  type LedgerRow,
  MODES,
  ledgerCell,
} from '../../domain/ledger.ts';
import type { FindingRecord } from '../../models/finding.ts';
import { type LedgerQuery, ledgerFilter, ledgerRows } from '../../models/ledger.ts';
import { READERS, STAFF } from '../access.ts';
import { notFound } from '../problem.ts';
import { ledgerRoutes } from '../routes/ledger.ts';
import { XLSX } from '../statistics-file.ts';
import {
  type ConsoleRoute,
  type Done,
  type Page,
  type Visit,
  callRoute,
  text,
  withQuery,
} from './console-frame.ts';
import { SOON, madeAt } from './console-operations.ts';
import { paretoOf } from './console-charts.ts';
import { listing } from './console-listing.ts';

const FILTERS = ['mode', 'agency', 'state', 'category', 'from', 'to', 'owner'];
const PATH = '/console/ledger';
/** Rows that are written out while somebody waits; more of them show how far they are. */
const AT_ONCE = 2_000;

export const ledgerConsoleRoutes: readonly ConsoleRoute[] = [
  { method: 'get', path: '/ledger', rule: READERS, work: ledger, again: ledger },
  { method: 'get', path: '/ledger.xlsx', rule: READERS, work: (visit) => table(visit, XLSX), again: ledger },
  {
    method: 'get',
    path: '/ledger.csv',
    rule: READERS,
    work: (visit) => table(visit, 'text/csv'),
    again: ledger,
  },
  { method: 'post', path: '/ledger/exports', rule: STAFF, work: exported, again: ledger },
  { method: 'get', path: '/ledger/:id', rule: READERS, work: finding },
];

export const findingHref = (id: string): string => `${PATH}/${encodeURIComponent(id)}`;

const OWNERS: Readonly<Record<string, string>> = {
  ZX: 'campaigns',
  RC: 'plans',
  GA: 'cases',
  YJ: 'warnings',
  AJ: 'file-reviews',
};

export const ownerHref = (owner: string): string => {
  const place = OWNERS[owner.slice(0, 2)];
  return place === undefined ? '' : `/console/${place}/${encodeURIComponent(owner)}`;
};

/** Reason: problems of a year before the system came name a plan that it never had. */
async function owners({ deps }: Visit): Promise<(owner: string) => string> {
  const plans = await deps.store.plans.distinct('_id');
  return (owner) => (owner.startsWith('RC-') && !plans.includes(owner) ? '' : ownerHref(owner));
}

/** The kinds of problems, for a filter. */
export const categoryOptions = (lang: 'zh' | 'en') =>
  Object.entries(CATEGORIES).map(([id, name]) => ({ id, name: lang === 'zh' ? name : id }));

/** The agencies that this account may name: an account of a line, those of its line. */
export async function agencyOptions({ deps, actor }: Visit, most = 10_000) {
  const filter = actor.line ? { _id: { $in: [...actor.line.agencies] } } : {};
  const rows = await deps.store.agencies
    .find(filter, { name: 1 })
    .sort({ kind: -1, _id: 1 })
    .limit(most)
    .lean();
  return rows.map(({ _id, name }) => ({ id: _id, name }));
}

/** What the address asks for, as the ledger's query; an unknown word finds nothing rather than everything. */
function ledgerAsked(asked: Readonly<Record<string, string>>): LedgerQuery {
  const several = (name: string) => (asked[name] ? { [name]: asked[name].split(',') } : {});
  const one = (name: string) => (asked[name] ? { [name]: asked[name] } : {});
  return Object.assign(
    {},
    ...['mode', 'state'].map(several),
    ...['agency', 'category', 'owner', 'from', 'to'].map(one),
  ) as LedgerQuery;
}

async function exported(visit: Visit): Promise<Done> {
  const { body } = visit;
  const asked = Object.fromEntries([...FILTERS, 'format'].map((name) => [name, text(body[name])]));
  return madeAt(
    visit,
    await callRoute(visit, ledgerRoutes, { at: 'post /ledger/exports', query: asked, prefer: SOON }),
  );
}

async function ledger(visit: Visit): Promise<Page> {
  const { lang, t } = visit;
  const hrefOf = await owners(visit);
  const shown = await listing<LedgerRow>(visit, ledgerRoutes, {
    at: 'get /ledger',
    path: PATH,
    filters: FILTERS,
  });
  const word = (row: LedgerRow, column: LedgerColumn): string =>
    String(ledgerCell(row, column, { serial: 0, lang }));
  return {
    page: 'ledger',
    title: t('console.nav.ledger'),
    path: PATH,
    view: {
      ...shown,
      agencies: await agencyOptions(visit),
      categories: categoryOptions(lang),
      pareto: await paretoOf(visit, ledgerFilter(ledgerAsked(shown.asked)), shown.asked),
      modes: MODES,
      states: LEDGER_STATES,
      xlsx: withQuery(`${PATH}.xlsx`, shown.asked, {}),
      csv: withQuery(`${PATH}.csv`, shown.asked, {}),
      // Who changes nothing begins nothing: an auditor's table comes as it is written.
      long: shown.total > AT_ONCE && STAFF.includes(visit.actor.role),
      filters: Object.entries(shown.asked).map(([name, value]) => ({ name, value })),
      rows: shown.items.map((row) => ({
        id: row.id,
        href: findingHref(row.id),
        agency: row.agency,
        agencyName: row.agencyName,
        owner: row.owner,
        ownerHref: hrefOf(row.owner),
        mode: word(row, 'mode'),
        source: word(row, 'source'),
        foundOn: row.foundOn,
        category: word(row, 'category'),
        severity: word(row, 'severity'),
        description: row.description,
        state: row.state,
        due: row.due,
        late: row.late,
        task: row.task,
        measure: row.measure,
        writtenOffOn: row.writtenOffOn.slice(0, 10),
        repeats: row.repeats.length,
        like: withQuery(PATH, {}, { agency: row.agency, category: row.category }),
      })),
    },
  };
}

/** One problem with every column of the form, its task and what it repeats. */
async function finding(visit: Visit): Promise<Page> {
  const { deps, params, lang } = visit;
  const found = await deps.store.findings.findById(params['id']).lean<FindingRecord>();
  const [row] = found ? await ledgerRows(deps.store, [found]) : [];
  if (!row) throw notFound();
  const hrefOf = await owners(visit);
  const columns = LEDGER_COLUMNS.filter((one) => !LINKED.includes(one));
  return {
    page: 'finding',
    title: row.id,
    path: findingHref(row.id),
    view: {
      id: row.id,
      owner: row.owner,
      ownerHref: hrefOf(row.owner),
      agency: row.agency,
      agencyName: row.agencyName,
      task: row.task,
      late: row.late,
      facts: columns.map((column) => ({
        name: LEDGER_HEADINGS[column][lang],
        value: String(ledgerCell(row, column, { serial: 0, lang })),
      })),
      repeats: row.repeats.map((id) => ({ id, href: findingHref(id) })),
      like: withQuery(PATH, {}, { agency: row.agency, category: row.category }),
    },
  };
}

const LINKED: readonly LedgerColumn[] = ['serial', 'id', 'agencyName', 'repeats'];

/** The rows of the page's own filter as a file, by the API's own call. */
async function table(visit: Visit, accept: string): Promise<undefined> {
  const query = Object.fromEntries(FILTERS.map((name) => [name, visit.query[name] ?? '']));
  await callRoute(visit, ledgerRoutes, { at: 'get /ledger', query, accept });
  return undefined;
}
