import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { DefaultLogger, bundleWorkflowCode } from '@temporalio/worker';
import { build } from 'esbuild';
import { home } from '../home.ts';
import { startedAs } from '../owner.ts';

export type ProcessName = 'worker' | 'server';

/** The workflows of the sources under `root` as one script, for the sandbox. */
export async function bundleWorkflows(root: string): Promise<string> {
  const logger = new DefaultLogger('WARN');
  const workflowsPath = path.join(root, 'workflows', 'index.ts');
  const failureConverterPath = path.join(root, 'workflows', 'failure-converter.cjs');
  return (await bundleWorkflowCode({ workflowsPath, failureConverterPath, logger })).code;
}

/**
 * Writes one of the product's processes as a single module `<name>.mjs` beside its source map; packages stay where they are.
 * A process that runs from its sources keeps their compiler: 100 MB for both, and half of the time of each start.
 * The map is for `--enable-source-maps`, which reads that of every package too: 45 MB.
 */
export async function bundleProcess(name: ProcessName, root: string, folder: string): Promise<void> {
  await build({
    absWorkingDir: root,
    entryPoints: [`${name}.ts`],
    outfile: path.join(folder, `${name}.mjs`),
    bundle: true,
    packages: 'external',
    platform: 'node',
    format: 'esm',
    target: 'node20',
    keepNames: true,
    sourcemap: true,
    sourcesContent: false,
    logLevel: 'warning',
  });
}

/** `npm run build`: what production runs, in `.built/`: `worker.mjs`, `server.mjs`, and `workflows.js` for WORKFLOW_BUNDLE. */
if (startedAs(import.meta.url)) {
  const root = fileURLToPath(home);
  const folder = path.join(root, '.built');
  await mkdir(folder, { recursive: true });
  for (const name of ['worker', 'server'] as const) await bundleProcess(name, root, folder);
  await writeFile(path.join(folder, 'workflows.js'), await bundleWorkflows(root));
}
