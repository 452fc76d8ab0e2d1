import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import {
  type Calendar,
  type CalendarYear,
  addDays,
  addWorkdays,
  at,
  calendarFaults,
  dayKind,
  isDate,
  isWorkday,
  localDate,
  weekday,
  workdaysBetween,
} from '../../domain/calendar.ts';
import {
  type Term,
  deadline,
  lastDay,
  moved,
  provisionalDeadline,
  recalculated,
} from '../../domain/deadline.ts';
import { Refusal } from '../../domain/refusals.ts';

const y2026 = JSON.parse(
  readFileSync(new URL('../../data/calendar-2026.json', import.meta.url), 'utf8'),
) as CalendarYear;
const calendar: Calendar = [y2026];
/** Invented for these tests: the real 2027 notice is imported by a person. */
const y2027: CalendarYear = {
  year: 2027,
  off: ['2027-01-01', '2027-02-05', '2027-02-06', '2027-02-07', '2027-02-08', '2027-02-09', '2027-02-10'],
  work: ['2027-02-14'],
  source: 'invented',
  version: 'test-2027',
};

function due(from: string, term: Term) {
  return deadline({ term, from, basis: '测试', calendar });
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

describe('Golden cases of the 2026 table', () => {
  it('2026-02-12 and 5 working days end on 02-26, past the Spring Festival', () => {
    expect(lastDay(due('2026-02-12', { workdays: 5 }))).toBe('2026-02-26');
  });
  it('2026-09-18 and 10 working days end on 10-09, past two holidays and a make-up Sunday', () => {
    expect(lastDay(due('2026-09-18', { workdays: 10 }))).toBe('2026-10-09');
  });
  it('2026-04-28 and 15 working days end on 05-21', () => {
    expect(lastDay(due('2026-04-28', { workdays: 15 }))).toBe('2026-05-21');
  });
  it('2026-06-17 and 3 working days end on 06-23', () => {
    expect(lastDay(due('2026-06-17', { workdays: 3 }))).toBe('2026-06-23');
  });
  it('2026-09-01 and 30 days would end on National Day, so they end on 10-08', () => {
    expect(lastDay(due('2026-09-01', { days: 30 }))).toBe('2026-10-08');
  });
  it('2026-01-16 and 30 days would end on 02-15, so they end on 02-24', () => {
    expect(lastDay(due('2026-01-16', { days: 30 }))).toBe('2026-02-24');
  });
  it('2026-08-21 and 30 days end on 09-20: a make-up Sunday stands', () => {
    expect(lastDay(due('2026-08-21', { days: 30 }))).toBe('2026-09-20');
  });
  it('2026-03-10 and 60 days end on 05-09: a make-up Saturday stands', () => {
    expect(lastDay(due('2026-03-10', { days: 60 }))).toBe('2026-05-09');
  });
  it('2026-04-10 and 30 days would end on a Sunday, so they end on Monday 05-11', () => {
    expect(lastDay(due('2026-04-10', { days: 30 }))).toBe('2026-05-11');
  });
  it('2026-11-23 and 30 days end on Wednesday 12-23', () => {
    expect(lastDay(due('2026-11-23', { days: 30 }))).toBe('2026-12-23');
  });
});

describe('A deadline explains itself', () => {
  it('Working days name every rest day passed over and every make-up day counted', () => {
    const one = due('2026-02-12', { workdays: 5 });
    expect(one).toMatchObject({
      at: '2026-02-26T17:00:00+08:00',
      rule: 'workdays',
      basis: '测试',
      from: '2026-02-12',
      term: { workdays: 5 },
      madeUp: ['2026-02-14'],
      calendar: '2026@国办发明电〔2025〕7号',
      provisional: false,
    });
    expect(one.skipped).toEqual(y2026.off.slice(3, 12).map((date) => ({ date, why: 'holiday' })));
  });

  it('Calendar days name only the rest days that moved the end: those inside the period count', () => {
    const one = due('2026-04-10', { days: 30 });
    expect(one.rule).toBe('calendar-days');
    expect(one.skipped).toEqual([{ date: '2026-05-10', why: 'weekend' }]);
    expect(due('2026-11-23', { days: 30 }).skipped).toEqual([]);
  });

  it('A last day on a make-up working day stands, and says so', () => {
    const one = due('2026-08-21', { days: 30 });
    expect(one.madeUp).toEqual(['2026-09-20']);
    expect(one.skipped).toEqual([]);
  });

  it('A plain weekend is passed over as a weekend', () => {
    const one = due('2026-11-27', { workdays: 5 });
    expect(lastDay(one)).toBe('2026-12-04');
    expect(one.skipped).toEqual([
      { date: '2026-11-28', why: 'weekend' },
      { date: '2026-11-29', why: 'weekend' },
    ]);
  });

  it('The light turns yellow at two working days or a fifth of the term, whichever is more', () => {
    expect(due('2026-11-27', { workdays: 10 }).warnAt).toBe('2026-12-09T00:00:00+08:00');
    expect(due('2026-11-02', { workdays: 20 }).warnAt).toBe('2026-11-24T00:00:00+08:00');
    expect(due('2026-11-23', { days: 30 }).warnAt).toBe('2026-12-17T00:00:00+08:00');
    expect(due('2026-12-04', { days: 5 }).warnAt).toBe('2026-12-07T00:00:00+08:00');
  });

  it('A term of one day is yellow from its beginning, not before', () => {
    expect(due('2026-12-09', { workdays: 1 }).warnAt).toBe('2026-12-09T00:00:00+08:00');
  });
});

describe('What cannot be computed is refused', () => {
  it.each([
    { days: 0 },
    { days: -3 },
    { days: 10_000 },
    { days: 1001 },
    { workdays: 0 },
    { workdays: -3 },
    { workdays: 10_000 },
    { workdays: 1.5 },
    { workdays: Number.NaN },
    { days: '30' as unknown as number },
    { workdays: 5, days: 5 },
    {} as Term,
  ])('A term of %o is invalid', (term) => {
    expect(refusal(() => due('2026-03-02', term))).toBe('term-invalid');
  });

  it('Working days into an unpublished year are refused', () => {
    expect(refusal(() => due('2026-12-25', { workdays: 10 }))).toBe('calendar-unpublished');
    expect(refusal(() => isWorkday(calendar, '2027-03-01'))).toBe('calendar-unpublished');
    expect(dayKind(calendar, '2027-03-01')).toBe('unpublished');
  });

  it('The last working day of the loaded year can still be a due date', () => {
    expect(lastDay(due('2026-12-24', { workdays: 5 }))).toBe('2026-12-31');
  });

  it('A day that does not exist is refused', () => {
    expect(refusal(() => due('2026-02-30', { days: 5 }))).toBe('date-invalid');
    expect(refusal(() => localDate('tomorrow'))).toBe('date-invalid');
    expect(refusal(() => at('2026-02-03', '25:00'))).toBe('date-invalid');
  });
});

describe('An unloaded year gives a provisional end', () => {
  it('A calendar-day end in an unloaded year moves by the weekend rule only, and says that it is provisional', () => {
    const one = due('2026-12-11', { days: 30 });
    expect(lastDay(one)).toBe('2027-01-11');
    expect(one).toMatchObject({ provisional: true, calendar: '2027@unpublished' });
    expect(one.skipped).toEqual([{ date: '2027-01-10', why: 'weekend' }]);
    expect(one.warnAt).toBe('2027-01-05T00:00:00+08:00');
  });

  it('A later phase may be estimated in working days, marked provisional', () => {
    const one = provisionalDeadline({ term: { workdays: 5 }, from: '2026-12-30', basis: '', calendar });
    expect(lastDay(one)).toBe('2027-01-06');
    expect(one).toMatchObject({ provisional: true, calendar: '2026@国办发明电〔2025〕7号 2027@unpublished' });
  });

  it('Importing the year shows what moves, before and after', () => {
    const before = due('2027-01-08', { days: 30 });
    expect(before).toMatchObject({ at: '2027-02-08T17:00:00+08:00', provisional: true });
    const after = recalculated(before, [y2026, y2027]);
    expect(after).toMatchObject({
      at: '2027-02-11T17:00:00+08:00',
      provisional: false,
      calendar: '2027@test-2027',
    });
    expect(moved(before, after)).toEqual({ before: before.at, after: after.at, days: 3 });
  });

  it('What the import confirms does not count as moved, and without the year it stays provisional', () => {
    const before = due('2026-12-11', { days: 30 });
    const after = recalculated(before, [y2026, y2027]);
    expect(after.provisional).toBe(false);
    expect(moved(before, after)).toBeNull();
    const estimate = provisionalDeadline({ term: { workdays: 5 }, from: '2026-12-30', basis: '', calendar });
    expect(recalculated(estimate, calendar)).toEqual(estimate);
  });
});

describe('The calendar', () => {
  it('2026 has 248 working days', () => {
    expect(workdaysBetween(calendar, '2025-12-31', '2026-12-31')).toBe(248);
  });

  it('A day is one of five kinds', () => {
    expect(
      ['2026-12-09', '2026-12-12', '2026-10-01', '2026-02-14', '2027-01-01'].map((d) => dayKind(calendar, d)),
    ).toEqual(['work', 'weekend', 'holiday', 'makeUp', 'unpublished']);
  });

  it('Working days step backwards too, and nought stays', () => {
    expect(addWorkdays(calendar, '2026-02-26', -5)).toBe('2026-02-12');
    expect(addWorkdays(calendar, '2026-02-15', 0)).toBe('2026-02-15');
    expect(workdaysBetween(calendar, '2026-12-14', '2026-12-11')).toBe(-1);
    expect(workdaysBetween(calendar, '2026-12-13', '2026-12-12')).toBe(0);
  });

  it('A day is counted in Shanghai wherever the instant was written', () => {
    expect(localDate('2026-12-09T16:30:00Z')).toBe('2026-12-10');
    expect(localDate(Date.parse('2026-12-09T15:59:59Z'))).toBe('2026-12-09');
    expect(at('2026-12-09', '09:05')).toBe('2026-12-09T09:05:00+08:00');
    expect([addDays('2026-02-28', 1), addDays('2028-02-28', 1), weekday('2026-12-13')]).toEqual([
      '2026-03-01',
      '2028-02-29',
      0,
    ]);
    expect([isDate('2026-02-29'), isDate('2028-02-29'), isDate('2026-2-1')]).toEqual([false, true, false]);
  });

  it('A year with a make-up day on a weekday, a day twice or a day of another year is not imported', () => {
    expect(calendarFaults(y2026)).toEqual([]);
    const bad = {
      ...y2026,
      off: ['2026-01-01', '2025-06-01', '2026-13-01'],
      work: ['2026-01-01'],
      version: '',
    };
    expect(calendarFaults(bad).map((fault) => [fault.pointer, fault.code])).toEqual([
      ['/version', 'field-missing'],
      ['/off/1', 'date-outside-year'],
      ['/off/2', 'date-invalid'],
      ['/work/0', 'makeup-not-weekend'],
      ['/work/0', 'date-twice'],
    ]);
  });
});
