import { z } from 'zod';

const LONGEST_TERM = 1_000;
const days = z.int().min(1).max(LONGEST_TERM);

/** `{"workdays": 5}` or `{"days": 30}`, never both. */
export const term = z
  .object({ workdays: days.optional(), days: days.optional() })
  .refine((value) => (value.workdays === undefined) !== (value.days === undefined), {
    message: '请给出 workdays 或 days 之一',
    params: { code: 'term-invalid' },
  })
  .transform((value) =>
    value.workdays === undefined ? { days: value.days as number } : { workdays: value.workdays },
  );

export const date = z.iso.date();
export const word = z.string().trim().min(1).max(200);
export const sentence = z.string().trim().min(1).max(4_000);
export const email = z
  .email()
  .max(254)
  .transform((value) => value.trim());

/** `limit` and `cursor` of every list. */
export const page = z.object({
  limit: z.coerce.number().int().min(1).max(200).default(50),
  cursor: z.string().max(400).optional(),
});

export const itemAnswers = z.record(
  z.string().max(80),
  z.object({
    result: z.enum(['met', 'partly', 'notMet', 'notApplicable']).optional(),
    note: z.string().max(4_000).optional(),
  }),
);
