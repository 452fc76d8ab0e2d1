import { fileTypeFromBuffer } from 'file-type';
import type { Request, Response } from 'express';
import multer, { MulterError } from 'multer';
import { removeFile, storeFile } from '../models/files.ts';
import type { Store } from '../models/store.ts';
import type { StoredFile } from '../models/submission.ts';
import { readWithin, tooLarge } from './body.ts';
import { Problem, invalid, problemOf } from './problem.ts';

const MB = 1_048_576;
/** Of one file handed in by the page, and of a whole request. */
export const FILE_MB = 200;
const REQUEST_BYTES = 210 * MB;
const TABLE_BYTES = 20 * MB;
const FIELDS = { fields: 1_100, fieldSize: MB, fieldNestingDepth: 3, fieldArrayIndexLimit: 500 };

/** A file whose bytes are held in memory. */
export interface SentFile {
  readonly buffer: Buffer;
  readonly name: string;
}

/** Attack: bytes that begin like an archive and break off must not end the request. */
export const sniff = async (head: Buffer): Promise<string | undefined> =>
  fileTypeFromBuffer(head).then(
    (found) => found?.ext,
    () => undefined,
  );

type Stored = Express.Multer.File & { readonly stored: StoredFile };

/** Streams each file of a multipart body into GridFS; what cannot be taken ends the request at once. */
function gridfs(store: Store, fail: (error: unknown) => void): multer.StorageEngine {
  return {
    async _handleFile(req, file, done) {
      const end = (error: Error): void => {
        fail(error);
        file.stream.destroy(error);
      };
      file.stream.once('limit', () => end(new MulterError('LIMIT_FILE_SIZE', file.fieldname)));
      req.once('close', () => (req.complete ? undefined : end(new Error('the sender went away'))));
      try {
        const stored = await storeFile(store, { name: file.originalname, stream: file.stream, sniff });
        done(null, { ...({ stored } as object), size: stored.size });
      } catch (error) {
        file.stream.resume();
        fail(error);
        done(error);
      }
    },
    async _removeFile(_req, file, done) {
      await removeFile(store, (file as Stored).stored).catch(() => undefined);
      done(null);
    },
  };
}

/** Reads a multipart body; over the limit it is refused by its announced length, before it is read, and otherwise at the byte that is too many. */
export async function readUpload(store: Store, req: Request, res: Response): Promise<StoredFile[]> {
  if (!req.is('multipart/form-data')) return [];
  await readParts(req, { bytes: REQUEST_BYTES, detail: `每个文件不超过${FILE_MB} MB` }, (fail, done) => {
    const storage = gridfs(store, fail);
    const limits = { ...FIELDS, fileSize: FILE_MB * MB, files: 50 };
    multer({ storage, defParamCharset: 'utf8', limits }).array('files')(req, res, done);
  });
  return ((req.files ?? []) as Stored[]).map((file) => file.stored);
}

/** Reads a multipart body that brings fields only. */
export async function readFields(req: Request, res: Response): Promise<void> {
  if (!req.is('multipart/form-data')) return;
  await readParts(req, { bytes: MB }, (_fail, done) =>
    multer({ defParamCharset: 'utf8', limits: FIELDS }).none()(req, res, done),
  );
}

/** The `file` of a multipart body, a table of at most 20 MB. */
export async function readOneFile(req: Request, res: Response): Promise<SentFile> {
  const limits = { ...FIELDS, fileSize: TABLE_BYTES, files: 1 };
  if (req.is('multipart/form-data'))
    await readParts(req, { bytes: TABLE_BYTES + MB, detail: '文件不超过20 MB' }, (_fail, done) =>
      multer({ storage: multer.memoryStorage(), defParamCharset: 'utf8', limits }).single('file')(
        req,
        res,
        done,
      ),
    );
  if (!req.file) throw invalid('/file', 'missing', '请上传 file');
  return { buffer: req.file.buffer, name: req.file.originalname };
}

type Reading = (fail: (error: unknown) => void, done: (error?: unknown) => void) => void;

/** Reason: multer tells of a fault only when the whole body has come; the sender is told at once, and what still comes is read away. */
async function readParts(
  req: Request,
  limit: { readonly bytes: number; readonly detail?: string },
  read: Reading,
): Promise<void> {
  await readWithin(req, limit, (done) => {
    const failed = (error: unknown): void =>
      done(error === undefined ? undefined : ofParts(error, () => tooLarge(req, limit.detail)));
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
