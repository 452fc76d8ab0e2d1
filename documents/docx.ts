import {
  AlignmentType,
  BorderStyle,
  Document,
  DocumentGridType,
  Footer,
  Header,
  type IParagraphOptions,
  LineRuleType,
  Packer,
  PageNumber,
  Paragraph,
  TextRun,
  type Textbox,
} from 'docx';
import type { DocumentRecord, Letterhead } from '../models/document.ts';
import { FONT_TABLE, FONTS } from './docx-fonts.ts';
import { imprintBox } from './docx-imprint.ts';
import { LINES, markSize, titleLines, widthOf } from './layout.ts';
import { type Paper, type Run, paperOf } from './paper.ts';

/** Twips of millimetres: a 1/20 of a point. */
export const mm = (length: number): number => Math.round((length * 1440) / 25.4);

const RED = 'D7000F';
const FACE = FONTS.body.eastAsia;
/** 3号 */
const SIZE = 32;
const CHAR = SIZE * 10;
/** 22 lines in 225 mm, 28 characters in 156 mm: a character of 16 pt gives up a fifth of a point, told in 1/4096 of one. */
const GRID = { type: DocumentGridType.LINES_AND_CHARS, linePitch: 579, charSpace: -842 };
const LINE = { line: Math.floor(mm(225) / LINES), lineRule: LineRuleType.EXACT };

/** A paper as a word processor opens it, on the grid of GB/T 9704-2012; a signed one in the words that were frozen. */
export async function paperDocx(record: DocumentRecord, head?: Letterhead): Promise<Buffer> {
  const paper = paperOf(record, head);
  const document = new Document({
    title: paper.title,
    creator: paper.head,
    evenAndOddHeaderAndFooters: true,
    externalStyles: STYLES,
    sections: [
      {
        properties: {
          page: {
            size: { width: mm(210), height: mm(297) },
            margin: {
              top: mm(37),
              bottom: mm(35),
              left: mm(28),
              right: mm(26),
              header: mm(paper.form === 'letter' ? 30 : 15),
              footer: mm(22),
            },
          },
          grid: GRID,
          titlePage: paper.form === 'letter',
        },
        ...(paper.form === 'letter' ? { headers: { first: letterHead(paper) } } : {}),
        footers: {
          default: folio('odd'),
          even: folio('even'),
          ...(paper.form === 'letter' ? { first: letterFoot() } : {}),
        },
        children: blocks(paper),
      },
    ],
  });
  return Packer.toBuffer(document, false, [{ path: 'word/fontTable.xml', data: FONT_TABLE }]);
}

/** Words stand off the grid: their own spacing makes the same 22 lines of 28 characters, where a word processor would give a 16 pt character two cells. */
const STYLES = [
  '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>',
  '<w:styles xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"><w:docDefaults>',
  `<w:rPrDefault><w:rPr><w:rFonts w:ascii="${FACE}" w:hAnsi="${FACE}" w:eastAsia="${FACE}" w:cs="${FACE}"/><w:sz w:val="${SIZE}"/><w:szCs w:val="${SIZE}"/><w:lang w:val="en-US" w:eastAsia="zh-CN"/></w:rPr></w:rPrDefault>`,
  `<w:pPrDefault><w:pPr><w:snapToGrid w:val="0"/><w:spacing w:line="${LINE.line}" w:lineRule="exact"/></w:pPr></w:pPrDefault>`,
  '</w:docDefaults><w:style w:type="paragraph" w:default="1" w:styleId="Normal"><w:name w:val="Normal"/></w:style></w:styles>',
].join('');

const line = (options: IParagraphOptions): Paragraph => new Paragraph({ spacing: LINE, ...options });
const blank = (): Paragraph => line({});

