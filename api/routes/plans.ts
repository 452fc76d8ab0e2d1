import { z } from 'zod';
import { localDate } from '../../domain/calendar.ts';
import { MILESTONES, type PlanItem, planFaults } from '../../domain/plan.ts';
import { Refusal } from '../../domain/refusals.ts';
import { type LedgerEntry, appendEvents } from '../../models/event.ts';
import { type CycleRecord, type PlanRecord, readChecks } from '../../models/plan.ts';
import { milestonesIn } from '../../models/plan-milestone.ts';
import { draftPlan } from '../../models/plan-draft.ts';
import { APPROVERS, ORGANIZERS, READERS } from '../access.ts';
import type { ApiDeps } from '../deps.ts';
import { matches, versionTag } from '../etag.ts';
import { listPage } from '../lists.ts';
import { startPlan, tellPlan } from '../plan-commands.ts';
import { nowStamp, planBrief, showCycles, showPlan } from '../plan-view.ts';
import { Problem, invalid } from '../problem.ts';
import { type Call, created, ok, route } from '../route.ts';
import { date, line, page, prose, sentence } from '../shapes.ts';

const YEARS_AHEAD = 2;

const item = z.object({
  check: line(80).min(1),
  agencies: z.array(line(64).min(1)).min(1).max(20_000),
  months: z
    .array(
      z
        .number()
        .refine((n) => Number.isInteger(n) && n >= 1 && n <= 12, { params: { code: 'month-invalid' } }),
    )
    .min(1)
    .max(12),
  because: z.array(line(80).min(1)).max(5_000).optional(),
});
const itemsBody = z.object({ items: z.array(item).min(1).max(2_000) });
type ItemsCall = Call<z.infer<typeof itemsBody>, unknown, PlanRecord>;

const countermeasure = z.union([
  sentence.transform((text) => ({ text, state: 'proposed' as const })),
  z.object({
    text: sentence,
    state: z.enum(['proposed', 'adopted', 'done']).default('proposed'),
    by: line(80).optional(),
    due: date.optional(),
  }),
]);

const followed = z.object({ state: z.enum(['proposed', 'adopted', 'done']), note: sentence });

/** A month's newest analysis, and one of its countermeasures by its number. */
async function findMeasure(deps: ApiDeps, params: Readonly<Record<string, string>>) {
  const [month, number] = [Number(params['n']), Number(params['m'])];
  const plan = await findPlan(deps, params);
  const cycle = plan && (await deps.store.cycles.findOne({ plan: plan._id, month }).lean<CycleRecord>());
  const analysis = cycle?.analyses.at(-1);
  const measure = analysis?.countermeasures[number - 1];
  return plan && analysis && measure ? { plan, month, analysis: analysis.id, n: number - 1 } : null;
}

const findPlan = ({ store }: ApiDeps, params: Readonly<Record<string, string>>) =>
  store.plans.findById(params['no']).lean<PlanRecord>();

const tagged = (plan: PlanRecord): Record<string, string> => ({ ETag: versionTag(plan.version) });

/** The first month that may still be changed: before a launch the current one, afterwards what has not gone out. */
async function openMonths({ store }: ApiDeps, plan: PlanRecord, today: string): Promise<number> {
  const year = Number(today.slice(0, 4));
  const current = year < plan.year ? 1 : year > plan.year ? 13 : Number(today.slice(5, 7));
  if (plan.state === 'draft') return current;
  const last = await store.cycles
    .findOne({ plan: plan._id, openedAt: { $ne: null } }, { month: 1 })
    .sort({ month: -1 })
    .lean();
  return Math.max(current, (last?.month ?? 0) + 1);
}

