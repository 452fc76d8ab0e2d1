import { stamp } from '../domain/clock.ts';
import { followPage, queryCode } from '../mail/complaint.ts';
import { officeLetter } from '../mail/letter.ts';
import { renderMail } from '../mail/render.ts';
import type { MailViews } from '../mail/views.ts';
import { type ClueRecord, markReplied } from '../models/clue.ts';
import { openComplainant, vaultOf } from '../models/complainant.ts';
import {
  type ComplainantNoticeRecord,
  type NoticeFacts,
  type NoticeStep,
  orderNotices,
} from '../models/complainant-notice.ts';
import { appendEvents } from '../models/event.ts';
import type { Deps } from './deps.ts';
import type { Draft, Posted } from './outbox.ts';

const BATCH = 50;

/** Tells the complainant of a clue, and those of the clues merged into it, of a step of its case: once, however often it is called. Only the facts that a complainant may know are taken. */
export async function tellComplainant(
  deps: Deps,
  clue: string,
  { step, facts }: { readonly step: NoticeStep; readonly facts?: NoticeFacts },
): Promise<void> {
  const at = stamp(await deps.clock.now());
  if (step === 'replied') await markReplied(deps.store, clue, at);
  const again = step === 'suspended' || step === 'resumed' ? { about: at.slice(0, 10) } : {};
  const ids = await orderNotices(deps.store, clue, { step, at, ...again, ...(facts ? { facts } : {}) });
  await post(deps, await deps.store.complainantNotices.find({ _id: { $in: ids }, state: 'pending' }).lean());
}

/** Sends what waits to be told; returns how many that were. May run twice: each mail goes once. */
export async function tellWaiting(deps: Deps): Promise<number> {
  const waiting = await deps.store.complainantNotices
    .find({ state: 'pending', nextAt: { $lte: new Date() } })
    .sort({ nextAt: 1 })
    .limit(BATCH)
    .lean();
  await post(deps, waiting);
  return waiting.length;
}

async function post(deps: Deps, notices: readonly ComplainantNoticeRecord[]): Promise<void> {
  for (const notice of notices) {
    const clue = await deps.store.clues.findById(notice.clue).lean<ClueRecord>();
    if (!clue) continue;
    const reach = clue.complainant?.reach ?? 'none';
    if (reach === 'none') await settle(deps, notice, { state: 'onPage' });
    else if (reach === 'phone') await settle(deps, notice, { state: 'byPerson', why: 'phone' });
    else await send(deps, notice);
  }
}

/** The mail of a notice as it was or is to be sent; undefined where nobody can be mailed. */
export async function complainantDraft(deps: Deps, id: string): Promise<Draft | undefined> {
  const notice = await deps.store.complainantNotices.findById(id).lean();
  const clue = notice && (await deps.store.clues.findById(notice.clue).lean<ClueRecord>());
  const who = clue ? await openComplainant(deps, clue) : undefined;
  return notice && clue && who?.contact !== undefined
    ? draftOf(deps, { notice, clue, address: who.contact })
    : undefined;
}

async function send(deps: Deps, notice: ComplainantNoticeRecord): Promise<void> {
  const draft = await complainantDraft(deps, notice._id);
  if (!draft) return settle(deps, notice, { state: 'onPage' });
  const [posted] = await deps.outbox.post([draft]);
  if (posted) await settle(deps, notice, outcomeOf(posted));
}

/** What becomes of a notice whose mail did or did not go; one that nobody can be mailed about is a person's. */
function outcomeOf({ outcome, retryAt }: Posted): Partial<ComplainantNoticeRecord> {
  switch (outcome) {
    case 'sent':
      return { state: 'sent' };
    case 'deferred':
    case 'cancelled':
      return { nextAt: new Date(retryAt ?? Date.now() + 60_000) };
    case 'rejected':
    case 'bounced':
    case 'inDoubt':
      return { state: 'byPerson', why: outcome };
  }
}

async function settle(
  { store, clock }: Deps,
  notice: ComplainantNoticeRecord,
  set: Partial<ComplainantNoticeRecord>,
): Promise<void> {
  await store.complainantNotices.updateOne({ _id: notice._id, state: 'pending' }, { $set: set });
  if (set.state !== 'sent') return;
  await appendEvents(store.events, {
    owner: notice.clue,
    key: `told/${notice._id}`,
    entries: [
      {
        at: stamp(await clock.now()),
        source: 'mail',
        what: 'complainant-told',
        detail: { step: notice.step },
      },
    ],
  });
}

/** The outbox knows a complainant by their clue alone: address and bytes are sealed in its record, and opened to be sent. */
function draftOf(
  deps: Deps,
  { notice, clue, address }: { notice: ComplainantNoticeRecord; clue: ClueRecord; address: string },
): Draft {
  const { office } = deps;
  const vault = vaultOf(office);
  return {
    subject: notice._id,
    kind: 'complaint',
    sequence: 0,
    recipient: 'complainant',
    owner: clue._id,
    sealed: {
      address,
      seal: (raw) => vault.seal(raw, notice._id),
      open: (raw) => vault.open(raw, notice._id),
    },
    compose: (identity) =>
      officeLetter(office, renderMail('complaint', viewOf(deps, notice, clue), clue.lang), {
        ...identity,
        date: notice.at,
        to: address,
        replyTo: office.complaintAddress,
        headers: {
          'Auto-Submitted': 'auto-generated',
          'X-Auto-Response-Suppress': 'All',
          'Content-Language': clue.lang === 'en' ? 'en' : 'zh-CN',
        },
      }),
  };
}

function viewOf(
  { office }: Deps,
  { step, facts }: ComplainantNoticeRecord,
  clue: ClueRecord,
): MailViews['complaint'] {
  return {
    no: clue._id,
    step,
    by: facts.by ?? '',
    to: facts.to ?? '',
    documentNumber: facts.documentNumber ?? '',
    closing: facts.closing ?? '',
    guidance: facts.guidance ?? '',
    body: (facts.text ?? '').split('\n').filter((line) => line.trim() !== ''),
    code: clue.code === undefined ? '' : queryCode(office, clue.origin),
    follow: followPage(office),
    office: { name: office.name, person: office.person, phone: office.phone },
  };
}
