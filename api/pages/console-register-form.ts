import { STAFF } from '../access.ts';
import { versionTag } from '../etag.ts';
import { Problem, notFound } from '../problem.ts';
import { type FormField, saidIn, shownField } from './console-forms.ts';
import {
  type ConsoleRoute,
  type Done,
  type Page,
  type Visit,
  callRoute,
  text,
  withQuery,
} from './console-frame.ts';
import { agencyOptions } from './console-ledger.ts';
import {
  type About,
  type Registered,
  MOST,
  REGISTERED,
  fieldsFor,
  homeOf,
  may,
  specOf,
} from './console-register-kinds.ts';
import { bodyOf, filledFrom, inFormWords, withRows } from './console-schema-form.ts';

const LINE = { rule: STAFF, line: true } as const;

/** What is registered is added and amended on forms that the calls' own schemas make. */
export const registerFormRoutes: readonly ConsoleRoute[] = [
  { ...LINE, method: 'get', path: '/register/:kind/new', work: addPage },
  { ...LINE, method: 'post', path: '/register/:kind/new', work: add, again: addPage },
  { ...LINE, method: 'get', path: '/register/:kind/:id', work: amendPage },
  { ...LINE, method: 'post', path: '/register/:kind/:id', work: amend, again: amendPage },
  { ...LINE, method: 'post', path: '/register/:kind/:id/end', work: end, again: amendPage },
];

export function kindOf({ params }: Pick<Visit, 'params'>): Registered {
  const found = REGISTERED.find((one) => one.key === params['kind']);
  if (!found) throw notFound();
  return found;
}

/** Attack: a form that this account could not send is not shown either; a line does not learn that it is there. */
function admit(visit: Visit, registered: Registered, at: string | undefined): void {
  const spec = specOf(registered, at);
  if (!spec || (visit.actor.line && !spec.line)) throw notFound();
  if (!may(visit, registered, at)) throw new Problem(403, 'forbidden');
}

const said = (visit: Visit, name: string): string =>
  (visit.req.method === 'POST' ? text(visit.body[name]) : visit.query[name]) ?? '';

function aboutOf(visit: Visit): About {
  return {
    agency: said(visit, 'agency'),
    register: said(visit, 'register') === 'supervisors' ? 'supervisors' : 'officers',
  };
}

interface Shown {
  readonly registered: Registered;
  readonly about: About;
  readonly fields: readonly FormField[];
  readonly values: Readonly<Record<string, unknown>>;
}

const view = async (visit: Visit, { registered, about, fields, values }: Shown) => {
  const { t } = visit;
  const { key } = registered;
  const agencies = await agencyOptions(visit, MOST);
  const agency = agencies.find((one) => one.id === about.agency);
  return {
    kind: key,
    back: homeOf(registered, about.agency),
    agency: registered.agency === 'before' ? about.agency : '',
    register: key === 'trainings' ? about.register : '',
    agencyName: registered.agency === 'field' ? '' : (agency?.name ?? ''),
    fields: withRows(fields, values).map((field) => shownField(field, { t, id: 'entry', body: values })),
  };
};

/** Before a form whose choices depend on it: whose entry it is to be. */
async function askAgency(visit: Visit, registered: Registered): Promise<Page> {
  return {
    page: 'register-choice',
    title: visit.t(`registerForm.add.${registered.key}`),
    view: {
      kind: registered.key,
      back: homeOf(registered, ''),
      action: `/console/register/${registered.key}/new`,
      agencies: await agencyOptions(visit, MOST),
      anywhere: registered.key === 'trainings' && !visit.actor.line,
    },
  };
}

async function addPage(visit: Visit): Promise<Page> {
  const registered = kindOf(visit);
  admit(visit, registered, registered.add);
  const about = aboutOf(visit);
  const chosen = about.agency !== '' || said(visit, 'register') !== '';
  if (registered.agency === 'before' && !chosen) return askAgency(visit, registered);
  const { key } = registered;
  const values = visit.problem ? visit.body : { agency: about.agency, 'certificate-kind': 'enforcement' };
  const shown = {
    registered,
    about,
    fields: await fieldsFor(visit, registered, { ...about, amending: false }),
    values,
  };
  return {
    page: 'register-form',
    title: visit.t(`registerForm.add.${key}`),
    view: {
      ...(await view(visit, shown)),
      action: `/console/register/${key}/new`,
      seen: '',
      endAt: '',
      endedOn: '',
      flags: [],
    },
  };
}

type Kept = Readonly<Record<string, unknown>> & { readonly flags?: readonly string[] };

