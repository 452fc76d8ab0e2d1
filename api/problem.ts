import {
  ServiceError,
  WorkflowNotFoundError,
  WorkflowUpdateFailedError,
  WorkflowUpdateRPCTimeoutOrCancelledError,
} from '@temporalio/client';
import { ApplicationFailure } from '@temporalio/common';
import type { ErrorRequestHandler, Response } from 'express';
import { MulterError } from 'multer';
import { z } from 'zod';
import { Refusal, type RefusalCode } from '../domain/refusals.ts';
import { langOf } from './lang.ts';
import { mongoAway } from './mongo-away.ts';
import { TITLES, type ProblemCode, wordsOf } from './problem-titles.ts';

export interface FieldError {
  /** JSON pointer into the body */
  readonly pointer: string;
  readonly code: string;
  readonly detail: string;
}

/** An answer that says no, in RFC 9457's form. */
export class Problem extends Error {
  readonly status: number;
  readonly code: ProblemCode;
  readonly errors: readonly FieldError[];
  readonly headers: Readonly<Record<string, string>>;
  /** Members that only this kind of problem has (RFC 9457, 3.2). */
  readonly extension: Readonly<Record<string, unknown>>;
  constructor(
    status: number,
    code: ProblemCode,
    more: {
      readonly detail?: string;
      readonly errors?: readonly FieldError[];
      readonly headers?: Readonly<Record<string, string>>;
      readonly extension?: Readonly<Record<string, unknown>>;
    } = {},
  ) {
    super(more.detail ?? code);
    this.status = status;
    this.code = code;
    this.errors = more.errors ?? [];
    this.headers = more.headers ?? {};
    this.extension = more.extension ?? {};
  }
}

/** Every refusal of the rules with its status: a new code does not compile without one. */
export const STATUS_OF_REFUSAL: Readonly<Record<RefusalCode, number>> = {
  'accountability-out-of-step': 409,
  'account-exists': 409,
  'account-invalid': 422,
  'agency-exists': 409,
  'agency-missing': 422,
  'agency-unknown': 422,
  'already-decided': 409,
  'appraisal-final': 409,
  'already-screened': 409,
  'body-not-competent': 422,
  'calendar-invalid': 422,
  'calendar-unpublished': 422,
  'campaign-not-draft': 409,
  'campaign-not-running': 409,
  'case-out-of-step': 409,
  'case-suspended': 409,
  'certificate-expired': 422,
  'certificate-invalid': 422,
  'checklist-exists': 409,
  'clue-out-of-step': 409,
  'clue-unknown': 422,
  'certificate-suspended': 422,
  'closing-reason-wrong': 409,
  'code-wrong': 422,
  'cycle-not-open': 409,
  'date-invalid': 422,
  'date-past': 409,
  'date-printed': 409,
  'decision-exists': 409,
  'document-incomplete': 409,
  'document-not-approved': 409,
  'document-not-draft': 409,
  'document-not-served': 409,
  'document-received': 409,
  'document-served': 409,
  'document-withdrawn': 409,
  'draw-impossible': 422,
  'duplicate-circular': 422,
  'extension-pending': 409,
  'extension-unknown': 404,
  'fact-missing': 409,
  'file-refused': 422,
  'file-review-out-of-step': 409,
  'findings-missing': 422,
  'identity-in-text': 422,
  'inspector-unknown': 422,
  'inspectors-too-few': 422,
  'instrument-invalid': 422,
  'instrument-not-served': 409,
  'instrument-out-of-step': 409,
  'instrument-unknown': 422,
  'invitation-over': 409,
  'last-administrator': 409,
  'nothing-to-review': 409,
  'measure-not-applicable': 422,
  'objection-unknown': 404,
  'objection-open': 409,
  'offer-over': 409,
  'operation-ended': 409,
  'outcome-not-allowed': 422,
  'own-agency': 403,
  'password-weak': 422,
  'password-wrong': 422,
  'phase-not-open': 409,
  'plan-empty': 422,
  'plan-not-draft': 409,
  'plan-not-running': 409,
  'preview-stale': 409,
  'problems-remain': 409,
  'recall-over': 409,
  'recusal-unknown': 404,
  'reviewer-unassigned': 403,
  'reviewer-untied': 403,
  'score-invalid': 422,
  'scores-missing': 409,
  'second-step-off': 409,
  'second-step-on': 409,
  'second-step-required': 409,
  'stale-version': 412,
  'supervisor-own-agency': 422,
  'supervisor-recused': 422,
  'supervisor-tied': 409,
  'supervisor-unknown': 422,
  'supervisors-too-few': 422,
  'task-closed': 409,
  'template-invalid': 422,
  'term-invalid': 422,
  'term-running': 409,
  'term-not-allowed': 422,
  'third-not-needed': 409,
  'transfer-unknown': 404,
  'verified-elsewhere': 409,
};

