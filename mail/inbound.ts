import { hashToken, readReply } from './addresses.ts';
import { authenticate, type Authentication } from './authentication.ts';
import { type Bounce, classify, type Classification } from './auto-mail.ts';
import type { HeldReason } from './held-reasons.ts';
import { bareSubject, numbersIn } from './inbound-number.ts';
import {
  type IncomingAttachment,
  type IncomingMail,
  parseIncoming,
  type UnparseableReason,
} from './inbound-parse.ts';
import { isMarker } from './quote-patterns.ts';
import { readCommand, type ReplyCommand } from './reply-command.ts';
import { stripQuotation } from './reply-text.ts';

/** A task as matching sees it. */
export interface TaskRef {
  readonly no: string;
  readonly agency: string;
  readonly open: boolean;
  /** No task: the quarterly question to a contact, by its own number. */
  readonly question?: true;
}

/** What the database answers while a mail is judged. Addresses are compared in lower case; Message-IDs have no angle brackets. */
export interface InboundLookup {
  byReplyToken(hash: string): Promise<TaskRef | undefined>;
  byMessageId(id: string): Promise<TaskRef | undefined>;
  byNumber(no: string): Promise<TaskRef | undefined>;
  /** The agency's contacts, and the delegates of the task. */
  addressesOf(agency: string, task: string): Promise<readonly string[]>;
  agenciesOf(
    address: string,
  ): Promise<readonly { readonly agency: string; readonly openTasks: readonly TaskRef[] }[]>;
}

/** What the SMTP dialogue said; a polled mailbox knows neither `ip` nor, often, the rest. `from` '' is the null return path. */
export interface InboundEnvelope {
  readonly from?: string;
  readonly to: readonly string[];
  readonly ip?: string;
  readonly helo?: string;
}

/** A task this mail may belong to; 0–100, best first. */
export interface Guess {
  readonly task: string;
  readonly agency: string;
  readonly score: number;
  readonly why: 'matched' | 'number' | 'owner-number' | 'only-open-task' | 'open-task';
}

interface Head {
  readonly from: { readonly name: string; readonly address: string };
  readonly subject: string;
  readonly messageId: string;
  readonly authentication: Authentication;
}

/** The one disposition of a mail. */
export type Judgement =
  | (Head & {
      readonly disposition: 'submission';
      readonly task: TaskRef;
      readonly matchedBy: MatchedBy;
      readonly command: ReplyCommand;
      readonly text: string;
      readonly quoted: string;
      readonly files: readonly IncomingAttachment[];
    })
  | (Head & { readonly disposition: 'bounce'; readonly bounce: Bounce; readonly task?: TaskRef })
  | (Head & {
      readonly disposition: 'autoReply' | 'loop' | 'empty';
      readonly why: string;
      readonly task?: TaskRef;
    })
  | (Head & {
      readonly disposition: 'held';
      readonly reason: HeldReason;
      readonly guesses: readonly Guess[];
      readonly text: string;
      readonly files: readonly IncomingAttachment[];
    })
  | { readonly disposition: 'unparseable'; readonly reason: UnparseableReason };

export type MatchedBy = 'token' | 'references' | 'subject';

interface Match {
  readonly task: TaskRef;
  readonly by: MatchedBy;
}

/** Everything {@link judge} needs to know; nothing in it is fetched again. */
export interface JudgeInput {
  readonly mail: IncomingMail;
  readonly kind: Classification;
  readonly authentication: Authentication;
  /** All tasks that the best matching step found; more than one is ambiguous. */
  readonly matches: readonly Match[];
  /** A reply address was used that no task has. */
  readonly tokenUnknown: boolean;
  /** Lower-case addresses that may answer for the matched task. */
  readonly allowed: readonly string[];
  /** Agencies the sender is a contact of, with their open tasks. */
  readonly agencies: readonly { readonly agency: string; readonly openTasks: readonly TaskRef[] }[];
}

