import { z } from 'zod';
import { stamp } from '../../domain/clock.ts';
import { type ContactWord, quarterBegins } from '../../domain/contact-check.ts';
import { type ContactCheckRecord, newestQuarter, takeContactWord } from '../../models/contact-check.ts';
import { lostSince } from '../../models/message.ts';
import { READERS, STAFF } from '../access.ts';
import { listPage } from '../lists.ts';
import { successorShape } from '../pages/contact.ts';
import { created, ok, route } from '../route.ts';
import { page, sentence, several } from '../shapes.ts';

const STATES = ['waiting', 'asked', 'confirmed', 'replaced', 'unclear', 'silent', 'gone'] as const;

export const showCheck = (check: ContactCheckRecord, lost: ReadonlyMap<string, string> = new Map()) => {
  const { _id, quarter, agency, agencyName, name, email, role, state, askedAt, remindedAt, answeredAt } =
    check;
  const bouncedAt = lost.get(email.toLowerCase());
  return {
    id: _id,
    quarter,
    agency,
    agencyName,
    name,
    email,
    role,
    state,
    ...(askedAt === undefined ? {} : { askedAt }),
    ...(remindedAt === undefined ? {} : { remindedAt }),
    ...(answeredAt === undefined ? {} : { answeredAt }),
    /** A mail to this address did not arrive in the quarter. */
    ...(bouncedAt === undefined ? {} : { bouncedAt }),
    said: check.said.map(({ mail: _mail, ...one }) => one),
  };
};

const answerBody = z.discriminatedUnion('result', [
  z.object({ result: z.literal('confirmed'), note: sentence.optional() }),
  z.object({ result: z.literal('replaced'), successor: successorShape, note: sentence.optional() }),
]);

export const contactCheckRoutes = [
  route({
    method: 'get',
    path: '/contact-checks',
    rule: READERS,
    summary: '联络员季度确认：默认为最近一个季度',
    query: page.extend({
      quarter: z
        .string()
        .regex(/^\d{4}-Q[1-4]$/)
        .optional(),
      agency: z.string().max(64).optional(),
      state: several(STATES).optional(),
    }),
    async work(call) {
      const { store } = call.deps;
      const { agency, state } = call.query;
      const quarter = call.query.quarter ?? (await newestQuarter(store)) ?? '';
      const lost =
        quarter === '' ? new Map<string, string>() : await lostSince(store.messages, quarterBegins(quarter));
      const filter = {
        quarter,
        ...(agency === undefined ? {} : { agency }),
        ...(state === undefined ? {} : { state: { $in: state } }),
      };
      return listPage(store.contactChecks, call, {
        filter,
        show: (check: ContactCheckRecord) => showCheck(check, lost),
      });
    },
  }),
  route({
    method: 'get',
    path: '/contact-checks/:id',
    rule: READERS,
    summary: '一名联络员的季度确认',
    find: ({ store }, params) => store.contactChecks.findById(params['id']).lean<ContactCheckRecord>(),
    async work({ deps, found }) {
      const lost = await lostSince(deps.store.messages, quarterBegins(found.quarter), [found.email]);
      return ok(showCheck(found, lost));
    },
  }),
  route({
    method: 'post',
    path: '/contact-checks/:id/answer',
    rule: STAFF,
    key: 'required',
    summary: '登记联络员电话或当面的答复',
    body: answerBody,
    find: ({ store }, params) => store.contactChecks.findById(params['id']).lean<ContactCheckRecord>(),
    async work({ deps, body, found, actor }) {
      const word: ContactWord =
        body.result === 'confirmed' ? { kind: 'confirmed' } : { kind: 'replaced', successor: body.successor };
      const at = stamp(await deps.clock.now());
      const text = body.note === undefined ? {} : { text: body.note };
      const said = { at, channel: 'operator' as const, by: actor.name, ...text };
      return created(showCheck(await takeContactWord(deps.store, found, { word, said })));
    },
  }),
];
