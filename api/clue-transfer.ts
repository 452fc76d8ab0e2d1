import { stamp } from '../domain/clock.ts';
import { transfer } from '../domain/clue.ts';
import { Refusal } from '../domain/refusals.ts';
import { type ClueRecord, moveClue } from '../models/clue.ts';
import { orderNotices } from '../models/complainant-notice.ts';
import type { DocumentRecord } from '../models/document.ts';
import { appendEvents } from '../models/event.ts';
import type { ApiDeps } from './deps.ts';

/** The letter of a transfer was served: its clue is transferred with it. */
export async function letterServed(
  deps: ApiDeps,
  paper: Pick<DocumentRecord, '_id' | 'owner' | 'addressee'>,
  served: { readonly on: string; readonly by: string },
): Promise<void> {
  const clue = await deps.store.clues.findById(paper.owner, { stand: 1 }).lean();
  if (clue?.stand.state !== 'screened' || clue.stand.document !== paper._id) return;
  await transferClue(deps, paper.owner, { ...served, to: paper.addressee ?? NOBODY });
}

const NOBODY = '有管辖权的机关';

/** Drafts the letter (移送函) that hands a clue to the body that is competent; nothing in it names who complained. */
export async function letterOf(
  deps: ApiDeps,
  clue: ClueRecord,
  said: {
    readonly document: string;
    readonly to?: string | undefined;
    readonly reason: string;
    readonly by: string;
    readonly at: string;
  },
): Promise<void> {
  // Reason: the template of this kind speaks of a case, and a clue is none.
  const addressee = said.to ?? NOBODY;
  await deps.store.documents.create({
    _id: said.document,
    owner: clue._id,
    kind: 'transferLetter',
    state: 'draft',
    title: `关于移送${clue._id}号行政执法问题线索的函`,
    addressee,
    body: [
      `我机关于${day(clue.receivedAt)}收到行政执法问题线索一件（${clue._id}），反映事项如下：${clue.summary}`,
      `经研判，该事项不属于我机关职责范围。理由：${said.reason}`,
      '现将该线索移送你机关依法处理。请将办理结果函告我机关。',
    ],
    createdBy: said.by,
    createdAt: said.at,
  });
}

const day = (at: string): string =>
  `${at.slice(0, 4)}年${Number(at.slice(5, 7))}月${Number(at.slice(8, 10))}日`;

/** The letter has gone: the clue is transferred, and its complainant told to whom. */
export async function transferClue(
  deps: ApiDeps,
  no: string,
  gone: { readonly to: string; readonly on: string; readonly by: string },
): Promise<ClueRecord> {
  const { store } = deps;
  const clue = await store.clues.findById(no).lean<ClueRecord>();
  if (!clue) throw new Refusal('clue-unknown');
  const { to, on, by } = gone;
  const at = stamp(await deps.clock.now());
  const next = await moveClue(store, clue, { stand: transfer(clue.stand, { to, on }), at });
  if (!next) throw new Refusal('clue-out-of-step');
  await appendEvents(store.events, {
    owner: no,
    key: 'transferred',
    entries: [{ at, source: 'decision', what: 'clue-transferred', who: by, detail: { to, on } }],
  });
  await orderNotices(store, no, { step: 'transferred', facts: { to }, at });
  return next;
}
