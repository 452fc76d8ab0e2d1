import { OPEN_STATUSES, TASK_KINDS } from '../../domain/task.ts';
import { ORGANIZERS, READERS } from '../access.ts';
import { type Counts, countTasks, showCampaign } from '../campaign-view.ts';
import { campaignCommandRoutes } from '../routes/campaign-commands.ts';
import { taskFilter } from '../routes/tasks.ts';
import { nextOfCampaign } from '../next-step.ts';
import { burnUpOf, heatMapOf, overdueOf } from './console-charts.ts';
import { theCampaign } from './console-campaigns.ts';
import {
  type ConsoleRoute,
  type Page,
  type Visit,
  callRoute,
  literally,
  termFrom,
  text,
  withQuery,
} from './console-frame.ts';
import { orderOf, sortOf } from './console-order.ts';
import { headsOf, taskRows } from './console-rows.ts';
import { blockerOfCampaign } from '../owner-blockers.ts';
import { shownBlocker } from './console-ops.ts';
import { timelineFor } from './console-timeline.ts';
import { progressFrom } from './console-today.ts';

export const BOARD_LIGHTS = ['red', 'yellow', 'green', 'grey'] as const;
export const BOARD_STATES = [
  'pending',
  'unacknowledged',
  'inProgress',
  'inReview',
  'returned',
  'closed',
  'withdrawn',
] as const;

/** The kinds of tasks that a campaign sends. */
const KINDS = ['selfInspection', 'rectification', 'lookBack'] as const;

export const boardRoutes: readonly ConsoleRoute[] = [
  { method: 'get', path: '/campaigns/:no', rule: READERS, work: board },
  { method: 'get', path: '/campaigns/:no/rows', rule: READERS, work: freshRows },
  {
    method: 'post',
    path: '/campaigns/:no/recall',
    rule: ORGANIZERS,
    work: (visit) => command(visit, 'recall'),
    again: board,
  },
  {
    method: 'post',
    path: '/campaigns/:no/pause',
    rule: ORGANIZERS,
    work: (visit) => command(visit, 'pause'),
    again: board,
  },
  {
    method: 'post',
    path: '/campaigns/:no/resume',
    rule: ORGANIZERS,
    work: (visit) => command(visit, 'resume'),
    again: board,
  },
  {
    method: 'post',
    path: '/campaigns/:no/cancel',
    rule: ORGANIZERS,
    work: (visit) => command(visit, 'cancel', { reason: text(visit.body['reason']) }),
    again: board,
  },
  {
    method: 'post',
    path: '/campaigns/:no/agencies',
    rule: ORGANIZERS,
    work: (visit) => command(visit, 'agencies', { agency: text(visit.body['agency']) }),
    again: board,
  },
  {
    method: 'post',
    path: '/campaigns/:no/extensions',
    rule: ORGANIZERS,
    work: (visit) =>
      command(visit, 'extensions', { ...termFrom(visit.body, 'term'), reason: text(visit.body['reason']) }),
    again: board,
  },
  {
    method: 'post',
    path: '/campaigns/:no/phases/:phase/close',
    rule: ORGANIZERS,
    work: (visit) => command(visit, 'phases/:phase/close'),
    again: board,
  },
];

export const boardHome = ({ params }: Visit): string =>
  `/console/campaigns/${encodeURIComponent(params['no'] ?? '')}`;

/** A command by the API's own call of that name. */
async function command(visit: Visit, name: string, body: unknown = {}) {
  await callRoute(visit, campaignCommandRoutes, { at: `post /campaigns/:no/${name}`, body });
  const word = name === 'phases/:phase/close' ? 'closePhase' : name;
  return { to: boardHome(visit), said: visit.t(`console.said.${word}`) };
}

/** A list inside the board is cut there, and says of how many. */
const MOST_LISTED = 100;
/** Entries of the timeline that stand on the board itself. */
const FIRST_ENTRIES = 40;

