import type { Page } from 'playwright-core';
import { CONSOLE_ROUTES } from '../../api/pages/console.ts';
import type { Found } from './tour.ts';

/** One form of a page that sends something, as a browser without scripts would read it. */
export interface PageForm {
  /** Path that it is sent to, and the route that answers there. */
  readonly action: string;
  readonly route: string;
  /** Path of the page that it was found on. */
  readonly at: string;
  readonly files: boolean;
  /** Whether it has a button: one that has none is there to be read. */
  readonly sends: boolean;
  readonly fields: readonly Field[];
}

interface Field {
  readonly name: string;
  readonly type: string;
  readonly value: string;
  readonly values: readonly string[];
  readonly labelled: boolean;
}

/** Reads every form of a page with what a person may write into it; runs in the browser. */
const FORMS = `(html) => [...new DOMParser().parseFromString(html, 'text/html').querySelectorAll('form[method=post]')].flatMap((form) =>
  [form, ...form.querySelectorAll('button[formaction]')].map((one) => one.getAttribute('formaction') ?? one.getAttribute('action') ?? '').map((action) => ({
  action,
  files: form.enctype === 'multipart/form-data',
  sends: form.querySelector('button:not([type=button])') !== null,
  fields: [...form.elements].filter((one) => one.name && one.type !== 'submit' && !one.closest('[aria-hidden=true]')).map((one) => ({
    name: one.name,
    type: one.tagName === 'SELECT' ? 'select' : one.type,
    value: one.value,
    values: one.tagName === 'SELECT' ? [...one.selectedOptions].map((own) => own.value) : one.checked ? [one.value] : [],
    labelled: one.labels?.length > 0 || one.hasAttribute('aria-label') || one.hasAttribute('aria-labelledby'),
  })),
})))`;

/** What a refused form says of itself, and of each of its faults; runs in the browser. */
const SAID = `(html) => {
  const page = new DOMParser().parseFromString(html, 'text/html');
  const summary = page.getElementById('errors');
  return {
    summary: summary?.textContent.trim() ?? '',
    focusable: summary?.tabIndex === -1,
    links: [...(summary?.querySelectorAll('a') ?? [])].map((link) => {
      const field = page.getElementById(link.hash.slice(1));
      const beside = page.getElementById(link.hash.slice(1) + '-error');
      return {
        words: link.textContent.trim(),
        leads: field !== null && field.closest('form') !== null,
        beside: beside?.textContent.trim() ?? '',
        told: field?.getAttribute('aria-describedby')?.includes(link.hash.slice(1) + '-error') ?? false,
        folded: field?.closest('details:not([open])') !== null,
      };
    }),
    plain: [...(summary?.querySelectorAll('li') ?? [])].filter((one) => !one.querySelector('a')).map((one) => one.textContent.trim()),
  };
}`;

interface Said {
  readonly summary: string;
  readonly focusable: boolean;
  readonly links: readonly {
    readonly words: string;
    readonly leads: boolean;
    readonly beside: string;
    readonly told: boolean;
    readonly folded: boolean;
  }[];
  /** Faults that lead nowhere. */
  readonly plain: readonly string[];
}

const inPage = <T>(page: Page, work: string, html: string): Promise<T> =>
  page.evaluate<T>(`(${work})(${JSON.stringify(html)})`);

const saidOf = (page: Page, html: string): Promise<Said> => inPage(page, SAID, html);

const POSTS = CONSOLE_ROUTES.filter((one) => one.method === 'post').map(({ path }) => ({
  route: path,
  reads: new RegExp(`^/console${path.replaceAll(/:\w+/g, '[^/]+')}$`),
}));

/** Every address of the console that a form is sent to. */
export const SENT_TO: readonly string[] = POSTS.map((one) => one.route);

export async function formsIn(page: Page, { path, html }: Pick<Found, 'path' | 'html'>): Promise<PageForm[]> {
  const forms = await inPage<Omit<PageForm, 'route' | 'at'>[]>(page, FORMS, html);
  return forms.map((form) => {
    const action = form.action.split('?')[0] ?? '';
    return {
      ...form,
      action,
      route: POSTS.find(({ reads }) => reads.test(action))?.route ?? action,
      at: path,
    };
  });
}

/** Forms that ask for the same in the same place, whatever they are about. */
export const kindOf = ({ route, fields }: PageForm): string =>
  [
    route,
    fields.find((one) => one.name === 'form')?.value ?? '',
    ...new Set(fields.filter(typed).map((one) => one.name.replace(/\d+$/, '*').replace(/\[.*?\]/, '[*]'))),
  ].join(' ');

const HIDDEN = new Set(['hidden', 'submit', 'button', 'file', 'fieldset']);
const typed = (field: Field): boolean => !HIDDEN.has(field.type);
const WORDS = new Set(['text', 'textarea', 'email', 'tel', 'search', 'url', 'password']);

