import { randomBytes } from 'node:crypto';
import { z } from 'zod';
import { type CampaignCommand, PHASES, type Phase } from '../../domain/campaign.ts';
import { stamp } from '../../domain/clock.ts';
import { LIGHTS } from '../../domain/light.ts';
import { OPEN_STATUSES, type TaskStatus } from '../../domain/task.ts';
import type { CampaignRecord } from '../../models/campaign.ts';
import { ORGANIZERS, STAFF } from '../access.ts';
import { showCampaign } from '../campaign-view.ts';
import { outOfStep, tellCampaign } from '../commands.ts';
import type { ApiDeps } from '../deps.ts';
import { nudgeable } from '../nudges.ts';
import { invalid } from '../problem.ts';
import { type Call, accepted, created, ok, route } from '../route.ts';
import { prose, sentence, term, word } from '../shapes.ts';
import { findCampaign } from './campaigns.ts';
import { inspectionRoutes } from './inspections.ts';

type CommandCall = Pick<Call<unknown, unknown, CampaignRecord>, 'deps' | 'found' | 'key' | 'actor'>;

/** Tells the campaign and answers with it as it then stands. */
async function told({ deps, found, key }: CommandCall, command: CampaignCommand) {
  if (found.state === 'draft') throw outOfStep(found, 'campaign-not-running', '尚未发布');
  await tellCampaign(deps, found._id, { key, command });
  const after = await deps.store.campaigns.findById(found._id).lean<CampaignRecord>();
  return accepted(await showCampaign(deps, after ?? found));
}

const CLOSABLE: readonly Phase[] = ['mobilisation', ...PHASES, 'circular'];
const reason = z.object({ reason: sentence });

const simple = (kind: 'recall' | 'pause' | 'resume', summary: string) =>
  route({
    method: 'post',
    path: `/campaigns/:no/${kind}`,
    rule: ORGANIZERS,
    summary,
    find: findCampaign,
    work: async (call) => told(call, { kind, by: call.actor.name }),
  });

export const campaignCommandRoutes = [
  simple('recall', '撤回（撤回时限内）'),
  simple('pause', '暂停发送'),
  simple('resume', '恢复'),
  route({
    method: 'post',
    path: '/campaigns/:no/cancel',
    rule: ORGANIZERS,
    key: 'required',
    summary: '取消',
    body: reason,
    find: findCampaign,
    work: async (call) => told(call, { kind: 'cancel', by: call.actor.name, reason: call.body.reason }),
  }),
  route({
    method: 'post',
    path: '/campaigns/:no/phases/:phase/close',
    rule: ORGANIZERS,
    key: 'required',
    summary: '提前结束阶段',
    find: async (deps, params) =>
      CLOSABLE.includes(params['phase'] as Phase) ? findCampaign(deps, params) : null,
    work: async (call) =>
      told(call, {
        kind: 'closePhase',
        by: call.actor.name,
        phase: call.params['phase'] as Phase,
      }),
  }),
  route({
    method: 'post',
    path: '/campaigns/:no/agencies',
    rule: ORGANIZERS,
    key: 'required',
    summary: '补充机关',
    body: z.object({ agency: word }),
    find: findCampaign,
    async work(call) {
      const { agency } = call.body;
      const record = await call.deps.store.agencies.findById(agency).lean();
      if (!record) throw invalid('/agency', 'agency-unknown', `没有编号为 ${agency} 的机关`);
      if (record.contacts.length === 0) throw invalid('/agency', 'no-contact', '该机关没有联络员');
      return told(call, { kind: 'addAgency', by: call.actor.name, agency });
    },
  }),
  route({
    method: 'post',
    path: '/campaigns/:no/extensions',
    rule: ORGANIZERS,
    key: 'required',
    summary: '全部延期',
    body: term.and(reason),
    find: findCampaign,
    async work(call) {
      const { reason: why, ...given } = call.body;
      return told(call, { kind: 'extendAll', by: call.actor.name, term: given, reason: why });
    },
  }),
  route({
    method: 'post',
    path: '/campaigns/:no/nudges',
    rule: ORGANIZERS,
    key: 'unlessDryRun',
    summary: '催办',
    body: z.object({
      where: z
        .object({
          light: z.array(z.enum(LIGHTS)).optional(),
          state: z.array(z.enum(OPEN_STATUSES as [TaskStatus])).optional(),
          agency: z.array(z.string().max(64)).max(20_000).optional(),
        })
        .default({}),
      dryRun: z.boolean().default(false),
    }),
    find: findCampaign,
    async work(call) {
      const { deps, found, body, actor } = call;
      const { send, skipped } = await nudgeable(deps, found._id, body.where);
      const result = { wouldSend: send.length, skipped };
      if (body.dryRun) return ok(result);
      if (found.state !== 'running') throw outOfStep(found, 'campaign-not-running');
      if (send.length > 0) await told(call, { kind: 'nudge', by: actor.name, tasks: send });
      return accepted({ ...result, sent: send.length });
    },
  }),
  ...inspectionRoutes,
  route({
    method: 'post',
    path: '/campaigns/:no/circulars',
    rule: STAFF,
    summary: '起草通报',
    body: z.object({ title: word, note: prose(20_000).optional() }),
    find: findCampaign,
    async work({ deps, found, body, actor }) {
      if (found.state === 'draft' || found.state === 'recalled')
        throw outOfStep(found, 'campaign-not-running');
      const id = `wd-${randomBytes(8).toString('hex')}`;
      const createdAt = stamp(await deps.clock.now());
      const paper = {
        _id: id,
        owner: found._id,
        kind: 'circular' as const,
        state: 'draft' as const,
        title: body.title,
        body: await circularBody(deps, found, body.note),
        createdBy: actor.name,
        createdAt,
      };
      await deps.store.documents.create(paper);
      return created(
        { id, state: 'draft', kind: 'circular', title: paper.title, body: paper.body },
        { Location: `/api/v1/documents/${id}` },
      );
    },
  }),
];

/** The circular's first wording: facts from the ledger, for a person to edit. */
async function circularBody(
  deps: ApiDeps,
  campaign: CampaignRecord,
  note: string | undefined,
): Promise<string[]> {
  const { counts, findings } = await showCampaign(deps, campaign);
  const done = counts.closed;
  const all = Object.entries(counts).reduce((sum, [state, n]) => (state === 'overdue' ? sum : sum + n), 0);
  return [
    `根据${campaign.draft.legalBasis}，我办组织开展了“${campaign.draft.title}”（${campaign._id}），现将有关情况通报如下。`,
    `一、总体情况。共向${campaign.accepted?.length ?? 0}个机关发出办理事项${all}件，办结${done}件，中止${counts.withdrawn}件，未办结${all - done - counts.withdrawn}件。`,
    `二、发现的问题。共记录问题${findings}项。`,
    ...(note ? [`三、${note}`] : []),
  ];
}
