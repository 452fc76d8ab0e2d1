import { createHash } from 'node:crypto';

/** Whether an If-Match header names this ETag: the same tag, one of several, or `*`. A proxy that compresses makes a tag weak; it still names the same content. */
export function matches(ifMatch: string, etag: string): boolean {
  const plain = (tag: string): string => tag.trim().replace(/^W\//, '').replaceAll(/^"|"$/g, '');
  return ifMatch.split(',').some((one) => one.trim() === '*' || plain(one) === plain(etag));
}

export const versionTag = (version: number): string => `"v${version}"`;

/** A tag of the content itself. */
export const contentTag = (content: unknown): string =>
  `"${createHash('sha256').update(JSON.stringify(content)).digest('hex').slice(0, 20)}"`;
