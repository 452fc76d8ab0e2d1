import {
  type AccountabilityEvent,
  type AccountabilityOrder,
  type AccountabilityState,
  MEASURES,
  type Subject,
} from '../domain/accountability.ts';
import { contactAt } from '../domain/agency.ts';
import { localDate } from '../domain/calendar.ts';
import { type ClockMapping, stamp } from '../domain/clock.ts';
import { deadline } from '../domain/deadline.ts';
import { OPEN_STATUSES, openTask } from '../domain/task.ts';
import { officeLetter } from '../mail/letter.ts';
import { renderMail } from '../mail/render.ts';
import type { AccountabilityRecord } from '../models/accountability.ts';
import { readCalendar } from '../models/calendar.ts';
import { appendEvents } from '../models/event.ts';
import type { TaskRecord } from '../models/task.ts';
import { type GroupOrder, groupId, orderSignal } from '../workflows/messages.ts';
import { tellGroup } from './case-task.ts';
import type { Deps } from './deps.ts';
import type { Draft } from './outbox.ts';
import { milestonesOf } from './task.ts';

/** Working days before its due date on which the competent body is reminded. */
const REMIND = [3, 1] as const;

export interface AccountabilityRecordOrder {
  readonly state: AccountabilityState;
  /** Names this write among those of its accountability. */
  readonly block: number;
  readonly events: readonly AccountabilityEvent[];
}

export const accountabilityActivities = (deps: Deps) => ({
  /** The accountability as the store has it: how it begins, and how it is taken up again. */
  async takeUpAccountability(
    no: string,
  ): Promise<{ readonly state: AccountabilityState; readonly clock: ClockMapping }> {
    const { machine } = await recordOf(deps, no);
    return { state: machine, clock: await deps.clock.mapping() };
  },

  /** Writes the competent body's task, a group of one. May run twice: the task has its number. */
  async openAccountabilityTask(no: string): Promise<{ readonly task: string; readonly group: string }> {
    const row = await taskOf(deps, await recordOf(deps, no));
    await deps.store.tasks.updateOne({ _id: row._id }, { $setOnInsert: row }, { upsert: true });
    return { task: row._id, group: row.group };
  },

  /** The competent body is asked no more: its answer is accepted where there is one, else the task is taken back. May run twice. */
  async endAccountabilityTask(
    no: string,
    { by, reason }: Extract<AccountabilityOrder, { readonly kind: 'endTask' }>,
  ): Promise<void> {
    const [task] = await deps.store.tasks.find({ owner: no, state: { $in: OPEN_STATUSES } }).lean();
    if (!task) return;
    const { machine, group } = task;
    const id = `end/${no}`;
    if (machine.status !== 'inReview') {
      const order: GroupOrder = { id, by, kind: 'withdrawOpen', reason, keepAnswered: false };
      return deps.client.workflow.getHandle(group).signal(orderSignal, order);
    }
    const command = { id: `${id}/${machine.version}`, by, task: task._id, kind: 'accept' } as const;
    await tellGroup(deps, group, { ...command, answers: machine.answers }).catch((error: unknown) => {
      // A newer answer makes this one stale: tried again, it is accepted with the others.
      throw new Error('the task of the competent body is not ended yet', { cause: error });
    });
  },

  /** Writes where it stands and what happened: projection by version, ledger by key. May run twice. */
  async recordAccountability({ state, block, events }: AccountabilityRecordOrder): Promise<void> {
    const { store } = deps;
    const { no, status, version } = state;
    const change = {
      state: status,
      version,
      machine: state,
      ...('outcome' in state ? { outcome: state.outcome } : {}),
      ...(state.status === 'ended' ? { endedOn: state.endedOn } : {}),
    };
    await store.accountabilities.updateOne({ _id: no, version: { $lt: version } }, { $set: change });
    await appendEvents(store.events, { owner: no, key: `accountability#${block}`, entries: events });
  },

  /** A certificate's holder is barred from every team, once, and the register's own ledger says so. May run twice. */
  async barHolder(no: string, bar: Extract<AccountabilityOrder, { readonly kind: 'bar' }>): Promise<void> {
    const { subject } = await recordOf(deps, no);
    const { state, from, until } = bar;
    const row = { state, from, ...(until === undefined ? {} : { until }), by: no };
    await peopleOf(deps, subject)?.updateOne(
      { _id: subject.id, 'bars.by': { $ne: no } },
      { $push: { bars: row } },
    );
    await tellRegister(deps, subject, { no, what: 'holder-barred', detail: { ...row } });
  },

  /** The holder may work again from that day on; what barred them stays on record. May run twice. */
  async liftBar(no: string, endedOn: string): Promise<void> {
    const { subject } = await recordOf(deps, no);
    await peopleOf(deps, subject)?.updateOne(
      { _id: subject.id, bars: { $elemMatch: { by: no, endedOn: { $exists: false } } } },
      { $set: { 'bars.$.endedOn': endedOn } },
    );
    await tellRegister(deps, subject, { no, what: 'holder-restored', detail: { by: no, endedOn } });
  },

  /** The holder's unit is told by mail, once. May run twice: the outbox knows the letter. */
  async tellHolderUnit(no: string, what: 'barred' | 'restored'): Promise<void> {
    const record = await recordOf(deps, no);
    const draft = await unitDraft(deps, record, what);
    if (draft) await deps.outbox.post([draft], {});
    const at = stamp(await deps.clock.now());
    const { subject } = record;
    await appendEvents(deps.store.events, {
      owner: no,
      key: `unit-told/${what}`,
      entries: [
        draft
          ? { at, source: 'mail', what: 'unit-told', detail: { about: what, unit: subject.agency ?? '' } }
          : { at, source: 'workflow', what: 'unit-not-told', detail: { about: what, subject: subject.name } },
      ],
    });
  },
});

