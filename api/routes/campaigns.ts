import { randomBytes } from 'node:crypto';
import { z } from 'zod';
import type { CampaignDraft, CampaignStatus } from '../../domain/campaign.ts';
import { localDate } from '../../domain/calendar.ts';
import { stamp } from '../../domain/clock.ts';
import { Refusal } from '../../domain/refusals.ts';
import { acceptedAgencies } from '../../models/audience.ts';
import type { CampaignRecord } from '../../models/campaign.ts';
import { appendEvents } from '../../models/event.ts';
import { rehearse } from '../../models/plan-preview.ts';
import { nextNumber } from '../../models/setting.ts';
import type { Store } from '../../models/store.ts';
import { ORGANIZERS, READERS, hashSecret } from '../access.ts';
import { campaignBrief, showCampaign } from '../campaign-view.ts';
import type { ApiDeps } from '../deps.ts';
import { matches, versionTag } from '../etag.ts';
import { listPage } from '../lists.ts';
import { Problem, invalid } from '../problem.ts';
import { created, ok, route } from '../route.ts';
import { domain, line, page, sentence, several, term } from '../shapes.ts';

const choice = z.union([
  z.strictObject({ ids: z.array(z.string().min(1).max(64)).min(1).max(20_000) }),
  z.strictObject({
    any: z
      .array(
        z
          .object({ kind: z.enum(['town', 'department']).optional(), domain: domain.optional() })
          .refine((one) => one.kind !== undefined || one.domain !== undefined, {
            params: { code: 'empty-choice' },
          }),
      )
      .min(1)
      .max(50),
  }),
]);

const fields = z.object({
  title: line(120).min(1),
  domain,
  legalBasis: sentence,
  checklist: line(80).min(1),
  agencies: choice,
  phases: z.object({ selfInspection: term, jointInspection: term, rectification: term, lookBack: term }),
  remind: z.array(z.object({ workdaysBefore: z.int().min(1).max(30) })).max(10),
  draw: z.object({
    agencies: z.int().min(1).max(20_000).optional(),
    inspectorsPerTeam: z.int().min(2).max(10).optional(),
  }),
  lookBackPercent: z.int().min(1).max(100),
});

const { remind, draw, lookBackPercent } = fields.shape;
/** Every field of a plan as a caller gives it. */
export const campaignFields = fields;
const draft = fields.extend({
  remind: remind.default([{ workdaysBefore: 3 }, { workdaysBefore: 1 }]),
  draw: draw.default({}),
  lookBackPercent: lookBackPercent.default(30),
});
/** Invariant: what a change does not name stays. */
const change = fields.partial();

const STATES: readonly CampaignStatus[] = [
  'draft',
  'launching',
  'running',
  'paused',
  'summarising',
  'closed',
  'recalled',
  'cancelled',
];

export const findCampaign = ({ store }: ApiDeps, params: Readonly<Record<string, string>>) =>
  store.campaigns.findById(params['no']).lean<CampaignRecord>();

/** What a schema cannot see: the checklist and the agencies must be there. */
async function checkDraft(store: Store, plan: CampaignDraft): Promise<void> {
  const checklist = await store.checklists.findById(plan.checklist, { items: 1 }).lean();
  if (!checklist) throw invalid('/checklist', 'checklist-unknown', `没有检查清单 ${plan.checklist}`);
  if (checklist.items.length === 0) throw invalid('/checklist', 'checklist-empty', '检查清单没有检查项');
  const { chosen } = await acceptedAgencies(store, plan);
  if (chosen.length === 0) throw invalid('/agencies', 'no-agency', '没有选中任何机关');
}

/** Problems of a plan as it would go today; a first phase that cannot be dated is one of them. */
async function problemsOf({ store, clock }: ApiDeps, campaign: CampaignRecord) {
  const { chosen, sendable, problems } = await acceptedAgencies(store, campaign.draft);
  const recipients = { total: chosen.length, sendable: sendable.length };
  try {
    const worked = await rehearse(store, campaign, localDate(stamp(await clock.now())));
    return {
      recipients,
      problems: worked.problems.filter(
        (one) => one.blocks || one.code === 'duplicate-address' || one.code === 'calendar-unpublished',
      ),
    };
  } catch (error) {
    if (!(error instanceof Refusal) || error.code !== 'calendar-unpublished') throw error;
    return {
      recipients,
      problems: [...problems, { code: 'calendar-unpublished' as const, detail: error.message, blocks: true }],
    };
  }
}

