import type { Readable } from 'node:stream';
import { layOut } from '../documents/layout.ts';
import {
  type Filed,
  type Sheet,
  bindCaseFile,
  indexHtml,
  json,
  layCaseFile,
} from '../documents/case-file.ts';
import { paperDocx } from '../documents/docx.ts';
import { paperOf } from '../documents/paper.ts';
import { paperPdf, printed } from '../documents/pdf.ts';
import { stamp } from '../domain/clock.ts';
import { KIND_NAMES } from '../domain/document.ts';
import type { CaseRecord } from '../models/case.ts';
import type { CaseEntryRecord } from '../models/case-entry.ts';
import type { DocumentRecord } from '../models/document.ts';
import { type EventBlock, verifyBlocks } from '../models/event.ts';
import { readFile } from '../models/files.ts';
import { rawOf } from '../models/incoming-mail.ts';
import { bytesOf } from '../models/message.ts';
import type { StoredFile, SubmissionRecord } from '../models/submission.ts';
import type { TaskRecord } from '../models/task.ts';
import type { ApiDeps } from './deps.ts';
import { letterheadOf } from './documents.ts';
import type { Tell } from './operations.ts';
import { historyOf } from './routes/history.ts';

/** The whole file of a case (案卷) as one ZIP. What names a complainant is not in it: their record is sealed apart, and so are the mails to and from them. */
export async function caseFile(
  deps: ApiDeps,
  matter: CaseRecord,
  tell: Tell = async () => {},
): Promise<Readable> {
  const { store, office } = deps;
  const no = matter._id;
  const tasks = await store.tasks.find({ owner: no }).sort({ _id: 1 }).lean<TaskRecord[]>();
  // What happens while the file is bound is not in it: its chain and its manifest speak of the same blocks.
  const blocks = await store.events.find({ owner: no }).sort({ seq: 1 }).lean<EventBlock[]>();
  const chain = await verifyBlocks(blocks);
  const steps: readonly (() => Promise<Filed[]>)[] = [
    ...(await papersOf(deps, no)),
    () => answersOf(deps, tasks),
    () => materialsOf(deps, no),
    () => mailsOf(deps, no, tasks),
    async () => deadlinesOf(matter, tasks),
    () => timelineOf(deps, no, blocks),
  ];
  // The index is printed, too, when all the rest is there.
  const of = steps.length + 1;
  const filed: Filed[] = [];
  for (const [n, step] of steps.entries()) {
    await tell({ rows: n, of });
    filed.push(...(await step()));
  }
  await tell({ rows: steps.length, of });
  const laid = layCaseFile(
    {
      no,
      title: matter.summary,
      agency: matter.agencyName,
      office: office.name,
      madeAt: stamp(await deps.clock.now()),
      root: chain.root,
      entries: chain.entries,
    },
    filed,
  );
  const html = indexHtml(laid);
  const bound = bindCaseFile(laid, { html, pdf: await printed(html) });
  await tell({ rows: of });
  return bound;
}

/** Signed papers are bound as they were frozen; drafts are no part of the file. */
async function papersOf(deps: ApiDeps, no: string): Promise<(() => Promise<Filed[]>)[]> {
  const papers = await deps.store.documents
    .find({ owner: no, state: { $ne: 'draft' } })
    .sort({ approvedAt: 1, _id: 1 })
    .lean<DocumentRecord[]>();
  return papers.map((paper) => async () => {
    const head = await letterheadOf(deps, paper);
    const filed: Filed = {
      part: '文书',
      title: KIND_NAMES[paper.kind],
      ...(paper.number === undefined ? {} : { number: paper.number }),
      author: head.name,
      on: (paper.approvedAt ?? paper.createdAt).slice(0, 10),
      pages: layOut(paperOf(paper, head)).length,
      ...(paper.state === 'withdrawn' ? { note: '已撤回' } : {}),
      sheets: [
        { suffix: 'pdf', bytes: await paperPdf(paper, head) },
        { suffix: 'docx', bytes: await paperDocx(paper, head) },
      ],
    };
    return [filed];
  });
}

const KIND: Readonly<Record<SubmissionRecord['kind'], string>> = {
  answer: '反馈',
  acknowledgement: '签收',
  extension: '延期申请',
  delegation: '转办',
  objection: '异议',
};

/** What the agency sent, word by word, with its files. */
async function answersOf({ store }: ApiDeps, tasks: readonly TaskRecord[]): Promise<Filed[]> {
  const rows = await store.submissions
    .find({ task: { $in: tasks.map((task) => task._id) } })
    .sort({ receivedAt: 1 })
    .lean<SubmissionRecord[]>();
  const names = new Map(tasks.map((task) => [task._id, task.agencyName]));
  return rows.map((row): Filed => ({
    part: '办理事项',
    title: `${KIND[row.kind]} ${row.task}`,
    number: row._id,
    author: names.get(row.task) ?? row.agency,
    on: row.receivedAt.slice(0, 10),
    ...(row.late ? { note: '逾期' } : {}),
    sheets: [
      { suffix: 'txt', bytes: Buffer.from(answerText(row)) },
      ...row.files.map((file) => kept(store, file)),
    ],
  }));
}

