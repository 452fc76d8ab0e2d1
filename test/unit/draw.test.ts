import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  type Candidate,
  type Inspector,
  assignTeams,
  draw,
  drawKey,
  rosterLines,
} from '../../domain/draw.ts';
import { Refusal } from '../../domain/refusals.ts';

const sha256 = (text: string) => createHash('sha256').update(text).digest('hex');
const purpose = 'ZX-2026-012/jointInspection';
const seed = 'sealed-2026|上证指数3871.32';

function candidates(ids: readonly string[], excluded: Record<string, string> = {}): Candidate[] {
  return ids.map((id) => ({
    id,
    hash: sha256(drawKey(seed, purpose, id)),
    ...(excluded[id] === undefined ? {} : { excluded: excluded[id] }),
  }));
}

function refusal(act: () => unknown): string {
  try {
    act();
  } catch (error) {
    if (error instanceof Refusal) return error.code;
    throw error;
  }
  return 'none';
}

const roster = ['maqiao', 'shuili', 'huanjing', 'tangshan', 'yingji', 'guoli', 'zhujian'];

describe('A draw', () => {
  it('comes out the same whatever the order of the roster', () => {
    fc.assert(
      fc.property(fc.shuffledSubarray(roster, { minLength: roster.length }), (ids) => {
        expect(draw({ seed, candidates: candidates(ids), size: 3 })).toEqual(
          draw({ seed, candidates: candidates(roster), size: 3 }),
        );
      }),
      { numRuns: 30 },
    );
  });

  it('never draws the excluded, and keeps the reason', () => {
    const result = draw({ seed, candidates: candidates(roster, { shuili: '30日内已检查' }), size: 6 });
    expect(result.drawn).not.toContain('shuili');
    expect(result.excluded).toEqual([{ id: 'shuili', reason: '30日内已检查' }]);
  });

  it('draws more by going on in the same order', () => {
    const few = draw({ seed, candidates: candidates(roster), size: 2 });
    const more = draw({ seed, candidates: candidates(roster), size: 5 });
    expect(more.drawn.slice(0, 2)).toEqual(few.drawn);
    expect(more.order).toHaveLength(7);
  });

  it('is fair: over many seeds everyone is drawn about as often', () => {
    const times = new Map(roster.map((id) => [id, 0]));
    for (let n = 0; n < 1400; n += 1) {
      const all = roster.map((id) => ({ id, hash: sha256(drawKey(`s${n}`, purpose, id)) }));
      const [first = ''] = draw({ seed: `s${n}`, candidates: all, size: 1 }).drawn;
      times.set(first, (times.get(first) ?? 0) + 1);
    }
    for (const count of times.values()) expect(Math.abs(count - 200)).toBeLessThan(70);
  });

  it('is refused where it cannot be held', () => {
    const all = candidates(roster);
    expect(refusal(() => draw({ seed, candidates: all, size: 8 }))).toBe('draw-impossible');
    expect(refusal(() => draw({ seed, candidates: all, size: 0 }))).toBe('draw-impossible');
    expect(refusal(() => draw({ seed: ' ', candidates: all, size: 1 }))).toBe('draw-impossible');
    expect(refusal(() => draw({ seed, candidates: [...all, ...all], size: 1 }))).toBe('draw-impossible');
    expect(refusal(() => draw({ seed, candidates: [{ id: 'a', hash: '00' }], size: 1 }))).toBe(
      'draw-impossible',
    );
  });

  it('hashes the roster without regard to its order, but with every exclusion', () => {
    const all = candidates(roster);
    expect(rosterLines(all)).toBe(rosterLines([...all].reverse()));
    expect(rosterLines(candidates(roster, { guoli: '回避' }))).not.toBe(rosterLines(all));
    expect(rosterLines([{ id: 'b', excluded: '回"避' }, { id: 'a' }])).toBe('["a",null]\n["b","回\\"避"]\n');
  });
});

describe('Teams', () => {
  const people: Inspector[] = [
    ...candidates(['s1', 's2', 's3', 's4']).map((one) => ({ ...one, agency: null })),
    ...candidates(['s5', 's6']).map((one) => ({ ...one, agency: 'shuili' })),
  ];

  it('never hold an inspector of the inspected agency, and the exclusion is recorded', () => {
    const { teams, exclusions } = assignTeams(candidates(roster), people, 2);
    expect(teams).toHaveLength(7);
    for (const team of teams) expect(new Set(team.inspectors).size).toBe(2);
    const shuili = teams.find((team) => team.agency === 'shuili')?.inspectors ?? [];
    expect(shuili.some((id) => id === 's5' || id === 's6')).toBe(false);
    expect(exclusions).toEqual(
      expect.arrayContaining([
        { agency: 'shuili', inspector: 's5', reason: 'own-agency' },
        { agency: 'shuili', inspector: 's6', reason: 'own-agency' },
      ]),
    );
  });

  it('share the burden: no inspector has two more than another', () => {
    const load = new Map<string, number>();
    for (const team of assignTeams(candidates(roster), people, 2).teams) {
      for (const id of team.inspectors) load.set(id, (load.get(id) ?? 0) + 1);
    }
    expect(Math.max(...load.values()) - Math.min(...load.values())).toBeLessThanOrEqual(1);
  });

  it('leave out a recused inspector, once and with the reason', () => {
    const recused = people.map((one) => (one.id === 's1' ? { ...one, excluded: '回避' } : one));
    const { teams, exclusions } = assignTeams(candidates(roster), recused, 2);
    expect(teams.flatMap((team) => team.inspectors)).not.toContain('s1');
    expect(exclusions.filter((one) => one.inspector === 's1')).toEqual([
      { agency: null, inspector: 's1', reason: '回避' },
    ]);
  });

  it('of one are refused, and so are agencies that only their own people could inspect', () => {
    expect(refusal(() => assignTeams(candidates(roster), people, 1))).toBe('inspectors-too-few');
    expect(refusal(() => assignTeams(candidates(['shuili']), people.slice(3), 2))).toBe('draw-impossible');
  });
});

describe('The verification script', () => {
  const script = fileURLToPath(new URL('../../scripts/verify-draw.mjs', import.meta.url));
  const all = candidates(roster, { guoli: '回避' });
  const published = {
    seed,
    commitment: sha256(seed),
    purpose,
    size: 3,
    candidates: all.map(({ id, excluded }) => (excluded === undefined ? { id } : { id, excluded })),
    rosterHash: sha256(rosterLines(all)),
    drawn: draw({ seed, candidates: all, size: 3 }).drawn,
  };
  const run = (json: unknown) =>
    spawnSync(process.execPath, [script], { input: JSON.stringify(json), encoding: 'utf8' });

  it('confirms what the product drew, in words', () => {
    const { status, stdout } = run(published);
    expect(stdout).toContain('核验通过');
    expect(stdout).toContain('guoli: 回避');
    expect(status).toBe(0);
  });

  it.each([
    ['another result', { drawn: ['guoli', ...published.drawn.slice(1)] }],
    ['another seed', { seed: 'chosen-later' }],
    ['another roster', { candidates: [...published.candidates, { id: 'newcomer' }] }],
  ])('finds %s', (_what, change) => {
    const { status, stdout } = run({ ...published, ...change });
    expect(stdout).toContain('不一致');
    expect(status).toBe(1);
  });

  it('says so where the input is no draw', () => {
    expect(run({ seed: 1 }).status).toBe(2);
  });
});
