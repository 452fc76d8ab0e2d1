import type { DocumentKind } from '../domain/document.ts';
import { Refusal } from '../domain/refusals.ts';
import { CONTRACTS, type DocumentView, LISTS, ROW_NAMES } from './views.ts';

/**
 * The language of an office's templates: words, {{name}}, {{#if name}} … {{else}} … {{/if}}, {{#each list}} … {{/each}}, with names of the kind's contract.
 * No code runs in it: it has no calls, no paths and no partials, and a name is one of a list or it is refused.
 */
type Node =
  | { readonly is: 'text'; readonly text: string }
  | { readonly is: 'name'; readonly name: string }
  | { readonly is: 'if'; readonly name: string; readonly yes: readonly Node[]; readonly no: readonly Node[] }
  | { readonly is: 'each'; readonly list: string; readonly body: readonly Node[] };

export interface Template {
  readonly nodes: readonly Node[];
  /** Every name that it uses, rows' as list.name. */
  readonly names: readonly string[];
}

/** Where a template is wrong, for the person who wrote it. */
export class TemplateFault extends Refusal {
  readonly line: number;
  constructor(line: number, sentence: string) {
    super('template-invalid', `第${line}行：${sentence}`, '/source');
    this.line = line;
  }
}

export const LONGEST_SOURCE = 20_000;
/** Nodes that one paper may take to draft, and characters it may have. */
const MOST_STEPS = 20_000;
const MOST_CHARACTERS = 200_000;

interface Token {
  readonly kind: 'text' | 'tag';
  readonly text: string;
  readonly line: number;
}

/** Reads a template against its kind's contract; throws at the first fault with its line. */
export function readTemplate(kind: DocumentKind, source: string): Template {
  if (source.length > LONGEST_SOURCE) throw new TemplateFault(1, `模板不得超过${LONGEST_SOURCE}字`);
  const names = new Set<string>();
  const reader = new Reader(tokensOf(source), new Set<string>(CONTRACTS[kind]), names);
  const nodes = reader.until([]);
  const [title] = source.split('\n');
  if ((title ?? '').trim() === '') throw new TemplateFault(1, '第一行应为标题');
  return { nodes, names: [...names] };
}

function tokensOf(source: string): readonly Token[] {
  const tokens: Token[] = [];
  let line = 1;
  let at = 0;
  const pass = (text: string): void => {
    line += text.split('\n').length - 1;
  };
  while (at < source.length) {
    const open = source.indexOf('{{', at);
    const text = source.slice(at, open < 0 ? undefined : open);
    const stray = text.indexOf('}}');
    if (stray >= 0) throw new TemplateFault(line + text.slice(0, stray).split('\n').length - 1, '多出了 }}');
    if (text !== '') tokens.push({ kind: 'text', text, line });
    pass(text);
    if (open < 0) break;
    const close = source.indexOf('}}', open);
    const inner = source.slice(open + 2, close < 0 ? undefined : close);
    if (close < 0 || inner.includes('\n')) throw new TemplateFault(line, '{{ 没有在本行内以 }} 结束');
    if (/[{}]/.test(inner) || source[close + 2] === '}') throw new TemplateFault(line, '只能用两层花括号');
    tokens.push({ kind: 'tag', text: inner.trim(), line });
    at = close + 2;
  }
  return tokens;
}

const NAME = /^[a-z][A-Za-z]{0,40}$/;

class Reader {
  private readonly tokens: readonly Token[];
  private readonly contract: ReadonlySet<string>;
  private readonly used: Set<string>;
  private at = 0;
  private list: keyof typeof LISTS | undefined;

  constructor(tokens: readonly Token[], contract: ReadonlySet<string>, used: Set<string>) {
    this.tokens = tokens;
    this.contract = contract;
    this.used = used;
  }

  /** The nodes up to one of the tags that may end them; the tag itself stays. */
  until(ends: readonly string[], opened?: Token): readonly Node[] {
    const nodes: Node[] = [];
    for (;;) {
      const token = this.tokens[this.at];
      if (!token) {
        if (opened) throw new TemplateFault(opened.line, `{{${opened.text}}} 没有结束`);
        return nodes;
      }
      if (token.kind === 'tag' && ends.includes(token.text)) return nodes;
      this.at += 1;
      nodes.push(token.kind === 'text' ? { is: 'text', text: token.text } : this.tag(token));
    }
  }

  private tag(token: Token): Node {
    const [word = '', name = '', ...more] = token.text.split(/\s+/);
    if (word === '#if' && more.length === 0) return this.choice(token, name);
    if (word === '#each' && more.length === 0) return this.loop(token, name);
    if (name !== '' || !NAME.test(word))
      throw new TemplateFault(token.line, `不能识别 {{${token.text.slice(0, 60)}}}`);
    if (this.isList(word)) throw new TemplateFault(token.line, `${word} 是一组，应写 {{#each ${word}}}`);
    this.use(token, word);
    return { is: 'name', name: word };
  }

