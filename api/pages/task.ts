import { type Request, type Response, Router } from 'express';
import { z } from 'zod';
import { localDate, workdaysBetween } from '../../domain/calendar.ts';
import { stamp } from '../../domain/clock.ts';
import { lightOf } from '../../domain/light.ts';
import { hashToken, isToken, normaliseToken } from '../../mail/addresses.ts';
import { readCalendar } from '../../models/calendar.ts';
import { type Incoming, storeSubmission } from '../../models/intake.ts';
import type { LinkRecord } from '../../models/link.ts';
import type { SubmissionRecord } from '../../models/submission.ts';
import type { TaskRecord } from '../../models/task.ts';
import type { ApiDeps } from '../deps.ts';
import { langOf } from '../lang.ts';
import { limitGuess, limitToken } from '../limits.ts';
import { Problem, invalid, notFound, parse, problemOf, sendProblem } from '../problem.ts';
import { email, itemAnswers, sentence, word } from '../shapes.ts';
import { FILE_MB, readUpload } from '../uploads.ts';
import { renderPage } from './render.ts';
import type { ItemAnswer, PageForm, SavedAnswer, TaskPageView } from './views.ts';

interface Visit {
  readonly deps: ApiDeps;
  readonly req: Request;
  readonly res: Response;
  readonly link: LinkRecord;
  readonly task: TaskRecord;
  readonly token: string;
  readonly lang: 'zh' | 'en';
}

/** The agency's page: no account, no cookie, no script needed. GET changes nothing, whoever or whatever opens it. */
export function taskPages(deps: ApiDeps): Router {
  const router = Router();
  const visited = (work: (visit: Visit) => Promise<void>) => async (req: Request, res: Response) => {
    const lang = langOf(req);
    try {
      res.set({
        'Cache-Control': 'private, no-store',
        'X-Robots-Tag': 'noindex',
        'Referrer-Policy': 'no-referrer',
      });
      const { token, link, task } = await opened(deps, req);
      await work({ deps, req, res, link, task, token, lang });
    } catch (error) {
      refuse({ deps, req, res, lang }, error);
    }
  };
  router.get('/:token', visited(show));
  router.post('/:token/acknowledge', visited(acknowledge));
  router.post('/:token/answers', visited(answer));
  router.post('/:token/extensions', visited(extend));
  router.post('/:token/delegations', visited(delegate));
  router.post('/:token/objections', visited(object));
  return router;
}

/** The task behind a token; any other token is 404 and tells nothing. */
async function opened(
  { store }: ApiDeps,
  req: Request,
): Promise<{ token: string; link: LinkRecord; task: TaskRecord }> {
  const token = normaliseToken(req.params['token'] as string);
  const link = isToken(token) ? await store.links.findById(hashToken(token)).lean<LinkRecord>() : null;
  const task = link && (await store.tasks.findById(link.task).lean<TaskRecord>());
  if (!link || !task) {
    await limitGuess(req.ip ?? '');
    throw notFound();
  }
  if (req.method === 'POST') await limitToken(link._id);
  return { token, link, task };
}

const wantsJson = (req: Request): boolean => req.accepts('html', 'json') === 'json';

/** An error as this caller reads it: a page for a person, a problem for a program. */
function refuse(
  { deps, req, res, lang }: Pick<Visit, 'deps' | 'req' | 'res' | 'lang'>,
  error: unknown,
): void {
  const problem = problemOf(error) ?? new Problem(500, 'internal');
  if (problem.status === 500)
    deps.log.error({ err: error, traceId: res.locals['traceId'] as string }, 'page failed');
  if (wantsJson(req)) return sendProblem(res, problem, lang);
  res.status(problem.status).set(problem.headers).type('html');
  if (problem.status === 404) {
    res.send(renderPage('not-found', { lang }));
    return;
  }
  const sentence_ = problem.message === problem.code ? '' : problem.message;
  res.send(
    renderPage('office-error', {
      lang,
      title: titleOf(problem, lang),
      sentence: sentence_ || titleOf(problem, lang),
      traceId: res.locals['traceId'] as string,
    }),
  );
}

