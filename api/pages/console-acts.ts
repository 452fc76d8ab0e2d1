import { TABLE_MB } from '../uploads.ts';
import { ACT_DATES, ACT_TYPES } from '../../domain/act.ts';
import { ACT_HEADINGS, OUTCOME_WORDS, REQUIRED_ACT_COLUMNS } from '../../domain/act-table.ts';
import { READERS, STAFF } from '../access.ts';
import type { ActImport, RejectedAct } from '../act-import.ts';
import type { ImportRecord } from '../../models/import.ts';
import { Problem } from '../problem.ts';
import { actRoutes, type showAct } from '../routes/acts.ts';
import { type ConsoleRoute, type Page, type Visit, callRoute, text, withQuery } from './console-frame.ts';
import { agencyOptions } from './console-ledger.ts';
import { listing } from './console-listing.ts';
import { SOON, faultsOf, leadsOn } from './console-operations.ts';

const PATH = '/console/acts';
const FILTERS = ['agency', 'type', 'from', 'to'];
/** Faults of a table that the page prints; the rest is counted. */
const MOST_SHOWN = 200;

export const actConsoleRoutes: readonly ConsoleRoute[] = [
  { method: 'get', path: '/acts', rule: READERS, work: acts, again: acts },
  { method: 'get', path: '/acts/import', rule: STAFF, work: (visit) => importForm(visit) },
  {
    method: 'post',
    path: '/acts/import',
    rule: STAFF,
    work: importTable,
    again: (visit) => importForm(visit),
    shownOnce: true,
    takesTable: true,
  },
  { method: 'get', path: '/acts/:no', rule: READERS, work: act },
];

type ActShown = ReturnType<typeof showAct>;

async function acts(visit: Visit): Promise<Page> {
  const [shown, agencies] = await Promise.all([
    listing<ActShown>(visit, actRoutes, { at: 'get /acts', path: PATH, filters: FILTERS }),
    agencyOptions(visit),
  ]);
  const names = new Map(agencies.map((one) => [one.id, one.name]));
  return {
    page: 'acts',
    title: visit.t('console.nav.acts'),
    path: PATH,
    view: {
      ...shown,
      agencies,
      types: ACT_TYPES,
      mayImport: STAFF.includes(visit.actor.role),
      rows: shown.items.map((one) => ({
        no: one.no,
        href: `${PATH}/${encodeURIComponent(one.no)}`,
        agency: one.agency,
        agencyName: names.get(one.agency) ?? one.agency,
        type: one.type,
        on: one.on,
        target: one.target,
        amount: one.amount ?? '',
        offNetwork: one.channel === 'offNetwork',
      })),
    },
  };
}

/** One act as the network reported it, and what the rules noticed of it. */
async function act(visit: Visit): Promise<Page> {
  const { deps, t, lang } = visit;
  const one = (await callRoute(visit, actRoutes, { at: 'get /acts/:no' })) as ActShown;
  const [agency, warnings] = await Promise.all([
    deps.store.agencies.findById(one.agency, { name: 1 }).lean(),
    deps.store.warnings
      .find({ agencies: one.agency, acts: one.no }, { detail: 1, state: 1 })
      .sort({ _id: 1 })
      .limit(100)
      .lean(),
  ]);
  const outcome = (name: string): string => (lang === 'zh' ? (OUTCOME_WORDS[name] ?? name) : name);
  const facts: readonly (readonly [string, string])[] = [
    ['type', t(`console.actType.${one.type}`)],
    ['on', one.on],
    ['target', one.target],
    ['targetCode', one.targetCode ?? ''],
    ['officers', one.officers.join('、')],
    ['amount', one.amount === undefined ? '' : String(one.amount)],
    ['channel', t(`console.evidenceValue.${one.channel}`)],
    ['reviewedOn', one.legalReview?.on ?? ''],
    ['recording', one.recording === undefined ? '' : t(`console.evidenceValue.${one.recording}`)],
    ['plan', one.plan ?? ''],
    ['occasion', one.occasion === undefined ? '' : t(`console.evidenceValue.${one.occasion}`)],
    ['joint', one.joint ?? ''],
    ['cause', one.cause ?? ''],
    ['circumstance', one.circumstance ?? ''],
    ['outcomes', one.outcomes.map(outcome).join('、')],
    ...ACT_DATES.map((name) => [name, one[name] ?? ''] as const),
  ];
  return {
    page: 'act',
    title: one.no,
    path: `${PATH}/${encodeURIComponent(one.no)}`,
    view: {
      no: one.no,
      agency: one.agency,
      agencyName: agency?.name ?? one.agency,
      facts: facts.filter(([, value]) => value !== '').map(([name, value]) => ({ name, value })),
      warnings: warnings.map(({ _id, detail, state }) => ({ id: _id, detail, state })),
    },
  };
}

