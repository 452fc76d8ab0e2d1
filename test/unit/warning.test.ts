import { describe, expect, it } from 'vitest';
import { publishedCalendar, standingChecklists, standingWarningRules } from '../../data/reference.ts';
import type { Act } from '../../domain/act.ts';
import { addDays } from '../../domain/calendar.ts';
import { CATEGORIES } from '../../domain/finding.ts';
import { judgeAct } from '../../domain/warning-act.ts';
import {
  type MonthSum,
  judgeFines,
  judgeGrowth,
  judgeSilence,
  judgeTarget,
} from '../../domain/warning-history.ts';
import type { WarningRule } from '../../domain/warning.ts';

const rules = standingWarningRules();
const only = (...ids: string[]): WarningRule[] => rules.filter(({ id }) => ids.includes(id));
const set = (id: string, params: object): WarningRule[] =>
  only(id).map((rule) => ({ ...rule, params: { ...rule.params, ...params } }) as WarningRule);
const calendar = publishedCalendar();
const person = (expires: string, bars = {}) => ({
  certificate: { no: 'x', issued: '2024-01-01', expires },
  ...bars,
});
const officers = new Map([
  ['1', person('2027-12-31')],
  ['2', person('2026-05-06')],
  [
    '3',
    person('2027-12-31', {
      bars: [{ state: 'suspended', from: '2026-05-06', until: '2026-05-31', by: 'ZZ-2026-001' }],
    }),
  ],
]);
const act = (over: Partial<Act> = {}): Act => ({
  ...{ no: 'A-1', agency: 'maqiao', type: 'penalty', on: '2026-05-06', target: '某公司', recording: 'text' },
  ...{ officers: ['1', '2'], channel: 'network', outcomes: ['warning'], filedOn: '2026-04-01' },
  ...{ servedOn: '2026-05-07', publishedOn: '2026-05-08' },
  ...over,
});
const said = (over: Partial<Act>, today = '2026-06-01', by = rules): string[] =>
  judgeAct(act(over), { rules: by, calendar, today, officers }).warnings.map(({ rule }) => rule);

describe('The rules as they are shipped', () => {
  it('Each falls under an item of the year’s checklist and a kind of the ledger, and cites what it stands on', () => {
    const items = standingChecklists()
      .find(({ id }) => id === 'CL-annual')
      ?.items.map(({ id }) => id);
    for (const { id, check, category, basis, title } of rules) {
      expect(items, id).toContain(check);
      expect(Object.keys(CATEGORIES), id).toContain(category);
      expect(`${title}${basis}`).toMatch(/\p{Script=Han}/u);
    }
    expect(new Set(rules.map(({ id }) => id)).size).toBe(rules.length);
  });
});

