import { type Score, type ScoreRule, score } from './score.ts';

/** Something that happened in the year and bears on an agency's points; `id` is the finding, task or file that it is about. */
export interface AppraisalEvent {
  readonly id: string;
  /** Day or instant. */
  readonly at: string;
  readonly what: EventName;
  readonly severity?: 'minor' | 'ordinary' | 'major' | undefined;
  /** The same kind of problem at the same agency again. */
  readonly repeat?: boolean | undefined;
}

/** Which events each rule counts: all of them, so that anyone can count again. Fines are none and never may be (行政处罚法第七十四条). */
export const EVENTS_OF = {
  problemDensity: ['found', 'looked'],
  rectification: ['rectified', 'rectifiedLate', 'unrectified'],
  selfDisclosure: ['found', 'disclosed'],
  fileQuality: ['fileSound', 'fileFaulty'],
  timeliness: ['answered', 'answeredLate', 'silent'],
} as const satisfies Readonly<Record<ScoreRule, readonly string[]>>;
export type EventName = (typeof EVENTS_OF)[ScoreRule][number];

export interface Appraised {
  readonly agency: string;
  /** Fewer than five files in the year: shown apart. */
  readonly small: boolean;
  readonly events: readonly AppraisalEvent[];
}

export interface AppraisalPoint {
  readonly rule: ScoreRule;
  /** Null where nothing happened that it counts: the others are rescaled. */
  readonly value: number | null;
  readonly max: number;
  readonly facts: Readonly<Record<string, number | string>>;
  readonly events: readonly AppraisalEvent[];
}

export interface Appraisal {
  readonly agency: string;
  readonly small: boolean;
  readonly total: number | null;
  readonly rank: number | null;
  readonly points: readonly AppraisalPoint[];
}

/** Points of each agency from the year's events alone; ordinary agencies first, then small ones. */
export function appraise(agencies: readonly Appraised[]): readonly Appraisal[] {
  const events = new Map(agencies.map((one) => [one.agency, one.events]));
  return score(agencies.map(inputOf)).map((scored) => shown(scored, events.get(scored.agency) ?? []));
}

/** The same year without what was struck out after an objection. */
export const without = (agencies: readonly Appraised[], struck: readonly string[]): readonly Appraised[] =>
  agencies.map((one) => ({ ...one, events: one.events.filter((event) => !struck.includes(event.id)) }));

const shown = (
  { agency, small, total, rank, parts }: Score,
  events: readonly AppraisalEvent[],
): Appraisal => ({
  agency,
  small,
  total,
  rank,
  points: parts.map(({ rule, value, max, facts }) => ({
    rule,
    value,
    max,
    facts,
    events: events.filter((event) => (EVENTS_OF[rule] as readonly string[]).includes(event.what)),
  })),
});

function inputOf({ agency, small, events }: Appraised) {
  const count = (what: EventName): number => events.filter((event) => event.what === what).length;
  const rectified = new Map(
    events.flatMap((event) => {
      const how = RECTIFIED[event.what as keyof typeof RECTIFIED];
      return how ? [[event.id, how] as const] : [];
    }),
  );
  return {
    agency,
    small,
    findings: events
      .filter((event) => event.what === 'found' || event.what === 'disclosed')
      .map((event) => ({
        id: event.id,
        source: event.what === 'found' ? ('inspection' as const) : ('self' as const),
        severity: event.severity ?? 'ordinary',
        repeat: event.repeat,
        rectified: rectified.get(event.id) ?? null,
      })),
    selfInspection: 'none' as const,
    answers: { onTime: count('answered'), late: count('answeredLate'), none: count('silent') },
    looks: count('looked'),
    filesChecked: count('fileSound') + count('fileFaulty'),
    fileFaults: count('fileFaulty'),
  };
}

const RECTIFIED = { rectified: 'onTime', rectifiedLate: 'late', unrectified: 'open' } as const;
