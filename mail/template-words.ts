import type { Speech } from './render.ts';
import { HTML_LANG, type Values } from './translator.ts';
import { shortTitle } from './wording.ts';
import type { DigestRow, DueView, FileView, MailViews, TaskMailView, UnstartedView } from './views.ts';

/** Handlebars helpers by name; each takes what the template gives and returns words or an answer for {{#if}}. */
export type Helpers = Record<string, Handlebars.HelperDelegate>;

type Items = TaskMailView['items'];
type Due = DueView | UnstartedView;
const begun = (due: Due): due is DueView => 'deadline' in due;

const ONE_LINE = 40;
const URGENCY: Readonly<Record<DigestRow['light'], number>> = { red: 0, yellow: 1, green: 2, grey: 3 };

/** The words that mails and pages share, in one language. */
export function mailHelpers({ lang, t, wording }: Speech): Helpers {
  const fromReceipt = ({ term }: UnstartedView) => t('word.fromReceipt', { term: wording.term(term) });
  const totalSize = (files: readonly FileView[]) =>
    wording.size(files.reduce((sum, { size }) => sum + size, 0));
  const receiptLead = ({ understood, afterEnd, characters, files }: MailViews['receipt']) => {
    if (understood !== 'answer') return t(`mail.receipt.${understood}`);
    if (files.length === 0)
      return t(afterEnd ? 'mail.receipt.storedText' : 'mail.receipt.textOnly', { characters });
    const said = t('mail.receipt.files', { count: files.length, size: totalSize(files) });
    return t(afterEnd ? 'mail.receipt.stored' : 'mail.receipt.answer', { characters, files: said });
  };
  const label = (key: string) => (lang === 'zh' ? t(key).padEnd(4, '\u3000') : t(key).padEnd(10));
  return {
    t: (key: string, options: Handlebars.HelperOptions) => t(key, options.hash as Values),
    key: (prefix: string, name: string) => `${prefix}.${name}`,
    eq: (one: unknown, other: unknown) => one === other,
    either: (condition: boolean, yes: string, no: string) => (condition ? yes : no),
    number: (index: number) => index + 1,
    htmlLang: () => HTML_LANG[lang],
    dueLine: (due: Due) => (begun(due) ? wording.dueLine(due) : fromReceipt(due)),
    dueDate: (due: Due) => (begun(due) ? wording.due(due.deadline.at) : fromReceipt(due)),
    dueShort: (due: Due) => (begun(due) ? wording.dueShort(due.deadline.at) : fromReceipt(due)),
    dueBy: (due: Due) =>
      begun(due) ? t('word.by', { at: wording.dueShort(due.deadline.at) }) : fromReceipt(due),
    dueTime: (due: DueView) => due.deadline.at.slice(11, 16),
    /** A day of our own, which no law explains. */
    dueWhen: (at: string) => wording.due(at),
    leftOf: (workdays: number) => wording.left(workdays),
    timeLeft: (due: Due) => (begun(due) ? wording.left(due.workdaysLeft) : t('word.noDue')),
    explained: (due: Due) => (begun(due) ? wording.explained(due.deadline) : t('word.unsigned')),
    termOf: (due: UnstartedView) => wording.term(due.term),
    moment: (at: string) => wording.moment(at),
    day: (date: string) => wording.day(date),
    sizeOf: (bytes: number) => wording.size(bytes),
    lightOf: (light: DigestRow['light']) => t(`word.light.${light}`),
    shortTitle,
    label,
    receiptLead,
    toDo: (kind: TaskMailView['taskKind'], items: Items) =>
      items.length === 0 ? t('word.do.plain') : t(`word.do.${kind}`, { count: items.length }),
    brief: (items: Items) =>
      items.length > 0 && items.reduce((sum, { text }) => sum + text.length + 1, 0) <= ONE_LINE,
    joined: (items: Items) => items.map(({ text }) => text).join('、'),
    itemNumber: (items: Items, id: string) => items.findIndex((item) => item.id === id) + 1,
    redFirst: (rows: readonly DigestRow[]) => rows.toSorted((a, b) => URGENCY[a.light] - URGENCY[b.light]),
  };
}
