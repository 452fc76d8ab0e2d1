import { cp, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { DefaultLogger, Worker, bundleWorkflowCode } from '@temporalio/worker';
import { afterAll, describe, expect, it } from 'vitest';
import { workflowBundle } from '../support/engines.ts';
import { storedHistories } from '../support/histories.ts';

const root = path.join(import.meta.dirname, '..', '..');
/** Inside the project, so that the copied sources find their packages. */
const changed = path.join(root, '.cache', `changed-${process.pid}`);

/** The names of the stored histories that a bundle does not lead through the same steps. */
async function broken(workflowBundle: { codePath: string } | { code: string }): Promise<string[]> {
  const histories = await storedHistories();
  const replayed = Worker.runReplayHistories(
    { workflowBundle },
    histories.map(({ name, history }) => ({ workflowId: name, history })),
  );
  const names: string[] = [];
  for await (const { workflowId, error } of replayed) if (error) names.push(workflowId);
  return names.sort();
}

/** Bundles the workflows with a wait that the stored histories know nothing of. */
async function bundleWithExtraWait(): Promise<{ code: string }> {
  await mkdir(changed, { recursive: true });
  for (const folder of ['domain', 'workflows'])
    await cp(path.join(root, folder), path.join(changed, folder), { recursive: true });
  for (const [file, before] of [
    ['task.ts', '  if (!group.ready)\n    group.open('],
    ['campaign.ts', '  await launch(campaign, '],
    ['plan.ts', '  while (plan.stand.month < '],
    ['case.ts', '  if (!file.ready) file.open('],
    ['accountability.ts', '  await send(opened);'],
    ['roster.ts', '  const dates = await datesOf('],
    ['file-review.ts', '  const { groups, until, clock: read } = '],
    ['settlement.ts', '  for (;;) {\n    const { again } = '],
    ['calendar.ts', '  await confirmMoves('],
  ] as const) {
    const name = path.join(changed, 'workflows', file);
    const source = await readFile(name, 'utf8');
    expect(source).toContain(before);
    const patched = source
      .replace(before, `  await extraWait(1_000);\n${before}`)
      .replace(
        "from '@temporalio/workflow';",
        "from '@temporalio/workflow';\nimport { sleep as extraWait } from '@temporalio/workflow';",
      );
    await writeFile(name, patched);
  }
  return bundleWorkflowCode({
    workflowsPath: path.join(changed, 'workflows', 'index.ts'),
    logger: new DefaultLogger('ERROR'),
  });
}

describe('Stored histories of every workflow, phase and released version', () => {
  afterAll(() => rm(changed, { recursive: true, force: true }));

  it('cover every workflow, and are few', async () => {
    const names = (await storedHistories()).map((one) => path.basename(one.name));
    for (const phase of [
      'selfInspection',
      'jointInspection',
      'rectification',
      'lookBack',
      'summarising',
      'closed',
    ])
      expect(names).toContain(`campaign-${phase}`);
    for (const state of ['silence', 'inReview', 'closed', 'withdrawn', 'renewed', 'written'])
      expect(names).toContain(`tasks-${state}`);
    for (const state of ['begun', 'waiting', 'june', 'october', 'january', 'closed', 'appraisal'])
      expect(names).toContain(`plan-${state}`);
    for (const state of [
      'accepted',
      'filed',
      'noticeServed',
      'statementDue',
      'investigating',
      'reviewing',
      'rectifying',
      'overdue',
      'governmentApproving',
      'executing',
      'suspended',
      'objected',
      'transferred',
      'verified',
      'archived',
    ])
      expect(names).toContain(`case-${state}`);
    for (const state of ['unsigned', 'paperReceipt']) expect(names).toContain(`tasks-${state}`);
    for (const state of ['sent', 'outcomeReceived', 'inEffect', 'ended', 'restored', 'declined', 'withdrawn'])
      expect(names).toContain(`accountability-${state}`);
    for (const state of ['told', 'over']) expect(names).toContain(`fileReview-${state}`);
    for (const state of ['asked', 'reminded', 'closed']) expect(names).toContain(`roster-${state}`);
    for (const state of ['sent', 'resend']) expect(names).toContain(`settlement-${state}`);
    expect(names).toContain('calendar-confirmed');
    expect(names.length).toBeLessThanOrEqual(68);
  });

  it('All replay: what runs today survives a deployment of this code', async () => {
    expect(await broken(workflowBundle())).toEqual([]);
  });

  it('A changed order of steps is caught in every one of them', async () => {
    const names = (await storedHistories())
      .map((one) => one.name)
      .filter((name) => !name.endsWith('tasks-renewed'));
    expect(await broken(await bundleWithExtraWait())).toEqual(expect.arrayContaining(names));
  });
});
