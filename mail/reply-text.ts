import { QUOTED_LINE, QUOTED_TAIL, readHtml } from './html-text.ts';
import {
  fieldOf,
  isBlank,
  isCited,
  isGreeting,
  isMarker,
  isOwnLine,
  isRule,
  isSenderAlone,
  isTagline,
  lacksName,
  quoteStart,
} from './quote-patterns.ts';

/** What a person wrote, and what their mail program put below it. Together they hold every line of the mail. */
export interface Stripped {
  readonly reply: string;
  readonly quoted: string;
}

interface Split {
  readonly reply: string[];
  readonly quoted: string[];
}

/** Text parts that clients or gateways pressed into one line get their separators back on lines of their own. */
const GLUED =
  /(?<=[^\s>-])[ \u00a0]{0,5}(-{3,30}[ \u00a0]{0,5}(?:&nbsp;)?(?:原始邮件|原邮件|邮件原件|回复的原邮件|Original Message)(?:&nbsp;)?[ \u00a0]{0,5}-{3,30})(?=\s{0,40}(?:发件人|寄件人|From))/g;
/** DingTalk sets its rule right behind its own tag line. */
const GLUED_RULE = /(?<=[^\s-])(-{30,80})$/gm;

function toLines(text: string): string[] {
  return text.replace(/\r\n?/g, '\n').replace(GLUED, '\n$1\n').replace(GLUED_RULE, '\n$1').split('\n');
}

/** Separates a person's own words from the quotation below, between or above them. Never throws; when in doubt a line is theirs. */
export function stripQuotation(mail: { text: string; html?: string; textFromHtml?: boolean }): Stripped {
  const fromText = (): Split => split(toLines(mail.text.replace(/[\uE000\uE001]/g, '')));
  const fromHtml = (html: string): Split => split(readHtml(html).split('\n'));
  if (mail.html === undefined) return joined(fromText());
  if (mail.textFromHtml === true || mail.text.trim() === '') return joined(fromHtml(mail.html));
  const byText = fromText();
  if (byText.quoted.some((line) => !isTagline(line) && !isBlank(line))) return joined(byText);
  const byHtml = fromHtml(mail.html);
  return joined(byHtml.quoted.length > 0 ? byHtml : byText);
}

function joined(parts: Split): Stripped {
  const text = (lines: readonly string[]): string =>
    lines
      .filter((line) => line !== QUOTED_TAIL)
      .map((line) => (line.startsWith(QUOTED_LINE) ? line.slice(1) : line).trimEnd())
      .join('\n')
      .replace(/\n{3,}/g, '\n\n')
      .replace(/^\n+|\n+$/g, '');
  return { reply: text(parts.reply).trim(), quoted: text(parts.quoted) };
}

/** Attack: a mail of a million lines. Spreading them into a call would overflow the stack. */
function append(target: string[], lines: readonly string[]): void {
  for (const line of lines) target.push(line);
}

function split(lines: readonly string[]): Split {
  const reply: string[] = [];
  const quoted: string[] = [];
  const marker = lines.findIndex(isMarker);
  const lastMarker = lines.findLastIndex(isMarker);
  const cited = lines.filter(isCited).length;
  let announced = false;
  let at = 0;
  while (at < lines.length) {
    const line = lines[at] ?? '';
    if (line.startsWith(QUOTED_LINE) || (isCited(line) && (announced || cited > 1))) {
      quoted.push(line);
      at += 1;
      continue;
    }
    const start = at === marker ? { lines: 0, forwarded: false } : quoteStart(lines, at);
    if (start === undefined) {
      reply.push(line);
      at += 1;
      continue;
    }
    if (start.forwarded && at > lastMarker) {
      // A report that was passed on to us is the answer itself.
      append(reply, lines.slice(at));
      break;
    }
    if (lacksName(line)) takeName(reply, quoted);
    takeBack(reply, quoted, at === marker);
    announced = true;
    const body = bodyOf(lines, at + start.lines);
    append(quoted, lines.slice(at, body));
    at = body;
    const first = lines[body] ?? '';
    if (isCited(first) || first.startsWith(QUOTED_LINE)) continue;
    const own = reply.some((one) => !isBlank(one) && !isTagline(one))
      ? { reply: [], quoted: lines.slice(body) }
      : belowMarker(lines.slice(body));
    append(reply, own.reply);
    append(quoted, own.quoted);
    break;
  }
  dropTaglines(reply, quoted);
  return { reply, quoted };
}

/** Where the quoted mail's own lines begin, after the heading's blank lines and header fields. */
function bodyOf(lines: readonly string[], from: number): number {
  let at = from;
  while (
    at < lines.length &&
    (isBlank(lines[at] ?? '') || fieldOf(lines[at] ?? '') !== undefined || isRule(lines[at] ?? ''))
  )
    at += 1;
  return at;
}

/** Takes rules and a sender's name that stand right above a heading out of the reply; at the marker also our own mail, if no client announced it. */
function takeBack(reply: string[], quoted: string[], atMarker: boolean): void {
  const own = atMarker ? reply.findIndex(isOwnLine) : -1;
  if (own >= 0) {
    const above = Math.max(0, own - 15);
    const greeting = reply.slice(above, own).findLastIndex(isGreeting);
    append(quoted, reply.splice(greeting < 0 ? own : above + greeting));
  }
  let from = reply.length;
  while (from > 0 && (isBlank(reply[from - 1] ?? '') || isRule(reply[from - 1] ?? ''))) from -= 1;
  if (!atMarker && from > 0 && isSenderAlone(reply[from - 1] ?? '')) from -= 1;
  append(quoted, reply.splice(from));
}

/** A short line of its own right above the sender's address is the sender's name. */
function takeName(reply: string[], quoted: string[]): void {
  const name = reply.at(-1) ?? '';
  const alone = reply.length < 2 || isBlank(reply.at(-2) ?? '');
  if (alone && !isBlank(name) && name.length <= 60 && !/[，。！？；：,.!?;:]/.test(name))
    quoted.push(...reply.splice(-1));
}

/** Somebody who wrote nothing above may have written below: after the last line of our own mail, which ends with the marker. */
function belowMarker(lines: readonly string[]): Split {
  const marker = lines.findLastIndex(isMarker);
  const above = lines
    .slice(0, Math.max(marker, 0))
    .filter((line) => !isBlank(line) && fieldOf(line) === undefined);
  if (marker < 0 || above.length < 3) return { reply: [], quoted: [...lines] };
  const below = split(lines.slice(marker + 1));
  return { reply: below.reply, quoted: [...lines.slice(0, marker + 1), ...below.quoted] };
}

function dropTaglines(reply: string[], quoted: string[]): void {
  let from = reply.length;
  while (from > 0 && (isBlank(reply[from - 1] ?? '') || isTagline(reply[from - 1] ?? ''))) from -= 1;
  const dropped = reply.splice(from);
  if (dropped.every(isBlank)) return;
  append(dropped, quoted.splice(0));
  append(quoted, dropped);
}
