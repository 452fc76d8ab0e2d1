import { REQUIRED_CLUE_COLUMNS } from '../../domain/clue-import.ts';
import { REQUIRED_HOLDER_COLUMNS } from '../../domain/holder-table.ts';
import { REQUIRED_ROSTER_COLUMNS } from '../../domain/roster-import.ts';
import type { ImportRecord } from '../../models/import.ts';
import { ADMINISTRATORS, ORGANIZERS, READERS, type Rule, STAFF } from '../access.ts';
import { Problem } from '../problem.ts';
import type { RejectedCell } from '../register-import.ts';
import { clueRoutes } from '../routes/clues.ts';
import { importRoutes } from '../routes/imports.ts';
import { TABLE_MB } from '../uploads.ts';
import { type ConsoleRoute, type Page, type Visit, callRoute, text } from './console-frame.ts';
import { SOON, faultRow, faultsOf, headingOf, leadsOn } from './console-operations.ts';

const PATH = '/console/imports';
const REGISTERS = ['officers', 'supervisors', 'agencies', 'clues'] as const;
type Register = (typeof REGISTERS)[number];
/** Who may import what: registers are the administrators', work orders of the hotline the organizers'. */
const RULES: Readonly<Record<Register, Rule>> = {
  officers: ADMINISTRATORS,
  supervisors: ADMINISTRATORS,
  agencies: ADMINISTRATORS,
  clues: ORGANIZERS,
};
const CALLS = [...importRoutes, ...clueRoutes];
/** Imports that the page lists. */
const LATEST = '15';

export const importConsoleRoutes: readonly ConsoleRoute[] = [
  { method: 'get', path: '/imports', rule: READERS, work: (visit) => imports(visit) },
  {
    method: 'post',
    path: '/imports',
    rule: STAFF,
    work: importTable,
    again: (visit) => imports(visit),
    shownOnce: true,
    takesTable: true,
  },
];

type Shown = Omit<ImportRecord, '_id' | 'kind'> & { readonly id: string };

const REQUIRED: Readonly<Record<Register, readonly string[]>> = {
  officers: REQUIRED_HOLDER_COLUMNS,
  supervisors: REQUIRED_HOLDER_COLUMNS,
  agencies: REQUIRED_ROSTER_COLUMNS,
  clues: REQUIRED_CLUE_COLUMNS,
};

const needed = (register: Register): readonly string[] =>
  REQUIRED[register].map((column) => headingOf(register, column));

const mineOf = ({ actor }: Visit): readonly Register[] =>
  REGISTERS.filter((name) => RULES[name].includes(actor.role));

const registerOf = (visit: Visit, said: unknown): Register =>
  REGISTERS.find((name) => name === said) ?? mineOf(visit)[0] ?? 'officers';

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

/** The form of a table, tried before it is stored, and the latest imports with how far each is. */
async function imports(visit: Visit, done?: Shown): Promise<Page> {
  const { t, problem, body, query } = visit;
  const tried = done ?? (query['tried'] ? await read(visit, query['tried']) : undefined);
  const register = registerOf(visit, tried?.register ?? body['register'] ?? query['register']);
  const latest = (await callRoute(visit, importRoutes, { at: 'get /imports', query: { limit: LATEST } })) as {
    readonly items: readonly Shown[];
  };
  const refused = (problem?.extension['rejected'] as readonly RejectedCell[] | undefined) ?? [];
  const faults = tried && tried.bad > 0 ? await faultsOf(visit, tried.id) : refused.slice(0, 200);
  const again = tried?.mode === 'dryRun' ? tried.sha256 : text(problem ? body['tried'] : '');
  const mine = mineOf(visit);
  return {
    page: 'imports',
    title: t('console.register.import'),
    path: PATH,
    view: {
      mayImport: mine.length > 0,
      register,
      registers: mine,
      shapes: mine.map((name) => ({ name, columns: needed(name) })),
      skips: register !== 'clues',
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

async function importTable(visit: Visit): Promise<Page | undefined> {
  const { body, table, t, deps } = visit;
  const register = registerOf(visit, body['register']);
  const tried = text(body['tried']);
  const dryRun = tried === '';
  if (!dryRun && table?.sha256 !== tried)
    throw new Problem(409, 'preview-stale', { detail: t('console.act.otherFile') });
  const skipBad = text(body['skipBad']) === 'true' ? 'true' : 'false';
  const answer = await callRoute(visit, CALLS, {
    at: `post /${register}/import`,
    query: { dryRun: String(dryRun), ...(register === 'clues' ? {} : { skipBad }) },
    prefer: SOON,
  });
  if (leadsOn(visit, answer)) return undefined;
  const done = await deps.store.operations
    .findOne({ register, sha256: table?.sha256 ?? '' }, { _id: 1 })
    .sort({ _id: -1 })
    .lean();
  return imports(visit, await read(visit, done?._id ?? ''));
}

const read = (visit: Visit, id: string): Promise<Shown> =>
  callRoute(visit, importRoutes, { at: 'get /imports/:id', params: { id } }) as Promise<Shown>;