/** Name of the field that takes a file, where there is one. */
const fileField = ({ fields }: PageForm): string | undefined =>
  fields.find((one) => one.type === 'file')?.name;

/** Fields that a person writes into. */
export const written = ({ fields }: PageForm): readonly Field[] =>
  fields.filter((one) => WORDS.has(one.type) || one.type === 'number' || one.type === 'date');

const unlabelled = ({ fields }: PageForm): string[] =>
  fields.filter((one) => typed(one) && !one.labelled).map((one) => `no label: ${one.name}`);

/** What no field can take for its own: marks, a formula, letters that turn the direction, and one that is no letter. */
const NASTY = "=1+1 \"<b id='x'>甲</b>&amp;\u202E乙\0";
/** How it is shown again. */
const plain = (words: string): string => words.replaceAll(/[\0\uFFFD]|\p{Bidi_Control}/gu, '').trim();

/** Every field of a form filled in with what cannot be taken. */
export function filledBadly(form: PageForm): [string, string][] {
  const seen = new Set<string>();
  return form.fields.flatMap((field): [string, string][] => {
    const { name, type, value, values } = field;
    if (type === 'hidden') return [[name, value]];
    if (type === 'password') return [[name, 'x']];
    if (WORDS.has(type)) return [[name, `${NASTY}${name}`]];
    if (type === 'number') return [[name, '987654321']];
    if (type === 'date') return [[name, '1905-03-07']];
    if (type === 'select') return values.map((one) => [name, one]);
    if (type !== 'checkbox' && type !== 'radio') return [];
    if (type === 'radio' && seen.has(name)) return [];
    seen.add(name);
    return [[name, value]];
  });
}

/** What of a form that came back is not as it was sent. */
function lost(back: PageForm | undefined, sent: readonly (readonly [string, string])[]): string[] {
  if (!back) return ['the form is not there any more'];
  return back.fields.flatMap((field) => {
    const given = sent.filter(([name]) => name === field.name).map(([, value]) => value);
    if (field.type === 'password') return field.value === '' ? [] : [`a password is shown: ${field.name}`];
    if (field.type === 'checkbox' || field.type === 'radio')
      return given.includes(field.value) === field.values.length > 0 ? [] : [`not kept: ${field.name}`];
    if (!typed(field) || given.length === 0) return [];
    return given.some((one) => plain(one) === plain(field.value)) ? [] : [`not kept: ${field.name}`];
  });
}

/** What is wrong with how a refusal is said. */
function unsaid(said: Said): string[] {
  if (said.summary === '') return ['no summary'];
  return [
    ...(said.focusable ? [] : ['the summary takes no focus']),
    ...said.links.flatMap((link) => [
      ...(link.leads ? [] : [`leads nowhere: ${link.words}`]),
      ...(link.folded ? [`leads to what is folded in: ${link.words}`] : []),
      ...(link.beside === '' ? [`not said beside its field: ${link.words}`] : []),
      ...(link.told ? [] : [`its field does not name it: ${link.words}`]),
    ]),
  ];
}

/** Where a form is sent, and by whom. */
interface Sending {
  readonly origin: string;
  readonly cookies?: string;
  readonly lang?: 'zh' | 'en';
}

/** Sends a form as a browser without scripts does, as somebody who is signed in or, without cookies, no more. */
export async function send(
  form: PageForm,
  fields: readonly (readonly [string, string])[],
  { origin, cookies = '', lang = 'zh' }: Sending,
): Promise<{ status: number; html: string }> {
  const body = form.files ? new FormData() : new URLSearchParams();
  for (const [name, value] of fields) body.append(name, value);
  if (body instanceof FormData) body.append(fileField(form) ?? 'file', new Blob(['甲']), '表.csv');
  const answer = await fetch(`${origin}${form.action}?lang=${lang}`, {
    method: 'POST',
    body,
    headers: { Cookie: cookies },
    redirect: 'manual',
  });
  return { status: answer.status, html: await answer.text() };
}
/** What is wrong with how a form that was filled in badly comes back. */
export async function judgeForm(page: Page, form: PageForm, sending: Sending): Promise<string[]> {
  if (written(form).length === 0) return unlabelled(form);
  const sent = filledBadly(form);
  const back = await send(form, sent, sending);
  const english = await saidOf(page, (await send(form, sent, { ...sending, lang: 'en' })).html);
  await send(form, sent, sending);
  const again = (await formsIn(page, { path: form.at, html: back.html })).find(
    (one) => one.action === form.action && kindOf(one) === kindOf(form),
  );
  return [
    ...unlabelled(form),
    ...([401, 404, 409, 422, 429].includes(back.status) ? [] : [`answers ${back.status}`]),
    ...lost(again, sent),
    ...unsaid(await saidOf(page, back.html)),
    ...(/\p{Script=Han}/u.test(english.summary) ? [`in English: ${english.summary}`] : []),
  ];
}
