import { describe, expect, it, test } from 'vitest';
import { instrumentRules } from '../../data/reference.ts';
import {
  type Fact,
  INSTRUMENT_KINDS,
  type Instrument,
  type InstrumentRequest,
  checkInstrument,
  termOfInstrument,
} from '../../domain/instrument.ts';
import { instrumentFaults } from '../../domain/instrument-faults.ts';
import { Refusal } from '../../domain/refusals.ts';

const shandong = instrumentRules();
const sichuan = instrumentRules('sichuan');

/** A request that only says what matters in a test: an opinion on an illegal act, under review. */
const ask = (over: Partial<InstrumentRequest> & { facts?: readonly Fact[] } = {}): InstrumentRequest => ({
  kind: 'opinion',
  facts: ['filed', 'illegalAct'],
  state: 'reviewing',
  ...over,
});

function refusalOf(work: () => unknown): Refusal {
  try {
    work();
  } catch (error) {
    if (error instanceof Refusal) return error;
    throw error;
  }
  throw new Error('it was let through');
}

const refused = (over: Parameters<typeof ask>[0], rows = shandong) =>
  refusalOf(() => checkInstrument(rows, ask(over)));

describe('the instrument gate in Shandong', () => {
  it('An opinion follows an act that is illegal or clearly improper, cites both regulations and gives thirty days', () => {
    for (const fact of ['illegalAct', 'improperAct'] as const) {
      const row = checkInstrument(shandong, ask({ facts: ['filed', fact] }));
      expect(row.article).toBe('《行政执法监督条例》第二十八条、《山东省行政执法监督条例》第二十八条');
      expect(row).toMatchObject({ id: 'sd-opinion', signer: 'office', byMachine: false });
      expect(termOfInstrument(row)).toEqual({ days: 30 });
      expect(termOfInstrument(row, { days: 20 })).toEqual({ days: 20 });
    }
  });

  test.each([
    [{ kind: 'notice', facts: [], state: 'filed' }, ['filed']],
    [{ kind: 'letter', facts: ['filed'] }, ['dutyNotPerformed']],
    [{ kind: 'letter', facts: ['filed', 'illegalAct'] }, ['dutyNotPerformed']],
    [{ kind: 'opinion', facts: ['filed', 'dutyNotPerformed'] }, ['illegalAct', 'improperAct']],
    [{ kind: 'opinion', facts: ['illegalAct'] }, ['filed']],
    [{ kind: 'proposal', facts: ['filed'] }, ['systemicProblem']],
    [{ kind: 'circular', facts: ['filed', 'illegalAct'] }, ['refused', 'systemicProblem']],
    [{ kind: 'transferLetter', facts: ['filed'] }, ['dutyCrimeLead', 'crimeLead', 'notCompetent']],
    [
      { kind: 'decision', facts: ['filed'], outcome: 'revoke' },
      ['letterNotFollowed', 'opinionNotFollowed', 'major', 'refused'],
    ],
  ] as const)('A document without its fact is refused, naming the fact: %j', (request, facts) => {
    const refusal = refused(request);
    expect(refusal.code).toBe('fact-missing');
    for (const fact of facts) expect(refusal.message).toContain(`（${fact}）`);
  });

  it('Every kind has a row, and a set that lacks a kind refuses it', () => {
    expect(new Set(shandong.map((row) => row.kind))).toEqual(new Set(INSTRUMENT_KINDS));
    const lacking = shandong.filter((row) => row.kind !== 'opinion');
    expect(refused({}, lacking).code).toBe('instrument-unknown');
  });

  it('Out of its step a document is refused with the steps that would allow it', () => {
    const refusal = refused({ state: 'closed' });
    expect(refusal.code).toBe('instrument-out-of-step');
    expect(refusal.message).toMatch(/investigating、reviewing.*closed/);
  });

  it('A decision needs a letter or an opinion served before it, unless the matter is major', () => {
    const decision = {
      kind: 'decision',
      state: 'rectifying',
      outcome: 'orderCorrect',
      findings: 1,
    } as const;
    const facts = ['filed', 'opinionNotFollowed'] as const;
    expect(refused({ ...decision, facts }).code).toBe('instrument-not-served');
    const served = checkInstrument(shandong, ask({ ...decision, facts, served: ['notice', 'opinion'] }));
    expect(served).toMatchObject({ id: 'cn-decision-not-followed', signer: 'government' });
    const major = checkInstrument(shandong, ask({ ...decision, facts: ['filed', 'major'] }));
    expect(major).toMatchObject({ id: 'cn-decision-major', signer: 'government' });
  });

  it('An outcome that is not one of the province is refused, and so is a decision without one', () => {
    const decision = { kind: 'decision', facts: ['filed', 'major'] } as const;
    for (const outcome of ['change', 'orderRemake', 'toString', undefined])
      expect(refused({ ...decision, outcome }).code).toBe('outcome-not-allowed');
    expect(refused({ outcome: 'revoke' }).code).toBe('outcome-not-allowed');
    for (const outcome of ['orderPerform', 'orderSupplement', 'orderCorrect', 'revoke', 'confirmUnlawful'])
      expect(checkInstrument(shandong, ask({ ...decision, outcome })).kind).toBe('decision');
  });

  it('What states no finding cannot be an opinion, but can be a notice', () => {
    expect(refused({ findings: 0 }).code).toBe('findings-missing');
    expect(checkInstrument(shandong, ask({ kind: 'notice', state: 'filed', findings: 0 })).id).toBe(
      'sd-notice',
    );
  });

  it('The thirty days of an opinion are never exceeded, and shortened only with a reason on record', () => {
    const reason = '事关群众过冬';
    expect(refused({ term: { days: 31 } }).code).toBe('term-not-allowed');
    expect(refused({ term: { days: 31 }, reason }).code).toBe('term-not-allowed');
    const shorter = refused({ term: { days: 10 }, reason: '  ' });
    expect(shorter).toMatchObject({ code: 'term-not-allowed', pointer: '/term' });
    expect(shorter.message).toContain('理由');
    expect(checkInstrument(shandong, ask({ term: { days: 10 }, reason })).id).toBe('sd-opinion');
    expect(checkInstrument(shandong, ask({ term: { days: 30 } })).id).toBe('sd-opinion');
  });

  it('A letter may give less than its fifteen days, and more with a reason', () => {
    const letter = { kind: 'letter', facts: ['filed', 'dutyNotPerformed'] } as const;
    expect(checkInstrument(shandong, ask({ ...letter, term: { days: 5 } })).id).toBe('cn-letter');
    expect(refused({ ...letter, term: { days: 60 } }).code).toBe('term-not-allowed');
    expect(checkInstrument(shandong, ask({ ...letter, term: { days: 60 }, reason: '须先立项' })).id).toBe(
      'cn-letter',
    );
  });

  it('Working days are not weighed against days, and what gives no term takes none', () => {
    expect(refused({ term: { workdays: 10 }, reason: '方便' }).message).toContain('日');
    const circular = { kind: 'circular', facts: ['filed', 'refused'] } as const;
    expect(refused({ ...circular, term: { days: 5 } }).code).toBe('term-not-allowed');
    expect(termOfInstrument(checkInstrument(shandong, ask(circular)))).toBeUndefined();
  });

  it('A person may name the row where several know the kind; one that is not there is refused', () => {
    const notice = { kind: 'notice', facts: ['filed', 'procedureBreach'], state: 'investigating' } as const;
    expect(checkInstrument(shandong, ask(notice)).id).toBe('sd-notice');
    const named = checkInstrument(shandong, ask({ ...notice, instrument: 'sd-notice-procedure' }));
    expect(termOfInstrument(named)).toEqual({ days: 30 });
    expect(refused({ instrument: 'sd-notice' }).code).toBe('instrument-unknown');
  });
});

