import { Context } from '@temporalio/activity';
import { localDate } from '../domain/calendar.ts';
import { KIND_OF_PHASE, type TermedPhase } from '../domain/campaign.ts';
import { stamp } from '../domain/clock.ts';
import { type Deadline, deadline } from '../domain/deadline.ts';
import { Refusal } from '../domain/refusals.ts';
import { openTask } from '../domain/task.ts';
import { readCalendar } from '../models/calendar.ts';
import type { CampaignRecord } from '../models/campaign.ts';
import type { FindingRecord } from '../models/finding.ts';
import { basisOf } from '../models/plan-preview.ts';
import type { TaskRecord } from '../models/task.ts';
import { GROUP_SIZE, groupId } from '../workflows/messages.ts';
import type { Deps } from './deps.ts';
import { drawAgencies, drawLookBack } from './draw.ts';
import { milestonesOf } from './task.ts';

export interface OpenedPhase {
  /** Set where the phase cannot open yet; it is tried again every day and when a calendar is imported. */
  readonly problem?: 'calendar-unpublished';
  readonly groups: readonly { readonly id: string; readonly added: boolean }[];
  readonly tasks: number;
}

interface Opening {
  readonly phase: TermedPhase;
  readonly cause?: { readonly agency?: string; readonly inspection?: string };
}

interface Seedling {
  readonly agency: string;
  readonly findings: readonly FindingRecord[];
}

export async function openPhaseTasks(deps: Deps, no: string, opening: Opening): Promise<OpenedPhase> {
  const { store } = deps;
  const campaign = await store.campaigns.findById(no).lean();
  if (!campaign) throw new Error(`no campaign ${no}`);
  const calendar = await readCalendar(store.calendars);
  const today = localDate(await deps.clock.now());
  const { phase, cause } = opening;
  const from = phase === 'selfInspection' && !cause ? (campaign.launch?.from ?? today) : today;
  try {
    const due = deadline({
      term: campaign.draft.phases[phase],
      from,
      basis: basisOf(no, campaign.draft),
      calendar,
    });
    const seedlings = await seedlingsOf(deps, campaign, opening);
    const groups = await writeTasks(deps, campaign, { opening, due, seedlings });
    if (!cause)
      await store.campaigns.updateOne(
        { _id: no, [`phases.${phase}`]: { $exists: false } },
        {
          $set: {
            [`phases.${phase}`]: {
              openedAt: stamp(await deps.clock.now()),
              dueAt: due.at,
              groups: groups.length,
            },
          },
        },
      );
    return { groups, tasks: seedlings.length };
  } catch (error) {
    if (error instanceof Refusal && error.code === 'calendar-unpublished')
      return { problem: 'calendar-unpublished', groups: [], tasks: 0 };
    throw error;
  }
}

/** For whom a phase has tasks. */
async function seedlingsOf(
  deps: Deps,
  campaign: CampaignRecord,
  { phase, cause }: Opening,
): Promise<Seedling[]> {
  const { store } = deps;
  const no = campaign._id;
  switch (phase) {
    case 'selfInspection':
      if (cause?.agency) return latecomer(deps, no, cause.agency);
      return (campaign.accepted ?? []).map((agency) => ({ agency, findings: [] }));
    case 'jointInspection':
      await drawAgencies(deps, campaign);
      return [];
    case 'rectification': {
      const filter = cause?.inspection ? { inspection: cause.inspection } : {};
      return byAgency(
        await store.findings
          .find({ owner: no, task: null, ...filter })
          .sort({ _id: 1 })
          .lean(),
      );
    }
    case 'lookBack': {
      const drawn = await drawLookBack(deps, campaign);
      const findings = await store.findings
        .find({ owner: no, agency: { $in: drawn }, state: 'writtenOff' })
        .sort({ _id: 1 })
        .lean();
      return byAgency(findings);
    }
  }
}

/** A late agency belongs to the campaign from now on; one that has its task already gets no second. */
async function latecomer({ store }: Deps, no: string, agency: string): Promise<Seedling[]> {
  const there = await store.tasks.exists({
    owner: no,
    agency,
    phase: 'selfInspection',
    origin: { $ne: agency },
  });
  if (there) return [];
  await store.campaigns.updateOne({ _id: no }, { $addToSet: { accepted: agency } });
  return [{ agency, findings: [] }];
}