async function recordOf({ store }: Deps, no: string): Promise<AccountabilityRecord> {
  const record = await store.accountabilities.findById(no).lean();
  if (!record) throw new Error(`no accountability ${no}`);
  return record;
}

const peopleOf = ({ store }: Deps, { type }: Subject) =>
  type === 'agency' ? undefined : type === 'officer' ? store.officers : store.supervisors;

async function tellRegister(
  { store, clock }: Deps,
  subject: Subject,
  told: {
    readonly no: string;
    readonly what: string;
    readonly detail: Readonly<Record<string, string>>;
  },
): Promise<void> {
  const at = stamp(await clock.now());
  const { no, what, detail } = told;
  await appendEvents(store.events, {
    owner: subject.id,
    key: `${what}/${no}`,
    entries: [{ at, source: 'workflow', what, detail }],
  });
}

async function taskOf(deps: Deps, record: AccountabilityRecord): Promise<TaskRecord> {
  const { _id: owner, body, bodyName, kind, subject, term, termBasis } = record;
  const calendar = await readCalendar(deps.store.calendars);
  const from = localDate(record.recommendedAt);
  const due = deadline({ term, from, basis: termBasis, calendar });
  const no = `${owner}-001`;
  const group = groupId(owner, 'accountability', 1);
  const milestones = await milestonesOf(deps, { group, dueAt: due.at, remind: REMIND, unsigned: true });
  const machine = openTask(no, { dueAt: due.at, deadline: no, milestones });
  return {
    _id: no,
    owner,
    group,
    phase: 'accountability',
    origin: 'opening',
    kind: 'accountability',
    agency: body,
    agencyName: bodyName,
    title: `关于对${subject.name}予以${MEASURES[kind]}的建议`,
    legalBasis: record.basis,
    items: [{ id: 'measure', text: record.reason }],
    findings: [],
    state: 'pending',
    version: machine.version,
    round: 1,
    due,
    dueAt: new Date(due.at),
    warnAt: new Date(due.warnAt),
    overdue: false,
    late: false,
    handedOver: false,
    answered: false,
    openedAt: stamp(await deps.clock.now()),
    remind: REMIND,
    machine,
  };
}

/** A letter to the unit's first contact; nothing where there is no unit, or nobody to write to. */
async function unitDraft(
  deps: Deps,
  record: AccountabilityRecord,
  what: 'barred' | 'restored',
): Promise<Draft | undefined> {
  const { store, office } = deps;
  const { subject, outcome, _id: no } = record;
  const unit = await store.agencies.findById(subject.agency ?? '').lean();
  const to = contactAt(unit?.contacts ?? [], 0);
  const holder = await peopleOf(deps, subject)?.findById(subject.id).lean();
  if (!unit || !to || !holder || !outcome) return undefined;
  const now = stamp(await deps.clock.now());
  return {
    subject: no,
    kind: what === 'barred' ? 'holderBarred' : 'holderRestored',
    sequence: 0,
    recipient: to.email.toLowerCase(),
    owner: no,
    agency: unit._id,
    compose: async (identity) => {
      const mail = renderMail('holderNotice', {
        what,
        agency: unit.name,
        contact: to.name,
        holder: holder.name,
        certificate: holder.certificate.no,
        measure: outcome.measure,
        decidedBy: record.bodyName,
        document: outcome.document ?? '',
        from: outcome.from,
        until: outcome.until ?? '',
        endedOn: record.endedOn ?? '',
        office: { name: office.name, person: office.person, phone: office.phone },
      });
      return officeLetter(office, mail, {
        ...identity,
        date: now,
        to: { name: to.name, address: to.email },
      });
    },
  };
}