/** What a schema cannot see: checks, agencies, months gone by and the problems behind each item. */
async function judge(
  deps: ApiDeps,
  plan: PlanRecord,
  items: ItemsCall['body']['items'],
): Promise<readonly PlanItem[]> {
  const { store } = deps;
  const ids = [...new Set(items.flatMap((one) => one.because ?? []))];
  const agencies = [...new Set(items.flatMap((one) => one.agencies))];
  const [checks, known, findings] = await Promise.all([
    readChecks(store),
    store.agencies.distinct('_id', { _id: { $in: agencies } }),
    store.findings.distinct('_id', { _id: { $in: ids } }),
  ]);
  const errors = planFaults(items, {
    checks,
    agencies: new Set(known),
    findings: new Set(findings),
    from: await openMonths(deps, plan, localDate(await nowStamp(deps))),
    before: plan.items,
  });
  if (errors[0])
    throw new Problem(422, 'validation', { detail: errors[0].detail, errors: errors.slice(0, 200) });
  return items.map((one) => ({
    check: one.check,
    agencies: [...new Set(one.agencies)],
    months: [...new Set(one.months)].sort((a, b) => a - b),
    because: [...new Set(one.because)],
  }));
}

/** A draft is changed at once; what runs already gets an amendment that waits for its approval. */
async function change(call: ItemsCall) {
  const { deps, found, body, actor, ifMatch, key } = call;
  const items = await judge(deps, found, body.items);
  if (found.state === 'closed') throw new Refusal('plan-not-draft', '该年度已结束');
  if (ifMatch !== '' && !matches(ifMatch, versionTag(found.version))) throw new Problem(412, 'stale-version');
  const at = await nowStamp(deps);
  const set = found.state === 'draft' ? { items } : { amendment: { items, by: actor.name, at } };
  const next = await deps.store.plans
    .findOneAndUpdate(
      { _id: found._id, version: found.version, state: found.state },
      { $set: set, $inc: { version: 1 } },
      { returnDocument: 'after' },
    )
    .lean<PlanRecord>();
  if (!next) throw new Problem(412, 'stale-version');
  const what = found.state === 'draft' ? 'plan-changed' : 'amendment-proposed';
  await say(call, { key, what, detail: { items: items.length } });
  return ok(await showPlan(deps, next), tagged(next));
}

const say = (
  { deps, found, actor }: Pick<ItemsCall, 'deps' | 'found' | 'actor'>,
  { key, what, detail }: Pick<LedgerEntry, 'what' | 'detail'> & { readonly key: string },
): Promise<void> =>
  nowStamp(deps).then((at) =>
    appendEvents(deps.store.events, {
      owner: found._id,
      key: `${what}/${key}`,
      entries: [{ at, source: 'person', what, who: actor.name, ...(detail ? { detail } : {}) }],
    }),
  );

const approval = z.object({ approved: z.boolean().default(true), reason: prose(2_000).optional() });

async function approve(call: Call<z.infer<typeof approval>, unknown, PlanRecord>) {
  const { deps, found, body, actor, key } = call;
  const pending = found.state === 'running' ? found.amendment : undefined;
  if (found.state !== 'draft' && !pending) throw new Refusal('plan-not-draft');
  if (!body.approved) {
    if (pending)
      await deps.store.plans.updateOne(
        { _id: found._id, version: found.version },
        { $unset: { amendment: 1 }, $inc: { version: 1 } },
      );
    await say(call, {
      key,
      what: pending ? 'amendment-returned' : 'plan-returned',
      detail: { reason: body.reason ?? '' },
    });
  } else if (pending) await tellPlan(deps, found._id, { key, command: { kind: 'amend', by: actor.name } });
  else {
    if (found.items.length === 0) throw new Refusal('plan-empty', undefined, '/items');
    await judge(
      deps,
      found,
      found.items.map((one) => ({
        ...one,
        agencies: [...one.agencies],
        months: [...one.months],
        because: [...one.because],
      })),
    );
    await startPlan(deps, found, actor.name);
  }
  const after = (await findPlan(deps, { no: found._id })) ?? found;
  return created(await showPlan(deps, after), tagged(after));
}

const NAMES = MILESTONES.map((one) => one.what) as readonly string[];

