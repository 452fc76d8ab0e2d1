import { randomBytes } from 'node:crypto';
import { z } from 'zod';
import { PHASES, type CampaignCommand, mayInspect } from '../../domain/campaign.ts';
import { localDate } from '../../domain/calendar.ts';
import { stamp } from '../../domain/clock.ts';
import { Refusal } from '../../domain/refusals.ts';
import type { CampaignRecord } from '../../models/campaign.ts';
import type { FindingRecord, InspectionRecord } from '../../models/finding.ts';
import { ORGANIZERS, READERS, STAFF } from '../access.ts';
import { showCampaign } from '../campaign-view.ts';
import { tellCampaign } from '../commands.ts';
import type { ApiDeps } from '../deps.ts';
import { nudgeable } from '../nudges.ts';
import { Problem, invalid } from '../problem.ts';
import { type Call, accepted, created, ok, route } from '../route.ts';
import { date, sentence, term, word } from '../shapes.ts';
import { findCampaign } from './campaigns.ts';

type CommandCall = Pick<Call<unknown, unknown, CampaignRecord>, 'deps' | 'found' | 'key' | 'actor'>;

/** Tells the campaign and answers with it as it then stands. */
async function told({ deps, found, key }: CommandCall, command: CampaignCommand) {
  if (found.state === 'draft') throw new Refusal('campaign-not-running', '尚未发布');
  await tellCampaign(deps, found._id, { key, command });
  const after = await deps.store.campaigns.findById(found._id).lean<CampaignRecord>();
  return accepted(await showCampaign(deps, after ?? found));
}

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

const inspection = z.object({
  agency: word,
  inspectors: z.array(word).min(1).max(20),
  on: date,
  findings: z
    .array(z.object({ item: word, severity: z.enum(['minor', 'ordinary', 'major']), description: sentence }))
    .max(200),
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
      [...PHASES, 'circular'].includes(params['phase'] ?? '') ? findCampaign(deps, params) : null,
    work: async (call) =>
      told(call, {
        kind: 'closePhase',
        by: call.actor.name,
        phase: call.params['phase'] as (typeof PHASES)[number],
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
    summary: '催办',
    body: z.object({
      where: z
        .object({
          light: z.array(z.enum(['green', 'yellow', 'red', 'grey'])).optional(),
          state: z.array(z.string()).optional(),
          agency: z.array(z.string()).optional(),
        })
        .default({}),
      dryRun: z.boolean().default(false),
    }),
    find: findCampaign,
    async work(call) {
      const { deps, found, body } = call;
      const { send, skipped } = await nudgeable(deps, found._id, body.where);
      if (!body.dryRun) {
        if (call.req.get('idempotency-key') === undefined)
          throw new Problem(428, 'precondition-required', { detail: 'Idempotency-Key' });
        if (send.length > 0) await told(call, { kind: 'nudge', by: call.actor.name, tasks: send });
      }
      const result = { wouldSend: send.length, skipped };
      return body.dryRun ? ok(result) : accepted({ ...result, sent: send.length });
    },
  }),
  route({
    method: 'post',
    path: '/campaigns/:no/inspections',
    rule: ORGANIZERS,
    key: 'required',
    summary: '登记联合检查',
    body: inspection,
    find: findCampaign,
    work: recordInspection,
  }),
  route({
    method: 'get',
    path: '/campaigns/:no/inspections',
    rule: READERS,
    summary: '联合检查记录与发现的问题',
    find: findCampaign,
    async work({ deps, found }) {
      const [inspections, findings] = await Promise.all([
        deps.store.inspections.find({ owner: found._id }).sort({ _id: 1 }).lean(),
        deps.store.findings.find({ owner: found._id }).sort({ _id: 1 }).lean(),
      ]);
      return ok({
        items: inspections.map(({ _id, ...rest }) => ({ id: _id, ...rest })),
        findings: findings.map(({ _id, ...rest }) => ({ id: _id, ...rest })),
      });
    },
  }),
  route({
    method: 'post',
    path: '/campaigns/:no/circulars',
    rule: STAFF,
    summary: '起草通报',
    body: z.object({ title: z.string().trim().min(1).max(200), note: z.string().max(20_000).optional() }),
    find: findCampaign,
    async work({ deps, found, body, actor }) {
      if (found.state === 'draft' || found.state === 'recalled') throw new Refusal('campaign-not-running');
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
      return created({ id, state: 'draft', kind: 'circular', title: paper.title, body: paper.body });
    },
  }),
];

/** A joint inspection with its findings, stored before the campaign is told of it. */
async function recordInspection(call: Call<z.infer<typeof inspection>, unknown, CampaignRecord>) {
  const { deps, found, body, actor } = call;
  const { store } = deps;
  mayInspect(found.state, body.inspectors);
  const agency = await store.agencies.findById(body.agency).lean();
  if (!agency) throw invalid('/agency', 'agency-unknown', `没有编号为 ${body.agency} 的机关`);
  if (!(found.accepted ?? []).includes(agency._id))
    throw invalid('/agency', 'agency-unknown', '该机关不在本次专项监督范围内');
  await checkInspectors(call);
  const items = await store.checklists.findById(found.draft.checklist, { items: 1 }).lean();
  for (const [i, finding] of body.findings.entries())
    if (!items?.items.some((item) => item.id === finding.item))
      throw invalid(`/findings/${i}/item`, 'item-unknown', `检查清单没有 ${finding.item}`);
  const id = `${found._id}-J${String((await store.inspections.countDocuments({ owner: found._id })) + 1).padStart(3, '0')}`;
  const team = found.teams.find((one) => one.agency === agency._id);
  const record: InspectionRecord = {
    _id: id,
    owner: found._id,
    ...body,
    by: actor.name,
    at: stamp(await deps.clock.now()),
    offDraw: team !== undefined && !body.inspectors.every((one) => team.inspectors.includes(one)),
  };
  const findings = body.findings.map((finding, i): FindingRecord => ({
    _id: `${id}-${String(i + 1).padStart(2, '0')}`,
    owner: found._id,
    mode: 'special',
    agency: agency._id,
    ...finding,
    source: 'inspection',
    inspection: id,
    foundOn: body.on,
    state: 'found',
  }));
  await store.inspections.create(record);
  if (findings.length > 0) await store.findings.insertMany(findings);
  await tellCampaign(deps, found._id, {
    key: call.key,
    command: { kind: 'inspected', by: actor.name, inspection: id },
  });
  return created({
    id,
    findings: findings.map(({ _id, item, severity, state }) => ({ id: _id, item, severity, state })),
  });
}

/** Inspectors that are registered carry a valid certificate and never inspect their own agency (执法与监督相分离). */
async function checkInspectors({
  deps,
  body,
}: Call<z.infer<typeof inspection>, unknown, CampaignRecord>): Promise<void> {
  const people = await deps.store.supervisors.find({ _id: { $in: body.inspectors } }).lean();
  const today = localDate(await deps.clock.now());
  for (const [i, id] of body.inspectors.entries()) {
    const person = people.find((one) => one._id === id);
    if (!person) throw invalid(`/inspectors/${i}`, 'inspector-unknown', `没有编号为 ${id} 的监督人员`);
    if (person.certificate.expires < (body.on < today ? body.on : today))
      throw new Refusal('certificate-invalid', `${person.name} 的监督证件已过期`, `/inspectors/${i}`);
    if (person.agency === body.agency)
      throw invalid(`/inspectors/${i}`, 'own-agency', `${person.name} 属于被检查机关`);
  }
}

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
