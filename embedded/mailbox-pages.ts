import { readFileSync } from 'node:fs';
import type { Request } from 'express';
import Handlebars from 'handlebars';
import { langOf } from '../api/lang.ts';
import { home } from '../home.ts';
import { HTML_LANG, type Lang, type Translate, type Values, createTranslators } from '../mail/translator.ts';
import type { MailboxMessage } from './mailbox-parse.ts';
import type { MailMeta, MailStore } from './mailbox-store.ts';

const perPage = 100;
const SENT = ['bounce', 'away'];
const translators = createTranslators(home);
const list = template('list');
const view = template('view');

/** The list for people, newest first, a hundred on a page. */
export function listPage(req: Request, store: MailStore): string {
  const to = text(req.query['to']);
  const q = text(req.query['q']);
  const t = tongueOf(req);
  const before = text(req.query['before']);
  const all = store.list(to === '' ? {} : { to });
  const found = all.filter((one) => (before === '' || one.id < before) && mentions(one, q)).reverse();
  const page = found.slice(0, perPage);
  const next = found.length > perPage ? (page.at(-1)?.id ?? '') : '';
  return list(req, {
    to,
    q,
    total: all.length,
    mails: page.map((one) => ({
      ...row(one, t),
      href: inTongue(req, `${req.baseUrl}/messages/${one.id}/view`),
    })),
    next:
      next === ''
        ? ''
        : inTongue(req, `${req.baseUrl}/?${new URLSearchParams({ to, q, before: next }).toString()}`),
  });
}

function mentions(mail: MailMeta, q: string): boolean {
  return q === '' || mail.subject.toLowerCase().includes(q.toLowerCase());
}

function row(mail: MailMeta, t: Translate) {
  const received = `${mail.receivedAt.slice(5, 10)} ${mail.receivedAt.slice(11, 19)}`;
  return { subject: mail.subject || t('demo.noSubject'), to: mail.to.join('，'), received };
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
  const t = tongueOf(req);
  const sent = text(req.query['sent']);
  return view(req, {
    here,
    message,
    subject: message.subject || t('demo.noSubject'),
    to: message.to.join('，'),
    sender: message.headers['From'] ?? message.from,
    date: message.headers['Date'] ?? '',
    headers: Object.entries(message.headers).map(([name, value]) => ({ name, value })),
    attachments: message.attachments.map((one) => ({ ...one, kb: Math.ceil(one.size / 1024) })),
    frame: shown === 'pc' || shown === 'phone' ? `<base target="_blank">${message.html}` : '',
    phone: shown === 'phone',
    asText: shown === 'text',
    asHeaders: shown === 'headers',
    tabs: tabs(message).map((as) => ({
      label: t(`demo.mail.tab.${as}`),
      href: inTongue(req, `${here}/view?as=${as}`),
      current: as === shown,
    })),
    actions: {
      reply: inTongue(req, `${here}/reply`),
      behaviour: inTongue(req, `${here}/behaviour`),
      byItself: inTongue(req, `${here}/by-itself`),
    },
    answerable,
    machines,
    replied: req.query['replied'] !== undefined,
    sent: SENT.includes(sent) ? t(`demo.mail.sent.${sent}`) : '',
    behaviours: ['accept', 'reject', 'defer'].map((one) => ({
      how: one,
      label: t(`demo.mail.${one}`),
      current: how === one,
    })),
  });
}

const tabs = (message: MailboxMessage): readonly string[] =>
  message.html === '' ? ['text', 'headers'] : ['pc', 'phone', 'text', 'headers'];

function shownAs(wanted: string, message: MailboxMessage): string {
  const offered = tabs(message);
  return offered.find((as) => as === wanted) ?? offered[0] ?? 'text';
}

function text(value: unknown): string {
  return typeof value === 'string' ? value : '';
}

/** The words of a request's language. */
export const tongueOf = (req: Request): Translate => translators[langOf(req)];

/** An address within these pages that keeps the language which was asked for in this one. */
export function inTongue(req: Request, address: string): string {
  const asked = askedLang(req);
  return asked === '' ? address : `${address}${address.includes('?') ? '&' : '?'}lang=${asked}`;
}

const askedLang = (req: Request): string => (req.query['lang'] === undefined ? '' : langOf(req));

/** A page of the mailbox in the language of the request, with a link to itself in the other. */
export function template(name: string): (req: Request, context: object) => string {
  const source = readFileSync(new URL(`templates/mailbox/${name}.hbs`, home), 'utf8');
  const compiled = (lang: Lang) => {
    const environment = Handlebars.create();
    environment.registerHelper('t', (key: string, { hash }: Handlebars.HelperOptions) =>
      translators[lang](key, hash as Values),
    );
    return environment.compile(source, { strict: true });
  };
  const pages = { zh: compiled('zh'), en: compiled('en') };
  return (req, context) => {
    const lang = langOf(req);
    const other = lang === 'zh' ? 'en' : 'zh';
    const [path = '', query] = req.originalUrl.split('?');
    const there = new URLSearchParams(query);
    there.set('lang', other);
    return pages[lang]({
      ...context,
      base: req.baseUrl,
      asked: askedLang(req),
      htmlLang: HTML_LANG[lang],
      other: { lang: HTML_LANG[other], href: `${path}?${there.toString()}` },
      links: { list: inTongue(req, `${req.baseUrl}/`), desk: inTongue(req, `${req.baseUrl}/desk`) },
    });
  };
}
