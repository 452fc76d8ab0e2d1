import { describe, expect, it } from 'vitest';
import { type ScoreInput, type ScoredFinding, score } from '../../domain/score.ts';

function organ(agency: string, over: Partial<ScoreInput> = {}): ScoreInput {
  return {
    agency,
    small: false,
    findings: [],
    selfInspection: 'onTime',
    filesChecked: 10,
    fileFaults: 0,
    ...over,
  };
}

function finding(over: Partial<ScoredFinding> = {}): ScoredFinding {
  return { source: 'inspection', severity: 'ordinary', rectified: 'onTime', ...over };
}

function one(input: ScoreInput) {
  const [only] = score([input]);
  if (only === undefined) throw new Error('no score');
  return only;
}

function value(input: ScoreInput, rule: string) {
  return one(input).parts.find((part) => part.rule === rule)?.value;
}

describe('A campaign score', () => {
  it('has five parts that make a hundred', () => {
    const { parts } = one(organ('a'));
    expect(parts.map((part) => [part.rule, part.max])).toEqual([
      ['problemDensity', 30],
      ['rectification', 30],
      ['selfDisclosure', 15],
      ['fileQuality', 15],
      ['timeliness', 10],
    ]);
  });

  it('shows the figures and the findings behind every part', () => {
    const findings = [
      finding({ id: 'W-1' }),
      finding({ id: 'W-2', source: 'self', severity: 'major', rectified: 'late' }),
      finding({ id: 'W-3', severity: 'minor', rectified: 'open' }),
    ];
    const { parts, total } = one(organ('a', { findings, fileFaults: 2, selfInspection: 'late' }));
    expect(parts).toEqual([
      {
        rule: 'problemDensity',
        value: 25.5,
        max: 30,
        facts: { problems: 2, weight: 3, filesChecked: 10, perFile: 0.3 },
        findings: ['W-1', 'W-3'],
      },
      {
        rule: 'rectification',
        value: 15,
        max: 30,
        facts: { due: 3, onTime: 1, late: 1, open: 1 },
        findings: ['W-1', 'W-2', 'W-3'],
      },
      { rule: 'selfDisclosure', value: 5, max: 15, facts: { bySelf: 1, byInspection: 2 }, findings: ['W-2'] },
      { rule: 'fileQuality', value: 12, max: 15, facts: { filesChecked: 10, fileFaults: 2 }, findings: [] },
      { rule: 'timeliness', value: 5, max: 10, facts: { selfInspection: 'late' }, findings: [] },
    ]);
    expect(total).toBe(62.5);
  });

  it('rescales a part without facts, so that nobody wins or loses by what was not looked at', () => {
    const unseen = one(organ('a', { filesChecked: 0 }));
    expect(unseen.parts.filter((part) => part.value === null).map((part) => part.rule)).toEqual([
      'problemDensity',
      'rectification',
      'selfDisclosure',
      'fileQuality',
    ]);
    expect(unseen.total).toBe(100);
    expect(one(organ('a', { findings: [finding({ rectified: null })] })).parts[1]?.value).toBeNull();
  });

  it('counts a problem found by oneself for more than one found by the team', () => {
    const self = one(organ('a', { findings: [finding({ source: 'self' })] })).total ?? 0;
    const team = one(organ('a', { findings: [finding()] })).total ?? 0;
    expect(self).toBeGreaterThan(team);
    expect(
      value(organ('a', { findings: [finding({ source: 'self', severity: 'major' })] }), 'problemDensity'),
    ).toBe(30);
  });

  it('never falls below nought', () => {
    const findings = Array.from({ length: 40 }, () => finding({ severity: 'major', rectified: 'open' }));
    const worst = one(organ('a', { findings, fileFaults: 90, selfInspection: 'none' }));
    expect(worst.total).toBe(0);
    expect(worst.parts.every((part) => part.value === 0)).toBe(true);
  });

  it('shares a rank among ties, and the next rank counts them', () => {
    const ranks = score([organ('c', { fileFaults: 5 }), organ('b'), organ('a')]);
    expect(ranks.map(({ agency, rank }) => [agency, rank])).toEqual([
      ['a', 1],
      ['b', 1],
      ['c', 3],
    ]);
  });

  it('ranks small organs apart', () => {
    const ranks = score([
      organ('s', { small: true, filesChecked: 2 }),
      organ('b', { fileFaults: 1 }),
      organ('a'),
    ]);
    expect(ranks.map(({ agency, rank, small }) => [agency, rank, small])).toEqual([
      ['a', 1, false],
      ['b', 2, false],
      ['s', 1, true],
    ]);
  });

  it('does not look at fines, whatever is passed in', () => {
    const fined = { ...organ('a', { fileFaults: 1 }), confiscatedAmount: 9_000_000, fines: 12 };
    expect(score([fined])).toEqual(score([organ('a', { fileFaults: 1 })]));
  });
});
