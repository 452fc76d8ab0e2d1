import { createHmac } from 'node:crypto';
import { stamp } from '../domain/clock.ts';
import { reachOf, withoutIdentity, withoutMarks } from '../domain/identity.ts';
import { hashToken } from '../mail/addresses.ts';
import { authenticate } from '../mail/authentication.ts';
import { classify } from '../mail/auto-mail.ts';
import { queryCode } from '../mail/complaint.ts';
import { type IncomingMail, parseIncoming } from '../mail/inbound-parse.ts';
import { stripQuotation } from '../mail/reply-text.ts';
import type { ClueRecord } from '../models/clue.ts';
import { storeClues } from '../models/clue-intake.ts';
import { openComplainant, vaultOf } from '../models/complainant.ts';
import { orderNotices } from '../models/complainant-notice.ts';
import { appendEvents } from '../models/event.ts';
import { type IncomingMailRecord, unsealed } from '../models/incoming-mail.ts';
import type { Deps } from './deps.ts';
import { keepFiles } from './kept-files.ts';

interface Opened {
  readonly mail: IncomingMailRecord;
  readonly parsed: IncomingMail;
  /** Whether the sender's domain disowns the mail. */
  readonly forged: boolean;
}

/** A mail to the complaint address becomes a clue, or adds to the one that its sender complained of before. May run twice: the mail is the clue's origin. */
export async function takeComplaint(deps: Deps, mail: IncomingMailRecord, sealed: Buffer): Promise<void> {
  const { raw, envelope } = unsealed(vaultOf(deps.office).open(sealed, mail._id));
  const parsed = await parseIncoming(raw);
  if ('unparseable' in parsed) {
    const clue = await store(deps, mail, { text: '（邮件无法解析，原件已加密留存）' });
    return mark(deps, mail, { disposition: 'clue', clue: clue._id, reason: parsed.unparseable });
  }
  const kind = classify(parsed, [deps.office.mailDomain], envelope);
  if (kind.kind !== 'person')
    return mark(deps, mail, { disposition: kind.kind, reason: kind.kind === 'bounce' ? '退信' : kind.why });
  const sender = senderOf(deps, parsed, envelope);
  const turnAt = mail.turnAt === undefined ? await turnOf(deps, sender) : undefined;
  if (turnAt) return mark(deps, mail, { disposition: 'waiting', sender, turnAt });
  const { ip, helo, from } = envelope;
  const authentication = await authenticate(raw, {
    ...(ip === undefined ? {} : { ip }),
    ...(helo === undefined ? {} : { helo }),
    ...(from === undefined ? {} : { from }),
  });
  const opened = { mail, parsed, forged: authentication.verdict === 'fail' };
  const known = opened.forged ? undefined : await before(deps, parsed);
  const clue = known ? await add(deps, known, opened) : await begin(deps, opened);
  const takenAt = new Date(await deps.clock.now());
  await mark(deps, mail, { disposition: 'clue', clue: clue._id, sender, takenAt });
}

/** Complaints of one sender that are taken at once in so many milliseconds: as many as the public form takes. */
const FREE = 4;
const SPAN_MS = 600_000;

/** Who sent a mail, as a keyed hash: a sender's name written by another machine is another sender. */
function senderOf(
  { office }: Deps,
  { from }: IncomingMail,
  envelope: IncomingMailRecord['envelope'],
): string {
  const words = JSON.stringify([from.address, envelope.from ?? '', envelope.ip ?? '']);
  return createHmac('sha256', office.linkKey).update(`sender ${words}`).digest('hex').slice(0, 32);
}

/** When the next mail of a sender who sends too many is taken; undefined where it is now. Nothing is refused, and nobody else waits for it. */
async function turnOf({ store, clock }: Deps, sender: string): Promise<Date | undefined> {
  const now = await clock.now();
  const [taken, waiting] = await Promise.all([
    store.incoming.countDocuments({ sender, takenAt: { $gt: new Date(now - SPAN_MS) } }),
    store.incoming.countDocuments({ sender, disposition: 'waiting' }),
  ]);
  if (waiting === 0 && taken < FREE) return undefined;
  return new Date(now + SPAN_MS * (1 + Math.floor(waiting / FREE)));
}

