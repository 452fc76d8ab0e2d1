import { readFileSync, readdirSync } from 'node:fs';
import Handlebars from 'handlebars';
import { Refusal } from '../domain/refusals.ts';
import { home } from '../home.ts';
import { type MailWords, renderWords, shippedMail } from './render.ts';
import { sampleViews } from './sample-views.ts';
import { type Callable, unknownPlaces } from './template-names.ts';
import { mailHelpers } from './template-words.ts';
import { createTranslators } from './translator.ts';
import type { DueView, MailKind } from './views.ts';
import { createWording } from './wording.ts';

export type Part = 'text' | 'html';
export const LONGEST_WORDS = 20_000;

/** Where the words of a mail are wrong, for the person who wrote them; line 0 where something is missing. */
export class WordsFault extends Refusal {
  readonly part: Part;
  readonly line: number;
  constructor(part: Part, line: number, sentence: string) {
    super('template-invalid', line > 0 ? `第${line}行：${sentence}` : sentence, `/${part}`);
    this.part = part;
    this.line = line;
  }
}

const SUFFIX = { text: '.txt.hbs', html: '.html.hbs' } as const;
const t = createTranslators(home).zh;
const wording = createWording('zh', t);
const helpers = new Set(Object.keys(mailHelpers({ lang: 'zh', t, wording })));

/** Everything that an office's own words may call: the helpers and the pieces of the mails. */
export const HELPERS: readonly string[] = [...helpers].toSorted();
export const piecesOf = (part: Part): readonly string[] => [...callable(part).partials.keys()].toSorted();

const read: Partial<Record<Part, Callable>> = {};
function callable(part: Part): Callable {
  const known = read[part];
  if (known) return known;
  const partials = new Map<string, hbs.AST.Program>();
  for (const folder of ['layouts', 'partials'])
    for (const file of readdirSync(new URL(`templates/${folder}/`, home)))
      if (file.endsWith(SUFFIX[part]))
        partials.set(
          file.slice(0, -SUFFIX[part].length),
          Handlebars.parse(readFileSync(new URL(`templates/${folder}/${file}`, home), 'utf8')),
        );
  return (read[part] = { helpers, partials });
}

/** The names that a kind's words have at hand; a list's rows come with it. */
export function namesOf(
  kind: MailKind,
): readonly { readonly name: string; readonly rows?: readonly string[] }[] {
  return Object.entries(sampleViews[kind] as object).map(([name, value]) => {
    const rows = Array.isArray(value)
      ? [
          ...new Set(
            value.flatMap((row) => (typeof row === 'object' && row !== null ? Object.keys(row) : [])),
          ),
        ]
      : typeof value === 'object' && value !== null
        ? Object.keys(value)
        : [];
    return rows.length === 0 ? { name } : { name, rows };
  });
}

/** Refuses words in which something could run, name what is not there, or leave out what every mail of the kind must say. */
export function checkWords(kind: MailKind, words: MailWords): void {
  for (const part of ['text', 'html'] as const) {
    const source = words[part];
    if (source.length > LONGEST_WORDS) throw new WordsFault(part, 1, `不得超过${LONGEST_WORDS}字`);
    const program = parsed(part, source);
    checkNodes(part, program);
    const [unknown] = unknownPlaces(program, sampleViews[kind], callable(part));
    if (unknown) throw new WordsFault(part, unknown.line, `没有名称 ${unknown.name.slice(0, 60)}`);
  }
  checkMarkup(words.html);
  checkSaid(kind, words);
}

function parsed(part: Part, source: string): hbs.AST.Program {
  try {
    return Handlebars.parse(source);
  } catch (error) {
    const { message } = error as Error;
    const line = Number(/line (\d+)/i.exec(message)?.[1] ?? 1);
    throw new WordsFault(part, line, '花括号没有成对，或者写法不能识别');
  }
}

