import { Refusal } from './refusals.ts';

/** One who may be drawn; `hash` is the SHA-256 in hexadecimal of drawKey(seed, purpose, id), computed by the caller. */
export interface Candidate {
  readonly id: string;
  readonly hash: string;
  /** Why this one is not drawn: recusal, recently inspected, no task in this matter. */
  readonly excluded?: string | undefined;
}

export interface DrawInput {
  /** Its SHA-256 was published before the draw, so nobody could choose it by its result. */
  readonly seed: string;
  readonly candidates: readonly Candidate[];
  readonly size: number;
}

export interface Draw {
  /** In the order drawn. */
  readonly drawn: readonly string[];
  readonly excluded: readonly { readonly id: string; readonly reason: string }[];
  /** Everyone eligible in the order of their hashes: `drawn` is its beginning, the rest are the substitutes. */
  readonly order: readonly string[];
}

const HASH = /^[0-9a-f]{64}$/u;

/** The text whose SHA-256 orders a candidate: anyone can compute it again from what is published. */
export function drawKey(seed: string, purpose: string, id: string): string {
  return `${seed}|${purpose}|${id}`;
}

/** The canonical text of a roster snapshot, one JSON line `["id","reason"|null]` a candidate, sorted by id; its SHA-256 is the snapshot's hash. */
export function rosterLines(candidates: readonly Pick<Candidate, 'id' | 'excluded'>[]): string {
  return [...candidates]
    .sort((a, b) => order(a.id, b.id))
    .map((one) => `${JSON.stringify([one.id, one.excluded ?? null])}\n`)
    .join('');
}

/** The verifiable random draw (双随机): the eligible in the order of their hashes, the first `size` of them drawn. Throws Refusal('draw-impossible'). */
export function draw({ seed, candidates, size }: DrawInput): Draw {
  if (seed.trim() === '') throw impossible('随机种子不能为空', '/seed');
  checkCandidates(candidates);
  if (!Number.isInteger(size) || size < 1) throw impossible('抽取数量应为正整数', '/size');
  const eligible = candidates.filter((one) => one.excluded === undefined);
  if (size > eligible.length) throw impossible(`可抽取${eligible.length}个，不足${size}个`, '/size');
  const ordered = eligible.toSorted(byHash).map((one) => one.id);
  return {
    drawn: ordered.slice(0, size),
    excluded: candidates.flatMap(({ id, excluded }) =>
      excluded === undefined ? [] : [{ id, reason: excluded }],
    ),
    order: ordered,
  };
}

/** An inspector with the agency they belong to; null for the supervising office and its judicial offices. */
export interface Inspector extends Candidate {
  readonly agency: string | null;
}

export interface Team {
  readonly agency: string;
  readonly inspectors: readonly string[];
}

export interface Teams {
  readonly teams: readonly Team[];
  /** Who was passed over for which agency and why; `agency` is null where the inspector was excluded altogether. */
  readonly exclusions: readonly {
    readonly agency: string | null;
    readonly inspector: string;
    readonly reason: string;
  }[];
}

/**
 * Pairs drawn agencies with inspectors: the least burdened first, then by hash, never one of the agency itself (执法与监督相分离).
 * Throws Refusal('inspectors-too-few') for teams of fewer than two (山东省行政执法监督条例第二十二条), Refusal('draw-impossible') where an agency finds too few.
 */
export function assignTeams(
  agencies: readonly Candidate[],
  inspectors: readonly Inspector[],
  perTeam: number,
): Teams {
  if (!Number.isInteger(perTeam) || perTeam < 2) throw new Refusal('inspectors-too-few', '检查组不得少于2人');
  checkCandidates(agencies);
  checkCandidates(inspectors);
  const able = inspectors.filter((one) => one.excluded === undefined).toSorted(byHash);
  const load = new Map<string, number>();
  const exclusions: { agency: string | null; inspector: string; reason: string }[] = inspectors.flatMap(
    (one) => (one.excluded === undefined ? [] : [{ agency: null, inspector: one.id, reason: one.excluded }]),
  );
  const teams: Team[] = [];
  for (const agency of agencies.filter((one) => one.excluded === undefined).toSorted(byHash)) {
    const own = able.filter((one) => one.agency === agency.id);
    exclusions.push(...own.map((one) => ({ agency: agency.id, inspector: one.id, reason: 'own-agency' })));
    const team = able
      .filter((one) => one.agency !== agency.id)
      .toSorted((a, b) => (load.get(a.id) ?? 0) - (load.get(b.id) ?? 0) || byHash(a, b))
      .slice(0, perTeam)
      .map((one) => one.id);
    if (team.length < perTeam) {
      throw impossible(`${agency.id}：可派监督人员${team.length}人，不足${perTeam}人`, '/inspectors');
    }
    for (const id of team) load.set(id, (load.get(id) ?? 0) + 1);
    teams.push({ agency: agency.id, inspectors: team });
  }
  return { teams, exclusions };
}

/** Attack: one listed twice would be drawn twice as likely, and a hash that is none could be chosen. */
function checkCandidates(candidates: readonly Candidate[]): void {
  const seen = new Set<string>();
  for (const [n, one] of candidates.entries()) {
    if (one.id === '' || seen.has(one.id))
      throw impossible(`名单中“${one.id}”为空或重复`, `/candidates/${n}/id`);
    if (!HASH.test(one.hash)) throw impossible(`“${one.id}”的散列值无效`, `/candidates/${n}/hash`);
    seen.add(one.id);
  }
}

/** Invariant: compared by code unit, so every machine and language setting orders alike. */
function order(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}

function byHash(a: Candidate, b: Candidate): number {
  return order(a.hash, b.hash) || order(a.id, b.id);
}

function impossible(detail: string, pointer: string): Refusal {
  return new Refusal('draw-impossible', detail, pointer);
}
