import type { Term } from '../domain/deadline.ts';
import { isTagline } from './quote-patterns.ts';

/** What the first line of a reply asks for. `answer` is everything that is not plainly something else. */
export type ReplyCommand =
  | { readonly kind: 'acknowledgement'; readonly name?: string; readonly post?: string }
  | { readonly kind: 'extension'; readonly term: Term; readonly reason: string }
  | { readonly kind: 'delegation'; readonly email: string; readonly name?: string }
  | { readonly kind: 'objection'; readonly reason: string }
  | { readonly kind: 'answer' };

const ANSWER: ReplyCommand = { kind: 'answer' };
const END = '[ 。.!]*$';
const BREAK = '[ :,;、|/()。-]';
const ACKNOWLEDGED = new RegExp(`^(?:已|确认|现)?签收(?:$|${BREAK}+)(.{0,60})$`);
const EXTENSION =
  /^(?:申请|请求|拟)?延期 {0,3}(\d{1,4}|[一二两三四五六七八九十百]{1,5}) {0,3}(?:个)? {0,3}(工作日|自然日|天|日|周|星期)(.{0,1000})$/;
const DELEGATION = new RegExp(
  `^(?:已|请)?转(?:办|交)(?:给|至|到)?[ :]{0,5}([a-z0-9._%+-]{1,64}@[a-z0-9-]{1,63}(?:\\.[a-z0-9-]{1,63}){1,6})(?:[ ,;:()、]+([^,;()]{1,20}?))?\\)?${END}`,
  'i',
);
const OBJECTION = /^(?:我单位|我局|我们)?(?:提出异议|异议|有异议)(?:[ :,;]+(.{0,2000}))?$/;
const NAME =
  /^(?:\p{Script=Han}{2,4}|\p{Script=Han}{2,10}[·•]\p{Script=Han}{2,10}|[A-Za-z][A-Za-z .]{1,30})$/u;
/** Words that a short answer has and a name has not: 「签收 材料见附件」 is an answer. */
const NO_NAME = /已|见附|附件|附上|材料|整改|完成|报告|情况|收到|请|谢|如下|正在|办理|落实/;
const UNIT = /(?:局|委|办|办公室|中心|大队|支队|镇|乡|街道|所|站|科|股|政府)$/;

/** Longest text below a command's first line that still belongs to it, in characters. */
const SIGNATURE = 120;
const REASON = 300;

/** Full-width letters, digits and signs as half-width ones, one for one, so that positions stay those of the original. */
function halfWidth(line: string): string {
  return line
    .replace(/[\uff01-\uff5e]/g, (char) => String.fromCharCode(char.charCodeAt(0) - 0xfee0))
    .replace(/[\u3000\u00a0\t]/g, ' ')
    .replace(/[。]/g, '。');
}

/** Reads a command from the first line of a reply whose quotation is already gone. Anything longer than a command is an answer. */
export function readCommand(reply: string): ReplyCommand {
  const lines = reply.split('\n').map((line) => line.trim());
  const at = lines.findIndex((line) => line !== '');
  const original = (lines[at] ?? '').replace(/^[“"「【[]|[”"」】\]]$/g, '').trim();
  if (original === '' || original.length > 2000) return ANSWER;
  const rest = lines
    .slice(at + 1)
    .filter((line) => line !== '' && !isTagline(line))
    .join('\n');
  const first = halfWidth(original);
  return (
    acknowledgement(first, rest) ??
    extension({ first, original, rest }) ??
    delegation(first, rest) ??
    objection({ first, original, rest }) ??
    ANSWER
  );
}

function acknowledgement(first: string, rest: string): ReplyCommand | undefined {
  const found = ACKNOWLEDGED.exec(first);
  if (!found || !isSignature(rest)) return undefined;
  const words = (found[1] ?? '').split(/[ :,;、|/()。!.-]+/).filter((word) => word !== '');
  if (words.length === 0) return { kind: 'acknowledgement' };
  if (words.length > 1 && UNIT.test(words[0] ?? '')) words.shift();
  const [name = '', post, ...more] = words;
  if (more.length > 0 || !NAME.test(name) || NO_NAME.test(name)) return undefined;
  if (post === undefined) return { kind: 'acknowledgement', name };
  return post.length > 15 || NO_NAME.test(post) ? undefined : { kind: 'acknowledgement', name, post };
}

/** A few short lines without sentences: name, unit, telephone. */
function isSignature(rest: string): boolean {
  return rest.length <= SIGNATURE && rest.split('\n').length <= 6 && !/[。；！？]|如下|：$|附件/.test(rest);
}

const NUMERALS = '零一二三四五六七八九';

/** 1–999 in Arabic or Chinese numerals; 0 when it is neither. */
function numeral(text: string): number {
  if (/^\d+$/.test(text)) return Number(text);
  const found =
    /^(?:([一二两三四五六七八九])百)?(?:([一二两三四五六七八九])?(十))?([一二两三四五六七八九])?$/.exec(text);
  if (!found) return 0;
  const digit = (char: string | undefined): number =>
    char === undefined ? 0 : char === '两' ? 2 : NUMERALS.indexOf(char);
  const tens = found[3] === undefined ? 0 : digit(found[2]) || 1;
  return digit(found[1]) * 100 + tens * 10 + digit(found[4]);
}

function extension(line: { first: string; original: string; rest: string }): ReplyCommand | undefined {
  const found = EXTENSION.exec(line.first);
  if (!found || line.rest.length > REASON) return undefined;
  const n = numeral(found[1] ?? '') * (found[2] === '周' || found[2] === '星期' ? 7 : 1);
  const tail = found[3] ?? '';
  if (n < 1 || n > 1000 || (tail !== '' && !/^[ :,;.。、(-]/.test(tail))) return undefined;
  return {
    kind: 'extension',
    term: found[2] === '工作日' ? { workdays: n } : { days: n },
    reason: reasonOf(line.original.slice(line.original.length - tail.length), line.rest),
  };
}

function delegation(first: string, rest: string): ReplyCommand | undefined {
  const found = DELEGATION.exec(first);
  if (!found || !isSignature(rest)) return undefined;
  const email = (found[1] ?? '').toLowerCase();
  const name = found[2]?.trim();
  return name === undefined || name === ''
    ? { kind: 'delegation', email }
    : { kind: 'delegation', email, name };
}

function objection(line: { first: string; original: string; rest: string }): ReplyCommand | undefined {
  const found = OBJECTION.exec(line.first);
  if (!found) return undefined;
  const tail = found[1] ?? '';
  const reason = reasonOf(
    tail === '' ? '' : line.original.slice(line.original.length - tail.length),
    line.rest,
  );
  return { kind: 'objection', reason };
}

function reasonOf(tail: string, rest: string): string {
  const first = tail
    .replace(/^[\s:：,，;；.。、(（-]+/, '')
    .replace(/^(?:理由|原因|因为)[:：]\s*/, '')
    .trim();
  const bare = /^[^（(]*[）)]$/.test(first) ? first.slice(0, -1) : first;
  return [bare, rest].filter((part) => part !== '').join('\n');
}
