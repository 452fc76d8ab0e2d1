import type { DocumentRecord, Letterhead } from '../models/document.ts';
import { type Line, type Page, copyLines, layOut, markSize } from './layout.ts';
import { type Face, type Paper, type Run, paperOf } from './paper.ts';
import { SHEET } from './sheet.ts';

/** Where the server keeps the faces for machines that have none of the standard's. */
export const FONT_SHEET = '/public/fonts/papers.css';

/** The pages of a paper as one HTML file: the frozen one where it is signed, so that what was hashed is what is shown. */
export const paperHtml = (record: DocumentRecord, head?: Letterhead): string =>
  record.html ?? setPaper(paperOf(record, head));

export function setPaper(paper: Paper): string {
  const pages = layOut(paper);
  return [
    '<!doctype html>',
    '<html lang="zh-CN"><head><meta charset="utf-8">',
    '<meta name="viewport" content="width=device-width">',
    `<title>${escape(titleOf(paper))}</title>`,
    `<link rel="stylesheet" href="${FONT_SHEET}">`,
    `<style>${SHEET}</style></head>`,
    `<body class="${paper.form}"><main>`,
    ...pages.map((page) => pageHtml(paper, page)),
    '</main></body></html>',
    '',
  ].join('\n');
}

const titleOf = ({ number, title }: Paper): string => (number === '' ? title : `${number} ${title}`);

/** Attack: every word of a paper comes from outside; each is text. */
export const escape = (text: string): string =>
  text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
    .replaceAll("'", '&#39;');

function pageHtml(paper: Paper, page: Page): string {
  const side = page.no % 2 === 1 ? 'odd' : 'even';
  const letter = paper.form === 'letter';
  const lines = page.lines.map((line) => lineHtml(paper, line));
  const rules = letter && page.no === 1 ? '<div class="rule upper"></div><div class="rule lower"></div>' : '';
  const folio = letter && page.no === 1 ? '' : `<footer class="${side}">— ${page.no} —</footer>`;
  return [
    `<section class="page">${rules}${page.no === 1 ? headHtml(paper) : ''}`,
    paragraphs(page.lines, lines),
    page.imprint ? imprintHtml(paper) : '',
    `${folio}</section>`,
  ].join('\n');
}

function headHtml({ form, head, number }: Paper): string {
  if (form === 'plain') return '';
  const size = markSize(head).toFixed(2);
  return `<header><p class="mark" style="font-size:${size}mm">${escape(head)}</p><p class="number">${escape(number)}</p></header>`;
}

/** Lines of one paragraph stand in one `p`, so that who listens or copies gets paragraphs. */
function paragraphs(lines: readonly Line[], html: readonly string[]): string {
  const parts: string[] = [];
  let open = '';
  const close = (): void => {
    if (open !== '') parts.push(`</${open}>`);
    open = '';
  };
  for (const [i, line] of lines.entries()) {
    const tag = line.kind === 'title' ? 'h1' : line.kind === 'blank' || line.kind === 'sign' ? '' : 'p';
    const begins = line.kind === 'body' && line.indent > 0;
    if (open !== tag || begins || line.kind !== lines[i - 1]?.kind) {
      close();
      if (tag !== '') parts.push(`<${tag}>`);
      open = tag;
    }
    parts.push(html[i] ?? '');
  }
  close();
  return parts.join('');
}

function lineHtml(paper: Paper, line: Line): string {
  switch (line.kind) {
    case 'blank':
      return '<div class="line"></div>';
    case 'title':
      return `<span class="line title">${escape(line.text)}</span>`;
    case 'addressee':
      return `<span class="line text${line.full ? ' full' : ''}">${escape(line.text)}</span>`;
    case 'body': {
      const marks = `${line.full ? ' full' : ''}${line.indent > 0 ? ' first' : ''}`;
      return `<span class="line text${marks}">${line.runs.map(runHtml).join('')}</span>`;
    }
    case 'sign':
      return signHtml(paper);
  }
}

const FACE_TAG: Readonly<Record<Face, readonly [string, string]>> = {
  body: ['', ''],
  hei: ['<b class="hei">', '</b>'],
  kai: ['<b class="kai">', '</b>'],
  bold: ['<b>', '</b>'],
};

const runHtml = ({ text, face }: Run): string => `${FACE_TAG[face][0]}${escape(text)}${FACE_TAG[face][1]}`;

/** Issuer over the date, the date four characters from the right, the seal over both. */
const signHtml = ({ form, issuer, head, date }: Paper): string =>
  form === 'plain'
    ? `<div class="sign"><div class="seat"><span class="by">${escape(head)}</span><span class="on">${escape(date)}</span></div></div>`
    : `<div class="sign"><div class="seat"><i class="seal ${issuer}" aria-hidden="true">（印章）</i><span class="by">${escape(head)}</span><span class="on">${escape(date)}</span></div></div>`;

function imprintHtml(paper: Paper): string {
  const copies = copyLines(paper.copies)
    .map((line, i) => `<div class="copies">${i === 0 ? '<span>抄送：</span>' : ''}${escape(line)}</div>`)
    .join('');
  const printed =
    paper.form === 'letter'
      ? ''
      : `<div class="printed"><span>${escape(paper.printer)}</span><span>${escape(paper.date)}印发</span></div>`;
  return `<aside class="imprint${paper.copies.length === 0 ? ' bare' : ''}">${copies}${printed}</aside>`;
}
