import { stamp } from '../../domain/clock.ts';
import { Refusal } from '../../domain/refusals.ts';
import { stepsOf } from '../../models/plan-preview.ts';
import { ORGANIZERS, READERS } from '../access.ts';
import { preview, renderFor } from '../campaign-preview.ts';
import { launchRoutes } from '../routes/campaign-launch.ts';
import { theCampaign } from './console-campaigns.ts';
import { type ConsoleRoute, type Page, type Visit, callRoute, number, text } from './console-frame.ts';
import { pageOf } from './console-rows.ts';

export const previewRoutes: readonly ConsoleRoute[] = [
  { method: 'get', path: '/campaigns/:no/preview', rule: READERS, work: show },
  { method: 'post', path: '/campaigns/:no/launch', rule: ORGANIZERS, work: launch, again: show },
];

const MOST_PROBLEMS = 200;

async function show(visit: Visit): Promise<Page> {
  const { deps, query, t } = visit;
  const campaign = await theCampaign(visit);
  const path = `/console/campaigns/${campaign._id}/preview`;
  const base = { page: 'preview', title: t('console.preview.title', { no: campaign._id }), path };
  const head = { no: campaign._id, campaignTitle: campaign.draft.title, draft: campaign.state === 'draft' };
  try {
    const { rehearsal, digest } = await preview(deps, campaign);
    const { sendable, problems, total, due, phases } = rehearsal;
    const at = Math.min(pageOf(query['n']), Math.max(1, sendable.length));
    const agency = sendable[at - 1];
    const names = new Map(
      (
        await deps.store.agencies
          .find({ _id: { $in: problems.flatMap((one) => one.agency ?? []) } }, { name: 1 })
          .lean()
      ).map((one) => [one._id, one.name]),
    );
    return {
      ...base,
      view: {
        ...head,
        digest,
        mail: agency
          ? {
              ...renderFor(deps, rehearsal, agency),
              agency: agency.name,
              to: agency.contacts.map((one) => `${one.name} <${one.email}>`),
            }
          : null,
        at,
        before: at > 1 ? `${path}?n=${at - 1}` : '',
        after: at < sendable.length ? `${path}?n=${at + 1}` : '',
        total,
        sendable: sendable.length,
        problems: problems.slice(0, MOST_PROBLEMS).map(({ agency: id, code, detail, blocks }) => ({
          agency: id === undefined ? '' : (names.get(id) ?? id),
          code,
          detail: detail ?? '',
          blocks,
        })),
        blocking: problems.filter((one) => one.blocks).length,
        steps: stepsOf(rehearsal, stamp(await deps.clock.now())).map(stepView),
        provisional: due.provisional || Object.values(phases).some((one) => one.provisional),
        undated: '',
        recallMinutes: text(visit.body['recallMinutes']) || '5',
      },
    };
  } catch (error) {
    if (!(error instanceof Refusal) || error.code !== 'calendar-unpublished') throw error;
    return {
      ...base,
      view: {
        ...head,
        undated: error.message,
        mail: null,
        problems: [],
        steps: [],
        blocking: 0,
        total: 0,
        sendable: 0,
      },
    };
  }
}

/** `remind1` → reminder 1, `phase:lookBack` → the end of that phase. */
function stepView({ at, what }: { readonly at: string; readonly what: string }) {
  const phase = what.startsWith('phase:') ? what.slice(6) : '';
  const [, kind = '', n = ''] = /^([a-zA-Z]+)(\d*)$/.exec(what) ?? [];
  return { at, phase, kind, n };
}

async function launch(visit: Visit) {
  const { body, params, t } = visit;
  const recallMinutes = number(body['recallMinutes']);
  const order = {
    previewDigest: text(body['digest']),
    skipProblems: body['skipProblems'] === 'yes',
    recallMinutes,
  };
  const { accepted } = (await callRoute(visit, launchRoutes, {
    at: 'post /campaigns/:no/launch',
    body: order,
  })) as { accepted: number };
  const said =
    recallMinutes > 0
      ? t('console.said.launched', { n: accepted, minutes: recallMinutes })
      : t('console.said.launchedNow', { n: accepted });
  return { to: `/console/campaigns/${params['no'] ?? ''}`, said };
}
