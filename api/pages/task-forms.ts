import { z } from 'zod';
import { stamp } from '../../domain/clock.ts';
import type { Term } from '../../domain/deadline.ts';
import { holdAnswer } from '../../models/held-answer.ts';
import { type Incoming, storeSubmission } from '../../models/intake.ts';
import { removeFile } from '../../models/files.ts';
import type { StoredFile, SubmissionRecord } from '../../models/submission.ts';
import { checkReadable } from '../body.ts';
import { refuseLateObjection } from '../objections.ts';
import { fieldErrors, invalid, parse, problemOf } from '../problem.ts';
import { answerText, email, itemAnswers, line, sentence, term, word } from '../shapes.ts';
import { readFields, readUpload } from '../uploads.ts';
import { renderPage } from './render.ts';
import { officeOf, taskPage } from './task-pages.ts';
import { SAID_ON_THE_FORM, type Visit, wantsJson } from './task-visit.ts';
import type { ItemAnswer, ItemResult, PageForm } from './views.ts';

type Raw = Readonly<Record<string, unknown>>;
type Said = Pick<Incoming, 'by' | 'text' | 'items'> & {
  readonly term?: Term;
  readonly name?: string;
  readonly email?: string;
};

/** One form of the page: what it asks for, and what that says to the task. */
interface Form<S extends z.ZodType> {
  readonly name: PageForm;
  readonly kind: Incoming['kind'];
  readonly summary: string;
  readonly shape: S;
  /** Brings what a form can write to what the shape reads. */
  readonly plain?: (raw: Raw) => Raw;
  readonly says: (visit: Visit, body: z.infer<S>) => Said;
}

/** Takes a form in, as multipart, urlencoded or JSON: stored first, then its receipt. Files come with answers only. */
async function take<S extends z.ZodType>(visit: Visit, form: Form<S>): Promise<void> {
  const { deps, req, res, lang } = visit;
  const { name, kind, shape, plain, says } = form;
  let files: StoredFile[] = [];
  try {
    if (kind === 'answer') files = await readUpload(deps, req, res);
    else await readFields(req, res);
    checkReadable(res);
    const raw = (req.body ?? {}) as Raw;
    const said = says(visit, parse(shape, plain ? plain(raw) : raw, lang));
    const receivedAt = stamp(await deps.clock.now());
    await taken(visit, { ...said, kind, channel: 'link', receivedAt, files } as Incoming);
  } catch (error) {
    await Promise.all(files.map((file) => removeFile(deps.store, file).catch(() => undefined)));
    await comesBack(visit, name, error);
  }
}

const form = <S extends z.ZodType>(spec: Form<S>) => ({
  name: spec.name,
  summary: spec.summary,
  shape: spec.shape as z.ZodType,
  files: spec.kind === 'answer',
  work: (visit: Visit): Promise<void> => take(visit, spec),
});

/** A form that cannot be taken comes back to a person filled in, with its faults; a program gets the problem. */
async function comesBack(visit: Visit, form: PageForm, error: unknown): Promise<void> {
  const { req, res, task, lang } = visit;
  const problem = problemOf(error);
  if (!problem || !SAID_ON_THE_FORM.includes(problem.status) || problem.errors.length === 0 || wantsJson(req))
    throw error;
  const body = (req.body ?? {}) as Raw;
  const fields = Object.fromEntries(
    Object.entries(body).filter((pair): pair is [string, string] => typeof pair[1] === 'string'),
  );
  const term = task.due?.term ?? task.own?.term ?? { days: 0 };
  const whole = form === 'extensions' ? ('workdays' in term ? 'workdays' : 'days') : 'text';
  const errors = fieldErrors(problem, lang).map(({ pointer, detail }) => ({
    form,
    field: fieldOf(pointer) || whole,
    sentence: detail,
  }));
  const values = { form, fields, items: typedItems(body['items']) };
  const page = renderPage('task', await taskPage(visit, { errors, values }));
  res.status(problem.status).type('html').send(page);
}

/** The field that a pointer means; an item's is its note. */
const fieldOf = (pointer: string): string => {
  const [whole = '', id = ''] = pointer.split('/').slice(1);
  return whole === 'items' && id !== '' ? `items-${id}` : whole;
};

const RESULTS = new Set(['met', 'partly', 'notMet', 'notApplicable']);

/** What was typed for each item, whatever else was sent under its name. */
function typedItems(value: unknown): Record<string, ItemAnswer> {
  if (typeof value !== 'object' || value === null) return {};
  return Object.fromEntries(
    Object.entries(value).flatMap(([id, said]) => {
      const { result, note } = (said ?? {}) as { result?: unknown; note?: unknown };
      if (result === undefined && note === undefined) return [];
      const known = typeof result === 'string' && RESULTS.has(result) ? (result as ItemResult) : '';
      return [[id, { result: known, note: typeof note === 'string' ? note : '' }]];
    }),
  );
}

