import type { CaseOrder, CaseState } from '../domain/case.ts';
import { stamp } from '../domain/clock.ts';
import type { DocumentRecord } from '../models/document.ts';
import type { Deps } from './deps.ts';

export const casePaperActivities = (deps: Deps) => ({
  /** A document goes back; its number stays void for ever, and what it found is open again. */
  async withdrawCasePaper(
    _no: string,
    { paper, reason, by }: Extract<CaseOrder, { readonly kind: 'withdrawPaper' }>,
  ): Promise<void> {
    const { store } = deps;
    const at = stamp(await deps.clock.now());
    const row = await store.documents
      .findOneAndUpdate(
        { _id: paper, state: { $ne: 'withdrawn' } },
        { $set: { state: 'withdrawn', withdrawal: { at, by, reason } } },
      )
      .lean<DocumentRecord>();
    const findings = row?.findings ?? [];
    if (findings.length > 0)
      await store.findings.updateMany(
        { _id: { $in: [...findings] }, state: 'rectifying' },
        { $set: { state: 'found' }, $unset: { task: '' } },
      );
  },
});

/** Papers that the case knows to be received are so in their own records too. */
export async function keepReceipts({ store }: Deps, { papers }: CaseState): Promise<void> {
  for (const { id, state, receivedOn, receivedBy } of papers)
    if (state === 'received' && receivedOn !== undefined)
      await store.documents.updateOne(
        { _id: id, state: 'served' },
        {
          $set: {
            state: 'received',
            'service.receivedOn': receivedOn,
            ...(receivedBy === undefined ? {} : { 'service.receivedBy': receivedBy }),
          },
        },
      );
}
