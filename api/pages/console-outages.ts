import type { OutageRecord } from '../../models/outage.ts';
import { READERS, STAFF } from '../access.ts';
import { outageRoutes, touchesOf } from '../routes/outages.ts';
import { type ConsoleRoute, type Page, type Visit, callRoute, text } from './console-frame.ts';

const MOST = 50;
const MOST_TASKS = 200;

export const outageConsoleRoutes: readonly ConsoleRoute[] = [
  { method: 'get', path: '/outages', rule: READERS, work: outages },
  { method: 'post', path: '/outages/:id/approval', rule: STAFF, work: approve, again: outages },
  { method: 'post', path: '/outages/:id/refusal', rule: STAFF, work: refuse, again: outages },
];

/** What was down, and the dates that an officer may let run on because of it. */
async function outages(visit: Visit): Promise<Page> {
  const { deps, t, actor } = visit;
  const rows = await deps.store.outages.find({}).sort({ from: -1 }).limit(MOST).lean<OutageRecord[]>();
  const items = await Promise.all(
    rows.map(async (row) => {
      const touched = await touchesOf(deps, row);
      return {
        no: row._id,
        organs: row.organs,
        from: row.from,
        until: row.until,
        state: row.state,
        open: row.state === 'proposed',
        decidedBy: row.decidedBy ?? '',
        decidedAt: row.decidedAt ?? '',
        reason: row.reason ?? '',
        n: touched.filter((one) => one.barred === undefined).length,
        touched: touched.slice(0, MOST_TASKS).map((one) => ({
          ...one,
          lost: one.days.length,
          barred: one.barred ?? '',
          excused: one.excused !== undefined,
          document: one.document ?? '',
        })),
      };
    }),
  );
  return {
    page: 'outages',
    title: t('console.outages.title'),
    path: '/console/outages',
    view: { items, mayDecide: STAFF.includes(actor.role) },
  };
}

async function approve(visit: Visit) {
  const reason = text(visit.body['reason']);
  const { extended } = (await callRoute(visit, outageRoutes, {
    at: 'post /outages/:id/approval',
    body: reason === '' ? {} : { reason },
  })) as { extended: readonly unknown[] };
  return { to: '/console/outages', said: visit.t('console.outages.said.approved', { n: extended.length }) };
}

async function refuse(visit: Visit) {
  await callRoute(visit, outageRoutes, {
    at: 'post /outages/:id/refusal',
    body: { reason: text(visit.body['reason']) },
  });
  return { to: '/console/outages', said: visit.t('console.outages.said.refused') };
}