/** 422 with one error. */
export const invalid = (pointer: string, code: string, detail: string): Problem =>
  new Problem(422, 'validation', { detail, errors: [{ pointer, code, detail }] });

export const notFound = (): Problem => new Problem(404, 'not-found');

/** Temporal or MongoDB is away. */
export const engineUnavailable = (): Problem =>
  new Problem(503, 'engine-unavailable', { headers: { 'Retry-After': '5' } });

/** Reads a body or query against its schema; every fault with its pointer, in the caller's language. */
export function parse<T extends z.ZodType>(schema: T, value: unknown, lang: 'zh' | 'en'): z.infer<T> {
  const locale = lang === 'zh' ? z.locales.zhCN() : z.locales.en();
  const result = schema.safeParse(value, { error: locale.localeError });
  if (result.success) return result.data;
  const errors = faultsOf(result.error, lang);
  throw new Problem(422, 'validation', { ...(errors[0] ? { detail: errors[0].detail } : {}), errors });
}

/** What a schema found wrong, field by field. */
export const faultsOf = (error: z.ZodError, lang: 'zh' | 'en'): readonly FieldError[] =>
  error.issues
    .flatMap((issue) => branchOf(issue))
    .map((issue) => {
      const code = codeOf(issue);
      const own = issue.code === 'custom' ? wordsOf(code)?.[lang] : undefined;
      return { pointer: pointerOf(issue.path), code, detail: own ?? issue.message };
    });

const pointerOf = (path: readonly PropertyKey[]): string =>
  path.map((part) => `/${String(part).replaceAll('~', '~0').replaceAll('/', '~1')}`).join('');

const codeOf = (issue: z.core.$ZodIssue): string =>
  issue.code === 'custom' && typeof issue.params?.['code'] === 'string'
    ? issue.params['code']
    : issue.code.replaceAll('_', '-');

/** The faults within a fault: of a name that is no key, and of a choice between shapes those of the one that was meant, with the fewest faults at its own surface. */
function branchOf(issue: z.core.$ZodIssue): readonly z.core.$ZodIssue[] {
  const within = (faults: readonly z.core.$ZodIssue[]): readonly z.core.$ZodIssue[] =>
    faults.flatMap((one) => branchOf({ ...one, path: [...issue.path, ...one.path] }));
  if (issue.code === 'invalid_key') return within(issue.issues);
  if (issue.code !== 'invalid_union' || issue.errors.length === 0) return [issue];
  const surface = (faults: readonly z.core.$ZodIssue[]): number =>
    faults.filter((one) => one.path.length <= 1).length;
  return within(issue.errors.toSorted((a, b) => surface(a) - surface(b))[0] ?? []);
}

/** What an error means to the caller; undefined for a fault of ours. */
export function problemOf(error: unknown): Problem | undefined {
  if (error instanceof Problem) return error;
  if (error instanceof Refusal) return ofRefusal(error.code, error.message, error.pointer);
  if (error instanceof WorkflowUpdateFailedError) {
    const cause = error.cause;
    if (cause instanceof ApplicationFailure && cause.type && Object.hasOwn(STATUS_OF_REFUSAL, cause.type))
      return ofRefusal(cause.type as RefusalCode, cause.message);
    return cause instanceof ApplicationFailure && ENDED.includes(cause.type ?? '')
      ? ofRefusal('task-closed', 'task-closed')
      : undefined;
  }
  if (error instanceof WorkflowNotFoundError) return ofRefusal('task-closed', 'task-closed');
  if (error instanceof WorkflowUpdateRPCTimeoutOrCancelledError || engineAway(error) || mongoAway(error))
    return engineUnavailable();
  if (error instanceof MulterError) return ofUpload(error);
  return ofStatus(error);
}

