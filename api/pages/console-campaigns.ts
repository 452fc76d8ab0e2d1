import type { CampaignDraft } from '../../domain/campaign.ts';
import { PHASES } from '../../domain/campaign.ts';
import { legalBases } from '../../data/reference.ts';
import { chosenAgencies } from '../../models/audience.ts';
import type { CampaignRecord } from '../../models/campaign.ts';
import { ORGANIZERS, READERS } from '../access.ts';
import { campaignRoutes, findCampaign } from '../routes/campaigns.ts';
import { notFound } from '../problem.ts';
import {
  type ConsoleRoute,
  type Page,
  type Refusal,
  type Visit,
  callRoute,
  list,
  number,
  termFrom,
  text,
} from './console-frame.ts';
import { pageOf } from './console-rows.ts';
import { progressOf } from './console-today.ts';

export const DOMAINS = ['urbanManagement', 'environment', 'workSafety', 'foodDrug'] as const;

/** Fields of law enforcement that have a name in words; any other is shown as the office wrote it. */
export const NAMED_DOMAINS: readonly string[] = [
  ...DOMAINS,
  ...'water market construction transport agriculture health labour naturalResources culture'.split(' '),
  ...'meteorology fireSafety publicSecurity education civilAffairs finance energy industry'.split(' '),
  ...'commerce audit statistics medicalInsurance veterans licensing archives tobacco'.split(' '),
  ...'taxation housingFund religion civilDefence'.split(' '),
];
const ON_PAGE = 50;

export const campaignFormRoutes: readonly ConsoleRoute[] = [
  { method: 'get', path: '/campaigns', rule: READERS, work: campaigns },
  { method: 'get', path: '/campaigns/new', rule: ORGANIZERS, work: blank },
  {
    method: 'post',
    path: '/campaigns/new',
    rule: ORGANIZERS,
    work: create,
    again: (visit) => form(visit, visit.body),
  },
  {
    method: 'get',
    path: '/campaigns/:no/edit',
    rule: ORGANIZERS,
    work: async (visit) => form(visit, typedFrom((await theCampaign(visit)).draft)),
  },
  {
    method: 'post',
    path: '/campaigns/:no/edit',
    rule: ORGANIZERS,
    work: change,
    again: (visit) => form(visit, visit.body),
  },
];

/** The campaign of the address; 404 without one. */
export async function theCampaign({ deps, params }: Visit): Promise<CampaignRecord> {
  const campaign = await findCampaign(deps, params);
  if (!campaign) throw notFound();
  return campaign;
}

async function campaigns(visit: Visit): Promise<Page> {
  const { deps, query, t } = visit;
  const page = pageOf(query['page']);
  const [rows, total] = await Promise.all([
    deps.store.campaigns
      .find()
      .sort({ _id: -1 })
      .skip((page - 1) * ON_PAGE)
      .limit(ON_PAGE)
      .lean<CampaignRecord[]>(),
    deps.store.campaigns.countDocuments(),
  ]);
  const items = await Promise.all(
    rows.map(async (one) => ({
      no: one._id,
      title: one.draft.title,
      state: one.state,
      phase: one.phase,
      createdAt: one.createdAt,
      ...(await progressOf(deps, one)),
    })),
  );
  return {
    page: 'campaigns',
    title: t('console.nav.campaigns'),
    view: { items, total, pager: { page, pages: Math.max(1, Math.ceil(total / ON_PAGE)) } },
  };
}

const BLANK = {
  domain: 'workSafety',
  selfInspection: '10',
  selfInspectionUnit: 'workdays',
  jointInspection: '15',
  jointInspectionUnit: 'workdays',
  rectification: '30',
  rectificationUnit: 'days',
  lookBack: '30',
  lookBackUnit: 'days',
  remind: '3, 1',
  inspectorsPerTeam: '2',
  lookBackPercent: '30',
  kind: ['town', 'department'],
};

/** Empty, filled in from an earlier campaign, or for a checklist. */
async function blank(visit: Visit): Promise<Page> {
  const { deps, query } = visit;
  const from = query['from'] === undefined ? null : await findCampaign(deps, { no: query['from'] });
  const basis = legalBases().bases.find((one) => one.uses.includes('campaign'))?.text ?? '';
  if (from) return form(visit, typedFrom(from.draft));
  const asked = query['checklist'] ?? '';
  const list = await deps.store.checklists.findById(asked, { title: 1 }).lean();
  return form(visit, {
    ...BLANK,
    legalBasis: basis,
    ...(list ? { checklist: asked, title: list.title } : {}),
  });
}

const refusalOf = (faults: readonly string[], t: Visit['t']): Refusal => ({
  title: t('page.askFirst', { count: faults.length }),
  detail: '',
  errors: faults.map((field) => ({
    pointer: `/${FIELD_OF[field] ?? field}`,
    detail: t(`console.fault.${field}`),
  })),
});

/** Faults that are of several fields lead to the first of them. */
const FIELD_OF: Readonly<Record<string, string>> = { agencies: 'kind', draw: 'drawAgencies' };

