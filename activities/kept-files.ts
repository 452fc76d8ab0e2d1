import { Readable } from 'node:stream';
import { fileTypeFromBuffer } from 'file-type';
import { Refusal } from '../domain/refusals.ts';
import type { IncomingAttachment } from '../mail/inbound-parse.ts';
import type { Vault } from '../models/complainant.ts';
import { storeFile } from '../models/files.ts';
import type { Store } from '../models/store.ts';
import type { StoredFile } from '../models/submission.ts';

/** Keeps a mail's files, a complainant's encrypted; a refused one stays in the raw mail, and stands in the list with its reason. */
export async function keepFiles(
  store: Store,
  attachments: readonly IncomingAttachment[],
  vault?: Vault,
): Promise<StoredFile[]> {
  const kept: StoredFile[] = [];
  for (const one of attachments) {
    const name = one.name || 'attachment';
    const sniff = async (head: Buffer) => (await fileTypeFromBuffer(head))?.ext;
    try {
      kept.push(await storeFile(store, { name, stream: Readable.from([one.content]), sniff, vault }));
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      kept.push({
        name: `${name}（未接收：${error.message.split('：').at(-1) ?? ''}）`,
        size: one.content.length,
        sha256: '',
        type: 'refused',
        file: '',
      });
    }
  }
  return kept;
}