import { TITLES } from '../problem-titles.ts';
const titleOf = (problem: Problem, lang: 'zh' | 'en'): string => TITLES[problem.code][lang];

async function show(visit: Visit): Promise<void> {
  const { res, task } = visit;
  res.type('html');
  if (task.state === 'closed' || task.state === 'withdrawn') res.send(await closedPage(visit));
  else res.send(renderPage('task', await taskPage(visit)));
}

const saved = (one: SubmissionRecord): SavedAnswer => ({
  receipt: one._id,
  at: one.receivedAt,
  late: one.late,
  channel: one.channel,
  text: one.text,
  files: one.files.map(({ name, size }) => ({ name, size })),
});

const officeOf = ({ office }: ApiDeps) => ({ name: office.name, person: office.person, phone: office.phone });

async function closedPage(visit: Visit): Promise<string> {
  const { deps, task, token, lang } = visit;
  const answers = await answersOf(visit);
  return renderPage('task-closed', {
    lang,
    path: `/t/${token}`,
    no: task._id,
    title: task.title,
    agency: task.agencyName,
    state: task.state === 'withdrawn' ? 'withdrawn' : 'closed',
    at: task.closedAt ?? task.openedAt,
    ...(task.machine.status === 'withdrawn' ? { reason: task.machine.reason } : {}),
    answers: answers.map(saved).reverse(),
    office: officeOf(deps),
  });
}

const answersOf = ({ deps, task }: Visit) =>
  deps.store.submissions
    .find({ task: task._id, kind: 'answer' })
    .sort({ receivedAt: 1 })
    .lean<SubmissionRecord[]>();

const WHAT = {
  zh: {
    selfInspection: '请对照下列各项自查，如实填写并提交。',
    rectification: '请就下列问题完成整改，说明措施和结果并提交。',
    lookBack: '请说明下列问题整改后的保持情况。',
  },
  en: {
    selfInspection: 'Check yourselves against the items below and hand in what you found.',
    rectification: 'Put the problems below right; say what was done and with what result.',
    lookBack: 'Say whether the problems below have stayed put right.',
  },
} as const;

async function taskPage(
  visit: Visit,
  failed?: Pick<TaskPageView, 'errors' | 'values'>,
): Promise<TaskPageView> {
  const { deps, task, token, lang } = visit;
  const { store } = deps;
  const now = await deps.clock.now();
  const [calendar, submissions, previous] = await Promise.all([
    readCalendar(store.calendars),
    store.submissions.find({ task: task._id }).sort({ receivedAt: 1 }).lean<SubmissionRecord[]>(),
    earlierAnswers(visit),
  ]);
  const { machine } = task;
  const mine = Object.assign(
    {},
    ...submissions.filter((one) => one.kind === 'answer').map((one) => one.items),
  ) as SubmissionRecord['items'];
  const reasons = new Map(
    machine.status === 'returned' ? machine.items.map((item) => [item.id, item.reason]) : [],
  );
  const asItem = (said: { result?: string; note?: string } | undefined): ItemAnswer | undefined =>
    said && { result: (said.result ?? '') as ItemAnswer['result'], note: said.note ?? '' };
  const asked = submissions.findLast((one) => one.kind === 'extension');
  return {
    lang,
    path: `/t/${token}`,
    no: task._id,
    title: task.title,
    taskKind: task.kind,
    agency: task.agencyName,
    campaign: task.title,
    state: task.state === 'pending' ? 'unacknowledged' : task.state,
    light: lightOf(task, now),
    due: {
      deadline: task.due,
      workdaysLeft: workdaysBetween(calendar, localDate(stamp(now)), localDate(task.due.at)),
    },
    whatToDo: WHAT[lang][task.kind],
    items: task.items.map(({ id, text, evidence }) => {
      const answered = asItem(mine[id]);
      const before = asItem(previous[id]);
      const reason = reasons.get(id);
      return {
        id,
        text,
        ...(evidence ? { evidence } : {}),
        ...(before ? { previous: before } : {}),
        ...(reason ? { reason } : {}),
        ...(answered ? { answer: answered } : {}),
      };
    }),
    legalBasis: task.legalBasis,
    office: officeOf(deps),
    ...(machine.acknowledged
      ? {
          acknowledged: {
            name: machine.acknowledged.by,
            post: machine.acknowledged.post ?? '',
            at: machine.acknowledged.at,
          },
        }
      : {}),
    ...(machine.extension && asked ? { extension: { state: 'asked' as const, text: asked.text } } : {}),
    delegations: submissions.flatMap((one) =>
      one.told.kind === 'delegation' ? { name: one.told.name, email: one.told.email } : [],
    ),
    answers: submissions
      .filter((one) => one.kind === 'answer')
      .map(saved)
      .reverse(),
    mayObject: false,
    limits: { fileMb: FILE_MB },
    ...failed,
  };
}