function answerText(row: SubmissionRecord): string {
  const items = Object.entries(row.items).map(([id, { result, note }]) =>
    `${id}　${result ?? ''}　${note ?? ''}`.trimEnd(),
  );
  const { name, post, phone } = row.by;
  return [
    `${KIND[row.kind]}　${row._id}`,
    `事项：${row.task}　第${row.round}轮`,
    `收到：${row.receivedAt}　渠道：${row.channel}${row.late ? '　逾期' : ''}`,
    `办理人：${[name, post, phone].filter(Boolean).join('　')}`,
    '',
    row.text,
    ...(items.length > 0 ? ['', ...items] : []),
    ...row.files.map((file) => `附件：${file.name}　${file.size} 字节　SHA-256 ${file.sha256}`),
    '',
  ].join('\n');
}

/** A stored file as it came, under the hash it was stored with. */
const kept = (
  store: ApiDeps['store'],
  file: StoredFile | Extract<CaseEntryRecord, { what: 'file' }>,
): Sheet => ({
  suffix: /\.([A-Za-z0-9]{1,8})$/u.exec(file.name)?.[1]?.toLowerCase() ?? 'bin',
  size: file.size,
  sha256: file.sha256,
  open: () => readFile(store, file.file),
});

const ENTRY: Readonly<Record<CaseEntryRecord['what'], string>> = {
  investigation: '调查记录',
  review: '审核意见',
  jointMeeting: '联席会议记录',
  recusal: '回避申请',
  transfer: '移送申请',
  reply: '答复',
  file: '材料',
};

/** What the office's own people recorded and collected. */
async function materialsOf({ store }: ApiDeps, no: string): Promise<Filed[]> {
  const rows = await store.caseEntries.find({ owner: no }).sort({ at: 1, _id: 1 }).lean<CaseEntryRecord[]>();
  return rows.map((row): Filed => {
    const { _id, owner: _owner, by, at, ...said } = row;
    return {
      part: '调查材料',
      title: row.what === 'file' ? row.name : ENTRY[row.what],
      number: _id,
      author: by,
      on: at.slice(0, 10),
      sheets:
        row.what === 'file' ? [kept(store, row)] : [{ suffix: 'json', bytes: json({ by, at, ...said }) }],
    };
  });
}

/** Mails as the bytes that went and came; what was written to or by a complainant is sealed apart. */
async function mailsOf({ store }: ApiDeps, no: string, tasks: readonly TaskRecord[]): Promise<Filed[]> {
  const numbers = tasks.map((task) => task._id);
  const sent = await store.messages
    .find({ $or: [{ owner: no }, { subject: { $in: numbers } }], sealed: { $ne: true } })
    .sort({ createdAt: 1 })
    .lean();
  const came = await store.incoming
    .find({ task: { $in: numbers }, sealed: { $ne: true } })
    .sort({ receivedAt: 1 })
    .lean();
  const out = sent.map((mail): Filed => ({
    part: '邮件',
    title: `发出 ${mail.subjectLine}`,
    author: mail.recipient,
    on: stamp(mail.createdAt.getTime()).slice(0, 10),
    ...(mail.smtp ? { note: mail.smtp.response.slice(0, 60) } : {}),
    sheets: [{ suffix: 'eml', bytes: bytesOf(mail.raw) }],
  }));
  const into = await Promise.all(
    came.map(async (mail): Promise<Filed> => ({
      part: '邮件',
      title: `收到 ${mail.subject ?? ''}`,
      author: mail.from ?? '',
      on: stamp(mail.receivedAt.getTime()).slice(0, 10),
      sheets: [{ suffix: 'eml', bytes: await rawOf(store.connection, mail) }],
    })),
  );
  return [...out, ...into];
}

/** Every date of the case with what explains it. */
function deadlinesOf(matter: CaseRecord, tasks: readonly TaskRecord[]): Filed[] {
  const dates = [
    ...matter.deadlines.map(({ name, deadline }) => ({ name, owner: 'office', ...deadline })),
    ...tasks.flatMap(({ _id, kind, due }) =>
      due ? [{ name: kind, task: _id, owner: 'agency', ...due }] : [],
    ),
  ];
  if (dates.length === 0) return [];
  const on = matter.openedAt.slice(0, 10);
  const sheets = [{ suffix: 'json', bytes: json(dates) }];
  return [{ part: '期限凭证', title: '期限及其依据', author: '', on, sheets }];
}

/** The timeline in words, and the blocks of the ledger whose chain proves it. */
async function timelineOf({ store }: ApiDeps, no: string, blocks: readonly EventBlock[]): Promise<Filed[]> {
  const lines = (await historyOf(store, no)) ?? [];
  const text = lines.map((line) => `${line.at}　${line.who}　${line.what}`).join('\n');
  const chain = blocks.map(({ owner, seq, key, prev, entries, hash }) => ({ owner, seq, key, prev, entries, hash })); // prettier-ignore
  const sheets = [
    { suffix: 'txt', bytes: Buffer.from(`${text}\n`) },
    { suffix: 'chain.json', bytes: json(chain) },
  ];
  return [{ part: '时间线', title: '时间线', author: '', on: lines.at(-1)?.at.slice(0, 10) ?? '', sheets }];
}
