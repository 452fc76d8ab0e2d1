import { ACT_HEADINGS } from '../../domain/act-table.ts';
import { CLUE_HEADINGS } from '../../domain/clue-import.ts';
import { HOLDER_HEADINGS } from '../../domain/holder-table.ts';
import { ROSTER_HEADINGS } from '../../domain/roster-import.ts';
import type { ImportRecord, ImportedRegister } from '../../models/import.ts';
import { type MakingRecord, type OperationRecord, mayBeCancelled } from '../../models/operation.ts';
import { READERS, STAFF } from '../access.ts';
import type { RejectedCell } from '../register-import.ts';
import { importRoutes } from '../routes/imports.ts';
import { operationRoutes, type showOperation } from '../routes/operations.ts';
import { type ConsoleRoute, type Done, type Page, type Visit, callRoute } from './console-frame.ts';

const PATH = '/console/operations';
/** Faults that a page prints. */
const MOST_SHOWN = '200';

export const operationConsoleRoutes: readonly ConsoleRoute[] = [
  { method: 'get', path: '/operations', rule: READERS, work: operations },
  { method: 'get', path: '/operations/:id', rule: READERS, work: one },
  { method: 'get', path: '/operations/:id/file', rule: READERS, work: file },
  { method: 'post', path: '/operations/:id/cancel', rule: STAFF, work: cancel },
];

/** What the console waits for an end before it shows how far something is (RFC 7240). */
export const SOON = 'respond-async, wait=2';

type Shown = ReturnType<typeof showOperation<OperationRecord>> &
  Partial<Omit<ImportRecord, keyof MakingRecord>> & {
    readonly kind: OperationRecord['kind'];
    readonly about?: string;
  };

/** The number of what goes on behind the answer; undefined where it has ended. */
function underWayOf(answer: unknown): string | undefined {
  const { operation, file: made } = (answer ?? {}) as { operation?: string; file?: string };
  return made === undefined ? operation : undefined;
}

const operationHref = (id: string): string => `${PATH}/${encodeURIComponent(id)}`;

/** Leads to where it shows how far it is, what goes on behind its answer; false where it has ended. */
export function leadsOn({ res }: Visit, answer: unknown): boolean {
  const later = underWayOf(answer);
  if (later !== undefined) res.redirect(303, operationHref(later));
  return later !== undefined;
}

/** Where whoever asked for a file finds it: the file where it is there already, else how far it is. */
export function madeAt(visit: Visit, answer: unknown): Done {
  const { operation = '' } = answer as { operation?: string };
  const later = underWayOf(answer) !== undefined;
  return {
    to: later ? operationHref(operation) : `${operationHref(operation)}/file`,
    said: later ? visit.t('console.operation.begun') : '',
  };
}

const HEADINGS: Readonly<Record<ImportedRegister, Readonly<Record<string, readonly string[]>>>> = {
  agencies: ROSTER_HEADINGS,
  officers: HOLDER_HEADINGS,
  supervisors: HOLDER_HEADINGS,
  acts: ACT_HEADINGS,
  clues: CLUE_HEADINGS,
};

export const headingOf = (register: ImportedRegister, column: string): string =>
  HEADINGS[register][column]?.[0] ?? column;

export const faultRow = (register: ImportedRegister, { row, column, detail }: RejectedCell) => ({
  row,
  column: headingOf(register, column),
  detail,
});

/** The first faults of an import, as its page prints them. */
export async function faultsOf(visit: Visit, id: string): Promise<readonly RejectedCell[]> {
  const answer = (await callRoute(visit, importRoutes, {
    at: 'get /imports/:id/faults',
    params: { id },
    query: { limit: MOST_SHOWN },
  })) as { readonly items: readonly RejectedCell[] };
  return answer.items;
}

/** What it is called where it stands among others. */
const rowOf = (shown: Shown) => ({
  id: shown.id,
  href: operationHref(shown.id),
  kind: shown.kind,
  register: shown.register ?? '',
  mode: shown.mode ?? '',
  about: shown.about ?? shown.file ?? '',
  by: shown.by,
  startedAt: shown.startedAt,
  state: shown.state,
  rows: shown.rows,
  of: shown.of ?? 0,
});