/** Stored for its task, or for a person where the sender's link has been handed on. */
async function storedFor({ deps, task, link }: Visit, incoming: Incoming) {
  if (!link.handedOn) {
    const { record } = await storeSubmission(deps.store, task, incoming);
    refuseLateObjection(record);
    return { ...record, held: false };
  }
  const { _id, receivedAt } = await holdAnswer(deps.store, task, { incoming, handedTo: link.handedOn.to });
  const { kind, text = '', files = [] } = incoming;
  return { _id, receivedAt, kind, text, files, late: false, held: true };
}

async function taken(visit: Visit, incoming: Incoming): Promise<void> {
  const { deps, res, req, task, token, lang } = visit;
  const record = await storedFor(visit, incoming);
  const kept = new Set(record.files.map((file) => file.file));
  for (const file of incoming.files ?? [])
    if (!kept.has(file.file)) await removeFile(deps.store, file).catch(() => undefined);
  const files = record.files.map(({ name, size, sha256 }) => ({ name, size, sha256 }));
  const { held } = record;
  const receipt = { receipt: record._id, receivedAt: record.receivedAt, late: record.late, files };
  res.status(201);
  if (wantsJson(req)) {
    // Reason: res.json would work out an ETag, which nobody asks of a receipt.
    res.type('json').end(JSON.stringify({ ...receipt, what: record.kind, ...(held ? { held } : {}) }));
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
      held,
      afterEnd: task.state === 'closed' || task.state === 'withdrawn',
      text: record.text,
      office: officeOf(deps),
    }),
  );
}

/** Who speaks: by the name given, or the one the mail was written to. */
const byOf = ({ link }: Visit, name = '', post = ''): SubmissionRecord['by'] => ({
  name: name === '' ? link.name : name,
  email: link.email,
  ...(post === '' ? {} : { post }),
});

const acknowledge = form({
  name: 'acknowledge',
  kind: 'acknowledgement',
  summary: '签收',
  shape: z.object({ name: word.optional(), post: line(100).default('') }),
  says: (visit, { name, post }) => ({ by: byOf(visit, name, post) }),
});

const answer = form({
  name: 'answers',
  kind: 'answer',
  summary: '提交反馈',
  shape: z.object({ text: answerText, items: itemAnswers.default({}), by: line(100).optional() }),
  plain: (raw) => ({ ...raw, items: filledItems(raw['items']) }),
  says: (visit, { text, items, by }) => ({
    by: byOf(visit, by),
    text,
    items: items as SubmissionRecord['items'],
  }),
});

/** Items come as JSON, or as the form's `items[c1][result]`; what was left empty was not said. */
function filledItems(value: unknown): unknown {
  const items = typeof value === 'string' ? fromJson(value) : (value ?? {});
  if (typeof items !== 'object' || items === null || Array.isArray(items)) return items;
  return Object.fromEntries(
    Object.entries(items).map(([id, said]) => {
      if (typeof said !== 'object' || said === null) return [id, said];
      return [id, Object.fromEntries(Object.entries(said).filter(([, one]) => one !== ''))];
    }),
  );
}

function fromJson(text: string): unknown {
  if (text.trim() === '') return {};
  try {
    return JSON.parse(text) as unknown;
  } catch {
    throw invalid('/items', 'malformed', 'items 不是有效的 JSON');
  }
}

const extend = form({
  name: 'extensions',
  kind: 'extension',
  summary: '申请延期',
  shape: term.and(z.object({ reason: sentence })),
  plain: (raw) =>
    Object.fromEntries(
      Object.entries(raw)
        .filter(([, value]) => value !== '')
        .map(([name, value]) => [
          name,
          typeof value === 'string' && name !== 'reason' ? Number(value) : value,
        ]),
    ),
  says: (visit, { reason, ...given }) => ({ by: byOf(visit), text: reason, term: given }),
});

const delegate = form({
  name: 'delegations',
  kind: 'delegation',
  summary: '转同事办理',
  shape: z.object({ name: word, email }),
  says: (visit, colleague) => ({ by: byOf(visit), ...colleague }),
});

const object = form({
  name: 'objections',
  kind: 'objection',
  summary: '提出异议',
  shape: z.object({ text: sentence }),
  says: (visit, { text }) => ({ by: byOf(visit), text }),
});

/** What the page's forms post to, below its own address. */
export const PAGE_FORMS = [acknowledge, answer, extend, delegate, object];
