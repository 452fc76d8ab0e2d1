import type { TaskRecord } from '../../models/task.ts';
import { createHash, randomUUID } from 'node:crypto';
import type { Request, Response } from 'express';
import { localDate, workdaysBetween, type Calendar } from '../../domain/calendar.ts';
import { stamp } from '../../domain/clock.ts';
import type { Deadline } from '../../domain/deadline.ts';
import { monthOf } from '../../domain/plan.ts';
import { home } from '../../home.ts';
import { createTemplates, type Speech, type Templates } from '../../mail/render.ts';
import type { Helpers } from '../../mail/template-words.ts';
import { HTML_LANG, createTranslators, type Lang, type Translate } from '../../mail/translator.ts';
import type { DueView, UnstartedView } from '../../mail/views.ts';
import type { Actor, Rule } from '../access.ts';
import type { ApiDeps } from '../deps.ts';
import { TITLES } from '../problem-titles.ts';
import { type FieldError, Problem, fieldErrors, notFound, parse } from '../problem.ts';
import type { RouteSpec } from '../route.ts';
import { admitBody, admitCall, admitFound, withinLine } from '../line.ts';
import { withoutNames } from '../nameless.ts';
import { KEEPERS } from '../routes/accounts.ts';
import { HELD } from '../../models/incoming-mail.ts';
import { csrfToken } from '../session.ts';
import { pathOf, takeDraft } from './console-draft.ts';
import { asSent, holdsForm } from './sent-form.ts';
import { typedWords } from './typed-words.ts';
import type { SentTable } from '../uploads.ts';
import { pageHelpers } from './render.ts';

/** One request to the console by a person who is signed in. */
export interface Visit {
  readonly deps: ApiDeps;
  readonly req: Request;
  readonly res: Response;
  readonly actor: Actor;
  readonly lang: Lang;
  readonly t: Translate;
  readonly params: Readonly<Record<string, string>>;
  readonly query: Readonly<Record<string, string>>;
  readonly body: Readonly<Record<string, unknown>>;
  /** The same for a form that is sent twice: nothing is done twice. */
  readonly key: string;
  /** The table that came with the form, where its address takes one. */
  readonly table?: SentTable;
  /** Why the form that was sent cannot be taken; what was typed is in `body`. */
  readonly problem?: Problem;
}

/** A page to show. */
export interface Page {
  readonly page: string;
  readonly view: Readonly<Record<string, unknown>>;
  readonly title: string;
  /** Path of the page itself, where a form's answer shows it under another. */
  readonly path?: string;
  /** A piece of a page that is open already: nothing stands around it. */
  readonly bare?: true;
}

/** Where to go after something was done, and the sentence that says so. */
export interface Done {
  readonly to: string;
  readonly said: string;
}

/** One address of the console: its rule and its work. */
export interface ConsoleRoute {
  readonly method: 'get' | 'post';
  readonly path: string;
  readonly rule: Rule;
  /** Whether it is there for accounts of a line; what it shows is held to it by the calls of the API that it makes. */
  readonly line?: true;
  readonly work: (visit: Visit) => Promise<Page | Done | undefined>;
  /** The page on which a form that cannot be taken comes back filled in. */
  readonly again?: (visit: Visit) => Promise<Page>;
  /** Concerns nothing but the account that is signed in: open to all of them, before a second step that is due too. */
  readonly own?: true;
  /** Its answer is a page or a file, with a secret that is shown once or the outcome of a try, kept nowhere: a second press gets the page of the first, and a later sending is another. */
  readonly shownOnce?: true;
  /** Takes a form with one table as its `file`; removed when it is answered. */
  readonly takesTable?: true;
}

const translators = createTranslators(home);
export const translate = (lang: Lang): Translate => translators[lang];

let own: Templates | undefined;

/** Renders templates/pages/console-<name>.hbs with escaped values. */
export function renderConsole(name: string, view: Readonly<Record<string, unknown>>, lang: Lang): string {
  own ??= createTemplates(home, (speech) => ({ ...pageHelpers(speech), ...consoleHelpers(speech) }));
  return own.page(`console-${name}`, lang)(view);
}

/** The words that only the console needs. */
function consoleHelpers({ lang, t, wording }: Speech): Helpers {
  return {
    phaseName: (phase: string) => phaseName(phase, t),
    typed: (body: Record<string, unknown> | undefined, name: string) => text(body?.[name]),
    faultAt: (problem: Problem | undefined, pointer: string) =>
      problem?.errors.find((error) => error.pointer.startsWith(pointer))?.detail ?? '',
    pointer: (name: string) => `/${name}`,
    any: (...given: unknown[]) => given.slice(0, -1).some(Boolean),
    /** Words of the county's own are Chinese on an English page too. */
    tongue: (words: string) => (/\p{Script=Han}/u.test(words) ? 'zh-CN' : HTML_LANG[lang]),
    has: (list: readonly unknown[] | undefined, one: unknown) => list?.includes(one) ?? false,
    termOf: (term: Parameters<typeof wording.term>[0]) => wording.term(term),
    dueWhen: (at: string) => wording.due(at),
    problemTitle: (code: keyof typeof TITLES) => TITLES[code][lang],
    percent: (n: number, of: number) => (of === 0 ? 0 : Math.round((1_000 * n) / of)),
    clock: (at: string) => at.slice(11, 16),
    over: (n: number, most: number) => n > most,
  };
}

