import { z } from 'zod';
import { isEmail } from '../domain/roster.ts';
import type { FaultCode } from './problem-titles.ts';

const LONGEST_TERM = 1_000;

/** A rule of a shape that has a sentence of its own in both languages. */
const fault = (code: FaultCode) => ({ params: { code } });

const days = z
  .number()
  .refine((n) => Number.isInteger(n) && n >= 1 && n <= LONGEST_TERM, fault('term-invalid'))
  .meta({ type: 'integer', minimum: 1, maximum: LONGEST_TERM });

/** `{"workdays": 5}` or `{"days": 30}`, never both. */
export const term = z
  .object({ workdays: days.optional(), days: days.optional() })
  .refine((value) => (value.workdays === undefined) !== (value.days === undefined), fault('term-invalid'))
  .transform((value) =>
    value.workdays === undefined ? { days: value.days as number } : { workdays: value.workdays },
  );

export const date = z.iso.date();

/** Attack: a line break in what is written into a header ends it. */
const ONE_LINE = /^[^\p{Cc}\p{Zl}\p{Zp}]*$/u;
const PLAIN = /^[^\p{Cc}]*$/u;
const plain = (text: string): boolean => PLAIN.test(text.replaceAll(/[\t\n\r]/g, ''));

/** One line of at most `longest` characters: names, titles, numbers. */
export const line = (longest: number) =>
  z
    .string()
    .trim()
    .max(longest)
    .refine((text) => ONE_LINE.test(text), fault('control-characters'));
export const word = line(200).min(1);

/** Words of at most `longest` characters in as many lines as they need. */
export const prose = (longest: number) =>
  z.string().trim().max(longest).refine(plain, fault('control-characters'));
export const sentence = prose(4_000).min(1);

/** An answer in an agency's own words, out of a mail program or a word processor: what cannot be printed falls away, but a zero byte is no text. */
export const answerText = z
  .string()
  .refine((text) => !text.includes('\0'), fault('control-characters'))
  .transform((text) => text.replaceAll(/[^\P{Cc}\t\n\r]/gu, ' ').trim())
  .pipe(z.string().min(1).max(100_000));

/** An address that can stand in an envelope: exactly one recipient. */
export const email = z.string().trim().max(254).refine(isEmail, fault('email-invalid'));

/** A field of work (执法领域), such as workSafety. */
export const domain = z
  .string()
  .max(64)
  .refine((text) => /^[a-z][A-Za-z0-9-]*$/.test(text), fault('domain-invalid'));

/** A person as somebody names them: a name, or with a telephone number. */
export const person = z.union([
  word.transform((name) => ({ name })),
  z.object({ name: word, phone: line(60).optional() }),
]);

/** `limit` and `cursor` of every list. */
export const page = z.object({
  limit: z.coerce.number().int().min(1).max(200).default(50),
  cursor: z.string().max(400).optional(),
});

/** Several of a closed list of words, with commas between them. */
export const several = <T extends string>(words: readonly T[]) =>
  z
    .string()
    .max(400)
    .transform((text) => text.split(','))
    .pipe(z.array(z.enum(words as [T, ...T[]])));

/** Answers to the items of a checklist or to findings, under their ids. */
export const itemAnswers = z
  .record(
    z.string().refine((id) => /^[A-Za-z0-9][A-Za-z0-9-]{0,79}$/.test(id), fault('item-unknown')),
    z.object({
      result: z.enum(['met', 'partly', 'notMet', 'notApplicable']).optional(),
      note: prose(4_000).optional(),
    }),
  )
  .refine((items) => Object.keys(items).length <= 500, fault('too-many'));