  private choice(token: Token, name: string): Node {
    if (this.isList(name) && this.contract.has(name)) this.used.add(name);
    else this.use(token, name);
    const yes = this.until(['else', '/if'], token);
    let no: readonly Node[] = [];
    if (this.take(token) === 'else') {
      no = this.until(['/if'], token);
      this.take(token);
    }
    return { is: 'if', name, yes, no };
  }

  private loop(token: Token, name: string): Node {
    if (!this.isList(name) || !this.contract.has(name))
      throw new TemplateFault(token.line, `没有名为 ${name.slice(0, 40)} 的一组内容`);
    if (this.list !== undefined) throw new TemplateFault(token.line, '{{#each}} 里不能再有 {{#each}}');
    this.used.add(name);
    this.list = name as keyof typeof LISTS;
    const body = this.until(['/each'], token);
    this.take(token);
    this.list = undefined;
    return { is: 'each', list: name, body };
  }

  private take(opened: Token): string {
    const token = this.tokens[this.at];
    if (!token) throw new TemplateFault(opened.line, `{{${opened.text}}} 没有结束`);
    this.at += 1;
    return token.text;
  }

  private isList(name: string): boolean {
    return Object.hasOwn(LISTS, name);
  }

  /** Invariant: a name that is not in the contract never reaches a look-up. */
  private use(token: Token, name: string): void {
    if (this.list !== undefined) {
      if ((ROW_NAMES as readonly string[]).includes(name)) return;
      if ((LISTS[this.list] as readonly string[]).includes(name)) {
        this.used.add(`${this.list}.${name}`);
        return;
      }
    }
    if (!this.contract.has(name)) throw new TemplateFault(token.line, `没有名称 ${name.slice(0, 40)}`);
    this.used.add(name);
  }
}

/** What stands where a value is missing; a paper that has one is not signed. */
export const TO_FILL = '〔待填写〕';

type Values = Readonly<Record<string, unknown>>;

/** Drafts by a template; values are text and nothing else. */
export function fillTemplate(template: Template, view: DocumentView): string {
  const budget = { steps: MOST_STEPS, characters: MOST_CHARACTERS };
  return fill(template.nodes, [view as Values], budget);
}

function fill(
  nodes: readonly Node[],
  stack: readonly Values[],
  budget: { steps: number; characters: number },
): string {
  let out = '';
  for (const node of nodes) {
    budget.steps -= 1;
    const part = fillOne(node, stack, budget);
    if (node.is === 'text' || node.is === 'name') budget.characters -= part.length;
    if (budget.steps < 0 || budget.characters < 0)
      throw new Refusal('template-invalid', '模板产生的内容过长', '/source');
    out += part;
  }
  return out;
}

function fillOne(
  node: Node,
  stack: readonly Values[],
  budget: { steps: number; characters: number },
): string {
  switch (node.is) {
    case 'text':
      return node.text;
    case 'name':
      return textOf(valueOf(stack, node.name));
    case 'if':
      return fill(isThere(valueOf(stack, node.name)) ? node.yes : node.no, stack, budget);
    case 'each': {
      const rows = valueOf(stack, node.list);
      if (!Array.isArray(rows) || rows.length === 0) return TO_FILL;
      return rows
        .map((row: Values, i) => {
          const numbers = { n: String(i + 1), ordinal: ordinal(i + 1), after: i > 0 ? '、' : '' };
          return fill(node.body, [...stack, { ...row, ...numbers }], budget);
        })
        .join('');
    }
  }
}

function valueOf(stack: readonly Values[], name: string): unknown {
  const holder = stack.findLast((values) => Object.hasOwn(values, name));
  return holder?.[name];
}

const textOf = (value: unknown): string =>
  typeof value === 'string' && value !== '' ? value.replaceAll(/[\r\n\u2028\u2029]+/g, ' ') : TO_FILL;

const isThere = (value: unknown): boolean => (Array.isArray(value) ? value.length > 0 : typeof value === 'string' && value !== ''); // prettier-ignore

const DIGITS = '零一二三四五六七八九';

/** 1 → 一, 12 → 十二, 30 → 三十 */
function ordinal(n: number): string {
  if (n < 10) return DIGITS[n] ?? '';
  if (n >= 100) return String(n);
  const tens = Math.floor(n / 10);
  return `${tens === 1 ? '' : DIGITS[tens]}十${n % 10 === 0 ? '' : DIGITS[n % 10]}`;
}
