import { describe, expect, it, test } from 'vitest';
import {
  type AccountabilityCommand,
  type AccountabilityState,
  MEASURES,
  type MeasureKind,
  type Outcome,
  type Subject,
  checkRecommendation,
  isOverMeasure,
  nextMeasureMoment,
  obeyAccountability,
  passTime,
  possibleMeasures,
  recommended,
  sendRecommendation,
} from '../../domain/accountability.ts';
import { addMonths } from '../../domain/calendar.ts';
import { Refusal } from '../../domain/refusals.ts';

const officer: Subject = { type: 'officer', id: 'off-1', name: '执法员甲', agency: 'maqiao' };
const agency: Subject = { type: 'agency', id: 'maqiao', name: '马桥镇人民政府' };
const NOW = '2026-03-10T10:00:00+08:00';

const sent = (over: Partial<{ measure: MeasureKind; subject: Subject }> = {}): AccountabilityState =>
  sendRecommendation(
    recommended({ no: 'ZZ-2026-001', measure: 'certificateSuspension', subject: officer, ...over }),
    'ZZ-2026-001-001',
    NOW,
  ).state;
const outcome = (over: Partial<Outcome> = {}): Outcome => ({
  measure: 'certificateSuspension',
  on: '2026-03-09',
  from: '2026-03-10',
  until: '2026-05-09',
  note: '',
  ...over,
});
const decide = (state: AccountabilityState, over: Partial<Outcome> = {}, at = NOW) =>
  obeyAccountability(state, { kind: 'recordOutcome', by: '组织员', outcome: outcome(over) }, at);

function refusalOf(work: () => unknown): Refusal {
  try {
    work();
  } catch (error) {
    if (error instanceof Refusal) return error;
    throw error;
  }
  throw new Error('it was allowed');
}

describe('a recommendation', () => {
  it('May be for every measure of the national Article 32 and of the county’s own opinion', () => {
    const national = ['批评教育', '离岗教育', '调离执法岗位', '取消执法资格'];
    const county = [
      '通报批评',
      '暂扣执法证件',
      '没收执法证件',
      '调离执法岗位',
      '处分',
      '移送监察机关',
      '移送司法机关',
    ];
    expect(new Set(Object.values(MEASURES))).toEqual(new Set([...national, ...county]));
    const { state, orders } = decide(sent({ measure: 'criticismEducation' }), {
      measure: 'criticismEducation',
      until: undefined,
    });
    expect(state).toMatchObject({ status: 'ended', because: 'done' });
    expect(orders.map((one) => one.kind)).toEqual(['endTask']);
  });

  it('Names a person for what only a person can suffer, and no body judges itself', () => {
    for (const measure of Object.keys(MEASURES) as MeasureKind[])
      expect(() => checkRecommendation(measure, officer, 'maqiao')).not.toThrow();
    const only = refusalOf(() => checkRecommendation('certificateSuspension', agency, 'huantai'));
    expect(only).toMatchObject({ code: 'measure-not-applicable', pointer: '/kind' });
    expect(() => checkRecommendation('circulatedCriticism', agency, 'huantai')).not.toThrow();
    const itself = refusalOf(() => checkRecommendation('circulatedCriticism', agency, 'maqiao'));
    expect(itself).toMatchObject({ code: 'body-not-competent', pointer: '/body' });
  });

  it('That is sent twice is sent once', () => {
    const again = sendRecommendation(sent(), 'x', NOW);
    expect(again).toEqual({ state: sent(), events: [], orders: [] });
  });
});