function byAgency(findings: readonly FindingRecord[]): Seedling[] {
  const agencies = [...new Set(findings.map((finding) => finding.agency))].sort();
  return agencies.map((agency) => ({
    agency,
    findings: findings.filter((finding) => finding.agency === agency),
  }));
}

interface Writing {
  readonly opening: Opening;
  readonly due: Deadline;
  readonly seedlings: readonly Seedling[];
}

/** Writes the tasks in pages of a group; those of an earlier attempt are found by their origin and kept. */
async function writeTasks(
  deps: Deps,
  campaign: CampaignRecord,
  { opening, due, seedlings }: Writing,
): Promise<OpenedPhase['groups']> {
  const { store } = deps;
  const { phase, cause } = opening;
  const origin = cause ? (cause.agency ?? cause.inspection ?? '') : 'opening';
  const there = await store.tasks
    .find({ owner: campaign._id, phase, origin }, { agency: 1, group: 1 })
    .lean();
  const known = new Set(there.map((row) => row.agency));
  const added = cause?.agency !== undefined;
  const groups = new Set(there.map((row) => row.group));
  const missing = seedlings.filter((one) => !known.has(one.agency));
  let number = await store.tasks.countDocuments({ owner: campaign._id });
  let group = (await store.tasks.distinct('group', { owner: campaign._id, phase })).length;
  for (let i = 0; i < missing.length; i += GROUP_SIZE) {
    group += 1;
    const id = groupId(campaign._id, phase, group);
    groups.add(id);
    const page = missing.slice(i, i + GROUP_SIZE);
    await writePage(deps, campaign, { id, phase, origin, due, page, first: number + 1 });
    number += page.length;
    Context.current().heartbeat(number);
  }
  return [...groups].sort().map((id) => ({ id, added }));
}

interface Page {
  readonly id: string;
  readonly phase: TermedPhase;
  readonly origin: string;
  readonly due: Deadline;
  readonly page: readonly Seedling[];
  readonly first: number;
}

async function writePage(
  deps: Deps,
  campaign: CampaignRecord,
  { id, phase, origin, due, page, first }: Page,
): Promise<void> {
  const { store } = deps;
  const { draft } = campaign;
  const remind = draft.remind.map((one) => one.workdaysBefore);
  const milestones = await milestonesOf(deps, { group: id, dueAt: due.at, remind, unsigned: true });
  const agencies = await store.agencies
    .find({ _id: { $in: page.map((one) => one.agency) } }, { name: 1 })
    .lean();
  const names = new Map(agencies.map((agency) => [agency._id, agency.name]));
  const checklist = await store.checklists.findById(draft.checklist).lean();
  const openedAt = stamp(await deps.clock.now());
  const kind = KIND_OF_PHASE[phase as keyof typeof KIND_OF_PHASE];
  const rows = page.map(({ agency, findings }, i): TaskRecord => {
    const no = `${campaign._id}-${String(first + i).padStart(3, '0')}`;
    const machine = openTask(no, { dueAt: due.at, deadline: no, milestones });
    return {
      _id: no,
      owner: campaign._id,
      group: id,
      phase,
      origin,
      kind,
      agency,
      agencyName: names.get(agency) ?? agency,
      title: draft.title,
      legalBasis: draft.legalBasis,
      items:
        findings.length > 0
          ? findings.map((finding) => ({ id: finding._id, text: finding.description }))
          : (checklist?.items ?? []).map(({ id: item, text, evidence }) => ({ id: item, text, evidence })),
      findings: findings.map((finding) => finding._id),
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
      openedAt,
      remind,
      machine,
    };
  });
  await store.tasks.collection.insertMany(rows as never, { ordered: true });
  if (phase === 'rectification')
    for (const row of rows)
      await store.findings.updateMany(
        { _id: { $in: [...row.findings] } },
        { $set: { task: row._id, state: 'rectifying' } },
      );
}
