import { randomBytes } from 'node:crypto';
import {
  type Channel,
  checkDuplicate,
  checkScreening,
  type Outcome,
  type Remedy,
  screen,
} from '../domain/clue.ts';
import { transferDeadline } from '../domain/clue-deadline.ts';
import { localDate } from '../domain/calendar.ts';
import { stamp } from '../domain/clock.ts';
import { Refusal } from '../domain/refusals.ts';
import { readCalendar } from '../models/calendar.ts';
import { type ClueRecord, chainOf, moveClue } from '../models/clue.ts';
import { type NoticeFacts, type NoticeStep, orderNotices } from '../models/complainant-notice.ts';
import { appendEvents } from '../models/event.ts';
import { openCase } from './case-opening.ts';
import { letterOf } from './clue-transfer.ts';
import type { ApiDeps } from './deps.ts';

/** What a person says of a clue. */
export interface Said {
  readonly result: Outcome['result'];
  readonly reason: string;
  readonly of?: string | undefined;
  readonly agency?: string | undefined;
  readonly to?: string | undefined;
  readonly remedy?: Remedy | undefined;
  readonly by: string;
  readonly key: string;
}

/** Screens a clue once: opens its case, merges it, drafts the letter of its transfer, or ends it. */
export async function screenClue(deps: ApiDeps, clue: ClueRecord, said: Said): Promise<ClueRecord> {
  const { store } = deps;
  checkScreening(clue.stand);
  const at = stamp(await deps.clock.now());
  const { outcome, more, guard } = await outcomeOf(deps, clue, { ...said, at });
  const stand = screen(clue.stand, outcome, { reason: said.reason, by: said.by, at });
  const next = await moveClue(store, clue, { stand, at, more, ...(guard ? { guard } : {}) });
  if (!next) return alreadyDone(deps, clue, outcome);
  await appendEvents(store.events, {
    owner: clue._id,
    key: 'screened',
    entries: [
      {
        at,
        source: 'decision',
        what: 'clue-screened',
        who: said.by,
        detail: { result: outcome.result, reason: said.reason, ...linkOf(outcome) },
      },
    ],
  });
  await tell(deps, next, { said, at });
  return next;
}

interface Prepared {
  readonly outcome: Outcome;
  readonly more: Partial<ClueRecord>;
  readonly guard?: Record<string, unknown>;
}

function outcomeOf(deps: ApiDeps, clue: ClueRecord, said: Said & { readonly at: string }): Promise<Prepared> {
  switch (said.result) {
    case 'accept':
      return accept(deps, clue, said);
    case 'duplicate':
      return merge(deps, clue, said);
    case 'notCompetent':
      return handOn(deps, clue, said);
    case 'underReview':
    case 'onSpotCorrected': {
      const remedies = said.remedy ? { remedies: [...clue.remedies, said.remedy] } : {};
      return Promise.resolve({ outcome: { result: said.result }, more: remedies });
    }
  }
}

/** Whoever brought a clue in one of these ways waits for an answer. */
const ANSWERED: readonly Channel[] = [
  'complaint',
  'hotline12345',
  'procuratorialProposal',
  'supervisoryProposal',
];

/** One clue opens one case: the first to accept it leaves the key that all who try again go on with. */
async function accept(deps: ApiDeps, clue: ClueRecord, said: Said): Promise<Prepared> {
  const { store } = deps;
  const agency = clue.agency ?? said.agency;
  if (agency === undefined)
    throw new Refusal('agency-missing', '线索未指明被监督机关，请在研判时给出 agency', '/agency');
  if (!(await store.agencies.exists({ _id: agency })))
    throw new Refusal('agency-unknown', `没有编号为 ${agency} 的机关`, '/agency');
  const claimed = await store.clues
    .findOneAndUpdate(
      { _id: clue._id, state: 'registered' },
      [{ $set: { accepting: { $ifNull: ['$accepting', said.key] } } }] as never,
      { returnDocument: 'after', updatePipeline: true },
    )
    .lean<ClueRecord>();
  if (!claimed) throw new Refusal('already-screened', '该线索已经研判');
  const opened = await openCase(deps, {
    clue: clue._id,
    agency,
    summary: clue.summary,
    ...(clue.actType === undefined ? {} : { actType: clue.actType }),
    channel: clue.channel,
    ...(clue.channel === 'hotline12345' ? { hotlineOn: localDate(clue.receivedAt) } : {}),
    answerOwed: clue.complainant !== undefined || ANSWERED.includes(clue.channel),
    by: said.by,
    key: claimed.accepting ?? said.key,
  });
  return { outcome: { result: 'accept', case: opened }, more: { agency, case: opened } };
}

