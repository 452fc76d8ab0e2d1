import mongoose from 'mongoose';
import { localDate } from '../domain/calendar.ts';
import { type Check, checkId } from '../domain/checklist.ts';
import { type Cause, draftItems, planNo } from '../domain/plan.ts';
import { weakIn } from './appraisal.ts';
import { appendEvents } from './event.ts';
import type { FindingRecord } from './finding.ts';
import { type PlanRecord, readChecks } from './plan.ts';
import type { Store } from './store.ts';

/** What a problem that no list has an item for is followed up under: whether last year's problems were put right. */
const FOLLOWED_UP = 'A04';
/** Working defaults: ten working days to answer, thirty days to put right (山东省行政执法监督条例 第二十八条). */
const TERMS = { review: { workdays: 10 }, rectification: { days: 30 } } as const;

interface Drafter {
  readonly year: number;
  readonly by: string;
  /** RFC 3339 on the product's clock. */
  readonly at: string;
}

/** Writes a year's draft from the problems of the year before and its appraisal; a year already drafted answers with what is there. May run twice. */
export async function draftPlan(store: Store, { year, by, at }: Drafter): Promise<PlanRecord> {
  const no = planNo(year);
  const there = await store.plans.findById(no).lean<PlanRecord>();
  if (there) return there;
  const checks = await readChecks(store);
  const today = localDate(at);
  const agencies = await store.agencies
    .find({ 'contacts.0': { $exists: true } }, { kind: 1 })
    .sort({ _id: 1 })
    .lean();
  const here = new Set(agencies.map((one) => one._id));
  const weak = (await weakIn(store, year - 1)).filter((one) => here.has(one.agency));
  const items = draftItems({
    weak: new Set(weak.map((one) => one.agency)),
    causes: await causesOf(store, year - 1, checks),
    checks: [...checks.values()],
    agencies: agencies.map(({ _id, kind }) => ({ id: _id, kind })),
    from: Number(today.slice(0, 4)) === year ? Number(today.slice(5, 7)) : 1,
  });
  const plan: PlanRecord = {
    _id: no,
    year,
    state: 'draft',
    version: 1,
    items,
    terms: TERMS,
    createdBy: by,
    createdAt: at,
    milestones: [],
    weak,
  };
  try {
    await store.plans.create(plan);
  } catch (error) {
    if (!(error instanceof mongoose.mongo.MongoServerError) || error.code !== 11_000) throw error;
    return (await store.plans.findById(no).lean<PlanRecord>()) ?? plan;
  }
  const caused = new Set(items.flatMap((item) => item.because));
  await appendEvents(store.events, {
    owner: no,
    key: 'drafted',
    entries: [
      {
        at,
        source: by === 'system' ? 'workflow' : 'person',
        what: 'plan-drafted',
        who: by,
        detail: { year, items: items.length, findings: caused.size },
      },
    ],
  });
  return plan;
}

/** The problems of a year as causes of the next: by the check they fell under, at agencies that are still there. */
async function causesOf(store: Store, year: number, checks: ReadonlyMap<string, Check>): Promise<Cause[]> {
  const findings = await store.findings
    .find({ foundOn: { $gte: `${year}-01-01`, $lte: `${year}-12-31` } })
    .sort({ _id: 1 })
    .lean<FindingRecord[]>();
  const campaigns = await store.campaigns
    .find({ _id: { $in: [...new Set(findings.map((one) => one.owner))] } }, { 'draft.checklist': 1 })
    .lean<{ _id: string; draft: { checklist: string } }[]>();
  const list = new Map(campaigns.map((one) => [one._id, one.draft.checklist]));
  const here = new Set(
    await store.agencies.distinct('_id', { _id: { $in: [...new Set(findings.map((one) => one.agency))] } }),
  );
  return findings
    .filter((one) => here.has(one.agency))
    .map((one) => ({
      id: one._id,
      check: checkOf(one, list.get(one.owner), checks),
      agency: one.agency,
      severity: one.severity,
      repeated: (one.repeats ?? []).length > 0,
    }));
}

/** By its item where a list still has it, else by its kind, so that what a case or a warning brought is looked at too. */
function checkOf(
  { item, category }: FindingRecord,
  list: string | undefined,
  checks: ReadonlyMap<string, Check>,
): string {
  const named = list === undefined ? item : checkId(list, item);
  if (checks.has(named)) return named;
  return (
    [...checks.values()].find((check) => category !== undefined && check.category === category)?.id ??
    FOLLOWED_UP
  );
}