/** May this sender answer? Only a registered contact of the agency, or a delegate of the task, does. */
export function maySenderAnswer(
  address: string,
  at: Pick<JudgeInput, 'allowed' | 'agencies'>,
): { readonly allowed: true } | { readonly refused: HeldReason } {
  if (at.allowed.some((one) => one.toLowerCase() === address)) return { allowed: true };
  return { refused: at.agencies.length === 0 ? 'unknown-sender' : 'sender-not-of-agency' };
}

/** Decides what becomes of a mail. Pure: the same input gives the same judgement. */
export function judge(input: JudgeInput): Judgement {
  const { mail, kind, authentication, matches } = input;
  const head: Head = { from: mail.from, subject: mail.subject, messageId: mail.messageId, authentication };
  const task = matches.length === 1 ? matches[0]?.task : undefined;
  const known = task === undefined ? {} : { task };
  if (kind.kind === 'bounce') return { ...head, disposition: 'bounce', bounce: kind, ...known };
  if (kind.kind !== 'person') return { ...head, disposition: kind.kind, why: kind.why, ...known };
  const reason = whyHeld(input);
  const files = filesOf(mail);
  const { reply, quoted } = ownWords(mail);
  if (reason !== undefined || matches[0] === undefined) {
    return {
      ...head,
      disposition: 'held',
      reason: reason ?? 'no-match',
      guesses: guessesFor(input),
      text: reply,
      files,
    };
  }
  if (reply === '' && files.length === 0)
    return { ...head, disposition: 'empty', why: 'nothing-written', task: matches[0].task };
  const said = readCommand(reply);
  // An acknowledgement that brings files is an answer: its sender has done the work.
  const command: ReplyCommand =
    said.kind === 'acknowledgement' && files.length > 0 ? { kind: 'answer' } : said;
  return {
    ...head,
    disposition: 'submission',
    task: matches[0].task,
    matchedBy: matches[0].by,
    command,
    text: reply,
    quoted,
    files,
  };
}

function whyHeld(input: JudgeInput): HeldReason | undefined {
  const { mail, matches, authentication } = input;
  if (!mail.from.address.includes('@')) return 'no-sender';
  if ((mail.headers.get('from') ?? []).length > 1) return 'several-senders';
  if (authentication.verdict === 'fail') return 'authentication-failed';
  if (matches.length > 1) return 'several-tasks';
  if (matches.length === 0)
    return input.tokenUnknown ? 'token-unknown' : input.agencies.length === 0 ? 'unknown-sender' : 'no-match';
  const gate = maySenderAnswer(mail.from.address, input);
  return 'refused' in gate ? gate.refused : undefined;
}

/** A report passed on without a word of comment is the answer; our own mail passed back is not. */
function ownWords(mail: IncomingMail): { reply: string; quoted: string } {
  const words = stripQuotation(mail);
  const passedOn =
    /^\s*(?:转发|fwd?)\s*[:：]/i.test(mail.subject) && words.reply === '' && !isMarker(words.quoted);
  return passedOn ? { reply: words.quoted.trim(), quoted: '' } : words;
}

/** bytes: pictures below this that the HTML shows are logos of signatures */
const LOGO = 10 * 1024;

function filesOf(mail: IncomingMail): IncomingAttachment[] {
  return mail.attachments.filter((part) => {
    if (/^application\/(?:x-)?(?:pkcs7|pgp)-signature$/.test(part.contentType)) return false;
    const shown = part.contentId !== undefined && mail.html?.includes(`cid:${part.contentId}`) === true;
    return !(shown && part.contentType.startsWith('image/') && part.content.length < LOGO);
  });
}

function guessesFor(input: JudgeInput): Guess[] {
  const best = new Map<string, Guess>();
  const add = (task: TaskRef, score: number, why: Guess['why']): void => {
    const before = best.get(task.no);
    if (before === undefined || before.score < score)
      best.set(task.no, { task: task.no, agency: task.agency, score, why });
  };
  for (const match of input.matches)
    add(match.task, match.by === 'subject' ? 60 : 90, match.by === 'subject' ? 'number' : 'matched');
  const numbers = numbersIn(input.mail.subject);
  for (const { openTasks } of input.agencies) {
    for (const task of openTasks.slice(0, 100)) {
      if (numbers.some((no) => task.no.startsWith(`${no}-`))) add(task, 80, 'owner-number');
      else
        add(task, openTasks.length === 1 ? 70 : 40, openTasks.length === 1 ? 'only-open-task' : 'open-task');
    }
  }
  return [...best.values()].sort((a, b) => b.score - a.score || a.task.localeCompare(b.task)).slice(0, 10);
}

