import { createHash, randomUUID } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, readFile, readdir, rename, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { home } from '../home.ts';
import { type ProcessName, bundleProcess, bundleWorkflows } from '../scripts/bundle.ts';

const here = fileURLToPath(home);
const bundlesOf = (root: string): string => path.join(root, '.cache', 'bundles');

/** The path of the workflows' bundle; one of the same sources is used again, so that a worker that is started again works at once. */
export async function workflowsBundled(root = here): Promise<string> {
  const name = `${await sourceHash(root)}.js`;
  const file = path.join(bundlesOf(root), name);
  if (existsSync(file)) return file;
  const code = await bundleWorkflows(root);
  await putAll(root, (folder) => writeFile(path.join(folder, name), code));
  return file;
}

/** The path of a process's bundle, made anew. */
export async function processBundled(name: ProcessName, root = here): Promise<string> {
  await putAll(root, (folder) => bundleProcess(name, root, folder));
  return path.join(bundlesOf(root), `${name}.mjs`);
}

/** Written aside and then renamed: another start may read the same bundle at this moment. */
async function putAll(root: string, write: (folder: string) => Promise<void>): Promise<void> {
  const aside = path.join(bundlesOf(root), randomUUID());
  await mkdir(aside, { recursive: true });
  try {
    await write(aside);
    for (const name of await readdir(aside))
      await rename(path.join(aside, name), path.join(bundlesOf(root), name));
  } finally {
    await rm(aside, { recursive: true, force: true });
  }
}

async function sourceHash(root: string): Promise<string> {
  const hash = createHash('sha256').update(await readFile(path.join(here, 'package-lock.json')));
  for (const folder of ['domain', 'workflows']) {
    const names = await readdir(path.join(root, folder), { recursive: true });
    for (const name of names.filter((one) => /\.c?[jt]s$/.test(one)).sort())
      hash.update(`${folder}/${name}\n`).update(await readFile(path.join(root, folder, name)));
  }
  return hash.digest('hex').slice(0, 32);
}
