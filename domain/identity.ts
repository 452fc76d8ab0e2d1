/** Who complained, as they gave themselves; either part may be missing. */
export interface Identity {
  readonly name?: string | undefined;
  /** A telephone number or a mail address. */
  readonly contact?: string | undefined;
}

/** How a complainant can be reached. */
export type Reach = 'email' | 'phone' | 'none';

const EMAIL = /^[^\s@<>]+@[^\s@<>]+\.[^\s@<>]+$/u;
const PHONE = /^\+?[\d\s()（）-]{5,29}$/u;

/** What a contact is: a mail address, a telephone number, or nothing that anybody could be reached by. */
export function reachOf(contact: string | undefined): Reach {
  if (contact === undefined) return 'none';
  if (EMAIL.test(contact)) return 'email';
  return PHONE.test(contact.normalize('NFKC')) ? 'phone' : 'none';
}

const lettersOf = (text: string): string[] => Array.from(text);
const firstOf = (text: string): string => lettersOf(text)[0] ?? '';

/** 张三 → 张**: as many stars whatever the name's length. */
export const maskName = (name: string): string => `${firstOf(name.trim())}**`;

/** 13812340000 → 138****0000, zhang@example.cn → z***@example.cn. */
export function maskContact(contact: string): string {
  const at = contact.lastIndexOf('@');
  if (at > 0) return `${firstOf(contact)}***${contact.slice(at)}`;
  const digits = contact.normalize('NFKC').replaceAll(/\D/g, '');
  return digits.length < 8 ? '****' : `${digits.slice(0, 3)}****${digits.slice(-4)}`;
}

/** The part of an identity that stands in a text, however it is spaced or written. */
export function identityIn(text: string, identity: Identity): 'name' | 'contact' | undefined {
  const { name, contact } = shapesOf(identity);
  if (contact !== undefined && contact.test(text.normalize('NFKC'))) return 'contact';
  return name !== undefined && name.test(text.normalize('NFKC')) ? 'name' : undefined;
}

/** What stands in a text instead of a person: nothing of theirs, since the text goes to the agency. */
const SOMEBODY = '某某';
const SOME_CONTACT = '***';

/** A text with every mention of an identity taken out. */
export function withoutIdentity(text: string, identity: Identity): string {
  const { name, contact } = shapesOf(identity);
  let plain = text;
  if (contact !== undefined) plain = masked(plain, contact, SOME_CONTACT);
  if (name !== undefined) plain = masked(plain, name, SOMEBODY);
  return plain;
}

/** Reason: a text without the mention stays as it was written, full-width signs and all. */
function masked(text: string, shape: RegExp, mask: string): string {
  const folded = text.normalize('NFKC');
  return shape.test(folded) ? folded.replaceAll(new RegExp(shape, 'giu'), () => mask) : text;
}

const escaped = (text: string): string => text.replaceAll(/[.*+?^${}()|[\]\\/]/g, String.raw`\$&`);
const spaced = (characters: readonly string[], between: string): RegExp =>
  new RegExp(characters.map(escaped).join(between), 'iu');

/** Patterns with room for blanks and hyphens between the characters; a name of one character is no mark of anybody. */
function shapesOf({ name, contact }: Identity): { name?: RegExp; contact?: RegExp } {
  const letters = lettersOf((name ?? '').normalize('NFKC').replaceAll(/\s/gu, ''));
  const reach = reachOf(contact);
  const address = (contact ?? '').normalize('NFKC').trim();
  const digits = lettersOf(address.replaceAll(/\D/g, '').replace(/^86(?=1\d{10}$)/, ''));
  return {
    ...(letters.length > 1 ? { name: spaced(letters, String.raw`[\s·]*`) } : {}),
    ...(reach === 'email' ? { contact: spaced(lettersOf(address), '') } : {}),
    ...(reach !== 'email' && digits.length >= 5
      ? { contact: spaced(digits, String.raw`[\s()（）\-]*`) }
      : {}),
  };
}

const MOBILE = /(?<!\d)(?:\+?86[\s-]?)?1[3-9]\d[\s-]?\d{4}[\s-]?\d{4}(?!\d)/gu;
const CITIZEN = /(?<!\d)\d{17}[\dXx](?!\d)/gu;
const ADDRESS = /[^\s@<>，。；：、（）()]+@[\w.-]+\.[A-Za-z]{2,}/gu;
const SIGNED =
  /((?:(?:投诉人|举报人|联系人|反映人|署名|姓名)\s*[:：]|我叫|本人姓名)\s*)(\p{Script=Han}(?:·?\p{Script=Han}){1,3})/gu;
/** As a mark a signature must end where a name does: what only begins like one is a word of the complaint. */
const NAME_ALONE =
  /(?:(?:投诉人|举报人|联系人|反映人|署名|姓名)\s*[:：]|我叫|本人姓名)\s*(\p{Script=Han}{2,3})(?!\p{Script=Han})/gu;

/** What members of the public wrote of themselves in their own words: numbers, addresses and the names they signed with are taken out before anybody else reads it. */
export const withoutMarks = (text: string): string =>
  text
    .replaceAll(CITIZEN, SOME_CONTACT)
    .replaceAll(MOBILE, SOME_CONTACT)
    .replaceAll(ADDRESS, SOME_CONTACT)
    .replaceAll(SIGNED, (_all, label: string) => `${label}${SOMEBODY}`);

/** The numbers, addresses and signed names in somebody's own words, each as an identity of its own. */
export function marksIn(text: string): Identity[] {
  const plain = text.normalize('NFKC');
  const contacts = [...plain.matchAll(MOBILE), ...plain.matchAll(ADDRESS)].map(([contact]) => ({ contact }));
  const names = [...plain.matchAll(NAME_ALONE)].flatMap(([, name]) => (name === undefined ? [] : [{ name }]));
  return [...contacts, ...names];
}
