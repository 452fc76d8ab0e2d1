import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { fileMatter, issue, openMatter } from '../support/cases.ts';
import { registerAgencies } from '../support/county.ts';
import { type House, openHouse } from '../support/house.ts';
import { addressOf, expectNoFailure, pageOf, sign, taskOf, taskShows } from '../support/people.ts';

/** March 2026 has no holiday; the house opens on Monday the 2nd. */
describe('A term that the store cannot measure', () => {
  let house: House;
  let task: string;
  const group = (): string => 'tasks/GA-2026-001/statement/1';
  const asked = async (): Promise<number> => {
    const { events } = await house.env.client.workflow.getHandle(group()).fetchHistory();
    const scheduled = (events ?? []).map(
      (one) => one.activityTaskScheduledEventAttributes?.activityType?.name,
    );
    return scheduled.filter((name) => name === 'measureTasks').length;
  };
  beforeAll(async () => {
    house = await openHouse({ startsAt: '2026-03-02T09:00:00+08:00' });
    await registerAgencies(house, ['maqiao']);
    const no = await openMatter(house, 'maqiao');
    await fileMatter(house, no);
    ({ task } = await issue(house, no, { kind: 'notice', findings: [] }));
  }, 120_000);
  afterAll(async () => {
    await expectNoFailure(house);
    await house.close();
  });

  it('Is asked for once a minute at the most, and begins by itself when it can', async () => {
    const row = await house.store.tasks.findById(task, { own: 1 }).lean();
    const { own } = row ?? {};
    if (!own) throw new Error('a paper’s task has a term of its own');
    await house.store.tasks.updateOne({ _id: task }, { $unset: { own: '' } });
    await sign(await pageOf(house, addressOf('maqiao'), '【监督通知书】'));
    await taskShows(house, task, { acknowledged: { by: '经办人甲' }, due: null });
    await house.until('2026-03-02T09:20:00+08:00');
    const n = await asked();
    expect(n).toBeGreaterThan(1);
    expect(n).toBeLessThanOrEqual(30);
    expect((await taskOf(house, task)).body.due).toBeNull();
    await house.store.tasks.updateOne({ _id: task }, { $set: { own } });
    await house.until('2026-03-02T09:30:00+08:00');
    await taskShows(house, task, {
      clock: { started: true },
      due: { from: '2026-03-02', at: '2026-03-16T17:00:00+08:00' },
    });
  });
});
