import { createHash } from 'node:crypto';
import { type Candidate, drawKey, rosterLines } from '../domain/draw.ts';

const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');

/** What a candidate is ordered by in a draw; anyone can compute it again from what is published. */
export const hashedCandidate = (
  { seed, purpose }: { readonly seed: string; readonly purpose: string },
  one: { readonly id: string; readonly excluded?: string | undefined },
): Candidate => ({
  id: one.id,
  hash: sha256(drawKey(seed, purpose, one.id)),
  ...(one.excluded === undefined ? {} : { excluded: one.excluded }),
});

/** The hash of the list that was drawn from. */
export const rosterHash = (candidates: readonly Candidate[]): string => sha256(rosterLines(candidates));
