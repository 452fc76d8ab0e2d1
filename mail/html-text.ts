/** Marks a line that stood inside an element which mail clients use for quoting. Private use, and removed from whatever people send. */
export const QUOTED_LINE = '\uE000';
/** A line of its own: from here to the end of the document stands the mail that was answered. */
export const QUOTED_TAIL = '\uE001';

const BLOCKS = new Set(
  'address article blockquote body center dd div dl dt fieldset footer form h1 h2 h3 h4 h5 h6 header hr html includetail li main ol p pre section table tbody tr ul'.split(
    ' ',
  ),
);
const SILENT = new Map(
  ['script', 'style', 'head', 'title'].map((name) => [name, new RegExp(`</${name}\\b`, 'gi')]),
);
const CONTAINERS = new Set(['blockquote', 'div', 'includetail', 'section', 'span', 'table', 'td']);
const ENTITIES: Readonly<Record<string, string>> = {
  amp: '&', lt: '<', gt: '>', quot: '"', apos: "'", nbsp: ' ', ensp: ' ', emsp: ' ', thinsp: ' ', middot: '·', bull: '•',
  mdash: '—', ndash: '–', ldquo: '“', rdquo: '”', lsquo: '‘', rsquo: '’', hellip: '…', times: '×', deg: '°', copy: '©',
}; // prettier-ignore

