import { OPEN_STATUSES } from '../../domain/task.ts';
import type { Light } from '../../domain/light.ts';
import { ORGANIZERS, READERS, STAFF } from '../access.ts';
import { showCampaign } from '../campaign-view.ts';
import { tellCampaign } from '../commands.ts';
import { nudgeable } from '../nudges.ts';
import { campaignCommandRoutes } from '../routes/campaign-commands.ts';
import { taskFilter } from '../routes/tasks.ts';
import { theCampaign } from './console-campaigns.ts';
import {
  type ConsoleRoute,
  type Page,
  type Visit,
  callRoute,
  list,
  literally,
  termFrom,
  text,
  withQuery,
} from './console-frame.ts';
import { pageOf, taskRows } from './console-rows.ts';
import { progressOf } from './console-today.ts';

const LIGHTS = ['red', 'yellow', 'green', 'grey'] as const;
const STATES = [
  'pending',
  'unacknowledged',
  'inProgress',
  'inReview',
  'returned',
  'closed',
  'withdrawn',
] as const;

export const boardRoutes: readonly ConsoleRoute[] = [
  { method: 'get', path: '/campaigns/:no', rule: READERS, work: board },
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
  { method: 'get', path: '/campaigns/:no/nudges', rule: STAFF, work: nudgePage },
  { method: 'post', path: '/campaigns/:no/nudges', rule: ORGANIZERS, work: nudge, again: nudgePage },
];

const home = ({ params }: Visit): string => `/console/campaigns/${encodeURIComponent(params['no'] ?? '')}`;

/** A command by the API's own call of that name. */
async function command(visit: Visit, name: string, body: unknown = {}) {
  await callRoute(visit, campaignCommandRoutes, { at: `post /campaigns/:no/${name}`, body });
  const word = name === 'phases/:phase/close' ? 'closePhase' : name;
  return { to: home(visit), said: visit.t(`console.said.${word}`) };
}

async function board(visit: Visit): Promise<Page> {
  const { deps, query, actor } = visit;
  const campaign = await theCampaign(visit);
  const { _id: no, draft } = campaign;
  const path = home(visit);
  const now = await deps.clock.now();
  const chosen = {
    light: query['light'] ?? '',
    state: query['state'] ?? '',
    phase: query['phase'] ?? '',
    q: query['q'] ?? '',
  };
  const asked = Object.fromEntries(
    Object.entries(chosen).filter(([name, value]) => value !== '' && name !== 'q'),
  );
  const filter = {
    $and: [
      taskFilter({ ...asked, owner: no }, now),
      chosen.q === '' ? {} : { $or: [{ agencyName: literally(chosen.q) }, { _id: literally(chosen.q) }] },
    ],
  };
  const [shown, progress, rows, documents, choices] = await Promise.all([
    showCampaign(deps, campaign),
    progressOf(deps, campaign),
    taskRows(deps, filter, { page: pageOf(query['page']) }),
    deps.store.documents.find({ owner: no }).sort({ createdAt: -1 }).lean(),
    actor.role === 'organizer' && campaign.state === 'running' && campaign.phase === 'selfInspection'
      ? notYetIn(visit, campaign.accepted ?? [])
      : [],
  ]);
  const names = await namesOf(visit, [
    ...shown.teams.map((one) => one.agency),
    ...(shown.scores as { agency: string }[]).map((one) => one.agency),
    ...shown.skipped.map((one) => one.agency),
  ]);
  return {
    page: 'board',
    title: `${no} ${draft.title}`,
    path,
    view: {
      no,
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
      progress,
      rows,
      chosen,
      pager: {
        page: rows.page,
        pages: rows.pages,
        before: withQuery(path, query, { page: String(rows.page - 1) }),
        after: withQuery(path, query, { page: String(rows.page + 1) }),
      },
      nudgeHref: withQuery(
        `${path}/nudges`,
        {},
        { light: chosen.light, state: OPEN_STATUSES.includes(chosen.state as never) ? chosen.state : '' },
      ),
      lights: LIGHTS,
      states: STATES,
      possible: Object.fromEntries(shown.possible.map((kind) => [kind, true])),
      isDraft: campaign.state === 'draft',
      choices,
      findings: shown.findings,
      accepted: shown.accepted,
      skipped: shown.skipped.map((one) => ({ ...one, name: names.get(one.agency) ?? one.agency })),
      teams: await teamView(visit, shown.teams, names),
      draws: shown.draws.map((draw) => ({
        purpose: draw.purpose,
        size: draw.size,
        candidates: draw.candidates.length,
        drawn: draw.drawn.length,
        seed: draw.seed,
      })),
      commitment: campaign.commitment,
      scores: (shown.scores as ScoreRow[]).map((one) => ({
        ...one,
        name: names.get(one.agency) ?? one.agency,
        total: one.total ?? '—',
        rank: one.rank ?? '—',
      })),
      documents: documents.map(({ _id, title, state, number }) => ({
        id: _id,
        title,
        state,
        paperNo: number ?? '',
      })),
    },
  };
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

const whereOf = (asked: { readonly light: readonly string[]; readonly state: readonly string[] }) => ({
  ...(asked.light.length > 0 ? { light: asked.light as Light[] } : {}),
  ...(asked.state.length > 0 ? { state: asked.state } : {}),
});

/** Whom it would reach, and why others are left in peace, before anybody is mailed. */
async function nudgePage(visit: Visit): Promise<Page> {
  const { deps, query, t, body } = visit;
  const campaign = await theCampaign(visit);
  const from = visit.req.method === 'POST' ? body : query;
  const split = (name: string) => list(from[name]).flatMap((one) => one.split(','));
  const light = split('light').filter((one) => LIGHTS.includes(one as Light));
  const state = split('state').filter((one) => STATES.includes(one as (typeof STATES)[number]));
  const { send, skipped } = await nudgeable(deps, campaign._id, whereOf({ light, state }));
  const tasks = await deps.store.tasks
    .find({ _id: { $in: [...send, ...skipped.map((one) => one.task)] } }, { agencyName: 1 })
    .sort({ _id: 1 })
    .lean();
  const names = new Map(tasks.map((one) => [one._id, one.agencyName]));
  return {
    page: 'nudges',
    title: t('console.nudge.title'),
    path: `${home(visit)}/nudges`,
    view: {
      no: campaign._id,
      campaignTitle: campaign.draft.title,
      back: home(visit),
      light,
      state,
      send: send.map((task) => ({ task, name: names.get(task) ?? '' })),
      skipped: skipped.map(({ task, why }) => ({ task, why, name: names.get(task) ?? '' })),
    },
  };
}

async function nudge(visit: Visit) {
  const { deps, body, actor, key, t } = visit;
  const campaign = await theCampaign(visit);
  const { send } = await nudgeable(
    deps,
    campaign._id,
    whereOf({ light: list(body['light']), state: list(body['state']) }),
  );
  if (send.length > 0)
    await tellCampaign(deps, campaign._id, { key, command: { kind: 'nudge', by: actor.name, tasks: send } });
  return { to: home(visit), said: t('console.said.nudged', { n: send.length }) };
}