describe('One act', () => {
  it('Is in time on the last day and late on the next, rest days counted as the law counts them', () => {
    expect(said({ filedOn: '2026-02-05' })).toEqual([]);
    expect(said({ filedOn: '2026-01-31' })).toEqual([]);
    expect(said({ filedOn: '2026-01-30' })).toEqual(['penaltyLate']);
    expect(said({ servedOn: '2026-05-14' })).toEqual([]);
    expect(said({ servedOn: '2026-05-15' })).toEqual(['serviceLate']);
    expect(said({ hearingNoticedOn: '2026-04-20', heardOn: '2026-04-29' })).toEqual([]);
    expect(said({ hearingNoticedOn: '2026-04-20', heardOn: '2026-04-28' })).toEqual(['hearingNoticeShort']);
    // Decided on 6 May, the first working day after the holiday: the sixth after 23 April, the fifth after the 24th.
    expect(said({ hearingOfferedOn: '2026-04-23' })).toEqual([]);
    expect(said({ hearingOfferedOn: '2026-04-24' })).toEqual(['hearingWindowShort']);
    const police = { crimeSuspectedOn: '2026-05-12', crimeReferredOn: '2026-05-12' };
    expect(said({ ...police, crimeReportedOn: '2026-05-09' })).toEqual([]);
    expect(said({ ...police, crimeReportedOn: '2026-05-08' })).toEqual(['crimeApprovalLate']);
  });

  it('Whose clock is still open sleeps until it has run out, and then is late though nothing came', () => {
    const open = { servedOn: undefined };
    const asleep = judgeAct(act(open), { rules, calendar, today: '2026-05-14', officers });
    expect(asleep).toEqual({ warnings: [], wakeOn: '2026-05-15' });
    expect(said(open, '2026-05-15')).toEqual(['serviceLate']);
    const year = judgeAct(
      act({ servedOn: undefined, on: '2025-05-06', filedOn: undefined, publishedOn: '2025-05-07' }),
      { rules: only('serviceLate'), calendar, today: '2026-06-01', officers },
    );
    expect(year.warnings[0]?.evidence).toMatchObject({ provisional: true });
  });

  it('Is done by officers whose certificate is valid on that very day', () => {
    expect(said({ officers: ['1', '3'] })).toEqual(['officerUncertified']);
    expect(said({ officers: ['1', '9'] })).toEqual(['officerUncertified']);
    expect(
      said({ officers: ['1', '3'], on: '2026-06-01', servedOn: '2026-06-01', publishedOn: '2026-06-01' }),
    ).toEqual([]);
    expect(said({ officers: ['1', '1'] })).toEqual(['officersTooFew']);
  });

  it('Needs its legal review before it is decided, by its outcome or from an amount', () => {
    expect(said({ fen: 4_999_999 })).toEqual([]);
    expect(said({ fen: 5_000_000 })).toEqual(['legalReviewMissing']);
    expect(said({ outcomes: ['revocation'], legalReview: { on: '2026-05-06' } })).toEqual([]);
    expect(said({ outcomes: ['revocation'], legalReview: { on: '2026-05-07' } })).toEqual([
      'legalReviewMissing',
    ]);
  });

  it('Is not judged by a rule that is switched off', () => {
    const off = rules.map((rule) => ({ ...rule, enabled: false }));
    expect(said({ channel: 'offNetwork', officers: [], recording: undefined }, '2026-06-01', off)).toEqual(
      [],
    );
  });
});

describe('The acts that met one target', () => {
  const visit = (no: string, on: string, over: Partial<Act> = {}): Act =>
    act({ no, on, type: 'inspection', ...over });
  const found = (acts: Act[], ...ids: string[]) => judgeTarget(acts, only(...ids));

  it('Are too many from the third of one agency on; those after a complaint do not count, and those together count once', () => {
    const two = [visit('1', '2026-01-05'), visit('2', '2026-05-05')];
    expect(found(two, 'inspectionTooFrequent')).toEqual([]);
    expect(
      found([...two, visit('3', '2026-09-05', { occasion: 'complaint' })], 'inspectionTooFrequent'),
    ).toEqual([]);
    expect(found([...two, visit('3', '2027-01-05')], 'inspectionTooFrequent')).toEqual([]);
    expect(found([...two, visit('3', '2026-09-05')], 'inspectionTooFrequent')).toMatchObject([
      { subject: '某公司|maqiao|2026', on: '2026-09-05', evidence: { times: 3 } },
    ]);
    const together = ['a', 'b', 'c', 'd', 'e', 'f', 'g'].map((agency) =>
      visit(agency, '2026-03-05', { agency, joint: 'ZH-1' }),
    );
    expect(found(together, 'inspectionsTooMany', 'inspectionsCrossing')).toEqual([]);
  });

  it('Cross when agencies come one after another within days, wherever the spell begins', () => {
    const a = (no: string, on: string) => visit(no, on);
    const b = (no: string, on: string) => visit(no, on, { agency: 'jiaotong' });
    expect(found([a('1', '2026-03-01'), b('2', '2026-03-09')], 'inspectionsCrossing')).toEqual([]);
    expect(found([a('1', '2026-03-01'), b('2', '2026-03-08')], 'inspectionsCrossing')).toMatchObject([
      { subject: '1' },
    ]);
    const late = [a('1', '2026-03-01'), a('2', '2026-03-05'), b('3', '2026-03-10')];
    expect(found(late, 'inspectionsCrossing')).toMatchObject([{ subject: '2', acts: ['2', '3'] }]);
    const twice = [a('1', '2026-03-01'), b('2', '2026-03-02'), a('3', '2026-06-01'), b('4', '2026-06-02')];
    expect(found(twice, 'inspectionsCrossing').map(({ subject }) => subject)).toEqual(['1', '3']);
  });

  it('Repeat one another only for the same matter, in the order of their days whatever order they come in', () => {
    const again = [visit('2', '2026-03-20'), visit('1', '2026-03-01')];
    expect(found(again, 'inspectionDuplicate')).toMatchObject([{ subject: '2', acts: ['2', '1'] }]);
    expect(found([visit('1', '2026-03-01'), visit('2', '2026-04-01')], 'inspectionDuplicate')).toEqual([]);
    expect(
      found(
        [visit('1', '2026-03-01', { cause: '甲' }), visit('2', '2026-03-02', { cause: '乙' })],
        'inspectionDuplicate',
      ),
    ).toEqual([]);
    const fined = (no: string, agency: string, cause?: string) => act({ no, agency, cause });
    expect(found([fined('1', 'a', '占道'), fined('2', 'b', '占道')], 'penaltyDuplicate')).toHaveLength(1);
    expect(found([fined('1', 'a'), fined('2', 'a')], 'penaltyDuplicate')).toEqual([]);
  });
});

