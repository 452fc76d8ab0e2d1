import { existsSync } from 'node:fs';

/** The folder of the project, where templates, words and data lie, as seen from the sources and from a bundle of them (scripts/bundle.ts). */
export const home: URL = above(new URL('.', import.meta.url));

function above(folder: URL): URL {
  if (existsSync(new URL('package.json', folder))) return folder;
  const parent = new URL('..', folder);
  if (parent.href === folder.href) throw new Error('package.json is not above this file');
  return above(parent);
}
