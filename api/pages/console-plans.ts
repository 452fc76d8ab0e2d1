import { localDate } from '../../domain/calendar.ts';
import { MILESTONES, type PlanItem } from '../../domain/plan.ts';
import { ledgerFilter } from '../../models/ledger.ts';
import { readChecks } from '../../models/plan.ts';
import { APPROVERS, ORGANIZERS, READERS } from '../access.ts';
import { versionTag } from '../etag.ts';
import type { planBrief, showPlan } from '../plan-view.ts';
import { burdenRoutes } from '../routes/burden.ts';
import { nextOfPlan } from '../next-step.ts';
import { planRoutes } from '../routes/plans.ts';
import { type StepForm, sendForm, shownForms } from './console-forms.ts';
import { type ConsoleRoute, type Page, type Visit, callRoute, number, text } from './console-frame.ts';
import { paretoOf } from './console-charts.ts';
import { listing } from './console-listing.ts';
import type { PlanRecord } from '../../models/plan.ts';
import type { NextStep } from '../next-step.ts';
import { blockerOfPlan } from '../owner-blockers.ts';
import { shownBlocker } from './console-ops.ts';
import { timelineFor } from './console-timeline.ts';
import { type CycleShown, analyse, follow, shownCycle } from './console-plan-cycles.ts';
import { itemRoutes, planHome, shownItem } from './console-plan-items.ts';

type PlanShown = Awaited<ReturnType<typeof showPlan>>;

export const planConsoleRoutes: readonly ConsoleRoute[] = [
  { method: 'get', path: '/plans', rule: READERS, work: plans },
  { method: 'post', path: '/plans', rule: ORGANIZERS, work: draft, again: plans },
  { method: 'get', path: '/plans/:no', rule: READERS, work: plan },
  { method: 'post', path: '/plans/:no', rule: APPROVERS, work: decide, again: plan },
  { method: 'post', path: '/plans/:no/cycles/:n/analysis', rule: ORGANIZERS, work: analyse, again: plan },
  {
    method: 'post',
    path: '/plans/:no/cycles/:n/countermeasures/:m',
    rule: ORGANIZERS,
    work: follow,
    again: plan,
  },
  { method: 'post', path: '/plans/:no/milestones/:what', rule: ORGANIZERS, work: complete, again: plan },
  ...itemRoutes,
];

async function plans(visit: Visit): Promise<Page> {
  const { deps, t, body, problem } = visit;
  const shown = await listing<ReturnType<typeof planBrief>>(visit, planRoutes, {
    at: 'get /plans',
    path: '/console/plans',
    filters: [],
  });
  const year = Number(localDate(await deps.clock.now()).slice(0, 4));
  const drafted = shown.items.map((one) => one.year);
  return {
    page: 'plans',
    title: t('console.nav.plans'),
    path: '/console/plans',
    view: {
      ...shown,
      year: problem ? text(body['year']) : String(drafted.includes(year) ? year + 1 : year),
    },
  };
}

async function draft(visit: Visit) {
  const { no } = (await callRoute(visit, planRoutes, {
    at: 'post /plans',
    body: { year: number(visit.body['year']) },
  })) as { no: string };
  return { to: `/console/plans/${no}`, said: visit.t('console.said.planDrafted', { no }) };
}

const APPROVAL: StepForm = {
  id: 'approvePlan',
  at: 'post /plans/:no/approval',
  fields: [
    { name: 'approved', kind: 'yesNo', required: true },
    { name: 'reason', kind: 'area' },
  ],
  // Reason: the call takes silence for yes, a form that was sent without an answer must not.
  body: ({ approved = null, ...said }) => ({ approved, ...said }),
};

async function whyPlanWaits({ deps, params, lang }: Visit, next: NextStep | null) {
  const record = await deps.store.plans.findById(params['no']).lean<PlanRecord>();
  return record ? blockerOfPlan(deps, record, { lang, next }) : undefined;
}

