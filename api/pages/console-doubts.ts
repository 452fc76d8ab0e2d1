import { productAt, stamp } from '../../domain/clock.ts';
import type { MessageRecord } from '../../models/message.ts';
import { ORGANIZERS, READERS } from '../access.ts';
import { failureOf } from '../failure-words.ts';
import { messageRoutes } from '../routes/messages.ts';
import { type ConsoleRoute, type Page, type Visit, callRoute, text } from './console-frame.ts';

const MOST = 200;

export const doubtRoutes: readonly ConsoleRoute[] = [
  { method: 'get', path: '/doubts', rule: READERS, work: doubts },
  { method: 'post', path: '/doubts/:id/settlement', rule: ORGANIZERS, work: settle, again: doubts },
];

/** Mails of which nobody knows whether they arrived, the longest waiting first: each waits for a person's telephone call. */
async function doubts(visit: Visit): Promise<Page> {
  const { deps, t, lang, body, problem, params } = visit;
  const { store } = deps;
  const rows = await store.messages
    .find({ state: 'inDoubt' }, { raw: 0 })
    .sort({ createdAt: 1 })
    .limit(MOST)
    .lean<MessageRecord[]>();
  const [total, tasks, agencies, mapping] = await Promise.all([
    store.messages.countDocuments({ state: 'inDoubt' }),
    store.tasks.find({ _id: { $in: rows.map((one) => one.subject) } }, { agencyName: 1, title: 1 }).lean(),
    store.agencies
      .find({ _id: { $in: rows.map((one) => one.agency ?? '') } }, { name: 1, contacts: 1 })
      .lean(),
    deps.clock.mapping(),
  ]);
  const taskOf = new Map(tasks.map((one) => [one._id, one]));
  const agencyOf = new Map(agencies.map((one) => [one._id, one]));
  return {
    page: 'doubts',
    title: t('console.doubts.title'),
    path: '/console/doubts',
    view: {
      total,
      items: rows.map((one, i) => {
        const agency = agencyOf.get(one.agency ?? '');
        const contact = agency?.contacts.find((who) => who.email.toLowerCase() === one.recipient);
        const typed = problem && params['id'] === one._id;
        return {
          id: one._id,
          field: `reason-${i + 1}`,
          path: encodeURIComponent(one._id),
          task: taskOf.has(one.subject) ? one.subject : '',
          agencyName: agency?.name ?? taskOf.get(one.subject)?.agencyName ?? '',
          contact: contact?.name ?? '',
          phone: contact?.phone ?? '',
          kind: one.kind,
          to: one.recipient,
          line: one.subjectLine,
          at: stamp(productAt(mapping, (one.submittedAt ?? one.createdAt).getTime())),
          ...failureOf(one, lang),
          attempts: one.attempt,
          resend: typed ? text(body['outcome']) === 'resend' : false,
          reason: typed ? text(body['reason']) : '',
          error: typed ? (problem.errors[0]?.detail ?? '') : '',
        };
      }),
    },
  };
}

async function settle(visit: Visit) {
  const { body, t } = visit;
  const outcome = text(body['outcome']);
  const reason = text(body['reason']);
  const shown = (await callRoute(visit, messageRoutes, {
    at: 'post /messages/:id/settlement',
    body: { outcome, reason },
  })) as { state: string };
  const said = shown.state === 'inDoubt' ? 'later' : outcome;
  return { to: '/console/doubts', said: t(`console.said.doubt.${said}`) };
}
