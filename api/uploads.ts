import type { Readable } from 'node:stream';
import { fileTypeFromBuffer } from 'file-type';
import type { Request, Response } from 'express';
import multer from 'multer';
import { storeFile } from '../models/files.ts';
import type { Store } from '../models/store.ts';
import type { StoredFile } from '../models/submission.ts';
import { Problem } from './problem.ts';

const MB = 1_048_576;
/** Of one file handed in by the page, and of a whole request. */
export const FILE_MB = 200;
const REQUEST_BYTES = 210 * MB;

export const sniff = async (head: Buffer): Promise<string | undefined> =>
  (await fileTypeFromBuffer(head))?.ext;

/** Streams each file of a multipart body into GridFS; an empty input is no file. */
function gridfs(store: Store): multer.StorageEngine {
  return {
    _handleFile(_req, file, done) {
      storeFile(store, { name: file.originalname, stream: file.stream as Readable, sniff }).then(
        (stored) => done(null, { ...({ stored } as object), size: stored.size }),
        (error: unknown) => {
          file.stream.resume();
          done(error);
        },
      );
    },
    _removeFile(_req, _file, done) {
      done(null);
    },
  };
}

/** Reads a multipart body; over the limit it is refused by its announced length, before it is read. */
export async function readUpload(store: Store, req: Request, res: Response): Promise<StoredFile[]> {
  if (Number(req.headers['content-length'] ?? 0) > REQUEST_BYTES) {
    res.set('Connection', 'close');
    throw new Problem(413, 'too-large', { detail: `每个文件不超过${FILE_MB} MB` });
  }
  if (!req.is('multipart/form-data')) return [];
  const read = multer({
    storage: gridfs(store),
    defParamCharset: 'utf8',
    limits: { fileSize: FILE_MB * MB, files: 50, fields: 1_000, fieldSize: MB, fieldNestingDepth: 3 },
  }).array('files');
  await new Promise<void>((resolve, reject) =>
    read(req, res, (error: unknown) => (error ? reject(error as Error) : resolve())),
  );
  const files = (req.files ?? []) as (Express.Multer.File & { stored: StoredFile })[];
  return files.map((file) => file.stored).filter((file) => file.size > 0 || file.name !== '');
}