describe('another province', () => {
  it('Is other rows: what one forbids, the other allows', () => {
    const decision = {
      kind: 'decision',
      facts: ['filed', 'noticeNotFollowed'],
      state: 'rectifying',
      served: ['notice'],
    } as const;
    const remade = checkInstrument(sichuan, ask({ ...decision, outcome: 'orderRemake' }));
    expect(remade).toMatchObject({ id: 'sc-decision', signer: 'government', confirmed: false });
    expect(refused({ ...decision, outcome: 'confirmUnlawful' }, sichuan).code).toBe('outcome-not-allowed');
    expect(refused({ ...decision, outcome: 'orderRemake' }).code).toBe('fact-missing');
  });

  it('Asks for a statement in ten days instead of ten working days, and corrects by its notice', () => {
    const asked = checkInstrument(sichuan, ask({ kind: 'notice', facts: ['filed'], state: 'filed' }));
    expect(termOfInstrument(asked)).toEqual({ days: 10 });
    const here = checkInstrument(shandong, ask({ kind: 'notice', facts: ['filed'], state: 'filed' }));
    expect(termOfInstrument(here)).toEqual({ workdays: 10 });
    const correction = checkInstrument(sichuan, ask({ kind: 'notice' }));
    expect(correction).toMatchObject({
      id: 'sc-notice-correction',
      objection: { within: { days: 15 }, answer: { days: 15 } },
    });
  });

  it('May give an opinion more days with a reason, where the province fixes none', () => {
    expect(refused({ term: { days: 45 } }, sichuan).code).toBe('term-not-allowed');
    expect(checkInstrument(sichuan, ask({ term: { days: 45 }, reason: '需要重新测量' })).id).toBe(
      'sc-opinion',
    );
  });
});

