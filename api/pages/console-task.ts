import { ofCase } from '../case-papers.ts';
import { failureOf } from '../failure-words.ts';
import { productAt, stamp } from '../../domain/clock.ts';
import { readCalendar } from '../../models/calendar.ts';
import type { CampaignRecord } from '../../models/campaign.ts';
import { entriesOf } from '../../models/history.ts';
import type { TaskRecord } from '../../models/task.ts';
import { ORGANIZERS, READERS } from '../access.ts';
import { mailMoments } from '../certificate.ts';
import { type FieldError, Problem, notFound } from '../problem.ts';
import { findTask, taskRoutes } from '../routes/tasks.ts';
import { showTask } from '../task-view.ts';
import { nextOfTask } from '../next-step.ts';
import { blockerOfTask } from '../task-blockers.ts';
import { certificatePage } from './console-certificate.ts';
import { ownerHref } from './console-ledger.ts';
import { nextReview } from './console-lists.ts';
import { timelineFor } from './console-timeline.ts';
import {
  type ConsoleRoute,
  type Page,
  type Visit,
  callRoute,
  dueOf,
  termFrom,
  text,
} from './console-frame.ts';

const RESULTS = ['met', 'partly', 'notMet', 'notApplicable'] as const;

export const taskConsoleRoutes: readonly ConsoleRoute[] = [
  { method: 'get', path: '/tasks/:no', rule: READERS, work: show },
  { method: 'get', path: '/tasks/:no/certificate', rule: READERS, work: certificate },
  { method: 'post', path: '/tasks/:no/accept', rule: ORGANIZERS, work: accept, again: show },
  { method: 'post', path: '/tasks/:no/return', rule: ORGANIZERS, work: giveBack, again: show },
  { method: 'post', path: '/tasks/:no/answers', rule: ORGANIZERS, work: enterAnswer, again: show },
  { method: 'post', path: '/tasks/:no/extensions/:id', rule: ORGANIZERS, work: decide, again: show },
  { method: 'post', path: '/tasks/:no/delegations', rule: ORGANIZERS, work: delegate, again: show },
  { method: 'post', path: '/tasks/:no/dates', rule: ORGANIZERS, work: move, again: show },
  { method: 'post', path: '/tasks/:no/withdrawal', rule: ORGANIZERS, work: withdraw, again: show },
];

const home = ({ params }: Visit): string => `/console/tasks/${encodeURIComponent(params['no'] ?? '')}`;

async function theTask({ deps, params }: Visit): Promise<TaskRecord> {
  const task = await findTask(deps, params);
  if (!task) throw notFound();
  return task;
}

type Shown = Awaited<ReturnType<typeof showTask>>['body'];

