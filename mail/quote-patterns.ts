import { QUOTED_LINE, QUOTED_TAIL } from './html-text.ts';

/** The last line of every mail of ours about a task. */
const MARKERS = ['请在此行以上回复', 'Please reply above this line'];

/** What begins at a line: how many lines the heading takes, and whether the mail below is one that was passed on rather than answered. */
export interface QuoteStart {
  readonly lines: number;
  readonly forwarded: boolean;
}

const ANSWERED =
  /^(?:原始邮件|原始郵件|原邮件|回复的原邮件|回复的邮件|答复的邮件|回复邮件信息|邮件原件|原始邮件信息|原始信息|源邮件|original(?:e?-?mail|messages?)?|re(?:ply|plied)message)$/i;
const FORWARDED =
  /^(?:转发的?邮件|转发邮件信息|转发的原邮件|转发|forwardedmessage|beginforwardedmessage|开始转发的邮件)$/i;

const LABELS = new Map<string, 'from' | 'sent' | 'to' | 'subject' | 'cc'>(
  Object.entries({
    from: '发件人 寄件人 寄件者 发信人 发送人 发件者 from',
    sent: '发送时间 发送日期 发件时间 发信时间 寄件日期 日期 时间 已发送 date sent senttime',
    to: '收件人 收件者 收信人 接收人 to',
    subject: '主题 标题 主旨 subject',
    cc: '抄送 抄送人 副本 cc',
  }).flatMap(([kind, words]) =>
    words.split(' ').map((word) => [word, kind as 'from' | 'sent' | 'to' | 'subject' | 'cc']),
  ),
);

const INLINE_LABEL = /(发送时间|发送日期|日期|收件人|主题|抄送|Sent|Date|To|Subject) ?:/g;
const ATTRIBUTION_START =
  /^(?:-{2,} ?)?(?:在 ?\d{4}|On |At \d{4}|\d{4} ?[年/-]|[^。！？；]{0,60}<[^<>@\s]{1,80}@[^<>\s]{1,120}>)/;
const SENDER_ALONE = /^[^。！？；，]{0,60}<[^<>@\s]{1,80}@[^<>\s]{1,120}> ?$/;
const RULE = /^[-_=─]{4,}$/;
const OWN_LINE =
  /^[>| ]*(?:【[^】]{2,8}】 ?(?:[A-Z]{2}-\d{4}|\S{0,20}〔\d{4}〕)|(?:办理事项|Matter) [A-Z]{2}-\d{4}|(?:要做什么|截止时间|怎么交|What to do) \S|(?:办理事项|要做什么|截止时间|怎么交|Matter|What to do)$)/;

const APPS =
  'iPhone|iPad|iOS|Android|网易邮箱|邮箱大师|QQ邮箱|Foxmail|Outlook|钉钉|阿里邮箱|阿里云邮箱|企业微信|企业邮箱|腾讯企业邮|139邮箱|189邮箱|新浪邮箱|搜狐邮箱|华为|荣耀|小米|红米|Redmi|HUAWEI|HONOR|Xiaomi|OPPO|vivo|魅族|三星|一加|手机|平板|移动设备|Windows|Mail|Coremail|邮件';
const TAGLINE = new RegExp(
  `^(?:签名由 ?网易邮箱大师 ?定制|(?:发自|来自|发送自|寄自) ?(?:我的)? ?.{0,12}(?:${APPS}).{0,20}|从(?:我的)? ?.{0,8}(?:${APPS}).{0,16}发送|Sent (?:from|with|via) .{0,12}(?:${APPS}|my ).{0,30}|(?:获取|下载|Get) ?(?:适用于 ?(?:iOS|Android) ?的 ?)?Outlook(?: for (?:iOS|Android))?)(?: ?<https?:[^<>\\s]{0,500}>)?$`,
  'i',
);

/** A line without what clients add around its words: quote signs stay, width, stars and odd spaces go. At most 1,000 characters are looked at. */
export function plain(line: string): string {
  return line
    .slice(0, 1000)
    .replace(/&nbsp;/g, ' ')
    .replace(/[\u200b-\u200d\u2060\ufeff]/g, '')
    .replace(/[\u00a0\u2000-\u200a\u3000\t]/g, ' ')
    .replace(/[\u2010-\u2015－]/g, '-')
    .replace(/[：]/g, ':')
    .replace(/[＞]/g, '>')
    .replace(/[＜]/g, '<')
    .replace(/\*/g, '')
    .replace(/ {2,}/g, ' ')
    .trim();
}

export const isBlank = (line: string): boolean => plain(line) === '';
export const isRule = (line: string): boolean => RULE.test(plain(line));
/** True for a line or a whole text that holds the last line of a mail of ours. */
export const isMarker = (line: string): boolean => MARKERS.some((marker) => line.includes(marker));
/** A line that our own mails begin with. */
export const isOwnLine = (line: string): boolean => OWN_LINE.test(plain(line));
export const isGreeting = (line: string): boolean => /^[>| ]*\S.{1,40}[:,]$/.test(plain(line));
export const isSenderAlone = (line: string): boolean => SENDER_ALONE.test(plain(line));
/** A heading that begins with the sender's address: the name was left on the line above. */
export const lacksName = (line: string): boolean => /^<[^<>@\s]{1,80}@[^<>\s]{1,120}>/.test(plain(line));
/** Lines that phones and clients add by themselves: nobody wrote them. */
export const isTagline = (line: string): boolean => TAGLINE.test(plain(line));
export const isCited = (line: string): boolean => /^ {0,3}[>＞]/.test(line);