const ASKED = ['light', 'state', 'phase', 'kind', 'q'] as const;

/** The tasks that the address asks for, in its order. */
async function rowsOf(visit: Visit, no: string) {
  const { deps, query } = visit;
  const chosen = Object.fromEntries(ASKED.map((name) => [name, query[name] ?? ''])) as Record<
    (typeof ASKED)[number],
    string
  >;
  const { q, kind, ...named } = chosen;
  const asked = Object.fromEntries(Object.entries(named).filter(([, value]) => value !== ''));
  const filter = {
    $and: [
      { owner: no, ...taskFilter(asked, await deps.clock.now()) },
      TASK_KINDS.includes(kind as never) ? { kind } : {},
      q === '' ? {} : { $or: [{ agencyName: literally(q) }, { _id: literally(q) }] },
    ],
  };
  const order = orderOf(query);
  const rows = await taskRows(deps, filter, { order });
  return {
    chosen,
    sort: sortOf(order),
    rows: { ...rows, ...headsOf(boardHome(visit), query, { order, next: rows.next }) },
  };
}

/** The rows and the counts alone, for whoever has the page open. */
async function freshRows(visit: Visit): Promise<Page> {
  const { _id: no } = await theCampaign(visit);
  const [{ rows }, counts] = await Promise.all([rowsOf(visit, no), countTasks(visit.deps, { owner: no })]);
  return { page: 'board-rows', title: no, bare: true, view: { rows, counts: JSON.stringify(counts) } };
}

async function board(visit: Visit): Promise<Page> {
  const { deps, actor } = visit;
  const campaign = await theCampaign(visit);
  const { _id: no, draft } = campaign;
  const path = boardHome(visit);
  const [head, shown, listed, documents, choices, curve, timeline, blocker] = await Promise.all([
    deps.store.events.findOne({ owner: no }, { seq: 1 }).sort({ seq: -1 }).lean(),
    showCampaign(deps, campaign),
    rowsOf(visit, no),
    deps.store.documents
      .find({ owner: no }, { html: 0, body: 0 })
      .sort({ createdAt: -1 })
      .limit(MOST_LISTED)
      .lean(),
    actor.role === 'organizer' && campaign.state === 'running' && campaign.phase === 'selfInspection'
      ? notYetIn(visit, campaign.accepted ?? [])
      : [],
    burnUpOf(visit, campaign),
    timelineFor(visit, no, { path, next: nextOfCampaign(campaign), enough: FIRST_ENTRIES }),
    blockerOfCampaign(deps, campaign, visit.lang),
  ]);
  const { chosen } = listed;
  const [heat, overdue] = await Promise.all([
    heatMapOf(
      visit,
      listed.rows.rows.map((one) => one.no),
    ),
    overdueOf(visit, no, shown.counts.overdue),
  ]);
  const teams = shown.teams.slice(0, MOST_LISTED);
  const scores = (shown.scores as ScoreRow[]).slice(0, MOST_LISTED);
  const skipped = shown.skipped.slice(0, MOST_LISTED);
  const names = await namesOf(visit, [
    ...teams.map((one) => one.agency),
    ...scores.map((one) => one.agency),
    ...skipped.map((one) => one.agency),
  ]);
  return {
    page: 'board',
    title: `${no} ${draft.title}`,
    path,
    view: {
      no,
      seq: head?.seq ?? 0,
      blocker: blocker ? shownBlocker(visit, blocker) : null,
      fresh: withQuery(`${path}/rows`, visit.query, {}),
      campaignTitle: draft.title,
      legalBasis: draft.legalBasis,
      state: campaign.state,
      phase: campaign.phase,
      phases: phaseView(campaign.phases),
      recall:
        campaign.state === 'launching' && campaign.launch
          ? {
              until: campaign.launch.recallUntil,
              ms: Math.max(0, Date.parse(campaign.launch.recallUntil) - Date.now()),
            }
          : null,
      ...(campaign.state === 'cancelled' && campaign.reason !== undefined ? { reason: campaign.reason } : {}),
      sending: campaign.state === 'running' ? sendingOf(shown.counts) : null,
      progress: progressFrom(shown.counts),
      rows: listed.rows,
      chosen,
      sort: listed.sort === 'urgency' ? '' : listed.sort,
      nudgeHref: withQuery(
        `${path}/nudges`,
        {},
        { light: chosen.light, state: OPEN_STATUSES.includes(chosen.state as never) ? chosen.state : '' },
      ),
      lights: BOARD_LIGHTS,
      states: BOARD_STATES,
      kinds: KINDS,
      possible: Object.fromEntries(shown.possible.map((kind) => [kind, true])),
      isDraft: campaign.state === 'draft',
      choices,
      findings: shown.findings,
      accepted: shown.accepted,
      skipped: {
        n: shown.skipped.length,
        rows: skipped.map((one) => ({ ...one, name: names.get(one.agency) ?? one.agency })),
      },
      teams: { n: shown.teams.length, rows: await teamView(visit, teams, names) },
      draws: shown.draws.map((draw) => ({
        purpose: draw.purpose,
        size: draw.size,
        candidates: draw.candidates.length,
        drawn: draw.drawn.length,
        seed: draw.seed,
      })),
      commitment: campaign.commitment,
      scores: {
        n: (shown.scores as ScoreRow[]).length,
        rows: scores.map((one) => ({
          ...one,
          name: names.get(one.agency) ?? one.agency,
          total: one.total ?? '—',
          rank: one.rank ?? '—',
        })),
      },
      most: MOST_LISTED,
      timeline,
      curve,
      heat,
      overdue,
      documents: documents.map(({ _id, title, state, number }) => ({
        id: _id,
        title,
        state,
        paperNo: number ?? '',
      })),
    },
  };
}

