import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, readFile, readdir, rename, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { bundleWorkflows } from '../scripts/bundle.ts';

const home = path.join(import.meta.dirname, '..');

/** The path of the workflows' bundle; one of the same sources is used again, so that a worker that is started again works at once. */
export async function workflowsBundled(root = home): Promise<string> {
  const folder = path.join(root, '.cache', 'bundles');
  const file = path.join(folder, `${await sourceHash(root)}.js`);
  if (existsSync(file)) return file;
  const code = await bundleWorkflows(root);
  await mkdir(folder, { recursive: true });
  await writeFile(`${file}.${process.pid}`, code);
  await rename(`${file}.${process.pid}`, file);
  return file;
}

async function sourceHash(root: string): Promise<string> {
  const hash = createHash('sha256').update(await readFile(path.join(home, 'package-lock.json')));
  for (const folder of ['domain', 'workflows']) {
    const names = await readdir(path.join(root, folder), { recursive: true });
    for (const name of names.filter((one) => /\.c?[jt]s$/.test(one)).sort())
      hash.update(`${folder}/${name}\n`).update(await readFile(path.join(root, folder, name)));
  }
  return hash.digest('hex').slice(0, 32);
}
