import { z } from 'zod';
import { Problem } from '../problem.ts';
import { type FormField, type Said, rowsIn } from './console-forms.ts';
import { text } from './console-frame.ts';

/** What of a schema a form needs to know. */
interface Shape {
  readonly type?: string;
  readonly format?: string;
  readonly enum?: readonly string[];
  readonly properties?: Readonly<Record<string, Shape>>;
  readonly required?: readonly string[];
  readonly items?: Shape;
  readonly anyOf?: readonly Shape[];
  readonly minLength?: number;
  readonly maxLength?: number;
}

/** A text longer than this is written in several lines. */
const A_LINE = 300;
/** Empty rows that a form offers below those that are filled in. */
const MORE_ROWS = 2;

const shapeOf = (schema: z.ZodType): Shape =>
  z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' }) as Shape;
const present = (shape: Shape): Shape => shape.anyOf?.find((one) => one.type !== 'null') ?? shape;
const nullable = (shape: Shape): boolean => shape.anyOf?.some((one) => one.type === 'null') ?? false;

/** The fields of the form for a call: what its schema takes, so that the form asks for nothing else and for no less. What lies within an object is named with it: `certificate-no`. */
export const fieldsOf = (schema: z.ZodType): readonly FormField[] => within(shapeOf(schema), '', true);

function within({ properties = {}, required = [] }: Shape, prefix: string, asked: boolean): FormField[] {
  return Object.entries(properties).flatMap(([name, given]) => {
    const shape = present(given);
    const needed = asked && required.includes(name) && !nullable(given);
    return shape.type === 'object'
      ? within(shape, `${prefix}${name}-`, needed)
      : [fieldOf(`${prefix}${name}`, shape, needed)];
  });
}

function fieldOf(name: string, shape: Shape, needed: boolean): FormField {
  const kind = kindOf(shape);
  const plainText = kind === 'line' || kind === 'area';
  return {
    name,
    kind,
    ...(needed && !(plainText && !shape.minLength) && kind !== 'choices' ? { required: true as const } : {}),
    ...(shape.enum ? { options: shape.enum.map((value) => ({ value, label: value })) } : {}),
    ...(kind === 'rows'
      ? { columns: within(present(shape.items ?? {}), '', true).map(optional), rows: MORE_ROWS }
      : {}),
  };
}

/** Nothing in a row must be filled in while the row may stay empty. */
const optional = ({ required: _asked, ...field }: FormField): FormField => field;

function kindOf({ type, format, enum: words, items, maxLength = 0 }: Shape): FormField['kind'] {
  if (type === 'boolean') return 'yesNo';
  if (type === 'number' || type === 'integer') return 'number';
  if (type === 'array') return present(items ?? {}).type === 'object' ? 'rows' : 'choices';
  if (words) return 'choice';
  if (format === 'date') return 'date';
  return maxLength > A_LINE ? 'area' : 'line';
}

/** What the schema reads where nothing was typed: null where that takes away, nothing elsewhere. */
export function bodyOf(said: Said, schema: z.ZodType): Readonly<Record<string, unknown>> {
  const { properties = {}, required = [] } = shapeOf(schema);
  return Object.fromEntries(
    Object.entries(properties).flatMap(([name, given]) => {
      const value = present(given).type === 'object' ? nested(said, `${name}-`) : said[name];
      if (value !== undefined) return [[name, value]];
      if (nullable(given)) return [[name, null]];
      const blank = required.includes(name) && kindOf(present(given)) === 'line' && !present(given).minLength;
      return blank && !present(given).format ? [[name, '']] : [];
    }),
  );
}

function nested(said: Said, prefix: string): Readonly<Record<string, unknown>> | undefined {
  const found = Object.entries(said).filter(([name]) => name.startsWith(prefix));
  return found.length === 0
    ? undefined
    : Object.fromEntries(found.map(([name, value]) => [name.slice(prefix.length), value]));
}

/** A record as the body that a form with these fields is filled in from. */
export function filledFrom(
  record: Readonly<Record<string, unknown>>,
  fields: readonly FormField[],
): Readonly<Record<string, unknown>> {
  const at = (name: string): unknown =>
    name.split('-').reduce<unknown>((inner, part) => (inner as Said | undefined)?.[part], record);
  return Object.fromEntries(
    fields.flatMap((field) => {
      const value = at(field.name);
      if (field.kind !== 'rows') return [[field.name, Array.isArray(value) ? value : written(value)]];
      return ((value ?? []) as readonly Said[]).flatMap((row, n) =>
        (field.columns ?? []).map(({ name }) => [`${name}${n}`, written(row[name])]),
      );
    }),
  );
}

const written = (value: unknown): string =>
  typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean' ? String(value) : '';

/** Rows enough for what is there, and some more. */
export const withRows = (fields: readonly FormField[], body: Said): readonly FormField[] =>
  fields.map((field) =>
    field.kind === 'rows' ? { ...field, rows: (rowsIn(body, field).at(-1) ?? -1) + 1 + MORE_ROWS } : field,
  );

/** Faults in the words of the form: by the row that is meant on the page, and a sentence of its own for what was left empty. */
export function inFormWords(
  problem: Problem,
  {
    fields,
    body,
    missing,
  }: { fields: readonly FormField[]; body: Said; missing: (caption: string) => string },
): Problem {
  if (problem.code !== 'validation') return problem;
  const errors = problem.errors.map((error) => {
    const [whole = '', n = '', part = ''] = error.pointer.split('/').slice(1);
    const rows = fields.find((one) => one.name === whole && one.kind === 'rows');
    const row = rows ? (rowsIn(body, rows)[Number(n)] ?? Number(n)) : 0;
    const field = rows
      ? rows.columns?.find((one) => one.name === part)
      : fields.find((one) => one.name === whole || one.name === `${whole}-${n}`);
    const name = rows ? `${part}${row}` : (field?.name ?? '');
    const empty = field !== undefined && field.kind !== 'choices' && text(body[name]).trim() === '';
    const none = field?.kind === 'choices' && body[name] === undefined;
    return {
      ...error,
      pointer: rows ? `/${whole}/${row}/${part}` : error.pointer,
      ...(empty || none ? { detail: missing(field.caption ?? field.name) } : {}),
    };
  });
  const [first] = errors;
  return new Problem(422, 'validation', { ...(first ? { detail: first.detail } : {}), errors });
}