async function form(visit: Visit, body: Readonly<Record<string, unknown>>): Promise<Page> {
  const { deps, t, params, problem } = visit;
  const [checklists, agencies] = await Promise.all([
    deps.store.checklists.find({}, { title: 1, items: 1 }).sort({ _id: 1 }).lean(),
    deps.store.agencies.find({}, { name: 1, kind: 1, contacts: 1 }).sort({ kind: -1, _id: 1 }).lean(),
  ]);
  const chosen = { kinds: list(body['kind']), domains: list(body['field']), agencies: list(body['agency']) };
  const faults = (problem?.errors ?? []).map((error) => fieldOf(error.pointer));
  return {
    page: 'campaign-form',
    title: t(params['no'] === undefined ? 'console.form.new' : 'console.form.edit'),
    view: {
      no: params['no'] ?? '',
      body,
      chosen,
      ...(faults.length === 0 ? {} : { refusal: refusalOf([...new Set(faults)], t) }),
      faulty: Object.fromEntries(faults.map((field) => [field, t(`console.fault.${field}`)])),
      domains: DOMAINS,
      otherDomain: !DOMAINS.includes(text(body['domain']) as (typeof DOMAINS)[number]),
      phases: PHASES.map((name) => ({
        name,
        unit: `${name}Unit`,
        value: text(body[name]),
        days: text(body[`${name}Unit`]) === 'days',
        fault: faults.includes(name) ? t(`console.fault.${name}`) : '',
      })),
      checklists: checklists.map(({ _id, title, items }) => ({ id: _id, title, items: items.length })),
      agencies: agencies.map(({ _id, name, contacts }) => ({
        id: _id,
        name,
        reachable: contacts.length > 0,
      })),
    },
  };
}

const FIELDS = [
  'title',
  'domain',
  'legalBasis',
  'checklist',
  'agencies',
  ...PHASES,
  'remind',
  'draw',
  'lookBackPercent',
];

/** The field of the form that a pointer into the body names. */
function fieldOf(pointer: string): string {
  const [, first = '', second = ''] = pointer.split('/');
  const field = first === 'phases' ? second : first;
  return FIELDS.includes(field) ? field : 'title';
}

const optional = (body: Visit['body'], name: string): Record<string, number> =>
  text(body[name]).trim() === '' ? {} : { [name]: number(body[name]) };

/** What the form says, as the API takes it; criteria and single agencies together become single agencies. */
async function draftFrom({ deps, body }: Visit): Promise<Record<string, unknown>> {
  const any = [
    ...list(body['kind']).map((kind) => ({ kind: kind as 'town' | 'department' })),
    ...list(body['field']).map((domain) => ({ domain })),
  ];
  const ids = list(body['agency']);
  const chosen =
    ids.length > 0 && any.length > 0 ? (await chosenAgencies(deps.store, { any })).map((one) => one._id) : [];
  const domain = text(body['domain']);
  return {
    title: text(body['title']),
    domain: domain === 'other' ? text(body['domainOther']) : domain,
    legalBasis: text(body['legalBasis']),
    checklist: text(body['checklist']),
    agencies: ids.length > 0 ? { ids: [...new Set([...ids, ...chosen])] } : { any },
    phases: Object.fromEntries(PHASES.map((phase) => [phase, termFrom(body, phase)])),
    remind: text(body['remind'])
      .split(/[,，、\s]+/)
      .filter((one) => one !== '')
      .map((one) => ({ workdaysBefore: Number(one) })),
    draw: {
      ...optional({ agencies: body['drawAgencies'] }, 'agencies'),
      ...optional(body, 'inspectorsPerTeam'),
    },
    ...optional(body, 'lookBackPercent'),
  };
}

/** A stored plan as its form would have been typed. */
function typedFrom(draft: CampaignDraft): Record<string, unknown> {
  const terms = PHASES.map((phase) => {
    const term = draft.phases[phase];
    return 'days' in term
      ? { [phase]: String(term.days), [`${phase}Unit`]: 'days' }
      : { [phase]: String(term.workdays), [`${phase}Unit`]: 'workdays' };
  });
  const any = 'any' in draft.agencies ? draft.agencies.any : [];
  return Object.assign(
    {
      title: draft.title,
      domain: DOMAINS.includes(draft.domain as (typeof DOMAINS)[number]) ? draft.domain : 'other',
      domainOther: draft.domain,
      legalBasis: draft.legalBasis,
      checklist: draft.checklist,
      kind: any.flatMap((one) => one.kind ?? []),
      field: any.flatMap((one) => one.domain ?? []),
      agency: 'ids' in draft.agencies ? draft.agencies.ids : [],
      remind: draft.remind.map((one) => one.workdaysBefore).join(', '),
      drawAgencies: draft.draw.agencies === undefined ? '' : String(draft.draw.agencies),
      inspectorsPerTeam: String(draft.draw.inspectorsPerTeam ?? 2),
      lookBackPercent: String(draft.lookBackPercent),
    },
    ...terms,
  ) as Record<string, unknown>;
}

async function create(visit: Visit) {
  const made = (await callRoute(visit, campaignRoutes, {
    at: 'post /campaigns',
    body: await draftFrom(visit),
  })) as { no: string };
  return {
    to: `/console/campaigns/${made.no}/preview`,
    said: visit.t('console.said.drafted', { no: made.no }),
  };
}

async function change(visit: Visit) {
  const { no = '' } = visit.params;
  await callRoute(visit, campaignRoutes, { at: 'patch /campaigns/:no', body: await draftFrom(visit) });
  return { to: `/console/campaigns/${no}/preview`, said: visit.t('console.said.changed') };
}
