import { at, localDate, workdayUpTo } from '../domain/calendar.ts';
import { type ClockMapping, stamp } from '../domain/clock.ts';
import {
  type Countermeasure,
  type MilestoneName,
  firstOfMonth,
  lastOfMonth,
  planNo,
} from '../domain/plan.ts';
import type { Term } from '../domain/deadline.ts';
import { Refusal } from '../domain/refusals.ts';
import { readCalendar } from '../models/calendar.ts';
import { type LedgerEntry, appendEvents } from '../models/event.ts';
import type { PlanRecord } from '../models/plan.ts';
import { draftPlan } from '../models/plan-draft.ts';
import { type FollowUp, analyse, followUp } from './analysis.ts';
import { type PublishedAppraisal, publishAppraisal } from './appraisal.ts';
import {
  type OpenedCycle,
  type FollowedUp,
  morningOf,
  openMonth,
  openRectification,
  planOf,
  raise,
} from './cycle.ts';
import type { Deps } from './deps.ts';

/** An approval as the workflow takes it up. */
export interface PlanInput {
  readonly no: string;
  readonly year: number;
  /** Who approved which version, and when. */
  readonly by: string;
  readonly at: string;
  readonly version: number;
}

/** What came of trying to begin the next year. */
export interface TurnedYear {
  /** Epoch ms on the product's clock: what is still to come, or until when the old year's plan stays open. */
  readonly waitsUntil?: number;
  readonly closesAt?: number;
  readonly problem?: 'calendar-unpublished';
}

/** A command as it is written down; `id` names it for ever. */
export type PlanRecordOrder = { readonly no: string; readonly id: string; readonly by: string } & (
  | { readonly kind: 'amend' }
  | { readonly kind: 'analyse'; readonly month: number; readonly countermeasures: readonly Countermeasure[] }
  | ({ readonly kind: 'followUp' } & FollowUp)
  | { readonly kind: 'complete'; readonly what: MilestoneName; readonly note: string }
);

