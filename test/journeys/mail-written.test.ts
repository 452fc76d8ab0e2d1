import { MockActivityEnvironment } from '@temporalio/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Deps } from '../../activities/deps.ts';
import { type MailResult, taskMailActivities } from '../../activities/task-mail.ts';
import type { MailOrder } from '../../domain/task.ts';
import { launch, registerAgencies } from '../support/county.ts';
import { keepHistory } from '../support/histories.ts';
import { type House, eventually, openHouse } from '../support/house.ts';
import {
  addressOf,
  expectNoFailure,
  mailTo,
  numberOf,
  pageOf,
  settle,
  sign,
  taskShows,
} from '../support/people.ts';

const AGENCIES = ['struck', 'second', 'third', 'usual', 'quiet'];

const BOOKED = { outcome: 'sent', booked: true } as const;

/** Whoever sends a mail writes it down, and may be killed between any two steps of it: then it is done once more, with the attempt's number one higher. */
describe('A mail that went is in the ledger once', () => {
  let house: House;
  let owner: string;
  const task = new Map<string, string>();
  const at = (agency: string): string => task.get(agency) ?? '';

  beforeAll(async () => {
    house = await openHouse({ startsAt: '2026-03-02T09:00:00+08:00' });
    await registerAgencies(house, AGENCIES);
    owner = await launch(house, { agencies: { ids: AGENCIES } });
    for (const agency of AGENCIES) {
      task.set(agency, await numberOf(house, owner, agency));
      await mailTo(house, addressOf(agency), '【请办理】');
    }
  });
  afterAll(async () => {
    await expectNoFailure(house);
    await house?.close();
  });

  const order = (agency: string, kind: MailOrder['kind'], key: number): MailOrder => ({
    task: at(agency),
    kind,
    key,
    rung: 0,
    round: 1,
  });

  /** One attempt of the activity, as the engine makes it. */
  const attempt = (
    n: number,
    activityId: string,
    orders: readonly MailOrder[],
    over: Partial<Deps> = {},
  ): Promise<MailResult[]> =>
    new MockActivityEnvironment({
      activityId,
      attempt: n,
      workflowExecution: { workflowId: `tasks/${owner}/selfInspection/1`, runId: 'a run' },
    }).run(async () =>
      taskMailActivities({ ...house.deps, ...over }).sendTaskMails('a group', orders, 'first mails too'),
    );

  /** What the ledger says of mails of this kind to this task, by Message-ID. */
  async function written(no: string, kind: string): Promise<string[]> {
    const blocks = await house.store.events.find({ tasks: no }).sort({ seq: 1 }).lean();
    const entries = blocks.flatMap(
      (block) =>
        JSON.parse(block.entries) as { task?: string; what: string; detail?: Record<string, string> }[],
    );
    return entries
      .filter((one) => one.task === no && one.what === 'mail-sent' && one.detail?.['kind'] === kind)
      .map((one) => one.detail?.['message'] ?? '');
  }
  const intact = async (): Promise<unknown> =>
    (await house.call('administrator', 'GET', `/history/${owner}/verify`)).body.intact;

  it('Killed after the mail went and before the ledger: the next attempt writes it, and mails nobody twice', async () => {
    const dies: Deps['outbox'] = {
      ...house.deps.outbox,
      post: async (...args) => {
        await house.deps.outbox.post(...args);
        throw new Error('killed');
      },
    };
    const orders = [order('struck', 'accepted', 901)];
    await expect(attempt(1, 'after-mail', orders, { outbox: dies })).rejects.toThrow('killed');
    expect(await written(at('struck'), 'accepted')).toEqual([]);
    expect(await attempt(2, 'after-mail', orders)).toEqual([{ outcome: 'sent', booked: true }]);
    expect(await written(at('struck'), 'accepted')).toHaveLength(1);
    expect(await house.mails(addressOf('struck'), '【已办结】')).toHaveLength(1);
    expect(await intact()).toBe(true);
  });

  it('Killed after the ledger and before the engine heard: a repeat adds nothing, however often', async () => {
    const orders = [order('struck', 'accepted', 902), order('second', 'accepted', 902)];
    const first = await attempt(1, 'after-ledger', orders);
    expect(first).toEqual([
      { outcome: 'sent', booked: true },
      { outcome: 'sent', booked: true },
    ]);
    expect(await attempt(2, 'after-ledger', orders)).toEqual(first);
    expect(await attempt(3, 'after-ledger', orders)).toEqual(first);
    expect(await written(at('second'), 'accepted')).toHaveLength(1);
    expect(await house.mails(addressOf('second'), '【已办结】')).toHaveLength(1);
    expect(await intact()).toBe(true);
  });

  it('A first mail shows its task as known, also where the attempt before was killed in between; one that moved is its group’s to show', async () => {
    await registerAgencies(house, ['waiting', 'moved']);
    const other = await launch(house, { agencies: { ids: ['waiting', 'moved'] } }, 60);
    for (const agency of ['waiting', 'moved']) task.set(agency, await numberOf(house, other, agency));
    const { tasks } = house.store;
    const shown = async (agency: string): Promise<unknown> =>
      tasks.findById(at(agency), { state: 1, version: 1, mailedAt: 1 }).lean();
    const orders = [order('waiting', 'task', 0), order('moved', 'task', 0)];
    const moves: Deps['outbox'] = {
      ...house.deps.outbox,
      post: async (...args) => {
        const posted = await house.deps.outbox.post(...args);
        await tasks.updateOne({ _id: at('moved') }, { $inc: { version: 1 } });
        return posted;
      },
    };
    const booked = [BOOKED, BOOKED];
    expect(await attempt(1, 'first', orders, { outbox: moves })).toEqual(booked);
    const known = { state: 'unacknowledged', version: 1, mailedAt: expect.any(String) };
    expect(await shown('waiting')).toMatchObject(known);
    const mailedAt = expect.any(String);
    expect(await shown('moved')).toEqual({ _id: at('moved'), state: 'pending', version: 2, mailedAt });
    await tasks.updateOne(
      { _id: at('waiting') },
      { $set: { state: 'pending', 'machine.status': 'pending' }, $unset: { mailedAt: 1 } },
    );
    expect(await attempt(2, 'first', orders)).toEqual(booked);
    expect(await shown('waiting')).toMatchObject(known);
    expect(await written(at('waiting'), 'task')).toHaveLength(1);
    expect(await house.mails(addressOf('waiting'), '【请办理】')).toHaveLength(1);
    expect((await house.call('organizer', 'POST', `/campaigns/${other}/recall`)).status).toBe(202);
  });

  it('What the first attempt had not sent when it wrote, the group is told to record', async () => {
    const orders = [order('second', 'accepted', 903), order('third', 'accepted', 903)];
    const half: Deps['outbox'] = {
      ...house.deps.outbox,
      post: async (drafts, options) => [
        ...(await house.deps.outbox.post(drafts.slice(0, 1), options)),
        ...drafts.slice(1).map(() => ({ messageId: '', outcome: 'deferred' as const, again: false })),
      ],
    };
    expect((await attempt(1, 'half', orders, { outbox: half })).map((one) => one.outcome)).toEqual([
      'sent',
      'deferred',
    ]);
    const [known, fresh] = await attempt(2, 'half', orders);
    expect(known).toEqual({ outcome: 'sent', booked: true });
    expect(fresh).toMatchObject({ outcome: 'sent', messageId: expect.stringContaining('@') });
    expect(fresh?.booked).toBeUndefined();
    expect(await written(at('third'), 'accepted')).toEqual([]);
  });

  it('One daily mail for two tasks is written down for each: a task that the first attempt left out is not taken for written', async () => {
    const one = at('quiet');
    const other = `${one}-2`;
    await taskShows(house, one, { state: 'unacknowledged' });
    const row = await house.store.tasks.findById(one).lean();
    const twin = {
      ...row,
      _id: other,
      no: other,
      group: 'another group',
      origin: 'another',
      machine: { ...row?.machine, no: other },
    };
    await house.store.tasks.collection.insertOne(twin as never);
    const answer = { _id: 'R-in-hand', task: other, consumed: false };
    await house.store.submissions.collection.insertOne(answer as never);
    const orders = [order('quiet', 'reminder', 1), { ...order('quiet', 'reminder', 1), task: other }];
    expect((await attempt(1, 'digest', orders)).map((each) => each.outcome)).toEqual(['sent', 'cancelled']);
    await house.store.submissions.collection.deleteOne({ _id: 'R-in-hand' as never });
    const [first, second] = await attempt(2, 'digest', orders);
    expect(first).toEqual({ outcome: 'sent', booked: true });
    expect(second).toMatchObject({ outcome: 'sent', messageId: expect.stringContaining('@') });
    expect(second?.booked).toBeUndefined();
    await house.store.tasks.collection.deleteOne({ _id: other as never });
  });

  it('From receipt to acceptance, each mail that the relay took is in the ledger once, and the task stands as its group believes', async () => {
    const link = await pageOf(house, addressOf('usual'));
    const no = at('usual');
    await sign(link);
    await settle(house, { link, no });
    await mailTo(house, addressOf('usual'), '【已收到】');
    await mailTo(house, addressOf('usual'), '【已办结】');
    await eventually(async () => {
      const mails = await house.store.messages.find({ subject: no, state: 'sent' }).lean();
      const kinds = [...new Set(mails.map((mail) => mail.kind))].sort();
      expect(kinds).toEqual(['accepted', 'receipt', 'task']);
      for (const kind of kinds)
        expect((await written(no, kind)).sort()).toEqual(
          mails
            .filter((mail) => mail.kind === kind)
            .map((mail) => mail._id)
            .sort(),
        );
    });
    await taskShows(house, no, { state: 'closed' });
    await keepHistory(house, `tasks/${owner}/selfInspection/1`, 'tasks-written');
    expect(await intact()).toBe(true);
  });
});