async function mark(deps: Deps, mail: IncomingMailRecord, set: Partial<IncomingMailRecord>): Promise<void> {
  await deps.store.incoming.updateOne({ _id: mail._id }, { $set: set });
}

/** The clue whose number stands in the subject, where its complainant is the sender. */
async function before(deps: Deps, { subject, from }: IncomingMail): Promise<ClueRecord | undefined> {
  const no = /XS-\d{4}-\d{4,}/.exec(subject.toUpperCase())?.[0];
  const clue = no === undefined ? null : await deps.store.clues.findById(no).lean<ClueRecord>();
  if (!clue) return undefined;
  const who = await openComplainant(deps, clue);
  return who?.contact?.toLowerCase() === from.address ? clue : undefined;
}

const wordsOf = (parsed: IncomingMail): string =>
  stripQuotation(parsed).reply.trim() || parsed.subject.trim() || '（邮件没有正文，见附件）';

interface Words {
  readonly text: string;
  readonly parsed?: IncomingMail;
  readonly forged?: boolean;
}

async function begin(deps: Deps, { mail, parsed, forged }: Opened): Promise<ClueRecord> {
  const subject = parsed.subject.trim();
  const text = wordsOf(parsed);
  const whole = subject === '' || text.startsWith(subject) ? text : `${subject}\n${text}`;
  const clue = await store(deps, mail, { text: whole, parsed, forged });
  if (!forged && !mail.reason)
    await orderNotices(deps.store, clue._id, {
      step: 'received',
      facts: clue.deadlines.register ? { by: clue.deadlines.register.at } : {},
      at: clue.receivedAt,
    });
  return clue;
}

async function store(
  deps: Deps,
  mail: IncomingMailRecord,
  { text, parsed, forged }: Words,
): Promise<ClueRecord> {
  const origin = `mail:${mail._id}`;
  const there = await deps.store.clues.findOne({ origin }).lean<ClueRecord>();
  if (there) return there;
  const { from, attachments } = parsed ?? {};
  const name = from && /\p{L}/u.test(from.name) && from.name !== from.address ? from.name.trim() : undefined;
  const contact = from && reachOf(from.address) === 'email' ? from.address : undefined;
  const named = name !== undefined || contact !== undefined;
  const [stored] = await storeClues(deps, [
    {
      channel: 'complaint',
      door: 'mail',
      origin,
      summary: text.slice(0, 20_000),
      ...(named ? { complainant: { name, contact, confidential: true } } : {}),
      files: attachments ? await keepFiles(deps.store, attachments, vaultOf(deps.office)) : [],
      receivedAt: stamp(mail.receivedAt.getTime()),
      by: '投诉人',
      code: hashToken(queryCode(deps.office, origin)),
      unreachable: forged === true,
    },
  ]);
  if (!stored) throw new Error('a clue was not stored');
  return stored.record;
}

async function add(deps: Deps, clue: ClueRecord, { mail, parsed }: Opened): Promise<ClueRecord> {
  if (clue.materials.some((one) => one.mail === mail._id)) return clue;
  const who = (await openComplainant(deps, clue)) ?? {};
  const mask = (text: string): string =>
    withoutIdentity(withoutMarks(text), { name: parsed.from.name, ...who });
  const files = await keepFiles(deps.store, parsed.attachments, vaultOf(deps.office));
  const at = stamp(mail.receivedAt.getTime());
  const material = {
    at,
    text: mask(wordsOf(parsed)),
    files: files.map((file) => ({ ...file, name: mask(file.name) })),
    mail: mail._id,
  };
  await deps.store.clues.updateOne(
    { _id: clue._id, 'materials.mail': { $ne: mail._id } },
    { $push: { materials: material } },
  );
  await appendEvents(deps.store.events, {
    owner: clue._id,
    key: `material/${mail._id}`,
    entries: [{ at, source: 'answer', what: 'clue-added', who: '投诉人' }],
  });
  return clue;
}
