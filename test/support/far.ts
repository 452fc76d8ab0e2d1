import fc from 'fast-check';
import { z } from 'zod';

interface Schema {
  readonly type?: string | readonly string[];
  readonly enum?: readonly unknown[];
  readonly const?: unknown;
  readonly anyOf?: readonly Schema[];
  readonly oneOf?: readonly Schema[];
  readonly allOf?: readonly Schema[];
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly additionalProperties?: Schema | boolean;
  readonly items?: Schema;
}

/** Words that have broken others: operators, prototypes, zero bytes, line breaks, markup, formulas, halves of characters. */
export const HOSTILE: readonly string[] = [
  '',
  ' ',
  '\u0000',
  'a\u0000b',
  '题\r\nBcc: a@b.example',
  '__proto__',
  'constructor',
  '$gt',
  'a.b',
  '{"$ne":null}',
  '=cmd|calc!A1',
  '<img src=x onerror=alert(1)>',
  '{{constructor}}',
  '../../etc/passwd',
  '%00',
  '\ud800',
  '💣',
  '2026-02-30',
  '9'.repeat(400),
  'x'.repeat(5_000),
];

const junk: fc.Arbitrary<unknown> = fc.oneof(
  fc.constantFrom(...HOSTILE),
  fc.constantFrom(null, true, -1, 0, 1.5, 1e308, -1e9, 2 ** 53, [], {}, [[]], { $gt: '' }, { length: -1 }),
  fc.jsonValue({ maxDepth: 2 }),
);

/** Mostly what a schema asks for, and now and then anything at all at any place of it. */
export function nearly(schema: z.ZodType, words: readonly string[]): fc.Arbitrary<unknown> {
  return ofSchema(z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' }) as Schema, words);
}

function ofSchema(schema: Schema, words: readonly string[]): fc.Arbitrary<unknown> {
  return fc.oneof({ weight: 9, arbitrary: meant(schema, words) }, { weight: 1, arbitrary: junk });
}

function meant(schema: Schema, words: readonly string[]): fc.Arbitrary<unknown> {
  const among = schema.anyOf ?? schema.oneOf;
  if (among) return fc.oneof(...among.map((one) => ofSchema(one, words)));
  if (schema.allOf)
    return fc
      .tuple(...schema.allOf.map((one) => meant(one, words)))
      .map((parts) => Object.assign({}, ...parts) as unknown);
  if (schema.const !== undefined) return fc.constant(schema.const);
  if (schema.enum) return fc.constantFrom(...schema.enum);
  switch (schema.type) {
    case 'object':
      return meantObject(schema, words);
    case 'array':
      return fc.array(ofSchema(schema.items ?? {}, words), { maxLength: 3 });
    case 'boolean':
      return fc.boolean();
    case 'integer':
    case 'number':
      return fc.constantFrom(1, 2, 3, 5, 10, 30);
    case undefined:
    default:
      return fc.oneof(fc.constantFrom(...words), fc.constantFrom(...words, ...HOSTILE), fc.string());
  }
}

function meantObject(
  { properties, additionalProperties }: Schema,
  words: readonly string[],
): fc.Arbitrary<unknown> {
  if (properties)
    return fc.record(
      Object.fromEntries(Object.entries(properties).map(([name, one]) => [name, ofSchema(one, words)])),
      { requiredKeys: Object.keys(properties).slice(0, 3) },
    );
  const values = typeof additionalProperties === 'object' ? ofSchema(additionalProperties, words) : junk;
  return fc.dictionary(fc.constantFrom(...words, ...HOSTILE), values, { maxKeys: 3 });
}
