import { paperDocx } from '../documents/docx.ts';
import { paperPdf } from '../documents/pdf.ts';
import type { DocumentKind } from '../domain/document.ts';
import type { MailAttachment } from '../mail/compose.ts';
import type { PaperMailView, TaskMailView } from '../mail/views.ts';
import type { DocumentRecord } from '../models/document.ts';
import type { Store } from '../models/store.ts';
import type { TaskRecord } from '../models/task.ts';

/** Papers that their tasks' first mails bring. */
const BROUGHT = ['notice', 'letter', 'opinion', 'decision'] as const satisfies readonly DocumentKind[];
export type BroughtKind = (typeof BROUGHT)[number];
export type BroughtPaper = DocumentRecord & { readonly kind: BroughtKind };

/** The papers that these tasks come from, by their ids. */
export async function readPapers(
  store: Store,
  tasks: readonly TaskRecord[],
): Promise<ReadonlyMap<string, BroughtPaper>> {
  const ids = tasks.flatMap(({ origin }) => (origin?.startsWith('wd-') ? origin : []));
  if (ids.length === 0) return new Map();
  const papers = await store.documents
    .find({ _id: { $in: ids }, kind: { $in: BROUGHT } })
    .lean<BroughtPaper[]>();
  return new Map(papers.map((paper) => [paper._id, paper]));
}

/** What the mail says that serves a paper; undefined for one that has been received already, whose task is asked for as any other. */
export function paperView(
  view: TaskMailView,
  { number = '', title }: BroughtPaper,
  because: PaperMailView['because'],
): PaperMailView | undefined {
  const { due } = view;
  if (!('term' in due)) return undefined;
  return { ...view, due, because, documentNumber: number, documentTitle: title };
}

/** The paper as the mail carries it: its PDF, or where nothing prints the same words as DOCX, since service does not wait for a printer. */
export async function paperAttachment(paper: DocumentRecord): Promise<MailAttachment> {
  const name = paper.number ?? paper.title;
  try {
    return {
      filename: `${name}.pdf`,
      contentType: 'application/pdf',
      content: await paperPdf(paper),
    };
  } catch {
    return {
      filename: `${name}.docx`,
      contentType: 'application/vnd.openxmlformats-officedocument.wordprocessingml.document',
      content: await paperDocx(paper),
    };
  }
}
