import { z } from 'zod';
import { ACT_TYPES } from '../domain/act.ts';
import type { RegisterKind } from '../domain/register-entry.ts';
import { date, line, prose, word } from './shapes.ts';

const agency = z.string().trim().min(1).max(64);
const ordered = (later: string) => ({ path: [later], params: { code: 'dates-reversed' } });

const entrustment = z
  .object({
    agency,
    to: word,
    scope: prose(2_000).min(1),
    legalBasis: prose(2_000).min(1),
    agreement: line(120).min(1).optional(),
    from: date,
    until: date.optional(),
    publishedOn: date.optional(),
  })
  .refine((one) => one.until === undefined || one.until >= one.from, ordered('until'));

const enforcementItem = z.object({
  agency,
  name: word,
  type: z.enum(ACT_TYPES),
  legalBasis: prose(2_000).min(1),
  post: line(100).min(1),
  officer: line(80).min(1).optional(),
  publishedOn: date.optional(),
});

const support = z.object({
  agency,
  year: z.number().int().min(2000).max(2100),
  authorised: z.number().int().min(0).max(100_000),
  actual: z.number().int().min(0).max(100_000),
  yuan: z.number().min(0).max(1_000_000_000_000),
  premises: line(300),
});

const leaderReview = z
  .object({
    agency,
    on: date,
    leader: word,
    problem: prose(4_000).min(1),
    decision: prose(4_000).min(1),
    due: date.optional(),
    settledOn: date.optional(),
  })
  .refine((one) => one.due === undefined || one.due >= one.on, ordered('due'));

const training = z.object({
  agency: agency.optional(),
  on: date,
  subject: word,
  hours: z.number().gt(0).max(500),
  register: z.enum(['supervisors', 'officers']),
  people: z
    .array(line(80).min(1))
    .min(1)
    .max(2_000)
    .transform((ids) => [...new Set(ids)]),
});

/** What an entry of each kind is registered with. */
export const REGISTER_SHAPES = {
  entrustment,
  enforcementItem,
  support,
  leaderReview,
  training,
} as const satisfies Record<RegisterKind, z.ZodType>;
