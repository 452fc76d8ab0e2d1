import { localDate } from '../domain/calendar.ts';
import { assignTeams, draw } from '../domain/draw.ts';
import { Refusal } from '../domain/refusals.ts';
import { unfitOn } from '../domain/supervisor.ts';
import type { CampaignRecord, DrawRecord } from '../models/campaign.ts';
import { hashedCandidate, rosterHash } from '../models/draw.ts';
import type { Deps } from './deps.ts';

/** Draws once and keeps what anyone needs to repeat it: the seed whose hash the plan published, the snapshot, the exclusions. */
async function drawOnce(
  { store }: Deps,
  campaign: CampaignRecord,
  plan: {
    readonly purpose: string;
    readonly size: number;
    readonly from: readonly { id: string; excluded?: string }[];
  },
): Promise<readonly string[]> {
  const done = campaign.draws.find((one) => one.purpose === plan.purpose);
  if (done) return done.drawn;
  const eligible = plan.from.filter((one) => one.excluded === undefined).length;
  const size = Math.min(plan.size, eligible);
  const candidates = plan.from.map((one) =>
    hashedCandidate({ seed: campaign.seed, purpose: plan.purpose }, one),
  );
  const drawn = size === 0 ? [] : draw({ seed: campaign.seed, candidates, size }).drawn;
  const record: DrawRecord = {
    purpose: plan.purpose,
    seed: campaign.seed,
    commitment: campaign.commitment,
    rosterHash: rosterHash(candidates),
    size,
    candidates: candidates.map(({ id, excluded }) => (excluded === undefined ? { id } : { id, excluded })),
    drawn,
  };
  await store.campaigns.updateOne(
    { _id: campaign._id, 'draws.purpose': { $ne: plan.purpose } },
    { $push: { draws: record } },
  );
  return drawn;
}

/** The double random draw (双随机): agencies, then for each a team of supervisors with valid certificates, none of its own. */
export async function drawAgencies(deps: Deps, campaign: CampaignRecord): Promise<void> {
  const { store } = deps;
  const accepted = campaign.accepted ?? [];
  const plan = campaign.draft.draw;
  const agencies = await drawOnce(deps, campaign, {
    purpose: 'jointInspection',
    size: plan.agencies ?? accepted.length,
    from: accepted.map((id) => ({ id })),
  });
  const today = localDate(await deps.clock.now());
  const supervisors = await store.supervisors.find().sort({ _id: 1 }).lean();
  const inspectors = supervisors.map((one) => ({
    ...hashedCandidate(
      { seed: campaign.seed, purpose: 'inspectors' },
      { id: one._id, excluded: unfitOn(one, today)?.code },
    ),
    agency: one.agency ?? null,
  }));
  try {
    const drawn = agencies.map((id) =>
      hashedCandidate({ seed: campaign.seed, purpose: 'jointInspection' }, { id }),
    );
    const { teams } = assignTeams(drawn, inspectors, plan.inspectorsPerTeam ?? 2);
    await store.campaigns.updateOne({ _id: campaign._id }, { $set: { teams } });
  } catch (error) {
    // Too few supervisors to draw from leaves the teams to a person; it does not stop the campaign.
    if (!(error instanceof Refusal)) throw error;
  }
}

/** A sample of the agencies whose problems were written off, for the look-back (回头看). */
export async function drawLookBack(deps: Deps, campaign: CampaignRecord): Promise<readonly string[]> {
  const agencies = await deps.store.findings.distinct('agency', { owner: campaign._id, state: 'writtenOff' });
  return drawOnce(deps, campaign, {
    purpose: 'lookBack',
    size: Math.ceil((agencies.length * campaign.draft.lookBackPercent) / 100),
    from: agencies.sort().map((id) => ({ id })),
  });
}