/** The form of a table: it is tried first, and what was tried is what is stored. */
async function importForm(visit: Visit, done?: Tried): Promise<Page> {
  const { t, problem, body, query } = visit;
  const tried = done ?? (query['tried'] ? await earlier(visit, query['tried']) : undefined);
  const refusedRows = problem?.extension['rejected'] as readonly RejectedAct[] | undefined;
  const rejected = tried?.rejected ?? refusedRows ?? [];
  const good = tried ? tried.created + tried.completed + tried.unchanged : 0;
  return {
    page: 'act-import',
    title: t('console.act.import'),
    path: `${PATH}/import`,
    view: {
      columns: REQUIRED_ACT_COLUMNS.map((column) => ACT_HEADINGS[column][0] ?? column),
      tried: tried && !tried.stored ? tried.sha256 : text(problem ? body['tried'] : ''),
      file: tried?.file ?? '',
      outcome: tried
        ? {
            stored: tried.stored,
            rows: tried.rows,
            bad: tried.bad,
            created: tried.created,
            completed: tried.completed,
            unchanged: tried.unchanged,
            good,
          }
        : null,
      rejected: rejected.slice(0, MOST_SHOWN).map((one) => ({
        row: one.row,
        column: ACT_HEADINGS[one.column][0] ?? one.column,
        detail: one.detail,
      })),
      more: Math.max(0, rejected.length - MOST_SHOWN),
      list: withQuery(PATH, {}, {}),
      limitMb: TABLE_MB,
      wrongFile: problem?.errors.find((one) => one.pointer === '/file')?.detail ?? '',
    },
  };
}

type Tried = Omit<ActImport, 'import'> & {
  readonly stored: boolean;
  readonly file: string;
  readonly sha256: string;
};

/** A table that was tried while nobody waited for it. */
async function earlier(visit: Visit, id: string): Promise<Tried | undefined> {
  const found = await visit.deps.store.operations.findOne({ _id: id, register: 'acts' }).lean<ImportRecord>();
  if (!found) return undefined;
  const { rows, bad, created, updated, unchanged, file, sha256, mode } = found;
  const rejected = bad > 0 ? ((await faultsOf(visit, id)) as readonly RejectedAct[]) : [];
  return {
    rows,
    bad,
    created,
    completed: updated - unchanged,
    unchanged,
    rejected,
    file,
    sha256,
    stored: mode !== 'dryRun',
  };
}

async function importTable(visit: Visit): Promise<Page | undefined> {
  const { body, table, t } = visit;
  const tried = text(body['tried']);
  const dryRun = tried === '';
  if (!dryRun && table?.sha256 !== tried)
    throw new Problem(409, 'preview-stale', { detail: t('console.act.otherFile') });
  const answer = await callRoute(visit, actRoutes, {
    at: 'post /acts/import',
    query: { dryRun: String(dryRun), skipBad: text(body['skipBad']) === 'true' ? 'true' : 'false' },
    prefer: SOON,
  });
  if (leadsOn(visit, answer)) return undefined;
  const about = { file: table?.name ?? '', sha256: table?.sha256 ?? '', stored: !dryRun };
  return importForm(visit, { ...(answer as ActImport), ...about });
}