const TAIL_ELEMENT = /\bid\s*=\s*["']?(?:x_)*(?:divRplyFwdMsg|mail-editor-reference-message-container)\b/i;
const QUOTE_ELEMENT =
  /\btype\s*=\s*["']?cite\b|\b(?:id|class|name)\s*=\s*["']?[^"'>]{0,80}\b(?:gmail_quote|yahoo_quoted|isReplyContent|ReferenceQuote|replyContent|moz-cite-prefix|protonmail_quote|tutanota_quote|zmail_extra|foxmail_quote|ntes-mailmaster-quote|origbody|reply139content|oriMsgHtmlSeperator)\b|\bname\s*=\s*["']?quote\b/i;
/** Preheaders: text that no reader of the mail sees. */
const HIDDEN_STYLE = /\bstyle\s*=\s*["'][^"']{0,200}display\s*:\s*none/i;
const CITE_STYLE = /border-left\s*:[^;"']{0,60}\b(?:solid|\d+px|\d+pt)/i;

function entity(whole: string, name: string): string {
  if (!name.startsWith('#')) return ENTITIES[name.toLowerCase()] ?? whole;
  const hex = name[1] === 'x' || name[1] === 'X';
  const code = Number.parseInt(name.slice(hex ? 2 : 1), hex ? 16 : 10);
  if (!(code > 0 && code <= 0x10ffff) || (code >= 0xd800 && code <= 0xdfff)) return whole;
  return code === 0xa0 || code === 0x3000 ? ' ' : String.fromCodePoint(code);
}

function isQuote(name: string, attributes: string): boolean {
  if (name === 'includetail') return true;
  if (!CONTAINERS.has(name)) return false;
  if (name === 'div' && HIDDEN_STYLE.test(attributes)) return true;
  return QUOTE_ELEMENT.test(attributes) || (name === 'blockquote' && CITE_STYLE.test(attributes));
}

/** Collects lines; knows inside which quoting elements it stands. */
class Page {
  readonly lines: string[] = [];
  private line = '';
  private lineQuoted = false;
  private readonly open: { name: string; depth: number }[] = [];
  pre = 0;

  text(raw: string): void {
    const decoded = raw
      .replace(/&(#\d{1,7}|#x[0-9a-f]{1,6}|[a-z]{2,8});/gi, entity)
      .replace(/[\uE000\uE001]/g, '');
    if (this.pre > 0) {
      const [first = '', ...more] = decoded.split(/\r?\n/);
      this.add(first);
      for (const part of more) {
        this.newline();
        this.add(part);
      }
      return;
    }
    const collapsed = decoded.replace(/[ \t\r\n\f\u00a0]+/g, ' ');
    this.add(this.line === '' ? collapsed.trimStart() : collapsed);
  }

  private add(text: string): void {
    if (text === '') return;
    if (this.line === '') this.lineQuoted = this.open.length > 0;
    this.line += text;
  }

  /** Whether the line so far ends with these words. */
  says(words: string): boolean {
    return this.line.trimEnd().endsWith(words);
  }

  newline(): void {
    this.lines.push(
      this.lineQuoted && this.line.trim() !== '' ? QUOTED_LINE + this.line.trimEnd() : this.line.trimEnd(),
    );
    this.line = '';
  }

  block(): void {
    if (this.line.trim() !== '') this.newline();
    else this.line = '';
  }

  start(name: string, attributes: string): void {
    if (isQuote(name, attributes)) {
      this.block();
      this.open.push({ name, depth: 1 });
      return;
    }
    if (TAIL_ELEMENT.test(attributes) && this.open.length === 0) {
      this.block();
      this.lines.push(QUOTED_TAIL);
    }
    const innermost = this.open.at(-1);
    if (innermost?.name === name) innermost.depth += 1;
  }

  end(name: string): void {
    const innermost = this.open.at(-1);
    if (innermost?.name !== name) return;
    innermost.depth -= 1;
    if (innermost.depth > 0) return;
    this.block();
    this.open.pop();
  }
}

/** Text of an HTML mail, one line per block, with {@link QUOTED_LINE} and {@link QUOTED_TAIL} where a client marked a quotation. Linear in the input. */
export function readHtml(html: string): string {
  const page = new Page();
  const links: string[] = [];
  const unclosed = new Set<string>();
  let at = 0;
  let comments = true;
  while (at < html.length) {
    const open = html.indexOf('<', at);
    if (open < 0) {
      page.text(html.slice(at));
      break;
    }
    if (open > at) page.text(html.slice(at, open));
    if (comments && html.startsWith('<!--', open)) {
      const end = html.indexOf('-->', open + 4);
      comments = end >= 0;
      if (comments) {
        at = end + 3;
        continue;
      }
    }
    const close = html.indexOf('>', open);
    if (close < 0) {
      page.text(html.slice(open));
      break;
    }
    const match = /^\/?([a-z][\w:-]{0,30})/i.exec(html.slice(open + 1, Math.min(close, open + 40)));
    if (!match && !/^[!?/]/.test(html.slice(open + 1, open + 2))) {
      page.text('<');
      at = open + 1;
      continue;
    }
    at = close + 1;
    if (!match) continue;
    const name = (match[1] ?? '').toLowerCase();
    const ends = html[open + 1] === '/';
    const attributes = html.slice(open, Math.min(close, open + 2000));
    if (!ends && SILENT.has(name) && !unclosed.has(name)) at = skip(html, at, { name, unclosed });
    else tag(page, { name, ends, attributes, links });
  }
  page.block();
  return page.lines.join('\n');
}

/** The position after a silent element; one that is never closed silences only its own tag, and is looked for only once. */
function skip(html: string, from: number, silent: { name: string; unclosed: Set<string> }): number {
  const pattern = SILENT.get(silent.name);
  if (!pattern) return from;
  pattern.lastIndex = from;
  const found = pattern.exec(html);
  if (!found) {
    silent.unclosed.add(silent.name);
    return from;
  }
  const close = html.indexOf('>', found.index);
  return close < 0 ? html.length : close + 1;
}

function tag(
  page: Page,
  element: { name: string; ends: boolean; attributes: string; links: string[] },
): void {
  const { name, ends, attributes, links } = element;
  if (name === 'br') return page.newline();
  if (name === 'a') return link(page, element);
  if (name === 'td' || name === 'th') page.text(' ');
  if (BLOCKS.has(name)) page.block();
  if (name === 'pre') page.pre = Math.max(0, page.pre + (ends ? -1 : 1));
  if (ends) page.end(name);
  else if (!attributes.endsWith('/')) page.start(name, attributes);
  if (BLOCKS.has(name)) links.length = 0;
}

/** A link keeps its address: a person who sends a netdisk link sends the address, not its title. */
function link(page: Page, element: { ends: boolean; attributes: string; links: string[] }): void {
  if (!element.ends) {
    element.links.push(
      /\bhref\s*=\s*["']?(https?:\/\/[^"'\s>]{1,1000})/i.exec(element.attributes)?.[1] ?? '',
    );
    return;
  }
  const address = element.links.pop();
  if (address && !page.says(address)) page.text(` &lt;${address}&gt; `);
}

/** Plain text of an HTML body, without any of the marks. */
export function htmlToText(html: string): string {
  return readHtml(html)
    .split('\n')
    .filter((line) => line !== QUOTED_TAIL)
    .map((line) => (line.startsWith(QUOTED_LINE) ? line.slice(1) : line))
    .join('\n');
}
