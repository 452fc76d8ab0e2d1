import type { EngineAlone } from './engine-alone.ts';
import type { MailLimit } from './mail-limit.ts';
import type { Part, Shares } from './subject.ts';
import type { Measured } from './work.ts';
import { REFERENCE_CPU, type Yardstick } from './yardstick.ts';

export type Row = Measured & {
  readonly limit: MailLimit;
  readonly alone: EngineAlone;
  readonly machine: Yardstick;
};

const PARTS: readonly Part[] = ['worker', 'server', 'mongod', 'temporal'];
const round = (value: number, digits = 1): string => value.toFixed(digits);
const parts = (shares: Shares): string => PARTS.map((part) => round(shares[part])).join(' ');

const COLUMNS: readonly (readonly [string, (row: Row) => string])[] = [
  ['N', (row) => String(row.size)],
  ['mail bytes', (row) => String(row.mailBytes)],
  ['dispatch s', (row) => round(row.dispatch.seconds, 2)],
  ['first mail s', (row) => round(row.dispatch.first ?? 0, 2)],
  ['mails/s', (row) => round(row.dispatch.perSecond, 0)],
  ['mail limit/s (CPU ms)', (row) => `${round(row.limit.perSecond, 0)} (${round(row.limit.cpu, 2)})`],
  ['dispatch/limit', (row) => round(row.dispatch.perSecond / row.limit.perSecond, 2)],
  ['answers/s acknowledged', (row) => round(row.answer.perSecond, 0)],
  ['answers/s recorded', (row) => round(row.answer.recordedPerSecond, 0)],
  ['answer p50 / p95 ms', (row) => `${round(row.answer.p50)} / ${round(row.answer.p95)}`],
  ['CPU ms per dispatch', (row) => round(row.dispatch.cpu, 2)],
  ['  worker server mongod temporal', (row) => parts(row.dispatch.shares)],
  ['CPU ms per answer', (row) => round(row.answer.cpu, 2)],
  ['  worker server mongod temporal', (row) => parts(row.answer.shares)],
  ['accepted/s', (row) => round(row.accept.perSecond, 0)],
  ['accept p50 / p95 ms', (row) => `${round(row.accept.p50)} / ${round(row.accept.p95)}`],
  ['CPU ms per acceptance', (row) => round(row.accept.cpu, 2)],
  ['events per task', (row) => round(row.eventsPerTask, 2)],
  ['events per acceptance', (row) => round(row.accept.eventsEach, 2)],
  ['engine KB per task', (row) => round(row.engineKbPerTask, 2)],
  ['memory MB', (row) => round(row.memoryMb, 0)],
  ['  worker server mongod temporal', (row) => PARTS.map((part) => round(row.memory[part], 0)).join(' ')],
  [
    'engine alone: mails/s, CPU ms',
    (row) => `${round(row.alone.perSecond, 0)}, ${round(row.alone.dispatchCpu, 2)}`,
  ],
  [
    'engine alone: answers/s, CPU ms',
    (row) => `${round(row.alone.answersPerSecond, 0)}, ${round(row.alone.answerCpu, 2)}`,
  ],
  ['machine: Express POST CPU ms (reference 0.13)', (row) => round(row.machine.cpu, 2)],
  ['load dispatch / answer', (row) => `${round(row.dispatch.load)} / ${round(row.answer.load)}`],
];

/** One line per measure, one column per size. */
export function table(rows: readonly Row[], title: string): string {
  const lines = COLUMNS.map(([name, show]) => [name, ...rows.map(show)]);
  const widths = (lines[0] ?? []).map((_, i) => Math.max(...lines.map((line) => line[i]?.length ?? 0)));
  const text = lines.map((line) =>
    line.map((cell, i) => (i === 0 ? cell.padEnd(widths[0] ?? 0) : cell.padStart(widths[i] ?? 0))).join('  '),
  );
  return [`— ${title}`, ...text].join('\n');
}

