import type { CaseOrder, CaseState } from '../domain/case.ts';
import { stamp } from '../domain/clock.ts';
import type { CaseEntryRecord } from '../models/case-entry.ts';
import type { DocumentRecord } from '../models/document.ts';
import { tellComplainant } from './complainant.ts';
import type { Deps } from './deps.ts';

/** Steps that say again by when the complainant is answered. */
const ANSWERED_BY: readonly string[] = ['filed', 'extended', 'resumed'];

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
    { step, closing, reply: words }: Extract<CaseOrder, { readonly kind: 'tellComplainant' }>,
  ): Promise<void> {
    const { store } = deps;
    const matter = await store.cases.findById(no, { clue: 1, deadlines: 1 }).lean();
    if (!matter || !(await store.clues.exists({ _id: matter.clue }))) return;
    const said =
      words === undefined ? undefined : await store.caseEntries.findById(words).lean<CaseEntryRecord>();
    const reply = matter.deadlines.findLast((one) => one.name === 'reply' && one.state === 'running');
    const facts = {
      ...(reply !== undefined && ANSWERED_BY.includes(step) ? { by: reply.deadline.at } : {}),
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
