import { createHash, createHmac } from 'node:crypto';

/** Letters and digits a person can retype: no 0, 1, l or o. */
const ALPHABET = 'abcdefghijkmnpqrstuvwxyz23456789';
/** 26 characters of five bits: 130 bits. */
const TOKEN = /^[a-km-np-z2-9]{26}$/;

/**
 * The Message-ID of a mail, without angle brackets: lower-case base32 of HMAC-SHA-256 over the parts, @domain.
 * The same key and parts give the same one; nobody without the key can guess it.
 */
export function messageId(key: string, parts: readonly (string | number)[], domain: string): string {
  return `${base32(hmac(key, 'message', parts))}@${domain.toLowerCase()}`;
}

/** The token of an agency's link: 26 characters, 130 bits, its own for the parts given. */
export function linkToken(key: string, parts: readonly (string | number)[]): string {
  return base32(hmac(key, 'link', parts)).slice(0, 26);
}

/** The token of a Reply-To address: never equal to the link's, so that one seen does not give the other. */
export function replyToken(key: string, parts: readonly (string | number)[]): string {
  return base32(hmac(key, 'reply', parts)).slice(0, 26);
}

/** What is stored of a token: SHA-256 in hex. */
export function hashToken(token: string): string {
  return createHash('sha256').update(token).digest('hex');
}

/** A token as typed by a person, put right: full-width and upper case folded, blanks and hyphens dropped, 1, l and | read as i. */
export function normaliseToken(typed: string): string {
  return typed
    .normalize('NFKC')
    .toLowerCase()
    .replace(/[\s\u200b\u00ad<>-]/g, '')
    .replace(/[1l|]/g, 'i');
}

/** Whether these are 26 characters of our alphabet. */
export function isToken(token: string): boolean {
  return TOKEN.test(token);
}

/** The envelope sender of one mail: a bounce to it names the mail. `local` is the Message-ID's part before @. */
export function verp(domain: string, local: string): string {
  return `b-${local}@${domain.toLowerCase()}`;
}

/** The Message-ID's local part out of a bounce's recipient, or undefined when it is none of ours. */
export function readVerp(address: string): string | undefined {
  return /^<?b-([a-km-np-z2-9]{52})@/i.exec(address.trim())?.[1]?.toLowerCase();
}

/** The Reply-To of one task's mails. */
export function replyAddress(domain: string, token: string): string {
  return `r-${token}@${domain.toLowerCase()}`;
}

/** The token out of an address as an officer may have retyped it, or undefined when it is no reply address. */
export function readReply(address: string): string | undefined {
  const local = /^<?\s*r-([^@\s]+)@/i.exec(address.normalize('NFKC').trim())?.[1];
  if (local === undefined) return undefined;
  const token = normaliseToken(local);
  return isToken(token) ? token : undefined;
}

/** A purpose and a JSON array: no two lists of parts read the same. */
function hmac(key: string, purpose: string, parts: readonly (string | number)[]): Buffer {
  return createHmac('sha256', key)
    .update(JSON.stringify([purpose, ...parts]))
    .digest();
}

function base32(bytes: Buffer): string {
  let text = '';
  let held = 0;
  let bits = 0;
  for (const byte of bytes) {
    held = (held << 8) | byte;
    bits += 8;
    for (; bits >= 5; bits -= 5) text += ALPHABET[(held >>> (bits - 5)) & 31];
    held &= (1 << bits) - 1;
  }
  return bits ? text + ALPHABET[(held << (5 - bits)) & 31] : text;
}