/** The middle of each number over runs of the same size. */
export function median(rows: readonly Row[]): Row {
  const middle = (values: readonly unknown[]): unknown => {
    const first = values[0];
    if (typeof first === 'number') {
      const sorted = (values as readonly number[]).toSorted((a, b) => a - b);
      return sorted[Math.floor((sorted.length - 1) / 2)];
    }
    const keys = Object.keys(first as object);
    return Object.fromEntries(
      keys.map((key) => [key, middle(values.map((one) => (one as Record<string, unknown>)[key]))]),
    );
  };
  return middle(rows) as Row;
}

/** Flowable 8.0.0 on PostgreSQL 15.18, N = 1000, on another day's machine: for orientation, since only ratios within one run count. */
const PEER = {
  dispatches: 175,
  dispatchCpu: 10.1,
  answers: 265,
  answerCpu: 7.5,
  p95: 85,
  memory: 612,
} as const;

type Bar = readonly [name: string, value: number, must: number, aim: number];

/** What must be reached and what is aimed at; `least` where more is better. */
export function bars(rows: readonly Row[]): string {
  const base = rows.find((row) => row.size === 1_000) ?? rows[0];
  const large = rows.find((row) => row.size === 10_000) ?? rows.at(-1);
  if (!base || !large) return '';
  const both = (row: Row): number => row.dispatch.cpu + row.answer.cpu;
  /** The bars' milliseconds are another machine's, or this one's at another hour. */
  const pace = REFERENCE_CPU / base.machine.cpu;
  const least: Bar[] = [
    ['dispatch over the mail limit', base.dispatch.perSecond / base.limit.perSecond, 0.3, 0.5],
    ['dispatch over the peer (orientation)', base.dispatch.perSecond / PEER.dispatches, 3, 5],
    ['answers over the peer (orientation)', base.answer.perSecond / PEER.answers, 1.5, 2.5],
  ];
  const most: Bar[] = [
    ['p95 of an answer over the peer (orientation)', base.answer.p95 / PEER.p95, 1, 0.6],
    ['CPU ms per dispatch', base.dispatch.cpu, PEER.dispatchCpu * 0.4, PEER.dispatchCpu * 0.25],
    ['CPU ms per answer', base.answer.cpu, PEER.answerCpu * 0.6, PEER.answerCpu * 0.45],
    [
      'CPU ms per dispatch, at the reference machine',
      base.dispatch.cpu * pace,
      PEER.dispatchCpu * 0.4,
      PEER.dispatchCpu * 0.25,
    ],
    [
      'CPU ms per answer, at the reference machine',
      base.answer.cpu * pace,
      PEER.answerCpu * 0.6,
      PEER.answerCpu * 0.45,
    ],
    ['CPU per dispatch over the engine alone', base.dispatch.cpu / base.alone.dispatchCpu, 2, 1.5],
    ['CPU per answer over the engine alone', base.answer.cpu / base.alone.answerCpu, 2, 1.5],
    ['history events per task', Math.max(base.eventsPerTask, large.eventsPerTask), 6, 1.5],
    ['engine KB per task', Math.max(base.engineKbPerTask, large.engineKbPerTask), 4, 1.5],
    ...(large === base
      ? []
      : ([
          [`growth of CPU per task, ${large.size} over ${base.size}`, both(large) / both(base), 1.15, 1],
          [`growth of memory, ${large.size} over ${base.size}`, large.memoryMb / base.memoryMb, 1.6, 1.3],
          [`memory at ${large.size} over the peer (orientation)`, large.memoryMb / PEER.memory, 1.75, 1.4],
        ] satisfies Bar[])),
  ];
  const line = (bar: Bar, met: (value: number, mark: number) => boolean): string => {
    const [name, value, must, aim] = bar;
    const verdict = met(value, aim) ? 'aim met' : met(value, must) ? 'must met' : 'NOT MET';
    return `${name.padEnd(50)} ${round(value, 2).padStart(7)}   must ${round(must, 2)}, aim ${round(aim, 2)}: ${verdict}`;
  };
  return [
    `Bars, N = ${base.size}:`,
    ...least.map((bar) => line(bar, (value, mark) => value >= mark)),
    ...most.map((bar) => line(bar, (value, mark) => value <= mark)),
  ].join('\n');
}
