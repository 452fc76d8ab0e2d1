import type { Act } from './act.ts';
import type { Share } from './network-use.ts';
import { type ActJudge, judgeClock, needsRecording, needsReview } from './warning-act.ts';
import { MOST_ACTS, rulesOf } from './warning.ts';

/** The three systems (三项制度): 行政执法公示, 执法全过程记录, 重大执法决定法制审核. */
export const SYSTEMS = ['disclosure', 'recording', 'legalReview'] as const;
export type System = (typeof SYSTEMS)[number];

/** How far a system is carried out: of the acts that it is asked of, how many have it, and which have not. */
export interface SystemMeasure extends Share {
  /** The first fifty of those that lack it. */
  readonly missing: readonly string[];
}
export type ThreeSystems = Readonly<Record<System, SystemMeasure>>;

/** What is asked of an act by a system, and whether it is there; undefined where nothing is asked, or its term still runs. */
type Ask = (act: Act, judge: ActJudge) => boolean | undefined;

const all = (asked: readonly boolean[]): boolean | undefined =>
  asked.length === 0 ? undefined : asked.every(Boolean);

const ASKS: Readonly<Record<System, Ask>> = {
  disclosure: (act, judge) =>
    all(
      rulesOf(judge.rules, 'clock')
        .filter(({ params }) => params.to === 'publishedOn' && params.types.includes(act.type))
        .map((rule) => judgeClock(act, rule, judge))
        .filter(({ wakeOn }) => wakeOn === undefined)
        .map(({ warning }) => warning === undefined),
    ),
  recording: (act, { rules }) =>
    all(
      rulesOf(rules, 'recording')
        .filter((rule) => needsRecording(act, rule))
        .map(({ params }) => act.recording === 'audioVideo' || act.recording === params.form),
    ),
  legalReview: (act, { rules }) =>
    all(
      rulesOf(rules, 'review')
        .filter((rule) => needsReview(act, rule))
        .map(() => act.legalReview !== undefined && act.legalReview.on <= (act.decidedOn ?? act.on)),
    ),
};

/** Adds up acts one by one; the same rules that warn say what is asked. */
export function systemsCounter(judge: ActJudge): {
  add(act: Act): void;
  result(): ThreeSystems;
} {
  const sums = { disclosure: zero(), recording: zero(), legalReview: zero() };
  return {
    add(act) {
      for (const system of SYSTEMS) {
        const has = ASKS[system](act, judge);
        if (has === undefined) continue;
        const sum = sums[system];
        sum.of += 1;
        if (has) sum.n += 1;
        else if (sum.missing.length < MOST_ACTS) sum.missing.push(act.no);
      }
    },
    result: () => sums,
  };
}

const zero = (): { n: number; of: number; missing: string[] } => ({ n: 0, of: 0, missing: [] });
