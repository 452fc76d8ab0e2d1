import { createHash } from 'node:crypto';
import { type Readable, pipeline as joined } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import mongoose from 'mongoose';
import { cleanName, fileRefusal } from '../domain/file-kind.ts';
import { Refusal } from '../domain/refusals.ts';
import { type Vault, vaultOf } from './complainant.ts';
import type { Store } from './store.ts';
import type { StoredFile } from './submission.ts';

/** Bytes that tell what a file is. */
const HEAD = 4_100;

/** Looks at a file's first bytes; undefined where they say nothing. */
export type Sniff = (head: Buffer) => Promise<string | undefined>;

/** Streams a file into GridFS under its SHA-256, encrypted where a vault is given. Throws Refusal('file-refused') for what it is, whatever it is called, and leaves nothing behind of what was refused or broke off. */
export async function storeFile(
  store: Pick<Store, 'files'>,
  file: {
    readonly name: string;
    readonly stream: Readable;
    readonly sniff: Sniff;
    readonly vault?: Vault | undefined;
  },
): Promise<StoredFile> {
  const hash = createHash('sha256');
  let size = 0;
  let type = 'application/octet-stream';
  const name = cleanName(file.name);
  async function* watched(source: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
    let head: Buffer | undefined = Buffer.alloc(0);
    const judge = async (bytes: Buffer): Promise<void> => {
      const found = await file.sniff(bytes);
      const refused = fileRefusal(name, found, bytes.subarray(0, 8));
      if (refused) throw new Refusal('file-refused', `${name}：${refused}`, '/files');
      type = found ?? type;
    };
    for await (const chunk of source) {
      hash.update(chunk);
      size += chunk.length;
      if (head === undefined) {
        yield chunk;
        continue;
      }
      head = Buffer.concat([head, chunk]);
      if (head.length < HEAD) continue;
      await judge(head);
      yield head;
      head = undefined;
    }
    if (head !== undefined) {
      await judge(head);
      yield head;
    }
  }
  // Reason: a complainant's file may bear their name.
  const upload = store.files().openUploadStream(file.vault ? 'sealed' : name);
  const sealing = file.vault?.sealing(sealedAs(String(upload.id)));
  try {
    await (sealing
      ? pipeline(file.stream, watched, sealing.cipher, upload)
      : pipeline(file.stream, watched, upload));
  } catch (error) {
    await written(upload);
    await discard(store, upload.id).catch(() => undefined);
    throw error;
  }
  return {
    name,
    size,
    sha256: hash.digest('hex'),
    type,
    file: String(upload.id),
    ...(sealing ? { sealed: sealing.sealed() } : {}),
  };
}

/** Keeps a file that the office's own records were written out into; leaves nothing behind where that broke off. */
export async function keepMade(
  store: Pick<Store, 'files'>,
  { name, type, stream }: { readonly name: string; readonly type: string; readonly stream: Readable },
): Promise<Pick<StoredFile, 'name' | 'type' | 'size' | 'sha256' | 'file'>> {
  const hash = createHash('sha256');
  let size = 0;
  async function* watched(source: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
    for await (const chunk of source) {
      hash.update(chunk);
      size += chunk.length;
      yield chunk;
    }
  }
  const upload = store.files().openUploadStream(name);
  try {
    await pipeline(stream, watched, upload);
  } catch (error) {
    await written(upload);
    await discard(store, upload.id).catch(() => undefined);
    throw error;
  }
  return { name, type, size, sha256: hash.digest('hex'), file: String(upload.id) };
}

/** Reason: a chunk that is on its way when the rest is deleted would stay for ever. */
async function written({ state }: mongoose.mongo.GridFSBucketWriteStream): Promise<void> {
  for (let tries = 0; state.outstandingRequests > 0 && tries < 250; tries += 1)
    await new Promise((resolve) => setTimeout(resolve, 20));
}

/** Chunks may stand there without the file's own record, which is written last. */
async function discard(store: Pick<Store, 'files'>, id: mongoose.mongo.ObjectId): Promise<void> {
  await store
    .files()
    .delete(id)
    .catch((error: unknown) => {
      if (!(error instanceof mongoose.mongo.MongoRuntimeError)) throw error;
    });
}

/** Removes a file that became part of nothing. */
export const removeFile = (store: Pick<Store, 'files'>, file: Pick<StoredFile, 'file'>): Promise<void> =>
  discard(store, new mongoose.mongo.ObjectId(file.file));

/** A stored file's bytes. */
export const readFile = (store: Pick<Store, 'files'>, id: string): Readable =>
  store.files().openDownloadStream(new mongoose.mongo.ObjectId(id));

/** What the sealed bytes of a file are bound to: no other file's bytes open in its place. */
const sealedAs = (file: string): string => `file ${file}`;

/** A stored file's bytes as they came, opened where they are sealed; a byte that was changed breaks them off. Who may see them, and the event of it, are the caller's to mind. */
export function openFile(
  {
    store,
    office,
  }: { readonly store: Pick<Store, 'files'>; readonly office: { readonly vaultKeys: readonly string[] } },
  { file, sealed }: Pick<StoredFile, 'file' | 'sealed'>,
): Readable {
  if (!sealed) return readFile(store, file);
  const plain = vaultOf(office).opening(sealed, sealedAs(file));
  // A fault of either destroys both, and is an error of what is read.
  joined(readFile(store, file), plain, () => undefined);
  return plain;
}
