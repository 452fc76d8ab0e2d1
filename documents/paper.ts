import type { DocumentKind } from '../domain/document.ts';
import type { DocumentRecord, Letterhead } from '../models/document.ts';

/** How a paper is laid out: with the red head, as a letter (GB/T 9704-2012, 10.1), or as a plain working paper. */
export type Form = 'redHead' | 'letter' | 'plain';

const LETTERS: readonly DocumentKind[] = ['letter', 'transferLetter', 'reply'];
const PLAIN: readonly DocumentKind[] = [
  'complaintRegistration',
  'filingApproval',
  'interviewRecord',
  'onSiteRecord',
  'investigationReport',
  'rectificationReport',
  'verificationOpinion',
  'serviceReceipt',
  'closureApproval',
];

/** Forms that bear the hands of those who were there, and no issuer. */
const UNSIGNED: readonly DocumentKind[] = [
  'complaintRegistration',
  'filingApproval',
  'interviewRecord',
  'onSiteRecord',
  'rectificationReport',
  'serviceReceipt',
  'closureApproval',
];

export const formOf = (kind: DocumentKind): Form =>
  LETTERS.includes(kind) ? 'letter' : PLAIN.includes(kind) ? 'plain' : 'redHead';

/** Faces of the standard: 仿宋 for the body, 黑体 and 楷体 for headings. */
export type Face = 'body' | 'hei' | 'kai' | 'bold';

export interface Run {
  readonly text: string;
  readonly face: Face;
}

/** A paper as it is set: its words in order, clean of anything that is no text. */
export interface Paper {
  readonly form: Form;
  readonly issuer: Letterhead['issuer'];
  readonly head: string;
  readonly printer: string;
  readonly number: string;
  readonly title: string;
  readonly addressee: string;
  readonly body: readonly (readonly Run[])[];
  /** 成文日期, 2026年12月4日; empty in a draft. */
  readonly date: string;
  readonly copies: readonly string[];
}

const NO_TEXT = /[\p{Cc}\p{Zl}\p{Zp}\p{Bidi_Control}\u200B-\u200D\u2060-\u2064\uFEFF\uFFF9-\uFFFB]/gu;

/** Attack: a control character can turn the direction of what follows, or hide it; none reaches a page. */
export const clean = (text: string): string => text.replaceAll(NO_TEXT, '').trim();

const NO_HEAD: Letterhead = { issuer: 'office', name: '', printer: '' };

/** What is printed of a record: a signed one by its own head, a draft by the head it will get. */
export function paperOf(record: DocumentRecord, head: Letterhead = NO_HEAD): Paper {
  const { issuer, name, printer } = record.letterhead ?? head;
  return {
    form: formOf(record.kind),
    issuer,
    head: clean(name),
    printer: clean(printer),
    number: clean(record.number ?? ''),
    title: clean(record.title),
    addressee: clean(record.addressee ?? ''),
    body: record.body.flatMap((paragraph) => paragraph.split('\n')).map(clean).filter((text) => text !== '').map(runsOf), // prettier-ignore
    date:
      record.approvedAt === undefined || UNSIGNED.includes(record.kind) ? '' : dayInWords(record.approvedAt),
    copies: (record.copies ?? []).map(clean).filter((one) => one !== ''),
  };
}

/** 2026-12-04… → 2026年12月4日 */
export function dayInWords(at: string): string {
  const [year, month, day] = at.slice(0, 10).split('-').map(Number);
  return `${year}年${month}月${day}日`;
}

const FIRST = /^[一二三四五六七八九十百]+、/;
const SECOND = /^（[一二三四五六七八九十百]+）/;

/** A heading stands in one line; what is longer is a paragraph that begins with a number. */
const LONGEST_HEADING = 26;

/** 一、 in 黑体, （一） in 楷体, 1. and （1） in 仿宋: to the end of a heading that stands alone, or of the sentence that begins a paragraph. */
function runsOf(text: string): readonly Run[] {
  const face = FIRST.test(text) ? 'hei' : SECOND.test(text) ? 'kai' : undefined;
  const end = text.indexOf('。');
  const heading = end < 0 ? text.length : end;
  if (face === undefined || heading > LONGEST_HEADING) return [{ text, face: 'body' }];
  if (end < 0 || end === text.length - 1) return [{ text, face }];
  return [
    { text: text.slice(0, end + 1), face },
    { text: text.slice(end + 1), face: 'body' },
  ];
}
