import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createPulse, watchMail } from '../../activities/outage.ts';
import type { OutageOrgan } from '../../domain/outage.ts';
import { type Mailbox, createMailbox } from '../../embedded/mailbox.ts';
import { launch, linkIn, registerAgencies } from '../support/county.ts';
import { type Line, openLine } from '../support/cut-line.ts';
import { expectKept } from '../support/histories.ts';
import { type House, eventually, openHouse } from '../support/house.ts';
import { addressOf, expectNoFailure, numberOf, post, review, taskOf, taskShows } from '../support/people.ts';

const ORGANIZER = 'zuzhi@sifaju.huantai.example';

/** The house opens on Monday, 2 March 2026; ten working days end on Monday, 16 March. */
describe('Where mail or platform was down, the lost days are proposed back', () => {
  let house: House;
  let dir: string;
  let mailbox: Mailbox;
  let relay: Line;
  let wall = 0;
  const task = new Map<string, string>();
  const at = (agency: string): string => task.get(agency) ?? '';
  const dueOf = async (agency: string): Promise<Record<string, never>> =>
    (await taskOf(house, at(agency))).body.due;
  const outages = async (query = ''): Promise<Record<string, never>[]> =>
    (await house.call('auditor', 'GET', `/outages${query}`)).body.items;
  const outage = async (no: string) => (await house.call('auditor', 'GET', `/outages/${no}`)).body;
  const decide = (no: string, what: 'approval' | 'refusal', body: unknown, key?: string) =>
    house.call('approver', 'POST', `/outages/${no}/${what}`, {
      body,
      ...(key === undefined ? {} : { headers: { 'Idempotency-Key': key } }),
    });
  /** A process that was alive, then silent, then alive again, by its own record. */
  const silent = async (
    organ: OutageOrgan,
    { from, until }: { from: string; until: string },
  ): Promise<void> => {
    const pulse = createPulse(house.deps, organ, { wall: () => wall });
    await house.until(from);
    await pulse();
    wall += 86_400_000;
    await house.until(until);
    await pulse();
  };

  beforeAll(async () => {
    dir = await mkdtemp(path.join(tmpdir(), 'jiandu-outage-'));
    mailbox = await createMailbox({ dir, smtpPort: 0 });
    relay = await openLine(`http://127.0.0.1:${mailbox.smtp.port}`);
    house = await openHouse({
      startsAt: '2026-03-02T09:00:00+08:00',
      relay: relay.url.replace('http:', 'smtp:'),
    });
    await house.call('administrator', 'PATCH', '/accounts/organizer', { body: { email: ORGANIZER } });
    await registerAgencies(house, ['answered', 'waiting', 'other']);
    const no = await launch(house);
    for (const agency of ['answered', 'waiting', 'other']) {
      task.set(agency, await numberOf(house, no, agency));
      await taskShows(house, at(agency), { state: 'unacknowledged' });
    }
    await house.settled();
  });
  afterAll(async () => {
    await expectNoFailure(house);
    await house?.close();
    await relay?.close();
    await mailbox?.close();
    await rm(dir, { recursive: true, force: true });
  });

  const linkTo = async (agency: string): Promise<string> => {
    const [mail] = await mailbox.messages({ to: addressOf(agency) });
    return linkIn(mail?.text ?? '');
  };

  it('What was down at night or on a rest day took nobody’s day, and proposes nothing', async () => {
    await silent('mailIn', { from: '2026-03-02T18:00:00+08:00', until: '2026-03-03T07:30:00+08:00' });
    const [night] = await outages();
    expect(night).toMatchObject({ no: 'TY-2026-001', state: 'untouched', organs: ['mailIn'] });
    expect((await outage('TY-2026-001')).touched).toEqual([]);
    expect(await decide('TY-2026-001', 'approval', {})).toMatchObject({
      status: 409,
      body: { code: 'already-decided' },
    });
  });

  it('A working day that is nobody’s day of service and nobody’s last proposes nothing either', async () => {
    await silent('mailIn', { from: '2026-03-04T09:00:00+08:00', until: '2026-03-04T15:00:00+08:00' });
    expect((await outages())[0]).toMatchObject({ state: 'untouched' });
    expect(await outages('?state=proposed')).toEqual([]);
  });

  it('A moment without a sign of life is no outage', async () => {
    const before = (await outages()).length;
    const pulse = createPulse(house.deps, 'server', { wall: () => wall });
    await pulse();
    wall += 60_000;
    await pulse();
    expect(await outages()).toHaveLength(before);
  });

  it('The platform down on the day of service: those who were served that day, and no other, get the day back', async () => {
    await house.until('2026-03-09T09:00:00+08:00');
    await registerAgencies(house, ['late']);
    const no = await launch(house, { title: '行政检查专项监督', agencies: { ids: ['late'] } });
    task.set('late', await numberOf(house, no, 'late'));
    await taskShows(house, at('late'), { state: 'unacknowledged' });
    await silent('server', { from: '2026-03-09T10:00:00+08:00', until: '2026-03-09T16:00:00+08:00' });
    const [noted] = await outages('?state=proposed');
    expect(noted).toMatchObject({ organs: ['server'] });
    const { touched } = await outage(String(noted?.['no']));
    expect(touched).toMatchObject([
      {
        task: at('late'),
        touch: 'serviceDay',
        days: ['2026-03-09'],
        before: '2026-03-23T17:00:00+08:00',
        after: '2026-03-24T17:00:00+08:00',
      },
    ]);
    const refused = await decide(String(noted?.['no']), 'refusal', { reason: '当日已电话告知' });
    expect([refused.status, refused.body.state]).toEqual([201, 'refused']);
    expect((await decide(String(noted?.['no']), 'refusal', {})).status).toBe(422);
    expect((await decide(String(noted?.['no']), 'approval', {})).status).toBe(409);
    expect(await dueOf('late')).toMatchObject({ at: '2026-03-23T17:00:00+08:00' });
  });

  it('SMTP down on the last day: the system knows it from its own mails, and proposes the day for those who had not answered', async () => {
    expect((await post(await linkTo('answered'), 'answers', { text: '已办理' })).status).toBe(201);
    await taskShows(house, at('answered'), { state: 'inReview' });
    await house.until('2026-03-16T08:20:00+08:00');
    relay.cut();
    await house.until('2026-03-16T08:31:00+08:00');
    await eventually(async () =>
      expect(await house.store.pulses.findById('mailOut').lean()).toMatchObject({ failing: true }),
    );
    await house.until('2026-03-16T08:50:00+08:00');
    relay.mend();
    const noted = await eventually(async () => {
      const [one] = await outages('?state=proposed');
      if (!one) throw new Error('no outage yet');
      return one;
    });
    expect(noted).toMatchObject({ organs: ['mailOut'], state: 'proposed' });
    expect(await watchMail(house.deps), 'told once').toBe(0);
    const { touched } = await outage(String(noted['no']));
    expect(touched.map((one: { task: string }) => one.task)).toEqual([at('waiting'), at('other')].sort());
    expect(touched[0]).toMatchObject({
      touch: 'lastDay',
      days: ['2026-03-16'],
      before: '2026-03-16T17:00:00+08:00',
      after: '2026-03-17T17:00:00+08:00',
    });
  });

  it('Approved once, the dates run on, the agencies are told, and the certificate of the date names the outage', async () => {
    const [noted] = await outages('?state=proposed');
    const no = String(noted?.['no']);
    expect((await house.call('auditor', 'POST', `/outages/${no}/approval`, { body: {} })).status).toBe(403);
    const done = await decide(no, 'approval', {}, 'once');
    expect([done.status, done.body.extended.length, done.body.skipped]).toEqual([202, 2, []]);
    const due = await dueOf('waiting');
    expect(due).toMatchObject({
      at: '2026-03-17T17:00:00+08:00',
      from: '2026-03-16',
      outage: { no, from: expect.stringContaining('2026-03-16T08:') },
    });
    const told = await eventually(async () => {
      // Nobody has signed in two weeks: the leader is written to by now.
      const mails = await mailbox.messages({ to: addressOf('waiting', 'fuze') });
      const one = mails.find((mail) => mail.subject.includes('【期限调整】'));
      if (!one) throw new Error('not told yet');
      return one;
    });
    expect(told.text).toContain(`因系统停运顺延（${no}`);
    expect(await dueOf('answered')).toMatchObject({ at: '2026-03-16T17:00:00+08:00' });
    const page = await (await fetch(await linkTo('waiting'))).text();
    expect(page).toContain(`因系统停运顺延（${no}`);
  });

  it('Approved twice, it extends once', async () => {
    const [approved] = await outages('?state=approved');
    const no = String(approved?.['no']);
    const { version } = (await taskOf(house, at('waiting'))).body;
    expect((await decide(no, 'approval', {}, 'once')).status).toBe(202);
    expect(await decide(no, 'approval', {})).toMatchObject({
      status: 409,
      body: { code: 'already-decided' },
    });
    await house.settled();
    expect((await taskOf(house, at('waiting'))).body).toMatchObject({
      version,
      due: { at: '2026-03-17T17:00:00+08:00' },
    });
    const said = await house.call('administrator', 'GET', `/history/${no}`);
    expect(said.body.map((one: { code: string }) => one.code)).toEqual(['outage-noted', 'outage-approved']);
    const task1 = await house.call('administrator', 'GET', `/history/${at('waiting')}`);
    expect(task1.body).toContainEqual(expect.objectContaining({ code: 'rescheduled', who: 'approver' }));
    await expectKept(house, `outage/${no}`, 'outage');
  });

  it('An answer that was late only because the platform was away carries no late mark once an officer has approved; one that came later keeps it', async () => {
    await house.until('2026-04-01T09:00:00+08:00');
    await registerAgencies(house, ['slow', 'slower']);
    const no = await launch(house, { title: '停运当日到期', agencies: { ids: ['slow', 'slower'] } });
    for (const agency of ['slow', 'slower']) {
      task.set(agency, await numberOf(house, no, agency));
      await taskShows(house, at(agency), { state: 'unacknowledged' });
    }
    expect(await dueOf('slow')).toMatchObject({ at: '2026-04-16T17:00:00+08:00' });
    await silent('server', { from: '2026-04-16T09:00:00+08:00', until: '2026-04-16T16:50:00+08:00' });
    const answer = async (agency: string, on: string): Promise<void> => {
      await house.until(on);
      expect((await post(await linkTo(agency), 'answers', { text: '已办理' })).body.late).toBe(true);
      await taskShows(house, at(agency), { state: 'inReview', late: true });
    };
    await answer('slow', '2026-04-17T10:00:00+08:00');
    await review(house, at('slow'), { verdict: 'accept' });
    await answer('slower', '2026-04-20T10:00:00+08:00');
    const [noted] = await outages('?state=proposed');
    const outageNo = String(noted?.['no']);
    expect((await outage(outageNo)).touched).toMatchObject([
      {
        task: at('slow'),
        touch: 'lastDay',
        before: '2026-04-16T17:00:00+08:00',
        after: '2026-04-17T17:00:00+08:00',
        excused: [expect.stringMatching(/^HZ/)],
      },
    ]);
    const timeliness = async (agency: string): Promise<number | null> => {
      const { items } = (await house.call('auditor', 'GET', '/appraisals/2026')).body;
      const item = items.find((one: { agency: string }) => one.agency === agency);
      return item.points.find((one: { rule: string }) => one.rule === 'timeliness').value;
    };
    expect(await timeliness('slow')).toBe(5);
    const done = await decide(outageNo, 'approval', { reason: '当日平台停运' });
    expect([done.status, done.body.extended, done.body.excused.length]).toEqual([202, [], 1]);
    await taskShows(house, at('slow'), { late: false });
    const { answers } = (await taskOf(house, at('slow'))).body;
    expect(answers).toMatchObject([{ late: false, excused: outageNo }]);
    expect(await timeliness('slow')).toBe(10);
    const page = await (await fetch(await linkTo('slow'))).text();
    expect(page).not.toContain('迟交');
    const said = await house.call('administrator', 'GET', `/history/${at('slow')}`);
    expect(said.body).toContainEqual(expect.objectContaining({ code: 'late-excused', who: 'approver' }));
    expect((await taskOf(house, at('slower'))).body).toMatchObject({ late: true, answers: [{ late: true }] });
    expect(await timeliness('slower')).toBe(5);
  });
});
