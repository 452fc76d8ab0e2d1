import { type Visit, callRoute, list, termFrom, text } from './console-frame.ts';
import type { RouteSpec } from '../route.ts';

export interface Option {
  readonly value: string;
  readonly label: string;
}

/** One field of a form that a table describes. `yesNo` is sent as true or false, `lines` as one text a line. */
export interface FormField {
  readonly name: string;
  readonly kind: 'line' | 'area' | 'date' | 'lines' | 'term' | 'choice' | 'choices' | 'yesNo';
  readonly required?: true;
  readonly options?: readonly Option[];
}

/** A form of the console that does what one call of the API does. */
export interface StepForm {
  readonly id: string;
  /** Method and path of the call. */
  readonly at: string;
  readonly fields: readonly FormField[];
  /** Brings the fields to the body of the call, where they are not the same. */
  readonly body?: (said: Said) => unknown;
}

export type Said = Readonly<Record<string, unknown>>;

/** What a form was sent with, field by field; what was left empty is left out. */
export function saidIn({ body }: Visit, { fields }: StepForm): Said {
  return Object.fromEntries(
    fields.flatMap((field) => {
      const said = valueOf(body, field);
      return said === undefined ? [] : [[field.name, said]];
    }),
  );
}

function valueOf(body: Said, { name, kind }: FormField): unknown {
  if (kind === 'choices') return list(body[name]);
  const typed = text(body[name]).trim();
  if (kind === 'lines')
    return typed
      .split(/\r?\n/)
      .map((line) => line.trim())
      .filter((line) => line !== '');
  if (typed === '') return undefined;
  if (kind === 'term') return termFrom(body, name);
  return kind === 'yesNo' ? typed === 'true' : typed;
}

/** Sends a form's call; `about` is the object the path names below its number. */
export const sendForm = (visit: Visit, form: StepForm, specs: readonly RouteSpec[]): Promise<unknown> => {
  const { about, ...said } = saidIn(visit, form);
  return callRoute(visit, specs, {
    at: form.at,
    params: { ...visit.params, ...(typeof about === 'string' ? { id: about } : {}) },
    body: form.body ? form.body(said) : said,
    ifMatch: text(visit.body['seen']),
  });
};

/** Forms as their template shows them: open and filled in again where what was sent could not be taken. */
export const shownForms = ({ t, body }: Visit, forms: readonly StepForm[]) =>
  forms.map(({ id, fields }) => {
    const again = text(body['form']) === id;
    return {
      id,
      open: again,
      caption: t(`console.stepName.${id}`),
      fields: fields.map((field) => shownField(field, { t, id, body: again ? body : {} })),
    };
  });

function shownField(
  { name, kind, required, options = [] }: FormField,
  { t, id, body }: Pick<Visit, 't' | 'body'> & { readonly id: string },
) {
  const picked = kind === 'choices' ? list(body[name]) : [text(body[name])];
  const choices =
    kind === 'yesNo'
      ? ['true', 'false'].map((value) => ({ value, label: t(`console.yesNo.${value}`) }))
      : options;
  return {
    name,
    kind,
    fieldId: `f-${id}-${name}`,
    caption: t(`console.stepField.${name}`),
    required: required ?? false,
    value: picked[0] ?? '',
    unit: `${name}Unit`,
    days: text(body[`${name}Unit`]) !== 'workdays',
    options: choices.map((one) => ({ ...one, chosen: picked.includes(one.value) })),
  };
}
