import type { AgencyChoice, CampaignDraft } from '../domain/campaign.ts';
import type { AgencyRecord } from './agency.ts';
import type { Store } from './store.ts';

/** Something that a person should look at before a launch. */
export interface Problem {
  readonly agency?: string;
  readonly code:
    | 'agency-unknown'
    | 'no-contact'
    | 'no-deputy'
    | 'duplicate-address'
    | 'bounced-recently'
    | 'calendar-unpublished'
    | 'holiday-inside'
    | 'due-outside-phase'
    | 'no-agency';
  readonly detail?: string;
  /** A problem that keeps its agency from being written to. */
  readonly blocks: boolean;
}

/** The agencies a plan names, in the order of their ids. */
export async function chosenAgencies(
  store: Pick<Store, 'agencies'>,
  choice: AgencyChoice,
): Promise<AgencyRecord[]> {
  const query =
    'ids' in choice
      ? { _id: { $in: [...choice.ids] } }
      : {
          $or: choice.any.map((one) => ({
            ...(one.kind === undefined ? {} : { kind: one.kind }),
            ...(one.domain === undefined ? {} : { domains: one.domain }),
          })),
        };
  return store.agencies.find(query).sort({ _id: 1 }).lean();
}

/** Whom a launch reaches, and who cannot be written to. */
export async function acceptedAgencies(store: Pick<Store, 'agencies'>, draft: CampaignDraft) {
  const chosen = await chosenAgencies(store, draft.agencies);
  const problems: Problem[] = [];
  if ('ids' in draft.agencies) {
    const known = new Set(chosen.map((agency) => agency._id));
    for (const id of draft.agencies.ids)
      if (!known.has(id)) problems.push({ agency: id, code: 'agency-unknown', blocks: true });
  }
  const sendable = chosen.filter((agency) => agency.contacts.length > 0);
  for (const agency of chosen)
    if (agency.contacts.length === 0) problems.push({ agency: agency._id, code: 'no-contact', blocks: true });
  return { chosen, sendable, problems };
}
