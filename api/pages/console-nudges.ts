import type { Light } from '../../domain/light.ts';
import { ORGANIZERS, STAFF } from '../access.ts';
import { tellCampaign } from '../commands.ts';
import { nudgeable } from '../nudges.ts';
import { BOARD_LIGHTS, BOARD_STATES, boardHome } from './console-board.ts';
import { theCampaign } from './console-campaigns.ts';
import { type ConsoleRoute, type Page, type Visit, list } from './console-frame.ts';

export const nudgeConsoleRoutes: readonly ConsoleRoute[] = [
  { method: 'get', path: '/campaigns/:no/nudges', rule: STAFF, work: nudgePage },
  { method: 'post', path: '/campaigns/:no/nudges', rule: ORGANIZERS, work: nudge, again: nudgePage },
];

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
  const light = split('light').filter((one) => BOARD_LIGHTS.includes(one as Light));
  const state = split('state').filter((one) => BOARD_STATES.includes(one as (typeof BOARD_STATES)[number]));
  const { send, skipped } = await nudgeable(deps, campaign._id, whereOf({ light, state }));
  const tasks = await deps.store.tasks
    .find({ _id: { $in: [...send, ...skipped.map((one) => one.task)] } }, { agencyName: 1 })
    .sort({ _id: 1 })
    .lean();
  const names = new Map(tasks.map((one) => [one._id, one.agencyName]));
  return {
    page: 'nudges',
    title: t('console.nudge.title'),
    path: `${boardHome(visit)}/nudges`,
    view: {
      no: campaign._id,
      campaignTitle: campaign.draft.title,
      back: boardHome(visit),
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
  return { to: boardHome(visit), said: t('console.said.nudged', { n: send.length }) };
}