describe('Sums', () => {
  const fine = (no: string, fen: number) => ({
    no,
    agency: 'a',
    on: '2026-03-01',
    fen,
    cause: '甲',
    circumstance: '',
  });

  it('Of like fines show the one that stands apart, above or below, once there are enough', () => {
    const like = [100, 100, 110, 120].map((fen, n) => fine(`${n}`, fen));
    expect(
      judgeFines([...like, fine('x', 330)], only('penaltyUnlike')).map(({ subject }) => subject),
    ).toEqual(['x']);
    expect(judgeFines([...like, fine('x', 329)], only('penaltyUnlike'))).toEqual([]);
    expect(judgeFines([...like, fine('x', 33)], only('penaltyUnlike')).map(({ subject }) => subject)).toEqual(
      ['x'],
    );
    expect(judgeFines([...like.slice(1), fine('x', 900)], only('penaltyUnlike'))).toEqual([]);
  });

  it('Of fines are set against the same whole months of the year before', () => {
    const sum = (month: string, fen: number): MonthSum => ({ agency: 'a', month, fen, count: 1 });
    const grown = (months: MonthSum[], today: string) =>
      judgeGrowth(months, { rules: only('fineGrowth'), today }).map(({ subject, evidence }) => [
        subject,
        evidence['months'],
      ]);
    const before = sum('2025-02', 1_000_000);
    expect(grown([before, sum('2026-02', 1_200_000)], '2026-05-20')).toEqual([]);
    expect(grown([before, sum('2026-02', 1_200_001)], '2026-05-20')).toEqual([['a|2026', 4]]);
    expect(grown([before, sum('2026-02', 1_300_000)], '2026-03-31')).toEqual([]);
    expect(grown([before, sum('2026-05', 1_300_000)], '2026-05-20')).toEqual([]);
    expect(grown([before, sum('2025-11', 900_000), sum('2026-02', 1_300_000)], '2027-01-02')).toEqual([]);
    expect(grown([sum('2025-02', 999_999), sum('2026-02', 9_000_000)], '2026-05-20')).toEqual([]);
  });

  it('Of nothing at all for long are silence, where there was enough before', () => {
    const quiet = { agency: 'a', type: 'licence', lastOn: '2026-01-01', lastNo: 'L', count: 12 } as const;
    const silent = (over: object, today: string) =>
      judgeSilence({ ...quiet, ...over }, { rules: only('silence'), today });
    expect(silent({}, addDays('2026-01-01', 180))).toEqual([]);
    expect(silent({}, addDays('2026-01-01', 181))).toMatchObject([
      { subject: 'a|licence|2026-01-01', acts: ['L'] },
    ]);
    expect(silent({ count: 11 }, '2026-12-01')).toEqual([]);
    expect(silent({ type: 'fee' }, '2026-12-01')).toEqual([]);
  });

  it('Follow the parameters that the office has set', () => {
    const loose = set('penaltyUnlike', { least: 3, factor: 2 });
    expect(judgeFines([fine('1', 100), fine('2', 100), fine('x', 200)], loose)).toHaveLength(1);
  });
});
