import { WorkflowExecutionAlreadyStartedError } from '@temporalio/client';
import { z } from 'zod';
import { stamp } from '../../domain/clock.ts';
import { Refusal } from '../../domain/refusals.ts';
import { summaryOf } from '../../domain/stand-words.ts';
import { readCalendar } from '../../models/calendar.ts';
import { appendEvents } from '../../models/event.ts';
import { type OutageExtension, type OutageRecord, touchedBy } from '../../models/outage.ts';
import { type MovesInput, WORK_QUEUE, outageId } from '../../workflows/messages.ts';
import { READERS, STAFF } from '../access.ts';
import { reached } from '../commands.ts';
import type { ApiDeps } from '../deps.ts';
import { listPage } from '../lists.ts';
import { accepted, created, ok, route } from '../route.ts';
import { page, sentence } from '../shapes.ts';
import { shown } from './calendars.ts';

const showTouched = ({ group: _group, ...one }: OutageExtension) => one;

const showOutage = ({ _id, extended, ...outage }: OutageRecord) => ({
  no: _id,
  ...outage,
  extended: extended.length,
});

const findOutage = ({ store }: ApiDeps, params: Readonly<Record<string, string>>) =>
  store.outages.findById(params['id']).lean<OutageRecord>();

/** What an outage touches now, or what was extended because of it. */
export async function touchesOf(
  { store, clock }: ApiDeps,
  outage: OutageRecord,
): Promise<readonly OutageExtension[]> {
  if (outage.state !== 'proposed') return outage.extended;
  const now = stamp(await clock.now());
  return touchedBy(store, outage, { calendar: await readCalendar(store.calendars), now });
}

function undecided(outage: OutageRecord): void {
  if (outage.state === 'proposed') return;
  throw new Refusal(
    'already-decided',
    outage.state === 'untouched' ? '这次停运没有影响任何事项，无需延期' : '这次停运的延期已经决定',
  );
}

export const outageRoutes = [
  route({
    method: 'get',
    path: '/outages',
    rule: READERS,
    summary: '停运：系统自己记录的中断，及拟延期的决定',
    query: page.extend({ state: z.enum(['untouched', 'proposed', 'approved', 'refused']).optional() }),
    async work(call) {
      const { state } = call.query;
      const filter = state === undefined ? {} : { state };
      return listPage(call.deps.store.outages, call, { filter, order: -1, show: showOutage });
    },
  }),
  route({
    method: 'get',
    path: '/outages/:id',
    rule: READERS,
    summary: '一次停运，及受影响的事项',
    find: findOutage,
    async work({ deps, found }) {
      const touched = await touchesOf(deps, found);
      return ok({ ...showOutage(found), touched: touched.map(showTouched) });
    },
  }),
  route({
    method: 'post',
    path: '/outages/:id/approval',
    rule: STAFF,
    key: 'required',
    summary: '批准顺延：受影响的事项各延长被占用的工作日；仅因停运而迟交的，取消迟交标记',
    body: z.object({ reason: sentence.optional() }),
    find: findOutage,
    async work({ deps, found, body, actor }) {
      undecided(found);
      const touched = await touchesOf(deps, found);
      const taken = touched.filter((one) => one.barred === undefined);
      const extended = taken.filter((one) => one.excused === undefined);
      const excused = taken.filter((one) => one.excused !== undefined);
      const input: MovesInput = {
        id: outageId(found._id),
        outage: found._id,
        by: actor.name,
        at: stamp(await deps.clock.now()),
        reason: body.reason ?? `系统停运（${found._id}），期限相应顺延`,
      };
      await reached(deps, () =>
        deps.client.workflow.start('calendarMovesWorkflow', {
          workflowId: input.id,
          taskQueue: WORK_QUEUE,
          args: [input],
          workflowIdReusePolicy: 'REJECT_DUPLICATE',
          staticSummary: summaryOf('outage', found._id),
        }),
      ).catch((error: unknown) => {
        if (!(error instanceof WorkflowExecutionAlreadyStartedError)) throw error;
      });
      await shown(deps, extended);
      const skipped = touched.flatMap(({ task, barred }) =>
        barred === undefined ? [] : [{ task, why: barred }],
      );
      return accepted({
        no: found._id,
        state: 'approved',
        extended: extended.map(showTouched),
        excused: excused.map(showTouched),
        skipped,
      });
    },
  }),
  route({
    method: 'post',
    path: '/outages/:id/refusal',
    rule: STAFF,
    key: 'required',
    summary: '不予顺延，附理由',
    body: z.object({ reason: sentence }),
    find: findOutage,
    async work({ deps, found, body, actor }) {
      undecided(found);
      const { store, clock } = deps;
      const at = stamp(await clock.now());
      const done = await store.outages.updateOne(
        { _id: found._id, state: 'proposed' },
        { $set: { state: 'refused', decidedBy: actor.name, decidedAt: at, reason: body.reason } },
      );
      if (done.modifiedCount === 0) throw new Refusal('already-decided', '这次停运的延期已经决定');
      await appendEvents(store.events, {
        owner: found._id,
        key: 'refused',
        entries: [
          {
            at,
            source: 'decision',
            what: 'outage-refused',
            who: actor.name,
            detail: { reason: body.reason },
          },
        ],
      });
      return created({ no: found._id, state: 'refused' });
    },
  }),
];
