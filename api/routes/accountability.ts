import { z } from 'zod';
import { MEASURES, type MeasureKind, possibleMeasures } from '../../domain/accountability.ts';
import { Refusal } from '../../domain/refusals.ts';
import type { AccountabilityRecord } from '../../models/accountability.ts';
import { APPROVERS, READERS, type Rule } from '../access.ts';
import { recommend, tellAccountability } from '../accountability.ts';
import { findCase } from '../case-calls.ts';
import { mayInCase, tellCase } from '../commands.ts';
import type { ApiDeps } from '../deps.ts';
import { listPage } from '../lists.ts';
import { created, ok, route } from '../route.ts';
import { date, page, sentence, term, word } from '../shapes.ts';
import { taskBrief } from '../task-view.ts';

const measure = z.enum(Object.keys(MEASURES) as [MeasureKind, ...MeasureKind[]]);
const RECOMMENDERS: Rule = ['organizer', 'approver'];

const find = ({ store }: ApiDeps, params: Readonly<Record<string, string>>) =>
  store.accountabilities.findById(params['no']).lean<AccountabilityRecord>();

const brief = ({ _id, machine: _machine, ...rest }: AccountabilityRecord) => ({ no: _id, ...rest });

/** A recommendation with its task and what may be done with it now. */
async function show({ store, clock }: ApiDeps, no: string) {
  const [record, task] = await Promise.all([
    store.accountabilities.findById(no).lean<AccountabilityRecord>(),
    store.tasks.findOne({ owner: no }).lean(),
  ]);
  if (!record) throw new Error(`no accountability ${no}`);
  return {
    ...brief(record),
    measureName: MEASURES[record.kind],
    possible: possibleMeasures({ status: record.state }),
    ...(record.machine.status === 'ended' ? { because: record.machine.because } : {}),
    ...(record.machine.status === 'inEffect' && record.machine.notifyBy
      ? { notifyBy: record.machine.notifyBy }
      : {}),
    tasks: task ? [taskBrief(task, await clock.now())] : [],
  };
}

export const accountabilityRoutes = [
  route({
    method: 'post',
    path: '/cases/:no/accountability',
    rule: RECOMMENDERS,
    key: 'required',
    summary: '提出责任追究建议，发有权机关处理',
    body: z.object({
      kind: measure,
      subject: word,
      body: word,
      reason: sentence.optional(),
      basis: word.optional(),
      term: term.optional(),
    }),
    find: findCase,
    async work({ deps, found, body, actor, key }) {
      if (!found.facts.includes('filed'))
        throw new Refusal('fact-missing', '案件尚未立案（filed），不能提出责任追究建议');
      mayInCase(found.machine, { kind: 'note', what: 'accountability', about: '', by: actor.name });
      const record = await recommend(deps, { ...body, case: found._id, by: actor.name, key });
      const command = { kind: 'note', what: 'accountability', about: record._id, by: actor.name } as const;
      await tellCase(deps, found._id, { key: `${key}|note`, command });
      const at = { Location: `/api/v1/accountabilities/${record._id}` };
      return created(await show(deps, record._id), at);
    },
  }),
  route({
    method: 'get',
    path: '/accountabilities',
    rule: READERS,
    summary: '责任追究建议',
    query: page.extend({
      case: z.string().max(80).optional(),
      subject: z.string().max(80).optional(),
      state: z.string().max(40).optional(),
    }),
    async work(call) {
      const { case: of, subject, state } = call.query;
      return listPage(call.deps.store.accountabilities, call, {
        filter: {
          ...(of === undefined ? {} : { case: of }),
          ...(subject === undefined ? {} : { 'subject.id': subject }),
          ...(state === undefined ? {} : { state }),
        },
        show: brief,
        order: -1,
      });
    },
  }),
  route({
    method: 'get',
    path: '/accountabilities/:no',
    rule: READERS,
    summary: '一项责任追究建议',
    find,
    work: async ({ deps, found }) => ok(await show(deps, found._id)),
  }),
  route({
    method: 'post',
    path: '/accountabilities/:no/outcome',
    rule: RECOMMENDERS,
    key: 'required',
    summary: '登记有权机关的处理结果',
    body: z.discriminatedUnion('imposed', [
      z.object({
        imposed: z.literal(true),
        measure: measure.optional(),
        on: date,
        from: date.optional(),
        until: date.optional(),
        document: word.optional(),
        note: sentence.optional(),
      }),
      z.object({ imposed: z.literal(false), reason: sentence }),
    ]),
    find,
    async work({ deps, found, body, actor, key }) {
      const { _id: no, kind } = found;
      if (!body.imposed) {
        const command = { kind: 'decline', by: actor.name, reason: body.reason } as const;
        await tellAccountability(deps, no, { key, command });
        return created(await show(deps, no));
      }
      const { on, from = on, until, document, note = '' } = body;
      const outcome = {
        measure: body.measure ?? kind,
        on,
        from,
        note,
        ...(until === undefined ? {} : { until }),
        ...(document === undefined ? {} : { document }),
      };
      await tellAccountability(deps, no, {
        key,
        command: { kind: 'recordOutcome', by: actor.name, outcome },
      });
      return created(await show(deps, no));
    },
  }),
  ...(['restoration', 'withdrawal'] as const).map((noun) =>
    route({
      method: 'post',
      path: `/accountabilities/:no/${noun}`,
      rule: APPROVERS,
      key: 'required',
      summary: noun === 'restoration' ? '提前恢复：暂扣的证件发还' : '撤回责任追究建议',
      body: z.object({ reason: sentence }),
      find,
      async work({ deps, found, body, actor, key }) {
        const kind = noun === 'restoration' ? ('restore' as const) : ('withdraw' as const);
        const command = { kind, by: actor.name, reason: body.reason };
        await tellAccountability(deps, found._id, { key, command });
        return created(await show(deps, found._id));
      },
    }),
  ),
];
