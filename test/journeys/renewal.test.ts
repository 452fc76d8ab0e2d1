import { readFile, rm, writeFile } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { archiveFinished, archiveRenewed } from '../../activities/archive.ts';
import { stamp } from '../../domain/clock.ts';
import { launch, registerAgencies } from '../support/county.ts';
import { workflowBundle } from '../support/engines.ts';
import { keepHistory } from '../support/histories.ts';
import { type House, eventually, openHouse } from '../support/house.ts';
import {
  addressOf,
  expectNoFailure,
  mailTo,
  numberOf,
  pageOf,
  post,
  review,
  settle,
  sign,
  taskOf,
  taskShows,
} from '../support/people.ts';

/** The product's bundle, but a group begins a new run after three commands instead of 1,800. */
async function shortRuns(): Promise<string> {
  const { codePath } = workflowBundle();
  const code = await readFile(codePath, 'utf8');
  const short = code.replaceAll(/UPDATES_A_RUN = 1_?800/g, 'UPDATES_A_RUN = 3');
  expect(short).not.toBe(code);
  const file = `${codePath}.${process.pid}.short.js`;
  await writeFile(file, short);
  return file;
}

describe('A group that has grown long begins a new run', () => {
  let house: House;
  let bundle: string;
  let group: string;
  let kept: string;
  let going: string;
  beforeAll(async () => {
    bundle = await shortRuns();
    house = await openHouse({ startsAt: '2026-03-02T09:00:00+08:00', realTime: true, bundle });
    await registerAgencies(house, ['staying', 'leaving']);
    const no = await launch(house, { agencies: { ids: ['staying', 'leaving'] } });
    kept = await numberOf(house, no, 'staying');
    going = await numberOf(house, no, 'leaving');
    group = `tasks/${no}/selfInspection/1`;
    for (const agency of ['staying', 'leaving']) await sign(await pageOf(house, addressOf(agency)));
    await taskShows(house, kept, { state: 'inProgress' });
  });
  afterAll(async () => {
    await expectNoFailure(house);
    await house.close();
    await rm(bundle, { force: true });
  });
  const run = async (): Promise<string> =>
    (await house.env.client.workflow.getHandle(group).describe()).runId;
  const move = (key: string, workdays: number) =>
    house.call('organizer', 'POST', `/tasks/${kept}/dates`, {
      headers: { 'Idempotency-Key': key },
      body: { workdays, reason: `调整（${key}）` },
    });

  it('Every command is carried out and every mail of it sent, across the change', async () => {
    const first = await run();
    for (const [key, workdays] of [
      ['first', 11],
      ['second', 12],
      ['third', 10],
    ] as const)
      expect((await move(key, workdays)).status).toBe(202);
    await eventually(async () => expect(await run()).not.toBe(first));
    await eventually(async () =>
      expect(await house.mails(addressOf('staying'), '【期限调整】')).toHaveLength(3),
    );
    expect((await taskOf(house, kept)).body.due.at).toBe('2026-03-16T17:00:00+08:00');
  });

  const raw = async (): Promise<{
    runs: { runId: string; source: string; events: number }[];
    events: {
      eventId: string;
      workflowExecutionStartedEventAttributes?: { originalExecutionRunId: string };
    }[];
  }> => (await house.call('administrator', 'GET', `/history/${kept}/raw`)).body;
  const begun = (events: Awaited<ReturnType<typeof raw>>['events']): (string | undefined)[] =>
    events.flatMap((one) => one.workflowExecutionStartedEventAttributes?.originalExecutionRunId ?? []);

  it('The run left behind is kept while the workflow still goes on, and one history spans them all', async () => {
    const now = await run();
    const before = await raw();
    expect(before.runs.length).toBeGreaterThan(1);
    expect(before.runs.map((one) => one.source)).toEqual(before.runs.map(() => 'engine'));
    expect(before.runs.at(-1)?.runId).toBe(now);
    expect(begun(before.events)).toEqual(before.runs.map((one) => one.runId));
    expect(await archiveFinished(house.deps)).toBe(0);
    await eventually(async () => {
      await archiveRenewed(house.deps);
      expect(await house.store.archives.countDocuments({ workflow: group })).toBe(before.runs.length - 1);
    });
    expect(await archiveRenewed(house.deps)).toBe(0);
    const after = await raw();
    expect(after.runs.map((one) => one.source)).toEqual([
      ...before.runs.slice(1).map(() => 'archive'),
      'engine',
    ]);
    expect(after.runs.map((one) => one.runId)).toEqual(before.runs.map((one) => one.runId));
    expect(after.events.slice(0, before.events.length)).toEqual(before.events);
  });

  it('The new run knows what the old one was told: a command or a submission again changes nothing', async () => {
    const before = await taskOf(house, kept);
    const told = await house.store.submissions.findOne({ task: kept }).lean();
    await house.env.client.workflow.getHandle(group).signal('submitted', [told?.told]);
    await house.store.keys.deleteMany({});
    await move('third', 10);
    await house.settled();
    expect((await taskOf(house, kept)).body.version).toBe(before.body.version);
    expect(await house.mails(addressOf('staying'), '【期限调整】')).toHaveLength(3);
  });

  it('Each line of a task’s history that the engine wrote names the event of the run that ordered it', async () => {
    const { body } = await house.call('administrator', 'GET', `/history/${kept}`);
    const lines = body as { source: string; eventId?: string; workflow?: string; run?: string }[];
    const named = lines.filter((one) => one.eventId !== undefined);
    expect(named.length).toBe(lines.length);
    expect(new Set(named.map((one) => one.run)).size).toBeGreaterThan(1);
    for (const { source, eventId, workflow, run: of } of named) {
      const handle = house.env.client.workflow.getHandle(workflow ?? '', of);
      const event = (await handle.fetchHistory()).events?.find((one) => String(one.eventId) === eventId);
      const ordered = event?.activityTaskScheduledEventAttributes?.activityType?.name;
      expect(ordered).toMatch(source === 'mail' ? /^(sendTaskMails|recordTasks)$/ : /^recordTasks$/);
    }
  });

  it('It waits for the next date, takes answers and reviews, and ends with its last task', async () => {
    const { next } = (await taskOf(house, kept)).body;
    expect([next.what, stamp(next.at).slice(0, 10)]).toEqual(['remind', '2026-03-11']);
    await post(await pageOf(house, addressOf('leaving')), 'answers', { text: '第一次反馈' });
    const returned = await review(house, going, {
      verdict: 'return',
      items: [{ id: 'c1', reason: '请补充' }],
      term: { workdays: 3 },
    });
    expect(returned.body).toMatchObject({ state: 'returned', round: 2 });
    await mailTo(house, addressOf('leaving'), '【请补正】');
    await keepHistory(house, group, 'tasks-renewed');
    await settle(house, { link: await pageOf(house, addressOf('leaving')), no: going });
    await settle(house, { link: await pageOf(house, addressOf('staying')), no: kept });
    for (const agency of ['leaving', 'staying']) await mailTo(house, addressOf(agency), '【已办结】');
    await eventually(async () => {
      const { status } = await house.env.client.workflow.getHandle(group).describe();
      expect(status.name).toBe('COMPLETED');
    });
    const engine = await raw();
    await eventually(async () => {
      await archiveFinished(house.deps);
      expect(await house.store.archives.countDocuments({ workflow: group })).toBe(engine.runs.length);
    });
    expect(await archiveFinished(house.deps)).toBe(0);
    const archived = await raw();
    expect(archived.runs).toEqual(engine.runs.map((one) => ({ ...one, source: 'archive' })));
    expect(archived.events).toEqual(engine.events);
    const verified = await house.call('administrator', 'GET', `/history/${kept}/verify`);
    expect(verified.body).toMatchObject({ intact: true });
  });
});
