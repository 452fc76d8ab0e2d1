import { DOCUMENT_KINDS, type DocumentKind, KIND_NAMES } from '../../domain/document.ts';
import { shippedTemplate } from '../../documents/draft.ts';
import { SAMPLE } from '../../documents/views.ts';
import { renderWords, shippedMail } from '../../mail/render.ts';
import { sampleViews } from '../../mail/sample-views.ts';
import type { MailKind } from '../../mail/views.ts';
import { allWords } from '../../models/mail-template.ts';
import { ADMINISTRATORS, READERS, type Rule } from '../access.ts';
import { lineChanges } from '../line-changes.ts';
import { notFound } from '../problem.ts';
import { documentTemplateRoutes } from '../routes/document-templates.ts';
import { MAIL_KINDS, mailName, mailTemplateRoutes } from '../routes/mail-templates.ts';
import { type ConsoleRoute, type Page, type Visit, callRoute, number, text } from './console-frame.ts';

/** Who may look at every mail with sample words: those who send, and those who keep the words. */
const MAIL_READERS: Rule = ['administrator', 'organizer'];

type Sort = 'document' | 'mail';
const EDIT = { method: 'post', rule: ADMINISTRATORS, work: save, again: one } as const;

export const templateConsoleRoutes: readonly ConsoleRoute[] = [
  { method: 'get', path: '/templates', rule: READERS, work: all },
  { method: 'get', path: '/templates/:sort/:kind', rule: READERS, work: one },
  { ...EDIT, path: '/templates/:sort/:kind' },
  { ...EDIT, path: '/templates/:sort/:kind/preview', work: tryOut, shownOnce: true },
  { method: 'get', path: '/mails', rule: MAIL_READERS, work: mails },
];

/** One way through both: what a sort of template is called, how it is kept, which parts it has. */
interface Made {
  readonly sort: Sort;
  readonly kind: string;
  readonly name: string;
  readonly parts: readonly ('source' | 'text' | 'html')[];
  readonly base: string;
  readonly calls: typeof documentTemplateRoutes;
}

interface Stored {
  readonly version: number;
  readonly by?: string;
  readonly at?: string;
  readonly names?: readonly { readonly name: string; readonly rows?: readonly string[] }[];
  readonly source?: string;
  readonly text?: string;
  readonly html?: string;
}

function madeOf({ params }: Visit): Made {
  const kind = params['kind'] ?? '';
  const document = DOCUMENT_KINDS.find((known) => known === kind);
  const mail = MAIL_KINDS.find((known) => known === kind);
  if (params['sort'] === 'document' && document)
    return {
      sort: 'document',
      kind,
      name: KIND_NAMES[document],
      parts: ['source'],
      base: '/document-templates/:kind',
      calls: documentTemplateRoutes,
    };
  if (params['sort'] === 'mail' && mail)
    return {
      sort: 'mail',
      kind,
      name: mailName(mail),
      parts: ['text', 'html'],
      base: '/mail-templates/:kind',
      calls: mailTemplateRoutes,
    };
  throw notFound();
}

const shippedOf = ({ sort, kind }: Made): Stored =>
  sort === 'document'
    ? { version: 0, source: shippedTemplate(kind as DocumentKind) }
    : { version: 0, ...shippedMail(kind as MailKind) };

async function all(visit: Visit): Promise<Page> {
  const { deps, t } = visit;
  const [own, words] = await Promise.all([
    deps.store.documentTemplates.aggregate<{ _id: DocumentKind; version: number; by: string; at: string }>([
      { $sort: { version: 1 } },
      {
        $group: { _id: '$kind', version: { $last: '$version' }, by: { $last: '$by' }, at: { $last: '$at' } },
      },
    ]),
    allWords(deps.store.mailTemplates),
  ]);
  const row = (
    kind: string,
    name: string,
    latest: { version: number; by: string; at: string } | undefined,
  ) => ({
    kind,
    name,
    version: latest?.version ?? 0,
    by: latest?.by ?? '',
    at: latest?.at ?? '',
  });
  return {
    page: 'templates',
    title: t('console.template.title'),
    view: {
      documents: DOCUMENT_KINDS.map((kind) =>
        row(
          kind,
          KIND_NAMES[kind],
          own.find((it) => it._id === kind),
        ),
      ),
      mails: MAIL_KINDS.map((kind) =>
        row(
          kind,
          mailName(kind),
          words.find((it) => it.kind === kind),
        ),
      ),
    },
  };
}

function one(visit: Visit): Promise<Page> {
  return form(visit);
}

