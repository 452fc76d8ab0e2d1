import { localDate } from '../domain/calendar.ts';
import { appraise } from '../domain/appraisal.ts';
import { stamp } from '../domain/clock.ts';
import { type Term, deadline } from '../domain/deadline.ts';
import { appraisedAgencies } from '../models/appraisal.ts';
import { readCalendar } from '../models/calendar.ts';
import type { PlanRecord } from '../models/plan.ts';
import type { Deps } from './deps.ts';
import { refusing } from './refusing.ts';
import { writeTasks } from './task-writing.ts';

export const APPRAISAL_PHASE = 'appraisal';
const LEGAL_BASIS = '《行政执法监督条例》第十八条、第三十条';
const RULES: Readonly<Record<string, string>> = {
  problemDensity: '问题密度',
  rectification: '按期整改',
  selfDisclosure: '自查自纠',
  fileQuality: '案卷质量',
  timeliness: '反馈及时',
};

/** A published year: the groups that tell the agencies, and when their term ends. */
export interface PublishedAppraisal {
  readonly groups: readonly string[];
  /** Epoch ms on the product's clock. */
  readonly until: number;
}

/** Publishes a year's preliminary result: its events are kept, and each agency is told its own points and may object. May run twice. */
export async function publishAppraisal(
  deps: Deps,
  plan: PlanRecord,
  { term, by }: { readonly term: Term; readonly by: string },
): Promise<PublishedAppraisal> {
  const { store } = deps;
  const now = stamp(await deps.clock.now());
  const calendar = await readCalendar(store.calendars);
  const basis = `${plan.year}年度行政执法评议考核；${LEGAL_BASIS}`;
  const due = await refusing(async () => deadline({ term, from: localDate(now), basis, calendar }));
  await store.appraisals.updateOne(
    { _id: plan.year },
    {
      $setOnInsert: {
        state: 'preliminary',
        publishedAt: now,
        publishedBy: by,
        objectUntil: due.at,
        agencies: await appraisedAgencies(store, plan.year, now),
        answers: [],
      },
    },
    { upsert: true },
  );
  const record = await store.appraisals.findById(plan.year).lean();
  const told = new Set(await store.agencies.distinct('_id', { 'contacts.0': { $exists: true } }));
  const groups = await writeTasks(deps, {
    owner: plan._id,
    phase: APPRAISAL_PHASE,
    kind: 'appraisal',
    origin: 'opening',
    title: `${plan.year}年度行政执法评议考核初步结果`,
    legalBasis: LEGAL_BASIS,
    remind: [],
    due,
    seedlings: appraise(record?.agencies ?? [])
      .filter((one) => told.has(one.agency))
      .map((one) => ({
        agency: one.agency,
        items: one.points.map(({ rule, value, max }) => ({
          id: rule,
          text: `${RULES[rule] ?? rule}：${value === null ? '本年无相关事实，不计分' : `${value}分（满分${max}分）`}`,
        })),
        findings: [],
      })),
  });
  return { groups, until: Date.parse(record?.objectUntil ?? due.at) };
}
