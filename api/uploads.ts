import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { fileTypeFromBuffer } from 'file-type';
import type { Request, Response } from 'express';
import multer, { MulterError } from 'multer';
import { removeFile, storeFile } from '../models/files.ts';
import type { Vault } from '../models/complainant.ts';
import type { Store } from '../models/store.ts';
import type { StoredFile } from '../models/submission.ts';
import { type ReadLimit, announcesMore, readWithin, tooLarge } from './body.ts';
import type { ApiDeps } from './deps.ts';
import { Problem, invalid, problemOf } from './problem.ts';

const MB = 1_048_576;
const FILE_MB = 200;
/** Beside the files of a request, for its words. */
const WORDS_BYTES = 10 * MB;
/** Half a million rows, as text. */
export const TABLE_MB = 300;
const TABLE_BYTES = TABLE_MB * MB;
const FIELDS = { fields: 1_100, fieldSize: MB, fieldNestingDepth: 3, fieldArrayIndexLimit: 500 };

/** Megabytes of one file that an agency hands in, and of all of them together. */
export const fileMbOf = ({ fileMb }: Pick<ApiDeps, 'fileMb'>): number => fileMb ?? FILE_MB;

/** A table too long for memory, kept on disk until the call is answered. */
export interface SentTable {
  readonly path: string;
  readonly name: string;
  readonly sha256: string;
}

/** Attack: bytes that begin like an archive and break off must not end the request. */
export const sniff = async (head: Buffer): Promise<string | undefined> =>
  fileTypeFromBuffer(head).then(
    (found) => found?.ext,
    () => undefined,
  );

type Stored = Express.Multer.File & { readonly stored: StoredFile };

/** Where files are kept, and the vault that seals those of complainants. */
interface Keeping {
  readonly store: Store;
  readonly vault?: Vault;
}

/** Streams each file of a multipart body into GridFS; what cannot be taken, and a sender who goes away, end it at once. */
function gridfs({ store, vault }: Keeping, fail: (error: unknown) => void): multer.StorageEngine {
  const keep = async (req: Request, file: Express.Multer.File): Promise<Partial<Stored>> => {
    const end = (error: Error): void => {
      fail(error);
      file.stream.destroy(error);
    };
    file.stream.once('limit', () => end(new MulterError('LIMIT_FILE_SIZE', file.fieldname)));
    req.once('close', () => (req.complete ? undefined : end(new Error('the sender went away'))));
    try {
      const stored = await storeFile(store, { name: file.originalname, stream: file.stream, sniff, vault });
      return { stored, size: stored.size };
    } catch (error) {
      file.stream.resume();
      fail(error);
      throw error;
    }
  };
  return {
    _handleFile: (req, file, done) => void told(keep(req, file), done),
    _removeFile: (_req, file, done) => void told(removeFile(store, (file as Stored).stored), done),
  };
}

/** Tells multer, which knows no promises, how something ended. */
async function told<T>(work: Promise<T>, done: (error: Error | null, value?: T) => void): Promise<void> {
  const [error, value] = await work.then(
    (result) => [null, result] as const,
    (fault: unknown) => [fault as Error, undefined] as const,
  );
  done(error, value);
}

/** Reads a multipart body; over the limit it is refused by its announced length, before it is read, and otherwise at the byte that is too many. */
export async function readUpload(
  deps: ApiDeps & Keeping,
  req: Request,
  res: Response,
): Promise<StoredFile[]> {
  if (!req.is('multipart/form-data')) return [];
  const mb = fileMbOf(deps);
  const bytes = mb * MB + WORDS_BYTES;
  const limit = { bytes, detail: `每次提交的文件合计不超过${mb} MB`, pointer: '/files' };
  if (announcesMore(req, limit)) await readWords(req, res);
  await readParts(req, limit, (fail, done) => {
    const storage = gridfs(deps, fail);
    const limits = { ...FIELDS, fileSize: mb * MB, files: 50 };
    multer({ storage, defParamCharset: 'utf8', limits }).array('files')(req, res, done);
  });
  return ((req.files ?? []) as Stored[]).map((file) => file.stored);
}

/** ms in which the words of an upload that is refused have come, where they come at all. */
const WORDS_MS = 2_000;

/** The fields before the first file of an upload whose files are not read: a person's words are kept where their files are not. */
export async function readWords(req: Request, res: Response): Promise<void> {
  if (!req.is('multipart/form-data')) return;
  let bytes = 0;
  await new Promise<void>((resolve) => {
    const read = (): void => {
      clearTimeout(patience);
      req.off('data', count);
      resolve();
    };
    const stop = (): void => {
      req.unpipe();
      req.resume();
      read();
    };
    const count = (chunk: Buffer): void => {
      bytes += chunk.length;
      if (bytes > WORDS_BYTES) stop();
    };
    const patience = setTimeout(stop, WORDS_MS).unref();
    req.on('data', count);
    const storage: multer.StorageEngine = {
      _handleFile: (_req, file) => {
        file.stream.resume();
        read();
      },
      _removeFile: (_req, _file, done) => done(null),
    };
    multer({ storage, defParamCharset: 'utf8', limits: FIELDS }).any()(req, res, read);
  });
}

/** Reads a multipart body that brings fields only. */
export async function readFields(req: Request, res: Response): Promise<void> {
  if (!req.is('multipart/form-data')) return;
  await readParts(req, { bytes: MB }, (_fail, done) =>
    multer({ defParamCharset: 'utf8', limits: FIELDS }).none()(req, res, done),
  );
}

/** The `file` of a multipart body on disk; whoever takes it removes it. */
export async function readTable(req: Request, res: Response): Promise<SentTable> {
  const limits = { ...FIELDS, fileSize: TABLE_BYTES, files: 1 };
  const limit = { bytes: TABLE_BYTES + MB, detail: `文件不超过${TABLE_MB} MB`, pointer: '/file' };
  if (req.is('multipart/form-data')) {
    if (announcesMore(req, limit)) await readWords(req, res);
    await readParts(req, limit, (_fail, done) =>
      multer({ storage: multer.diskStorage({}), defParamCharset: 'utf8', limits }).single('file')(
        req,
        res,
        done,
      ),
    );
  }
  if (!req.file) throw invalid('/file', 'missing', '请上传 file');
  const { path, originalname } = req.file;
  const hash = createHash('sha256');
  for await (const chunk of createReadStream(path) as AsyncIterable<Buffer>) hash.update(chunk);
  return { path, name: originalname, sha256: hash.digest('hex') };
}

type Reading = (fail: (error: unknown) => void, done: (error?: unknown) => void) => void;

/** Reason: multer tells of a fault only when the whole body has come; the sender is told at once, and what still comes is read away. */
async function readParts(req: Request, limit: ReadLimit, read: Reading): Promise<void> {
  await readWithin(req, limit, (done) => {
    const failed = (error: unknown): void =>
      done(error === undefined ? undefined : ofParts(error, () => tooLarge(req, limit)));
    read(failed, failed);
  });
}

function ofParts(error: unknown, large: () => Problem): unknown {
  if (error instanceof MulterError && error.code === 'LIMIT_FILE_SIZE') return large();
  if (error instanceof Problem || problemOf(error)) return error;
  return new Problem(422, 'malformed', {
    errors: [{ pointer: '', code: 'malformed', detail: '表单内容不完整或无法读取' }],
  });
}
