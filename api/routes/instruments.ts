import { z } from 'zod';
import { stamp } from '../../domain/clock.ts';
import {
  DECISION_OUTCOMES,
  type DecisionOutcome,
  FACTS,
  type Fact,
  INSTRUMENT_KINDS,
  type Instrument,
} from '../../domain/instrument.ts';
import { instrumentFaults } from '../../domain/instrument-faults.ts';
import { Refusal } from '../../domain/refusals.ts';
import { appendEvents } from '../../models/event.ts';
import { keepInstruments, readInstruments } from '../../models/instrument.ts';
import { ADMINISTRATORS, READERS } from '../access.ts';
import { Problem } from '../problem.ts';
import { ok, route } from '../route.ts';
import { line, prose, term, word } from '../shapes.ts';

const fact = z.enum(Object.keys(FACTS) as [Fact, ...Fact[]]);
const kind = z.enum(INSTRUMENT_KINDS);
const name = z.string().regex(/^[a-zA-Z][\w-]{0,63}$/);

const row: z.ZodType<Instrument> = z.strictObject({
  id: name,
  jurisdiction: name,
  kind,
  title: word,
  article: word,
  confirmed: z.boolean(),
  note: prose(1_000),
  facts: z.strictObject({ all: z.array(fact).max(20), any: z.array(fact).max(20) }),
  after: z.array(kind).max(7),
  caseStates: z.array(name).max(40),
  needsFindings: z.boolean(),
  signer: z.enum(['office', 'government']),
  outcomes: z
    .array(z.enum(Object.keys(DECISION_OUTCOMES) as [DecisionOutcome, ...DecisionOutcome[]]))
    .max(8)
    .nullable(),
  term: z
    .strictObject({
      default: term,
      min: term.optional(),
      max: term.optional(),
      shorterNeedsReason: z.boolean(),
      longerNeedsReason: z.boolean(),
    })
    .nullable(),
  series: line(40).min(1),
  objection: z.strictObject({ within: term, answer: term }).nullable(),
  statutory: z.boolean(),
  byMachine: z.literal(false),
});

export const instrumentRoutes = [
  route({
    method: 'get',
    path: '/instruments',
    rule: READERS,
    summary: '文书规则：哪种文书以何事实为据、由谁签发、期限和文号',
    async work({ deps }) {
      const { version, items } = await readInstruments(deps.store);
      return ok({ version, items, next: null, total: items.length });
    },
  }),
  route({
    method: 'put',
    path: '/instruments',
    rule: ADMINISTRATORS,
    summary: '更换文书规则；`version` 为所见的版本',
    body: z.object({ version: z.int().min(0), items: z.array(row).min(1).max(200) }),
    async work({ deps, body, actor }) {
      const faults = instrumentFaults(body.items);
      if (faults.length > 0) throw new Problem(422, 'instrument-invalid', { errors: faults });
      const before = await readInstruments(deps.store);
      const version = body.version + 1;
      const at = stamp(await deps.clock.now());
      const record = { _id: version, items: body.items, by: actor.name, at };
      if (before.version !== body.version || !(await keepInstruments(deps.store, record)))
        throw new Refusal('stale-version', `文书规则现在是第${before.version}版`, '/version');
      await appendEvents(deps.store.events, {
        owner: 'instruments',
        key: `instruments#${version}`,
        entries: [
          {
            at,
            source: 'person',
            what: 'instruments-changed',
            who: actor.name,
            detail: { version, rows: body.items.length },
          },
        ],
      });
      return ok({ version, items: body.items, next: null, total: body.items.length });
    },
  }),
];
