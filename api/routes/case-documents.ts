import { z } from 'zod';
import { judged, possibleSteps } from '../../domain/case-steps.ts';
import { CATEGORIES, type FindingCategory } from '../../domain/finding.ts';
import { FACTS, type Fact, INSTRUMENT_KINDS } from '../../domain/instrument.ts';
import { Refusal } from '../../domain/refusals.ts';
import type { CaseRecord } from '../../models/case.ts';
import type { TaskRecord } from '../../models/task.ts';
import { ORGANIZERS } from '../access.ts';
import { type CaseCall, findCase, toldCase } from '../case-calls.ts';
import { draftInCase } from '../case-papers.ts';
import { mayInCase } from '../commands.ts';
import { matches } from '../etag.ts';
import { stepping } from '../out-of-step.ts';
import { consumed } from '../reviews.ts';
import { created, route } from '../route.ts';
import { line, prose, sentence, term, word } from '../shapes.ts';
import { etagOf, roundAnswers } from '../task-view.ts';

const fact = z.enum(Object.keys(FACTS) as [Fact, ...Fact[]]);

const finding = z.union([
  sentence,
  z.object({
    item: line(80).min(1).optional(),
    severity: z.enum(['minor', 'ordinary', 'major']).optional(),
    description: sentence,
    fact: fact.optional(),
    category: z.enum(Object.keys(CATEGORIES) as [FindingCategory, ...FindingCategory[]]).optional(),
  }),
]);

const draft = z.object({
  kind: z.enum(INSTRUMENT_KINDS),
  findings: z.array(finding).max(200).default([]),
  term: term.optional(),
  outcome: line(60).optional(),
  facts: z.array(fact).max(20).default([]),
  /** On record for a term that is not the rule's own. */
  reason: prose(4_000).optional(),
  instrument: line(80).optional(),
  title: word.optional(),
});

const verdict = z.object({
  accepted: z.boolean(),
  note: prose(20_000).default(''),
  items: z
    .array(z.object({ id: word, reason: sentence }))
    .max(200)
    .optional(),
  term: term.optional(),
});
type Verdict = z.infer<typeof verdict>;

const possibleNow =
  ({ found }: CaseCall) =>
  () =>
    possibleSteps(found.machine);

export const caseDocumentRoutes = [
  route({
    method: 'post',
    path: '/cases/:no/documents',
    rule: ORGANIZERS,
    key: 'required',
    summary: '起草文书：依据的事实、期限须合文书规则',
    body: draft,
    find: findCase,
    async work(call) {
      const paper = await stepping(possibleNow(call), () => draftInCase(call, call.body));
      return created(paper, { Location: `/api/v1/documents/${paper.id}` });
    },
  }),
  route({
    method: 'post',
    path: '/cases/:no/verification',
    rule: ORGANIZERS,
    key: 'required',
    summary: '核查机关的反馈：接受或者退回',
    body: verdict,
    find: findCase,
    work: async (call) =>
      created(await stepping(possibleNow(call), () => verified(call, call.body, call.ifMatch))),
  }),
];

/** The report in hand is judged as it stands now, or as it was seen where the caller says what that was; a newer answer is 412. */
async function verified(call: CaseCall, body: Verdict, ifMatch: string) {
  const { deps, actor } = call;
  const command = { kind: 'verify' as const, by: actor.name, ...body, answers: [] };
  const found = await heard(call);
  const paper = judged(found.machine);
  if (!paper) mayInCase(found.machine, command);
  const task = await deps.store.tasks
    .findOne({ owner: found._id, origin: paper?.id ?? '' })
    .lean<TaskRecord>();
  if (!task) throw new Refusal('nothing-to-review');
  if (actor.agency === task.agency) throw new Refusal('own-agency');
  const answers = await roundAnswers(deps, task);
  if (ifMatch !== '' && !matches(ifMatch, etagOf(task.round, answers))) throw new Refusal('stale-version');
  await consumed(deps, task._id);
  return toldCase(call, { ...command, answers: answers.map((one) => one._id) });
}

const HEARS_MS = 200;
const HEARS_TIMES = 20;

/** The case as it stands once it has heard of an answer that its task already has. */
async function heard({ deps, found }: CaseCall): Promise<CaseRecord> {
  let now = found;
  for (let tries = 0; tries < HEARS_TIMES && !judged(now.machine); tries += 1) {
    if (!(await deps.store.tasks.exists({ owner: found._id, state: 'inReview' }))) return now;
    await new Promise((resolve) => setTimeout(resolve, HEARS_MS));
    now = (await findCase(deps, { no: found._id })) ?? now;
  }
  return now;
}
