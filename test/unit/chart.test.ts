import { describe, expect, test } from 'vitest';
import { bars, median, pareto } from '../../api/charts/bars.ts';
import { burnUp } from '../../api/charts/burn-up.ts';
import { heatMap } from '../../api/charts/heat-map.ts';
import { stageLengths } from '../../domain/case-stages.ts';

describe('A burn-up', () => {
  const facts = {
    from: '2026-03-02',
    due: '2026-03-12',
    today: '2026-03-07',
    of: 40,
    answered: [
      { day: '2026-03-05', n: 6 },
      { day: '2026-03-03', n: 4 },
    ],
  };

  test('adds the answers day by day, each with how many are expected', () => {
    const { rows, n, of } = burnUp(facts);
    expect(rows).toEqual([
      { day: '2026-03-02', n: 0, more: 0, of: 40 },
      { day: '2026-03-03', n: 4, more: 4, of: 40 },
      { day: '2026-03-05', n: 10, more: 6, of: 40 },
      { day: '2026-03-07', n: 10, more: 0, of: 40 },
    ]);
    expect([n, of]).toEqual([10, 40]);
  });

  test('draws up to today, and the due day where it stands', () => {
    const { points, due, today, left, right, base, top } = burnUp(facts);
    expect(points.split(' ')[0]).toBe(`${left},${base}`);
    expect(points.split(' ').length).toBe(1 + 6);
    expect(due.x).toBe(right);
    expect(today.x).toBe((left + right) / 2);
    // A quarter of the way up: 10 of 40.
    expect(today.y).toBeCloseTo(base - (base - top) / 4, 0);
  });

  test('goes on beyond the due day when it has passed, and holds for nobody and for an answer that came first', () => {
    const late = burnUp({ ...facts, today: '2026-03-22' });
    expect(late.due.x).toBe((late.left + late.right) / 2);
    const empty = burnUp({ ...facts, of: 0, answered: [] });
    expect(empty.points).not.toContain('NaN');
    expect(burnUp({ ...facts, answered: [{ day: '2026-02-27', n: 3 }] }).rows[0]).toMatchObject({ n: 3 });
  });
});

describe('A heat map', () => {
  const map = heatMap({
    items: [
      { id: 'c1', text: '公示' },
      { id: 'c2', text: '记录' },
    ],
    agencies: [
      { name: '马桥镇人民政府', href: '/a', results: { c1: 'notMet' } },
      { name: '起凤镇人民政府', href: '/b', results: { c1: 'met', c2: 'partly' } },
    ],
  });

  test('hatches what nobody said: no data is never a zero', () => {
    expect(map.rows[0]?.cells.map(({ step, mark, result }) => [step, mark, result])).toEqual([
      [4, '✗', 'notMet'],
      ['none', '', ''],
    ]);
    expect(map.rows[1]?.cells.map((one) => one.step)).toEqual([0, 2]);
  });

  test('counts each item out of those that said something of it', () => {
    expect(map.totals.map(({ bad, said, of }) => [bad, said, of])).toEqual([
      [1, 2, 2],
      [1, 1, 2],
    ]);
  });
});

describe('Bars', () => {
  test('are as long as what they count; nothing has no length', () => {
    const { rows } = bars([
      { name: '甲', n: 10 },
      { name: '乙', n: 5 },
      { name: '丙', n: 0 },
    ]);
    expect(rows.map((one) => one.width / (rows[0]?.width ?? 1))).toEqual([1, 0.5, 0]);
    expect(bars([]).rows).toEqual([]);
  });

  test('a Pareto stands the most frequent first and adds them up to all', () => {
    const chart = pareto([
      { name: '程序', n: 1 },
      { name: '记录', n: 6 },
      { name: '公示', n: 3 },
    ]);
    expect(chart.of).toBe(10);
    expect(chart.rows.map(({ name, together, percent }) => [name, together, percent])).toEqual([
      ['记录', 6, 60],
      ['公示', 9, 90],
      ['程序', 10, 100],
    ]);
    expect(pareto([]).of).toBe(0);
  });

  test('a median is the middle, and nothing of nothing', () => {
    expect([median([3, 1, 9]), median([1, 2, 3, 10]), median([])]).toEqual([3, 2.5, null]);
  });
});

describe('The days of a stage', () => {
  const at = (day: string) => `2026-03-${day}T09:00:00+08:00`;

  test('run from the event that begins it to the one that begins the next; what is under way has none yet', () => {
    expect(
      stageLengths([
        { at: at('02'), what: 'case-opened' },
        { at: at('05'), what: 'case-filed' },
        { at: at('06'), what: 'document-served', detail: { kind: 'notice' } },
        { at: at('15'), what: 'investigated' },
        { at: at('18'), what: 'investigated' },
        { at: at('19'), what: 'document-served', detail: { kind: 'opinion' } },
      ]),
    ).toEqual([
      { stage: 'filing', days: 3 },
      { stage: 'notice', days: 10 },
      { stage: 'investigation', days: 4 },
    ]);
  });

  test('the last stage ends when the case is closed', () => {
    expect(
      stageLengths([
        { at: at('02'), what: 'case-opened' },
        { at: at('12'), what: 'rectification-accepted' },
        { at: at('14'), what: 'case-closed' },
      ]),
    ).toEqual([
      { stage: 'filing', days: 10 },
      { stage: 'closure', days: 2 },
    ]);
  });
});
