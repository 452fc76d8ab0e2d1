import { type CaseClock, type CaseEvent, type CaseState, stageOf } from '../domain/case.ts';
import type { ClockRequest } from '../domain/case-clocks.ts';
import type { ClockMapping } from '../domain/clock.ts';
import { STEP_OF_CLOCK, caseDeadline } from '../domain/case-terms.ts';
import { readCalendar } from '../models/calendar.ts';
import { stepTerm } from '../models/step-terms.ts';
import type { CaseDeadline, CaseRecord } from '../models/case.ts';
import { appendEvents } from '../models/event.ts';
import { caseTaskActivities } from './case-task.ts';
import { casePaperActivities, keepReceipts } from './case-paper.ts';
import type { Deps } from './deps.ts';
import { keepDeadline } from './task.ts';

export interface CaseRecordOrder {
  readonly state: CaseState;
  /** Names this write among those of the case. */
  readonly block: number;
  readonly events: readonly CaseEvent[];
}

export const caseActivities = (deps: Deps) => ({
  ...caseTaskActivities(deps),
  ...casePaperActivities(deps),

  /** The case as the store has it: how it begins, and how it is taken up again. */
  async takeUpCase(no: string): Promise<{ readonly state: CaseState; readonly clock: ClockMapping }> {
    const record = await deps.store.cases.findById(no, { machine: 1 }).lean();
    if (!record) throw new Error(`no case ${no}`);
    return { state: record.machine, clock: await deps.clock.mapping() };
  },

  /** The dates of the clocks that a case asks for, from the stored terms, calendar and the product's clock; their certificates are kept. */
  async measureCase(no: string, asked: readonly ClockRequest[]): Promise<CaseClock[]> {
    const [calendar, now] = await Promise.all([readCalendar(deps.store.calendars), deps.clock.now()]);
    return Promise.all(
      asked.map(async (one) => {
        const { name, about } = one;
        const due = caseDeadline(await stepTerm(deps.store, STEP_OF_CLOCK[name]), { calendar, now, ...one });
        const deadline = await keepDeadline(deps, `${no}/${name}/${about}`, due);
        return { name, about, dueAt: due.at, deadline, passed: false };
      }),
    );
  },

  /** Writes where the case stands, and what happened: projection by version, ledger by key. May run twice. */
  async recordCase({ state, block, events }: CaseRecordOrder): Promise<void> {
    const { store } = deps;
    const before = await store.cases.findById(state.no, { version: 1, deadlines: 1 }).lean();
    if (before && before.version < state.version) {
      const change = {
        ...(await projection(deps, state)),
        deadlines: await deadlinesOf(deps, state, before.deadlines),
      };
      await store.cases.updateOne({ _id: state.no, version: { $lt: state.version } }, { $set: change });
    }
    await keepReceipts(deps, state);
    await appendEvents(store.events, { owner: state.no, key: `case#${block}`, entries: events });
  },
});

async function projection({ store }: Deps, state: CaseState): Promise<Partial<CaseRecord>> {
  const { line, version, supervisors, recused, facts, papers } = state;
  const people = await store.supervisors.find({ _id: { $in: [...supervisors] } }, { name: 1 }).lean();
  const names = new Map(people.map((one) => [one._id, one.name]));
  return {
    state: line.state,
    stage: stageOf(state),
    version,
    supervisors: supervisors.map((id) => ({ id, name: names.get(id) ?? id })),
    recused,
    facts,
    documents: papers.map((paper) => paper.id),
    machine: state,
  };
}

/** The case's own dates: those that run as they stand, and those that ended as they were. */
async function deadlinesOf(
  { store }: Deps,
  state: CaseState,
  before: readonly CaseDeadline[],
): Promise<CaseDeadline[]> {
  const running = new Map(state.clocks.map((clock) => [clock.deadline, clock]));
  const fresh = state.clocks.filter((clock) => !before.some((one) => one.certificate === clock.deadline));
  const rows = await store.deadlines.find({ _id: { $in: fresh.map((one) => one.deadline) } }).lean();
  const known = [
    ...before,
    ...rows.flatMap((row): CaseDeadline[] => {
      const clock = running.get(row._id);
      if (!clock) return [];
      const { name, about } = clock;
      return [{ name, about, certificate: row._id, deadline: row.deadline, state: 'running' }];
    }),
  ];
  return known.map((one): CaseDeadline => {
    const clock = running.get(one.certificate);
    const state = clock === undefined ? 'ended' : clock.passed ? 'passed' : 'running';
    return { ...one, state: one.state === 'passed' && state === 'ended' ? 'ended' : state };
  });
}
