import type { IncomingMessage } from 'node:http';
import express, { type Request, type Response } from 'express';
import { Problem } from './problem.ts';

const MB = 1_048_576;
const JSON_BYTES = 4 * MB;
const FORM_BYTES = MB;
const json = express.json({ limit: JSON_BYTES, type: ['application/json', 'application/*+json'] });
const form = express.urlencoded({ extended: true, limit: FORM_BYTES, parameterLimit: 3_000 });

/** How long what a sender goes on sending after a refusal is read away, so that the answer reaches it; then the line is cut. */
const LINGER_MS = 10_000;

/** How much of a body is read, and what is said of one that is longer. */
export interface ReadLimit {
  readonly bytes: number;
  readonly detail?: string;
  /** Of the field that is too long. */
  readonly pointer?: string;
}

/** The refusal of a body over its limit, given while it is still being sent. */
export function tooLarge(
  req: IncomingMessage,
  { detail, pointer }: Pick<ReadLimit, 'detail' | 'pointer'> = {},
): Problem {
  if (!req.complete) {
    const cut = setTimeout(() => req.socket.destroy(), LINGER_MS).unref();
    req.once('end', () => clearTimeout(cut));
  }
  if (detail === undefined) return new Problem(413, 'too-large');
  const errors = pointer === undefined ? [] : [{ pointer, code: 'too-large', detail }];
  return new Problem(413, 'too-large', { detail, errors });
}

/** Whether a body is over its limit by what it says of itself. */
export const announcesMore = (req: IncomingMessage, { bytes }: ReadLimit): boolean =>
  Number(req.headers['content-length'] ?? 0) > bytes;

/**
 * Runs a reader of the body and refuses the body at its limit of bytes: by its announced length before the first of them, and one
 * without a length at the byte that is too many, whatever the reader still waits for. Rejects with what the reader failed with.
 */
export async function readWithin(
  req: IncomingMessage,
  limit: ReadLimit,
  read: (done: (error?: unknown) => void) => void,
): Promise<void> {
  if (announcesMore(req, limit)) throw tooLarge(req, limit);
  let seen = 0;
  await new Promise<void>((resolve, reject) => {
    const count = (chunk: Buffer): void => {
      seen += chunk.length;
      if (seen > limit.bytes) done(tooLarge(req, limit));
    };
    const done = (error?: unknown): void => {
      req.off('data', count);
      if (error) reject(error);
      else resolve();
    };
    req.on('data', count);
    read(done);
  });
}

/** Reads a JSON or form body into `req.body`; multipart is left to the route. One that cannot be read is noted, so that the caller's rights and the path are judged first. */
export async function readBody(req: Request, res: Response): Promise<void> {
  if (req.is('multipart/form-data') || req.readableEnded) return;
  const isForm = req.is('application/x-www-form-urlencoded') !== false;
  try {
    await readWithin(req, { bytes: isForm ? FORM_BYTES : JSON_BYTES }, (done) =>
      (isForm ? form : json)(req, res, done),
    );
  } catch (error) {
    if (error instanceof Problem) throw error;
    if (statusOf(error) === 413) throw tooLarge(req);
    res.locals['unreadable'] = true;
  }
}

const statusOf = (error: unknown): unknown =>
  typeof error === 'object' && error !== null && 'status' in error ? error.status : undefined;

/** The refusal of a body that was noted as unreadable. */
export function checkReadable(res: Response): void {
  if (res.locals['unreadable'])
    throw new Problem(422, 'malformed', {
      errors: [{ pointer: '', code: 'malformed', detail: '请求内容不是有效的 JSON 或表单' }],
    });
}