describe('a set of rules', () => {
  it('Both sets can be followed as they stand', () => {
    expect(instrumentFaults(shandong)).toEqual([]);
    expect(instrumentFaults(sichuan)).toEqual([]);
  });

  const broken = (id: string, over: Partial<Instrument>) =>
    instrumentFaults(shandong.map((row) => (row.id === id ? { ...row, ...over } : row)));
  const at = (id: string) => `/items/${shandong.findIndex((row) => row.id === id)}`;
  const term = { default: { days: 30 }, shorterNeedsReason: true, longerNeedsReason: false };

  test.each([
    ['sd-opinion', { id: 'sd-notice' }, 'id'],
    ['sd-opinion', { facts: { all: [], any: [] } }, 'facts'],
    ['sd-opinion', { caseStates: [] }, 'caseStates'],
    ['sd-opinion', { outcomes: ['revoke'] }, 'outcomes'],
    ['cn-decision-major', { outcomes: [] }, 'outcomes'],
    ['cn-decision-major', { outcomes: null }, 'outcomes'],
    ['cn-decision-major', { signer: 'office' }, 'signer'],
    ['sd-opinion', { term: { ...term, min: { days: 31 } } }, 'term/min'],
    ['sd-opinion', { term: { ...term, max: { days: 29 } } }, 'term/max'],
    ['sd-opinion', { term: { ...term, max: { workdays: 40 } } }, 'term/max'],
  ] as const)('%s with %j is pointed at', (id, over, field) => {
    expect(broken(id, over as Partial<Instrument>)).toEqual([
      { pointer: `${at(id)}/${field}`, code: 'instrument-invalid', detail: expect.any(String) as string },
    ]);
  });

  it('What must be served before must be something that can be served', () => {
    const rows = shandong.filter((row) => row.kind !== 'letter');
    expect(instrumentFaults(rows).map((fault) => fault.pointer)).toEqual([
      expect.stringMatching(/^\/items\/\d+\/after\/0$/),
    ]);
  });
});
