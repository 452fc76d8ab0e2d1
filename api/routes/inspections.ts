import mongoose from 'mongoose';
import { z } from 'zod';
import { mayInspect } from '../../domain/campaign.ts';
import { stamp } from '../../domain/clock.ts';
import { checkSupervisors } from '../../domain/supervisor.ts';
import { readSupervisors } from '../../models/agency.ts';
import type { CampaignRecord } from '../../models/campaign.ts';
import { type FindingRecord, type InspectionRecord, recordFindings } from '../../models/finding.ts';
import { numberFor } from '../../models/setting.ts';
import { ORGANIZERS, READERS } from '../access.ts';
import { outOfStep, standOf, tellCampaign, updateIdOf } from '../commands.ts';
import { invalid } from '../problem.ts';
import { type Call, created, ok, route } from '../route.ts';
import { date, sentence, word } from '../shapes.ts';
import { findCampaign } from './campaigns.ts';

const inspection = z.object({
  agency: word,
  inspectors: z.array(word).max(20),
  on: date,
  findings: z
    .array(z.object({ item: word, severity: z.enum(['minor', 'ordinary', 'major']), description: sentence }))
    .max(200),
});
type InspectionCall = Call<z.infer<typeof inspection>, unknown, CampaignRecord>;

export const inspectionRoutes = [
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
];

/** A joint inspection with its findings, stored before the campaign is told of it; the same call again finds what the first one stored. */
async function recordInspection(call: InspectionCall) {
  const { deps, found, body, actor } = call;
  const { store } = deps;
  const inspectors = (await checkInspection(call)).map((one) => one.id);
  if (found.state === 'draft') throw outOfStep(found, 'campaign-not-running', '尚未发布');
  mayInspect((await standOf(deps, found._id)).status);
  const n = await numberFor(store.sequences, `${found._id}-J`, updateIdOf(call.key));
  const id = `${found._id}-J${String(n).padStart(3, '0')}`;
  const team = found.teams.find((one) => one.agency === body.agency);
  const record: InspectionRecord = {
    _id: id,
    owner: found._id,
    ...body,
    inspectors,
    by: actor.name,
    at: stamp(await deps.clock.now()),
    offDraw: team !== undefined && !inspectors.every((one) => team.inspectors.includes(one)),
  };
  const findings = body.findings.map((finding, i): FindingRecord => ({
    _id: `${id}-${String(i + 1).padStart(2, '0')}`,
    owner: found._id,
    mode: 'special',
    agency: body.agency,
    ...finding,
    source: 'inspection',
    inspection: id,
    foundOn: body.on,
    state: 'found',
  }));
  await unlessThere(() => store.inspections.create(record));
  await recordFindings(store, findings);
  await tellCampaign(deps, found._id, {
    key: call.key,
    command: { kind: 'inspected', by: actor.name, inspection: id },
  });
  const kept = await store.findings.find({ inspection: id }).sort({ _id: 1 }).lean<FindingRecord[]>();
  return created({
    id,
    findings: kept.map(({ _id, item, category, severity, state, repeats }) => ({
      id: _id,
      item,
      category,
      severity,
      state,
      repeats,
    })),
  });
}

async function unlessThere(write: () => Promise<unknown>): Promise<void> {
  try {
    await write();
  } catch (error) {
    if (!(error instanceof mongoose.mongo.MongoServerError) || error.code !== 11_000) throw error;
  }
}

/** What a schema cannot see: agency, items and inspectors must be those of the campaign and the register. */
async function checkInspection({ deps: { store }, found, body }: InspectionCall) {
  if (!(await store.agencies.exists({ _id: body.agency })))
    throw invalid('/agency', 'agency-unknown', `没有编号为 ${body.agency} 的机关`);
  if (found.state !== 'draft' && !(found.accepted ?? []).includes(body.agency))
    throw invalid('/agency', 'agency-unknown', '该机关不在本次专项监督范围内');
  const checklist = await store.checklists.findById(found.draft.checklist, { items: 1 }).lean();
  for (const [i, finding] of body.findings.entries())
    if (!checklist?.items.some((item) => item.id === finding.item))
      throw invalid(`/findings/${i}/item`, 'item-unknown', `检查清单没有 ${finding.item}`);
  const register = await readSupervisors(store, body.inspectors);
  const { agency, inspectors: asked, on: day } = body;
  return checkSupervisors({ asked, register, day, agency, as: 'inspectors' });
}
