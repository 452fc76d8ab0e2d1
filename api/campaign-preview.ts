import { createHash } from 'node:crypto';
import { contactAt } from '../domain/agency.ts';
import { localDate } from '../domain/calendar.ts';
import { stamp } from '../domain/clock.ts';
import { Refusal } from '../domain/refusals.ts';
import { renderMail } from '../mail/render.ts';
import { taskView } from '../mail/task-view.ts';
import type { AgencyRecord } from '../models/agency.ts';
import type { CampaignRecord } from '../models/campaign.ts';
import { type Rehearsal, digestOf, previewDays, rehearse } from '../models/plan-preview.ts';
import type { ApiDeps } from './deps.ts';

/** The link of a mail that is only shown: it opens nothing. */
const SAMPLE_TOKEN = 'preview';

/** The first mail as one agency will get it, but for the link. */
export function renderFor({ office }: ApiDeps, rehearsal: Rehearsal, agency: AgencyRecord) {
  const { campaign, calendar, due, items, from, sendable } = rehearsal;
  const place = sendable.findIndex((one) => one._id === agency._id) + 1;
  const task = {
    _id: `${campaign._id}-${String(Math.max(1, place)).padStart(3, '0')}`,
    title: campaign.draft.title,
    kind: 'selfInspection' as const,
    agencyName: agency.name,
    due,
    items,
    legalBasis: campaign.draft.legalBasis,
  };
  const to = {
    name: contactAt(agency.contacts, 0)?.name ?? '',
    link: `${office.publicUrl}/t/${SAMPLE_TOKEN}`,
  };
  return renderMail('task', {
    ...taskView({ office, now: `${from}T12:00:00+08:00`, calendar }, task, to),
    because: 'assigned',
  });
}

/** The hash of the wording: a template changed after the preview makes it stale. */
function wordingHash(deps: ApiDeps, rehearsal: Rehearsal): string {
  const first = rehearsal.sendable[0];
  return first
    ? createHash('sha256')
        .update(JSON.stringify(renderFor(deps, rehearsal, first)))
        .digest('hex')
    : '';
}

export async function preview(deps: ApiDeps, campaign: CampaignRecord) {
  const rehearsal = await rehearse(deps.store, campaign, localDate(stamp(await deps.clock.now())));
  return { rehearsal, digest: digestOf(rehearsal, wordingHash(deps, rehearsal)) };
}

/** The plan as it was previewed under this digest; Refusal('preview-stale') when anything changed since. */
export async function previewed(deps: ApiDeps, campaign: CampaignRecord, digest: string): Promise<Rehearsal> {
  const { rate } = await deps.clock.mapping();
  for (const from of previewDays(await deps.clock.now(), rate)) {
    const rehearsal = await rehearse(deps.store, campaign, from);
    if (digestOf(rehearsal, wordingHash(deps, rehearsal)) === digest) return rehearsal;
  }
  throw new Refusal('preview-stale');
}