/** What the engine calls an update that a workflow's end overtook. */
const ENDED = ['AcceptedUpdateCompletedWorkflow', 'WorkflowUpdateAborted'];

/** gRPC's own errors come bare where the client does not wrap them, as from a first connection. */
const engineAway = (error: unknown): boolean =>
  error instanceof ServiceError ||
  (error instanceof Error &&
    'details' in error &&
    'code' in error &&
    [1, 4, 8, 14].includes(Number(error.code)));

/** A part of an upload that goes beyond what is taken. */
function ofUpload({ code, field, message }: MulterError): Problem {
  if (code === 'LIMIT_FILE_SIZE' || code === 'LIMIT_FIELD_VALUE') return new Problem(413, 'too-large');
  if (code === 'LIMIT_UNEXPECTED_FILE')
    return invalid(`/${field ?? ''}`, 'unexpected-file', '此处不接受文件');
  return invalid(`/${field ?? ''}`, code.toLowerCase().replaceAll('_', '-'), message);
}

/** A library's own word on a request that it could not read. */
function ofStatus(error: unknown): Problem | undefined {
  if (typeof error !== 'object' || error === null || !('status' in error)) return undefined;
  const { status } = error;
  if (typeof status !== 'number' || status < 400 || status >= 500) return undefined;
  if (status === 413) return new Problem(413, 'too-large');
  return new Problem(status === 400 ? 422 : status, 'malformed');
}

function ofRefusal(code: RefusalCode, message: string, pointer?: string): Problem {
  const detail = message === code ? {} : { detail: message };
  const status = STATUS_OF_REFUSAL[code];
  const errors =
    pointer === undefined && status !== 422
      ? []
      : [{ pointer: pointer ?? '', code, detail: message === code ? TITLES[code].zh : message }];
  return new Problem(status, code, { ...detail, errors });
}

const CHINESE = /\p{Script=Han}/u;

/** The rules speak Chinese: for those who do not read it, a code's own sentence stands in. */
const inEnglish = (text: string, code: string): string =>
  CHINESE.test(text) ? (wordsOf(code)?.en ?? TITLES.validation.en) : text;

/** A problem's faults in the caller's language. */
export const fieldErrors = ({ errors }: Problem, lang: 'zh' | 'en'): readonly FieldError[] =>
  lang === 'zh' ? errors : errors.map((one) => ({ ...one, detail: inEnglish(one.detail, one.code) }));

/** A problem whose faults speak to the person who reads the page. */
export const inTongue = (problem: Problem, lang: 'zh' | 'en'): Problem =>
  new Problem(problem.status, problem.code, {
    detail: problem.message,
    errors: fieldErrors(problem, lang),
    headers: problem.headers,
    extension: problem.extension,
  });

/** Writes a problem as application/problem+json, Chinese or English by Accept-Language. */
export function sendProblem(res: Response, problem: Problem, lang: 'zh' | 'en'): void {
  const { status, code, extension } = problem;
  const title = TITLES[code][lang];
  const said = problem.message === code ? title : problem.message;
  const first = problem.errors[0]?.code ?? code;
  const detail = lang === 'en' ? inEnglish(said, said === problem.errors[0]?.detail ? first : code) : said;
  const errors = fieldErrors(problem, lang);
  res
    .status(status)
    .set({
      'Content-Type': 'application/problem+json; charset=utf-8',
      'Content-Language': lang === 'zh' ? 'zh-CN' : 'en',
      ...problem.headers,
    })
    .send(
      JSON.stringify({
        type: `/docs/problems#${code}`,
        code,
        title,
        status,
        detail,
        errors,
        traceId: res.locals['traceId'] as string,
        ...extension,
      }),
    );
}

/** The last word on every error: a fault of ours is logged whole and says nothing of itself. */
export const problems =
  (log: (error: unknown, traceId: string) => void): ErrorRequestHandler =>
  // oxlint-disable-next-line max-params -- express tells a handler of errors by its four parameters
  (error: unknown, req, res, next) => {
    if (res.headersSent) {
      next(error);
      return;
    }
    const problem = problemOf(error);
    if (!problem) log(error, res.locals['traceId'] as string);
    sendProblem(res, problem ?? new Problem(500, 'internal'), langOf(req));
  };
