import { z } from 'zod';
import { type Appraised, appraise, without } from '../../domain/appraisal.ts';
import { Refusal } from '../../domain/refusals.ts';
import { type AppraisalRecord, appraisedAgencies, struckIn } from '../../models/appraisal.ts';
import { appendEvents } from '../../models/event.ts';
import { objectionsOf } from '../../models/objection.ts';
import { ADMINISTRATORS, APPROVERS, ORGANIZERS, READERS } from '../access.ts';
import type { ApiDeps } from '../deps.ts';
import { tellObjector } from '../objections.ts';
import { tellPlan } from '../plan-commands.ts';
import { nowStamp } from '../plan-view.ts';
import { created, ok, route } from '../route.ts';
import { line, sentence, term } from '../shapes.ts';

/** Whether agencies are ranked: off unless the office switches it on. */
const RANKING = 'appraisal-ranking';
const DEFAULT_TERM = { workdays: 5 };

const yearOf = (params: Readonly<Record<string, string>>): number | null =>
  /^20\d\d$/.test(params['year'] ?? '') ? Number(params['year']) : null;

interface Year {
  readonly year: number;
  readonly record: AppraisalRecord | null;
}

async function findYear({ store }: ApiDeps, params: Readonly<Record<string, string>>): Promise<Year | null> {
  const year = yearOf(params);
  return year === null
    ? null
    : { year, record: await store.appraisals.findById(year).lean<AppraisalRecord>() };
}

const published = async (deps: ApiDeps, params: Readonly<Record<string, string>>) => {
  const found = await findYear(deps, params);
  return found?.record ? { year: found.year, record: found.record } : null;
};

const madeIn = ({ _id, answers }: AppraisalRecord) => ({ owner: `RC-${_id}`, answers });

/** A year as it stands: counted now, or as it was published less what was struck out since. */
async function show(deps: ApiDeps, { year, record }: Year) {
  const { store } = deps;
  const events: readonly Appraised[] =
    record?.agencies ?? (await appraisedAgencies(store, year, await nowStamp(deps)));
  const [setting, names] = await Promise.all([
    store.settings.findById(RANKING).lean(),
    store.agencies.find({}, { name: 1 }).lean(),
  ]);
  const ranking = setting?.value === true;
  const name = new Map(names.map((one) => [one._id, one.name]));
  return {
    year,
    state: record?.state ?? 'computed',
    ranking,
    ...(record
      ? {
          publishedAt: record.publishedAt,
          objectUntil: record.objectUntil,
          objections: await objectionsOf(store, madeIn(record)),
          struck: struckIn(record),
          ...(record.finalAt === undefined ? {} : { finalAt: record.finalAt, finalBy: record.finalBy }),
        }
      : {}),
    items: appraise(without(events, struckIn(record))).map(({ rank, ...rest }) => ({
      ...rest,
      name: name.get(rest.agency) ?? rest.agency,
      ...(ranking ? { rank } : {}),
    })),
  };
}

const say = async (
  deps: ApiDeps,
  year: number,
  entry: { readonly what: string; readonly who: string; readonly key: string; readonly reason?: string },
): Promise<void> => {
  const { what, who, key, reason } = entry;
  await appendEvents(deps.store.events, {
    owner: `RC-${year}`,
    key: `${what}/${key}`,
    entries: [
      { at: await nowStamp(deps), source: 'decision', what, who, ...(reason ? { detail: { reason } } : {}) },
    ],
  });
};

/** Makes a year final, unless an objection is unanswered or comes at this moment. Invariant: how many came is read before what they are. */
async function makeFinal(
  { store }: ApiDeps,
  year: number,
  by: { readonly finalAt: string; readonly finalBy: string },
): Promise<void> {
  const { appraisals } = store;
  const record = await appraisals.findById(year).lean<AppraisalRecord>();
  if (record?.state !== 'preliminary') throw new Refusal('already-decided');
  if ((await objectionsOf(store, madeIn(record))).some((one) => !one.answer))
    throw new Refusal('objection-open');
  const made = await appraisals.updateOne(
    { _id: year, state: 'preliminary', heard: record.heard ?? null } as never,
    { $set: { state: 'final', ...by } },
  );
  if (made.matchedCount === 1) return;
  const now = await appraisals.findById(year, { state: 1 }).lean();
  throw now?.state === 'final'
    ? new Refusal('already-decided')
    : new Refusal('objection-open', '刚刚收到一件异议，答复后再确定结果');
}

