import { type ErrandRecord, beginErrand, endErrand } from '../models/errand.ts';
import type { Deps } from './deps.ts';

/** One step of a short workflow, with where it stands written before and after; may run twice. A step that is to be done `again` does not end it. */
export async function onErrand<R extends { readonly again?: number }>(
  { store }: Pick<Deps, 'store'>,
  errand: Pick<ErrandRecord, '_id' | 'kind' | 'owner'>,
  step: () => Promise<R>,
): Promise<R> {
  await beginErrand(store.errands, errand);
  const done = await step();
  if (done.again === undefined) await endErrand(store.errands, errand._id);
  return done;
}
