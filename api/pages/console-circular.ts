import { APPROVERS, ORGANIZERS, READERS, STAFF } from '../access.ts';
import { notFound } from '../problem.ts';
import { campaignCommandRoutes } from '../routes/campaign-commands.ts';
import { documentRoutes } from '../routes/documents.ts';
import { theCampaign } from './console-campaigns.ts';
import { type ConsoleRoute, type Page, type Visit, callRoute, text } from './console-frame.ts';

export const circularRoutes: readonly ConsoleRoute[] = [
  { method: 'post', path: '/campaigns/:no/circulars', rule: STAFF, work: draft, again: draftPage },
  { method: 'get', path: '/campaigns/:no/circulars', rule: STAFF, work: draftPage },
  { method: 'get', path: '/documents/:id', rule: READERS, work: show },
  { method: 'post', path: '/documents/:id', rule: STAFF, work: edit, again: show },
  { method: 'post', path: '/documents/:id/approval', rule: APPROVERS, work: approve, again: show },
  { method: 'post', path: '/documents/:id/service', rule: ORGANIZERS, work: serve, again: show },
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

async function show(visit: Visit): Promise<Page> {
  const { deps, params, t } = visit;
  const paper = await deps.store.documents.findById(params['id']).lean();
  if (!paper) throw notFound();
  const campaign = await deps.store.campaigns.findById(paper.owner, { state: 1, 'draft.title': 1 }).lean();
  return {
    page: 'document',
    title: paper.number ?? t('console.circular.draft'),
    path: `/console/documents/${paper._id}`,
    view: {
      id: paper._id,
      owner: paper.owner,
      campaignTitle: campaign?.draft.title ?? '',
      state: paper.state,
      heading: paper.title,
      paragraphs: paper.body,
      typedBody: text(visit.body['body']) || paper.body.join('\n'),
      paperNo: paper.number ?? '',
      signatory: paper.signatory ?? '',
      approvedBy: paper.approvedBy ?? '',
      approvedAt: paper.approvedAt ?? '',
      sha256: paper.sha256 ?? '',
      createdBy: paper.createdBy,
      createdAt: paper.createdAt,
      sendable: paper.state === 'approved' && campaign?.state === 'summarising',
    },
  };
}

const at = ({ params }: Visit): string => `/console/documents/${params['id'] ?? ''}`;

async function edit(visit: Visit) {
  const body = text(visit.body['body'])
    .split(/\r?\n/)
    .map((line) => line.trim())
    .filter((line) => line !== '');
  await callRoute(visit, documentRoutes, {
    at: 'patch /documents/:id',
    body: { title: text(visit.body['title']), body },
  });
  return { to: at(visit), said: visit.t('console.said.saved') };
}

async function approve(visit: Visit) {
  await callRoute(visit, documentRoutes, {
    at: 'post /documents/:id/approval',
    body: { approved: true, signatory: text(visit.body['signatory']) },
  });
  return { to: at(visit), said: visit.t('console.said.approved') };
}

async function serve(visit: Visit) {
  await callRoute(visit, documentRoutes, { at: 'post /documents/:id/service', body: { channel: 'email' } });
  return { to: at(visit), said: visit.t('console.said.served') };
}
