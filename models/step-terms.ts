import type { StepTerm } from '../domain/case-terms.ts';
import type { Store } from './store.ts';

/** Key of the setting that holds the terms of the steps, as the office may change them. */
export const STEP_TERMS = 'step-terms';

/** The term of one step, and the text it comes from. */
export async function stepTerm({ settings }: Pick<Store, 'settings'>, step: string): Promise<StepTerm> {
  const row = await settings.findById(STEP_TERMS).lean();
  const term = (row?.value as Readonly<Record<string, StepTerm>> | undefined)?.[step];
  if (!term) throw new Error(`the term of ${step} was never seeded`);
  return term;
}
