import { readFileSync, readdirSync } from 'node:fs';
import Handlebars from 'handlebars';
import { home } from '../home.ts';
import { inlinePartials } from './inline-partials.ts';
import { mailHelpers, type Helpers } from './template-words.ts';
import { createTranslators, type Lang, type Translate } from './translator.ts';
import { createWording, type Wording } from './wording.ts';
import type { MailKind, MailViews } from './views.ts';

export interface RenderedMail {
  /** One line. */
  readonly subject: string;
  /** Lines end in \n. */
  readonly text: string;
  readonly html: string;
}

/** A compiled template: data in, characters out. */
export type Template = (view: unknown, data?: { data: Readonly<Record<string, unknown>> }) => string;

/** What the helpers of one language are made from. */
export interface Speech {
  readonly lang: Lang;
  readonly t: Translate;
  readonly wording: Wording;
}

/** The compiled templates of one project root, each compiled when it is first wanted and then kept. */
export interface Templates {
  /** templates/emails/<kind>.txt.hbs and .html.hbs */
  readonly mail: (kind: MailKind, lang: Lang) => Rendering;
  readonly words: (words: MailWords, lang: Lang) => Rendering;
  /** templates/pages/<name>.hbs, escaped */
  readonly page: (name: string, lang: Lang) => Template;
}

type Suffix = '.txt.hbs' | '.html.hbs' | '.hbs';

const UNSAFE = /[\p{Cc}\p{Zl}\p{Zp}\p{Bidi_Control}]+/u;
const EVERY_UNSAFE = new RegExp(UNSAFE, 'gu');

let own: Templates | undefined;

/** The two parts of a mail as somebody wrote them; the text's first line is the subject. */
export interface MailWords {
  readonly text: string;
  readonly html: string;
}
type Rendering = (view: unknown) => RenderedMail;

const theirs = new Map<MailKind, { readonly version: number; readonly in: (lang: Lang) => Rendering }>();

/** From now on mails of these kinds, and of no other, go out in an office's own words; each version is compiled once. */
export function speakWith(
  all: readonly (MailWords & { readonly kind: MailKind; readonly version: number })[],
): void {
  for (const kind of theirs.keys()) if (!all.some((one) => one.kind === kind)) theirs.delete(kind);
  for (const { kind, version, text, html } of all)
    if (theirs.get(kind)?.version !== version)
      theirs.set(kind, { version, in: kept((lang) => templates().words({ text, html }, lang as Lang)) });
}

const templates = (): Templates => (own ??= createTemplates(home));

/** Renders one mail for one recipient; the same view always gives the same characters. Throws where the view lacks a name that the template uses. */
export function renderMail<K extends MailKind>(kind: K, view: MailViews[K], lang: Lang = 'zh'): RenderedMail {
  const shipped = templates().mail(kind, lang);
  const words = theirs.get(kind);
  if (!words) return shipped(view);
  try {
    return words.in(lang)(view);
  } catch {
    // A name that this one view lacks must not keep a mail from going: it goes in the words that came with the product.
    return shipped(view);
  }
}

/** Renders words that are not stored; throws as the template does. */
export const renderWords = (words: MailWords, view: unknown, lang: Lang = 'zh'): RenderedMail =>
  templates().words(words, lang)(view);

/** `helpers` adds words for pages to those that mails and pages share. */
export function createTemplates(root: URL, helpers: (speech: Speech) => Helpers = () => ({})): Templates {
  const translators = createTranslators(root);
  const speech = (lang: Lang): Speech => ({
    lang,
    t: translators[lang],
    wording: createWording(lang, translators[lang]),
  });
  const compiler = kept((id) => {
    const [lang, suffix] = id.split(' ') as [Lang, Suffix];
    return createCompiler(root, suffix, { ...mailHelpers(speech(lang)), ...helpers(speech(lang)) });
  });
  const words = ({ text, html }: MailWords, lang: Lang): Rendering =>
    compileMail(compiler(`${lang} .txt.hbs`).compile(text), compiler(`${lang} .html.hbs`).compile(html));
  const mails = kept((id) => {
    const [lang, kind] = id.split(' ') as [Lang, MailKind];
    return words(shippedMail(kind, root), lang);
  });
  const pages = kept((id) => {
    const [lang, name] = id.split(' ') as [Lang, string];
    const { read, compile } = compiler(`${lang} .hbs`);
    const whole = compile(read('pages', name));
    return (view: unknown, data?: Parameters<Template>[1]) => unturned(whole(view, data));
  });
  return {
    mail: (kind, lang) => mails(`${lang} ${kind}`),
    words,
    page: (name, lang) => pages(`${lang} ${name}`),
  };
}

