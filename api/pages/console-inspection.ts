import { localDate } from '../../domain/calendar.ts';
import { ORGANIZERS, READERS } from '../access.ts';
import { campaignCommandRoutes } from '../routes/campaign-commands.ts';
import { theCampaign } from './console-campaigns.ts';
import { type ConsoleRoute, type Page, type Visit, callRoute, list, text } from './console-frame.ts';

/** Findings that one form takes; more go into a second record. */
const LINES = 6;
const SEVERITIES = ['minor', 'ordinary', 'major'] as const;

export const inspectionRoutes: readonly ConsoleRoute[] = [
  { method: 'get', path: '/campaigns/:no/inspections', rule: READERS, work: inspections },
  { method: 'post', path: '/campaigns/:no/inspections', rule: ORGANIZERS, work: enter, again: inspections },
];

async function inspections(visit: Visit): Promise<Page> {
  const { deps, t, body, query } = visit;
  const { store } = deps;
  const campaign = await theCampaign(visit);
  const [agencies, people, checklist, records, findings] = await Promise.all([
    store.agencies
      .find({ _id: { $in: campaign.accepted ?? [] } }, { name: 1 })
      .sort({ _id: 1 })
      .lean(),
    store.supervisors.find({}, { name: 1, agency: 1 }).sort({ _id: 1 }).limit(1_000).lean(),
    store.checklists.findById(campaign.draft.checklist, { items: 1 }).lean(),
    store.inspections.find({ owner: campaign._id }).sort({ _id: -1 }).lean(),
    store.findings.find({ owner: campaign._id }).sort({ _id: 1 }).lean(),
  ]);
  const agencyNames = new Map(agencies.map((one) => [one._id, one.name]));
  const peopleNames = new Map(people.map((one) => [one._id, one.name]));
  const itemTexts = new Map((checklist?.items ?? []).map((item) => [item.id, item.text]));
  const chosenAgency = text(body['agency']) || (query['agency'] ?? '');
  const team = campaign.teams.find((one) => one.agency === chosenAgency)?.inspectors ?? [];
  const picked = list(body['inspectors']);
  return {
    page: 'inspections',
    title: t('console.inspection.title'),
    path: `/console/campaigns/${campaign._id}/inspections`,
    view: {
      no: campaign._id,
      campaignTitle: campaign.draft.title,
      open: campaign.state === 'running' || campaign.state === 'paused',
      agencies: agencies.map(({ _id, name }) => ({ id: _id, name, chosen: _id === chosenAgency })),
      people: people.map(({ _id, name, agency }) => ({
        id: _id,
        name,
        unit: agency === undefined ? '' : (agencyNames.get(agency) ?? agency),
        chosen: (picked.length > 0 ? picked : team).includes(_id),
      })),
      on: text(body['on']) || localDate(await deps.clock.now()),
      items: (checklist?.items ?? []).map(({ id, text: what }) => ({ id, what })),
      severities: SEVERITIES,
      lines: Array.from({ length: LINES }, (_, i) => ({
        i,
        item: text(body[`item${i}`]),
        severity: text(body[`severity${i}`]) || 'ordinary',
        description: text(body[`description${i}`]),
      })),
      records: records.map((one) => ({
        id: one._id,
        agency: agencyNames.get(one.agency) ?? one.agency,
        on: one.on,
        inspectors: one.inspectors.map((id) => peopleNames.get(id) ?? id).join('、'),
        offDraw: one.offDraw,
        findings: one.findings.length,
      })),
      findings: findings.map((one) => ({
        id: one._id,
        agency: agencyNames.get(one.agency) ?? one.agency,
        item: itemTexts.get(one.item) ?? one.item,
        severity: one.severity,
        description: one.description,
        state: one.state,
      })),
    },
  };
}

async function enter(visit: Visit) {
  const { body, params, t } = visit;
  const findings = Array.from({ length: LINES }, (_, i) => ({
    item: text(body[`item${i}`]),
    severity: text(body[`severity${i}`]),
    description: text(body[`description${i}`]).trim(),
  })).filter((one) => one.item !== '' || one.description !== '');
  const { id } = (await callRoute(visit, campaignCommandRoutes, {
    at: 'post /campaigns/:no/inspections',
    body: {
      agency: text(body['agency']),
      inspectors: list(body['inspectors']),
      on: text(body['on']),
      findings,
    },
  })) as { id: string };
  return {
    to: `/console/campaigns/${params['no'] ?? ''}/inspections`,
    said: t('console.said.inspected', { id, n: findings.length }),
  };
}