const BLOCKS = new Set(['if', 'unless', 'each']);
const DATA = new Set(['index', 'first', 'last', 'partial-block']);
/** Attack: by these names the words would reach the machinery behind the data. */
const NEVER = /^(?:constructor|prototype|__proto__|__\w+__|lookup|log|helperMissing|blockHelperMissing)$/;

/** Walks every node, whatever it hangs on: what is not known to be harmless is refused. */
function checkNodes(part: Part, node: unknown): void {
  if (Array.isArray(node)) return node.forEach((one) => checkNodes(part, one));
  if (typeof node !== 'object' || node === null || !('type' in node)) return;
  const one = node as hbs.AST.Node & Record<string, unknown>;
  const at = one.loc.start.line;
  const refuse = (sentence: string): never => {
    throw new WordsFault(part, at, sentence);
  };
  if (one.type === 'MustacheStatement' && one['escaped'] === false) refuse('只能用两层花括号');
  if (one.type === 'Decorator') refuse('不能识别这个写法');
  if (one.type === 'DecoratorBlock') {
    const [named] = (one as unknown as hbs.AST.DecoratorBlock).params;
    if ((named as hbs.AST.StringLiteral | undefined)?.value !== 'preheader') refuse('只能改写 preheader');
  }
  if (one.type === 'BlockStatement') {
    const block = one as unknown as hbs.AST.BlockStatement;
    if (!BLOCKS.has(block.path.original)) refuse(`不能识别 {{#${block.path.original.slice(0, 40)}}}`);
    if ((block.program?.blockParams?.length ?? 0) > 0) refuse('不能另起名称');
  }
  if (one.type === 'PathExpression') {
    const path = one as unknown as hbs.AST.PathExpression;
    if (path.parts.some((name) => NEVER.test(name))) refuse(`不允许 ${path.original.slice(0, 40)}`);
    if (path.data && !DATA.has(String(path.parts[0]))) refuse(`没有名称 ${path.original.slice(0, 40)}`);
  }
  for (const [name, value] of Object.entries(one)) if (name !== 'loc') checkNodes(part, value);
}

