import { z } from 'zod';
import { stamp } from '../../domain/clock.ts';
import { Refusal } from '../../domain/refusals.ts';
import { appendEvents } from '../../models/event.ts';
import { type HeldAnswerRecord, decideHeld } from '../../models/held-answer.ts';
import { ORGANIZERS, READERS } from '../access.ts';
import { listPage } from '../lists.ts';
import { created, route } from '../route.ts';
import { page, sentence } from '../shapes.ts';

export const showHeldAnswer = (held: HeldAnswerRecord) => ({
  id: held._id,
  task: held.task,
  agency: held.agency,
  agencyName: held.agencyName,
  handedTo: held.handedTo,
  kind: held.incoming.kind,
  by: held.incoming.by.name,
  text: held.incoming.text ?? '',
  files: (held.incoming.files ?? []).map(({ name, size, sha256 }) => ({ name, size, sha256 })),
  receivedAt: held.receivedAt,
  state: held.state,
  ...(held.decidedBy === undefined ? {} : { decidedBy: held.decidedBy, decidedAt: held.decidedAt }),
  ...(held.reason === undefined ? {} : { reason: held.reason }),
});

export const heldAnswerRoutes = [
  route({
    method: 'get',
    path: '/held-answers',
    rule: READERS,
    summary: '原联络员在事项转交后提交、待判断的内容',
    query: page.extend({ state: z.enum(['waiting', 'counted', 'putAside']).optional() }),
    async work(call) {
      const { state } = call.query;
      const filter = state === undefined ? {} : { state };
      return listPage(call.deps.store.heldAnswers, call, { filter, show: showHeldAnswer });
    },
  }),
  route({
    method: 'post',
    path: '/held-answers/:id/decision',
    rule: ORGANIZERS,
    key: 'required',
    summary: '计为反馈，或附理由不计',
    body: z.discriminatedUnion('counts', [
      z.object({ counts: z.literal(true) }),
      z.object({ counts: z.literal(false), reason: sentence }),
    ]),
    find: ({ store }, params) => store.heldAnswers.findById(params['id']).lean<HeldAnswerRecord>(),
    async work({ deps, found, body, actor }) {
      const { store, clock } = deps;
      const at = stamp(await clock.now());
      const reason = body.counts ? {} : { reason: body.reason };
      if (!(await decideHeld(store, found, { counts: body.counts, by: actor.name, at, ...reason })))
        throw new Refusal('already-decided', '这份内容已经处理过');
      const task = await store.tasks.findById(found.task, { owner: 1 }).lean();
      const what = `held-answer-${body.counts ? 'counted' : 'putAside'}`;
      const detail = { receipt: found._id, ...reason };
      await appendEvents(store.events, {
        owner: task?.owner ?? `agency/${found.agency}`,
        key: `held-answer/${found._id}`,
        entries: [{ at, source: 'decision', what, task: found.task, who: actor.name, detail }],
      });
      return created({ id: found._id, state: body.counts ? 'counted' : 'putAside' });
    },
  }),
];
