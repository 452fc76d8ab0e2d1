import { KIND_NAMES } from '../../domain/document.ts';
import { APPROVERS, ORGANIZERS, READERS, STAFF } from '../access.ts';
import { notFound } from '../problem.ts';
import { documentRoutes } from '../routes/documents.ts';
import { type ConsoleRoute, type Page, type Visit, callRoute, list, text } from './console-frame.ts';

/** The API's own pages of a paper, for whoever is signed in. */
const rendition = (suffix: 'html' | 'docx' | 'pdf'): ConsoleRoute => ({
  method: 'get',
  path: `/documents/:id.${suffix}`,
  rule: READERS,
  async work(visit) {
    await callRoute(visit, documentRoutes, { at: `get /documents/:id.${suffix}` });
    return undefined;
  },
});

export const documentPages: readonly ConsoleRoute[] = [
  rendition('html'),
  rendition('docx'),
  rendition('pdf'),
  { method: 'get', path: '/documents/:id', rule: READERS, work: show },
  { method: 'post', path: '/documents/:id', rule: STAFF, work: edit, again: show },
  { method: 'post', path: '/documents/:id/approval', rule: APPROVERS, work: approve, again: show },
  { method: 'post', path: '/documents/:id/return', rule: APPROVERS, work: sendBack, again: show },
  { method: 'post', path: '/documents/:id/service', rule: ORGANIZERS, work: serve, again: show },
  { method: 'post', path: '/documents/:id/receipt', rule: ORGANIZERS, work: receive, again: show },
  { method: 'post', path: '/documents/:id/withdrawal', rule: APPROVERS, work: withdraw, again: show },
];

async function show(visit: Visit): Promise<Page> {
  const { deps, params, t } = visit;
  const paper = await deps.store.documents.findById(params['id']).lean();
  if (!paper) throw notFound();
  const campaign = await deps.store.campaigns.findById(paper.owner, { state: 1, 'draft.title': 1 }).lean();
  return {
    page: 'document',
    title: paper.number ?? (campaign ? t('console.circular.draft') : KIND_NAMES[paper.kind]),
    path: `/console/documents/${paper._id}`,
    view: {
      id: paper._id,
      owner: paper.owner,
      ownerAt: `/console/${campaign ? 'campaigns' : 'cases'}/${paper.owner}`,
      campaignTitle: campaign?.draft.title ?? '',
      isCircular: campaign !== null,
      review: paper.review ?? '',
      kindName: KIND_NAMES[paper.kind],
      state: paper.state,
      heading: paper.title,
      addressee: paper.addressee ?? '',
      copies: (paper.copies ?? []).join('，'),
      paragraphs: paper.body,
      typedBody: text(visit.body['body']) || paper.body.join('\n'),
      paperNo: paper.number ?? '',
      signatory: paper.signatory ?? '',
      approvedBy: paper.approvedBy ?? '',
      approvedAt: paper.approvedAt ?? '',
      returned: paper.returned ?? null,
      service: paper.service ? { receivedOn: '', receivedBy: '', ...paper.service } : null,
      withdrawal: paper.withdrawal ?? null,
      sha256: paper.sha256 ?? '',
      createdBy: paper.createdBy,
      createdAt: paper.createdAt,
      sendable: paper.state === 'approved' && (campaign === null || campaign.state === 'summarising'),
    },
  };
}

const at = ({ params }: Visit): string => `/console/documents/${params['id'] ?? ''}`;

const told = (visit: Visit, what: string, body: Readonly<Record<string, unknown>>): Promise<unknown> =>
  callRoute(visit, documentRoutes, { at: `post /documents/:id/${what}`, body });

/** A field of the form, where something was typed. */
const given = ({ body }: Visit, name: string): Record<string, string> =>
  text(body[name]).trim() === '' ? {} : { [name]: text(body[name]) };

async function edit(visit: Visit) {
  const lines = (name: string, between: RegExp) =>
    text(visit.body[name]).split(between).map((line) => line.trim()).filter((line) => line !== ''); // prettier-ignore
  await callRoute(visit, documentRoutes, {
    at: 'patch /documents/:id',
    body: {
      title: text(visit.body['title']),
      body: lines('body', /\r?\n/),
      addressee: text(visit.body['addressee']),
      copies: lines('copies', /[,，、;；]/),
    },
  });
  return { to: at(visit), said: visit.t('console.said.saved') };
}

async function approve(visit: Visit) {
  await told(visit, 'approval', { approved: true, signatory: text(visit.body['signatory']) });
  return { to: at(visit), said: visit.t('console.said.approved') };
}

async function sendBack(visit: Visit) {
  await told(visit, 'approval', { approved: false, reason: text(visit.body['reason']) });
  return { to: at(visit), said: visit.t('console.said.returnedDraft') };
}

async function serve(visit: Visit) {
  const [channel = 'email'] = list(visit.body['channel']);
  await told(visit, 'service', {
    channel,
    ...(channel === 'paper' ? { ...given(visit, 'receivedOn'), ...given(visit, 'receivedBy') } : {}),
  });
  return { to: at(visit), said: visit.t('console.said.paperServed') };
}

async function receive(visit: Visit) {
  await told(visit, 'receipt', {
    receivedOn: text(visit.body['receivedOn']),
    receivedBy: text(visit.body['receivedBy']),
  });
  return { to: at(visit), said: visit.t('console.said.received') };
}

async function withdraw(visit: Visit) {
  await told(visit, 'withdrawal', { reason: text(visit.body['withdrawalReason']) });
  return { to: at(visit), said: visit.t('console.said.paperWithdrawn') };
}
