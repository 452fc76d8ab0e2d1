import type { LedgerEntry } from '../../models/event.ts';
import { entriesBefore, entriesOfTasks, ownerOf } from '../../models/history.ts';
import { type Rule, READERS } from '../access.ts';
import { engineRun } from '../engine-run.ts';
import { sentenceOf } from '../event-words.ts';
import { type NextStep, nextOf } from '../next-step.ts';
import { notFound } from '../problem.ts';
import { SOURCES, timelineOf } from '../timeline.ts';
import { type ConsoleRoute, type Page, type Visit, withQuery } from './console-frame.ts';
import { ownerHref } from './console-ledger.ts';

/** Entries after which a page is full, and lines that it shows at the most. */
const A_PAGE = 200;
const MOST_LINES = 600;
/** Tasks of an agency that its timeline is made of, the newest first. */
const MOST_TASKS = 60;
/** Who sees what the engine itself says. */
const INSPECTORS: Rule = ['administrator', 'auditor'];

export const timelineConsoleRoutes: readonly ConsoleRoute[] = [
  { method: 'get', path: '/history/:no', rule: READERS, work: history },
];

/** What an object's timeline is made of. */
interface Told {
  readonly entries: readonly LedgerEntry[];
  readonly next: NextStep | null;
  /** Address of the page it stands on, to which the chips lead. */
  readonly path: string;
  /** Address of what came before; empty where nothing did. */
  readonly earlier?: string;
  readonly workflow?: string | undefined;
}

const asked = ({ query }: Visit): string[] =>
  (query['source'] ?? '').split(',').filter((one) => SOURCES.includes(one as never));

/** A timeline in words, with its chips, what comes next, and for inspectors where it stands in the engine. */
export async function shownTimeline(visit: Visit, { entries, next, path, earlier = '', workflow }: Told) {
  const { t, query, actor, deps } = visit;
  const chosen = asked(visit);
  const lines = timelineOf(entries, sentenceOf, chosen);
  const shown = lines.slice(0, MOST_LINES);
  const names = await agenciesOf(
    visit,
    shown.flatMap((line) => line.task || []),
  );
  const chip = (source: string) => {
    const on = chosen.includes(source);
    const rest = on ? chosen.filter((one) => one !== source) : [...chosen, source];
    return {
      source,
      on,
      n: entries.filter((one) => one.source === source).length,
      href: `${withQuery(path, query, { source: rest.join(','), before: '' })}#timeline`,
    };
  };
  return {
    chips: SOURCES.map(chip),
    all: chosen.length === 0 ? '' : `${withQuery(path, query, { source: '', before: '' })}#timeline`,
    next: next && { at: next.at, what: t(next.key) },
    lines: shown.map((line) => ({
      ...line,
      agency: names.get(line.task) ?? '',
      proof:
        line.source === 'mail' && line.task !== ''
          ? `/console/tasks/${encodeURIComponent(line.task)}/certificate`
          : '',
    })),
    cut: lines.length > MOST_LINES ? { n: MOST_LINES, of: lines.length } : null,
    earlier,
    engine:
      workflow !== undefined && INSPECTORS.includes(actor.role) ? await engineRun(deps, workflow) : null,
  };
}

async function agenciesOf({ deps }: Visit, tasks: readonly string[]): Promise<Map<string, string>> {
  const rows =
    tasks.length === 0
      ? []
      : await deps.store.tasks.find({ _id: { $in: [...new Set(tasks)] } }, { agencyName: 1 }).lean();
  return new Map(rows.map((one) => [one._id, one.agencyName]));
}

/** The newest part of an object's timeline, for its own page; the rest is one click away. */
export async function timelineFor(
  visit: Visit,
  no: string,
  {
    path,
    next,
    enough = A_PAGE,
  }: { readonly path: string; readonly next?: NextStep | null; readonly enough?: number },
) {
  const { store } = visit.deps;
  const of = await ownerOf(store, no);
  if (!of) throw notFound();
  const chosen = asked(visit);
  let found = 0;
  const page = await entriesBefore(store, of, {
    ...beforeOf(visit),
    enough: (entry) =>
      chosen.length === 0 || chosen.includes(entry.source) ? (found += 1) >= enough : false,
  });
  return shownTimeline(visit, {
    entries: page.entries,
    next: next === undefined ? await nextOf(store, no) : next,
    path,
    workflow: of.workflow,
    earlier:
      page.next === null
        ? ''
        : withQuery(
            `/console/history/${encodeURIComponent(no)}`,
            { source: chosen.join(',') },
            { before: String(page.next) },
          ),
  });
}

const beforeOf = ({ query }: Visit) =>
  /^\d{1,9}$/.test(query['before'] ?? '') ? { before: Number(query['before']) } : {};

/** What happened to an agency's tasks, whoever asked for them. */
export async function timelineOfAgency(visit: Visit, agency: string, path: string) {
  const { store } = visit.deps;
  const tasks = await store.tasks
    .find({ agency }, { dueAt: 1, state: 1 })
    .sort({ openedAt: -1 })
    .limit(MOST_TASKS)
    .lean();
  const dates = tasks.flatMap(({ state, dueAt }) =>
    dueAt && ['unacknowledged', 'inProgress', 'returned'].includes(state) ? [dueAt.getTime()] : [],
  );
  const now = await visit.deps.clock.now();
  const soonest = Math.min(...dates.filter((at) => at >= now));
  return shownTimeline(visit, {
    entries: await entriesOfTasks(
      store,
      tasks.map((one) => one._id),
    ),
    next: Number.isFinite(soonest)
      ? { at: new Date(soonest).toISOString(), key: 'console.step.overdue' }
      : null,
    path,
  });
}

/** The whole of it, page by page, for every object that has a ledger. */
async function history(visit: Visit): Promise<Page> {
  const no = visit.params['no'] ?? '';
  const path = `/console/history/${encodeURIComponent(no)}`;
  return {
    page: 'history',
    title: visit.t('console.timeline.of', { no }),
    path,
    view: { no, home: homeOf(no), timeline: await timelineFor(visit, no, { path }) },
  };
}

const homeOf = (no: string): string =>
  /-\d{3,}-/.test(no) || /^[A-Z]{2}-\d{4}-\d+-/.test(no)
    ? `/console/tasks/${encodeURIComponent(no)}`
    : ownerHref(no);
