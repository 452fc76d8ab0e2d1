import { possibleSteps } from '../domain/clue.ts';
import { clueLight, dueOf } from '../domain/clue-deadline.ts';
import { maskContact, maskName } from '../domain/identity.ts';
import type { ClueRecord } from '../models/clue.ts';
import { openComplainant } from '../models/complainant.ts';
import type { ComplainantNoticeRecord } from '../models/complainant-notice.ts';
import type { Actor } from './access.ts';
import type { ApiDeps } from './deps.ts';

/** Whether an account may ever learn who complained: those who handle cases, never auditors, administrators or anyone of the agency complained of. */
export const handlesClue = (actor: Actor, clue: Pick<ClueRecord, 'agency'>): boolean =>
  (actor.role === 'organizer' || actor.role === 'approver') && !isOwn(actor, clue);

/** An account of the agency complained of sees nothing of the clue (执法与监督相分离). */
export const isOwn = (actor: Actor, { agency }: Pick<ClueRecord, 'agency'>): boolean =>
  actor.agency !== undefined && actor.agency === agency;

export const clueBrief = (clue: ClueRecord, now: number) => ({
  no: clue._id,
  channel: clue.channel,
  state: clue.state,
  light: clueLight(clue, now),
  summary: clue.summary,
  agency: clue.agency ?? null,
  actType: clue.actType ?? null,
  externalNo: clue.externalNo ?? null,
  receivedAt: clue.receivedAt,
  due: dueShown(clue),
  complainant: clue.complainant
    ? { named: clue.complainant.named, confidential: clue.complainant.confidential }
    : null,
  case: clue.case ?? null,
});

/** What the clue waits for now, with its reasons. */
function dueShown({ state, repliedAt, deadlines }: ClueRecord) {
  const what = dueOf(state, repliedAt);
  const due = what && deadlines[what];
  return what && due ? { what, ...due } : null;
}

/** A clue as staff see it: of its complainant, masks for those who handle it and nothing for others. */
export async function showClue(deps: ApiDeps, clue: ClueRecord, actor: Actor) {
  const notices = await deps.store.complainantNotices.find({ clue: clue._id }).sort({ at: 1 }).lean();
  return {
    ...clueBrief(clue, await deps.clock.now()),
    door: clue.door,
    ...(clue.source === undefined ? {} : { source: clue.source }),
    ...(clue.replyOn === undefined ? {} : { replyOn: clue.replyOn }),
    stand: clue.stand,
    possible: possibleSteps(clue.stand),
    deadlines: clue.deadlines,
    late: clue.late,
    repliedAt: clue.repliedAt ?? null,
    files: clue.files.map(({ name, size, sha256 }) => ({ name, size, sha256 })),
    materials: clue.materials.map(({ at, text, files }) => ({
      at,
      text,
      files: files.map(({ name, size, sha256 }) => ({ name, size, sha256 })),
    })),
    duplicates: clue.duplicates,
    root: clue.root ?? null,
    remedies: clue.remedies,
    createdBy: clue.createdBy,
    complainant: await masked(deps, clue, actor),
    notices: notices.map(showNotice),
  };
}

async function masked(deps: ApiDeps, clue: ClueRecord, actor: Actor) {
  if (!clue.complainant) return null;
  const { named, confidential, reach } = clue.complainant;
  if (!handlesClue(actor, clue)) return { named, confidential };
  const who = await openComplainant(deps, clue);
  return {
    named,
    confidential,
    reach,
    ...(who?.name === undefined ? {} : { name: maskName(who.name) }),
    ...(who?.contact === undefined ? {} : { contact: maskContact(who.contact) }),
  };
}

export const showNotice = ({
  _id,
  state,
  step,
  at,
  why,
  toldBy,
  toldAt,
  note,
  clue,
}: ComplainantNoticeRecord) => ({
  id: _id.split('/').at(-1) ?? '',
  clue,
  step,
  at,
  state,
  ...(why === undefined ? {} : { why }),
  ...(toldBy === undefined ? {} : { toldBy, toldAt }),
  ...(note === undefined ? {} : { note }),
});
