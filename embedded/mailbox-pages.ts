import { readFileSync } from 'node:fs';
import type { Request } from 'express';
import Handlebars from 'handlebars';
import type { MailboxMessage } from './mailbox-parse.ts';
import type { MailMeta, MailStore } from './mailbox-store.ts';

const perPage = 100;
const SENT: Readonly<Record<string, string>> = {
  bounce: '退信已送回系统；该联络员会被标记，系统改发下一位联络员。',
  away: '自动回复已送回系统；它只存档，不算反馈。',
};
const list = template('list');
const view = template('view');

/** The list for people, newest first, a hundred on a page. */
export function listPage(req: Request, store: MailStore): string {
  const to = text(req.query['to']);
  const q = text(req.query['q']);
  const before = text(req.query['before']);
  const all = store.list(to === '' ? {} : { to });
  const found = all.filter((one) => (before === '' || one.id < before) && mentions(one, q)).reverse();
  const page = found.slice(0, perPage);
  const next = found.length > perPage ? (page.at(-1)?.id ?? '') : '';
  return list({
    base: req.baseUrl,
    to,
    q,
    total: all.length,
    mails: page.map((one) => ({ ...row(one), href: `${req.baseUrl}/messages/${one.id}/view` })),
    next: next === '' ? '' : `${req.baseUrl}/?${new URLSearchParams({ to, q, before: next }).toString()}`,
  });
}

function mentions(mail: MailMeta, q: string): boolean {
  return q === '' || mail.subject.toLowerCase().includes(q.toLowerCase());
}

function row(mail: MailMeta) {
  const received = `${mail.receivedAt.slice(5, 10)} ${mail.receivedAt.slice(11, 19)}`;
  return { subject: mail.subject === '' ? '（无主题）' : mail.subject, to: mail.to.join('，'), received };
}

export interface Offer {
  readonly answerable: boolean;
  /** Whether a bounce and a vacation's reply can be had of it. */
  readonly machines: boolean;
  /** How the recipient's address treats its mail now. */
  readonly how: string;
}

/** One mail: as a desk or a phone shows it, its text, its headers, and the form to answer it. */
export function viewPage(req: Request, message: MailboxMessage, offer: Offer): string {
  const here = `${req.baseUrl}/messages/${message.id}`;
  const shown = shownAs(text(req.query['as']), message);
  const { answerable, machines, how } = offer;
  return view({
    base: req.baseUrl,
    here,
    message,
    subject: message.subject === '' ? '（无主题）' : message.subject,
    to: message.to.join('，'),
    sender: message.headers['From'] ?? message.from,
    date: message.headers['Date'] ?? '',
    headers: Object.entries(message.headers).map(([name, value]) => ({ name, value })),
    attachments: message.attachments.map((one) => ({ ...one, kb: Math.ceil(one.size / 1024) })),
    frame: shown === 'pc' || shown === 'phone' ? `<base target="_blank">${message.html}` : '',
    phone: shown === 'phone',
    asText: shown === 'text',
    asHeaders: shown === 'headers',
    tabs: tabs(message).map((tab) => ({
      ...tab,
      href: `${here}/view?as=${tab.as}`,
      current: tab.as === shown,
    })),
    answerable,
    machines,
    replied: req.query['replied'] !== undefined,
    sent: SENT[text(req.query['sent'])] ?? '',
    behaviours: [
      { how: 'accept', label: '正常收信', current: how === 'accept' },
      { how: 'reject', label: '退信（550）', current: how === 'reject' },
      { how: 'defer', label: '暂时拒收（451）', current: how === 'defer' },
    ],
  });
}

function tabs(message: MailboxMessage): { as: string; label: string }[] {
  const drawn = [
    { as: 'pc', label: '电脑' },
    { as: 'phone', label: '手机' },
  ];
  const plain = [
    { as: 'text', label: '纯文本' },
    { as: 'headers', label: '邮件头' },
  ];
  return message.html === '' ? plain : [...drawn, ...plain];
}

function shownAs(wanted: string, message: MailboxMessage): string {
  const offered = tabs(message);
  return offered.find((tab) => tab.as === wanted)?.as ?? offered[0]?.as ?? 'text';
}

function text(value: unknown): string {
  return typeof value === 'string' ? value : '';
}

export function template(name: string): (context: object) => string {
  const file = new URL(`../templates/mailbox/${name}.hbs`, import.meta.url);
  return Handlebars.create().compile(readFileSync(file, 'utf8'), { strict: true });
}
