import { createHash } from 'node:crypto';
import { stamp } from '../domain/clock.ts';
import { documentNumber, draftOnly, seriesOf } from '../domain/document.ts';
import { Refusal } from '../domain/refusals.ts';
import { paperHtml } from '../documents/html.ts';
import { TO_FILL } from '../documents/template.ts';
import type { DocumentRecord, Letterhead } from '../models/document.ts';
import { editDocument, signDocument } from '../models/document.ts';
import { type LedgerEntry, appendEvents } from '../models/event.ts';
import { countedBefore, readSeries } from '../models/number-series.ts';
import type { ApiDeps } from './deps.ts';

type Deps = Pick<ApiDeps, 'store' | 'clock' | 'office'>;

/** Whose head a paper of this kind carries: a decision is the county government's (行政执法监督条例 第二十九条). */
export async function letterheadOf(
  { store, office }: Pick<ApiDeps, 'store' | 'office'>,
  { kind, numbered }: Pick<DocumentRecord, 'kind' | 'numbered'>,
): Promise<Letterhead> {
  const issuer = numbered?.issuer ?? seriesOf(await readSeries(store), kind)?.issuer;
  return issuer === 'government'
    ? { issuer: 'government', name: office.government, printer: `${office.government}办公室` }
    : { issuer: 'office', name: office.name, printer: office.name };
}

/** Whether a paper can be signed as it stands. A signature that was given before is found in the ledger after this, whatever broke off. */
export async function mayApprove({ store }: Pick<ApiDeps, 'store'>, paper: DocumentRecord): Promise<void> {
  if (paper.state === 'approved') await recordApproval(store, paper);
  draftOnly(paper);
  if ([paper.title, ...paper.body].some((text) => text.includes(TO_FILL)))
    throw new Refusal('document-incomplete', `请先填写正文中标有${TO_FILL}的内容。`);
}

/** Approves a draft: numbered, frozen, hashed. A number is taken at signing and never used again (GB/T 9704-2012). */
export async function approveDocument(
  deps: Deps,
  paper: DocumentRecord,
  signed: { readonly by: string; readonly signatory: string },
): Promise<DocumentRecord> {
  const { store } = deps;
  await mayApprove(deps, paper);
  const approvedAt = stamp(await deps.clock.now());
  const year = Number(approvedAt.slice(0, 4));
  const numbered = paper.numbered ?? seriesOf(await readSeries(store), paper.kind);
  const series = numbered === undefined ? undefined : { code: numbered.code, year };
  const letterhead = await letterheadOf(deps, { ...paper, ...(numbered ? { numbered } : {}) });
  const frozen = await signDocument(store.documents, paper, {
    series,
    floor: series ? await countedBefore(store.sequences, series) : 0,
    freeze: (serial) => {
      const signature = {
        letterhead,
        approvedBy: signed.by,
        approvedAt,
        signatory: signed.signatory,
        ...(series && serial !== undefined ? { number: documentNumber(series.code, year, serial) } : {}),
      };
      const html = paperHtml({ ...paper, ...signature });
      return { ...signature, html, sha256: createHash('sha256').update(html).digest('hex') };
    },
  });
  if (!frozen) throw await overtaken(deps, paper);
  await recordApproval(store, frozen);
  return frozen;
}

/** The signature's line in the ledger; again it adds nothing, so that a crash right after the signature leaves none out. */
async function recordApproval(store: Deps['store'], paper: DocumentRecord): Promise<void> {
  const { owner, approvedAt = '', approvedBy = '', number = '', sha256 = '', title } = paper;
  await appendEvents(store.events, {
    owner,
    key: `approved/${paper._id}`,
    entries: [
      {
        at: approvedAt,
        source: 'decision',
        what: 'document-approved',
        who: approvedBy,
        detail: { number: number === '' ? title : number, sha256 },
      },
    ],
  });
}

/** Sends a draft back with a reason; it stays a draft. */
export async function returnDocument(
  deps: Deps,
  paper: DocumentRecord,
  { by, reason }: { readonly by: string; readonly reason: string },
): Promise<DocumentRecord> {
  draftOnly(paper);
  const at = stamp(await deps.clock.now());
  const returned = await editDocument(deps.store.documents, paper, { returned: { by, at, reason } });
  if (!returned) throw await overtaken(deps, paper);
  await recordStep(deps.store, returned, { at, what: 'document-returned', who: by, detail: { reason } });
  return returned;
}

/** Changes a draft's words. */
export async function reviseDocument(
  deps: Deps,
  paper: DocumentRecord,
  change: Partial<DocumentRecord>,
): Promise<DocumentRecord> {
  draftOnly(paper);
  const next = await editDocument(deps.store.documents, paper, change);
  if (!next) throw await overtaken(deps, paper);
  return next;
}

/** Adds what happened to a paper to its owner's ledger. */
export async function recordStep(
  store: Deps['store'],
  paper: Pick<DocumentRecord, '_id' | 'owner' | 'title' | 'number' | 'version'>,
  { at, what, who, detail }: Pick<LedgerEntry, 'at' | 'what' | 'detail'> & { readonly who: string },
): Promise<void> {
  const named = { document: paper._id, title: paper.number ?? paper.title };
  await appendEvents(store.events, {
    owner: paper.owner,
    key: `${what}/${paper._id}/${paper.version ?? 0}`,
    entries: [{ at, source: 'decision', what, who, detail: { ...named, ...detail } }],
  });
}

/** Why a write found the draft no more as it was read. */
async function overtaken({ store }: Deps, { _id }: DocumentRecord): Promise<Refusal> {
  const now = await store.documents.findById(_id, { state: 1 }).lean();
  return new Refusal(now?.state === 'draft' ? 'stale-version' : 'document-not-draft');
}
