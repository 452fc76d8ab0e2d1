import { describe, expect, it } from 'vitest';
import { type AppraisalEvent, appraise, without } from '../../domain/appraisal.ts';

const event = (what: AppraisalEvent['what'], over: Partial<AppraisalEvent> = {}): AppraisalEvent => ({
  id: `${what}-1`,
  at: '2026-05-01',
  what,
  ...(what === 'found' || what === 'disclosed' ? { severity: 'ordinary' as const } : {}),
  ...over,
});
const one = (events: readonly AppraisalEvent[], small = false) => {
  const [only] = appraise([{ agency: 'maqiao', small, events }]);
  if (!only) throw new Error('nothing appraised');
  return only;
};
const value = (events: readonly AppraisalEvent[], rule: string) =>
  one(events).points.find((point) => point.rule === rule)?.value;

describe('The appraisal of a year', () => {
  it('counts every rule from its own events, and shows them', () => {
    const { total, points } = one([
      ...[1, 2, 3, 4].map((n) => event('looked', { id: `t${n}` })),
      event('found', { id: 'f1' }),
      event('disclosed', { id: 'f2', severity: 'minor' }),
      event('rectified', { id: 'f1' }),
      event('rectifiedLate', { id: 'f2' }),
      event('answered', { id: 't1' }),
      event('answeredLate', { id: 't2' }),
      event('silent', { id: 't3' }),
      event('answered', { id: 't4' }),
    ]);
    expect(points.map(({ rule, value, max }) => [rule, value, max])).toEqual([
      ['problemDensity', 22.5, 30],
      ['rectification', 22.5, 30],
      ['selfDisclosure', 7.5, 15],
      ['fileQuality', null, 15],
      ['timeliness', 6.3, 10],
    ]);
    expect(total).toBe(69.2);
    expect(points[0]?.events.map((each) => each.id)).toEqual(['t1', 't2', 't3', 't4', 'f1']);
    expect(points[1]?.events.map((each) => each.what)).toEqual(['rectified', 'rectifiedLate']);
  });

  it('The same problem again weighs twice', () => {
    const looks = [1, 2, 3, 4].map((n) => event('looked', { id: `t${n}` }));
    expect(value([...looks, event('found')], 'problemDensity')).toBe(22.5);
    expect(value([...looks, event('found', { repeat: true })], 'problemDensity')).toBe(15);
  });

  it('Nothing that happened is nothing to judge: neither full points nor none', () => {
    expect(one([])).toMatchObject({ total: null, rank: null });
  });

  it('Small organs are ranked among themselves', () => {
    const looks = (n: number) => [event('looked', { id: `t${n}` }), event('answered', { id: `t${n}` })];
    const all = appraise([
      { agency: 'small', small: true, events: [...looks(1), event('silent', { id: 't9' })] },
      { agency: 'big', small: false, events: looks(2) },
    ]);
    expect(all.map(({ agency, small, rank }) => [agency, small, rank])).toEqual([
      ['big', false, 1],
      ['small', true, 1],
    ]);
  });

  it('What is struck out after an objection counts for no rule any more', () => {
    const events = [
      event('looked', { id: 't1' }),
      event('found', { id: 'f1' }),
      event('unrectified', { id: 'f1' }),
    ];
    const [after] = appraise(without([{ agency: 'maqiao', small: false, events }], ['f1']));
    expect(after?.points.map((point) => point.value)).toEqual([30, null, null, null, null]);
  });

  it('No rule has an event about money (行政处罚法第七十四条)', () => {
    const words = JSON.stringify(one([event('found'), event('looked'), event('answered')]));
    expect(words).not.toMatch(/fine|amount|confiscat|罚款|罚没/i);
  });
});