/** The phase of a task in words; a plan's is a month. */
function phaseName(phase: string, t: Translate): string {
  const month = monthOf(phase);
  return month === undefined
    ? t(`console.phase.${phase}`)
    : t(`console.phase.${phase.split('-')[0] ?? ''}Of`, { n: month });
}

export const text = (value: unknown): string => (typeof value === 'string' ? value : '');
export const list = (value: unknown): string[] =>
  Array.isArray(value)
    ? value.filter((one) => typeof one === 'string')
    : text(value) === ''
      ? []
      : [text(value)];

/** A number as typed; NaN says that it is none, and the API's own schema refuses it. */
export const number = (value: unknown): number =>
  text(value).trim() === '' ? Number.NaN : Number(text(value));

/** `{workdays}` or `{days}` from a number field and its unit. */
export const termFrom = (body: Readonly<Record<string, unknown>>, name: string): Record<string, number> => ({
  [text(body[`${name}Unit`]) === 'days' ? 'days' : 'workdays']: number(body[name]),
});

/** Escaped for a regular expression. */
export const literally = (value: string): RegExp =>
  new RegExp(value.replaceAll(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`), 'i');

/** A task's date, or its term where that has not begun. */
export const dueOf = (
  { due, own }: Pick<TaskRecord, 'due' | 'own'>,
  ...[calendar, now]: [Calendar, number]
): DueView | UnstartedView => (due ? dueView(due, calendar, now) : { term: own?.term ?? { days: 0 } });

export const dueView = (deadline: Deadline, calendar: Calendar, now: number): DueView => ({
  deadline,
  workdaysLeft: workdaysBetween(calendar, localDate(stamp(now)), localDate(deadline.at)),
});

/** The query of this page with some of it changed; empty values fall away. */
export function withQuery(
  path: string,
  query: Readonly<Record<string, string>>,
  changed: Readonly<Record<string, string>>,
): string {
  const kept = Object.entries({ ...query, ...changed }).filter(([, value]) => value !== '');
  return kept.length === 0 ? path : `${path}?${new URLSearchParams(kept).toString()}`;
}

/** Does what a call of the API does, with its own checks: the console has no rules of its own. */
export async function callRoute(
  visit: Visit,
  specs: readonly RouteSpec[],
  call: {
    readonly at: string;
    readonly params?: Readonly<Record<string, string>>;
    readonly body?: unknown;
    readonly query?: Readonly<Record<string, string>>;
    readonly ifMatch?: string;
    /** The kind of file that is wanted instead of JSON: the call sends it itself. */
    readonly accept?: string;
    /** How long it may take before it says where to look instead. */
    readonly prefer?: string;
  },
): Promise<unknown> {
  const spec = specs.find((one) => `${one.method} ${one.path}` === call.at);
  if (!spec) throw new Error(`no call ${call.at}`);
  const { deps, actor, lang, key, req, res, table } = visit;
  if (call.accept !== undefined) req.headers.accept = call.accept;
  if (call.prefer === undefined) delete req.headers['prefer'];
  else req.headers['prefer'] = call.prefer;
  if (!spec.rule.includes(actor.role)) throw new Problem(403, 'forbidden');
  admitCall(actor, spec.line);
  const params = call.params ?? visit.params;
  const found = spec.find ? await spec.find(deps, params) : undefined;
  if (found === null) throw notFound();
  admitFound(actor, spec.line, found);
  const asked = Object.entries(call.query ?? {}).filter(([, value]) => value !== '');
  const query = spec.query ? parse(spec.query, Object.fromEntries(asked), lang) : undefined;
  const body = spec.body ? parse(spec.body, call.body ?? {}, lang) : undefined;
  admitBody(actor, spec.line, body);
  if (spec.nameless) await withoutNames(deps, spec.nameless(found), body);
  const answer = await spec.work({
    deps,
    actor,
    params,
    body,
    query,
    found,
    within: withinLine(actor, spec.line),
    ifMatch: call.ifMatch ?? '',
    key,
    lang,
    req,
    res,
    ...(table ? { table } : {}),
  });
  return answer?.body;
}

/** Names a form's sending for ever: who, where, which form, what is in it. */
export function keyOf(actor: Actor, req: Request): string {
  const { _csrf: _secret, ...body } = (req.body ?? {}) as Record<string, unknown>;
  return `${actor.id}|console|${createHash('sha256')
    .update(JSON.stringify([req.path, body]))
    .digest('hex')}`;
}

/** A refusal in words: its title, and its detail where that says more. */
export function sentenceFor(
  problem: Problem,
  lang: Lang,
): { readonly title: string; readonly detail: string; readonly errors: readonly FieldError[] } {
  const title = TITLES[problem.code][lang];
  const own = problem.message === problem.code || problem.message === title ? '' : problem.message;
  const errors = fieldErrors(problem, lang).filter((one) => one.detail !== '');
  const beside = problem.errors.some((one) => one.detail === own) || (errors.length > 0 && lang === 'en');
  return { title, detail: beside ? '' : own, errors };
}

/** What stands above a form that cannot be taken; each of its errors is a link to its field. */
export interface Refusal {
  readonly title: string;
  readonly detail: string;
  readonly errors: readonly Pick<FieldError, 'pointer' | 'detail'>[];
}

interface Place {
  readonly name: string;
  readonly href: string;
  /** The key that goes there after g. */
  readonly go?: string;
  /** Everybody's where it is not given. */
  readonly rule?: Rule;
  /** Whether accounts of a line have it. */
  readonly line?: true;
}

const NAV: readonly Place[] = [
  { name: 'today', href: '/console', go: 't' },
  { name: 'campaigns', href: '/console/campaigns', go: 'c' },
  { name: 'clues', href: '/console/clues' },
  { name: 'cases', href: '/console/cases' },
  { name: 'accountabilities', href: '/console/accountabilities' },
  { name: 'plans', href: '/console/plans' },
  { name: 'fileReviews', href: '/console/file-reviews' },
  { name: 'ledger', href: '/console/ledger', go: 'l' },
  { name: 'warnings', href: '/console/warnings' },
  { name: 'acts', href: '/console/acts' },
  { name: 'appraisals', href: '/console/appraisals' },
  { name: 'statistics', href: '/console/statistics' },
  { name: 'reviews', href: '/console/reviews', go: 'r' },
  { name: 'inbox', href: '/console/inbox', go: 'i' },
  { name: 'agencies', href: '/console/agencies' },
  { name: 'units', href: '/console/units', line: true },
  { name: 'people', href: '/console/people', line: true },
  { name: 'calendar', href: '/console/calendar' },
  { name: 'templates', href: '/console/templates' },
  { name: 'accounts', href: '/console/accounts', rule: KEEPERS },
  { name: 'ops', href: '/console/ops' },
  { name: 'help', href: '/console/help' },
];

/** Everything around a page: who is here, where they can go, what has just happened. */
export async function framed(visit: Visit, page: Page): Promise<string> {
  const { deps, req, res, actor, lang, t, problem, body } = visit;
  if (page.bare) return renderConsole(page.page, page.view, lang);
  const [reviews, held, clues, warnings, now] = await Promise.all([
    deps.store.tasks.countDocuments({ state: 'inReview' }),
    deps.store.incoming.countDocuments({ disposition: { $in: HELD } }),
    deps.store.clues.countDocuments({ state: { $in: ['received', 'registered'] } }),
    deps.store.warnings.countDocuments({ state: 'open' }),
    deps.clock.now(),
  ]);
  const path = page.path ?? pathOf(req);
  const draft = req.method === 'GET' ? takeDraft(req) : undefined;
  const said = draft ? t('console.draft') : req.session.said;
  if (req.session.said !== undefined) delete req.session.said;
  const refusal = problem && ((page.view['refusal'] as Refusal | undefined) ?? sentenceFor(problem, lang));
  const counts: Record<string, number> = { reviews, inbox: held, clues, warnings };
  const shown = (keptWords: readonly string[]): string =>
    renderConsole(
      page.page,
      {
        keptWords,
        lang,
        title: page.title,
        nav: NAV.filter(
          ({ rule, line }) => (rule?.includes(actor.role) ?? true) && (line || !actor.line),
        ).map(({ name, href, go }) => ({
          name,
          href,
          go: go ?? '',
          n: counts[name] ?? 0,
          here: href === '/console' ? path === href : path.startsWith(href),
        })),
        me: { name: actor.name, role: t(`console.role.${actor.role}`) },
        may: {
          organize: actor.role === 'organizer',
          approve: actor.role === 'approver',
          administrate: actor.role === 'administrator',
        },
        csrf: csrfToken(res),
        key: randomUUID(),
        at: withQuery(path, page.path === undefined ? visit.query : {}, { lang: '' }),
        now: stamp(now),
        demoDesk: visit.deps.demoDesk ?? '',
        langHref: withQuery(path, page.path === undefined ? visit.query : {}, {
          lang: lang === 'en' ? 'zh' : 'en',
        }),
        body,
        ...(said === undefined ? {} : { said }),
        ...page.view,
        ...(problem ? { problem, refusal } : {}),
      },
      lang,
    );
  const sent = draft
    ? { ...draft, faults: [] }
    : refusal && req.method === 'POST'
      ? { action: pathOf(req), body, faults: refusal.errors }
      : undefined;
  const html = shown([]);
  if (!sent) return html;
  return asSent(holdsForm(html, sent) ? html : shown(typedWords(sent.body)), sent);
}