async function operations(visit: Visit): Promise<Page> {
  const answer = (await callRoute(visit, operationRoutes, {
    at: 'get /operations',
    query: { limit: '50', cursor: visit.query['cursor'] ?? '' },
  })) as { readonly items: readonly Shown[]; readonly next: string | null; readonly total: number };
  const rows = answer.items.map(rowOf);
  return {
    page: 'operations',
    title: visit.t('console.operation.title'),
    path: PATH,
    view: {
      rows,
      total: answer.total,
      moving: rows.some((row) => row.state === 'running'),
      next: answer.next === null ? '' : `${PATH}?cursor=${encodeURIComponent(answer.next)}`,
    },
  };
}

/** One operation: how far it is, how long still, what became of it, and how it is cancelled. */
async function one(visit: Visit): Promise<Page> {
  const { t, params, actor, deps } = visit;
  const id = params['id'] ?? '';
  const shown = (await callRoute(visit, operationRoutes, {
    at: 'get /operations/:id',
    params: { id },
  })) as Shown;
  const mine = await deps.store.operations.findById(id, { account: 1 }).lean();
  const faults = shown.kind === 'import' && (shown.bad ?? 0) > 0 ? await faultsOf(visit, id) : [];
  const running = shown.state === 'running';
  return {
    page: 'operation',
    title: t(`console.operation.kind.${shown.kind}`, { no: shown.id }),
    path: operationHref(shown.id),
    view: {
      ...rowOf(shown),
      running,
      moving: running,
      stage: shown.stage,
      width: shown.of ? Math.min(1_000, Math.round((1_000 * shown.rows) / shown.of)) : 0,
      perSecond: shown.perSecond ?? 0,
      left: shown.secondsLeft,
      minutes: Math.ceil((shown.secondsLeft ?? 0) / 60),
      endedAt: shown.endedAt ?? '',
      why: shown.why ?? '',
      resumed: shown.resumed ?? 0,
      leaves: shown.kind === 'import' ? LEAVES[shown.mode ?? 'dryRun'](shown.register) : 'nothingMade',
      mayCancel:
        running &&
        mayBeCancelled(shown) &&
        STAFF.includes(actor.role) &&
        (mine?.account === actor.id || actor.role === 'administrator'),
      outcome: shown.kind === 'import' ? outcomeOf(shown) : null,
      goOn: goOnOf(shown),
      made: madeOf(shown),
      faults: faults.map((fault) => faultRow(shown.register ?? 'agencies', fault)),
      more: Math.max(0, (shown.bad ?? 0) - faults.length),
    },
  };
}

/** What stays when an import is cancelled, by how it stores. */
const LEAVES: Readonly<Record<ImportRecord['mode'], (register?: ImportedRegister) => string>> = {
  dryRun: () => 'nothingTried',
  skipBad: () => 'whatIsStored',
  whole: (register) => (register === 'acts' ? 'whatIsStored' : 'nothingStored'),
};

const outcomeOf = ({ rows, of = 0, bad = 0, created = 0, updated = 0, unchanged = 0 }: Shown) => ({
  rows,
  of,
  bad,
  created,
  updated,
  unchanged,
});

/** The form on which an import is tried, goes on, or is stored. */
function goOnOf({ kind, register, id, mode, state }: Shown): string {
  if (kind !== 'import' || register === 'clues' || register === undefined) return '';
  const path = register === 'acts' ? '/console/acts/import' : '/console/imports';
  return mode === 'dryRun' && state === 'done' ? `${path}?tried=${encodeURIComponent(id)}` : path;
}

const madeOf = ({ id, made }: Shown) => (made ? { href: `${operationHref(id)}/file`, ...made } : null);

async function file(visit: Visit): Promise<undefined> {
  await callRoute(visit, operationRoutes, { at: 'get /operations/:id/file' });
  return undefined;
}

async function cancel(visit: Visit): Promise<Done> {
  const { params, t } = visit;
  await callRoute(visit, operationRoutes, { at: 'post /operations/:id/cancel' });
  return { to: operationHref(params['id'] ?? ''), said: t('console.operation.cancelled') };
}
