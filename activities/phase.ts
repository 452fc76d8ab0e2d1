import { Context } from '@temporalio/activity';
import { localDate } from '../domain/calendar.ts';
import { KIND_OF_PHASE, type TermedPhase } from '../domain/campaign.ts';
import type { ChecklistItem } from '../domain/checklist.ts';
import { stamp } from '../domain/clock.ts';
import { deadline } from '../domain/deadline.ts';
import { Refusal } from '../domain/refusals.ts';
import { readCalendar } from '../models/calendar.ts';
import type { CampaignRecord } from '../models/campaign.ts';
import type { FindingRecord } from '../models/finding.ts';
import { basisOf } from '../models/plan-preview.ts';
import type { Deps } from './deps.ts';
import { drawAgencies, drawLookBack } from './draw.ts';
import { startGroup } from './starting.ts';
import { type Seedling, writeTasks } from './task-writing.ts';

export interface OpenedPhase {
  /** Set where the phase cannot open yet; it is tried again every day and when a calendar is imported. */
  readonly problem?: 'calendar-unpublished';
  readonly groups: readonly { readonly id: string; readonly added: boolean }[];
  readonly tasks: number;
  /** Its groups have been started, but for those of a campaign that was cancelled meanwhile. */
  readonly started?: true;
}

interface Opening {
  readonly phase: TermedPhase;
  readonly cause?: { readonly agency?: string; readonly inspection?: string };
  /** Whether each group is started as soon as its tasks are there: its mails need not wait for those of ten thousand others. */
  readonly starts?: boolean;
}

export async function openPhaseTasks(deps: Deps, no: string, opening: Opening): Promise<OpenedPhase> {
  const { store } = deps;
  const campaign = await store.campaigns.findById(no).lean();
  if (!campaign) throw new Error(`no campaign ${no}`);
  const calendar = await readCalendar(store.calendars);
  const today = localDate(await deps.clock.now());
  const { phase, cause, starts } = opening;
  const from = phase === 'selfInspection' && !cause ? (campaign.launch?.from ?? today) : today;
  try {
    const due = deadline({
      term: campaign.draft.phases[phase],
      from,
      basis: basisOf(no, campaign.draft),
      calendar,
    });
    const seedlings = await seedlingsOf(deps, campaign, opening);
    const { draft } = campaign;
    const batch = {
      owner: no,
      phase,
      kind: KIND_OF_PHASE[phase as keyof typeof KIND_OF_PHASE],
      origin: cause ? (cause.agency ?? cause.inspection ?? '') : 'opening',
      title: draft.title,
      legalBasis: draft.legalBasis,
      remind: draft.remind.map((one) => one.workdaysBefore),
      due,
      seedlings,
    };
    const starting = starts ? startInTurn(deps, no, phase) : undefined;
    const written = await writeTasks(deps, batch, starting?.next);
    const groups = written.map((id) => ({ id, added: cause?.agency !== undefined }));
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
    await starting?.done();
    return { groups, tasks: seedlings.length, ...(starting ? { started: true } : {}) };
  } catch (error) {
    if (error instanceof Refusal && error.code === 'calendar-unpublished')
      return { problem: 'calendar-unpublished', groups: [], tasks: 0 };
    throw error;
  }
}

/** Starts groups one after another while the next are being written; none of a campaign that is cancelled by then. */
function startInTurn(deps: Deps, owner: string, phase: TermedPhase) {
  let last: Promise<void> = Promise.resolve();
  const start = async (id: string): Promise<void> => {
    if (await deps.store.campaigns.exists({ _id: owner, state: 'cancelled' })) return;
    await startGroup(deps, { id, owner, phase, added: false });
    Context.current().heartbeat(id);
  };
  return {
    next: (id: string): void => {
      last = last.then(() => start(id));
      // Reason: `done` throws what went wrong.
      last.catch(() => undefined);
    },
    done: () => last,
  };
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
      if (cause?.agency) return latecomer(deps, campaign, cause.agency);
      return asked(deps, campaign, campaign.accepted ?? []);
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
async function latecomer(deps: Deps, campaign: CampaignRecord, agency: string): Promise<Seedling[]> {
  const { store } = deps;
  const no = campaign._id;
  const there = await store.tasks.exists({
    owner: no,
    agency,
    phase: 'selfInspection',
    origin: { $ne: agency },
  });
  if (there) return [];
  await store.campaigns.updateOne({ _id: no }, { $addToSet: { accepted: agency } });
  return asked(deps, campaign, [agency]);
}

/** The campaign's checklist, for each of these agencies. */
async function asked(
  { store }: Deps,
  campaign: CampaignRecord,
  agencies: readonly string[],
): Promise<Seedling[]> {
  const checklist = await store.checklists.findById(campaign.draft.checklist).lean();
  const items = (checklist?.items ?? []).map(askedItem);
  return agencies.map((agency) => ({ agency, items, findings: [] }));
}

/** One task an agency, an item for each of its findings. */
export function byAgency(findings: readonly FindingRecord[]): Seedling[] {
  const agencies = [...new Set(findings.map((finding) => finding.agency))].sort();
  return agencies.map((agency) => {
    const mine = findings.filter((finding) => finding.agency === agency);
    return {
      agency,
      items: mine.map((finding) => ({ id: finding._id, text: finding.description })),
      findings: mine.map((finding) => finding._id),
    };
  });
}

/** A checklist's item as a task asks it. */
export const askedItem = ({
  id,
  text,
  evidence,
  mandatoryEvidence,
  points,
}: Pick<ChecklistItem, 'id' | 'text' | 'evidence' | 'mandatoryEvidence' | 'points'>) => ({
  id,
  text,
  evidence,
  ...(mandatoryEvidence ? { mandatoryEvidence } : {}),
  points,
});