function blocks(paper: Paper): (Paragraph | Textbox)[] {
  return [
    ...headOf(paper),
    ...titleLines(paper.title).map((text) =>
      line({
        alignment: AlignmentType.CENTER,
        children: [new TextRun({ text, font: FONTS.title, size: 44 })],
      }),
    ),
    blank(),
    ...(paper.addressee === '' ? [] : [line({ children: [words(`${paper.addressee}：`)] })]),
    ...paper.body.map((runs, i) =>
      line({
        keepNext: i === paper.body.length - 1 && paper.date !== '',
        alignment: AlignmentType.BOTH,
        indent: { firstLine: 2 * CHAR, firstLineChars: 200 },
        children: runs.map(textRun),
      }),
    ),
    ...signature(paper),
    ...imprintBox(paper),
  ];
}

/** A quarter of a point off each character: 28 of them in 156 mm. */
const TIGHT = -5;
const textRun = ({ text, face }: Run): TextRun =>
  new TextRun({ text, font: FONTS[face], characterSpacing: TIGHT });
const words = (text: string): TextRun => textRun({ text, face: 'body' });

function headOf({ form, head, number }: Paper): Paragraph[] {
  if (form === 'plain') return [];
  if (form === 'letter')
    return [line({ alignment: AlignmentType.RIGHT, children: [words(number)] }), blank(), blank()];
  const size = markPoints(head);
  return [
    new Paragraph({
      alignment: AlignmentType.CENTER,
      spacing: { before: mm(35), line: mm(15), lineRule: LineRuleType.EXACT },
      children: [new TextRun({ text: head, font: FONTS.title, size, color: RED, bold: true })],
    }),
    blank(),
    blank(),
    line({
      alignment: AlignmentType.CENTER,
      border: { bottom: { style: BorderStyle.SINGLE, size: 14, color: RED, space: 6 } },
      children: [words(number)],
    }),
    blank(),
    blank(),
  ];
}

/** Half-points of the mark's letters. */
const markPoints = (head: string): number => Math.round((markSize(head) / 25.4) * 144);

/** 170 mm, centred on the page: wider than the type area by 8 mm at the binding and 6 mm outside. */
const WIDE = { left: -mm(8), right: -mm(6) };

function letterHead({ head }: Paper): Header {
  return new Header({
    children: [
      new Paragraph({
        alignment: AlignmentType.CENTER,
        indent: WIDE,
        border: { bottom: { style: BorderStyle.THICK_THIN_SMALL_GAP, size: 24, color: RED, space: 11 } },
        children: [
          new TextRun({ text: head, font: FONTS.title, size: markPoints(head), color: RED, bold: true }),
        ],
      }),
    ],
  });
}

const letterFoot = (): Footer =>
  new Footer({
    children: [
      new Paragraph({
        indent: WIDE,
        border: { top: { style: BorderStyle.THIN_THICK_SMALL_GAP, size: 24, color: RED, space: 1 } },
      }),
    ],
  });

/** — 1 — one character from the outer edge: right on odd pages, left on even ones. */
const folio = (side: 'odd' | 'even'): Footer =>
  new Footer({
    children: [
      new Paragraph({
        alignment: side === 'odd' ? AlignmentType.RIGHT : AlignmentType.LEFT,
        indent: side === 'odd' ? { right: 280 } : { left: 280 },
        children: [new TextRun({ children: ['— ', PageNumber.CURRENT, ' —'], font: FONTS.roman, size: 28 })],
      }),
    ],
  });

/** The issuer over the middle of the date, the date four characters from the right, room above for the seal. */
function signature({ head, date }: Paper): Paragraph[] {
  if (date === '') return [];
  const over = 4 + (widthOf(date) - widthOf(head)) / 2;
  const right = (chars: number, text: string, keepNext: boolean): Paragraph =>
    line({
      alignment: AlignmentType.RIGHT,
      keepNext,
      indent: { right: Math.round(Math.max(0, chars) * CHAR) },
      children: [words(text)],
    });
  return [line({ keepNext: true }), line({ keepNext: true }), right(over, head, true), right(4, date, false)];
}
