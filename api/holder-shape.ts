import { z } from 'zod';
import { isDate } from '../domain/calendar.ts';
import { type HolderRegister, KINDS_OF, isCitizenNumber } from '../domain/holder.ts';
import { date, line, word } from './shapes.ts';

const optional = <S extends z.ZodType>(shape: S) =>
  shape
    .nullish()
    .transform((value) => value ?? undefined)
    .optional();

const identity = z
  .string()
  .max(40)
  .transform((text) => text.trim().toUpperCase())
  .refine(isCitizenNumber, { params: { code: 'identity-invalid' } });

const training = z
  .array(
    z.object({
      year: z.number().int().min(1990).max(2100),
      hours: z.number().min(0).max(2_000),
    }),
  )
  .max(60);

const exams = z
  .array(
    z.object({
      on: date,
      subject: line(100).min(1),
      passed: z.boolean(),
      score: optional(z.number().min(0).max(1_000)),
    }),
  )
  .max(200);

const agency = z.string().trim().min(1).max(100);
const certificate = (register: HolderRegister) =>
  z.object({
    no: word,
    kind: z.enum(KINDS_OF[register] as unknown as [string, ...string[]]).default(KINDS_OF[register][0]),
    issued: date,
    expires: date,
  });

/** Days that are none are told of by themselves. */
const ordered = ({ issued, expires }: { readonly issued: string; readonly expires: string }): boolean =>
  !isDate(issued) || !isDate(expires) || expires >= issued;
const inOrder = {
  path: ['expires'],
  params: { code: 'certificate-dates' },
};

/** A person as they are registered; each field is judged by itself, so that every fault is told at once. */
export const holderBody = (register: HolderRegister) =>
  z.object({
    name: word,
    agency: optional(agency),
    post: optional(line(100).min(1)),
    certificate: certificate(register).refine(ordered, inOrder),
    identity: optional(identity),
    training: training.default([]),
    exams: exams.default([]),
    leftOn: optional(date),
  });

/** What may be changed of a person; what is not named stays, null takes away. */
export const holderChange = (register: HolderRegister) =>
  z.object({
    name: word.optional(),
    agency: agency.nullable().optional(),
    post: line(100).min(1).nullable().optional(),
    certificate: certificate(register).refine(ordered, inOrder).optional(),
    identity: identity.optional(),
    training: training.optional(),
    exams: exams.optional(),
    leftOn: date.nullable().optional(),
  });

/** A row of a table: its agency is known, and an officer has one. */
export function holderShape(register: HolderRegister, agencies: ReadonlySet<string>) {
  const known = agency.refine((id) => agencies.has(id), { params: { code: 'agency-unknown' } });
  return holderBody(register).extend({
    agency: register === 'officers' ? known : optional(known),
  });
}
