import { z } from 'zod';
import { REMEDIES } from '../../domain/clue.ts';
import { stamp } from '../../domain/clock.ts';
import { Refusal } from '../../domain/refusals.ts';
import { appendEvents } from '../../models/event.ts';
import { ORGANIZERS, READERS, STAFF } from '../access.ts';
import { openEvidence, openIdentity } from '../clue-identity.ts';
import { handlesClue, showNotice } from '../clue-view.ts';
import { listPage } from '../lists.ts';
import { Problem, notFound } from '../problem.ts';
import { byNumber, nameless } from '../nameless.ts';
import { created, route } from '../route.ts';
import { date, page, sentence, several, word } from '../shapes.ts';
import { findClue, shownTo } from './clues.ts';
import { sendFile } from './incoming.ts';

const remedy = z.object({
  kind: z.enum(REMEDIES),
  no: word,
  since: date,
  ended: date.optional(),
});

/** What concerns the people behind a clue: who complained, what they were told, what they sent, where else they turned. */
export const cluePeopleRoutes = nameless(
  [
    route({
      method: 'get',
      path: '/complainant-notices',
      rule: READERS,
      summary: '对投诉人的告知：?state=byPerson 为待人工告知',
      query: page.extend({ state: several(['pending', 'sent', 'byPerson', 'told', 'onPage']).optional() }),
      async work(call) {
        const { deps, query, actor } = call;
        const own = actor.agency ? await deps.store.clues.distinct('_id', { agency: actor.agency }) : [];
        return listPage(deps.store.complainantNotices, call, {
          filter: {
            ...(query.state ? { state: { $in: query.state } } : {}),
            ...(own.length > 0 ? { clue: { $nin: own } } : {}),
          },
          show: showNotice,
        });
      },
    }),
    route({
      method: 'post',
      path: '/clues/:no/remedy',
      rule: ORGANIZERS,
      summary: '登记复议、诉讼或监察已经开始或结束',
      body: remedy,
      find: findClue,
      async work(call) {
        const { deps, body: given, actor } = call;
        const clue = shownTo(call);
        const { kind, no, since, ended } = given;
        const others = clue.remedies.filter((one) => one.kind !== kind || one.no !== no);
        const remedies = [...others, { kind, no, since, ...(ended === undefined ? {} : { ended }) }];
        await deps.store.clues.updateOne({ _id: clue._id }, { $set: { remedies } });
        const at = stamp(await deps.clock.now());
        await appendEvents(deps.store.events, {
          owner: clue.case ?? clue._id,
          key: `remedy/${kind}/${no}/${ended ?? ''}`,
          entries: [
            {
              at,
              source: 'person',
              what: ended === undefined ? 'remedy-begun' : 'remedy-ended',
              who: actor.name,
              detail: { kind, no, since: ended ?? since },
            },
          ],
        });
        return created({ no: clue._id, remedies });
      },
    }),
    route({
      method: 'post',
      path: '/clues/:no/complainant/openings',
      rule: STAFF,
      summary: '查看投诉人身份（须说明目的，每次查看留痕）',
      body: z.object({ purpose: sentence }),
      shownOnce: true,
      find: findClue,
      work: async ({ deps, found, body: given, actor }) =>
        created(await openIdentity(deps, found, { actor, purpose: given.purpose })),
    }),
    route({
      method: 'post',
      path: '/clues/:no/notices/:id/done',
      rule: ORGANIZERS,
      summary: '登记已当面或电话告知投诉人',
      body: z.object({ note: sentence.optional() }),
      find: findClue,
      async work(call) {
        const { deps, body: given, actor, params } = call;
        const clue = shownTo(call);
        if (!handlesClue(actor, clue)) throw new Problem(403, 'forbidden');
        const toldAt = stamp(await deps.clock.now());
        const told = await deps.store.complainantNotices
          .findOneAndUpdate(
            { _id: `${clue._id}/${params['id']}`, state: 'byPerson' },
            {
              $set: {
                state: 'told',
                toldBy: actor.name,
                toldAt,
                ...(given.note ? { note: given.note } : {}),
              },
            },
            { returnDocument: 'after' },
          )
          .lean();
        if (!told) throw new Refusal('already-decided', '没有待人工告知的这一项');
        return created(showNotice(told));
      },
    }),
    route({
      method: 'post',
      path: '/clues/:no/files/:n/openings',
      rule: STAFF,
      summary: '下载投诉人提交的第n个附件（从1起）：须说明目的，每次下载留痕',
      body: z.object({ purpose: sentence }),
      shownOnce: true,
      find: findClue,
      async work({ deps, res, found, body: given, actor, params }) {
        const opening = { actor, purpose: given.purpose, n: Number(params['n']) };
        const file = await openEvidence(deps, found, opening);
        await sendFile(deps, res.status(201), file).catch(() => {
          throw notFound();
        });
        return undefined;
      },
    }),
  ],
  byNumber,
);
