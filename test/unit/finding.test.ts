import { describe, expect, it } from 'vitest';
import { standingChecklists } from '../../data/reference.ts';
import { CATEGORIES, type Recurring, repeatsOf } from '../../domain/finding.ts';

const finding = (id: string, over: Partial<Recurring> = {}): Recurring => ({
  id,
  owner: 'GA-2026-001',
  agency: 'maqiao',
  category: 'legalReview',
  foundOn: '2026-05-10',
  ...over,
});

describe('a problem', () => {
  it('Repeats those of its category at its agency that came before, oldest first', () => {
    const others = [
      finding('b', { owner: 'ZX-2026-001', foundOn: '2026-03-02' }),
      finding('a', { owner: 'RC-2025', foundOn: '2025-11-05' }),
      finding('c', { owner: 'ZX-2026-001', foundOn: '2026-03-02' }),
    ];
    expect(repeatsOf(finding('x'), others)).toEqual(['a', 'b', 'c']);
  });

  it('Does not repeat another agency’s, another kind, itself, or what came later', () => {
    const others = [
      finding('x', { foundOn: '2026-01-01' }),
      finding('a', { agency: 'xincheng', foundOn: '2026-01-01' }),
      finding('b', { category: 'disclosure', foundOn: '2026-01-01' }),
      finding('c', { foundOn: '2026-05-11' }),
    ];
    expect(repeatsOf(finding('x'), others)).toEqual([]);
  });

  it('Does not repeat what the same look brought, but what another mode found on that day', () => {
    const others = [finding('a'), finding('b', { owner: 'ZX-2026-001' })];
    expect(repeatsOf(finding('x'), others)).toEqual(['b']);
  });

  it('Of no kind repeats nothing', () => {
    const old = finding('a', { category: 'other', foundOn: '2026-01-01' });
    expect(repeatsOf(finding('x', { category: 'other' }), [old])).toEqual([]);
  });

  it('Has a kind in every item of the standing checklists', () => {
    for (const list of standingChecklists())
      for (const item of list.items)
        expect(Object.keys(CATEGORIES), `${list.id}/${item.id}`).toContain(item.category);
  });
});
