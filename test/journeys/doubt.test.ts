import { hash } from '@node-rs/argon2';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { closeStreams } from '../../api/routes/stream.ts';
import { type Windows, openWindows } from '../support/browser.ts';
import { launch } from '../support/county.ts';
import { expectKept, keepHistory } from '../support/histories.ts';
import { type House, eventually, openHouse } from '../support/house.ts';
import { expectNoFailure, numberOf } from '../support/people.ts';
import { type ScriptedSink, startSink } from '../support/scripted-sink.ts';

const AGENCIES = ['first', 'second', 'third'];
const PASSWORD = 'a long password';

/** The relay takes each agency's first mail and hangs up before it says so; of its mails there is no copy anywhere. */
describe('A mail in doubt', () => {
  let house: House;
  let sink: ScriptedSink;
  let windows: Windows;
  let no: string;
  const address = (agency: string) => `once.dropstored@${agency}.huantai.example`;
  const sent = (agency: string) => sink.stored.filter((to) => to === address(agency)).length;
  const doubtful = async () =>
    (await house.call('auditor', 'GET', `/messages?state=inDoubt&owner=${no}`)).body.items as {
      id: string;
      to: string;
    }[];
  const idOf = async (agency: string): Promise<string> =>
    (await doubtful()).find((one) => one.to === address(agency))?.id ?? '';
  const settle = (id: string, body: unknown, role: 'organizer' | 'auditor' = 'organizer') =>
    house.call(role, 'POST', `/messages/${encodeURIComponent(id)}/settlement`, { body });

  beforeAll(async () => {
    sink = await startSink();
    [house, windows] = await Promise.all([openHouse({ realTime: true, relay: sink.url }), openWindows()]);
    await house.store.accounts.updateMany({}, { $set: { passwordHash: await hash(PASSWORD) } });
    for (const id of AGENCIES) {
      const contacts = [{ name: '经办人甲', email: address(id), phone: '0533-8210001', role: 'primary' }];
      const body = { id, name: `${id}镇人民政府`, kind: 'town', domains: ['workSafety'], contacts };
      expect((await house.call('administrator', 'POST', '/agencies', { body })).status).toBe(201);
    }
    no = await launch(house, { agencies: { ids: AGENCIES } });
  });
  afterAll(async () => {
    closeStreams();
    await windows?.close();
    await expectNoFailure(house);
    await house?.close();
    await sink?.close();
  });

  it('Is listed with its reason and counted on the first page, and is never sent again by itself', async () => {
    await eventually(async () => expect(await doubtful()).toHaveLength(3), 30_000);
    const page = await house.call('auditor', 'GET', `/messages?state=inDoubt`);
    expect(page.body).toMatchObject({ total: 3, next: null });
    expect(page.body.items[0]).toMatchObject({ owner: no, kind: 'task', attempts: 1 });
    expect(page.body.items[0].why).toContain('no proof');
    expect(page.body.items[0].raw).toBeUndefined();
    expect(AGENCIES.map(sent)).toEqual([1, 1, 1]);
  });

  it('Only an organizer decides, with a reason, and only of what is in doubt', async () => {
    const id = await idOf('first');
    expect((await settle(id, { outcome: 'sent', reason: '已核实' }, 'auditor')).status).toBe(403);
    const bare = await settle(id, { outcome: 'sent', reason: ' ' });
    expect(bare).toMatchObject({ status: 422, body: { errors: [{ pointer: '/reason' }] } });
    expect((await settle(id, { outcome: 'lost', reason: '已核实' })).body.errors[0].pointer).toBe('/outcome');
    expect((await settle('nobody@jiandu.example', { outcome: 'sent', reason: '已核实' })).status).toBe(404);
    expect((await house.call('auditor', 'GET', '/messages?state=lost')).status).toBe(422);
  });

  it('Counted as sent, it has reached its rung, and ledger and certificate say who, when and why', async () => {
    const id = await idOf('first');
    const done = await settle(id, { outcome: 'sent', reason: '电话核实：李主任已收到' });
    expect(done).toMatchObject({ status: 201, body: { id, state: 'sent', settlement: { by: 'organizer' } } });
    const task = await numberOf(house, no, 'first');
    const shown = await house.call('organizer', 'GET', `/tasks/${task}`);
    expect(shown.body.deliveries[0]).toMatchObject({
      rung: 'accepted',
      settlement: { outcome: 'sent', reason: '电话核实：李主任已收到' },
    });
    const certificate = await house.call('organizer', 'GET', `/tasks/${task}/certificate`);
    expect(certificate.body.messages[0]).toMatchObject({ settlement: { by: 'organizer' } });
    expect(certificate.body.messages[0].rungs.at(-1)).toMatchObject({ rung: 'accepted' });
    const history = await house.call('administrator', 'GET', `/history/${task}`);
    expect(history.body).toContainEqual(
      expect.objectContaining({
        source: 'decision',
        code: 'mail-settled',
        who: 'organizer',
        what: '认定办理通知已送达：电话核实：李主任已收到',
      }),
    );
    expect(sent('first')).toBe(1);
    await keepHistory(house, `settlement/${id}/1`, 'settlement-sent');
  });

  it('Sent again, it goes once more with the same bytes, and the ledger says what became of it', async () => {
    const id = await idOf('second');
    const before = sink.raws.get(id);
    const done = await settle(id, { outcome: 'resend', reason: '对方确认未收到' });
    expect(done.status).toBe(201);
    await eventually(async () => expect(sent('second')).toBe(2));
    expect(sink.raws.get(id)?.equals(before as Buffer)).toBe(true);
    const task = await numberOf(house, no, 'second');
    await eventually(async () => {
      const codes = (await house.call('administrator', 'GET', `/history/${task}`)).body as { code: string }[];
      expect(codes.map((one) => one.code)).toEqual(
        expect.arrayContaining(['mail-inDoubt', 'mail-resent', 'mail-sent']),
      );
    });
    const shown = await house.call('organizer', 'GET', `/tasks/${task}`);
    expect(shown.body.deliveries[0]).toMatchObject({ state: 'sent', settlement: { outcome: 'resend' } });
    const chain = await house.call('administrator', 'GET', `/history/${no}/verify`);
    expect(chain.body.intact).toBe(true);
    await keepHistory(house, `settlement/${id}/1`, 'settlement-resend');
    await expectKept(house, `settlement/${id}/1`, 'settlement');
  });

  it('Decided once, it is not decided again', async () => {
    const messages = await house.store.messages.find({ owner: no, state: 'sent' }, { _id: 1 }).lean();
    for (const { _id } of messages)
      expect(await settle(_id, { outcome: 'resend', reason: '再发一次' })).toMatchObject({
        status: 409,
        body: { code: 'already-decided' },
      });
    expect([sent('first'), sent('second')]).toEqual([1, 2]);
  });

  it('Of a task that has ended, nothing is sent again', async () => {
    const task = await numberOf(house, no, 'third');
    await house.call('organizer', 'POST', `/tasks/${task}/withdrawal`, { body: { reason: '另案处理' } });
    const refused = await settle(await idOf('third'), { outcome: 'resend', reason: '未收到' });
    expect(refused).toMatchObject({ status: 409, body: { code: 'task-closed' } });
    expect(await idOf('third')).not.toBe('');
  });

  it('In the console it stands on the first page and on a page of its own, where it is settled', async () => {
    const page: Page = await windows.open({ scripts: false });
    await page.goto(`${house.url}/console`);
    await page.fill('#account', 'organizer');
    await page.fill('#password', PASSWORD);
    await Promise.all([page.waitForEvent('load'), page.click('main button[type=submit]')]);
    await Promise.all([page.waitForEvent('load'), page.click('a.chip:has-text("送达存疑")')]);
    expect(new URL(page.url()).pathname).toBe('/console/doubts');
    expect(await page.innerText('main')).toContain('0533-8210001');
    await page.fill('#reason-1', '电话核实：已收到');
    await Promise.all([page.waitForEvent('load'), page.click('main button:text-is("记录处理")')]);
    expect(await page.innerText('main')).toContain('已认定送达');
    await eventually(async () => expect(await doubtful()).toHaveLength(0));
    const task = await numberOf(house, no, 'third');
    await page.goto(`${house.url}/console/tasks/${task}/certificate`);
    expect(await page.innerText('main')).toContain('organizer认定已送达：电话核实：已收到');
  });
});