/** Linked both ways, the other first: two that name each other at once are both refused. */
async function merge(deps: ApiDeps, clue: ClueRecord, said: Said): Promise<Prepared> {
  const { store } = deps;
  if (said.of === undefined) throw new Refusal('clue-unknown', '请给出与哪条线索重复（of）', '/of');
  const root = checkDuplicate(clue._id, await chainOf(store, said.of));
  const linked = await store.clues.updateOne(
    { _id: root, state: { $ne: 'merged' } },
    { $addToSet: { duplicates: clue._id } },
  );
  if (linked.matchedCount === 0)
    throw new Refusal('duplicate-circular', '该线索正在与其他线索合并，请稍后再试', '/of');
  const fresh = await store.clues.findById(clue._id, { duplicates: 1 }).lean();
  if (fresh?.duplicates.includes(root)) {
    await store.clues.updateOne({ _id: root }, { $pull: { duplicates: clue._id } });
    throw new Refusal('duplicate-circular', undefined, '/of');
  }
  await store.clues.updateMany({ root: clue._id }, { $set: { root } });
  return {
    outcome: { result: 'duplicate', into: root },
    more: { root },
    guard: { duplicates: { $ne: root } },
  };
}

async function handOn(
  deps: ApiDeps,
  clue: ClueRecord,
  said: Said & { readonly at: string },
): Promise<Prepared> {
  const { store } = deps;
  const calendar = await readCalendar(store.calendars);
  const document = `wd-${randomBytes(8).toString('hex')}`;
  await letterOf(deps, clue, { ...said, document });
  const deadlines = { ...clue.deadlines, transfer: transferDeadline(said.at, calendar) };
  return { outcome: { result: 'notCompetent', document }, more: { deadlines } };
}

/** Somebody was quicker: the same outcome is the same answer, another is refused. */
async function alreadyDone(deps: ApiDeps, clue: ClueRecord, outcome: Outcome): Promise<ClueRecord> {
  const now = await deps.store.clues.findById(clue._id).lean<ClueRecord>();
  if (now?.stand.state === 'accepted' && outcome.result === 'accept' && now.case === outcome.case) return now;
  throw new Refusal('already-screened', '该线索已经研判');
}

function linkOf(outcome: Outcome): Readonly<Record<string, string>> {
  switch (outcome.result) {
    case 'accept':
      return { case: outcome.case };
    case 'duplicate':
      return { into: outcome.into };
    case 'notCompetent':
      return { document: outcome.document };
    case 'underReview':
    case 'onSpotCorrected':
      return {};
  }
}

const STEP: Readonly<Record<Outcome['result'], NoticeStep>> = {
  accept: 'accepted',
  duplicate: 'merged',
  notCompetent: 'notCompetent',
  underReview: 'declined',
  onSpotCorrected: 'corrected',
};

async function tell(
  { store }: ApiDeps,
  clue: ClueRecord,
  { said, at }: { readonly said: Said; readonly at: string },
): Promise<void> {
  const by = clue.deadlines.reply?.at;
  const facts: NoticeFacts = {
    ...(said.result === 'accept' && by !== undefined ? { by } : {}),
    ...(said.result === 'notCompetent' && said.to !== undefined ? { to: said.to } : {}),
    ...(said.result === 'underReview' ? { guidance: said.remedy?.kind ?? 'reconsideration' } : {}),
  };
  await orderNotices(store, clue._id, { step: STEP[said.result], facts, at });
  if (clue.root === undefined || said.result !== 'duplicate') return;
  const root = await store.clues.findById(clue.root, { state: 1 }).lean();
  if (root?.state === 'accepted') await orderNotices(store, clue._id, { step: 'accepted', at });
}
