import type { Store } from '../../models/store.ts';

/** The entries of one kind in the accounts' own ledger, in their order. */
export async function accountEvents(store: Store, what: string) {
  const blocks = await store.events.find({ owner: 'accounts' }).sort({ seq: 1 }).lean();
  return blocks
    .flatMap(
      (block) => JSON.parse(block.entries) as { what: string; who: string; detail: Record<string, string> }[],
    )
    .filter((one) => one.what === what);
}
