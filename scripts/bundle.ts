import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { DefaultLogger, bundleWorkflowCode } from '@temporalio/worker';

/** The workflows of the sources under `root` as one script, for the sandbox. */
export async function bundleWorkflows(root: string): Promise<string> {
  const logger = new DefaultLogger('WARN');
  const workflowsPath = path.join(root, 'workflows', 'index.ts');
  const failureConverterPath = path.join(root, 'workflows', 'failure-converter.cjs');
  return (await bundleWorkflowCode({ workflowsPath, failureConverterPath, logger })).code;
}

/** `node --import tsx scripts/bundle.ts FILE`: what WORKFLOW_BUNDLE names, so that no worker carries a bundler's memory. */
if (process.argv[1] === fileURLToPath(import.meta.url))
  await writeFile(process.argv[2] ?? '', await bundleWorkflows(path.join(import.meta.dirname, '..')));
