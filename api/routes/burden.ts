import { askedIn } from '../../domain/plan.ts';
import { OPEN_STATUSES } from '../../domain/task.ts';
import type { AgencyRecord } from '../../models/agency.ts';
import { BURDEN_DAYS, burdensOf, reusable } from '../../models/burden.ts';
import { type PlanRecord, readChecks } from '../../models/plan.ts';
import { READERS } from '../access.ts';
import { sliced } from '../lists.ts';
import { ok, route } from '../route.ts';
import { page } from '../shapes.ts';

export const burdenRoutes = [
  route({
    method: 'get',
    path: '/agencies/:id/burden',
    line: { of: (found: { readonly _id: string }) => found._id },
    rule: READERS,
    summary: '一个机关的负担：在办事项、近90天被要求的事项（条例第八条）',
    find: ({ store }, params) => store.agencies.findById(params['id']).lean<AgencyRecord>(),
    async work({ deps, found }) {
      const now = await deps.clock.now();
      const burden = (await burdensOf(deps.store, [found._id], now)).get(found._id);
      const open = await deps.store.tasks
        .find(
          { agency: found._id, state: { $in: OPEN_STATUSES } },
          { owner: 1, title: 1, kind: 1, state: 1, due: 1, items: 1 },
        )
        .sort({ dueAt: 1 })
        .lean();
      return ok({
        ...burden,
        days: BURDEN_DAYS,
        tasks: open.map((task) => ({
          no: task._id,
          owner: task.owner,
          title: task.title,
          kind: task.kind,
          state: task.state,
          items: task.items.length,
          due: task.due?.at ?? null,
        })),
      });
    },
  }),
  route({
    method: 'get',
    path: '/plans/:no/burden',
    rule: READERS,
    summary: '计划发出前：每个机关已有的负担、将被要求的事项、可沿用的内容',
    query: page,
    find: ({ store }, params) => store.plans.findById(params['no']).lean<PlanRecord>(),
    async work(call) {
      const { deps, found } = call;
      const items = found.amendment?.items ?? found.items;
      const checks = await readChecks(deps.store);
      const months = [...new Set(items.flatMap((one) => one.months))].sort((a, b) => a - b);
      const plan = new Map<string, { month: number; checks: readonly string[] }[]>();
      for (const month of months)
        for (const [agency, asked] of askedIn(items, month))
          plan.set(agency, [...(plan.get(agency) ?? []), { month, checks: asked }]);
      const agencies = [...plan.keys()].sort();
      const answer = sliced(call, agencies);
      const list = answer.body as { readonly items: readonly string[] };
      const now = await deps.clock.now();
      const burdens = await burdensOf(deps.store, list.items, now);
      const rows = list.items.map(async (agency) => {
        const mine = plan.get(agency) ?? [];
        const asked = [...new Set(mine.flatMap((one) => one.checks))].flatMap((id) => checks.get(id) ?? []);
        const again = await reusable(deps.store, { agency, items: asked }, now);
        return { ...burdens.get(agency), planned: mine, reusable: again };
      });
      return { ...answer, body: { ...list, days: BURDEN_DAYS, items: await Promise.all(rows) } };
    },
  }),
];