export const appraisalRoutes = [
  route({
    method: 'get',
    path: '/appraisals/:year',
    rule: READERS,
    summary: '评议考核：每个机关的得分和得分依据；罚没金额不计入',
    find: findYear,
    work: async ({ deps, found }) => ok(await show(deps, found)),
  }),
  route({
    method: 'post',
    path: '/appraisals/:year',
    rule: ORGANIZERS,
    key: 'required',
    summary: '公布初步结果，各机关可在期限内提出异议',
    body: z.object({ term: term.default(DEFAULT_TERM) }),
    find: findYear,
    async work({ deps, found, body, key, actor }) {
      if (found.record) throw new Refusal('already-decided', '该年度评议考核已公布');
      await tellPlan(deps, `RC-${found.year}`, {
        key,
        command: { kind: 'appraise', by: actor.name, term: body.term },
      });
      return created(await show(deps, (await findYear(deps, { year: String(found.year) })) ?? found));
    },
  }),
  route({
    method: 'post',
    path: '/appraisals/:year/objections/:id/answer',
    rule: ORGANIZERS,
    key: 'required',
    summary: '答复机关对评议考核的异议；采纳的，列明不再计入的事项',
    body: z.object({
      accepted: z.boolean(),
      reason: sentence,
      strike: z.array(line(100).min(1)).max(500).default([]),
    }),
    find: async (deps, params) => {
      const found = await published(deps, params);
      const objections = found ? await objectionsOf(deps.store, madeIn(found.record)) : [];
      const objection = objections.find((one) => one.id === params['id']);
      return found && objection ? { ...found, objection } : null;
    },
    async work({ deps, found, body, key, actor }) {
      const { record, objection, year } = found;
      if (record.state === 'final' || objection.answer) throw new Refusal('already-decided');
      const at = await nowStamp(deps);
      const answer = { objection: objection.id, by: actor.name, at, ...body };
      const taken = await deps.store.appraisals.updateOne(
        { _id: year, state: 'preliminary', 'answers.objection': { $ne: objection.id } },
        { $push: { answers: answer } },
      );
      if (taken.matchedCount === 0) throw new Refusal('already-decided');
      await say(deps, year, {
        what: 'appraisal-objection-answered',
        who: actor.name,
        key,
        reason: body.reason,
      });
      await tellObjector(deps, objection.id, { key, by: actor.name, reason: `异议答复：${body.reason}` });
      return created(await show(deps, (await findYear(deps, { year: String(year) })) ?? found));
    },
  }),
  route({
    method: 'post',
    path: '/appraisals/:year/final',
    rule: APPROVERS,
    key: 'required',
    summary: '异议期满并答复全部异议后，确定评议考核结果',
    find: published,
    async work({ deps, found, key, actor }) {
      const { record, year } = found;
      if (record.state === 'final') throw new Refusal('already-decided');
      const at = await nowStamp(deps);
      if (Date.parse(at) < Date.parse(record.objectUntil)) throw new Refusal('term-running');
      await makeFinal(deps, year, { finalAt: at, finalBy: actor.name });
      await say(deps, year, { what: 'appraisal-final', who: actor.name, key });
      return created(await show(deps, (await findYear(deps, { year: String(year) })) ?? found));
    },
  }),
  route({
    method: 'put',
    path: '/appraisals/ranking',
    rule: ADMINISTRATORS,
    summary: '是否对各机关排名（默认不排名）',
    body: z.object({ on: z.boolean() }),
    async work({ deps, body }) {
      await deps.store.settings.updateOne({ _id: RANKING }, { $set: { value: body.on } }, { upsert: true });
      return ok({ on: body.on });
    },
  }),
];
