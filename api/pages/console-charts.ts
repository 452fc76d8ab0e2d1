import { localDate } from '../../domain/calendar.ts';
import type { Bar } from '../charts/bars.ts';
import { bars, median, pareto } from '../charts/bars.ts';
import { burnUp } from '../charts/burn-up.ts';
import { heatMap } from '../charts/heat-map.ts';
import { CASE_STAGES, type CaseStage } from '../../domain/case.ts';
import { stageLengths } from '../../domain/case-stages.ts';
import { CATEGORIES } from '../../domain/finding.ts';
import type { CampaignRecord } from '../../models/campaign.ts';
import type { LedgerEntry } from '../../models/event.ts';
import type { TaskRecord } from '../../models/task.ts';
import { type Visit, withQuery } from './console-frame.ts';

const DAY_MS = 86_400_000;
/** Rows of a heat map, and bars of the overdue. */
const MOST_AGENCIES = 40;
const MOST_OVERDUE = 12;
/** Cases that the days of the stages are taken from, the newest first. */
const MOST_CASES = 300;
const ASKING = ['unacknowledged', 'inProgress', 'returned'] as const;

/** The answers of the phase that runs, or ran last; nothing where none has opened. */
export async function burnUpOf({ deps }: Visit, { _id: owner, phases, phase }: CampaignRecord) {
  const { store } = deps;
  const named = phases?.[phase] && phase !== 'jointInspection' ? phase : 'selfInspection';
  const opened = phases?.[named];
  if (!opened) return null;
  const group = `tasks/${owner}/${named}/`;
  const [of, answered, now] = await Promise.all([
    store.tasks.countDocuments({ owner, phase: named, state: { $ne: 'withdrawn' } }),
    store.submissions.aggregate<{ _id: string; n: number }>([
      { $match: { group: { $gte: group, $lt: `${group}~` }, kind: 'answer' } },
      { $group: { _id: '$task', at: { $min: '$receivedAt' } } },
      { $group: { _id: { $substrBytes: ['$at', 0, 10] }, n: { $sum: 1 } } },
    ]),
    deps.clock.now(),
  ]);
  return burnUp({
    from: localDate(opened.openedAt),
    due: localDate(opened.dueAt),
    today: localDate(now),
    of,
    answered: answered.map(({ _id: day, n }) => ({ day, n })),
  });
}

/** What the agencies of these rows said of the items they were all asked; nothing where they were asked different things. */
export async function heatMapOf({ deps: { store } }: Visit, numbers: readonly string[]) {
  const rows = numbers.slice(0, MOST_AGENCIES);
  const [tasks, said] = await Promise.all([
    store.tasks
      .find(
        { _id: { $in: rows }, kind: { $in: ['selfInspection', 'lookBack', 'review'] } },
        { items: 1, agencyName: 1 },
      )
      .lean<Pick<TaskRecord, '_id' | 'items' | 'agencyName'>[]>(),
    store.submissions
      .find({ task: { $in: rows }, kind: 'answer' }, { task: 1, items: 1 })
      .sort({ task: 1, receivedAt: 1 })
      .lean(),
  ]);
  const items = [
    ...new Map(tasks.flatMap((task) => task.items.map((item) => [item.id, item] as const))).values(),
  ];
  if (items.length === 0 || items.length > MOST_ITEMS) return null;
  const results = new Map<string, Record<string, string>>();
  for (const one of said) {
    const of = results.get(one.task) ?? {};
    for (const [id, { result }] of Object.entries(one.items)) if (result) of[id] = result;
    results.set(one.task, of);
  }
  const byNo = new Map(tasks.map((task) => [task._id, task]));
  return heatMap({
    items: items.map(({ id, text }) => ({ id, text })),
    agencies: rows.flatMap((no) => {
      const task = byNo.get(no);
      return task
        ? [
            {
              name: task.agencyName,
              href: `/console/tasks/${encodeURIComponent(no)}`,
              results: results.get(no) ?? {},
            },
          ]
        : [];
    }),
  });
}