describe('an outcome', () => {
  it('That is in force already bars at once, tells the unit and ends the body’s task', () => {
    const { state, events, orders } = decide(sent());
    expect(state).toMatchObject({ status: 'inEffect', notifyBy: '2026-03-13' });
    expect(events.map((event) => event.what)).toEqual(['outcome-received', 'measure-in-effect']);
    expect(orders.map((order) => order.kind)).toEqual(['endTask', 'bar', 'tellUnit']);
  });

  it('That begins later waits for its first day', () => {
    const { state } = decide(sent(), { from: '2026-03-20' });
    expect(state.status).toBe('outcomeReceived');
    expect(nextMeasureMoment(state)).toBe(Date.parse('2026-03-20T00:00:00+08:00'));
    expect(passTime(state, '2026-03-19T23:59:59+08:00').state.status).toBe('outcomeReceived');
    expect(passTime(state, '2026-03-20T00:00:00+08:00').state.status).toBe('inEffect');
  });

  test.each([
    ['a suspension without an end', { until: undefined }, 'term-not-allowed', '/until'],
    ['a suspension of more than six months', { until: '2026-09-11' }, 'term-not-allowed', '/until'],
    ['an end before its beginning', { until: '2026-03-09' }, 'date-invalid', '/until'],
    ['a decision of tomorrow', { on: '2026-03-11', from: '2026-03-11' }, 'date-invalid', '/on'],
    ['an effect before the decision', { from: '2026-03-08' }, 'date-invalid', '/from'],
    ['a term for what has none', { measure: 'discipline' }, 'term-not-allowed', '/until'],
  ] as const)('Is refused: %s', (_what, over, code, pointer) => {
    expect(refusalOf(() => decide(sent(), over))).toMatchObject({ code, pointer });
  });

  it('Of exactly six months is taken; a month without that day ends with its last', () => {
    expect(decide(sent(), { until: '2026-09-10' }).state.status).toBe('inEffect');
    expect(addMonths('2026-08-31', 6)).toBe('2027-02-28');
    expect(addMonths('2026-12-10', 6)).toBe('2027-06-10');
  });

  it('Against an agency cannot be one for a person', () => {
    const state = sent({ measure: 'circulatedCriticism', subject: agency });
    expect(refusalOf(() => decide(state)).code).toBe('measure-not-applicable');
    const done = decide(state, { measure: 'circulatedCriticism', until: undefined });
    expect(done.state).toMatchObject({ status: 'ended', because: 'done', endedOn: '2026-03-10' });
    expect(done.orders.map((order) => order.kind)).toEqual(['endTask']);
  });

  it.each(['certificateConfiscation', 'disqualification', 'reassignment'] as const)(
    'Of %s bars for good',
    (measure) => {
      const { state, orders } = decide(sent(), { measure, until: undefined });
      expect(state).toMatchObject({ status: 'ended', because: 'done' });
      expect(orders.find((order) => order.kind === 'bar')).not.toHaveProperty('until');
    },
  );
});

describe('a suspension', () => {
  const inEffect = decide(sent()).state;

  it('Ends by itself on the day after its last, and gives the certificate back', () => {
    expect(nextMeasureMoment(inEffect)).toBe(Date.parse('2026-05-10T00:00:00+08:00'));
    expect(passTime(inEffect, '2026-05-09T23:59:59+08:00').state).toBe(inEffect);
    const { state, events, orders } = passTime(inEffect, '2026-05-10T00:00:00+08:00');
    expect(state).toMatchObject({ status: 'ended', because: 'term', endedOn: '2026-05-10' });
    expect(events).toMatchObject([{ what: 'measure-ended', source: 'workflow' }]);
    expect(orders).toEqual([
      { kind: 'lift', endedOn: '2026-05-10' },
      { kind: 'tellUnit', what: 'restored' },
    ]);
  });

  it('That was recorded after it was over begins and ends in one step', () => {
    const late = decide(sent(), {}, '2026-07-01T10:00:00+08:00').state;
    const { state } = passTime(late, '2026-07-01T10:00:00+08:00');
    expect(state).toMatchObject({ status: 'ended', because: 'term', endedOn: '2026-05-10' });
  });

  it('Is ended early by a person, with the reason', () => {
    const step = obeyAccountability(inEffect, { kind: 'restore', by: '局长', reason: '复核后撤销' }, NOW);
    expect(step.state).toMatchObject({ status: 'ended', because: 'restored', endedOn: '2026-03-10' });
    expect(step.events).toMatchObject([{ who: '局长', detail: { reason: '复核后撤销' } }]);
  });
});

describe('every state', () => {
  const commands: readonly AccountabilityCommand[] = [
    { kind: 'recordOutcome', by: 'a', outcome: outcome() },
    { kind: 'decline', by: 'a', reason: 'r' },
    { kind: 'restore', by: 'a', reason: 'r' },
    { kind: 'withdraw', by: 'a', reason: 'r' },
  ];
  const states: readonly AccountabilityState[] = [
    recommended({ no: 'ZZ-2026-001', measure: 'certificateSuspension', subject: officer }),
    sent(),
    decide(sent(), { from: '2026-03-20' }).state,
    decide(sent()).state,
    passTime(decide(sent()).state, '2026-06-01T00:00:00+08:00').state,
    obeyAccountability(sent(), { kind: 'decline', by: 'a', reason: 'r' }, NOW).state,
    obeyAccountability(sent(), { kind: 'withdraw', by: 'a', reason: 'r' }, NOW).state,
  ];

  it.each(states.map((state) => [state.status, state] as const))(
    '%s does what it says is possible, with a higher version, and refuses the rest by its code',
    (_status, state) => {
      for (const command of commands) {
        if (possibleMeasures(state).includes(command.kind)) {
          const step = obeyAccountability(state, command, NOW);
          expect(step.state.version).toBeGreaterThan(state.version);
          expect(step.events.length).toBeGreaterThan(0);
        } else
          expect(refusalOf(() => obeyAccountability(state, command, NOW)).code).toBe(
            'accountability-out-of-step',
          );
      }
      if (isOverMeasure(state)) expect(nextMeasureMoment(state)).toBeUndefined();
    },
  );
});
