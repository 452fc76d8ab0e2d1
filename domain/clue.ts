import { Refusal } from './refusals.ts';

export const CHANNELS = [
  'complaint',
  'hotline12345',
  'media',
  'assignment',
  'warning',
  'fileReview',
  'campaign',
  'procuratorialProposal',
  'supervisoryProposal',
  'socialSupervisor',
] as const;
export type Channel = (typeof CHANNELS)[number];

export const RESULTS = ['accept', 'notCompetent', 'underReview', 'duplicate', 'onSpotCorrected'] as const;
export type ScreeningResult = (typeof RESULTS)[number];

export const CLUE_STATES = [
  'received',
  'registered',
  'screened',
  'merged',
  'transferred',
  'declined',
  'corrected',
  'accepted',
] as const;
export type ClueState = (typeof CLUE_STATES)[number];

/** What a person found a clue to be. */
export interface Screening {
  readonly result: ScreeningResult;
  readonly reason: string;
  readonly by: string;
  readonly at: string;
}

/** Where a clue stands: each state holds exactly what is true in it. `screened` waits for what its screening orders: the letter of a transfer. */
export type ClueStand =
  | { readonly state: 'received' }
  | { readonly state: 'registered' }
  | { readonly state: 'screened'; readonly screening: Screening; readonly document: string }
  | { readonly state: 'transferred'; readonly screening: Screening; readonly to: string; readonly on: string }
  | { readonly state: 'merged'; readonly screening: Screening; readonly into: string }
  | { readonly state: 'declined' | 'corrected'; readonly screening: Screening }
  | { readonly state: 'accepted'; readonly screening: Screening; readonly case: string };

export type ClueStep = 'registration' | 'screening' | 'transfer';

const POSSIBLE: Readonly<Record<ClueState, readonly ClueStep[]>> = {
  received: ['registration'],
  registered: ['screening'],
  screened: ['transfer'],
  transferred: [],
  merged: [],
  declined: [],
  corrected: [],
  accepted: [],
};

/** The steps that a clue in this state allows. */
export const possibleSteps = ({ state }: ClueStand): readonly ClueStep[] => POSSIBLE[state];

/** A clue is registered once, before anything is decided of it. */
export function register(stand: ClueStand): ClueStand {
  if (stand.state !== 'received') throw new Refusal('clue-out-of-step', '该线索已经登记');
  return { state: 'registered' };
}

/** What a screening leads to, named by what it needs: a case's number, the clue it repeats, or a letter. */
export type Outcome =
  | { readonly result: 'accept'; readonly case: string }
  | { readonly result: 'duplicate'; readonly into: string }
  | { readonly result: 'notCompetent'; readonly document: string }
  | { readonly result: 'underReview' | 'onSpotCorrected' };

/** Nothing is screened before it is registered, and nothing twice. */
export function checkScreening(stand: ClueStand): void {
  if (stand.state === 'received') throw new Refusal('clue-out-of-step', '该线索尚未登记');
  if (stand.state !== 'registered') throw new Refusal('already-screened', '该线索已经研判');
}

export function screen(
  stand: ClueStand,
  outcome: Outcome,
  said: Omit<Screening, 'result'>,
): Exclude<ClueStand, { state: 'received' | 'registered' }> {
  checkScreening(stand);
  const screening = { result: outcome.result, ...said };
  switch (outcome.result) {
    case 'accept':
      return { state: 'accepted', screening, case: outcome.case };
    case 'duplicate':
      return { state: 'merged', screening, into: outcome.into };
    case 'notCompetent':
      return { state: 'screened', screening, document: outcome.document };
    case 'underReview':
      return { state: 'declined', screening };
    case 'onSpotCorrected':
      return { state: 'corrected', screening };
  }
}

/** The letter of a transfer has gone. */
export function transfer(stand: ClueStand, gone: { readonly to: string; readonly on: string }): ClueStand {
  if (stand.state !== 'screened')
    throw new Refusal('clue-out-of-step', '只有研判为不属于本机关职责的线索才能移送');
  return { state: 'transferred', screening: stand.screening, ...gone };
}

/** A clue repeats another one: never itself, never one that was merged into it. `chain` is the other clue and all that it was merged into in turn. */
export function checkDuplicate(no: string, chain: readonly string[]): string {
  const root = chain.at(-1);
  if (root === undefined) throw new Refusal('clue-unknown', '没有这条线索', '/of');
  if (chain.includes(no))
    throw new Refusal('duplicate-circular', '线索不得与自身或已并入自身的线索合并', '/of');
  return root;
}

/** A reconsideration, a suit or an inquiry of the supervision commission that stands in the way of supervision. */
export interface Remedy {
  readonly kind: 'reconsideration' | 'litigation' | 'supervisoryInvestigation';
  readonly no: string;
  /** The day it was accepted. */
  readonly since: string;
  readonly ended?: string | undefined;
}
export const REMEDIES = ['reconsideration', 'litigation', 'supervisoryInvestigation'] as const;

/** The remedy that has begun and not ended: no supervision is repeated meanwhile (《行政执法监督条例》第三十三条). */
export const openRemedy = (remedies: readonly Remedy[]): Remedy | undefined =>
  remedies.find((one) => one.ended === undefined);
