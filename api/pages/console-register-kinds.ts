import type { RouteSpec } from '../route.ts';
import { peopleAll } from '../routes/people.ts';
import { registerEntryRoutes } from '../routes/register-entries.ts';
import { socialSupervisorRoutes } from '../routes/social-supervisors.ts';
import { unitRoutes } from '../routes/units.ts';
import type { FormField, Option } from './console-forms.ts';
import { type Visit, withQuery } from './console-frame.ts';
import { agencyOptions } from './console-ledger.ts';
import { fieldsOf } from './console-schema-form.ts';

/** People and agencies that a form lists. */
export const MOST = 2_000;

/** How a form comes to its agency: chosen in the form, before it because other fields depend on it, named by the address, or not at all. */
type AgencyOf = 'field' | 'before' | 'address' | 'none';

/** A kind of thing that is registered in the console, by the calls that its form makes. */
export interface Registered {
  readonly key: string;
  readonly specs: readonly RouteSpec[];
  readonly add?: string;
  readonly read: string;
  readonly amend?: string;
  /** The call that says what must be there, where it is made elsewhere. */
  readonly made?: string;
  readonly end?: string;
  readonly agency: AgencyOf;
  /** Whether it stands among the entries of an agency. */
  readonly entry?: true;
}

const kept = (key: string, more: Partial<Registered>): Registered => ({
  key,
  specs: registerEntryRoutes,
  add: `post /${key}`,
  read: `get /${key}/:id`,
  agency: 'before',
  ...more,
});
const entry = (key: string): Registered =>
  kept(key, { amend: `put /${key}/:id`, end: `post /${key}/:id/end`, entry: true });
const people = (key: string): Registered =>
  kept(key, { specs: peopleAll, amend: `patch /${key}/:id`, agency: 'field' });

export const REGISTERED: readonly Registered[] = [
  people('officers'),
  people('supervisors'),
  entry('entrustments'),
  entry('enforcement-items'),
  entry('supports'),
  entry('leader-reviews'),
  kept('trainings', { entry: true }),
  {
    key: 'social-supervisors',
    specs: socialSupervisorRoutes,
    made: 'post /social-supervisors',
    read: 'get /social-supervisors/:id',
    amend: 'patch /social-supervisors/:id',
    agency: 'none',
  },
  {
    key: 'units',
    specs: unitRoutes,
    read: 'get /agencies/:id/unit',
    amend: 'put /agencies/:id/unit',
    agency: 'address',
  },
];

export const ENTRY_KEYS = REGISTERED.filter((one) => one.entry).map((one) => one.key);

export const specOf = ({ specs }: Registered, at: string | undefined): RouteSpec | undefined =>
  specs.find((one) => `${one.method} ${one.path}` === at);

/** Whether this account may do what a call does; a call that a line does not have is not there for it. */
export function may({ actor }: Visit, registered: Registered, at: string | undefined): boolean {
  const spec = specOf(registered, at);
  return (spec?.rule.includes(actor.role) ?? false) && (!actor.line || spec?.line !== undefined);
}

/** Where a thing of this kind is seen when it has been kept. */
export function homeOf({ key }: Registered, agency: string): string {
  if (key === 'units') return `/console/agencies/${encodeURIComponent(agency)}`;
  if (key === 'social-supervisors') return '/console/social-supervisors';
  if (key === 'officers' || key === 'supervisors')
    return withQuery('/console/people', {}, { register: key, agency });
  return withQuery(`/console/register/${key}`, {}, { agency });
}

/** Address of the form that amends a thing, where this account may; nothing is amended of a training. */
export const amendHref = (visit: Visit, key: string, id: string): string => {
  const registered = REGISTERED.find((one) => one.key === key);
  return registered?.amend && may(visit, registered, registered.amend)
    ? `/console/register/${key}/${encodeURIComponent(id)}`
    : '';
};

export const addHref = (visit: Visit, key: string, agency: string): string => {
  const registered = REGISTERED.find((one) => one.key === key);
  return registered && may(visit, registered, registered.add)
    ? withQuery(`/console/register/${key}/new`, {}, { agency })
    : '';
};

/** What the choices of a form depend on. */
export interface About {
  readonly agency: string;
  readonly register: 'officers' | 'supervisors';
}

/** The people of a register, of one agency or of all; namesakes are told apart by their certificates. */
export async function peopleOptions(
  { deps }: Visit,
  { agency, register }: About,
): Promise<readonly Option[]> {
  const rows = await deps.store[register]
    .find(agency === '' ? {} : { agency }, { name: 1, certificate: 1 })
    .sort({ _id: 1 })
    .limit(MOST)
    .lean();
  return rows.map(({ _id, name, certificate }) => ({ value: _id, label: `${name}（${certificate.no}）` }));
}

/** The form's fields as the call takes them, in words and with their choices. */
export async function fieldsFor(
  visit: Visit,
  registered: Registered,
  about: About & { readonly amending: boolean },
): Promise<readonly FormField[]> {
  const add = specOf(registered, registered.add)?.body;
  const amend = specOf(registered, registered.amend)?.body;
  const schema = about.amending ? amend : add;
  if (!schema) return [];
  const whole = add ?? specOf(registered, registered.made)?.body;
  const needed = new Set((whole ? fieldsOf(whole) : []).flatMap((one) => (one.required ? [one.name] : [])));
  const asked = fieldsOf(schema).filter(
    ({ name, options }) =>
      !(registered.agency === 'before' && ['agency', 'register'].includes(name)) &&
      !(name === 'leftOn' && !about.amending) &&
      options?.length !== 1,
  );
  const lists: Readonly<Record<string, () => Promise<readonly Option[]>>> = {
    agency: async () =>
      (await agencyOptions(visit, MOST)).map(({ id, name }) => ({ value: id, label: name })),
    officer: () => peopleOptions(visit, { ...about, register: 'officers' }),
    people: () => peopleOptions(visit, about),
  };
  return Promise.all(
    asked.map(async (field) => {
      const spoken = inWords(
        visit,
        registered.key,
        needed.has(field.name) ? { ...field, required: true } : field,
      );
      const options = await lists[field.name]?.();
      if (!options) return spoken;
      return { ...spoken, kind: field.kind === 'choices' ? 'choices' : 'choice', options } as const;
    }),
  );
}

const OPTION_WORDS: Readonly<Record<string, string>> = {
  'certificate-kind': 'console.certificateKind',
  type: 'console.actType',
};

/** Fields that need a sentence beside their name. */
const HINTED = new Set(['training', 'exams', 'leftOn', 'officer', 'publishedOn', 'endedOn']);

function inWords({ t }: Visit, key: string, field: FormField): FormField {
  const words = OPTION_WORDS[field.name];
  return {
    ...field,
    caption: t(`registerForm.${key}.${field.name}`),
    ...(HINTED.has(field.name) ? { hint: t(`registerForm.hint.${field.name}`) } : {}),
    ...(words
      ? { options: field.options?.map(({ value }) => ({ value, label: t(`${words}.${value}`) })) ?? [] }
      : {}),
    ...(field.columns
      ? {
          columns: field.columns.map((column) => ({
            ...column,
            caption: t(`registerForm.${key}.${field.name}-${column.name}`),
          })),
        }
      : {}),
  };
}
