import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import type { DataConverter, Payload, PayloadCodec } from '@temporalio/common';
import { home } from './home.ts';

export interface PayloadKey {
  readonly id: string;
  /** 32 bytes */
  readonly key: Buffer;
}

const ENCODING = 'binary/encrypted';
const CIPHER = 'aes-256-gcm';
const IV_BYTES = 12;
const TAG_BYTES = 16;

/** In the workflows' bundle in any case; outside it only where payloads are encrypted. */
export const FAILURE_CONVERTER = fileURLToPath(new URL('workflows/failure-converter.cjs', home));

/** What the engine keeps of a workflow, encrypted before it leaves this process; nothing where there are no keys. */
export function dataConverterOf(keys: readonly PayloadKey[]): { readonly dataConverter?: DataConverter } {
  const [first] = keys;
  if (first === undefined) return {};
  return {
    dataConverter: {
      payloadCodecs: [payloadCodec([first, ...keys.slice(1)])],
      failureConverterPath: FAILURE_CONVERTER,
    },
  };
}

/** The first key encrypts, every key decrypts; what was written before there were keys is read as it is. */
export function payloadCodec(keys: readonly [PayloadKey, ...PayloadKey[]]): PayloadCodec {
  const byId = new Map(keys.map((one) => [one.id, one.key]));
  return {
    encode: async (payloads) => payloads.map((one) => sealed(one, keys[0])),
    decode: async (payloads) => payloads.map((one) => opened(one, byId)),
  };
}

function sealed(payload: Payload, { id, key }: PayloadKey): Payload {
  const iv = randomBytes(IV_BYTES);
  // Attack: the key's name is bound to the text, so that neither is exchanged.
  const cipher = createCipheriv(CIPHER, key, iv, { authTagLength: TAG_BYTES }).setAAD(Buffer.from(id));
  const data = Buffer.concat([iv, cipher.update(packed(payload)), cipher.final(), cipher.getAuthTag()]);
  return { metadata: { encoding: Buffer.from(ENCODING), 'encryption-key-id': Buffer.from(id) }, data };
}

function opened(payload: Payload, keys: ReadonlyMap<string, Buffer>): Payload {
  if (textOf(payload.metadata?.['encoding']) !== ENCODING) return payload;
  const id = textOf(payload.metadata?.['encryption-key-id']);
  const key = keys.get(id);
  if (key === undefined) throw new Error(`PAYLOAD_KEYS 中没有密钥 ${id}，流程数据打不开`);
  const bytes = Buffer.from(payload.data ?? []);
  const body = bytes.subarray(IV_BYTES, -TAG_BYTES);
  const decipher = createDecipheriv(CIPHER, key, bytes.subarray(0, IV_BYTES), { authTagLength: TAG_BYTES })
    .setAAD(Buffer.from(id))
    .setAuthTag(bytes.subarray(-TAG_BYTES));
  return unpacked(Buffer.concat([decipher.update(body), decipher.final()]));
}

const textOf = (bytes: Uint8Array | null | undefined): string => Buffer.from(bytes ?? []).toString('utf8');

/** On the first line what describes the payload, after it its bytes. */
function packed({ metadata, data }: Payload): Buffer {
  const about = Object.entries(metadata ?? {}).map(([name, bytes]) => [
    name,
    Buffer.from(bytes).toString('base64'),
  ]);
  return Buffer.concat([Buffer.from(`${JSON.stringify(about)}\n`), Buffer.from(data ?? [])]);
}

function unpacked(bytes: Buffer): Payload {
  const end = bytes.indexOf(10);
  const about = JSON.parse(bytes.subarray(0, end).toString('utf8')) as [string, string][];
  const metadata = Object.fromEntries(about.map(([name, text]) => [name, Buffer.from(text, 'base64')]));
  return { metadata, data: new Uint8Array(bytes.subarray(end + 1)) };
}
