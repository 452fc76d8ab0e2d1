import { HOLDER_HEADINGS, REQUIRED_HOLDER_COLUMNS } from '../../domain/holder-table.ts';
import { REQUIRED_ROSTER_COLUMNS, ROSTER_HEADINGS } from '../../domain/roster-import.ts';
import type { ImportRecord, ImportedRegister } from '../../models/import.ts';
import { ADMINISTRATORS, READERS } from '../access.ts';
import { Problem } from '../problem.ts';
import type { RejectedCell } from '../register-import.ts';
import { TABLE_MB } from '../uploads.ts';
import { importRoutes } from '../routes/imports.ts';
import { type ConsoleRoute, type Page, type Visit, callRoute, text } from './console-frame.ts';

const PATH = '/console/imports';
const REGISTERS = ['officers', 'supervisors', 'agencies'] as const;
/** Faults that a page prints, and imports that it lists. */
const MOST_SHOWN = '200';
const LATEST = '15';

export const importConsoleRoutes: readonly ConsoleRoute[] = [
  { method: 'get', path: '/imports', rule: READERS, work: (visit) => imports(visit) },
  {
    method: 'post',
    path: '/imports',
    rule: ADMINISTRATORS,
    work: importTable,
    again: (visit) => imports(visit),
    shownOnce: true,
    takesTable: true,
  },
  { method: 'get', path: '/imports/:id', rule: READERS, work: one },
];

type Shown = Omit<ImportRecord, '_id' | 'holder' | 'beatAt'> & { readonly id: string };

const headingOf = (register: ImportedRegister, column: string): string =>
  (register === 'agencies'
    ? ROSTER_HEADINGS[column as keyof typeof ROSTER_HEADINGS]
    : HOLDER_HEADINGS[column as keyof typeof HOLDER_HEADINGS]
  )?.[0] ?? column;

const needed = (register: ImportedRegister): readonly string[] =>
  (register === 'agencies' ? REQUIRED_ROSTER_COLUMNS : REQUIRED_HOLDER_COLUMNS).map((column) =>
    headingOf(register, column),
  );

const registerOf = (said: unknown): ImportedRegister => REGISTERS.find((name) => name === said) ?? 'officers';

const rowOf = (record: Shown) => ({
  id: record.id,
  register: record.register,
  mode: record.mode,
  file: record.file,
  startedAt: record.startedAt,
  by: record.by,
  state: record.state,
  rows: record.rows,
  of: record.of ?? 0,
  bad: record.bad,
  created: record.created,
  updated: record.updated,
  unchanged: record.unchanged,
});

const faultRow = (register: ImportedRegister, { row, column, detail }: RejectedCell) => ({
  row,
  column: headingOf(register, column),
  detail,
});

/** The form of a table, tried before it is stored, and the latest imports with how far each is. */
async function imports(visit: Visit, tried?: Shown): Promise<Page> {
  const { t, problem, body, table, actor, query } = visit;
  const register = registerOf(tried?.register ?? body['register'] ?? query['register']);
  const latest = (await callRoute(visit, importRoutes, { at: 'get /imports', query: { limit: LATEST } })) as {
    readonly items: readonly Shown[];
  };
  const refused = (problem?.extension['rejected'] as readonly RejectedCell[] | undefined) ?? [];
  const faults = tried && tried.bad > 0 ? await faultsOf(visit, tried) : refused.slice(0, 200);
  const again = tried?.mode === 'dryRun' ? (table?.sha256 ?? '') : text(problem ? body['tried'] : '');
  return {
    page: 'imports',
    title: t('console.register.import'),
    path: PATH,
    view: {
      mayImport: ADMINISTRATORS.includes(actor.role),
      register,
      registers: REGISTERS,
      columns: needed(register),
      limitMb: TABLE_MB,
      tried: again,
      outcome: tried ? rowOf(tried) : null,
      faults: faults.map((fault) => faultRow(register, fault)),
      more: Math.max(0, (tried?.bad ?? refused.length) - faults.length),
      wrongFile: problem?.errors.find((error) => error.pointer === '/file')?.detail ?? '',
      latest: latest.items.map(rowOf),
    },
  };
}

async function faultsOf(visit: Visit, { id }: Shown): Promise<readonly RejectedCell[]> {
  const answer = (await callRoute(visit, importRoutes, {
    at: 'get /imports/:id/faults',
    params: { id },
    query: { limit: MOST_SHOWN },
  })) as { readonly items: readonly RejectedCell[] };
  return answer.items;
}

async function importTable(visit: Visit): Promise<Page> {
  const { body, table, t, deps } = visit;
  const register = registerOf(body['register']);
  const tried = text(body['tried']);
  const dryRun = tried === '';
  if (!dryRun && table?.sha256 !== tried)
    throw new Problem(409, 'preview-stale', { detail: t('console.act.otherFile') });
  const skipBad = text(body['skipBad']) === 'true' ? 'true' : 'false';
  await callRoute(visit, importRoutes, {
    at: `post /${register}/import`,
    query: { dryRun: String(dryRun), skipBad },
  });
  const done = await deps.store.imports
    .findOne({ register, sha256: table?.sha256 ?? '' }, { _id: 1 })
    .sort({ _id: -1 })
    .lean();
  return imports(visit, await read(visit, done?._id ?? ''));
}

const read = (visit: Visit, id: string): Promise<Shown> =>
  callRoute(visit, importRoutes, { at: 'get /imports/:id', params: { id } }) as Promise<Shown>;

/** One import: how far it is, what became of it, and every cell that was wrong. */
async function one(visit: Visit): Promise<Page> {
  const { t, params } = visit;
  const found = await read(visit, params['id'] ?? '');
  const faults = await faultsOf(visit, found);
  return {
    page: 'import',
    title: `${t('console.register.import')} ${found.id}`,
    path: `${PATH}/${encodeURIComponent(found.id)}`,
    view: {
      outcome: rowOf(found),
      resumed: found.resumed,
      faults: faults.map((fault) => faultRow(found.register, fault)),
      more: Math.max(0, found.bad - faults.length),
    },
  };
}
