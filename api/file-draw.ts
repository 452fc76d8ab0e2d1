import { localDate } from '../domain/calendar.ts';
import { stamp } from '../domain/clock.ts';
import { type Team, assignTeams, draw } from '../domain/draw.ts';
import { Refusal } from '../domain/refusals.ts';
import { type CertifiedPerson, unfitOn } from '../domain/supervisor.ts';
import { supervisorsById } from '../models/agency.ts';
import { hashedCandidate, rosterHash } from '../models/draw.ts';
import { appendEvents } from '../models/event.ts';
import type {
  AgencyFiles,
  FileDrawRecord,
  FileReviewRecord,
  ReviewedFileRecord,
} from '../models/file-review.ts';
import type { Store } from '../models/store.ts';
import type { ApiDeps } from './deps.ts';

interface Drawn {
  readonly record: FileDrawRecord;
  readonly teams: readonly Team[];
}

/** Draws each agency's files and for each file two reviewers, none of the agency itself; reveals the seed whose hash was published. Drawn again it comes to the same, so a call that broke off is made again. */
export async function drawFiles(deps: ApiDeps, review: FileReviewRecord, by: string): Promise<void> {
  const { store } = deps;
  const at = stamp(await deps.clock.now());
  const people = await supervisorsById(store, review.supervisors);
  const drawn: Drawn[] = [];
  for (const [n, agency] of review.agencies.entries())
    drawn.push(await drawnOf(store, { review, agency, n, people, day: localDate(at) }));
  let number = 0;
  const files = drawn.flatMap(({ record, teams }, n) =>
    record.drawn.map((file): ReviewedFileRecord => {
      number += 1;
      return {
        _id: `${review._id}-F${String(number).padStart(3, '0')}`,
        review: review._id,
        file,
        agency: review.agencies[n]?.id ?? '',
        reviewers: teams.find((team) => team.agency === file)?.inspectors ?? [],
        scores: [],
        struck: [],
        recusals: [],
      };
    }),
  );
  await keepDraw(store, { review: review._id, drawn, files });
  await appendEvents(store.events, {
    owner: review._id,
    key: 'files-drawn',
    entries: drawn.map(({ record: { purpose, rosterHash: roster, drawn: numbers, candidates } }) => ({
      at,
      source: 'decision' as const,
      what: 'files-drawn',
      who: by,
      detail: { purpose, rosterHash: roster, candidates: candidates.length, drawn: numbers.length },
    })),
  });
}

async function keepDraw(
  store: Store,
  made: {
    readonly review: string;
    readonly drawn: readonly Drawn[];
    readonly files: readonly ReviewedFileRecord[];
  },
): Promise<void> {
  const { review, drawn, files } = made;
  // Attack: of two calls at once the second must not draw anew among supervisors who changed meanwhile.
  await store.connection.transaction(async (session) => {
    const moved = await store.fileReviews.updateOne(
      { _id: review, state: 'committed' },
      { $set: { state: 'scoring' } },
      { session },
    );
    if (moved.matchedCount === 0) throw new Refusal('file-review-out-of-step', '已经抽取');
    await store.fileDraws.insertMany(
      drawn.map(({ record }) => record),
      { session },
    );
    await store.reviewedFiles.insertMany(files, { session });
  });
}

interface Drawing {
  readonly review: FileReviewRecord;
  readonly agency: AgencyFiles;
  readonly n: number;
  readonly people: readonly CertifiedPerson[];
  readonly day: string;
}

async function drawnOf(store: Store, { review, agency, n, people, day }: Drawing): Promise<Drawn> {
  const { seed, commitment, _id: no } = review;
  const purpose = `${no}/${agency.id}`;
  const before = new Set(await store.reviewedFiles.distinct('file', { agency: agency.id }));
  const numbers = agency.files ?? (await actsOf(store, agency.id, review.year));
  const candidates = numbers.map((id) =>
    hashedCandidate({ seed, purpose }, { id, excluded: before.has(id) ? 'reviewed-before' : undefined }),
  );
  const eligible = candidates.filter((one) => one.excluded === undefined);
  if (eligible.length === 0)
    throw new Refusal('draw-impossible', `${agency.id}没有可以抽取的案卷`, `/agencies/${n}`);
  const size = Math.min(review.perAgency, eligible.length);
  const { drawn } = draw({ seed, candidates, size });
  const inspectors = people.map((one) => ({
    ...hashedCandidate(
      { seed, purpose: `${purpose}/reviewers` },
      { id: one.id, excluded: barOf(one, agency.id, day) },
    ),
    agency: null,
  }));
  const { teams, exclusions } = assignTeams(
    eligible.filter((one) => drawn.includes(one.id)),
    inspectors,
    2,
  );
  const record: FileDrawRecord = {
    _id: purpose,
    review: no,
    purpose,
    seed,
    commitment,
    rosterHash: rosterHash(candidates),
    size,
    candidates: candidates.map(({ id, excluded }) => (excluded === undefined ? { id } : { id, excluded })),
    drawn,
    passedOver: exclusions.map(({ inspector, reason }) => ({ inspector, reason })),
  };
  return { record, teams };
}

const barOf = (person: CertifiedPerson, agency: string, day: string): string | undefined =>
  person.agency === agency ? 'own-agency' : unfitOn(person, day)?.code;

const actsOf = async (store: Store, agency: string, year: number): Promise<readonly string[]> =>
  (await store.acts.find({ year, agency }, { _id: 1 }).sort({ _id: 1 }).lean()).map((one) => one._id);
