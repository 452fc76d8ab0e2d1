import Handlebars from 'handlebars';
import { unturned } from '../../mail/render.ts';

/** A form as a person sent it, and what is wrong with it. */
export interface SentForm {
  /** Path that the form is sent to. */
  readonly action: string;
  readonly body: Readonly<Record<string, unknown>>;
  /** In the order of the page's summary, which links to `#fault-<n>`. */
  readonly faults: readonly { readonly pointer: string; readonly detail: string }[];
}

interface Tag {
  readonly name: string;
  readonly closes: boolean;
  readonly from: number;
  readonly to: number;
  readonly source: string;
}

interface Edit {
  readonly from: number;
  readonly to: number;
  readonly text: string;
}

const TAGS = /<(\/?)(form|fieldset|details|input|textarea|select|option|button)\b((?:[^>"]|"[^"]*")*)>/g;
const escaped = (words: string): string => Handlebars.escapeExpression(unturned(words));

/** Our own templates quote every attribute and escape every value, so a tag ends where it seems to end. */
const tagsOf = (html: string): Tag[] =>
  [...html.matchAll(TAGS)].map((found) => ({
    name: found[2] ?? '',
    closes: found[1] === '/',
    from: found.index,
    to: found.index + found[0].length,
    source: found[0],
  }));

const attribute = ({ source }: Tag, name: string): string | undefined =>
  new RegExp(`\\s${name}="([^"]*)"`).exec(source)?.[1];
const has = ({ source }: Tag, name: string): boolean => new RegExp(`\\s${name}(?=[\\s=>])`).test(source);

/** The page with the form as it was sent: every field filled in again, what is wrong beside its field, and the summary's links leading there. A page without that form stays as it is. */
export function asSent(html: string, sent: SentForm): string {
  const tags = tagsOf(html);
  const form = formOf(tags, sent);
  if (!form) return unlinked(html);
  const around = openedAround(tags, form.from);
  const typed = form.tags.flatMap((tag, n) =>
    refilled(tag, { html, next: form.tags[n + 1], tags: form.tags, sent }),
  );
  const marked = sent.faults.map((fault) => marks(fault, { html, tags: form.tags }));
  const first = marked.filter(
    (one, n) => one.id === undefined || marked.findIndex((other) => other.id === one.id) === n,
  );
  const edits = [...around, ...typed, ...first.flatMap((one) => one.edits)];
  return linked(
    applied(html, edits),
    marked.map((one) => one.id),
  );
}

/** Whether a page still has the form that was sent. */
export const holdsForm = (html: string, sent: SentForm): boolean => formOf(tagsOf(html), sent) !== undefined;

interface Form {
  readonly from: number;
  readonly tags: readonly Tag[];
}

function formOf(tags: readonly Tag[], { action, body }: SentForm): Form | undefined {
  const which = typeof body['form'] === 'string' ? escaped(body['form']) : undefined;
  return tags
    .flatMap((tag, n) => (tag.name === 'form' && !tag.closes ? [n] : []))
    .map((n) => {
      const end = tags.findIndex((tag, i) => i > n && tag.name === 'form' && tag.closes);
      return { from: (tags[n] as Tag).from, own: tags[n] as Tag, tags: tags.slice(n + 1, end) };
    })
    .filter((form) =>
      [attribute(form.own, 'action'), ...form.tags.map((tag) => attribute(tag, 'formaction'))].some(
        (one) => one?.split('?')[0] === escaped(action),
      ),
    )
    .find(
      (form) =>
        which === undefined ||
        form.tags.some((tag) => attribute(tag, 'name') === 'form' && attribute(tag, 'value') === which),
    );
}

/** What the form lies folded in must not hide it. */
function openedAround(tags: readonly Tag[], at: number): Edit[] {
  const open: Tag[] = [];
  for (const tag of tags.filter((one) => one.name === 'details' && one.from < at))
    if (tag.closes) open.pop();
    else open.push(tag);
  return open.filter((tag) => !has(tag, 'open')).map((tag) => added(tag, ' open'));
}

const added = (tag: Tag, words: string): Edit => ({ from: tag.to - 1, to: tag.to - 1, text: words });

const listed = (value: unknown): string[] =>
  (Array.isArray(value) ? value : [value]).filter((one): one is string => typeof one === 'string');

interface Place {
  readonly html: string;
  readonly next: Tag | undefined;
  readonly tags: readonly Tag[];
  readonly sent: SentForm;
}

const KEPT_BACK = new Set(['hidden', 'password', 'file', 'submit', 'button']);

function refilled(tag: Tag, { next, tags, sent: { body } }: Place): Edit[] {
  if (tag.closes) return [];
  if (tag.name === 'option') return chosen(tag, listed(body[selectOf(tags, tag)]), body[selectOf(tags, tag)]);
  const name = attribute(tag, 'name') ?? '';
  const said = body[name];
  if (tag.name === 'textarea')
    return typeof said === 'string' && next
      ? [{ from: tag.to, to: next.from, text: `\n${escaped(said)}` }]
      : [];
  if (tag.name !== 'input') return [];
  const type = attribute(tag, 'type') ?? 'text';
  if (KEPT_BACK.has(type)) return [];
  if (type === 'checkbox' || type === 'radio')
    return switched(tag, 'checked', listed(said).includes(plain(attribute(tag, 'value') ?? 'on')));
  if (typeof said !== 'string') return [];
  const value = / value="[^"]*"/.exec(tag.source);
  const at = tag.from + (value?.index ?? tag.source.length - 1);
  return [{ from: at, to: at + (value?.[0].length ?? 0), text: ` value="${escaped(said)}"` }];
}

const plain = (value: string): string =>
  value
    .replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>')
    .replaceAll('&quot;', '"')
    .replaceAll('&#x27;', "'")
    .replaceAll('&#x3D;', '=')
    .replaceAll('&#x60;', '`')
    .replaceAll('&amp;', '&');

function selectOf(tags: readonly Tag[], option: Tag): string {
  const before = tags.filter((one) => one.name === 'select' && !one.closes && one.from < option.from);
  const last = before.at(-1);
  return last ? (attribute(last, 'name') ?? '') : '';
}

const chosen = (tag: Tag, picked: readonly string[], said: unknown): Edit[] =>
  said === undefined ? [] : switched(tag, 'selected', picked.includes(plain(attribute(tag, 'value') ?? '')));

function switched(tag: Tag, name: string, on: boolean): Edit[] {
  if (has(tag, name) === on) return [];
  if (on) return [added(tag, ` ${name}`)];
  const found = new RegExp(`\\s${name}(="[^"]*")?(?=[\\s>])`).exec(tag.source);
  return found
    ? [{ from: tag.from + found.index, to: tag.from + found.index + found[0].length, text: '' }]
    : [];
}

/** Names under which a form may ask for what a pointer of the API names. */
function namesFor(pointer: string): string[] {
  const [whole = '', n = '', part = ''] = pointer.split('/').slice(1);
  return /^\d+$/.test(n)
    ? [`${part}${n}`, `${part}-${n}`, `${whole}${n}`, whole]
    : [n, whole, n === '' ? '' : `${whole}-${n}`].filter((one) => one !== '').toReversed();
}

/** Puts a sentence before its field, where the template has not put one, and names the field's id. */
function marks(
  { pointer, detail }: SentForm['faults'][number],
  { html, tags }: { readonly html: string; readonly tags: readonly Tag[] },
): { readonly id?: string; readonly edits: Edit[] } {
  const field = namesFor(pointer)
    .map((name) =>
      tags.find(
        (tag) => !tag.closes && attribute(tag, 'name') === name && attribute(tag, 'type') !== 'hidden',
      ),
    )
    .find((tag) => tag !== undefined);
  if (!field) return { edits: [] };
  const own = attribute(field, 'id');
  const id = own ?? `fault-of-${attribute(field, 'name') ?? ''}`;
  const naming = own === undefined ? [added(field, ` id="${id}"`)] : [];
  const invalid = has(field, 'aria-invalid') ? [] : [added(field, ' aria-invalid="true"')];
  const told = [...naming, ...invalid, ...described(field, id)];
  if (html.includes(`id="${id}-error"`)) return { id, edits: told };
  const said = `<p class="error" id="${id}-error">${escaped(detail)}</p>`;
  const nameless = `<p class="error">${escaped(detail)}</p>`;
  const there = html.indexOf(nameless);
  const at = there === -1 ? beforeLine(html, field, tags) : there;
  return { id, edits: [...told, { from: at, to: there === -1 ? at : at + nameless.length, text: said }] };
}

/** What is wrong is read out with the hint that is there already. */
function described(field: Tag, id: string): Edit[] {
  const hint = / aria-describedby="([^"]*)"/.exec(field.source);
  if (!hint) return [added(field, ` aria-describedby="${id}-error"`)];
  if (hint[1]?.split(' ').includes(`${id}-error`)) return [];
  const from = field.from + hint.index;
  return [{ from, to: from + hint[0].length, text: ` aria-describedby="${hint[1]} ${id}-error"` }];
}

