import { z } from 'zod';
import { ACT_DATES, ACT_TYPES, type Act, CHANNELS, OCCASIONS, OUTCOMES, RECORDINGS } from '../domain/act.ts';
import { date, line, word } from './shapes.ts';

const MOST_YUAN = 1_000_000_000_000;

/** What an act is judged against: the product's day, and the agencies there are. */
export interface ActContext {
  readonly today: string;
  readonly agencies: ReadonlySet<string>;
}

const none = <T>(value: T | null | undefined): T | undefined => value ?? undefined;
const optional = <S extends z.ZodType>(shape: S) =>
  shape
    .nullish()
    .transform((value) => none(value))
    .optional();

const amount = z
  .number()
  .max(MOST_YUAN)
  .refine((yuan) => yuan >= 0, { params: { code: 'amount-negative' }, abort: true })
  .refine((yuan) => Number(yuan.toFixed(2)) === yuan, { params: { code: 'amount-invalid' } });

const words = Object.values(OUTCOMES).flat() as unknown as [string, ...string[]];

/** One reported act; each field is judged by itself, so that every fault of a row is told at once. */
export function actShape({ today, agencies }: ActContext) {
  const past = date.refine((day) => day <= today, { params: { code: 'date-future' } });
  const days = Object.fromEntries(ACT_DATES.map((field) => [field, optional(past)])) as Record<
    (typeof ACT_DATES)[number],
    ReturnType<typeof optional<typeof past>>
  >;
  return z
    .object({
      no: line(80).min(1),
      agency: z
        .string()
        .max(64)
        .refine((id) => agencies.has(id), { params: { code: 'agency-unknown' } }),
      type: z.enum(ACT_TYPES),
      on: past,
      target: word,
      targetCode: optional(line(40).min(1)),
      officers: z.array(line(60).min(1)).max(20).default([]),
      amount: optional(amount),
      ...days,
      channel: z.enum(CHANNELS).default('network'),
      legalReview: optional(z.object({ on: past, by: optional(line(60)) })),
      recording: optional(z.enum(RECORDINGS)),
      plan: optional(line(80).min(1)),
      occasion: optional(z.enum(OCCASIONS)),
      joint: optional(line(80).min(1)),
      cause: optional(line(120).min(1)),
      circumstance: optional(line(60).min(1)),
      outcomes: z.array(z.enum(words)).max(10).default([]),
    })
    .superRefine(({ type, outcomes, filedOn, decidedOn }, context) => {
      const known: readonly string[] = OUTCOMES[type];
      for (const [n, outcome] of outcomes.entries())
        if (!known.includes(outcome))
          context.addIssue({ code: 'custom', path: ['outcomes', n], params: { code: 'outcome-invalid' } });
      if (filedOn !== undefined && decidedOn !== undefined && decidedOn < filedOn)
        context.addIssue({ code: 'custom', path: ['decidedOn'], params: { code: 'dates-reversed' } });
    });
}

export type SentAct = z.infer<ReturnType<typeof actShape>>;

/** The act that a row reports. */
export function actFrom({ amount: yuan, ...sent }: SentAct): Act {
  const fen = yuan === undefined ? {} : { fen: Math.round(yuan * 100) };
  return { ...sent, ...fen } as unknown as Act;
}

/** What the document of the API says of an item; the call itself is judged against the day and the roster. */
export const ACT_SCHEMA = z.toJSONSchema(actShape({ today: '9999-12-31', agencies: new Set() }), {
  io: 'input',
  unrepresentable: 'any',
});