export const showProblem = ({
  agency,
  code,
  detail,
}: {
  agency?: string;
  code: string;
  detail?: string;
}) => ({
  ...(agency === undefined ? {} : { agency }),
  code,
  ...(detail === undefined ? {} : { detail }),
});

/** Writes a plan down as a draft; nothing is sent by it. */
export async function createCampaign(
  deps: ApiDeps,
  plan: CampaignDraft,
  { by, fromCase }: { readonly by: string; readonly fromCase?: string },
): Promise<CampaignRecord> {
  const { store } = deps;
  await checkDraft(store, plan);
  const createdAt = stamp(await deps.clock.now());
  const year = createdAt.slice(0, 4);
  const no = `ZX-${year}-${String(await nextNumber(store.sequences, `ZX-${year}`)).padStart(3, '0')}`;
  const seed = randomBytes(16).toString('hex');
  const campaign: CampaignRecord = {
    _id: no,
    draft: plan,
    createdBy: by,
    createdAt,
    ...(fromCase === undefined ? {} : { fromCase }),
    version: 1,
    state: 'draft',
    phase: 'mobilisation',
    phases: {},
    seed,
    commitment: hashSecret(seed),
    draws: [],
    teams: [],
    tasks: 0,
  };
  await store.campaigns.create(campaign);
  await appendEvents(store.events, {
    owner: no,
    key: 'drafted',
    entries: [
      {
        at: createdAt,
        source: 'person',
        what: 'drafted',
        who: by,
        detail: {
          title: plan.title,
          commitment: campaign.commitment,
          ...(fromCase === undefined ? {} : { fromCase }),
        },
      },
    ],
  });
  return campaign;
}

/** The answer to a campaign's being drafted: whom it would reach, and what stands against it. */
export async function draftedCampaign(deps: ApiDeps, campaign: CampaignRecord) {
  const { recipients, problems } = await problemsOf(deps, campaign);
  const { _id: no, state, commitment, fromCase } = campaign;
  return created(
    {
      no,
      state,
      recipients,
      problems: problems.map(showProblem),
      commitment,
      ...(fromCase === undefined ? {} : { fromCase }),
    },
    { Location: `/api/v1/campaigns/${no}`, ETag: versionTag(1) },
  );
}

export const campaignRoutes = [
  route({
    method: 'post',
    path: '/campaigns',
    rule: ORGANIZERS,
    key: 'required',
    summary: '起草专项监督',
    body: draft,
    async work({ deps, body, actor }) {
      return draftedCampaign(deps, await createCampaign(deps, body, { by: actor.name }));
    },
  }),
  route({
    method: 'get',
    path: '/campaigns',
    rule: READERS,
    summary: '专项监督列表',
    query: page.extend({ state: several(STATES).optional() }),
    async work(call) {
      const { state } = call.query;
      return listPage(call.deps.store.campaigns, call, {
        filter: state === undefined ? {} : { state: { $in: state } },
        show: campaignBrief,
        order: -1,
      });
    },
  }),
  route({
    method: 'get',
    path: '/campaigns/:no',
    rule: READERS,
    summary: '一项专项监督',
    find: findCampaign,
    async work({ deps, found }) {
      return ok(await showCampaign(deps, found), { ETag: versionTag(found.version) });
    },
  }),
  route({
    method: 'patch',
    path: '/campaigns/:no',
    rule: ORGANIZERS,
    summary: '修改草稿',
    body: change,
    find: findCampaign,
    async work({ deps, body, found, ifMatch }) {
      const changes = Object.fromEntries(Object.entries(body).filter(([, value]) => value !== undefined));
      if (Object.keys(changes).length === 0) throw invalid('', 'empty', '没有要修改的内容');
      const plan = { ...found.draft, ...changes } as CampaignDraft;
      await checkDraft(deps.store, plan);
      if (found.state !== 'draft') throw new Refusal('campaign-not-draft');
      if (ifMatch !== '' && !matches(ifMatch, versionTag(found.version)))
        throw new Problem(412, 'stale-version');
      const next = await deps.store.campaigns
        .findOneAndUpdate(
          { _id: found._id, version: found.version, state: 'draft' },
          { $set: { draft: plan }, $inc: { version: 1 } },
          { returnDocument: 'after' },
        )
        .lean<CampaignRecord>();
      if (!next) throw new Problem(412, 'stale-version');
      return ok(await showCampaign(deps, next), { ETag: versionTag(next.version) });
    },
  }),
];