async function show(visit: Visit): Promise<Page> {
  const { deps, actor, body: typed } = visit;
  const { store } = deps;
  const task = await theTask(visit);
  const [{ body, etag }, calendar, history, campaign, now, mapping, timeline, blocker] = await Promise.all([
    showTask(deps, task),
    readCalendar(store.calendars),
    entriesOf(store, { owner: task.owner, task: task._id }),
    store.campaigns.findById(task.owner, { draft: 1 }).lean<Pick<CampaignRecord, '_id' | 'draft'>>(),
    deps.clock.now(),
    deps.clock.mapping(),
    timelineFor(visit, task._id, { path: home(visit), next: nextOfTask(task) }),
    // An engine that is away is no reason to say nothing of the task.
    blockerOfTask(deps, task, { lang: visit.lang, engine: true }).catch(() =>
      blockerOfTask(deps, task, { lang: visit.lang, engine: false }),
    ),
  ]);
  const open = task.state !== 'closed' && task.state !== 'withdrawn';
  const current = body.answers.filter((one) => one.round === task.round);
  const lacks = lacksOf(task, body);
  const returned = new Map((body.returned ?? []).map((one) => [one.id, one.reason]));
  const rounds = [...new Set(body.answers.map((one) => one.round))].toSorted((a, b) => b - a);
  const sentAt = mailMoments(history.filter((entry) => entry.source === 'mail'));
  const pending = body.requests.find((one) => one.id === body.extension?.id);
  return {
    page: 'task',
    title: `${task._id} ${task.agencyName}`,
    path: home(visit),
    view: {
      no: task._id,
      owner: task.owner,
      ownerHref: ownerHref(task.owner),
      campaignTitle: campaign?.draft.title ?? '',
      agency: task.agency,
      agencyName: task.agencyName,
      taskTitle: task.title,
      kind: task.kind,
      phase: task.phase,
      state: task.state,
      light: body.light,
      late: task.late,
      round: task.round,
      handedOver: task.handedOver && open,
      due: dueOf(task, calendar, now),
      legalBasis: task.legalBasis,
      etag,
      queue: visit.query['queue'] === 'yes' || typed['queue'] === 'yes' ? 'yes' : '',
      open,
      asking: open && task.state !== 'inReview',
      // A case's task is judged with the case.
      reviewable: open && current.length > 0 && actor.agency !== task.agency && !ofCase(task),
      ownAgency: actor.agency === task.agency,
      ...(body.acknowledged
        ? {
            acknowledged: {
              by: body.acknowledged.by,
              post: body.acknowledged.post ?? '',
              at: body.acknowledged.at,
            },
          }
        : {}),
      ...(task.machine.status === 'withdrawn' ? { withdrawn: task.machine.reason } : {}),
      ...(task.closedAt === undefined ? {} : { endedAt: task.closedAt }),
      items: task.items.map((item, i) => ({
        ...item,
        n: i + 1,
        evidence: item.evidence ?? '',
        lack: lacks.get(item.id) ?? '',
        was: returned.get(item.id) ?? '',
        said: rounds.flatMap((round) => {
          const said = body.answers.findLast((one) => one.round === round && one.items[item.id])?.items[
            item.id
          ];
          return said ? [{ round, result: said.result ?? '', note: said.note ?? '' }] : [];
        }),
        typedReason: text(typed[`reason-${item.id}`]),
        typedNote: text(typed[`note-${item.id}`]),
        typedResult: text(typed[`result-${item.id}`]),
      })),
      results: RESULTS,
      returnTerm: text(typed['term']) || '3',
      answers: body.answers.toReversed().map((one) => ({
        excused: '',
        ...one,
        phone: one.phone ?? '',
        current: one.round === task.round,
        files: one.files.map((file, i) => ({
          ...file,
          href: file.sha256 === '' ? '' : `/console/files/${one.id}/${i + 1}`,
        })),
      })),
      requests: body.requests.filter((one) => one.kind !== 'delegation').toReversed(),
      ...(body.extension
        ? {
            extension: {
              id: body.extension.id,
              term: body.extension.term,
              reason: body.extension.reason,
              by: body.extension.by,
              at: pending?.receivedAt ?? '',
            },
          }
        : {}),
      deliveries: body.deliveries.toReversed().map((one) => ({
        ...one,
        at: sentAt.get(one.messageId) ?? stamp(productAt(mapping, Date.parse(one.at))),
        ...failureOf(refusalOf(one), visit.lang),
        href: `/console/messages/${encodeURIComponent(one.messageId)}/raw`,
      })),
      next:
        open && task.state !== 'inReview' && body.next
          ? { what: body.next.what, n: body.next.n, at: stamp(body.next.at) }
          : null,
      timeline,
      blocker,
      findings: await findingsOf(visit, task),
    },
  };
}

/** What the checklist misses in this round's answers, told to the reviewer and never to the agency. */
const lacksOf = (task: TaskRecord, body: Shown): Map<string, string> =>
  new Map((task.kind === 'rectification' ? [] : body.missing).map((one) => [one.id, one.why]));

async function findingsOf({ deps }: Visit, task: TaskRecord) {
  if (task.findings.length === 0) return [];
  const rows = await deps.store.findings
    .find({ _id: { $in: task.findings } })
    .sort({ _id: 1 })
    .lean();
  return rows.map(({ _id, item, severity, description, state }) => ({
    id: _id,
    item,
    severity,
    description,
    state,
  }));
}

