import { type Visit, callRoute, list, number, termFrom, text } from './console-frame.ts';
import type { RouteSpec } from '../route.ts';

export interface Option {
  readonly value: string;
  readonly label: string;
}

/** One field of a form that a table describes. `yesNo` is sent as true or false, `lines` as one text a line, `rows` as fields with the row's number behind their names. */
export interface FormField {
  readonly name: string;
  readonly kind:
    | 'line'
    | 'area'
    | 'date'
    | 'number'
    | 'lines'
    | 'term'
    | 'choice'
    | 'choices'
    | 'yesNo'
    | 'rows';
  readonly required?: true;
  readonly options?: readonly Option[];
  /** Where the words of the fields' table are not meant. */
  readonly caption?: string;
  readonly hint?: string;
  readonly columns?: readonly FormField[];
  /** Rows that are shown. */
  readonly rows?: number;
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

/** Rows of a field that somebody filled in, by their numbers on the page. */
export function rowsIn(body: Said, { columns = [] }: FormField): readonly number[] {
  const found = Object.entries(body).flatMap(([name, value]) => {
    const [, column, n] = /^([A-Za-z]+)(\d{1,3})$/.exec(name) ?? [];
    return text(value).trim() !== '' && columns.some((one) => one.name === column) ? [Number(n)] : [];
  });
  return [...new Set(found)].sort((a, b) => a - b);
}

const inRow = (field: FormField, n: number): FormField => ({ ...field, name: `${field.name}${n}` });

function valueOf(body: Said, field: FormField): unknown {
  const { name, kind, columns = [] } = field;
  if (kind === 'rows')
    return rowsIn(body, field).map((n) =>
      Object.fromEntries(
        columns.flatMap((column) => {
          const said = valueOf(body, inRow(column, n));
          return said === undefined ? [] : [[column.name, said]];
        }),
      ),
    );
  if (kind === 'choices') return list(body[name]);
  const typed = text(body[name]).trim();
  if (kind === 'lines')
    return typed
      .split(/\r?\n/)
      .map((line) => line.trim())
      .filter((line) => line !== '');
  if (typed === '') return undefined;
  if (kind === 'term') return termFrom(body, name);
  if (kind === 'number') return number(body[name]);
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

interface Shown extends Pick<Visit, 't' | 'body'> {
  /** Tells this form's fields from those of others on the page. */
  readonly id: string;
}

/** A field as its template shows it, filled in from a body. */
export function shownField(field: FormField, { t, id, body }: Shown): Readonly<Record<string, unknown>> {
  const { name, kind, required, options = [], columns = [], rows = 0 } = field;
  const caption = field.caption ?? t(`console.stepField.${name}`);
  const picked = kind === 'choices' ? list(body[name]) : [text(body[name])];
  const choices =
    kind === 'yesNo'
      ? ['true', 'false'].map((value) => ({ value, label: t(`console.yesNo.${value}`) }))
      : options;
  return {
    name,
    kind,
    fieldId: `f-${id}-${name}`,
    caption,
    hint: field.hint ?? '',
    rows: Array.from({ length: rows }, (_, n) => ({
      of: `${caption} ${n + 1}`,
      cells: columns.map((column) => shownField(inRow(column, n), { t, id, body })),
    })),
    required: required ?? false,
    value: picked[0] ?? '',
    unit: `${name}Unit`,
    days: text(body[`${name}Unit`]) !== 'workdays',
    options: choices.map((one) => ({ ...one, chosen: picked.includes(one.value) })),
  };
}
