import { z } from 'zod';
import { CLOSING_REASONS } from '../../domain/case.ts';
import { APPROVERS, STAFF } from '../access.ts';
import { bringToCase, entryId, findCase, toldCase } from '../case-calls.ts';
import { created, route } from '../route.ts';
import { prose, sentence } from '../shapes.ts';

export const caseClosingRoutes = [
  route({
    method: 'post',
    path: '/cases/:no/closure',
    rule: STAFF,
    key: 'required',
    summary: '结案',
    body: z.object({ reason: z.enum(CLOSING_REASONS), note: prose(4_000).default('') }),
    find: findCase,
    work: async (call) => created(await toldCase(call, { kind: 'close', by: call.actor.name, ...call.body })),
  }),
  route({
    method: 'post',
    path: '/cases/:no/reply',
    rule: STAFF,
    key: 'required',
    summary: '答复投诉人',
    body: z.object({ text: sentence }),
    find: findCase,
    async work(call) {
      const id = entryId('DF', call.key);
      const command = { kind: 'reply' as const, by: call.actor.name, reply: id };
      return created(
        await bringToCase(call, { id, entry: { what: 'reply', text: call.body.text }, command }),
      );
    },
  }),
  route({
    method: 'post',
    path: '/cases/:no/archive',
    rule: STAFF,
    key: 'required',
    summary: '归档',
    find: findCase,
    work: async (call) => created(await toldCase(call, { kind: 'archive', by: call.actor.name })),
  }),
  route({
    method: 'post',
    path: '/cases/:no/government-submission',
    rule: STAFF,
    key: 'required',
    summary: '报请县政府批准',
    find: findCase,
    work: async (call) => created(await toldCase(call, { kind: 'submitToGovernment', by: call.actor.name })),
  }),
  route({
    method: 'post',
    path: '/cases/:no/government-approval',
    rule: APPROVERS,
    key: 'required',
    summary: '登记县政府的批准或者退回',
    body: z.object({ approved: z.boolean(), note: prose(4_000).default('') }),
    find: findCase,
    work: async (call) =>
      created(await toldCase(call, { kind: 'decideByGovernment', by: call.actor.name, ...call.body })),
  }),
];