/** What is to be amended, with the version that was seen. */
async function stored(visit: Visit, registered: Registered): Promise<{ kept: Kept; seen: string }> {
  const kept = (await callRoute(visit, registered.specs, { at: registered.read })) as Kept;
  const version =
    kept['version'] ??
    (await visit.deps.store.agencies.findById(visit.params['id'], { version: 1 }).lean())?.version;
  return { kept, seen: versionTag(Number(version)) };
}

async function amendFields(visit: Visit, registered: Registered, kept: Kept): Promise<readonly FormField[]> {
  const about = { agency: text(kept['agency']), register: aboutOf(visit).register, amending: true };
  const fields = await fieldsFor(visit, registered, about);
  const { t } = visit;
  return fields.map((field) =>
    field.name === 'identity'
      ? { ...field, hint: t('registerForm.identityKept', { shown: text(kept['identity']) || '—' }) }
      : field,
  );
}

async function amendPage(visit: Visit): Promise<Page> {
  const registered = kindOf(visit);
  admit(visit, registered, registered.amend);
  const { kept, seen } = await stored(visit, registered);
  const fields = await amendFields(visit, registered, kept);
  const { key } = registered;
  const path = `/console/register/${key}/${encodeURIComponent(visit.params['id'] ?? '')}`;
  const about = { agency: text(kept['agency']), register: 'officers' } as const;
  const { identity: _mask, ...rest } = filledFrom(kept, fields);
  const values = visit.problem && text(visit.body['seen']) !== '' ? { ...rest, ...visit.body } : rest;
  return {
    page: 'register-form',
    title: visit.t(`registerForm.amend.${key}`),
    path,
    view: {
      ...(await view(visit, { registered, about, fields, values })),
      action: path,
      seen: visit.problem ? text(visit.body['seen']) || seen : seen,
      endAt: registered.end && kept['endedOn'] === undefined ? `${path}/end` : '',
      endedOn: registered.entry ? text(kept['endedOn']) : '',
      flags: kept.flags ?? [],
    },
  };
}

interface Sending {
  readonly registered: Registered;
  readonly at: string;
  readonly fields: readonly FormField[];
}

/** Sends a form's call; what it refuses is said in the form's words. */
async function send(visit: Visit, { registered, at, fields }: Sending): Promise<Kept> {
  const schema = specOf(registered, at)?.body;
  if (!schema) throw notFound();
  const { body, t } = visit;
  const chosen =
    registered.agency === 'before'
      ? Object.fromEntries(
          ['agency', 'register'].flatMap((name) =>
            text(body[name]) === '' ? [] : [[name, text(body[name])]],
          ),
        )
      : {};
  // What must be there is sent empty rather than not at all: a change would pass over it.
  const blank = Object.fromEntries(fields.flatMap((one) => (one.required ? [[one.name, '']] : [])));
  try {
    return (await callRoute(visit, registered.specs, {
      at,
      body: bodyOf({ ...blank, ...saidIn(visit, { id: 'entry', at, fields }), ...chosen }, schema),
      ifMatch: text(body['seen']),
    })) as Kept;
  } catch (error) {
    if (!(error instanceof Problem)) throw error;
    throw inFormWords(error, { fields, body, missing: (field) => t('registerForm.missing', { field }) });
  }
}

const nameOf = (kept: Kept): string =>
  [kept['name'], kept['id'], kept['agency']].map(text).find((one) => one !== '') ?? '';

const done = (
  { t }: Visit,
  registered: Registered,
  { how, kept }: { how: 'added' | 'amended'; kept: Kept },
): Done => ({
  to: homeOf(registered, text(kept['agency'])),
  said: t(`registerForm.said.${how}`, { name: nameOf(kept) }),
});

async function add(visit: Visit): Promise<Done> {
  const registered = kindOf(visit);
  admit(visit, registered, registered.add);
  const about = aboutOf(visit);
  const fields = await fieldsFor(visit, registered, { ...about, amending: false });
  const kept = await send(visit, { registered, at: registered.add ?? '', fields });
  return done(visit, registered, { how: 'added', kept });
}

async function amend(visit: Visit): Promise<Done> {
  const registered = kindOf(visit);
  admit(visit, registered, registered.amend);
  const { kept: before } = await stored(visit, registered);
  const fields = await amendFields(visit, registered, before);
  const kept = await send(visit, { registered, at: registered.amend ?? '', fields });
  return done(visit, registered, { how: 'amended', kept });
}

async function end(visit: Visit): Promise<Done> {
  const registered = kindOf(visit);
  admit(visit, registered, registered.end);
  const kept = (await callRoute(visit, registered.specs, {
    at: registered.end ?? '',
    body: { on: text(visit.body['on']) },
  })) as Kept;
  return {
    to: withQuery(`/console/register/${registered.key}`, {}, { agency: text(kept['agency']) }),
    said: visit.t('registerForm.said.ended', { name: nameOf(kept) }),
  };
}
