import { describe, expect, it } from 'vitest';
import { type Act, heaviest, repeatOf, targetKey } from '../../domain/act.ts';
import { rowOf } from '../../domain/act-table.ts';

const act = (over: Partial<Act> = {}): Act => ({
  ...{ no: 'A-1', agency: 'maqiao', type: 'penalty', on: '2026-03-02', target: '某公司' },
  ...{ officers: ['1', '2'], channel: 'network', outcomes: ['fine'], fen: 100 },
  ...over,
});

describe('An act that is reported again', () => {
  it('Changes nothing when it says the same, or leaves out days that were told later', () => {
    expect(repeatOf(act(), act())).toEqual({ kind: 'unchanged' });
    expect(repeatOf(act({ servedOn: '2026-03-04' }), act())).toEqual({ kind: 'unchanged' });
  });

  it('Is completed by days that come after it, and by nothing else', () => {
    expect(repeatOf(act(), act({ servedOn: '2026-03-04' }))).toEqual({
      kind: 'completed',
      later: { servedOn: '2026-03-04' },
    });
    for (const over of [
      { fen: 200 },
      { officers: ['1'] },
      { plan: 'x' },
      { decidedOn: '2026-03-02' },
      { outcomes: [] },
    ])
      expect(repeatOf(act(), act(over))).toEqual({ kind: 'differs', fields: Object.keys(over) });
    expect(repeatOf(act({ servedOn: '2026-03-04' }), act({ servedOn: '2026-03-05' })).kind).toBe('differs');
    const { fen: _fen, ...without } = act();
    expect(repeatOf(act(), without)).toEqual({ kind: 'differs', fields: ['fen'] });
  });
});

describe('An act', () => {
  it('Counts once under its heaviest penalty', () => {
    expect(heaviest(['fine', 'warning'], 1)).toBe('fine');
    expect(heaviest(['other', 'warning'], 0)).toBe('warning');
    expect(heaviest(['detention', 'fine', 'revocation'], 1)).toBe('detention');
    expect(heaviest([], 1)).toBe('fine');
    expect(heaviest([], 0)).toBe('other');
  });

  it('Meets the same target whatever spaces and brackets its name has, and by code where there is one', () => {
    expect(targetKey({ target: '山东某某（集团） 公司' })).toBe(targetKey({ target: '山东某某(集团)公司' }));
    expect(targetKey({ target: '甲', targetCode: '9137' })).toBe('9137');
  });

  it('Is read from a row in the words of the field, with the days that spreadsheets write', () => {
    for (const on of ['2026/3/5', '2026.3.5', '2026年3月5日', '20260305', '2026-03-05'])
      expect(rowOf({ no: '1', type: '行政检查', on })).toMatchObject({
        type: 'inspection',
        on: '2026-03-05',
      });
    expect(
      rowOf({
        type: '处罚',
        amount: '1,234.50',
        officers: '甲、乙;丙',
        channel: '网下',
        recording: '音像记录',
        outcomes: '罚款；警告、通报批评',
        reviewedOn: '2026/3/1',
        occasion: '投诉举报',
      }),
    ).toEqual({
      ...{ type: 'penalty', amount: 1_234.5, officers: ['甲', '乙', '丙'], channel: 'offNetwork' },
      ...{ recording: 'audioVideo', outcomes: ['fine', 'warning'], legalReview: { on: '2026-03-01' } },
      occasion: 'complaint',
    });
    expect(rowOf({ amount: '约一千', type: '逮捕', on: '三月' })).toMatchObject({
      amount: '约一千',
      type: '逮捕',
      on: '三月',
    });
  });
});
