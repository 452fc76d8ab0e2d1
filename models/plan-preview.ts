import { createHash } from 'node:crypto';
import { type Calendar, localDate } from '../domain/calendar.ts';
import { type CampaignDraft, PHASES, type TermedPhase } from '../domain/campaign.ts';
import { stamp } from '../domain/clock.ts';
import { type Deadline, deadline, provisionalDeadline } from '../domain/deadline.ts';
import { schedule } from '../domain/schedule.ts';
import type { AgencyRecord } from './agency.ts';
import { type Problem, acceptedAgencies } from './audience.ts';
import { readCalendar } from './calendar.ts';
import type { CampaignRecord } from './campaign.ts';
import type { Store } from './store.ts';

/** A plan worked out as it would go today: whom it reaches, every date, what stands in the way. */
export interface Rehearsal {
  readonly campaign: CampaignRecord;
  readonly from: string;
  readonly calendar: Calendar;
  readonly due: Deadline;
  readonly sendable: readonly AgencyRecord[];
  readonly total: number;
  readonly problems: readonly Problem[];
  readonly phases: Readonly<Record<TermedPhase, Deadline>>;
  readonly items: readonly { readonly id: string; readonly text: string; readonly evidence?: string }[];
}

export const basisOf = (no: string, draft: CampaignDraft): string =>
  `《${draft.title}》工作方案（${no}）；${draft.legalBasis}`;

/** Works a plan out for a launch on the day `from`. Throws Refusal('calendar-unpublished') where the first phase cannot be dated. */
export async function rehearse(store: Store, campaign: CampaignRecord, from: string): Promise<Rehearsal> {
  const { draft, _id: no } = campaign;
  const [calendar, audience, checklist] = await Promise.all([
    readCalendar(store.calendars),
    acceptedAgencies(store, draft),
    store.checklists.findById(draft.checklist).lean(),
  ]);
  const basis = basisOf(no, draft);
  const due = deadline({ term: draft.phases.selfInspection, from, basis, calendar });
  const phases = datedPhases(draft, { from, basis, calendar });
  const problems = [
    ...audience.problems,
    ...addressProblems(audience.sendable),
    ...dateProblems(phases, due),
  ];
  return {
    campaign,
    from,
    calendar,
    due,
    sendable: audience.sendable,
    total: audience.chosen.length,
    problems,
    phases,
    items: (checklist?.items ?? []).map(({ id, text, evidence }) => ({
      id,
      text,
      ...(evidence ? { evidence } : {}),
    })),
  };
}

/** One phase after the other, each from the end of the one before: later ones are provisional where their year is not published. */
function datedPhases(
  draft: CampaignDraft,
  { from, basis, calendar }: { from: string; basis: string; calendar: Calendar },
) {
  let start = from;
  const dated = {} as Record<TermedPhase, Deadline>;
  for (const phase of PHASES) {
    dated[phase] = provisionalDeadline({ term: draft.phases[phase], from: start, basis, calendar });
    start = localDate(dated[phase].at);
  }
  return dated;
}

function addressProblems(agencies: readonly AgencyRecord[]): Problem[] {
  const seen = new Map<string, string>();
  const problems: Problem[] = [];
  for (const agency of agencies) {
    for (const { email } of agency.contacts) {
      const other = seen.get(email.toLowerCase());
      if (other !== undefined && other !== agency._id)
        problems.push({
          agency: agency._id,
          code: 'duplicate-address',
          detail: `${email}（同 ${other}）`,
          blocks: false,
        });
      seen.set(email.toLowerCase(), agency._id);
    }
    if (agency.contacts.length === 1) problems.push({ agency: agency._id, code: 'no-deputy', blocks: false });
  }
  return problems;
}

function dateProblems(phases: Readonly<Record<TermedPhase, Deadline>>, due: Deadline): Problem[] {
  const problems: Problem[] = PHASES.filter((phase) => phases[phase].provisional).map((phase) => ({
    code: 'calendar-unpublished',
    detail: phase,
    blocks: false,
  }));
  const holidays = due.skipped.filter((day) => day.why === 'holiday').map((day) => day.date);
  if (holidays.length > 0)
    problems.push({ code: 'holiday-inside', detail: holidays.join('、'), blocks: false });
  return problems;
}

/** What a preview shows is bound by this hash: anything that would change a mail or a recipient changes it. `templates` is the hash of the wording. */
export function digestOf(rehearsal: Rehearsal, templates: string): string {
  const { campaign, sendable, due, items, problems } = rehearsal;
  const content = {
    no: campaign._id,
    draft: campaign.draft,
    due,
    items,
    problems,
    templates,
    agencies: sendable.map((agency) => [
      agency._id,
      agency.name,
      agency.contacts.map(({ name, email, role }) => [name, email, role]),
    ]),
  };
  return `sha256:${createHash('sha256').update(JSON.stringify(content)).digest('hex')}`;
}

/** The days a preview may have been made on: it holds for ten minutes of wall time, whatever the product's clock does meanwhile. */
export function previewDays(now: number, rate: number): string[] {
  const days = new Set<string>();
  for (let at = now; at >= now - 600_000 * rate; at -= 86_400_000) days.add(localDate(stamp(at)));
  days.add(localDate(stamp(now - 600_000 * rate)));
  return [...days];
}

/** What will happen by itself after a launch: the task's own dates and the phases'. */
export function stepsOf(
  { calendar, due, campaign, phases, from }: Rehearsal,
  now: string,
): { at: string; what: string }[] {
  const start = `${from}${now.slice(10)}`;
  const moments = schedule({
    calendar,
    now: start,
    dueAt: due.at,
    remind: campaign.draft.remind.map((one) => one.workdaysBefore),
    spread: 0,
    unsigned: true,
  });
  return [
    ...moments.map(({ what, n, at }) => ({
      at: stamp(at),
      what: what === 'remind' || what === 'urge' ? `${what}${n}` : what,
    })),
    ...PHASES.map((phase) => ({ at: phases[phase].at, what: `phase:${phase}` })),
  ].sort((a, b) => Date.parse(a.at) - Date.parse(b.at));
}
