import { z } from 'zod';
import { PHASES } from '../domain/campaign.ts';
import { LIGHTS } from '../domain/light.ts';
import { monthOf } from '../domain/plan.ts';
import { OPEN_STATUSES, TASK_KINDS } from '../domain/task.ts';
import { lightFilter } from './light-filter.ts';
import { page, several } from './shapes.ts';

const STATES = [...OPEN_STATUSES, 'closed', 'withdrawn', 'overdue'] as const;

/** Reason: a plus sign that nobody encoded arrives as a blank. */
const instant = z
  .string()
  .max(40)
  .transform((text) => text.replace(/ (?=\d\d:\d\d$)/, '+'))
  .pipe(z.union([z.iso.date(), z.iso.datetime({ offset: true })]));

/** What a list of tasks is asked for. */
export const taskQuery = page.extend({
  owner: z.string().max(80).optional(),
  agency: z.string().max(64).optional(),
  state: several(STATES).optional(),
  light: several(LIGHTS).optional(),
  phase: z
    .union([z.enum(PHASES), z.enum(TASK_KINDS), z.string().refine((phase) => monthOf(phase) !== undefined)])
    .optional(),
  kind: z.enum(TASK_KINDS).optional(),
  handedOver: z.enum(['true', 'false']).optional(),
  extension: z.enum(['asked']).optional(),
  'due[before]': instant.optional(),
});

type Listed = string | readonly string[];
type Asked = Omit<Partial<z.infer<typeof taskQuery>>, 'state' | 'light' | 'phase' | 'kind'> & {
  readonly state?: Listed | undefined;
  readonly light?: Listed | undefined;
  readonly phase?: string | undefined;
  readonly kind?: string | undefined;
};

const words = (given: Listed): readonly string[] => (typeof given === 'string' ? given.split(',') : given);

/** What is overdue waits for the agency, as a campaign counts it. */
const WAITING = OPEN_STATUSES.filter((one) => one !== 'inReview' && one !== 'pending');

/** `overdue` cuts across the states: it stands beside them. */
function stateFilter(given: Listed, now: number): Record<string, unknown> {
  const states = words(given);
  const overdue = states.includes('overdue')
    ? [{ dueAt: { $lt: new Date(now) }, state: { $in: WAITING } }]
    : [];
  return { $or: [...overdue, { state: { $in: states.filter((one) => one !== 'overdue') } }] };
}

/** The query that finds them; `now` is epoch ms on the product's clock. */
export const taskFilter = (asked: Asked, now: number): Record<string, unknown> => {
  const { owner, agency, state, light, phase, kind, handedOver, extension } = asked;
  const before = asked['due[before]'];
  return {
    ...(owner === undefined ? {} : { owner }),
    ...(agency === undefined ? {} : { agency }),
    ...(phase === undefined ? {} : { phase }),
    ...(kind === undefined ? {} : { kind }),
    ...(handedOver === undefined ? {} : { handedOver: handedOver === 'true' }),
    ...(extension === undefined ? {} : { 'machine.extension': { $ne: null } }),
    ...(before === undefined
      ? {}
      : { dueAt: { $lt: new Date(before.length === 10 ? `${before}T00:00:00+08:00` : before) } }),
    $and: [
      state === undefined ? {} : stateFilter(state, now),
      light === undefined ? {} : { $or: words(light).map((one) => lightFilter(one, now)) },
      extension === undefined ? {} : { state: { $in: OPEN_STATUSES } },
    ],
  };
};
