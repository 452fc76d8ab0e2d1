import { CASE_STAGES, type CaseStage } from './case.ts';

interface Told {
  readonly at: string;
  readonly what: string;
  readonly detail?: Readonly<Record<string, unknown>> | undefined;
}

/** The stage that an event of a case begins. */
function begins({ what, detail }: Told): CaseStage | undefined {
  const kind = detail?.['kind'];
  switch (what) {
    case 'case-opened':
      return 'filing';
    case 'case-filed':
      return 'notice';
    case 'investigated':
    case 'statement-accepted':
      return 'investigation';
    case 'reviewed':
      return 'review';
    case 'document-served':
      return kind === 'decision'
        ? 'execution'
        : kind === 'opinion' || kind === 'letter'
          ? 'rectification'
          : undefined;
    case 'document-drafted':
      return kind === 'decision' ? 'decision' : undefined;
    case 'rectification-accepted':
    case 'execution-accepted':
      return 'closure';
    default:
      return undefined;
  }
}

/** Whole stages of a case with the days they took, by its ledger; one that is under way has no length yet. */
export function stageLengths(
  entries: readonly Told[],
): { readonly stage: CaseStage; readonly days: number }[] {
  const began: { stage: CaseStage; at: number }[] = [];
  for (const entry of entries.toSorted((a, b) => Date.parse(a.at) - Date.parse(b.at))) {
    const stage = begins(entry);
    // A stage that is come back to goes on from where it first began.
    if (stage && !began.some((one) => one.stage === stage)) began.push({ stage, at: Date.parse(entry.at) });
  }
  const end = entries.find((entry) => entry.what === 'case-closed');
  const ends = [...began.map((one) => one.at), ...(end ? [Date.parse(end.at)] : [])];
  return began
    .flatMap(({ stage, at }, i) => {
      const until = ends[i + 1];
      return until === undefined ? [] : [{ stage, days: Math.round((until - at) / 8_640_000) / 10 }];
    })
    .toSorted((a, b) => CASE_STAGES.indexOf(a.stage) - CASE_STAGES.indexOf(b.stage));
}