export const planRoutes = [
  route({
    method: 'post',
    path: '/plans',
    rule: ORGANIZERS,
    summary: '起草年度计划：依据上一年度的问题；已起草的年度返回该草稿',
    body: z.object({ year: z.int().min(2000).max(2100) }),
    async work({ deps, body: { year }, actor }) {
      const at = await nowStamp(deps);
      const current = Number(at.slice(0, 4));
      const there = await findPlan(deps, { no: `RC-${year}` });
      if (!there && (year < current || year > current + YEARS_AHEAD))
        throw invalid('/year', 'year-invalid', '只能编制本年或者今后两年的计划');
      const plan = there ?? (await draftPlan(deps.store, { year, by: actor.name, at }));
      return created(await showPlan(deps, plan), { Location: `/api/v1/plans/${plan._id}`, ...tagged(plan) });
    },
  }),
  route({
    method: 'get',
    path: '/plans',
    rule: READERS,
    summary: '年度计划列表',
    query: page,
    work: async (call) =>
      listPage<PlanRecord>(call.deps.store.plans, call, { filter: {}, show: planBrief, order: -1 }),
  }),
  route({
    method: 'get',
    path: '/plans/:no',
    rule: READERS,
    summary: '一个年度的计划',
    find: findPlan,
    work: async ({ deps, found }) => ok(await showPlan(deps, found), tagged(found)),
  }),
  route({
    method: 'put',
    path: '/plans/:no',
    rule: ORGANIZERS,
    summary: '修改计划；执行中的计划为年中调整，批准后生效，已发出的不变',
    body: itemsBody,
    find: findPlan,
    work: change,
  }),
  route({
    method: 'post',
    path: '/plans/:no/approval',
    rule: APPROVERS,
    key: 'required',
    summary: '批准年度计划或者年中调整',
    body: approval,
    find: findPlan,
    work: approve,
  }),
  route({
    method: 'get',
    path: '/plans/:no/cycles',
    rule: READERS,
    summary: '各月的监督周期：办理事项、数量、调度分析',
    find: findPlan,
    async work({ deps, found }) {
      const items = await showCycles(deps, found);
      return ok({ items, next: null, total: items.length });
    },
  }),
  route({
    method: 'post',
    path: '/plans/:no/cycles/:n/analysis',
    rule: ORGANIZERS,
    key: 'required',
    summary: '调度分析：数据由系统计算，对策由人提出',
    body: z.object({ countermeasures: z.array(countermeasure).min(1).max(100) }),
    find: async (deps, params) =>
      /^(?:0?[1-9]|1[0-2])$/.test(params['n'] ?? '') ? findPlan(deps, params) : null,
    async work({ deps, found, body, params, key, actor }) {
      const month = Number(params['n']);
      await tellPlan(deps, found._id, {
        key,
        command: { kind: 'analyse', by: actor.name, month, countermeasures: body.countermeasures },
      });
      const cycle = (await showCycles(deps, found)).find((one) => one.n === month);
      return created({ n: month, ...cycle?.analysis });
    },
  }),
  route({
    method: 'post',
    path: '/plans/:no/cycles/:n/countermeasures/:m',
    rule: ORGANIZERS,
    key: 'required',
    summary: '跟踪对策：采纳、落实情况',
    body: followed,
    find: findMeasure,
    async work({ deps, found, body, key, actor }) {
      const { plan, month, analysis, n } = found;
      await tellPlan(deps, plan._id, {
        key,
        command: { kind: 'followUp', by: actor.name, month, analysis, n, ...body },
      });
      const cycle = (await showCycles(deps, plan)).find((one) => one.n === month);
      return created({ n: month, ...cycle?.analysis });
    },
  }),
  route({
    method: 'post',
    path: '/plans/:no/milestones/:what/completion',
    rule: ORGANIZERS,
    key: 'required',
    summary: '完成一个工作节点',
    body: z.object({ note: sentence }),
    find: async (deps, params) => {
      const plan = NAMES.includes(params['what'] ?? '') ? await findPlan(deps, params) : null;
      return plan?.milestones.some((one) => one.what === params['what']) ? plan : null;
    },
    async work({ deps, found, body, params, key, actor }) {
      const what = params['what'] as (typeof MILESTONES)[number]['what'];
      const stand = await milestonesIn(deps.store, found);
      if (stand.some((one) => one.what === what && one.doneAt !== undefined))
        throw new Refusal('already-decided', '该工作节点已完成');
      await tellPlan(deps, found._id, {
        key,
        command: { kind: 'complete', by: actor.name, what, note: body.note },
      });
      const after = (await findPlan(deps, { no: found._id })) ?? found;
      return created(await showPlan(deps, after), tagged(after));
    },
  }),
];