/** What this agency said of the same items a year ago or less: nothing is typed twice. */
async function earlierAnswers({ deps, task }: Visit): Promise<SubmissionRecord['items']> {
  if (task.kind !== 'selfInspection') return {};
  const before = await deps.store.submissions
    .findOne(
      { agency: task.agency, kind: 'answer', task: { $ne: task._id }, 'items.c1': { $exists: true } },
      { items: 1, task: 1 },
    )
    .sort({ receivedAt: -1 })
    .lean();
  if (!before) return {};
  const then = await deps.store.tasks.findById(before.task, { items: 1 }).lean();
  const same = new Set(then?.items.map((item) => `${item.id} ${item.text}`));
  return Object.fromEntries(
    task.items
      .filter((item) => same.has(`${item.id} ${item.text}`))
      .flatMap((item) => (before.items[item.id] ? [[item.id, before.items[item.id] as object]] : [])),
  );
}

/** A form that cannot be taken comes back filled in, with its faults; a program gets the problem. */
async function reading<T>(visit: Visit, form: PageForm, read: () => T): Promise<T | undefined> {
  try {
    return read();
  } catch (error) {
    if (!(error instanceof Problem) || error.status !== 422 || wantsJson(visit.req)) throw error;
    const body = (visit.req.body ?? {}) as Record<string, unknown>;
    const fields = Object.fromEntries(
      Object.entries(body).filter((pair): pair is [string, string] => typeof pair[1] === 'string'),
    );
    const items = itemsOf(body['items']) as Record<string, ItemAnswer>;
    const errors = error.errors.map((one) => ({
      form,
      field: one.pointer.split('/')[1] || 'text',
      sentence: one.detail,
    }));
    visit.res
      .status(422)
      .type('html')
      .send(renderPage('task', await taskPage(visit, { errors, values: { form, fields, items } })));
    return undefined;
  }
}

async function taken(visit: Visit, incoming: Incoming): Promise<void> {
  const { deps, res, req, task, token, lang } = visit;
  const { record } = await storeSubmission(deps.store, task, incoming);
  const files = record.files.map(({ name, size, sha256 }) => ({ name, size, sha256 }));
  const receipt = { receipt: record._id, receivedAt: record.receivedAt, late: record.late, files };
  res.status(201);
  if (wantsJson(req)) {
    res.json({ ...receipt, what: record.kind });
    return;
  }
  res.type('html').send(
    renderPage('receipt', {
      lang,
      path: `/t/${token}`,
      no: task._id,
      title: task.title,
      agency: task.agencyName,
      what: record.kind,
      ...receipt,
      afterEnd: task.state === 'closed' || task.state === 'withdrawn',
      text: record.text,
      office: officeOf(deps),
    }),
  );
}

const byOf = ({ link }: Visit, name?: string, more: { post?: string } = {}): SubmissionRecord['by'] => ({
  name: name?.trim() || link.name,
  email: link.email,
  ...more,
});
const receivedAt = async ({ deps }: Visit): Promise<string> => stamp(await deps.clock.now());
const readable = (visit: Visit): void => {
  if (visit.res.locals['unreadable']) throw invalid('', 'malformed', 'JSON');
};

