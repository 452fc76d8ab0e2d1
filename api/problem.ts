import {
  ServiceError,
  WorkflowNotFoundError,
  WorkflowUpdateFailedError,
  WorkflowUpdateRPCTimeoutOrCancelledError,
} from '@temporalio/client';
import { ApplicationFailure } from '@temporalio/common';
import type { ErrorRequestHandler, Response } from 'express';
import mongoose from 'mongoose';
import { MulterError } from 'multer';
import { z } from 'zod';
import { Refusal, type RefusalCode } from '../domain/refusals.ts';
import { langOf } from './lang.ts';
import { TITLES, type ProblemCode } from './problem-titles.ts';

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
  constructor(
    status: number,
    code: ProblemCode,
    more: { detail?: string; errors?: readonly FieldError[]; headers?: Record<string, string> } = {},
  ) {
    super(more.detail ?? code);
    this.status = status;
    this.code = code;
    this.errors = more.errors ?? [];
    this.headers = more.headers ?? {};
  }
}

/** Every refusal of the rules with its status: a new code does not compile without one. */
export const STATUS_OF_REFUSAL: Readonly<Record<RefusalCode, number>> = {
  'agency-exists': 409,
  'agency-unknown': 422,
  'already-decided': 409,
  'calendar-invalid': 422,
  'calendar-unpublished': 422,
  'campaign-not-draft': 409,
  'campaign-not-running': 409,
  'certificate-invalid': 422,
  'date-invalid': 422,
  'document-not-draft': 409,
  'draw-impossible': 422,
  'extension-pending': 409,
  'extension-unknown': 404,
  'file-refused': 422,
  'inspectors-too-few': 422,
  'nothing-to-review': 409,
  'own-agency': 403,
  'phase-not-open': 409,
  'preview-stale': 409,
  'problems-remain': 409,
  'recall-over': 409,
  'stale-version': 412,
  'task-closed': 409,
  'term-invalid': 422,
};

/** 422 with one error. */
export const invalid = (pointer: string, code: string, detail: string): Problem =>
  new Problem(422, 'validation', { detail, errors: [{ pointer, code, detail }] });

export const notFound = (): Problem => new Problem(404, 'not-found');

const away = (): Problem => new Problem(503, 'engine-unavailable', { headers: { 'Retry-After': '5' } });

/** Reads a body or query against its schema; every fault with its pointer, in the caller's language. */
export function parse<T extends z.ZodType>(schema: T, value: unknown, lang: 'zh' | 'en'): z.infer<T> {
  const locale = lang === 'zh' ? z.locales.zhCN() : z.locales.en();
  const result = schema.safeParse(value, { error: locale.localeError });
  if (result.success) return result.data;
  const errors = result.error.issues.map((issue) => ({
    pointer: issue.path
      .map((part) => `/${String(part).replaceAll('~', '~0').replaceAll('/', '~1')}`)
      .join(''),
    code:
      issue.code === 'custom' && typeof issue.params?.['code'] === 'string'
        ? issue.params['code']
        : issue.code.replaceAll('_', '-'),
    detail: issue.message,
  }));
  throw new Problem(422, 'validation', { ...(errors[0] ? { detail: errors[0].detail } : {}), errors });
}

/** What an error means to the caller; undefined for a fault of ours. */
export function problemOf(error: unknown): Problem | undefined {
  if (error instanceof Problem) return error;
  if (error instanceof Refusal) return ofRefusal(error.code, error.message, error.pointer);
  if (error instanceof WorkflowUpdateFailedError) {
    const cause = error.cause;
    if (cause instanceof ApplicationFailure && cause.type && cause.type in STATUS_OF_REFUSAL)
      return ofRefusal(cause.type as RefusalCode, cause.message);
    return undefined;
  }
  if (error instanceof WorkflowNotFoundError) return ofRefusal('task-closed', 'task-closed');
  if (error instanceof WorkflowUpdateRPCTimeoutOrCancelledError || error instanceof ServiceError)
    return away();
  if (
    error instanceof mongoose.mongo.MongoNetworkError ||
    error instanceof mongoose.mongo.MongoServerSelectionError
  )
    return away();
  if (
    error instanceof mongoose.mongo.MongoNotConnectedError ||
    error instanceof mongoose.mongo.MongoTopologyClosedError
  )
    return away();
  if (error instanceof MulterError)
    return new Problem(
      error.code.startsWith('LIMIT_FILE_SIZE') ? 413 : 422,
      error.code.startsWith('LIMIT_FILE_SIZE') ? 'too-large' : 'validation',
    );
  if (
    typeof error === 'object' &&
    error !== null &&
    'status' in error &&
    typeof error.status === 'number' &&
    error.status >= 400 &&
    error.status < 500
  )
    return error.status === 413
      ? new Problem(413, 'too-large')
      : new Problem(error.status === 400 ? 422 : error.status, 'malformed');
  return undefined;
}

function ofRefusal(code: RefusalCode, message: string, pointer?: string): Problem {
  const detail = message === code ? {} : { detail: message };
  const errors = pointer === undefined ? [] : [{ pointer, code, detail: message }];
  return new Problem(STATUS_OF_REFUSAL[code], code, { ...detail, errors });
}

/** Writes a problem as application/problem+json, Chinese or English by Accept-Language. */
export function sendProblem(res: Response, problem: Problem, lang: 'zh' | 'en'): void {
  const { status, code, errors } = problem;
  const title = TITLES[code][lang];
  const detail = problem.message === code ? title : problem.message;
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
      }),
    );
}

/** The last word on every error: a fault of ours is logged whole and says nothing of itself. */
export const problems =
  (log: (error: unknown, traceId: string) => void): ErrorRequestHandler =>
  (error: unknown, req, res, next) => {
    if (res.headersSent) {
      next(error);
      return;
    }
    const problem = problemOf(error);
    if (!problem) log(error, res.locals['traceId'] as string);
    sendProblem(res, problem ?? new Problem(500, 'internal'), langOf(req));
  };