async function certificate(visit: Visit): Promise<Page> {
  return certificatePage(visit, await theTask(visit));
}

/** A reply that took the mail needs no word: the rung says it, and the certificate has the reply. */
const refusalOf = ({ smtp }: { readonly smtp?: string }) =>
  smtp === undefined || smtp.startsWith('2') ? {} : { smtp: { response: smtp } };

const call = (visit: Visit, at: string, body: unknown): Promise<unknown> =>
  callRoute(visit, taskRoutes, { at: `post /tasks/:no/${at}`, body, ifMatch: text(visit.body['etag']) });

async function accept(visit: Visit) {
  await call(visit, 'reviews', { verdict: 'accept' });
  return { to: await onward(visit), said: visit.t('console.said.accepted') };
}

/** Whoever works through the queue goes on to its next; everybody else stays. */
async function onward(visit: Visit): Promise<string> {
  if (visit.body['queue'] !== 'yes') return home(visit);
  const next = await nextReview(visit.deps);
  return next === undefined ? '/console/reviews' : `/console/tasks/${encodeURIComponent(next)}?queue=yes`;
}

/** Whatever item has a reason is given back; the rest stands. */
async function giveBack(visit: Visit) {
  const { body, t } = visit;
  const task = await theTask(visit);
  const items = task.items.flatMap(({ id }) =>
    text(body[`reason-${id}`]).trim() === '' ? [] : [{ id, reason: text(body[`reason-${id}`]).trim() }],
  );
  const errors: FieldError[] =
    items.length > 0
      ? []
      : [
          {
            pointer: `/reason-${task.items[0]?.id ?? ''}`,
            code: 'missing',
            detail: t('console.review.noReason'),
          },
        ];
  if (errors[0]) throw new Problem(422, 'validation', { detail: errors[0].detail, errors });
  await call(visit, 'reviews', { verdict: 'return', items, term: termFrom(body, 'term') });
  return { to: await onward(visit), said: t('console.said.returned', { n: items.length }) };
}

/** What came by telephone or on paper, for whom it came. */
async function enterAnswer(visit: Visit) {
  const { body, t } = visit;
  const task = await theTask(visit);
  const items = Object.fromEntries(
    task.items.flatMap(({ id }) => {
      const [result, note] = [text(body[`result-${id}`]), text(body[`note-${id}`]).trim()];
      return result === '' && note === ''
        ? []
        : [[id, { ...(result === '' ? {} : { result }), ...(note === '' ? {} : { note }) }]];
    }),
  );
  const phone = text(body['phone']).trim();
  const { receipt } = (await call(visit, 'answers', {
    text: text(body['text']),
    items,
    by: { name: text(body['by']), ...(phone === '' ? {} : { phone }) },
  })) as { receipt: string };
  return { to: home(visit), said: t('console.said.answered', { receipt }) };
}

async function decide(visit: Visit) {
  const granted = visit.body['granted'] === 'yes';
  const reason = text(visit.body['reason']).trim();
  await call(visit, 'extensions/:id/decision', { granted, ...(reason === '' ? {} : { reason }) });
  return { to: home(visit), said: visit.t(granted ? 'console.said.granted' : 'console.said.refused') };
}

async function delegate(visit: Visit) {
  await call(visit, 'delegations', { name: text(visit.body['name']), email: text(visit.body['email']) });
  return { to: home(visit), said: visit.t('console.said.delegated') };
}

async function move(visit: Visit) {
  await call(visit, 'dates', { ...termFrom(visit.body, 'term'), reason: text(visit.body['reason']) });
  return { to: home(visit), said: visit.t('console.said.moved') };
}

async function withdraw(visit: Visit) {
  await call(visit, 'withdrawal', { reason: text(visit.body['reason']) });
  return { to: home(visit), said: visit.t('console.said.withdrawn') };
}
