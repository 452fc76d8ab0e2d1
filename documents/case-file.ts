import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import type { Readable } from 'node:stream';
import { ZipFile } from 'yazl';
import { home } from '../home.ts';
import { escape } from './html.ts';

/** The parts of a case file (案卷), in the order in which it is bound. */
export const CASE_FILE_PARTS = ['文书', '办理事项', '调查材料', '邮件', '期限凭证', '时间线'] as const;
export type CaseFilePart = (typeof CASE_FILE_PARTS)[number];

/** Bytes made for the file, or kept in the store under their hash. */
export type Sheet = { readonly suffix: string } & (
  | { readonly bytes: Buffer }
  | { readonly size: number; readonly sha256: string; readonly open: () => Readable }
);

/** One thing in the file: a paper in several renditions, a mail, a record with its attachments. */
export interface Filed {
  readonly part: CaseFilePart;
  readonly title: string;
  /** 文号 or another public number. */
  readonly number?: string;
  /** 责任者 */
  readonly author: string;
  /** The day it bears, YYYY-MM-DD. */
  readonly on: string;
  /** Pages of its printed rendition. */
  readonly pages?: number;
  readonly note?: string;
  readonly sheets: readonly Sheet[];
}

export interface CaseFileHead {
  readonly no: string;
  readonly title: string;
  readonly agency: string;
  readonly office: string;
  /** RFC 3339 */
  readonly madeAt: string;
  /** Head of the case's chain of events. */
  readonly root: string;
  readonly entries: number;
}

/** A line of the index (卷内目录). */
interface IndexLine extends Omit<Filed, 'sheets'> {
  readonly n: number;
  readonly firstPage?: number;
  readonly paths: readonly string[];
}

interface Placed {
  readonly path: string;
  readonly sheet: Sheet;
}

export interface LaidFile {
  readonly head: CaseFileHead;
  readonly index: readonly IndexLine[];
  readonly placed: readonly Placed[];
}

const UNFIT = /[\p{C}<>:"/\\|?*]+/gu;
const fit = (text: string): string => Array.from(text.replaceAll(UNFIT, ' ').trim()).slice(0, 60).join('');

/** Gives everything its place, part by part, and within a part by its day. */
export function layCaseFile(head: CaseFileHead, filed: readonly Filed[]): LaidFile {
  const index: IndexLine[] = [];
  const placed: Placed[] = [];
  let page = 1;
  for (const [p, part] of CASE_FILE_PARTS.entries()) {
    const mine = filed
      .filter((one) => one.part === part)
      .toSorted((a, b) => (a.on < b.on ? -1 : a.on > b.on ? 1 : 0));
    for (const { sheets, ...one } of mine) {
      const n = index.length + 1;
      const name = fit([one.title, one.number].filter(Boolean).join(' '));
      const base = `${p + 1}-${part}/${String(n).padStart(3, '0')} ${name}`;
      const mineToo = sheets.map((sheet, i) => ({ path: pathOf(base, sheet, { i, sheets }), sheet }));
      placed.push(...mineToo);
      const paths = mineToo.map((sheet) => sheet.path);
      index.push({ n, ...one, ...(one.pages === undefined ? {} : { firstPage: page }), paths });
      page += one.pages ?? 0;
    }
  }
  return { head, index, placed };
}

/** Two renditions of one paper differ by their ending, several attachments by a number. */
function pathOf(
  base: string,
  { suffix }: Sheet,
  { i, sheets }: { readonly i: number; readonly sheets: readonly Sheet[] },
): string {
  const same = sheets.filter((sheet) => sheet.suffix === suffix).length > 1;
  return `${base}${same ? `-${i + 1}` : ''}.${fit(suffix)}`;
}

/** The index as a page that prints. */
export function indexHtml({ head, index }: LaidFile): string {
  const rows = index.map((line) => {
    const pages =
      line.firstPage === undefined ? '' : `${line.firstPage}–${line.firstPage + (line.pages ?? 1) - 1}`;
    const cells = [line.n, line.number ?? '', line.author, line.title, line.on, pages, line.note ?? ''];
    return `<tr><td>${cells.map((cell) => escape(String(cell))).join('</td><td>')}</td></tr>`;
  });
  const columns = ['序号', '文号或编号', '责任者', '题名', '日期', '页号', '备注'];
  return [
    '<!doctype html>',
    `<html lang="zh-CN"><head><meta charset="utf-8"><title>卷内目录 ${escape(head.no)}</title>`,
    '<link rel="stylesheet" href="/public/fonts/papers.css">',
    `<style>${INDEX_SHEET}</style></head><body>`,
    `<h1>卷内目录</h1><p>案号 ${escape(head.no)}　${escape(head.title)}</p>`,
    `<p>被监督机关 ${escape(head.agency)}　立卷单位 ${escape(head.office)}　立卷时间 ${escape(head.madeAt.slice(0, 10))}</p>`,
    `<table><thead><tr><th>${columns.join('</th><th>')}</th></tr></thead><tbody>`,
    ...rows,
    '</tbody></table>',
    `<p>台账记录 ${head.entries} 条，链首 ${escape(head.root)}</p>`,
    '</body></html>',
    '',
  ].join('\n');
}

const INDEX_SHEET = `@page{size:A4;margin:25mm 20mm}
body{font:11pt/1.6 FangSong_GB2312,FangSong,仿宋,Noto Serif SC,serif;color:#000;background:#fff}
h1{font-size:20pt;text-align:center;font-weight:600}
table{width:100%;border-collapse:collapse;table-layout:fixed}
th,td{border:.3mm solid #000;padding:1.2mm;vertical-align:top;overflow-wrap:anywhere}
th:nth-child(1){width:9mm}th:nth-child(2){width:33mm}th:nth-child(3){width:26mm}
th:nth-child(5){width:22mm}th:nth-child(6){width:13mm}th:nth-child(7){width:22mm}
thead{display:table-header-group}tr{break-inside:avoid}`;

const NAMES = { index: '卷内目录', script: 'verify.mjs', manifest: 'manifest.json' } as const;
const script = readFileSync(new URL('scripts/verify-case-file.mjs', home));

const sha256 = (bytes: Buffer): string => createHash('sha256').update(bytes).digest('hex');

/** Everything in one ZIP: what was laid, the index, the script that checks it, and last the manifest that names each file with its hash. */
export function bindCaseFile(
  laid: LaidFile,
  index: { readonly html: string; readonly pdf: Buffer },
): Readable {
  const zip = new ZipFile();
  const { head } = laid;
  const mtime = new Date(head.madeAt);
  const files: { path: string; size: number; sha256: string }[] = [];
  const add = (name: string, bytes: Buffer): void => {
    files.push({ path: name, size: bytes.length, sha256: sha256(bytes) });
    zip.addBuffer(bytes, name, { mtime });
  };
  add(`${NAMES.index}.pdf`, index.pdf);
  add(`${NAMES.index}.html`, Buffer.from(index.html));
  add(`${NAMES.index}.json`, json({ ...head, index: laid.index }));
  for (const { path: name, sheet } of laid.placed)
    if ('bytes' in sheet) add(name, sheet.bytes);
    else {
      files.push({ path: name, size: sheet.size, sha256: sheet.sha256 });
      zip.addReadStreamLazy(name, { mtime, size: sheet.size }, (give) => give(null, sheet.open()));
    }
  add(NAMES.script, script);
  zip.addBuffer(json({ ...head, files }), NAMES.manifest, { mtime });
  zip.end();
  return zip.outputStream as Readable;
}

export const json = (value: unknown): Buffer => Buffer.from(`${JSON.stringify(value, null, 2)}\n`);
