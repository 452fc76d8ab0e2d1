import {
  BorderStyle,
  HorizontalPositionAlign,
  LineRuleType,
  Paragraph,
  TabStopType,
  Table,
  TableAnchorType,
  TableCell,
  TableLayoutType,
  TableRow,
  TextRun,
  VerticalPositionAlign,
  WidthType,
} from 'docx';
import { copyLines, imprintLines } from './layout.ts';
import type { Paper } from './paper.ts';

/** 4号 */
const SIZE = 28;
const WIDTH = 8845;
const NONE = { style: BorderStyle.NONE, size: 0, color: 'auto' } as const;
const rule = (size: number) => ({ style: BorderStyle.SINGLE, size, color: '000000' }) as const;

/** The 版记 as a table that stands at the foot of the last page's type area: thick rules above and below, a thin one between. */
export function imprintTable(paper: Paper): (Paragraph | Table)[] {
  if (imprintLines(paper) === 0) return [];
  const letter = paper.form === 'letter';
  const outer = letter ? NONE : rule(8);
  const copies = copyLines(paper.copies).map((text, i) => (i === 0 ? `抄送：${text}` : `　　　${text}`));
  const rows = [
    ...(copies.length === 0 ? [] : [row(copies)]),
    ...(letter ? [] : [row([`${paper.printer}\t${paper.date}印发`])]),
  ];
  const table = new Table({
    width: { size: WIDTH, type: WidthType.DXA },
    columnWidths: [WIDTH],
    layout: TableLayoutType.FIXED,
    float: {
      horizontalAnchor: TableAnchorType.MARGIN,
      verticalAnchor: TableAnchorType.MARGIN,
      relativeHorizontalPosition: HorizontalPositionAlign.LEFT,
      relativeVerticalPosition: VerticalPositionAlign.BOTTOM,
    },
    borders: {
      top: outer,
      bottom: outer,
      left: NONE,
      right: NONE,
      insideVertical: NONE,
      insideHorizontal: letter ? NONE : rule(6),
    },
    rows,
  });
  return [table, new Paragraph({ spacing: { line: 20, lineRule: LineRuleType.EXACT } })];
}

const row = (lines: readonly string[]): TableRow =>
  new TableRow({
    children: [
      new TableCell({
        width: { size: WIDTH, type: WidthType.DXA },
        children: lines.map(
          (text) =>
            new Paragraph({
              indent: { left: SIZE * 10 - 108, right: SIZE * 10 - 108 },
              tabStops: [{ type: TabStopType.RIGHT, position: WIDTH - SIZE * 10 - 216 }],
              spacing: { line: 520, lineRule: LineRuleType.EXACT },
              children: text
                .split('\t')
                .flatMap((part, i) => [
                  ...(i === 0 ? [] : [new TextRun({ text: '\t', size: SIZE })]),
                  new TextRun({ text: part, size: SIZE }),
                ]),
            }),
        ),
      }),
    ],
  });