export const planActivities = (deps: Deps) => ({
  /** Takes an approval up where the plan is still the one that was approved. May run twice. */
  async openPlan(input: PlanInput): Promise<{
    readonly accepted: boolean;
    readonly clock: ClockMapping;
    readonly from: number;
    /** Epoch ms, where agencies may still object to this year's appraisal. */
    readonly objectUntil?: number;
  }> {
    const { store, clock } = deps;
    const { no, by, at: approvedAt, version, year } = input;
    const mapping = await clock.mapping();
    const written = await store.plans.updateOne(
      {
        _id: no,
        $or: [
          { state: 'draft', version },
          { state: 'running', approvedAt },
        ],
      },
      { $set: { state: 'running', approvedBy: by, approvedAt, version: version + 1 } },
    );
    const today = localDate(await clock.now());
    // Taken up again, a year goes through the months that it has opened before: nothing is written twice.
    const opened = await store.cycles.findOne({ plan: no }, { month: 1 }).sort({ month: 1 }).lean();
    const from = opened?.month ?? (today < firstOfMonth(year, 1) ? 1 : Number(today.slice(5, 7)));
    if (written.matchedCount === 0) return { accepted: false, clock: mapping, from };
    await told(deps, no, {
      key: 'approved',
      entry: { at: approvedAt, source: 'decision', what: 'plan-approved', who: by, detail: { version } },
    });
    const appraisal = await store.appraisals
      .findOne({ _id: year, state: 'preliminary' }, { objectUntil: 1 })
      .lean();
    return {
      accepted: true,
      clock: mapping,
      from,
      ...(appraisal ? { objectUntil: Date.parse(appraisal.objectUntil) } : {}),
    };
  },

  /** Opens a month's cycle, or says what it waits for. */
  openCycle: (no: string, month: number): Promise<OpenedCycle> => openMonth(deps, no, month),

  /** Rectification tasks for what was found since. */
  followUp: (no: string): Promise<FollowedUp> => openRectification(deps, no),

  /** On the first working day of the next January: the next draft, and the last job of this year. */
  async turnYear(no: string): Promise<TurnedYear> {
    const { store, clock } = deps;
    const [plan, calendar, now] = [
      await planOf(store, no),
      await readCalendar(store.calendars),
      await clock.now(),
    ];
    try {
      const morning = morningOf(calendar, firstOfMonth(plan.year, 13), firstOfMonth(plan.year, 13));
      if (now < Date.parse(morning)) return { waitsUntil: Date.parse(morning) };
      await draftPlan(store, { year: plan.year + 1, by: 'system', at: stamp(now) });
      await raise(deps, plan, { month: 13, calendar });
      await store.plans.updateOne({ _id: no }, { $set: { problem: null } });
      const last = workdayUpTo(calendar, lastOfMonth(plan.year, 13));
      return { closesAt: Date.parse(at(last, '17:00')) };
    } catch (error) {
      if (!(error instanceof Refusal) || error.code !== 'calendar-unpublished') throw error;
      await store.plans.updateOne({ _id: no }, { $set: { problem: error.code } });
      return { problem: error.code };
    }
  },

  /** Tells each agency its preliminary result of the year, and until when it may object. */
  async publishYear(
    no: string,
    order: { readonly term: Term; readonly by: string },
  ): Promise<PublishedAppraisal> {
    const published = await publishAppraisal(deps, await planOf(deps.store, no), order);
    const at = stamp(await deps.clock.now());
    const entry = {
      at,
      source: 'decision',
      what: 'appraisal-published',
      who: order.by,
      detail: { until: stamp(published.until) },
    } as const;
    await told(deps, no, { key: 'appraisal-published', entry });
    return published;
  },

  /** Writes down what a person ordered; a repeat changes nothing. */
  async recordPlan(order: PlanRecordOrder): Promise<void> {
    const now = stamp(await deps.clock.now());
    const plan = await planOf(deps.store, order.no);
    const detail = await recorded(deps, plan, { order, now });
    await told(deps, order.no, {
      key: `command/${order.id}`,
      entry: { at: now, source: 'decision', what: WHAT[order.kind], who: order.by, detail },
    });
  },

  /** The year is over: what is still open in its groups goes on by itself. */
  async closePlan(no: string): Promise<void> {
    const now = stamp(await deps.clock.now());
    const closed = await deps.store.plans
      .findOneAndUpdate({ _id: no }, { $set: { state: 'closed' }, $inc: { version: 1 } })
      .lean<PlanRecord>();
    await told(deps, no, {
      key: 'closed',
      entry: {
        at: now,
        source: 'workflow',
        what: 'plan-closed',
        detail: { next: planNo((closed?.year ?? 0) + 1) },
      },
    });
  },
});

const WHAT = {
  amend: 'plan-amended',
  analyse: 'analysed',
  followUp: 'countermeasure-followed',
  complete: 'milestone-done',
} as const;

const told = (
  { store }: Deps,
  owner: string,
  { key, entry }: { readonly key: string; readonly entry: LedgerEntry },
): Promise<void> => appendEvents(store.events, { owner, key, entries: [entry] });

async function recorded(
  deps: Deps,
  plan: PlanRecord,
  { order, now }: { readonly order: PlanRecordOrder; readonly now: string },
): Promise<NonNullable<LedgerEntry['detail']>> {
  const { store } = deps;
  switch (order.kind) {
    case 'amend':
      if (plan.amendment)
        await store.plans.updateOne(
          { _id: plan._id, version: plan.version },
          { $set: { items: plan.amendment.items }, $unset: { amendment: 1 }, $inc: { version: 1 } },
        );
      return { items: plan.amendment?.items.length ?? plan.items.length };
    case 'analyse':
      await analyse(deps, plan, { ...order, at: now });
      return { month: order.month, countermeasures: order.countermeasures.length };
    case 'followUp':
      return followUp(deps, plan, order);
    case 'complete':
      await store.plans.updateOne(
        { _id: plan._id, milestones: { $elemMatch: { what: order.what, doneAt: null } } },
        {
          $set: {
            'milestones.$.doneAt': now,
            'milestones.$.doneBy': order.by,
            'milestones.$.note': order.note,
          },
        },
      );
      return { milestone: order.what };
  }
}