function separator(lines: readonly string[], at: number): QuoteStart | undefined {
  const words = plain(lines[at] ?? '');
  if (/^(?:原始邮件|Original)$/i.test(words))
    return isHeading(lines, at + 1) ? { lines: 1, forwarded: false } : undefined;
  const framed = /^[-_=─]{2,}([^-_=─][^─=_]{0,40}?)[-_=─]{2,}:?$/.exec(words)?.[1];
  const bare = (framed ?? /^(begin forwarded message|开始转发的邮件) ?:$/i.exec(words)?.[1] ?? '').replaceAll(
    ' ',
    '',
  );
  if (bare === '') return undefined;
  if (ANSWERED.test(bare)) return { lines: 1, forwarded: false };
  return FORWARDED.test(bare) ? { lines: 1, forwarded: true } : undefined;
}

/** The kind of header field a line shows, as Foxmail, Outlook and table-drawing clients write them. */
export function fieldOf(line: string): 'from' | 'sent' | 'to' | 'subject' | 'cc' | undefined {
  const label = /^[>| ]*([\p{L}][\p{L} ]{0,12}?) ?[:|]/u.exec(plain(line).replaceAll('｜', '|'))?.[1];
  return label === undefined ? undefined : LABELS.get(label.replaceAll(' ', '').toLowerCase());
}

/** Whether the next line with words in it is a header field. */
function isHeading(lines: readonly string[], from: number): boolean {
  const next = lines.slice(from, from + 6).find((line) => !isBlank(line));
  return next !== undefined && fieldOf(next) !== undefined;
}

/** Foxmail's, Outlook's, DingTalk's and Kylin's heading: header fields one below the other, three kinds at least, the sender among them. */
function headerBlock(lines: readonly string[], at: number): QuoteStart | undefined {
  const first = fieldOf(lines[at] ?? '');
  if (first === undefined) return undefined;
  if (first === 'from' && (plain(lines[at] ?? '').match(INLINE_LABEL) ?? []).length >= 2)
    return { lines: 1, forwarded: false };
  const seen = new Set<string>([first]);
  let end = at + 1;
  let strange = 0;
  for (let index = at + 1; index < Math.min(lines.length, at + 14) && strange < 3; index++) {
    const field = fieldOf(lines[index] ?? '');
    if (field === undefined) {
      // Long lists of recipients run over several lines.
      strange +=
        first === 'from' && (isBlank(lines[index] ?? '') || /@|;$/.test(lines[index] ?? '')) ? 0.5 : 3;
      continue;
    }
    if (field === first) break;
    seen.add(field);
    end = index + 1;
  }
  return seen.size >= 3 && seen.has('from') ? { lines: end - at, forwarded: false } : undefined;
}

function isAttribution(words: string): boolean {
  if (words.length > 400) return false;
  const bare = words.replace(/^-{2,} ?/, '').replace(/ ?-{2,}$/, '');
  const ends = bare.endsWith(':') || bare !== words;
  if (!ends || !/\d{4}|\d{1,2}:\d{2}|@/.test(bare)) return false;
  if (/(?:写道|寫道|来信|撰写) ?:?$/.test(bare)) return /\d{4}/.test(bare) && /\d{1,2}:\d{2}|@/.test(bare);
  if (/^(?:On|At) .{5,380} wrote ?:?$/i.test(bare)) return true;
  return /\d{4}.{0,20}\d{1,2}:\d{2}.{0,80}<[^<>@]{1,80}@[^<>]{1,120}> ?:$/.test(bare);
}

/** 「某某于…写道：」 in one line, or broken over two or three. */
function attribution(lines: readonly string[], at: number): QuoteStart | undefined {
  const first = plain(lines[at] ?? '');
  if (isAttribution(first)) return { lines: 1, forwarded: false };
  if (!ATTRIBUTION_START.test(first)) return undefined;
  let joined = first;
  for (let more = 1; more <= 2; more++) {
    const next = plain(lines[at + more] ?? '');
    if (next === '' || isCited(lines[at + more] ?? '')) return undefined;
    joined += ` ${next}`;
    if (isAttribution(joined)) return { lines: more + 1, forwarded: false };
  }
  return undefined;
}

/** Whether a quotation is announced at this line. */
export function quoteStart(lines: readonly string[], at: number): QuoteStart | undefined {
  const line = lines[at] ?? '';
  if (line === QUOTED_TAIL) return { lines: 1, forwarded: false };
  if (line.startsWith(QUOTED_LINE) || isBlank(line)) return undefined;
  return separator(lines, at) ?? headerBlock(lines, at) ?? attribution(lines, at);
}