/** The words of a kind of mail that come with the product. */
export function shippedMail(kind: MailKind, root: URL = home): MailWords {
  const read = (suffix: Suffix) =>
    readFileSync(new URL(`templates/emails/${fileName(kind)}${suffix}`, root), 'utf8');
  return { text: read('.txt.hbs'), html: read('.html.hbs') };
}

/** Attack: a name with letters that turn the direction reads as another, and so does what follows it. */
export const unturned = (words: string): string => words.replaceAll(/\p{Bidi_Control}/gu, '');

/** dueToday → due-today */
export function fileName(kind: string): string {
  return kind.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
}

interface Compiler {
  readonly read: (folder: string, name: string) => string;
  readonly compile: (source: string) => Template;
}

/** Text and subject are one rendering, cut at its first line end: tidy leaves none in the data. */
function compileMail(text: Template, html: Template): Rendering {
  return (view) => {
    const tidied = tidy(view);
    const lines = text(tidied);
    const end = lines.indexOf('\n');
    const subject = lines.slice(0, end);
    return { subject, text: lines.slice(end + 1), html: html(tidied, { data: { subject } }) };
  };
}

/** Only the plain text is unescaped: it is not markup, and tidy has taken what could break a line. */
function createCompiler(root: URL, suffix: Suffix, helpers: Helpers): Compiler {
  const environment = Handlebars.create();
  environment.registerHelper(helpers);
  const knownHelpers = Object.fromEntries(Object.keys(helpers).map((name) => [name, true]));
  const read = (folder: string, name: string) =>
    readFileSync(new URL(`templates/${folder}/${name}${suffix}`, root), 'utf8');
  const partials = new Map(
    ['layouts', 'partials'].flatMap((folder) =>
      namesIn(new URL(`templates/${folder}/`, root), suffix).map(
        (name) => [name, read(folder, name)] as const,
      ),
    ),
  );
  // A page is a few calls of large parts; a mail is mostly calls of small ones.
  const whole = (source: string): string | hbs.AST.Program =>
    suffix === '.hbs' ? source : inlined(source, partials);
  const compile = (source: string): Template =>
    environment.compile(whole(source), {
      strict: true,
      knownHelpers,
      knownHelpersOnly: true,
      noEscape: suffix === '.txt.hbs',
      preventIndent: true,
      // Of what is parsed already the lines that stand alone have been seen to, before what is inlined came beside them.
      ignoreStandalone: suffix !== '.hbs',
    });
  for (const [name, source] of partials)
    environment.registerPartial(name, compile(source) as Handlebars.Template);
  return { read, compile };
}

/** Parsed anew each time: whoever compiles a tree changes it. */
const inlined = (source: string, partials: ReadonlyMap<string, string>): hbs.AST.Program =>
  inlinePartials(Handlebars.parse(source), (name) => {
    const partial = partials.get(name);
    return partial === undefined ? undefined : Handlebars.parse(partial);
  });

function namesIn(folder: URL, suffix: Suffix): string[] {
  return readdirSync(folder)
    .filter((file) => file.endsWith(suffix))
    .map((file) => file.slice(0, -suffix.length))
    .filter((name) => !name.includes('.'));
}

/** A title from outside may not begin a line of its own, forge the reply line, or turn the direction of what follows. */
function tidy(value: unknown): unknown {
  if (typeof value === 'string') return UNSAFE.test(value) ? value.replace(EVERY_UNSAFE, ' ').trim() : value;
  if (Array.isArray(value)) return value.map(tidy);
  if (typeof value !== 'object' || value === null) return value;
  const copy: Record<string, unknown> = {};
  for (const key of Object.keys(value)) copy[key] = tidy((value as Record<string, unknown>)[key]);
  return copy;
}

function kept<T>(make: (id: string) => T): (id: string) => T {
  const made = new Map<string, T>();
  return (id) => {
    let one = made.get(id);
    if (one === undefined) made.set(id, (one = make(id)));
    return one;
  };
}
