import type { Count, Figures } from '../../domain/analysis.ts';
import { CATEGORIES } from '../../domain/finding.ts';
import type { Countermeasure } from '../../domain/plan.ts';
import type { showCycles } from '../plan-view.ts';
import { planRoutes } from '../routes/plans.ts';
import { type Visit, callRoute, text } from './console-frame.ts';
import { findingHref } from './console-ledger.ts';
import { type Words, planHome } from './console-plan-items.ts';

export type CycleShown = Awaited<ReturnType<typeof showCycles>>[number];

/** Empty lines of a form, beside those that are filled in. */
const MORE_LINES = 2;
const STATES = ['proposed', 'adopted', 'done'] as const;
const COUNTED = ['unacknowledged', 'inProgress', 'inReview', 'returned', 'closed', 'withdrawn'] as const;
const BAR = 1_000;

/** A month that has begun: what went out, what came back, what the figures say and what people mean to do. */
export function shownCycle(visit: Visit, cycle: CycleShown, { checks, names, lang }: Words) {
  const { n, state, counts, tasks, analysis } = cycle;
  const of = tasks.length;
  return {
    n,
    id: `cycle-${n}`,
    state,
    stuck: cycle.problem !== undefined,
    openedAt: cycle.openedAt ?? '',
    due: cycle.due ?? '',
    agencies: cycle.agencies,
    checks: cycle.checks.map((id) => ({
      id,
      what: (lang === 'en' ? checks.get(id)?.textEn : checks.get(id)?.text) ?? id,
    })),
    total: of,
    overdue: counts.overdue,
    parts: COUNTED.map((name) => ({ state: name, n: counts[name] })),
    findings: cycle.findings,
    tasks: tasks.map((task) => ({ ...task, due: task.due ?? '' })),
    analysed: analysis !== null,
    analysis: analysis
      ? { by: analysis.by, at: analysis.at, ...shownFigures(visit, analysis.figures, names) }
      : null,
    analyses: cycle.analyses,
    measures: (analysis?.countermeasures ?? []).map((one, i) => shownMeasure(visit, { month: n, i, one })),
    mayAnalyse: state === 'opened' && visit.actor.role === 'organizer',
    lines: linesOf(visit, n, analysis?.countermeasures ?? []),
    states: STATES,
    action: `${planHome(visit)}/cycles/${n}/analysis`,
  };
}

/** A countermeasure with the form by which it is followed until it is done. */
function shownMeasure(
  visit: Visit,
  { month, i, one }: { readonly month: number; readonly i: number; readonly one: Countermeasure },
) {
  const { params, problem, body, actor } = visit;
  const id = `m-${month}-${i + 1}`;
  const again = problem !== undefined && params['m'] === String(i + 1) && params['n'] === String(month);
  return {
    id,
    state: again ? text(body['state']) : one.state,
    text: one.text,
    by: one.by ?? '',
    due: one.due ?? '',
    note: one.note ?? '',
    typed: again ? text(body['note']) : '',
    mayFollow: one.state !== 'done' && actor.role === 'organizer',
    states: STATES,
    action: `${planHome(visit)}/cycles/${month}/countermeasures/${i + 1}`,
  };
}

/** What has become of a countermeasure, as its form says. */
export async function follow(visit: Visit) {
  const { params, body, t } = visit;
  await callRoute(visit, planRoutes, {
    at: 'post /plans/:no/cycles/:n/countermeasures/:m',
    body: { state: text(body['state']), note: text(body['note']) },
  });
  const month = params['n'] ?? '';
  return { to: `${planHome(visit)}#cycle-${month}`, said: t('console.said.followed') };
}

const inWords = ({ lang }: Visit, category: string): string =>
  lang === 'zh' && Object.hasOwn(CATEGORIES, category)
    ? CATEGORIES[category as keyof typeof CATEGORIES]
    : category;

function shownFigures(visit: Visit, figures: Figures, names: ReadonlyMap<string, string>) {
  const { tasks, findings, byCategory, byAgency, bySeverity, quarter } = figures;
  const found = findings.found;
  const bars = (counts: readonly Count[], word: (name: string) => string) =>
    counts.map(({ name, n }) => ({
      name: word(name),
      n,
      of: found,
      parts: [{ state: 'inReview', x: 0, width: found === 0 ? 0 : Math.round((BAR * n) / found) }],
    }));
  return {
    figures: [
      ...Object.entries(tasks).map(([name, n]) => ({ name: `tasks.${name}`, n })),
      ...Object.entries(findings).map(([name, n]) => ({ name: `findings.${name}`, n })),
    ],
    byCategory: bars(byCategory, (name) => inWords(visit, name)),
    byAgency: bars(byAgency, (name) => names.get(name) ?? name),
    bySeverity: bars(bySeverity, (name) => visit.t(`console.severity.${name}`)),
    trend: quarter?.trend ?? [],
    topFive: (quarter?.topFive ?? []).map(({ category, n, findings: ids }) => ({
      name: inWords(visit, category),
      n,
      findings: ids.map((id) => ({ id, href: findingHref(id) })),
    })),
    overdue: (quarter?.overdue ?? []).map(({ finding, agency, dueAt }) => ({
      finding,
      href: findingHref(finding),
      agency: names.get(agency) ?? agency,
      due: dueAt,
    })),
    repeats: (quarter?.repeats ?? []).map(({ finding, agency, of }) => ({
      finding,
      href: findingHref(finding),
      agency: names.get(agency) ?? agency,
      of: of.map((id) => ({ id, href: findingHref(id) })),
    })),
  };
}

/** The lines of the form: as typed where it came back, else what stands and some empty ones. */
function linesOf(visit: Visit, month: number, stands: readonly Countermeasure[]) {
  const { params, problem, body } = visit;
  const again = problem !== undefined && params['n'] === String(month);
  const filled = again ? typed(body) : stands;
  const count = again ? lineCount(body) : stands.length + MORE_LINES;
  return Array.from({ length: count }, (_, i) => ({
    i,
    month,
    number: i + 1,
    text: filled[i]?.text ?? '',
    state: filled[i]?.state ?? 'proposed',
    by: filled[i]?.by ?? '',
    due: filled[i]?.due ?? '',
  }));
}

const MOST_LINES = 100;
const lineCount = (body: Visit['body']): number =>
  Math.min(MOST_LINES, Object.keys(body).filter((name) => /^text\d{1,2}$/.test(name)).length);

/** Every line that was sent, the empty ones among them. */
const typed = (body: Visit['body']) =>
  Array.from({ length: lineCount(body) }, (_, i) => ({
    text: text(body[`text${i}`]).trim(),
    state: text(body[`state${i}`]) as Countermeasure['state'],
    ...(text(body[`by${i}`]).trim() === '' ? {} : { by: text(body[`by${i}`]).trim() }),
    ...(text(body[`due${i}`]) === '' ? {} : { due: text(body[`due${i}`]) }),
  }));

export async function analyse(visit: Visit) {
  const countermeasures = typed(visit.body).filter(
    (one) => one.text !== '' || one.by !== undefined || one.due !== undefined,
  );
  const month = visit.params['n'] ?? '';
  await callRoute(visit, planRoutes, {
    at: 'post /plans/:no/cycles/:n/analysis',
    body: { countermeasures },
  });
  return { to: `${planHome(visit)}#cycle-${month}`, said: visit.t('console.said.analysed', { n: month }) };
}
