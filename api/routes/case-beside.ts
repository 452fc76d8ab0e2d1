import { z } from 'zod';
import type { Remedy, TransferTarget } from '../../domain/case.ts';
import { Refusal, type RefusalCode } from '../../domain/refusals.ts';
import type { CaseRecord } from '../../models/case.ts';
import { readSupervisors } from '../../models/agency.ts';
import { APPROVERS, ORGANIZERS, STAFF } from '../access.ts';
import { bringToCase, entryId, findCase, toldCase } from '../case-calls.ts';
import { invalid } from '../problem.ts';
import { type Call, created, route } from '../route.ts';
import { prose, sentence, word } from '../shapes.ts';

const REMEDIES = ['reconsideration', 'litigation', 'supervisoryInvestigation'] as const satisfies Remedy[];
const TARGETS = [
  'supervisionCommission',
  'police',
  'procuratorate',
  'competentAgency',
] as const satisfies TransferTarget[];
const note = prose(4_000).default('');

export const caseBesideRoutes = [
  route({
    method: 'post',
    path: '/cases/:no/recusals',
    rule: ORGANIZERS,
    key: 'required',
    summary: '申请回避（本人、被监督机关、投诉人），或者指令回避',
    body: z.object({
      /** A supervisor by id, or by a name that only one has. */
      person: word,
      side: z.enum(['self', 'agency', 'complainant', 'exOfficio']).default('self'),
      reason: sentence,
    }),
    find: findCase,
    async work(call) {
      const { deps, body, actor, key } = call;
      const known = await readSupervisors(deps.store, [body.person]);
      const person =
        known.find((one) => one.id === body.person) ?? (known.length === 1 ? known[0] : undefined);
      if (!person) throw invalid('/person', 'supervisor-unknown', `没有监督人员 ${body.person}`);
      const id = entryId('HB', key);
      const { side } = body;
      const command = { kind: 'askRecusal' as const, by: actor.name, recusal: id, person: person.id, side };
      const entry = { what: 'recusal' as const, ...body, person: person.id };
      return created(await bringToCase(call, { id, entry, command }));
    },
  }),
  route({
    method: 'post',
    path: '/cases/:no/recusals/:id/decision',
    rule: APPROVERS,
    key: 'required',
    summary: '决定回避',
    body: z.object({ granted: z.boolean() }),
    find: findCase,
    async work(call) {
      const recusal = named(call, 'recusals', 'recusal-unknown');
      const { granted } = call.body;
      return created(await toldCase(call, { kind: 'decideRecusal', by: call.actor.name, recusal, granted }));
    },
  }),
  route({
    method: 'post',
    path: '/cases/:no/suspension',
    rule: STAFF,
    key: 'required',
    summary: '中止：复议、诉讼、监察已经开始',
    body: z.object({ remedy: z.enum(REMEDIES).optional(), reason: prose(4_000).optional() }),
    find: findCase,
    async work(call) {
      const { remedy, reason } = call.body;
      const told = remedy ?? REMEDIES.find((one) => one === reason);
      return created(
        await toldCase(call, { kind: 'suspend', by: call.actor.name, remedy: told ?? remedyIn(reason) }),
      );
    },
  }),
  route({
    method: 'post',
    path: '/cases/:no/resumption',
    rule: STAFF,
    key: 'required',
    summary: '恢复办理',
    body: z.object({ note, reason: prose(4_000).optional() }),
    find: findCase,
    work: async (call) =>
      created(
        await toldCase(call, {
          kind: 'resume',
          by: call.actor.name,
          note: call.body.note === '' ? (call.body.reason ?? '') : call.body.note,
        }),
      ),
  }),
  route({
    method: 'post',
    path: '/cases/:no/objections/:id/answer',
    rule: APPROVERS,
    key: 'required',
    summary: '答复异议；成立的，撤回文书',
    body: z
      .object({ upheld: z.boolean(), text: sentence.optional(), reason: sentence.optional() })
      .transform(({ upheld, text, reason }) => ({ upheld, text: text ?? reason ?? '' }))
      .refine(({ text }) => text !== '', { path: ['text'], params: { code: 'answer-missing' } }),
    find: findCase,
    async work(call) {
      const id = named(call, 'objections', 'objection-unknown');
      const { upheld, text } = call.body;
      const command = { kind: 'answerObjection' as const, by: call.actor.name, objection: id, upheld, text };
      return created(await toldCase(call, command));
    },
  }),
  route({
    method: 'post',
    path: '/cases/:no/transfer',
    rule: ORGANIZERS,
    key: 'required',
    summary: '提请移送（监察、公安、检察、有权机关）',
    body: z.object({ to: z.enum(TARGETS), reason: sentence }),
    find: findCase,
    async work(call) {
      const { body, actor, key } = call;
      const id = entryId('YS', key);
      const command = { kind: 'askTransfer' as const, by: actor.name, transfer: id, to: body.to };
      return created(await bringToCase(call, { id, entry: { what: 'transfer', ...body }, command }));
    },
  }),
  route({
    method: 'post',
    path: '/cases/:no/transfers/:id/decision',
    rule: APPROVERS,
    key: 'required',
    summary: '批准或者不批准移送',
    body: z.object({ approved: z.boolean(), note }),
    find: findCase,
    async work(call) {
      const transfer = named(call, 'transfers', 'transfer-unknown');
      return created(
        await toldCase(call, { kind: 'decideTransfer', by: call.actor.name, transfer, ...call.body }),
      );
    },
  }),
  route({
    method: 'post',
    path: '/cases/:no/transfers/:id/outcome',
    rule: STAFF,
    key: 'required',
    summary: '登记移送结果：已移送、已立案、不予立案',
    body: z.object({ outcome: z.enum(['handedOver', 'taken', 'sentBack']), note }),
    find: findCase,
    async work(call) {
      const transfer = named(call, 'transfers', 'transfer-unknown');
      return created(
        await toldCase(call, { kind: 'reportTransfer', by: call.actor.name, transfer, ...call.body }),
      );
    },
  }),
  route({
    method: 'post',
    path: '/cases/:no/withdrawal',
    rule: STAFF,
    key: 'required',
    summary: '登记投诉人撤回投诉',
    body: z.object({ reason: sentence }),
    find: findCase,
    work: async (call) =>
      created(
        await toldCase(call, { kind: 'withdrawComplaint', by: call.actor.name, reason: call.body.reason }),
      ),
  }),
];

/** The id that the path names, where the case has it. */
function named(
  { found, params }: Pick<Call<unknown, unknown, CaseRecord>, 'found' | 'params'>,
  ...[list, code]: ['recusals' | 'objections' | 'transfers', RefusalCode]
): string {
  const id = params['id'] ?? '';
  if (!found.machine[list].some((one) => one.id === id)) throw new Refusal(code);
  return id;
}

/** Which remedy a sentence speaks of; a reconsideration where it names none. */
function remedyIn(reason = ''): Remedy {
  if (reason.includes('诉讼')) return 'litigation';
  return reason.includes('监察') ? 'supervisoryInvestigation' : 'reconsideration';
}
