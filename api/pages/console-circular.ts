import { STAFF } from '../access.ts';
import { campaignCommandRoutes } from '../routes/campaign-commands.ts';
import { theCampaign } from './console-campaigns.ts';
import { type ConsoleRoute, type Page, type Visit, callRoute, text } from './console-frame.ts';

export const circularRoutes: readonly ConsoleRoute[] = [
  { method: 'post', path: '/campaigns/:no/circulars', rule: STAFF, work: draft, again: draftPage },
  { method: 'get', path: '/campaigns/:no/circulars', rule: STAFF, work: draftPage },
];

async function draftPage(visit: Visit): Promise<Page> {
  const campaign = await theCampaign(visit);
  const title =
    text(visit.body['title']) || visit.t('console.circular.titleOf', { title: campaign.draft.title });
  const path = `/console/campaigns/${campaign._id}/circulars`;
  return {
    page: 'circular-new',
    title: visit.t('console.circular.new'),
    path,
    view: { no: campaign._id, campaignTitle: campaign.draft.title, heading: title },
  };
}

async function draft(visit: Visit) {
  const { body, t } = visit;
  const note = text(body['note']).trim();
  const { id } = (await callRoute(visit, campaignCommandRoutes, {
    at: 'post /campaigns/:no/circulars',
    body: { title: text(body['title']), ...(note === '' ? {} : { note }) },
  })) as { id: string };
  return { to: `/console/documents/${id}`, said: t('console.said.circularDrafted') };
}
