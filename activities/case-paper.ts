import type { CaseOrder, CaseState } from '../domain/case.ts';
import { stamp } from '../domain/clock.ts';
import type { CaseEntryRecord } from '../models/case-entry.ts';
import type { DocumentRecord } from '../models/document.ts';
import { tellComplainant } from './complainant.ts';
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

  /** The complainant is told of a step that concerns them; where nobody complained, nobody is. May run twice. */
  async tellCaseComplainant(
    no: string,
    { step, closing, reply }: Extract<CaseOrder, { readonly kind: 'tellComplainant' }>,
  ): Promise<void> {
    const { store } = deps;
    const matter = await store.cases.findById(no, { clue: 1 }).lean();
    if (!matter || !(await store.clues.exists({ _id: matter.clue }))) return;
    const said =
      reply === undefined ? undefined : await store.caseEntries.findById(reply).lean<CaseEntryRecord>();
    const facts = {
      ...(closing === undefined ? {} : { closing }),
      ...(said?.what === 'reply' ? { text: said.text } : {}),
    };
    await tellComplainant(deps, matter.clue, { step, facts });
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