const MOST_ITEMS = 30;

/** The tasks of an owner that are longest overdue, by days; for the organizer, and no score. */
export async function overdueOf({ deps, t }: Visit, owner: string, of: number) {
  const now = await deps.clock.now();
  const rows = await deps.store.tasks
    .find({ owner, state: { $in: ASKING }, dueAt: { $lt: new Date(now) } }, { agencyName: 1, dueAt: 1 })
    .sort({ dueAt: 1 })
    .limit(MOST_OVERDUE)
    .lean<Pick<TaskRecord, '_id' | 'agencyName' | 'dueAt'>[]>();
  return {
    ...bars(
      rows.map(({ _id, agencyName, dueAt }) => ({
        name: agencyName,
        n: Math.max(1, Math.floor((now - (dueAt?.getTime() ?? now)) / DAY_MS)),
        href: `/console/tasks/${encodeURIComponent(_id)}`,
      })),
    ),
    caption: t('console.chart.overdue', { n: rows.length, of }),
    tone: 'late',
    unit: t('console.chart.days'),
    what: t('console.col.agency'),
    measure: t('console.chart.overdueDays'),
    none: t('console.chart.noOverdue'),
  };
}

/** Kinds of the problems that a query finds, the most frequent first; each leads to its rows. */
export async function paretoOf(
  { deps, t, lang }: Visit,
  filter: Record<string, unknown>,
  asked: Readonly<Record<string, string>>,
) {
  const rows = await deps.store.findings.aggregate<{ _id: string; n: number }>([
    { $match: filter },
    { $group: { _id: { $ifNull: ['$category', '$item'] }, n: { $sum: 1 } } },
  ]);
  const known: Readonly<Record<string, string>> = CATEGORIES;
  const chart = pareto(
    rows.map(({ _id: category, n }): Bar => ({
      name: lang === 'zh' ? (known[category] ?? category) : category,
      n,
      href: withQuery('/console/ledger', asked, { category }),
    })),
  );
  return {
    ...chart,
    caption: t('console.chart.pareto', { n: rows.length, of: chart.of }),
    cumulative: true,
    tone: '',
    what: t('console.chart.category'),
    measure: t('console.chart.findings'),
    none: t('console.chart.noFindings'),
  };
}

/** Median days of each stage, from the ledgers of the cases; each with how many of them have passed it. */
export async function stagesOf({ deps: { store }, t }: Visit, filter: Record<string, unknown>) {
  const cases = await store.cases.find(filter, { _id: 1 }).sort({ _id: -1 }).limit(MOST_CASES).lean();
  const owners = cases.map((one) => one._id);
  const blocks = await store.events.find({ owner: { $in: owners } }, { owner: 1, entries: 1 }).lean();
  const entries = new Map<string, LedgerEntry[]>();
  for (const block of blocks)
    entries.set(block.owner, [
      ...(entries.get(block.owner) ?? []),
      ...(JSON.parse(block.entries) as LedgerEntry[]),
    ]);
  const days = new Map<CaseStage, number[]>();
  for (const of of entries.values())
    for (const { stage, days: n } of stageLengths(of)) days.set(stage, [...(days.get(stage) ?? []), n]);
  return {
    ...bars(
      CASE_STAGES.flatMap((stage) => {
        const n = median(days.get(stage) ?? []);
        const passed = days.get(stage)?.length ?? 0;
        return n === null
          ? []
          : [
              {
                name: t('console.chart.stageOf', {
                  stage: t(`console.caseStage.${stage}`),
                  n: passed,
                  of: cases.length,
                }),
                n,
              },
            ];
      }),
    ),
    caption: t('console.chart.stages', { n: cases.length }),
    tone: '',
    unit: t('console.chart.days'),
    what: t('console.chart.stage'),
    measure: t('console.chart.median'),
    none: t('console.chart.noStages'),
  };
}
