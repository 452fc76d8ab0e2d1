import { WorkflowExecutionAlreadyStartedError } from '@temporalio/client';
import { z } from 'zod';
import { stamp } from '../../domain/clock.ts';
import { Refusal } from '../../domain/refusals.ts';
import { summaryOf } from '../../domain/stand-words.ts';
import { acceptedAgencies } from '../../models/audience.ts';
import { burdensOf } from '../../models/burden.ts';
import type { CampaignRecord } from '../../models/campaign.ts';
import { stepsOf } from '../../models/plan-preview.ts';
import { WORK_QUEUE, campaignId } from '../../workflows/messages.ts';
import { ORGANIZERS, READERS } from '../access.ts';
import { preview, previewed, renderFor } from '../campaign-preview.ts';
import { outOfStep, reached } from '../commands.ts';
import type { ApiDeps } from '../deps.ts';
import { invalid } from '../problem.ts';
import { accepted, ok, route } from '../route.ts';
import { line } from '../shapes.ts';
import { findCampaign, showProblem } from './campaigns.ts';

const launchBody = z.object({
  previewDigest: line(100).min(1),
  skipProblems: z.boolean().default(false),
  recallMinutes: z.int().min(0).max(1_440).default(5),
});
type LaunchBody = z.infer<typeof launchBody>;

/** How long a caller waits for the worker to take the launch up; it is in the engine already then. */
const TAKEN_UP_MS = 5_000;

/** Launches what was previewed; nothing is sent before `recallUntil`. */
export async function launchCampaign(
  deps: ApiDeps,
  campaign: CampaignRecord,
  order: LaunchBody & { readonly by: string },
) {
  const { _id: no } = campaign;
  if (campaign.state !== 'draft') throw outOfStep(campaign, 'campaign-not-draft');
  const rehearsal = await previewed(deps, campaign, order.previewDigest);
  if (rehearsal.sendable.length === 0) throw invalid('/agencies', 'no-agency', '没有可以发送的机关');
  if (!order.skipProblems && rehearsal.problems.some((one) => one.blocks))
    throw new Refusal('problems-remain');
  const recallMs = order.recallMinutes * 60_000;
  const recallUntil = stamp(Date.now() + recallMs);
  const at = stamp(await deps.clock.now());
  const { previewDigest, skipProblems, by } = order;
  const launch = {
    previewDigest,
    by,
    skipProblems,
    from: rehearsal.from,
    version: campaign.version,
    recallUntil,
    recallMs,
    at,
  };
  await reached(deps, () =>
    deps.client.workflow.start('campaignWorkflow', {
      workflowId: campaignId(no),
      taskQueue: WORK_QUEUE,
      args: [{ no, launch }],
      workflowIdReusePolicy: 'ALLOW_DUPLICATE',
      staticSummary: summaryOf('campaign', no, campaign.draft.title),
      staticDetails: `法律依据：${campaign.draft.legalBasis}\n控制台：${deps.office.publicUrl}/console/campaigns/${no}`,
    }),
  ).catch((error: unknown) => {
    if (!(error instanceof WorkflowExecutionAlreadyStartedError)) throw error;
  });
  await takenUp(deps, no);
  return { accepted: rehearsal.sendable.length, recallUntil };
}

async function takenUp({ store }: ApiDeps, no: string): Promise<void> {
  const until = Date.now() + TAKEN_UP_MS;
  while (Date.now() < until) {
    const row = await store.campaigns.findById(no, { state: 1 }).lean();
    if (row && row.state !== 'draft') return;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

export const launchRoutes = [
  route({
    method: 'get',
    path: '/campaigns/:no/preview',
    rule: READERS,
    summary: '预览：将发出的邮件与日期',
    query: z.object({ agency: z.string().max(64).optional() }),
    find: findCampaign,
    async work({ deps, found, query }) {
      const { chosen } = await acceptedAgencies(deps.store, found.draft);
      const { rehearsal, digest } = await preview(deps, found);
      const asked = query.agency ?? rehearsal.sendable[0]?._id ?? chosen[0]?._id;
      const agency = chosen.find((one) => one._id === asked);
      if (!agency) throw invalid('/agency', 'agency-unknown', '该机关不在本次专项监督范围内');
      const mail = renderFor(deps, rehearsal, agency);
      const burden = (await burdensOf(deps.store, [agency._id], await deps.clock.now())).get(agency._id);
      const problems = rehearsal.problems.filter(
        (one) => query.agency === undefined || one.agency === undefined || one.agency === query.agency,
      );
      return ok({
        digest,
        ...mail,
        steps: stepsOf(rehearsal, stamp(await deps.clock.now())),
        problems: problems.map(showProblem),
        due: rehearsal.due,
        burden,
      });
    },
  }),
  route({
    method: 'get',
    path: '/campaigns/:no/rehearsal',
    rule: READERS,
    summary: '预演：每一封邮件、每一个日期、每一个问题',
    find: findCampaign,
    async work({ deps, found }) {
      const { rehearsal, digest } = await preview(deps, found);
      const now = await deps.clock.now();
      const burdens = await burdensOf(
        deps.store,
        rehearsal.sendable.map((one) => one._id),
        now,
      );
      const mails = rehearsal.sendable.map((agency) => {
        const { subject, text, html } = renderFor(deps, rehearsal, agency);
        return {
          agency: agency._id,
          name: agency.name,
          contacts: agency.contacts,
          burden: burdens.get(agency._id),
          subject,
          characters: text.length,
          bytes: Buffer.byteLength(html) + Buffer.byteLength(text),
        };
      });
      return ok({
        digest,
        recipients: { total: rehearsal.total, sendable: mails.length },
        due: rehearsal.due,
        phases: rehearsal.phases,
        steps: stepsOf(rehearsal, stamp(await deps.clock.now())),
        problems: rehearsal.problems.map(showProblem),
        mails,
      });
    },
  }),
  route({
    method: 'post',
    path: '/campaigns/:no/launch',
    rule: ORGANIZERS,
    key: 'required',
    summary: '发布',
    body: launchBody,
    find: findCampaign,
    async work({ deps, found, body, actor }) {
      return accepted(await launchCampaign(deps, found, { ...body, by: actor.name }));
    },
  }),
];
