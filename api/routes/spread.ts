import type { z } from 'zod';
import { legalBases } from '../../data/reference.ts';
import type { CampaignDraft } from '../../domain/campaign.ts';
import { Refusal } from '../../domain/refusals.ts';
import { type SpreadList, spreadItems, spreadTitle } from '../../domain/spread.ts';
import type { CaseRecord } from '../../models/case.ts';
import type { FindingRecord } from '../../models/finding.ts';
import { numberFor } from '../../models/setting.ts';
import type { Store } from '../../models/store.ts';
import { ORGANIZERS } from '../access.ts';
import { findCase } from '../case-calls.ts';
import { mayInCase, tellCase, updateIdOf } from '../commands.ts';
import { invalid } from '../problem.ts';
import { type Call, route } from '../route.ts';
import { campaignFields, createCampaign, draftedCampaign } from './campaigns.ts';

const body = campaignFields.partial();
type SpreadCall = Call<z.infer<typeof body>, unknown, CaseRecord>;

/** A campaign's terms where nobody gives others. */
const PHASES: CampaignDraft['phases'] = {
  selfInspection: { workdays: 10 },
  jointInspection: { workdays: 15 },
  rectification: { days: 30 },
  lookBack: { days: 30 },
};
const REMIND = [{ workdaysBefore: 3 }, { workdaysBefore: 1 }] as const;
const LOOK_BACK_PERCENT = 30;
/** The standing lists asked first, after that of the field. */
const STANDING = ['CL-three-systems', 'CL-annual'] as const;

export const spreadRoutes = [
  route({
    method: 'post',
    path: '/cases/:no/spread',
    rule: ORGANIZERS,
    key: 'required',
    summary: '办理一案，规范一片：由本案问题起草面向同领域各机关的专项监督；所列各项均可不填',
    body,
    find: findCase,
    work: spread,
  }),
];

/** Drafts the campaign with its checklist and links both; nothing is sent before a person launches it. */
async function spread(call: SpreadCall) {
  const { deps, found, actor, key } = call;
  const { store } = deps;
  const no = found._id;
  const note = { kind: 'note', what: 'spread', by: actor.name } as const;
  mayInCase(found.machine, { ...note, about: '' });
  const findings = await store.findings.find({ owner: no }).sort({ _id: 1 }).lean<FindingRecord[]>();
  if (findings.length === 0) throw new Refusal('findings-missing', '本案还没有查明的问题，无从规范一片');
  const plan = await planOf(call, findings);
  const checklist = await keepChecklist(call, { plan, findings });
  const campaign = await createCampaign(deps, { ...plan, checklist }, { by: actor.name, fromCase: no });
  await tellCase(deps, no, { key: `${key}|note`, command: { ...note, about: campaign._id } });
  return draftedCampaign(deps, campaign);
}

/** What nobody gives is taken from the case: its field of work, and the texts its documents were based on. */
async function planOf(
  { deps: { store }, found, body: given }: SpreadCall,
  findings: readonly FindingRecord[],
): Promise<CampaignDraft> {
  const agency = await store.agencies.findById(found.agency, { domains: 1 }).lean();
  const domain = given.domain ?? found.domain ?? agency?.domains[0];
  if (domain === undefined) throw invalid('/domain', 'domain-invalid', '本案没有注明执法领域，请填写 domain');
  return {
    title: given.title ?? spreadTitle(findings),
    domain,
    legalBasis: given.legalBasis ?? (await basisOf(store, found)),
    checklist: given.checklist ?? '',
    agencies: given.agencies ?? { any: [{ domain }] },
    phases: given.phases ?? PHASES,
    remind: given.remind ?? REMIND,
    draw: given.draw ?? {},
    lookBackPercent: given.lookBackPercent ?? LOOK_BACK_PERCENT,
  };
}

/** A county needs a basis of its own for a campaign; what the case's documents cite stands beside it. */
async function basisOf(store: Store, { _id: owner }: CaseRecord): Promise<string> {
  const own = legalBases().bases.filter((one) => one.confirmed && one.uses.includes('campaign'));
  const cited = await store.documents.distinct('basis', { owner, state: { $ne: 'withdrawn' } });
  return [...new Set([...own.map((one) => one.text), ...cited.filter(Boolean)])].join('、');
}

const kebab = (name: string): string => name.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);

/** A list of its own for each spread: given items first, then what the standing lists ask about the kinds of this case's problems. */
async function keepChecklist(
  { deps: { store }, found, key }: SpreadCall,
  { plan, findings }: { readonly plan: CampaignDraft; readonly findings: readonly FindingRecord[] },
): Promise<string> {
  const asked = [plan.checklist, `CL-${kebab(plan.domain)}`, ...STANDING];
  const rows = await store.checklists.find({ _id: { $in: asked } }).lean();
  const lists = asked.flatMap((id): SpreadList[] => {
    const row = rows.find((one) => one._id === id);
    return row ? [{ id, items: row.items }] : [];
  });
  const base = lists.find((list) => list.id === plan.checklist);
  if (plan.checklist !== '' && !base)
    throw invalid('/checklist', 'checklist-unknown', `没有检查清单 ${plan.checklist}`);
  const n = await numberFor(store.sequences, `CL-${found._id}`, updateIdOf(key));
  const _id = `CL-${found._id}-${n}`;
  const record = {
    title: `个案监督${found._id}同类问题自查清单`,
    titleEn: `Self-check after case ${found._id}`,
    version: 1,
    level: 'GD' as const,
    items: spreadItems(findings, { base, lists: lists.filter((list) => list !== base) }),
  };
  await store.checklists.updateOne({ _id }, { $setOnInsert: record }, { upsert: true });
  return _id;
}
