import { describe, expect, it } from 'vitest';
import { type Checklist, type ChecklistItem, checklistFaults, missing } from '../../domain/checklist.ts';

function item(id: string, over: Partial<ChecklistItem> = {}): ChecklistItem {
  return {
    id,
    text: '行政检查是否双人持证',
    textEn: 'Do two officers show certificates?',
    level: 'D',
    stage: 'during',
    points: 4,
    evidence: '检查记录',
    evidenceEn: 'inspection records',
    mandatoryEvidence: false,
    ...over,
  };
}

function list(over: Partial<Checklist> = {}): Checklist {
  return {
    id: 'CL-test',
    title: '测试清单',
    titleEn: 'Test',
    version: 1,
    level: 'D',
    items: [item('c1'), item('c2', { mandatoryEvidence: true })],
    ...over,
  };
}

describe('What a checklist misses in an answer', () => {
  it('is nothing where every item is met and what must be proved is proved', () => {
    const items = { c1: { result: 'met' }, c2: { result: 'met' } } as const;
    expect(missing(list(), { items, files: 1 })).toEqual([]);
  });

  it('is every item of an answer in free text', () => {
    expect(missing(list(), { items: {}, files: 0 })).toEqual([
      { id: 'c1', why: 'unanswered' },
      { id: 'c2', why: 'unanswered' },
    ]);
  });

  it('is the reason of whatever is not met, and the evidence that was asked for', () => {
    const items = { c1: { result: 'notMet', note: ' ' }, c2: { result: 'met' } } as const;
    expect(missing(list(), { items, files: 0 })).toEqual([
      { id: 'c1', why: 'note-missing' },
      { id: 'c2', why: 'evidence-missing' },
    ]);
  });

  it('is not the evidence where a note says where it is, or where the item does not apply', () => {
    const said = {
      c1: { result: 'partly', note: '11月补齐' },
      c2: { result: 'met', note: '见门户网站公示栏' },
    } as const;
    expect(missing(list(), { items: said, files: 0 })).toEqual([]);
    const none = { c1: { result: 'met' }, c2: { result: 'notApplicable', note: '无此职权' } } as const;
    expect(missing(list(), { items: none, files: 0 })).toEqual([]);
  });

  it('names an item that the list does not have', () => {
    const items = { c1: { result: 'met' }, c2: { result: 'met' }, c9: { result: 'met' } } as const;
    expect(missing(list(), { items, files: 1 })).toEqual([{ id: 'c9', why: 'item-unknown' }]);
  });

  it('is not fooled by the insides of an object', () => {
    expect(missing(list({ items: [item('toString')] }), { items: {}, files: 0 })).toEqual([
      { id: 'toString', why: 'unanswered' },
    ]);
  });
});

describe('A checklist', () => {
  it('without a fault may be used', () => {
    expect(checklistFaults(list())).toEqual([]);
  });

  it('may not be empty', () => {
    expect(checklistFaults(list({ items: [] })).map((fault) => fault.code)).toEqual(['list-empty']);
  });

  it('has every fault named by its pointer', () => {
    const faulty = list({
      id: 'three systems',
      title: ' ',
      version: 0,
      items: [
        item('c1', { text: '' }),
        item('c1', { points: 0 }),
        item('c 3', { level: 'G' }),
        item('c4', { mandatoryEvidence: true, evidence: '' }),
      ],
    });
    expect(checklistFaults(faulty).map((fault) => [fault.pointer, fault.code])).toEqual([
      ['/id', 'id-invalid'],
      ['/title', 'field-missing'],
      ['/version', 'field-missing'],
      ['/items/0/text', 'field-missing'],
      ['/items/1/id', 'item-twice'],
      ['/items/1/points', 'points-invalid'],
      ['/items/2/id', 'id-invalid'],
      ['/items/2/level', 'level-differs'],
      ['/items/3/evidence', 'field-missing'],
    ]);
  });
});