async function form(visit: Visit, tried?: Readonly<Record<string, unknown>>): Promise<Page> {
  const { query, body, problem } = visit;
  const made = madeOf(visit);
  const current = (await callRoute(visit, made.calls, { at: `get ${made.base}` })) as Stored;
  const { items } = (await callRoute(visit, made.calls, {
    at: `get ${made.base}/versions`,
    query: { limit: '200' },
  })) as { items: readonly Stored[] };
  const versions = [...items].toSorted((a, b) => b.version - a.version).concat(shippedOf(made));
  const chosen = versions.find((it) => it.version === number(query['version'])) ?? undefined;
  const typed = problem !== undefined || tried !== undefined;
  const shown = chosen ?? current;
  return {
    page: 'template',
    title: made.name,
    path: `/console/templates/${made.sort}/${made.kind}`,
    view: {
      sort: made.sort,
      kind: made.kind,
      name: made.name,
      version: current.version,
      names: (current.names ?? []).map((it) => ({ rows: [], ...it, sample: sampleOf(made, it.name) })),
      pieces: made.sort === 'mail' ? PIECES.map((name) => ({ name, written: `{{> ${name}}}` })) : [],
      parts: made.parts.map((part) => ({
        part,
        value: typed ? text(body[part]).replaceAll('\r\n', '\n') : (shown[part] ?? ''),
        changes: chosen && !typed ? lineChanges(chosen[part] ?? '', current[part] ?? '') : [],
      })),
      chosen: chosen && !typed && chosen.version !== current.version ? { number: chosen.version } : null,
      versions: versions.map(({ version, by = '', at = '' }) => ({
        version,
        by,
        at,
        current: version === current.version,
      })),
      preview: tried ?? (problem ? null : await sampled(visit, made, shown)),
      mail: made.sort === 'mail',
    },
  };
}

/** The pieces that nearly every mail is put together from. */
const PIECES = ['greeting', 'facts', 'matter', 'look', 'office', 'sign'] as const;
const LONGEST_SAMPLE = 40;

/** What a name stands for, by the sample; '' for a group. */
function sampleOf({ sort, kind }: Made, name: string): string {
  const views: Readonly<Record<string, unknown>> =
    sort === 'document' ? { ...SAMPLE } : { ...sampleViews[kind as MailKind] };
  const value = views[name];
  return typeof value === 'string' || typeof value === 'number' ? String(value).slice(0, LONGEST_SAMPLE) : '';
}

/** What these words come to with sample content; nothing where they do not do. */
async function sampled(visit: Visit, made: Made, words: Stored): Promise<unknown> {
  if (made.sort === 'mail')
    return renderWords(
      { text: words.text ?? '', html: words.html ?? '' },
      sampleViews[made.kind as MailKind],
    );
  if (visit.actor.role !== 'administrator') return null;
  return callRoute(visit, made.calls, {
    at: `post ${made.base}/preview`,
    body: { source: words.source ?? '' },
  });
}

const given = ({ body }: Visit, { parts }: Made): Record<string, string> =>
  Object.fromEntries(parts.map((part) => [part, text(body[part]).replaceAll('\r\n', '\n')]));

async function tryOut(visit: Visit): Promise<Page> {
  const made = madeOf(visit);
  const seen = await callRoute(visit, made.calls, {
    at: `post ${made.base}/preview`,
    body: given(visit, made),
  });
  return form(visit, seen as Readonly<Record<string, unknown>>);
}

async function save(visit: Visit) {
  const made = madeOf(visit);
  const kept = (await callRoute(visit, made.calls, {
    at: `put ${made.base}`,
    body: given(visit, made),
    ifMatch: `"v${text(visit.body['version'])}"`,
  })) as Stored;
  return {
    to: `/console/templates/${made.sort}/${made.kind}`,
    said: visit.t('console.template.saved', { n: kept.version }),
  };
}

async function mails(visit: Visit): Promise<Page> {
  const { deps, t, query, lang } = visit;
  const own = new Map((await allWords(deps.store.mailTemplates)).map((it) => [it.kind, it]));
  const spoken = query['in'] === 'en' || (query['in'] === undefined && lang === 'en') ? 'en' : 'zh';
  const picked = MAIL_KINDS.find((kind) => kind === query['kind']);
  return {
    page: 'mails',
    title: t('console.mails.title'),
    view: {
      spoken,
      picked: picked ?? '',
      kinds: MAIL_KINDS.map((kind) => ({ kind, name: mailName(kind), here: kind === picked })),
      items: (picked ? [picked] : MAIL_KINDS).map((kind) => ({
        kind,
        name: mailName(kind),
        version: own.get(kind)?.version ?? 0,
        ...renderWords(own.get(kind) ?? shippedMail(kind), sampleViews[kind], spoken),
      })),
    },
  };
}
