import {
  BorderStyle,
  HeightRule,
  type IContext,
  type IXmlableObject,
  LineRuleType,
  Paragraph,
  TabStopType,
  Table,
  TableCell,
  TableLayoutType,
  TableRow,
  TextRun,
  Textbox,
  VerticalAlign,
  WidthType,
} from 'docx';
import { copyLines, imprintLines } from './layout.ts';
import type { Paper } from './paper.ts';

/** 4号 */
const SIZE = 28;
const CHAR = SIZE * 10;
/** 156 mm */
const WIDTH = 8845;
const HEIGHT = 560;
/** Foot of the type area from the top of the page: 262 mm. */
const FOOT = 14_854;
/** What a cell keeps free at its sides. */
const PADDING = 108;
const NONE = { style: BorderStyle.NONE, size: 0, color: 'auto' } as const;
/** Eighths of a point: 0.35 and 0.25 mm. */
const THICK = { style: BorderStyle.SINGLE, size: 8, color: '000000' } as const;
const THIN = { style: BorderStyle.SINGLE, size: 6, color: '000000' } as const;

/** A box without a line, a ground or a margin of its own, which a word processor would else draw. */
class PlainBox extends Textbox {
  override prepForXml(context: IContext): IXmlableObject | undefined {
    const made = super.prepForXml(context);
    if (made) visit(made);
    return made;
  }
}

const PLAIN: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  'v:shape': { stroked: 'f', filled: 'f' },
  'v:textbox': { inset: '0,0,0,0' },
};

function visit(node: unknown): void {
  if (Array.isArray(node)) return node.forEach(visit);
  if (typeof node !== 'object' || node === null) return;
  for (const [name, inner] of Object.entries(node)) {
    const extra = PLAIN[name];
    if (extra && Array.isArray(inner)) {
      const attributes = inner.find((one: object) => '_attr' in one) as { _attr: object } | undefined;
      if (attributes) Object.assign(attributes._attr, extra);
    }
    visit(inner);
  }
}

/** The 版记 as a table that stands at the foot of the last page's type area: thick rules above and below, a thin one between. */
export function imprintBox(paper: Paper): Textbox[] {
  const count = imprintLines(paper);
  if (count === 0) return [];
  const letter = paper.form === 'letter';
  const copies = copyLines(paper.copies).map((text, i) => (i === 0 ? `抄送：${text}` : `　　　${text}`));
  const rows = [...(copies.length === 0 ? [] : [copies]), ...(letter ? [] : [[`${paper.printer}\t${paper.date}印发`]])]; // prettier-ignore
  const outer = letter ? NONE : THICK;
  const table = new Table({
    width: { size: WIDTH, type: WidthType.DXA },
    columnWidths: [WIDTH],
    layout: TableLayoutType.FIXED,
    borders: {
      top: outer,
      bottom: outer,
      left: NONE,
      right: NONE,
      insideVertical: NONE,
      insideHorizontal: letter ? NONE : THIN,
    },
    rows: rows.map(row),
  });
  const height = count * HEIGHT;
  return [
    new PlainBox({
      style: {
        position: 'absolute',
        positionHorizontalRelative: 'margin',
        positionVerticalRelative: 'page',
        marginLeft: '0pt',
        marginTop: `${(FOOT - height) / 20}pt`,
        width: `${WIDTH / 20}pt`,
        height: `${(height + 40) / 20}pt`,
      },
      children: [table, new Paragraph({ spacing: { line: 20, lineRule: LineRuleType.EXACT } })],
    }),
  ];
}

const row = (lines: readonly string[]): TableRow =>
  new TableRow({
    height: { value: lines.length * HEIGHT, rule: HeightRule.EXACT },
    children: [
      new TableCell({
        width: { size: WIDTH, type: WidthType.DXA },
        verticalAlign: VerticalAlign.CENTER,
        children: lines.map(printed),
      }),
    ],
  });

const printed = (text: string): Paragraph =>
  new Paragraph({
    indent: { left: CHAR - PADDING, right: CHAR - PADDING },
    tabStops: [{ type: TabStopType.RIGHT, position: WIDTH - CHAR - PADDING }],
    spacing: { line: 520, lineRule: LineRuleType.EXACT },
    children: text
      .split('\t')
      .flatMap((part, i) => [
        ...(i === 0 ? [] : [new TextRun({ text: '\t', size: SIZE })]),
        new TextRun({ text: part, size: SIZE, characterSpacing: -5 }),
      ]),
  });
