import { readVerp } from './addresses.ts';
import { failureReason } from './failure-reasons.ts';
import type { IncomingMail } from './inbound-parse.ts';

/** A mail that came back. `permanent` false means that the other server goes on trying. */
export interface Bounce {
  readonly kind: 'bounce';
  readonly recipient?: string;
  /** RFC 3463, such as 5.1.1 */
  readonly status?: string;
  readonly permanent: boolean;
  /** For the person who has to find another address. */
  readonly sentence: string;
  readonly sentenceEn: string;
  /** The local part of our Message-ID, from the VERP recipient. */
  readonly verpToken?: string;
  /** Our Message-ID, from the returned mail, without brackets. */
  readonly messageId?: string;
}

export type Classification =
  | Bounce
  | { readonly kind: 'autoReply'; readonly why: string }
  | { readonly kind: 'loop'; readonly why: string }
  | { readonly kind: 'person' };

/** What the SMTP dialogue said, where there was one. */
export interface EnvelopeLike {
  /** '' is the null return path of bounces. */
  readonly from?: string;
  readonly to?: readonly string[];
}

const MAILER =
  /^(?:mailer-daemon|postmaster|mail-daemon|mailerdaemon|mdaemon)@|^noreply@notice\.|^postmaster$/i;
const BOUNCE_SUBJECT =
  /系统退信|退信通知|退信提醒|^退信|投递失败|发送失败|无法送达|无法投递|未送达|未能送达|邮件退回|被退回|undeliver(?:able|ed)|delivery (?:status notification|failure|has failed|report)|returned (?:mail|to sender)|failure notice|mail delivery (?:failed|system)|delivery notification/i;
