import { z } from 'zod';
import { ACT_DATES, ACT_TYPES, OCCASIONS, OUTCOMES, type Outcome } from '../domain/act.ts';
import type { RuleKind, RuleParams } from '../domain/warning.ts';
import { term, word } from './shapes.ts';

const types = z.array(z.enum(ACT_TYPES)).min(1).max(ACT_TYPES.length);
const outcomes = z
  .array(z.enum(Object.values(OUTCOMES).flat() as [Outcome, ...Outcome[]]))
  .max(40)
  .default([]);
const exempt = z.array(z.enum(OCCASIONS)).max(OCCASIONS.length).default([]);
const days = z.int().min(1).max(1_000);
const count = z.int().min(1).max(10_000);
const point = z.enum([...ACT_DATES, 'decision']);

/** What each kind of rule can be set to. */
export const RULE_PARAMS: { readonly [K in RuleKind]: z.ZodType<RuleParams[K]> } = {
  channel: z.object({ types }),
  review: z.object({ types, outcomes, amountFrom: z.number().min(0).max(1e12) }),
  recording: z.object({ types, outcomes, form: z.enum(['audioVideo', 'text']) }),
  certificate: z.object({ types }),
  team: z.object({ types, least: count }),
  clock: z.object({
    types,
    from: point,
    to: point,
    term,
    sense: z.enum(['within', 'notBefore']).default('within'),
    open: z.boolean().default(false),
  }),
  plan: z.object({ exempt }),
  frequency: z.object({ most: count, per: z.enum(['agency', 'all']), exempt }),
  duplicate: z.object({ types, days, sameAgency: z.boolean(), exempt }),
  crossing: z.object({ days, exempt }),
  unlike: z.object({ least: z.int().min(3).max(10_000), factor: z.number().gt(1).max(1_000) }),
  growth: z.object({
    percent: z.number().min(0).max(10_000),
    leastYuan: z.number().min(0).max(1e12),
    leastMonths: z.int().min(1).max(12),
  }),
  silence: z.object({ types, days: z.int().min(30).max(1_000), least: count }),
};

/** A rule's settings; the parameters are judged by the rule's own kind. */
export const ruleChange = z.object({
  enabled: z.boolean().optional(),
  title: word.optional(),
  basis: word.optional(),
  params: z.record(z.string(), z.unknown()).optional(),
});