/** A sentence stands before a row of choices, not among them. */
function beforeLine(html: string, field: Tag, tags: readonly Tag[]): number {
  const type = attribute(field, 'type');
  const wrap = html.lastIndexOf('<div', field.from);
  const row =
    type === 'checkbox' || type === 'radio' || html.slice(wrap, field.from).startsWith('<div class="inline"');
  const before = tags.filter((one) => one.from < field.from).at(-1)?.to ?? 0;
  return row && wrap > before - 200 && wrap !== -1 ? wrap : field.from;
}

function applied(html: string, edits: readonly Edit[]): string {
  return edits
    .map((edit, n) => ({ ...edit, n }))
    .toSorted((a, b) => b.from - a.from || b.n - a.n)
    .reduce((so, { from, to, text }) => so.slice(0, from) + text + so.slice(to), html);
}

const linked = (html: string, ids: readonly (string | undefined)[]): string =>
  unlinked(
    ids.reduce<string>(
      (so, id, n) => (id === undefined ? so : so.replace(`href="#fault-${n}"`, `href="#${id}"`)),
      html,
    ),
  );

/** A fault that has no field of its own is a sentence without a link. */
const unlinked = (html: string): string => html.replaceAll(/<a href="#fault-\d+">([^<]*)<\/a>/g, '$1');