/** Answers what the sender's domain says of a mail; replaced in tests and where a gateway in front has already judged. */
export type Authenticate = (raw: Buffer, envelope: InboundEnvelope) => Promise<Authentication>;

const byRecords: Authenticate = (raw, { ip, helo, from }) =>
  authenticate(raw, {
    ...(ip === undefined ? {} : { ip }),
    ...(helo === undefined ? {} : { helo }),
    ...(from === undefined ? {} : { from }),
  });

/**
 * The way of an incoming mail from stored bytes to a judgement. `ownDomains` are those of our Message-IDs and reply addresses.
 * Throws only what the lookup throws: the caller tries such a mail again.
 */
export function createInbound(deps: {
  lookup: InboundLookup;
  ownDomains: readonly string[];
  authenticate?: Authenticate;
}): (raw: Buffer, envelope: InboundEnvelope) => Promise<Judgement> {
  return async (raw, envelope) => {
    const mail = await parseIncoming(raw);
    if ('unparseable' in mail) return { disposition: 'unparseable', reason: mail.unparseable };
    const kind = classify(mail, deps.ownDomains, envelope);
    const [authentication, found] = await Promise.all([
      (deps.authenticate ?? byRecords)(raw, envelope),
      findMatches(mail, envelope, deps.lookup),
    ]);
    const task = found.matches[0]?.task;
    const person = kind.kind === 'person';
    const allowed = person && task !== undefined ? await deps.lookup.addressesOf(task.agency, task.no) : [];
    const settled =
      allowed.some((one) => one.toLowerCase() === mail.from.address) && authentication.verdict !== 'fail';
    const agencies = person && !settled ? await deps.lookup.agenciesOf(mail.from.address) : [];
    return judge({ mail, kind, authentication, ...found, allowed, agencies });
  };
}

/** Reply address, then References, then a number in the subject: the first step that finds anything decides. */
async function findMatches(
  mail: IncomingMail,
  envelope: InboundEnvelope,
  lookup: InboundLookup,
): Promise<{ matches: Match[]; tokenUnknown: boolean }> {
  const addresses = [...new Set([...envelope.to.map((one) => one.toLowerCase()), ...mail.to])].slice(0, 500);
  const tokens = [...new Set(addresses.map(readReply).filter((token) => token !== undefined))].slice(0, 5);
  const byToken = await found(tokens.map(hashToken), (hash) => lookup.byReplyToken(hash));
  if (byToken.length > 0)
    return { matches: byToken.map((task) => ({ task, by: 'token' })), tokenUnknown: false };
  const misspelt = tokens.length > 0 || addresses.some((one) => /^r-[^@]{20,}@/.test(one));
  for (const id of threadOf(mail)) {
    const task = await lookup.byMessageId(id);
    if (task) return { matches: [{ task, by: 'references' }], tokenUnknown: misspelt };
  }
  const byNumber = await found(numbersIn(bareSubject(mail.subject)), (no) => lookup.byNumber(no));
  return { matches: byNumber.map((task) => ({ task, by: 'subject' })), tokenUnknown: misspelt };
}

/** The mail answered first, then the youngest and the oldest of the thread; at most twenty. */
function threadOf(mail: IncomingMail): string[] {
  const ids = [
    ...mail.inReplyTo.slice(0, 3),
    ...mail.references.slice(-9).reverse(),
    ...mail.references.slice(0, 8),
  ];
  return [...new Set(ids)];
}

async function found<Key>(
  keys: readonly Key[],
  find: (key: Key) => Promise<TaskRef | undefined>,
): Promise<TaskRef[]> {
  const tasks = new Map<string, TaskRef>();
  for (const key of keys) {
    const task = await find(key);
    if (task) tasks.set(task.no, task);
  }
  return [...tasks.values()];
}
