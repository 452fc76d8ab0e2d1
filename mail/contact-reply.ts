import type { ContactWord } from '../domain/contact-check.ts';
import { isEmail } from '../domain/roster.ts';

const CONFIRMED =
  /^(?:是|是的|仍是|还是我|是我|是本人|仍为本人|仍由本人|本人|确认|已确认|确认无误|无变化|没有变化|无变动|没有变动|不变|未变|继续|yes|still me)(?:$|[\s,.;:!、，。；：！])/iu;
const ADDRESS = /[A-Za-z0-9._%+-]{1,64}@[A-Za-z0-9-]{1,63}(?:\.[A-Za-z0-9-]{1,63}){1,6}/gu;
const PHONE = /(?<!\d)(?:1\d{10}|0\d{2,3}-?\d{7,8})(?!\d)/u;
const LEAD =
  /^(?:您好|你好)?[\s,，。:：]*(?:联络员|联系人)?(?:已|现|请)?(?:改为|改由|更换为|变更为|换成|换为|由|交给|交由|转给|接任人?|新任?联络员|新联系人)(?:是|为)?[\s:：]*/u;
const NAME = /^\p{Script=Han}{2,4}(?=$|[\s,，、:：;；(（<《])/u;
const TRAILING = /(?:接任|担任|负责|联系)/gu;
/** A line longer than this is a letter, which a person reads. */
const LONGEST = 120;

/** What a reply to the quarterly question says in its first words: still them, or a name and an address. Everything else is for a person. */
export function readContactReply(reply: string, own: string): ContactWord {
  const lines = reply
    .split('\n')
    .map((line) => line.normalize('NFKC').trim())
    .filter((line) => line !== '');
  const first = lines[0] ?? '';
  const head = lines.slice(0, 3).join(' ');
  const others = [...new Set((head.match(ADDRESS) ?? []).map((one) => one.toLowerCase()))].filter(
    (one) => one !== own.toLowerCase(),
  );
  if (others.length === 0)
    return CONFIRMED.test(first) && first.length <= LONGEST ? { kind: 'confirmed' } : { kind: 'unclear' };
  const [email = ''] = others;
  const name = nameIn(head.replaceAll(ADDRESS, ' ').replace(PHONE, ' '));
  if (others.length > 1 || !isEmail(email) || name === undefined || head.length > LONGEST)
    return { kind: 'unclear' };
  const phone = PHONE.exec(head)?.[0];
  return { kind: 'replaced', successor: { name, email, ...(phone === undefined ? {} : { phone }) } };
}

/** The name that stands where a successor is named: after 「改为」 and its like, or first of all. */
function nameIn(words: string): string | undefined {
  const rest = words.replace(LEAD, '').replaceAll(TRAILING, ' ').trim();
  return NAME.exec(`${rest} `)?.[0];
}