const TAGS =
  /^<\/?(?:p|br|b|strong|span|div|a|ol|ul|li|table|tbody|thead|tr|td|th|h[1-3]|hr)((?: [a-z]+="[^"<>]*")*) ?\/?>/;
const ATTRIBUTES =
  /^(?:style|href|lang|role|width|height|cellpadding|cellspacing|border|bgcolor|align|valign|colspan)$/;
/** A link leads where the product says, or to an address that stands in the words. */
const HREF = /^(?:\uE001(?:#[a-z]+)?$|https:\/\/[^\uE000\uE001]|mailto:|tel:)/;

/** Attack: markup in which a script, a frame, a picture from elsewhere or a form could hide. */
function checkMarkup(source: string): void {
  // A mustache becomes one character, so that quotes inside it are not the tag's; a link's own is told apart.
  const forged = source.search(/[\uE000\uE001]/);
  if (forged >= 0)
    throw new WordsFault('html', source.slice(0, forged).split('\n').length, '有不能识别的字符');
  const plain = source.replaceAll(/\{\{[^{}]*\}\}/g, (tag) => {
    const mark = /^\{\{(?:link|console|follow)\}\}$/.test(tag) ? '\uE001' : '\uE000';
    return mark + '\n'.repeat(tag.split('\n').length - 1);
  });
  for (let at = plain.indexOf('<'); at >= 0; at = plain.indexOf('<', at + 1)) {
    const line = plain.slice(0, at).split('\n').length;
    const tag = TAGS.exec(plain.slice(at));
    if (!tag)
      throw new WordsFault(
        'html',
        line,
        `不允许 ${plain.slice(at, at + 20).replaceAll(/[\uE000\uE001\n]/g, ' ')}`,
      );
    for (const [, name = '', value = ''] of (tag[1] ?? '').matchAll(/ ([a-z]+)="([^"]*)"/g)) {
      if (!ATTRIBUTES.test(name)) throw new WordsFault('html', line, `不允许属性 ${name}`);
      if (name === 'href' && !HREF.test(value))
        throw new WordsFault('html', line, '网址只能是 {{link}} 或 https 网址');
      if (name === 'style' && /url|expression|import|position|behavior|\\|\uE000|\uE001/i.test(value))
        throw new WordsFault('html', line, '样式里不能有外部内容');
    }
  }
}

/** What must be said and how it is called, with the values that it has in the sample. */
function obligations(kind: MailKind): readonly { readonly what: string; readonly value: string }[] {
  const view = sampleViews[kind] as unknown as Readonly<Record<string, unknown>>;
  const office = view['office'] as { readonly person?: string; readonly phone?: string } | undefined;
  const due = view['due'] as DueView | { readonly term: never } | undefined;
  const of = (what: string, value: unknown) =>
    typeof value === 'string' && value !== '' ? [{ what, value }] : [];
  return [
    ...of('办理网址（{{link}}）', view['link']),
    ...of('控制台网址（{{console}}）', view['console']),
    ...of('查询网址（{{follow}}）', view['follow']),
    ...of('查询码（{{code}}）', view['code']),
    ...of('编号（{{no}}）', view['no']),
    ...of('文号（{{documentNumber}}）', view['documentNumber']),
    ...of('回执编号（{{receipt}}）', view['receipt']),
    ...of('期限（{{dueLine due}}）', due && 'deadline' in due ? wording.due(due.deadline.at) : undefined),
    ...of(
      '期限（{{dueLine due}}）',
      due && 'term' in due ? t('word.fromReceipt', { term: wording.term(due.term) }) : undefined,
    ),
    ...of('联系人（{{office.person}}）', office?.person),
    ...of('联系电话（{{office.phone}}）', office?.phone),
    ...of('回复提示行（{{> sign}}）', t('mail.replyLine')),
    ...(Array.isArray(view['rows'])
      ? (view['rows'] as readonly Record<string, unknown>[]).flatMap((row) =>
          of('每一行的网址（{{link}}）', row['link']),
        )
      : []),
  ];
}

/** What the shipped mail says of these, the office's own must say too, in both parts. */
function checkSaid(kind: MailKind, words: MailWords): void {
  const view = sampleViews[kind];
  const shipped = renderWords(shippedMail(kind), view);
  const own = trial(words, view);
  if (own.subject.trim() === '') throw new WordsFault('text', 1, '第一行应为主题');
  for (const { what, value } of obligations(kind)) {
    if (shipped.subject.includes(value) && !own.subject.includes(value))
      throw new WordsFault('text', 1, `主题里不能没有${what}`);
    if (shipped.text.includes(value) && !own.text.includes(value))
      throw new WordsFault('text', 0, `纯文本部分不能没有${what}`);
    const escaped = Handlebars.escapeExpression(value);
    if (shipped.html.includes(escaped) && !own.html.includes(escaped))
      throw new WordsFault('html', 0, `网页部分不能没有${what}`);
    if (value.startsWith('https://') && own.text.includes(value) && shipped.text.split('\n').includes(value))
      if (!own.text.split('\n').includes(value))
        throw new WordsFault('text', 0, `${what}要单独占一行，前后没有空格`);
  }
  if (Buffer.byteLength(own.html) > 60 * 1024) throw new WordsFault('html', 0, '网页部分不得超过60 KB');
}

function trial(words: MailWords, view: unknown) {
  const tried = (part: Part, pair: MailWords) => {
    try {
      return renderWords(pair, view);
    } catch (error) {
      throw new WordsFault(part, 0, `不能按示例内容生成：${(error as Error).message.slice(0, 120)}`);
    }
  };
  tried('text', { ...words, html: '' });
  return tried('html', words);
}
