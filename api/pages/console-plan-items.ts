import type { Check } from '../../domain/checklist.ts';
import type { PlanItem } from '../../domain/plan.ts';
import { type PlanRecord, readChecks } from '../../models/plan.ts';
import { ORGANIZERS } from '../access.ts';
import { versionTag } from '../etag.ts';
import { fieldErrors, notFound } from '../problem.ts';
import { planRoutes } from '../routes/plans.ts';
import { type ConsoleRoute, type Page, type Visit, callRoute, list, text } from './console-frame.ts';
import { findingHref } from './console-ledger.ts';

export const itemRoutes: readonly ConsoleRoute[] = [
  { method: 'get', path: '/plans/:no/items/:n', rule: ORGANIZERS, work: form },
  { method: 'post', path: '/plans/:no/items/:n', rule: ORGANIZERS, work: save, again: form },
  { method: 'post', path: '/plans/:no/items/:n/removal', rule: ORGANIZERS, work: remove, again: form },
];

export const planHome = ({ params }: Visit): string =>
  `/console/plans/${encodeURIComponent(params['no'] ?? '')}`;

export interface Words {
  readonly checks: ReadonlyMap<string, Check>;
  readonly names: ReadonlyMap<string, string>;
  readonly lang: 'zh' | 'en';
  readonly home: string;
}

/** An item of a plan in words, with the problems that caused it. */
export function shownItem(item: PlanItem, n: number, { checks, names, lang, home }: Words) {
  const check = checks.get(item.check);
  return {
    check: item.check,
    what: (lang === 'en' ? check?.textEn : check?.text) ?? item.check,
    agencies: item.agencies.map((id) => ({ id, name: names.get(id) ?? id })),
    months: item.months.join(lang === 'en' ? ', ' : '、'),
    because: item.because.map((id) => ({ id, href: findingHref(id) })),
    edit: `${home}/items/${n}`,
  };
}

interface Stood {
  readonly plan: PlanRecord;
  readonly items: readonly PlanItem[];
  /** Place of the item; the end of the list for a new one. */
  readonly n: number;
}

/** What the plan is to be: its amendment where one waits. */
async function stand({ deps, params }: Visit): Promise<Stood> {
  const plan = await deps.store.plans.findById(params['no']).lean<PlanRecord>();
  if (!plan) throw notFound();
  const items = plan.amendment?.items ?? plan.items;
  const said = params['n'] ?? '';
  const n = said === 'new' ? items.length : /^\d{1,4}$/.test(said) ? Number(said) : -1;
  if (n < 0 || (said !== 'new' && n >= items.length)) throw notFound();
  return { plan, items, n };
}

const linesOf = (value: unknown): string[] =>
  text(value)
    .split(/[\s,，、]+/)
    .filter((one) => one !== '');

async function form(visit: Visit): Promise<Page> {
  const { deps, t, body, problem, params, lang } = visit;
  const { store } = deps;
  const { plan, items, n } = await stand(visit);
  const [checks, agencies] = await Promise.all([
    readChecks(store),
    store.agencies.find({}, { name: 1 }).sort({ kind: -1, _id: 1 }).limit(2_000).lean(),
  ]);
  const item = problem ? typed(body) : items[n];
  const errors = problem ? fieldErrors(problem, lang) : [];
  const fault = (field: string): string =>
    errors.find((one) => one.pointer.startsWith(`/items/${n}/${field}`))?.detail ?? '';
  return {
    page: 'plan-item',
    title: t('console.plan.item'),
    path: `${planHome(visit)}/items/${params['n'] ?? ''}`,
    view: {
      no: plan._id,
      running: plan.state === 'running',
      isNew: n === items.length,
      action: `${planHome(visit)}/items/${params['n'] ?? ''}`,
      seen: problem ? text(body['seen']) : versionTag(plan.version),
      check: item?.check ?? '',
      checks: [...checks.values()].map((one) => ({
        id: one.id,
        name: `${one.id} ${lang === 'en' ? one.textEn : one.text}`,
      })),
      months: Array.from({ length: 12 }, (_, i) => ({
        n: i + 1,
        chosen: item?.months.includes(i + 1) ?? false,
      })),
      agencies: agencies.map(({ _id, name }) => ({
        id: _id,
        name,
        chosen: item?.agencies.includes(_id) ?? false,
      })),
      because: (item?.because ?? []).join('\n'),
      faults: {
        check: fault('check'),
        months: fault('months'),
        agencies: fault('agencies'),
        because: fault('because'),
      },
    },
  };
}

const typed = (body: Visit['body']): PlanItem => ({
  check: text(body['check']),
  agencies: list(body['agencies']),
  months: list(body['months']).map(Number),
  because: linesOf(body['because']),
});

/** One item is changed, the call takes them all: what somebody else changed meanwhile is refused by its version. */
async function put(visit: Visit, change: (stood: Stood) => readonly PlanItem[]) {
  const stood = await stand(visit);
  await callRoute(visit, planRoutes, {
    at: 'put /plans/:no',
    body: { items: change(stood) },
    ifMatch: text(visit.body['seen']),
  });
  const word = stood.plan.state === 'draft' ? 'planChanged' : 'amendmentProposed';
  return { to: `${planHome(visit)}#items`, said: visit.t(`console.said.${word}`) };
}

function save(visit: Visit) {
  return put(visit, ({ items, n }) => [...items.slice(0, n), typed(visit.body), ...items.slice(n + 1)]);
}

function remove(visit: Visit) {
  return put(visit, ({ items, n }) => items.filter((_, i) => i !== n));
}