const signature = z.object({ name: word, post: z.string().trim().max(100).default('') });
async function acknowledge(visit: Visit): Promise<void> {
  readable(visit);
  const body = await reading(visit, 'acknowledge', () => parse(signature, visit.req.body ?? {}, visit.lang));
  if (!body) return;
  const post = body.post === '' ? {} : { post: body.post };
  await taken(visit, {
    kind: 'acknowledgement',
    channel: 'link',
    by: byOf(visit, body.name, post),
    receivedAt: await receivedAt(visit),
  });
}

const answerShape = z.object({
  text: sentence,
  items: itemAnswers.default({}),
  by: z.string().trim().max(100).optional(),
});

/** Items come as JSON, or as the form's `items[c1][result]`. */
function itemsOf(value: unknown): unknown {
  if (typeof value !== 'string') return value ?? {};
  if (value.trim() === '') return {};
  try {
    return JSON.parse(value) as unknown;
  } catch {
    throw invalid('/items', 'malformed', 'items 不是有效的 JSON');
  }
}

function cleanItems(value: unknown): unknown {
  const items = itemsOf(value);
  if (typeof items !== 'object' || items === null) return items;
  return Object.fromEntries(
    Object.entries(items as Record<string, unknown>).map(([id, said]) => {
      if (typeof said !== 'object' || said === null) return [id, said];
      return [id, Object.fromEntries(Object.entries(said).filter(([, one]) => one !== ''))];
    }),
  );
}

async function answer(visit: Visit): Promise<void> {
  const { deps, req, res, lang } = visit;
  const files = await readUpload(deps.store, req, res);
  readable(visit);
  const raw = (req.body ?? {}) as Record<string, unknown>;
  const body = await reading(visit, 'answers', () =>
    parse(answerShape, { ...raw, items: cleanItems(raw['items']) }, lang),
  );
  if (!body) return;
  const { text, items, by } = body;
  await taken(visit, {
    kind: 'answer',
    channel: 'link',
    by: byOf(visit, by),
    receivedAt: await receivedAt(visit),
    text,
    items: items as SubmissionRecord['items'],
    files,
  });
}

const extension = z
  .object({
    days: z.coerce.number().int().min(1).max(365).optional(),
    workdays: z.coerce.number().int().min(1).max(250).optional(),
    reason: sentence,
  })
  .refine((one) => one.days !== undefined || one.workdays !== undefined, {
    path: ['days'],
    message: '请填写延期天数',
    params: { code: 'term-invalid' },
  });
async function extend(visit: Visit): Promise<void> {
  readable(visit);
  const raw = Object.fromEntries(
    Object.entries((visit.req.body ?? {}) as Record<string, unknown>).filter(([, value]) => value !== ''),
  );
  const body = await reading(visit, 'extensions', () => parse(extension, raw, visit.lang));
  if (!body) return;
  const term = body.workdays === undefined ? { days: body.days as number } : { workdays: body.workdays };
  await taken(visit, {
    kind: 'extension',
    channel: 'link',
    by: byOf(visit),
    receivedAt: await receivedAt(visit),
    text: body.reason,
    term,
  });
}

const colleague = z.object({ name: word, email });
async function delegate(visit: Visit): Promise<void> {
  readable(visit);
  const body = await reading(visit, 'delegations', () => parse(colleague, visit.req.body ?? {}, visit.lang));
  if (!body) return;
  await taken(visit, {
    kind: 'delegation',
    channel: 'link',
    by: byOf(visit),
    receivedAt: await receivedAt(visit),
    ...body,
  });
}

const objection = z.object({ text: sentence });
async function object(visit: Visit): Promise<void> {
  readable(visit);
  const body = await reading(visit, 'objections', () => parse(objection, visit.req.body ?? {}, visit.lang));
  if (!body) return;
  await taken(visit, {
    kind: 'objection',
    channel: 'link',
    by: byOf(visit),
    receivedAt: await receivedAt(visit),
    text: body.text,
  });
}