/** How many of the mails that are to go have been handed to the mail queue; nothing once all have. */
function sendingOf({ pending, overdue: _cuts, ...rest }: Counts) {
  const sent = Object.values(rest).reduce((sum, n) => sum + n, 0);
  return pending === 0 ? null : { n: sent, of: sent + pending };
}

interface ScoreRow {
  readonly agency: string;
  readonly rank: number | null;
  readonly total: number | null;
}

const phaseView = (phases: Awaited<ReturnType<typeof theCampaign>>['phases']) =>
  Object.entries(phases ?? {}).map(([name, one]) => ({
    name,
    openedAt: one.openedAt,
    dueAt: one.dueAt,
    closedAt: one.closedAt ?? '',
  }));

async function namesOf({ deps }: Visit, ids: readonly string[]): Promise<Map<string, string>> {
  const rows =
    ids.length === 0 ? [] : await deps.store.agencies.find({ _id: { $in: ids } }, { name: 1 }).lean();
  return new Map(rows.map((one) => [one._id, one.name]));
}

async function teamView(
  { deps }: Visit,
  teams: readonly { readonly agency: string; readonly inspectors: readonly string[] }[],
  names: Map<string, string>,
) {
  const people = new Map(
    (
      await deps.store.supervisors
        .find({ _id: { $in: teams.flatMap((one) => one.inspectors) } }, { name: 1 })
        .lean()
    ).map((one) => [one._id, one.name]),
  );
  return teams.map((one) => ({
    agency: names.get(one.agency) ?? one.agency,
    inspectors: one.inspectors.map((id) => people.get(id) ?? id).join('、'),
  }));
}

/** Whom a running campaign may still be given to. */
const notYetIn = async ({ deps }: Visit, accepted: readonly string[]) =>
  (
    await deps.store.agencies
      .find({ _id: { $nin: accepted }, 'contacts.0': { $exists: true } }, { name: 1 })
      .sort({ _id: 1 })
      .limit(500)
      .lean()
  ).map(({ _id, name }) => ({ id: _id, name }));