async function plan(visit: Visit): Promise<Page> {
  const { deps, t, actor, lang } = visit;
  const { store } = deps;
  const shown = (await callRoute(visit, planRoutes, { at: 'get /plans/:no' })) as PlanShown;
  const { items: cycles } = (await callRoute(visit, planRoutes, { at: 'get /plans/:no/cycles' })) as {
    items: readonly CycleShown[];
  };
  const [checks, agencies, timeline, blocker] = await Promise.all([
    readChecks(store),
    store.agencies.find({}, { name: 1 }).lean(),
    timelineFor(visit, shown.no, { path: planHome(visit), next: nextOfPlan(shown) }),
    whyPlanWaits(visit, nextOfPlan(shown)),
  ]);
  const words = {
    checks,
    names: new Map(agencies.map((one) => [one._id, one.name])),
    lang,
    home: planHome(visit),
  };
  const undecided = shown.state === 'draft' || shown.amendment !== undefined;
  const organizes = actor.role === 'organizer';
  const wanted = shown.amendment?.items ?? shown.items;
  const before = new Set(shown.items.map((one) => JSON.stringify(one)));
  return {
    page: 'plan',
    title: `${shown.no} ${t('console.plan.title', { year: shown.year })}`,
    path: planHome(visit),
    view: {
      no: shown.no,
      blocker: blocker ? shownBlocker(visit, blocker) : null,
      year: shown.year,
      state: shown.state,
      action: planHome(visit),
      seen: versionTag(shown.version),
      createdBy: shown.createdBy,
      createdAt: shown.createdAt,
      approvedBy: shown.approvedBy ?? '',
      approvedAt: shown.approvedAt ?? '',
      amendment: shown.amendment
        ? {
            by: shown.amendment.by,
            at: shown.amendment.at,
            gone: shown.items.filter((one) => !isIn(wanted, one)).length,
          }
        : null,
      problems: shown.problems,
      lastYear: shown.year - 1,
      weak: shown.weak.map(({ agency, total }) => ({ name: words.names.get(agency) ?? agency, total })),
      mayEdit: organizes && shown.state !== 'closed',
      organizes,
      running: shown.state === 'running',
      forms: actor.role === 'approver' && undecided ? shownForms(visit, [APPROVAL]) : [],
      strip: stripOf(shown, cycles),
      items: wanted.map((one, n) => ({
        ...shownItem(one, n, words),
        changed: shown.amendment !== undefined && !before.has(JSON.stringify(one)),
      })),
      burden: undecided ? await burdenOf(visit, words.names) : [],
      cycles: cycles.filter((one) => one.state !== 'planned').map((one) => shownCycle(visit, one, words)),
      milestones: shown.milestones.map((one) => ({
        what: one.what,
        due: one.dueAt,
        overdue: one.overdue,
        doneAt: one.doneAt ?? '',
        doneBy: one.doneBy ?? '',
        note: one.note ?? '',
        review: one.review ?? '',
        typed: visit.params['what'] === one.what ? text(visit.body['note']) : '',
        mayDo: organizes && shown.state === 'running' && one.doneAt === undefined,
      })),
      timeline,
      pareto: await paretoOf(
        visit,
        ledgerFilter({ from: `${shown.year - 1}-01-01`, to: `${shown.year - 1}-12-31` }),
        { from: `${shown.year - 1}-01-01`, to: `${shown.year - 1}-12-31` },
      ),
    },
  };
}

const isIn = (items: readonly PlanItem[], one: PlanItem): boolean =>
  items.some((other) => JSON.stringify(other) === JSON.stringify(one));

/** The year month by month: where each cycle stands, and the jobs that fall into it. */
function stripOf({ milestones }: PlanShown, cycles: readonly CycleShown[]) {
  const done = new Set(milestones.filter((one) => one.doneAt !== undefined).map((one) => one.what));
  return Array.from({ length: 13 }, (_, i) => {
    const n = i + 1;
    const cycle = cycles.find((one) => one.n === n);
    return {
      n: n > 12 ? 1 : n,
      next: n > 12,
      state: cycle?.state ?? 'none',
      stuck: cycle?.problem !== undefined,
      opened: cycle !== undefined && cycle.state !== 'planned',
      id: `cycle-${n}`,
      agencies: cycle?.agencies ?? 0,
      checks: cycle?.checks.length ?? 0,
      closed: cycle?.counts.closed ?? 0,
      total: cycle?.tasks.length ?? 0,
      overdue: cycle?.counts.overdue ?? 0,
      jobs: MILESTONES.filter((one) => one.month === n).map(({ what }) => ({ what, done: done.has(what) })),
    };
  });
}

interface BurdenRow {
  readonly agency: string;
  readonly open: number;
  readonly asked: { readonly tasks: number; readonly items: number };
  readonly planned: readonly { readonly month: number; readonly checks: readonly string[] }[];
  readonly reusable: readonly string[];
}

/** What each agency has on its desk already, beside what the plan would ask: shown before it is decided. */
async function burdenOf(visit: Visit, names: ReadonlyMap<string, string>) {
  const { items } = (await callRoute(visit, burdenRoutes, {
    at: 'get /plans/:no/burden',
    query: { limit: '200' },
  })) as { items: readonly BurdenRow[] };
  return items.map(({ agency, open, asked, planned, reusable }) => ({
    agency,
    name: names.get(agency) ?? agency,
    open,
    tasks: asked.tasks,
    items: asked.items,
    months: planned.length,
    asks: planned.reduce((sum, one) => sum + one.checks.length, 0),
    reusable: reusable.length,
  }));
}

async function decide(visit: Visit) {
  await sendForm(visit, APPROVAL, planRoutes);
  const word = text(visit.body['approved']) === 'true' ? 'planApproved' : 'planReturned';
  return { to: planHome(visit), said: visit.t(`console.said.${word}`) };
}

async function complete(visit: Visit) {
  await callRoute(visit, planRoutes, {
    at: 'post /plans/:no/milestones/:what/completion',
    body: { note: text(visit.body['note']) },
  });
  return { to: `${planHome(visit)}#jobs`, said: visit.t('console.said.milestoneDone') };
}
