import { describe, expect, it, test } from 'vitest';
import { Refusal } from '../../domain/refusals.ts';
import {
  type Bar,
  type CertifiedPerson,
  type Team,
  barOn,
  checkSupervisors,
  standingOn,
} from '../../domain/supervisor.ts';

const person = (id: string, over: Partial<CertifiedPerson> = {}): CertifiedPerson => ({
  id,
  name: `监督员${id}`,
  certificate: { no: `证${id}`, issued: '2025-01-01', expires: '2026-12-31' },
  ...over,
});
const bar = (over: Partial<Bar> = {}): Bar => ({
  state: 'suspended',
  from: '2026-03-10',
  until: '2026-05-09',
  by: 'ZZ-2026-001',
  ...over,
});
const team = (over: Partial<Team> = {}): Team => ({
  asked: ['a', 'b'],
  register: [person('a'), person('b'), person('c', { name: '监督员a' })],
  day: '2026-04-01',
  agency: 'maqiao',
  as: 'supervisors',
  ...over,
});

function refusalOf(over: Partial<Team>): Refusal {
  try {
    checkSupervisors(team(over));
  } catch (error) {
    if (error instanceof Refusal) return error;
    throw error;
  }
  throw new Error('the team was taken');
}

const withB = (over: Partial<CertifiedPerson>) => [person('a'), person('b', over)];

describe('a team of supervisors', () => {
  it('Is two different people or more, named by id or by a name that only one has', () => {
    expect(checkSupervisors(team()).map((one) => one.id)).toEqual(['a', 'b']);
    expect(checkSupervisors(team({ asked: ['a', '监督员b'] })).map((one) => one.id)).toEqual(['a', 'b']);
    expect(refusalOf({ asked: ['a'] })).toMatchObject({ code: 'supervisors-too-few', pointer: '/supervisors' }); // prettier-ignore
    expect(refusalOf({ asked: [] }).code).toBe('supervisors-too-few');
    expect(refusalOf({ asked: ['b', '监督员b'] }).code).toBe('supervisors-too-few');
    expect(refusalOf({ asked: ['a'], as: 'inspectors' })).toMatchObject({ code: 'inspectors-too-few', pointer: '/inspectors' }); // prettier-ignore
  });

  it('Takes nobody who is not registered, nor a name that two have', () => {
    expect(refusalOf({ asked: ['a', '__proto__'] })).toMatchObject({ code: 'supervisor-unknown', pointer: '/supervisors/1' }); // prettier-ignore
    expect(refusalOf({ asked: ['b', '监督员a'] }).message).toContain('2名');
    expect(refusalOf({ asked: ['a', 'x'], as: 'inspectors' }).code).toBe('inspector-unknown');
  });

  test.each([
    ['expired', { certificate: { no: '1', issued: '2025-01-01', expires: '2026-03-31' } }, 'certificate-expired'], // prettier-ignore
    ['not yet valid', { certificate: { no: '1', issued: '2026-04-02', expires: '2027-03-31' } }, 'certificate-invalid'], // prettier-ignore
    ['suspended', { bars: [bar()] }, 'certificate-suspended'],
    ['confiscated', { bars: [bar({ state: 'confiscated', until: undefined })] }, 'certificate-suspended'],
    ['disqualified', { bars: [bar({ state: 'disqualified', until: undefined })] }, 'certificate-suspended'],
    ['of the agency itself', { agency: 'maqiao' }, 'supervisor-own-agency'],
  ] as const)('Takes nobody whose certificate or place forbids it: %s', (_why, over, code) => {
    const refusal = refusalOf({ register: withB(over) });
    expect(refusal).toMatchObject({ code, pointer: '/supervisors/1' });
    expect(refusal.message).toContain('监督员b');
  });

  it('Takes nobody who is recused, by name', () => {
    const refusal = refusalOf({ recused: ['a'] });
    expect(refusal).toMatchObject({ code: 'supervisor-recused', pointer: '/supervisors/0' });
    expect(refusal.message).toContain('监督员a');
  });
});

describe('a bar', () => {
  test.each([
    ['2026-03-09', false],
    ['2026-03-10', true],
    ['2026-05-09', true],
    ['2026-05-10', false],
  ])('Holds from its first day to its last: %s', (day, holds) => {
    expect(barOn({ bars: [bar()] }, day) !== undefined).toBe(holds);
  });

  it('That was ended early holds no more from that day on, but still on the days before', () => {
    const bars = [bar({ endedOn: '2026-04-01' })];
    expect(barOn({ bars }, '2026-03-31')).toBeDefined();
    expect(barOn({ bars }, '2026-04-01')).toBeUndefined();
  });

  it('Is shown with its dates and its accountability, before what the certificate itself says', () => {
    const { certificate } = person('a');
    expect(standingOn({ certificate, bars: [bar()] }, '2026-04-01')).toEqual({
      state: 'suspended',
      from: '2026-03-10',
      until: '2026-05-09',
      by: 'ZZ-2026-001',
    });
    expect(standingOn({ certificate, bars: [bar()] }, '2026-06-01')).toEqual({ state: 'valid' });
    expect(standingOn({ certificate }, '2027-01-01')).toEqual({ state: 'expired' });
    expect(standingOn({ certificate }, '2024-12-31')).toEqual({ state: 'notYetValid' });
  });
});