const DELAY = /延迟|delayed|will be retried|仍在尝试|继续尝试/i;
const AUTO_SUBJECT =
  /^(?:\[|【)?(?:自动回复|自动答复|自動回覆|假期自动回复|外出自动回复|休假自动回复|离岗自动回复|自动应答|auto(?:matic)?[ -]?(?:reply|response)|out of (?:the )?office|automatische antwort)|(?:[:：]|】)\s*(?:自动回复|自动答复)/i;
const RECEIPT_SUBJECT = /^(?:已读|未读|已送达|阅读回执|read|not read|delivered)\s*[:：]/i;

/** Whether a mail was written by a person; if not, what it is. `ownDomains` are the domains our mail goes out from. Pure and linear. */
export function classify(
  mail: IncomingMail,
  ownDomains: readonly string[],
  envelope: EnvelopeLike = {},
): Classification {
  const loop = loopOf(mail, ownDomains);
  if (loop !== undefined) return { kind: 'loop', why: loop };
  if (isBounce(mail, envelope)) return bounce(mail, { ownDomains, envelope });
  if (mail.headers.has('x-loop')) return { kind: 'loop', why: 'x-loop' };
  const auto = autoReplyOf(mail, envelope);
  return auto === undefined ? { kind: 'person' } : { kind: 'autoReply', why: auto };
}

function header(mail: IncomingMail, name: string): string {
  return (mail.headers.get(name) ?? []).join(' ').toLowerCase();
}

function isOwn(domain: string | undefined, ownDomains: readonly string[]): boolean {
  return domain !== undefined && ownDomains.some((own) => own.toLowerCase() === domain.toLowerCase());
}

/** Agencies may share our mail domain: only the form of our Message-IDs, 52 letters and digits, makes one ours. */
function isOwnMessageId(id: string, ownDomains: readonly string[]): boolean {
  return /^[a-km-np-z2-9]{52}@/i.test(id) && isOwn(id.split('@').at(-1), ownDomains);
}

function loopOf(mail: IncomingMail, ownDomains: readonly string[]): string | undefined {
  if ((mail.headers.get('received') ?? []).length > 20) return 'received';
  if (isOwnMessageId(mail.messageId, ownDomains)) return 'message-id';
  const list = header(mail, 'list-id');
  return list !== '' && ownDomains.some((own) => list.includes(own.toLowerCase())) ? 'list-id' : undefined;
}

function isNullPath(mail: IncomingMail, envelope: EnvelopeLike): boolean {
  return envelope.from === '' || header(mail, 'return-path').replace(/\s/g, '') === '<>';
}

function isBounce(mail: IncomingMail, envelope: EnvelopeLike): boolean {
  const type = header(mail, 'content-type');
  if (type.includes('multipart/report') && type.includes('delivery-status')) return true;
  if (mail.attachments.some((part) => part.contentType === 'message/delivery-status')) return true;
  const machine = MAILER.test(mail.from.address) || isNullPath(mail, envelope);
  if (machine && (BOUNCE_SUBJECT.test(mail.subject) || header(mail, 'x-failed-recipients') !== ''))
    return true;
  const toVerp = [...(envelope.to ?? []), ...mail.to].some((address) => readVerp(address) !== undefined);
  return toVerp && machine && !AUTO_SUBJECT.test(mail.subject) && !RECEIPT_SUBJECT.test(mail.subject);
}

/** Everything a bounce says, one text: its own words, the delivery report, the headers it returns. At most 200,000 characters. */
function wordsOf(mail: IncomingMail): string {
  const parts = mail.attachments
    .filter((part) => /^(?:message|text)\//.test(part.contentType))
    .map((part) => part.content.subarray(0, 40_000).toString('utf8'));
  return [mail.text.slice(0, 80_000), ...parts].join('\n').slice(0, 200_000);
}

function bounce(mail: IncomingMail, at: { ownDomains: readonly string[]; envelope: EnvelopeLike }): Bounce {
  const words = wordsOf(mail);
  const status =
    /^status: {0,5}([245]\.\d{1,3}\.\d{1,3})/im.exec(words)?.[1] ??
    /\b([45]\.\d{1,3}\.\d{1,3})\b/.exec(words)?.[1];
  const recipient = recipientOf(mail, { words, ownDomains: at.ownDomains });
  const verpToken = [...(at.envelope.to ?? []), ...mail.to]
    .map(readVerp)
    .find((token) => token !== undefined);
  const messageId = ownMessageId(mail, { words, ownDomains: at.ownDomains });
  const reason = failureReason(words.slice(0, 20_000), status);
  const action = /^action: {0,5}(failed|delayed)/im.exec(words)?.[1]?.toLowerCase();
  const delayed =
    action === undefined ? (status?.startsWith('4') ?? DELAY.test(mail.subject)) : action === 'delayed';
  return {
    kind: 'bounce',
    ...(recipient === undefined ? {} : { recipient }),
    ...(status === undefined ? {} : { status }),
    permanent: !delayed,
    sentence: `${reason?.zh ?? '邮件被退回'}${delayed ? '，对方系统仍在重试' : ''}。`,
    sentenceEn: `${reason?.en ?? 'The mail came back'}.${delayed ? ' The other side goes on trying.' : ''}`,
    ...(verpToken === undefined ? {} : { verpToken }),
    ...(messageId === undefined ? {} : { messageId }),
  };
}

const ADDRESS = /[a-z0-9._%+-]{1,64}@[a-z0-9-]{1,63}(?:\.[a-z0-9-]{1,63}){1,6}/gi;

function recipientOf(
  mail: IncomingMail,
  at: { words: string; ownDomains: readonly string[] },
): string | undefined {
  const named =
    /^(?:final|original)-recipient: {0,5}(?:rfc822)? {0,5};? {0,5}<?([^\s<>;]{3,254})/im.exec(
      at.words,
    )?.[1] ??
    mail.headers.get('x-failed-recipients')?.[0]?.split(',')[0]?.trim() ??
    /(?:收件人|收信人|无法发送到|无法送达|退信地址|recipient|could not be delivered to)[^@\n]{0,40}?[\s:：<「“"(（]([a-z0-9._%+-]{1,64}@[a-z0-9.-]{3,190})/i.exec(
      at.words,
    )?.[1];
  const found =
    named?.includes('@') === true
      ? named
      : firstForeign(at.words, [...at.ownDomains, mail.from.address.split('@').at(-1) ?? '']);
  return found?.toLowerCase().replace(/[.>]+$/, '');
}

function firstForeign(words: string, notFrom: readonly string[]): string | undefined {
  for (const [address] of words.slice(0, 5000).matchAll(ADDRESS)) {
    const domain = address.split('@').at(-1);
    if (!isOwn(domain, notFrom) && !/^(?:postmaster|mailer-daemon|[rb]-)/i.test(address)) return address;
  }
  return undefined;
}

function ownMessageId(
  mail: IncomingMail,
  at: { words: string; ownDomains: readonly string[] },
): string | undefined {
  const ids = [
    ...mail.inReplyTo,
    ...mail.references,
    ...[...at.words.matchAll(/<([^<>\s@]{1,200}@[^<>\s@]{1,200})>/g)].map((match) => match[1] ?? ''),
  ];
  return ids.find((id) => isOwnMessageId(id, at.ownDomains));
}

function autoReplyOf(mail: IncomingMail, envelope: EnvelopeLike): string | undefined {
  const submitted = header(mail, 'auto-submitted');
  if (submitted !== '' && !submitted.startsWith('no')) return 'auto-submitted';
  for (const name of [
    'x-autoreply',
    'x-autorespond',
    'x-auto-reply',
    'x-qq-auto-reply',
    'x-autoreply-from',
  ]) {
    if (mail.headers.has(name) && header(mail, name).trim() !== 'no') return name;
  }
  if (/\b(?:auto_reply|auto-reply|bulk|junk|list)\b/.test(header(mail, 'precedence'))) return 'precedence';
  if (header(mail, 'x-precedence').includes('auto_reply')) return 'precedence';
  if (header(mail, 'content-type').includes('disposition-notification')) return 'read-receipt';
  if (AUTO_SUBJECT.test(mail.subject)) return 'subject';
  if (RECEIPT_SUBJECT.test(mail.subject) && isNullPath(mail, envelope)) return 'read-receipt';
  if (MAILER.test(mail.from.address) || isNullPath(mail, envelope)) return 'no-return-path';
  return undefined;
}
