import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { launch, registerAgencies } from '../support/county.ts';
import { type House, eventually, openHouse } from '../support/house.ts';
import {
  addressOf,
  expectNoFailure,
  mailTo,
  numberOf,
  pageOf,
  post,
  sign,
  taskOf,
  taskShows,
} from '../support/people.ts';

describe('Without a worker nothing is lost, and with one again everything arrives once', () => {
  let house: House;
  let no: string;
  const ANSWERING = ['byhttp', 'bymail', 'twice'];
  const AGENCIES = [...ANSWERING, 'ordered'];
  const task = new Map<string, string>();
  const at = (agency: string): string => task.get(agency) ?? '';
  beforeAll(async () => {
    house = await openHouse({ startsAt: '2026-03-02T09:00:00+08:00', realTime: true });
    await registerAgencies(house, AGENCIES);
    no = await launch(house);
    for (const agency of AGENCIES) {
      task.set(agency, await numberOf(house, no, agency));
      await sign(await pageOf(house, addressOf(agency)));
      await taskShows(house, at(agency), { state: 'inProgress' });
    }
  });
  afterAll(async () => {
    await expectNoFailure(house);
    await house.close();
  });

  it('Answers are received with their receipt, and mails with 250, while no worker runs', async () => {
    await house.stopWorker();
    const first = await post(await pageOf(house, addressOf('byhttp')), 'answers', { text: '停机期间的反馈' });
    expect(first).toMatchObject({ status: 201, body: { late: false } });
    const link = await pageOf(house, addressOf('twice'));
    const once = await post(link, 'answers', { text: '同一份反馈' });
    const again = await post(link, 'answers', { text: '同一份反馈' });
    expect(again.body.receipt).toBe(once.body.receipt);
    await house.reply(await mailTo(house, addressOf('bymail'), '【请办理】'), {
      text: '邮件反馈，停机期间。',
    });
    expect(await house.store.incoming.countDocuments({ disposition: 'pending' })).toBe(1);
    for (const agency of ANSWERING) expect((await taskOf(house, at(agency))).body.state).toBe('inProgress');
  });

  it('What staff orders meanwhile is 503, and nothing half-done', async () => {
    const refused = await house.call('organizer', 'POST', `/tasks/${at('ordered')}/withdrawal`, {
      body: { reason: '无需办理' },
    });
    expect(refused.status).toBe(503);
    expect(refused.headers.get('retry-after')).not.toBeNull();
    expect((await taskOf(house, at('ordered'))).body.state).toBe('inProgress');
  });

  it('The worker is back: each answer is there once, with the moment at which it came', async () => {
    await house.startWorker();
    for (const agency of ANSWERING) {
      const { body } = await eventually(() => taskShows(house, at(agency), { state: 'inReview' }));
      expect(body.answers).toHaveLength(1);
      await mailTo(house, addressOf(agency), '【已收到】');
    }
    expect((await taskOf(house, at('bymail'))).body.answers[0]).toMatchObject({
      channel: 'email',
      text: '邮件反馈，停机期间。',
    });
  });

  it('An order that was answered 503 is not carried out when the worker is back', async () => {
    await house.settled();
    await taskShows(house, at('ordered'), { state: 'inProgress' });
  });

  it('The same submission told twice changes nothing', async () => {
    const before = await taskOf(house, at('twice'));
    const record = await house.store.submissions.findOne({ task: at('twice'), kind: 'answer' }).lean();
    for (let n = 0; n < 2; n += 1)
      await house.env.client.workflow.getHandle(record?.group ?? '').signal('submitted', [record?.told]);
    await house.settled();
    const after = await taskOf(house, at('twice'));
    expect(after.body).toMatchObject({ version: before.body.version, answers: before.body.answers });
    expect(after.headers.get('etag')).toBe(before.headers.get('etag'));
    expect(await house.mails(addressOf('twice'), record?._id)).toHaveLength(1);
    const { body } = await house.call('administrator', 'GET', `/history/${at('twice')}`);
    expect((body as { code: string }[]).filter((one) => one.code === 'answered')).toHaveLength(1);
  });
});
